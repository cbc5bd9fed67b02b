"""What the people of a queue are told, such as a missed chat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
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
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Notification]:
    """Newest first, those of one queue or all; raises ValueError for a cursor that is not from here."""
    table = tables.notifications
    statement = select(*columns(table, Notification))
    if queue is not None:
        statement = statement.where(table.c.queue == queue)
    if unread:
        statement = statement.where(table.c.read_at.is_(None))
    return await read_page(session, statement, Notification, order=[table.c.id], cursor=cursor, limit=limit)


async def notification(session: AsyncSession, id: int) -> Notification | None:
    table = tables.notifications
    return await read_first(session, select(*columns(table, Notification)).where(table.c.id == id), Notification)


async def mark_read(session: AsyncSession, id: int, at: datetime) -> bool:
    """False when it was read before, or is not there."""
    table = tables.notifications
    statement = update(table).where(table.c.id == id, table.c.read_at.is_(None)).values(read_at=at)
    return await session.scalar(statement.returning(table.c.id)) is not None
