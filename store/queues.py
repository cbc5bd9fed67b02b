"""Conversations that wait for a person, or are with one: every stay in a queue from its beginning to its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import agents, offers, tables
from store.rows import columns, read, read_first
from store.tables import conversations, stays

UNASSIGNED = ""
"""The queue of those that people have taken over where the connector names no queue: the list of the unassigned."""
LAST = 10
"""The priority of the list of the unassigned."""
LOCK = 7_333_210
"""The number of PostgreSQL's advisory lock under which conversations are given to people, and taken from them."""


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
class Untold:
    """An acceptance that the conversation's workflow may not know of."""

    conversation: str
    workflow_id: str
    entered_at: datetime
    agent: str


@dataclass(frozen=True)
class InLine:
    """A conversation that nobody has, its customer, and to whom it is being offered until when."""

    conversation: str
    account: str
    customer: str
    priority: int
    entered_at: datetime
    wanted: str | None
    offered_to: str | None
    offered_until: datetime | None


@dataclass(frozen=True)
class Length:
    """How many are in a queue; `since` is when the first of those who wait came."""

    queue: str
    waiting: int
    since: datetime | None
    with_agents: int


async def hold(session: AsyncSession) -> None:
    """Until this transaction ends nobody else gives conversations to people, so that no two have the same."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)").params(lock=LOCK))


async def enqueue(
    session: AsyncSession, conversation: str, queue: str, priority: int, at: datetime, wanted: str | None = None
) -> None:
    """Put a conversation into a queue at `at`, out of the one it was in; saying so again changes nothing.

    `wanted` is the agent whom somebody sent it to.
    """
    known = await session.scalar(
        select(stays.c.queue).where(stays.c.conversation == conversation, stays.c.entered_at >= at).limit(1)
    )
    if known is not None:
        return
    await leave(session, conversation, at)
    values = {"conversation": conversation, "entered_at": at, "queue": queue, "priority": priority, "wanted": wanted}
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
    """Take a conversation out of its queue, served or not; False when it was in none that it entered by then.

    An offer of it is taken back, and the agent who had it waits for the next one from now on.
    """
    inside = (stays.c.conversation == conversation) & stays.c.left_at.is_(None) & (stays.c.entered_at <= at)
    # Every step of every conversation comes here, and few are in a queue: those wait for nobody.
    if await session.scalar(select(stays.c.conversation).where(inside)) is None:
        return False
    await hold(session)
    left = await session.execute(update(stays).where(inside).values(left_at=at).returning(stays.c.agent))
    for (agent,) in left:
        if agent is not None:
            await agents.freed(session, agent, at)
    await offers.withdraw_of(session, conversation, at)
    return True


async def leave_ended(session: AsyncSession) -> int:
    """Take out of their queues what was ended without their workflow, such as by erasing a customer; how many."""
    statement: Any = (
        select(stays.c.conversation, conversations.c.ended_at)
        .join(conversations, conversations.c.name == stays.c.conversation)
        .where(stays.c.left_at.is_(None), conversations.c.ended_at.is_not(None))
    )
    ended: Any = (await session.execute(statement)).all()
    for conversation, at in ended:
        newest = await stay(session, conversation)
        await leave(session, conversation, at if newest is None else max(at, newest.entered_at))
    return len(ended)


async def confirm(session: AsyncSession, conversation: str, entered_at: datetime, agent: str, at: datetime) -> None:
    """The workflow knows that this agent accepted it in the stay that began then."""
    which = (stays.c.conversation == conversation) & (stays.c.entered_at == entered_at) & (stays.c.agent == agent)
    await session.execute(update(stays).where(which, stays.c.confirmed_at.is_(None)).values(confirmed_at=at))


async def untold(session: AsyncSession, before: datetime) -> list[Untold]:
    """Acceptances from before that time of which the workflow has not said that it knows them, the oldest first."""
    statement: Any = (
        select(stays.c.conversation, conversations.c.workflow_id, stays.c.entered_at, stays.c.agent)
        .join(conversations, conversations.c.name == stays.c.conversation)
        .where(*_unconfirmed(), stays.c.accepted_at <= before)
        .order_by(stays.c.accepted_at, stays.c.conversation)
    )
    return await read(session, statement, Untold)


async def first_untold(session: AsyncSession) -> datetime | None:
    """When the oldest of these was accepted."""
    return await session.scalar(select(func.min(stays.c.accepted_at)).where(*_unconfirmed()))


async def stay(session: AsyncSession, conversation: str) -> Stay | None:
    """The newest stay of a conversation, over or not."""
    statement = _stays().where(stays.c.conversation == conversation).order_by(stays.c.entered_at.desc())
    return await read_first(session, statement, Stay)


async def waiting(session: AsyncSession, queue: str) -> list[Stay]:
    """Conversations that no agent has yet, in the order they are due: priority, then time of arrival."""
    statement = _stays().where(stays.c.queue == queue, stays.c.agent.is_(None), stays.c.left_at.is_(None))
    return await read(session, statement.order_by(stays.c.priority, stays.c.entered_at, stays.c.conversation), Stay)


async def had_by(session: AsyncSession, agent: str) -> list[Stay]:
    """What this agent has accepted and still has, accepted first comes first."""
    statement = _stays().where(stays.c.agent == agent, stays.c.left_at.is_(None))
    return await read(session, statement.order_by(stays.c.accepted_at, stays.c.conversation), Stay)


async def line(session: AsyncSession, queue: str, limit: int) -> list[InLine]:
    """The first of those who wait in a queue, in the order they are due."""
    offer = tables.offers
    standing = (offer.c.conversation == stays.c.conversation) & offer.c.outcome.is_(None)
    statement: Any = (
        select(
            stays.c.conversation,
            conversations.c.account,
            conversations.c.customer,
            stays.c.priority,
            stays.c.entered_at,
            stays.c.wanted,
            offer.c.agent,
            offer.c.until,
        )
        .join(conversations, conversations.c.name == stays.c.conversation)
        .join(offer, standing, isouter=True)
        .where(stays.c.queue == queue, stays.c.agent.is_(None), stays.c.left_at.is_(None))
        .order_by(stays.c.priority, stays.c.entered_at, stays.c.conversation)
        .limit(limit)
    )
    return await read(session, statement, InLine)


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


def _unconfirmed() -> list[Any]:
    return [stays.c.agent.is_not(None), stays.c.left_at.is_(None), stays.c.confirmed_at.is_(None)]


def _stays() -> Select[tuple[object, ...]]:
    return select(*columns(stays, Stay))
