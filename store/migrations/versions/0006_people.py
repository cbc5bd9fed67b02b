"""People who work on conversations: whether they are there, every stay in a queue, offers, and what changed live."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

WATCHED = (
    ("conversations", "name"),
    ("messages", "conversation"),
    ("stays", "conversation"),
    ("offers", "conversation"),
    ("agents", "name"),
    ("tickets", "number"),
    ("notifications", "id"),
)
"""The tables whose changes are told to whoever watches, and the column that names what changed."""


def upgrade() -> None:
    op.add_column("users", sa.Column("distribution", postgresql.JSONB(none_as_null=True)))
    op.add_column("notifications", sa.Column("read_by", sa.Text()))
    op.create_table(
        "agents",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="offline", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ignored", sa.Integer(), server_default="0", nullable=False),
        sa.Column("returns_to", sa.Text()),
        sa.CheckConstraint("state IN ('ready', 'paused', 'offline')", name=op.f("agents_state_check")),
        sa.CheckConstraint("returns_to IN ('ready', 'paused')", name=op.f("agents_returns_to_check")),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="agents_name_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", name="agents_pkey"),
    )
    _stays()
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'declined', 'expired', 'withdrawn')", name=op.f("offers_outcome_check")
        ),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="offers_conversation_fkey"),
        sa.PrimaryKeyConstraint("id", name="offers_pkey"),
    )
    op.create_index("offers_conversation", "offers", ["conversation", "id"])
    op.create_index("offers_agent", "offers", ["agent", "id"])
    op.create_index(
        "offers_ringing", "offers", ["conversation"], unique=True, postgresql_where=sa.text("outcome IS NULL")
    )
    _updates()


def _stays() -> None:
    """Every stay in a queue, where before only the newest was kept."""
    op.create_table(
        "stays",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="stays_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", "entered_at", name="stays_pkey"),
    )
    op.create_index("stays_open", "stays", ["conversation"], unique=True, postgresql_where=sa.text("left_at IS NULL"))
    op.create_index(
        "stays_waiting",
        "stays",
        ["priority", "entered_at"],
        postgresql_where=sa.text("agent IS NULL AND left_at IS NULL"),
    )
    op.create_index("stays_queue", "stays", ["queue", "entered_at"])
    op.create_index("stays_agent", "stays", ["agent", "entered_at"], postgresql_where=sa.text("agent IS NOT NULL"))
    op.execute(
        """
        INSERT INTO stays (conversation, entered_at, queue, priority, agent, accepted_at, confirmed_at, left_at)
        SELECT conversation, entered_at, queue, priority, agent, accepted_at, accepted_at, left_at FROM queue_entries
        """
    )
    op.drop_table("queue_entries")


def _updates() -> None:
    """What changed, for whoever watches live; `transaction` lets a reader wait for those that commit late."""
    op.create_table(
        "updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="updates_pkey"),
    )
    op.create_index("updates_order", "updates", ["transaction", "id"])
    op.create_index("updates_at", "updates", ["at"])
    op.execute(
        """
        CREATE FUNCTION record_update() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO updates (transaction, kind, name) VALUES (
                pg_current_xact_id()::text::bigint, TG_TABLE_NAME, to_jsonb(NEW) ->> TG_ARGV[0]
            );
            RETURN NULL;
        END
        $$
        """
    )
    for table, column in WATCHED:
        op.execute(
            f"CREATE TRIGGER {table}_watched AFTER INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION record_update('{column}')"
        )
        op.execute(
            f"CREATE TRIGGER {table}_watched_change AFTER UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({_differs(table)}) EXECUTE FUNCTION record_update('{column}')"
        )


def _differs(table: str) -> str:
    """A heartbeat alone is no change that anybody looks at."""
    if table == "agents":
        return "(OLD.state, OLD.reason) IS DISTINCT FROM (NEW.state, NEW.reason)"
    return "OLD.* IS DISTINCT FROM NEW.*"
