"""The sandbox, scenarios, what each revision changed, and open conversations that move to another revision."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

KINDS = (
    *("languages", "connectors", "automessages", "time_groups", "time_conditions", "decision_trees", "chatbots"),
    *("queues", "terminates", "templates", "categories", "custom_fields", "disconnection_causes"),
)


def upgrade() -> None:
    op.add_column("revisions", sa.Column("override_reason", sa.Text()))
    changes = op.create_table(
        "revision_changes",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.CheckConstraint("change IN ('added', 'changed', 'removed')", name=op.f("revision_changes_change_check")),
        sa.PrimaryKeyConstraint("kind", "name", "revision", name="revision_changes_pkey"),
    )
    op.create_index("revision_changes_revision", "revision_changes", ["revision"])
    sandbox = op.create_table(
        "sandbox",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="sandbox_pkey"),
    )
    op.create_table(
        "scenarios",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="scenarios_pkey"),
    )
    op.create_table(
        "moves",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("path", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'moved', 'refused')", name=op.f("moves_state_check")),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.name"], name="moves_conversation_fkey"),
        sa.PrimaryKeyConstraint("revision", "conversation", name="moves_pkey"),
    )
    op.create_index(
        "moves_to_ask",
        "moves",
        ["revision", "conversation"],
        postgresql_where=sa.text("state = 'waiting' AND asked_at IS NULL"),
    )
    _fill(changes, sandbox)


def _fill(changes: Any, sandbox: Any) -> None:
    """What the revisions so far changed; the sandbox begins as a copy of the newest."""
    connection = op.get_bind()
    before: dict[tuple[str, str], str] = {}
    newest: list[dict[str, Any]] = []
    rows = connection.execute(sa.text("SELECT number, document, author, created_at FROM revisions ORDER BY number"))
    for number, document, author, created_at in rows:
        entities = _entities(document)
        after = {key: json.dumps(entity) for key, entity in entities.items()}
        found = [
            {"kind": key[0], "name": key[1], "revision": number, "change": _change(key, before, after)}
            for key in dict.fromkeys([*after, *before])
            if before.get(key) != after.get(key)
        ]
        if found:
            connection.execute(changes.insert(), found)
        newest = [
            {"kind": kind, "name": name, "position": at, "document": entity, "author": author, "changed_at": created_at}
            for at, ((kind, name), entity) in enumerate(entities.items())
        ]
        before = after
    if newest:
        connection.execute(sandbox.insert(), newest)


def _entities(document: Any) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for kind in KINDS:
        there = document.get(kind) if isinstance(document, dict) else None
        named = {"": there} if kind == "languages" else there
        for name, entity in named.items() if isinstance(named, dict) else ():
            if isinstance(entity, dict):
                found[kind, name] = entity
    return found


def _change(key: tuple[str, str], before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> str:
    return "added" if key not in before else "removed" if key not in after else "changed"
