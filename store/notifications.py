"""What the people of a queue are told, such as a missed chat."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import Page, columns, read_first, read_page


@dataclass(frozen=True)
class Notification:
    """`kind` says what happened, `content` the details that are shown; without a queue it is for everybody."""

    id: int
    key: str
    kind: str
    queue: str | None
    conversation: str | None
    content: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    read_by: str | None


async def notify(
    session: AsyncSession,
    key: str,
    *,
    kind: str,
    queue: str | None = None,
    conversation: str | None = None,
    content: dict[str, Any],
) -> bool:
    """Keep a notification once; False when one with this key is there."""
    table = tables.notifications
    statement = insert(table).values(key=key, kind=kind, queue=queue, conversation=conversation, content=content)
    return await session.scalar(statement.on_conflict_do_nothing().returning(table.c.id)) is not None


async def notifications(
    session: AsyncSession,
    *,
    queue: str | None = None,
    unread: bool = False,
    hidden: Collection[str] = (),
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Notification]:
    """Newest first, those of one queue or all, without those of the `hidden` queues.

    Raises ValueError for a cursor that is not from here.
    """
    table = tables.notifications
    statement = select(*columns(table, Notification))
    if queue is not None:
        statement = statement.where(table.c.queue == queue)
    if hidden:
        statement = statement.where(or_(table.c.queue.is_(None), table.c.queue.not_in(list(hidden))))
    if unread:
        statement = statement.where(table.c.read_at.is_(None))
    return await read_page(session, statement, Notification, order=[table.c.id], cursor=cursor, limit=limit)


async def notification(session: AsyncSession, id: int) -> Notification | None:
    table = tables.notifications
    return await read_first(session, select(*columns(table, Notification)).where(table.c.id == id), Notification)


async def mark_read(session: AsyncSession, id: int, at: datetime, by: str) -> bool:
    """False when it was read before, or is not there."""
    table = tables.notifications
    statement = update(table).where(table.c.id == id, table.c.read_at.is_(None)).values(read_at=at, read_by=by)
    return await session.scalar(statement.returning(table.c.id)) is not None
