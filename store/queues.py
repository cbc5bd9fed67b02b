"""Conversations that wait for a person, or are with one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.rows import columns, read, read_first
from store.tables import conversations, queue_entries


@dataclass(frozen=True)
class QueueEntry:
    """The newest stay of a conversation in a queue; priority 0 is first."""

    conversation: str
    queue: str
    priority: int
    entered_at: datetime
    agent: str | None
    accepted_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class Length:
    """How many are in a queue; `since` is when the first of those who wait came."""

    queue: str
    waiting: int
    since: datetime | None
    with_agents: int


async def enqueue(session: AsyncSession, conversation: str, queue: str, priority: int, at: datetime) -> None:
    """Put a conversation into a queue at `at`, in place of an earlier stay; saying so again changes nothing."""
    fresh = {
        "queue": queue,
        "priority": priority,
        "entered_at": at,
        "agent": None,
        "accepted_at": None,
        "left_at": None,
    }
    await session.execute(
        insert(queue_entries)
        .values(conversation=conversation, **fresh)
        .on_conflict_do_update(index_elements=["conversation"], set_=fresh, where=queue_entries.c.entered_at < at)
    )


async def accept(session: AsyncSession, conversation: str, agent: str, at: datetime) -> bool:
    """Give a waiting conversation to an agent; False when it does not wait: it left, or another agent has it."""
    statement = (
        update(queue_entries)
        .where(
            queue_entries.c.conversation == conversation,
            queue_entries.c.agent.is_(None),
            queue_entries.c.left_at.is_(None),
        )
        .values(agent=agent, accepted_at=at)
    )
    return await session.scalar(statement.returning(queue_entries.c.conversation)) is not None


async def leave(session: AsyncSession, conversation: str, at: datetime) -> bool:
    """Take a conversation out of its queue, served or not; False when it was in none that it entered by then."""
    statement = (
        update(queue_entries)
        .where(
            queue_entries.c.conversation == conversation,
            queue_entries.c.left_at.is_(None),
            queue_entries.c.entered_at <= at,
        )
        .values(left_at=at)
    )
    return await session.scalar(statement.returning(queue_entries.c.conversation)) is not None


async def entry(session: AsyncSession, conversation: str) -> QueueEntry | None:
    return await read_first(session, _entries().where(queue_entries.c.conversation == conversation), QueueEntry)


async def waiting(session: AsyncSession, queue: str) -> list[QueueEntry]:
    """Conversations that no agent has yet, in the order they are due: priority, then time of arrival."""
    statement = _entries().where(
        queue_entries.c.queue == queue, queue_entries.c.agent.is_(None), queue_entries.c.left_at.is_(None)
    )
    order = (queue_entries.c.priority, queue_entries.c.entered_at, queue_entries.c.conversation)
    return await read(session, statement.order_by(*order), QueueEntry)


async def lengths(session: AsyncSession) -> dict[str, Length]:
    """Of each queue in which somebody is: how many wait for an agent, since when, and how many are with one."""
    waits, entered_at = queue_entries.c.agent.is_(None), queue_entries.c.entered_at
    statement: Any = (
        select(
            queue_entries.c.queue,
            func.count().filter(waits),
            func.min(entered_at).filter(waits),
            func.count().filter(~waits),
        )
        .where(queue_entries.c.left_at.is_(None))
        .group_by(queue_entries.c.queue)
    )
    return {one.queue: one for one in await read(session, statement, Length)}


async def unassigned(session: AsyncSession) -> tuple[int, datetime | None]:
    """How many conversations wait for a person outside every queue, and the oldest one's last customer's message."""
    talk = conversations.c
    statement = select(func.count(), func.min(talk.last_customer_at)).where(
        talk.ended_at.is_(None), talk.waiting == "agent", talk.place.startswith("connectors/")
    )
    found = (await session.execute(statement)).one()
    return int(found[0]), found[1]


def _entries() -> Select[tuple[object, ...]]:
    return select(*columns(queue_entries, QueueEntry))
