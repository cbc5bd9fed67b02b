"""Instagram complete: authorisation, token life, limits, attachments, deletions, and sends that nobody can decide."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

STATES = "'received', 'pending', 'sending', 'sent', 'unknown', 'undecided', 'blocked', 'failed', 'deleted'"


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("authorised_by", sa.Text()),
        sa.Column("token_refreshed_at", sa.DateTime(timezone=True)),
        sa.Column("token_checked_at", sa.DateTime(timezone=True)),
        sa.Column("data_access_expires_at", sa.DateTime(timezone=True)),
        sa.Column("next_send_at", sa.DateTime(timezone=True)),
        sa.Column("limited_until", sa.DateTime(timezone=True)),
        sa.Column("limited_reason", sa.Text()),
        sa.Column("limited_times", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ice_breakers", postgresql.JSONB()),
    ):
        op.add_column("accounts", column)
    op.create_check_constraint(op.f("accounts_kind_check"), "accounts", "kind IN ('business', 'creator', 'unknown')")
    op.create_table(
        "authorisations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("flavour", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("candidates", sa.LargeBinary()),
        sa.Column("account", sa.Text()),
        sa.CheckConstraint("flavour IN ('page', 'login')", name=op.f("authorisations_flavour_check")),
        sa.PrimaryKeyConstraint("id", name="authorisations_pkey"),
    )
    op.add_column("messages", sa.Column("last_attempt_at", sa.DateTime(timezone=True)))
    op.add_column("messages", sa.Column("most_tries", sa.Integer()))
    op.drop_constraint(op.f("messages_state_check"), "messages")
    op.create_check_constraint(op.f("messages_state_check"), "messages", f"state IN ({STATES})")
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text()),
        sa.Column("conversation", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text()),
        sa.Column("size", sa.BigInteger()),
        sa.Column("location", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="attachments_pkey"),
    )
    op.create_index("attachments_customer", "attachments", ["account", "customer"])
    op.create_index("attachments_message", "attachments", ["message"])
    op.create_table(
        "deletions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("counts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("code", name="deletions_pkey"),
    )
