"""What conversations took in, so that they can be run again (SPEC 9.3), and an index to search what was said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("opening", postgresql.JSONB(none_as_null=True)))
    op.create_index(
        "messages_words", "messages", [sa.text("to_tsvector('simple'::regconfig, text)")], postgresql_using="gin"
    )
    op.create_table(
        "happened",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", postgresql.JSON(), nullable=False),
        sa.Column("asked", postgresql.JSON()),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="happened_conversation_fkey"),
        sa.PrimaryKeyConstraint("conversation", "number", name="happened_pkey"),
    )
