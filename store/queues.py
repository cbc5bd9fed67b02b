"""Conversations that wait for a person, or are with one: every stay in a queue from its beginning to its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.rows import columns, read, read_first
from store.tables import stays

UNASSIGNED = ""
"""The queue of those that people have taken over where the connector names no queue: the list of the unassigned."""
LAST = 10
"""The priority of the list of the unassigned."""


@dataclass(frozen=True)
class Stay:
    """A conversation's stay in a queue; priority 0 is first. `wanted` is whom somebody transferred it to.

    `confirmed_at`: its workflow knows that `agent` has it. `left_at`: it is over.
    """

    conversation: str
    entered_at: datetime
    queue: str
    priority: int
    wanted: str | None
    agent: str | None
    accepted_at: datetime | None
    confirmed_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class Length:
    """How many are in a queue; `since` is when the first of those who wait came."""

    queue: str
    waiting: int
    since: datetime | None
    with_agents: int


async def enqueue(session: AsyncSession, conversation: str, queue: str, priority: int, at: datetime) -> None:
    """Put a conversation into a queue at `at`, out of the one it was in; saying so again changes nothing."""
    known = await session.scalar(
        select(stays.c.queue).where(stays.c.conversation == conversation, stays.c.entered_at >= at).limit(1)
    )
    if known is not None:
        return
    await leave(session, conversation, at)
    values = {"conversation": conversation, "entered_at": at, "queue": queue, "priority": priority}
    await session.execute(insert(stays).values(values).on_conflict_do_nothing())


async def unassign(session: AsyncSession, conversation: str, at: datetime) -> None:
    """Put a conversation that waits for a person outside every queue on the list of the unassigned, once."""
    if (found := await stay(session, conversation)) is None or found.left_at is not None or found.queue != UNASSIGNED:
        await enqueue(session, conversation, UNASSIGNED, LAST, at)


async def accept(session: AsyncSession, conversation: str, agent: str, at: datetime) -> bool:
    """Give a waiting conversation to an agent; False when it does not wait: it left, or another agent has it."""
    statement = (
        update(stays)
        .where(stays.c.conversation == conversation, stays.c.agent.is_(None), stays.c.left_at.is_(None))
        .values(agent=agent, accepted_at=at)
    )
    return await session.scalar(statement.returning(stays.c.conversation)) is not None


async def leave(session: AsyncSession, conversation: str, at: datetime) -> bool:
    """Take a conversation out of its queue, served or not; False when it was in none that it entered by then."""
    statement = (
        update(stays)
        .where(stays.c.conversation == conversation, stays.c.left_at.is_(None), stays.c.entered_at <= at)
        .values(left_at=at)
    )
    return await session.scalar(statement.returning(stays.c.conversation)) is not None


async def stay(session: AsyncSession, conversation: str) -> Stay | None:
    """The newest stay of a conversation, over or not."""
    statement = _stays().where(stays.c.conversation == conversation).order_by(stays.c.entered_at.desc())
    return await read_first(session, statement, Stay)


async def waiting(session: AsyncSession, queue: str) -> list[Stay]:
    """Conversations that no agent has yet, in the order they are due: priority, then time of arrival."""
    statement = _stays().where(stays.c.queue == queue, stays.c.agent.is_(None), stays.c.left_at.is_(None))
    return await read(session, statement.order_by(stays.c.priority, stays.c.entered_at, stays.c.conversation), Stay)


async def lengths(session: AsyncSession) -> dict[str, Length]:
    """Of each queue in which somebody is: how many wait for an agent, since when, and how many are with one."""
    waits, entered_at = stays.c.agent.is_(None), stays.c.entered_at
    statement: Any = (
        select(
            stays.c.queue,
            func.count().filter(waits),
            func.min(entered_at).filter(waits),
            func.count().filter(~waits),
        )
        .where(stays.c.left_at.is_(None))
        .group_by(stays.c.queue)
    )
    return {one.queue: one for one in await read(session, statement, Length)}


def _stays() -> Select[tuple[object, ...]]:
    return select(*columns(stays, Stay))
