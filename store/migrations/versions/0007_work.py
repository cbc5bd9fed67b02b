"""Tickets that people work on, outgoing webhooks, e-mails, and indexes for reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("author", sa.Text(), server_default="graph", nullable=False))
    op.add_column("tickets", sa.Column("assignee", sa.Text()))
    op.add_column("tickets", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("tickets", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "tickets", sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.execute("UPDATE tickets SET stage = 'open' WHERE stage NOT IN ('open', 'wait', 'closed', 'archived')")
    op.create_check_constraint(
        op.f("tickets_stage_check"), "tickets", "stage IN ('open', 'wait', 'closed', 'archived')"
    )
    op.add_column("tickets", sa.Column("revision", sa.Integer()))
    op.create_index("tickets_stage", "tickets", ["stage", "number"])
    op.create_index(
        "tickets_assignee", "tickets", ["assignee", "number"], postgresql_where=sa.text("assignee IS NOT NULL")
    )
    op.create_index(
        "tickets_words",
        "tickets",
        [sa.text("to_tsvector('simple'::regconfig, (title || ' '::text) || comment)")],
        postgresql_using="gin",
    )
    op.create_table(
        "ticket_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(none_as_null=True), server_default="{}", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name="ticket_changes_ticket_fkey"),
        sa.PrimaryKeyConstraint("id", name="ticket_changes_pkey"),
    )
    op.create_index("ticket_changes_ticket", "ticket_changes", ["ticket", "id"])
    op.create_index(
        "ticket_changes_words",
        "ticket_changes",
        [sa.text("to_tsvector('simple'::regconfig, comment)")],
        postgresql_using="gin",
    )
    op.create_index("contacts_updated", "contacts", ["updated_at", "account", "customer"])
    # Customers of whom nothing was known so far but that they wrote.
    op.execute(
        "INSERT INTO contacts (account, customer) SELECT DISTINCT account, customer FROM conversations "
        "WHERE customer <> 'erased' ON CONFLICT DO NOTHING"
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary()),
        sa.Column("old_until", sa.DateTime(timezone=True)),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('active', 'paused', 'removed')", name=op.f("webhooks_state_check")),
        sa.PrimaryKeyConstraint("id", name="webhooks_pkey"),
    )
    # What is told to the outside: written in the transaction of the change itself, so that none is forgotten.
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="announcements_pkey"),
        sa.UniqueConstraint("key", name="announcements_key_key"),
    )
    op.create_index("announcements_new", "announcements", ["id"], postgresql_where=sa.text("shared_at IS NULL"))
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook", sa.BigInteger(), nullable=False),
        sa.Column("announcement", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("webhook_deliveries_state_check")),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="webhook_deliveries_webhook_fkey"),
        sa.ForeignKeyConstraint(["announcement"], ["announcements.id"], name="webhook_deliveries_announcement_fkey"),
        sa.PrimaryKeyConstraint("webhook", "announcement", name="webhook_deliveries_pkey"),
    )
    op.create_index(
        "webhook_deliveries_waiting",
        "webhook_deliveries",
        ["webhook", "due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("webhook_deliveries_announcement", "webhook_deliveries", ["announcement"])
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("webhook", sa.BigInteger(), nullable=False),
        sa.Column("announcement", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook", "announcement"],
            ["webhook_deliveries.webhook", "webhook_deliveries.announcement"],
            name="webhook_attempts_webhook_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_attempts_pkey"),
    )
    op.create_index("webhook_attempts_delivery", "webhook_attempts", ["webhook", "announcement", "id"])
    op.create_table(
        "mails",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'undecided')", name=op.f("mails_state_check")
        ),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="mails_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", "person", name="mails_pkey"),
    )
    # Rows lie in about the order of these times: such an index is small, and reports read only what they ask for.
    op.create_index("messages_at", "messages", ["at"], postgresql_using="brin")
    op.create_index("stays_times", "stays", ["entered_at", "accepted_at"], postgresql_using="brin")
    op.create_index("offers_times", "offers", ["offered_at"], postgresql_using="brin")
