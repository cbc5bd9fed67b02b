"""The first schema: everything that a message needs on its way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("flavour", sa.Text(), nullable=False),
        sa.Column("username", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("page_id", sa.Text()),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("token_expires_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("connected_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("flavour IN ('page', 'login')", name=op.f("accounts_flavour_check")),
        sa.CheckConstraint("status IN ('active', 'paused')", name=op.f("accounts_status_check")),
        sa.PrimaryKeyConstraint("id", name="accounts_pkey"),
    )
    op.create_table(
        "contacts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("username", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("picture", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("fields", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("profile_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account", "customer", name="contacts_pkey"),
    )
    op.create_table(
        "conversations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("waiting", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_customer_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("cause", sa.Text()),
        sa.Column("terminate", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("answered", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("missed", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("name", name="conversations_pkey"),
        sa.UniqueConstraint("hash", name="conversations_hash_key"),
    )
    op.create_index(
        "conversations_ended", "conversations", ["ended_at", "name"], postgresql_where=sa.text("ended_at IS NOT NULL")
    )
    op.create_index("conversations_open", "conversations", ["revision"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("conversations_opened", "conversations", ["opened_at", "name"])
    op.create_index("conversations_thread", "conversations", ["account", "customer", "opened_at"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mid", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sa.UniqueConstraint("key", name="inbox_key_key"),
    )
    op.create_index("inbox_mid", "inbox", ["mid"], postgresql_where=sa.text("mid IS NOT NULL"))
    op.create_index(
        "inbox_waiting", "inbox", ["account", "customer", "at", "id"], postgresql_where=sa.text("forwarded_at IS NULL")
    )
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name="revisions_pkey"),
    )
    op.create_index("revisions_digest", "revisions", ["digest"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="secrets_pkey"),
    )
    op.create_table(
        "messages",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("content", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("mid", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("path", sa.Text()),
        sa.CheckConstraint(
            "author IN ('customer', 'graph', 'bot', 'agent', 'app', 'system')", name=op.f("messages_author_check")
        ),
        sa.CheckConstraint("direction IN ('in', 'out', 'note')", name=op.f("messages_direction_check")),
        sa.CheckConstraint(
            "state IN ('received', 'pending', 'sending', 'sent', 'unknown', 'blocked', 'failed', 'deleted')",
            name=op.f("messages_state_check"),
        ),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="messages_conversation_fkey"),
        sa.PrimaryKeyConstraint("key", name="messages_pkey"),
    )
    op.create_index(
        "messages_mid", "messages", ["mid", "direction"], unique=True, postgresql_where=sa.text("mid IS NOT NULL")
    )
    op.create_index("messages_transcript", "messages", ["conversation", "seq"])
    op.create_index(
        "messages_unsettled",
        "messages",
        ["conversation", "seq"],
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text()),
        sa.Column("conversation", sa.Text()),
        sa.Column("content", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="notifications_conversation_fkey"),
        sa.PrimaryKeyConstraint("id", name="notifications_pkey"),
        sa.UniqueConstraint("key", name="notifications_key_key"),
    )
    op.create_index(
        "notifications_unread", "notifications", ["queue", "id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "queue_entries",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="queue_entries_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", name="queue_entries_pkey"),
    )
    op.create_index(
        "queue_entries_waiting",
        "queue_entries",
        ["queue", "priority", "entered_at"],
        postgresql_where=sa.text("agent IS NULL AND left_at IS NULL"),
    )
    op.create_table(
        "tickets",
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1001), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Text()),
        sa.Column("stage", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="tickets_conversation_fkey"),
        sa.PrimaryKeyConstraint("number", name="tickets_pkey"),
        sa.UniqueConstraint("key", name="tickets_key_key"),
    )
    op.create_index("tickets_conversation", "tickets", ["conversation"])
    op.create_table(
        "trace",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="trace_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", "number", name="trace_pkey"),
    )

    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'table % only appends, % is refused', TG_TABLE_NAME, TG_OP
                USING HINT = 'To bring an old configuration back, restore it into the sandbox and apply it again.';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER revisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revisions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )
