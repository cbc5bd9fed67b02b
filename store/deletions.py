"""What people asked to have deleted, and the erasing of a customer (SPEC 6.2, facts 1.7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import announcements, attachments, tables, tickets
from store.rows import columns, read_first

ERASED = "erased"
"""Stands where the customer's id stood, in conversations that reports still count."""


@dataclass(frozen=True)
class Deletion:
    """A request; `subject` is whom it is about until it is done, `counts` how many of what were deleted."""

    code: str
    subject: str | None
    requested_at: datetime
    done_at: datetime | None
    counts: dict[str, int]


async def request(session: AsyncSession, code: str, subject: str, at: datetime) -> None:
    """Keep a request under its code, once."""
    values = insert(tables.deletions).values(code=code, subject=subject, requested_at=at)
    await session.execute(values)


async def deletion(session: AsyncSession, code: str) -> Deletion | None:
    table = tables.deletions
    return await read_first(session, select(*columns(table, Deletion)).where(table.c.code == code), Deletion)


async def done(session: AsyncSession, code: str, at: datetime, counts: dict[str, int]) -> None:
    """Book that it is done; who it was about is forgotten with that."""
    table = tables.deletions
    await session.execute(update(table).where(table.c.code == code).values(done_at=at, subject=None, counts=counts))


async def accounts_that_know(session: AsyncSession, customer: str) -> list[str]:
    """The accounts to which somebody of this id has ever written."""
    found: set[str] = set()
    for table in (tables.contacts, tables.conversations, tables.inbox, tables.attachments):
        found |= set(await session.scalars(select(table.c.account).where(table.c.customer == customer).distinct()))
    return sorted(found)


async def knows(session: AsyncSession, account: str, customer: str) -> bool:
    """Whether anything is kept about this customer of this account."""
    # The inbox comes last: there it takes a look at every row.
    for table in (tables.contacts, tables.conversations, tables.attachments, tables.inbox):
        theirs = (table.c.account == account) & (table.c.customer == customer)
        if await session.scalar(select(theirs).where(theirs).limit(1)):
            return True
    return False


async def erase(session: AsyncSession, account: str, customer: str, at: datetime) -> tuple[dict[str, int], list[str]]:
    """Delete everything that a customer wrote and was, and answer how many of what, and which files are to go too.

    Conversations stay for reports, without a name, a place or a word of the customer. Events that Instagram may deliver
    again stay as bare keys, so that they do not begin anew what was erased. Safe to run again.
    """
    conversations, inbox = tables.conversations, tables.inbox
    named = (conversations.c.account == account) & (conversations.c.customer == customer)
    names = list(await session.scalars(select(conversations.c.name).where(named)))
    counts = {"conversations": len(names)}
    locations = await attachments.forget(session, account, customer)
    counts["attachments"] = len(locations)
    for name, table in (
        ("messages", tables.messages),
        ("trace", tables.trace),
        ("happened", tables.happened),
        ("notifications", tables.notifications),
    ):
        counts[name] = await _deleted(session, table, table.c.conversation.in_(names))
    counts["tickets"] = await tickets.erase(session, names)
    counts["announcements"] = await announcements.forget(session, names, at)
    await session.execute(
        update(conversations)
        .where(conversations.c.name.in_(names))
        .values(
            customer=ERASED,
            workflow_id=ERASED,
            hash=None,
            place=None,
            waiting=None,
            opening=None,
            ended_at=func.coalesce(conversations.c.ended_at, at),
            cause=func.coalesce(conversations.c.cause, "system"),
        )
    )
    theirs = (inbox.c.account == account) & (inbox.c.customer == customer)
    repeatable = or_(inbox.c.key.like("m:%"), inbox.c.key.like("p:%"))
    counts["events"] = await _deleted(session, inbox, theirs & ~repeatable)
    emptied = await session.scalars(
        update(inbox)
        .where(theirs)
        .values(
            customer=None,
            mid=None,
            event={},
            last_error=None,
            forwarded_at=func.coalesce(inbox.c.forwarded_at, at),
            outcome=func.coalesce(inbox.c.outcome, ERASED),
        )
        .returning(inbox.c.id)
    )
    counts["events"] += len(emptied.all())
    contacts = tables.contacts
    counts["contacts"] = await _deleted(
        session, contacts, (contacts.c.account == account) & (contacts.c.customer == customer)
    )
    return counts, locations


async def _deleted(session: AsyncSession, table: Any, which: Any) -> int:
    first = next(iter(table.primary_key.columns))
    return len((await session.scalars(delete(table).where(which).returning(first))).all())
