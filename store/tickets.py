"""Tickets that conversations create."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import Page, columns, read_first, read_page


@dataclass(frozen=True)
class Ticket:
    number: int
    key: str
    conversation: str | None
    title: str
    category: str | None
    comment: str
    priority: str | None
    stage: str
    created_at: datetime


async def create_ticket(
    session: AsyncSession,
    key: str,
    *,
    conversation: str | None,
    title: str,
    category: str | None = None,
    comment: str = "",
    priority: str | None = None,
) -> int:
    """The number of the ticket with this key, which is created if there is none; numbers begin at 1001."""
    existing = select(tables.tickets.c.number).where(tables.tickets.c.key == key)
    # Looked up first, since an insert that ends in a conflict uses up a number.
    number = await session.scalar(existing)
    if number is None:
        statement = insert(tables.tickets).values(
            key=key, conversation=conversation, title=title, category=category, comment=comment, priority=priority
        )
        number = await session.scalar(statement.on_conflict_do_nothing().returning(tables.tickets.c.number))
    if number is None:
        number = await session.scalar(existing)
    assert number is not None, "a conflict means that the ticket is there, and tickets are never deleted"
    return number


async def ticket(session: AsyncSession, number: int) -> Ticket | None:
    return await read_first(session, _tickets().where(tables.tickets.c.number == number), Ticket)


async def tickets(
    session: AsyncSession,
    *,
    conversation: str | None = None,
    category: str | None = None,
    priority: str | None = None,
    stage: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Ticket]:
    """Newest first; raises ValueError for a cursor that is not from here."""
    statement = _tickets()
    wanted = {"conversation": conversation, "category": category, "priority": priority, "stage": stage}
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(tables.tickets.c[column] == value)
    return await read_page(session, statement, Ticket, order=[tables.tickets.c.number], cursor=cursor, limit=limit)


def _tickets() -> Select[tuple[object, ...]]:
    return select(*columns(tables.tickets, Ticket))
