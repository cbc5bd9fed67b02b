"""Everything that is kept about one customer, as one document (SPEC 7)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables

HIDDEN = {
    # With the hash anybody may speak in the conversation, and where callbacks go is the installation's own.
    "conversations": {"hash", "opening"},
    "attachments": {"location"},
}
"""Columns that say nothing about the customer."""
TICKET_CHANGES = "changes"


async def everything_of(session: AsyncSession, account: str, customer: str) -> dict[str, Any]:
    """What any table says of the customer, by the table's name; rows as they are, times in ISO 8601.

    A table counts as soon as its rows name an account and a customer, or a conversation: so none is forgotten. What
    belongs to a conversation lies in it, and what was done to a ticket in that.
    """
    talks = tables.conversations.c
    named = list(
        await session.scalars(
            select(talks.name)
            .where(talks.account == account, talks.customer == customer)
            .order_by(talks.opened_at, talks.name)
        )
    )
    found: dict[str, Any] = {}
    for table in _with("account", "customer"):
        theirs = (table.c.account == account) & (table.c.customer == customer)
        found[table.name] = await _rows(session, table, theirs)
    found["conversations"] = [
        {
            **row,
            "known_at_opening": await _opening(session, row["name"]),
            **await _of_conversation(session, row["name"]),
        }
        for row in sorted(found["conversations"], key=lambda row: named.index(row["name"]))
    ]
    return found


async def _of_conversation(session: AsyncSession, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in _with("conversation"):
        if "customer" not in table.c:
            found[table.name] = await _rows(session, table, table.c.conversation == name)
    changes = tables.ticket_changes
    for ticket in found["tickets"]:
        ticket[TICKET_CHANGES] = await _rows(session, changes, changes.c.ticket == ticket["number"])
    return found


async def _opening(session: AsyncSession, name: str) -> dict[str, Any]:
    """What was known when it opened."""
    talks = tables.conversations.c
    opening: dict[str, Any] = await session.scalar(select(talks.opening).where(talks.name == name)) or {}
    return {key: value for key, value in opening.items() if key != "callback"}


def _with(*names: str) -> Iterable[Table]:
    return [table for table in tables.metadata.sorted_tables if all(name in table.c for name in names)]


async def _rows(session: AsyncSession, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    shown = [column for column in table.c if column.name not in HIDDEN.get(table.name, ())]
    order = [table.c.seq] if "seq" in table.c else list(table.primary_key.columns)
    statement = select(*shown).where(which).order_by(*order)
    rows = (await session.execute(statement)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
