"""Who did what, written in the transaction of the change itself; nothing is ever taken out (SPEC 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import Page, columns, read_page

SYSTEM = "system"
"""The actor of what nobody asked for; no user has this name."""


@dataclass(frozen=True)
class Entry:
    """`actor` is a user's name, `action` a word such as `user.changed`, `object` a path such as `users/anna`."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    details: dict[str, Any]


async def record(
    session: AsyncSession, actor: str, action: str, object: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add an entry, which is there if and only if the transaction commits. `details` hold no secret and no password."""
    values = {"actor": actor, "action": action, "object": object, "details": dict(details or {})}
    await session.execute(insert(tables.audit).values(**values))


async def entries(
    session: AsyncSession,
    *,
    actor: str | None = None,
    action: str | None = None,
    object: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Entry]:
    """Newest first, from `since` on and before `until`; `action` and `object` also find what lies below them.

    So `user` finds `user.changed`, and `users/anna` all that was done to her. Raises ValueError for a foreign cursor.
    """
    table = tables.audit
    statement = select(*columns(table, Entry))
    if actor is not None:
        statement = statement.where(table.c.actor == actor)
    for column, value, border in ((table.c.action, action, "."), (table.c.object, object, "/")):
        if value is not None:
            statement = statement.where((column == value) | column.startswith(value + border, autoescape=True))
    if since is not None:
        statement = statement.where(table.c.at >= since)
    if until is not None:
        statement = statement.where(table.c.at < until)
    return await read_page(session, statement, Entry, order=[table.c.id], cursor=cursor, limit=limit)
