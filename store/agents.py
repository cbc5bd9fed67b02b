"""Whether people are there to be given conversations: ready, paused for a reason, or offline (SPEC 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, case, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.distribution import Agent as Ready
from store.offers import withdraw, withdraw_from
from store.rows import columns, read, read_first
from store.tables import agents, offers, stays, users
from store.users import ROLES, at_least

State = Literal["ready", "paused", "offline"]
PEOPLE = tuple(role for role in ROLES if at_least(role, "agent"))
"""The roles of those who may have conversations."""
BEAT = timedelta(seconds=15)
"""So often the desk says that somebody is there."""
LOST = timedelta(seconds=45)
"""Whoever has not been heard of for so long is offline."""
MOST_IGNORED = 3
"""After so many offers in a row that were not answered, an agent is paused."""
IGNORED = "did not answer {count} offers in a row"


@dataclass(frozen=True)
class Presence:
    """`since`: of the state. `free_since`: since they last got through with a conversation, came, or let one go.

    `returns_to`: their heartbeat was lost, and at the next one they are again what they were.
    """

    name: str
    state: State
    reason: str | None
    since: datetime
    seen_at: datetime
    free_since: datetime
    ignored: int
    returns_to: Literal["ready", "paused"] | None


@dataclass(frozen=True)
class AtWork:
    """Somebody who may have conversations; without `seen_at` they have never been at the desk.

    `having` are the conversations they have, `ringing` the offers to them that stand. `distribution` is None for the
    installation's usual one.
    """

    name: str
    display_name: str
    state: State
    reason: str | None
    lost: bool
    since: datetime | None
    seen_at: datetime | None
    free_since: datetime | None
    having: int
    ringing: int
    distribution: list[int] | None


async def presence(session: AsyncSession, name: str) -> Presence | None:
    """Of somebody who has been at the desk before."""
    return await read_first(session, select(*columns(agents, Presence)).where(agents.c.name == name), Presence)


async def come(session: AsyncSession, name: str, at: datetime, *, here: bool = True) -> None:
    """Somebody is ready, and is then the last to be offered anything. `here`: they say so themselves."""
    seen = {"seen_at": at} if here else {}
    values = {"state": "ready", "reason": None, "since": at, "free_since": at, "ignored": 0, "returns_to": None, **seen}
    await _say(session, name, values, otherwise="ready", at=at)


async def pause(session: AsyncSession, name: str, reason: str | None, at: datetime, *, here: bool = True) -> None:
    """Somebody is offered nothing for now; what was offered to them goes to others. `here`: they say so themselves."""
    seen = {"seen_at": at} if here else {}
    values = {"state": "paused", "reason": reason, "since": at, "returns_to": None, **seen}
    await _say(session, name, values, otherwise="paused", at=at)
    await withdraw_from(session, name, at)


async def go(session: AsyncSession, name: str, at: datetime) -> None:
    """Somebody has gone home; what was offered to them goes to others, and what they have stays theirs."""
    values = {"state": "offline", "reason": None, "since": at, "returns_to": None}
    await _say(session, name, values, otherwise="offline", at=at)
    await withdraw_from(session, name, at)


async def beat(session: AsyncSession, name: str, at: datetime) -> bool:
    """Somebody is there; True where their heartbeat was lost and they have come back by this."""
    values = {"name": name, "state": "offline", "since": at, "seen_at": at, "free_since": at}
    seen = {"seen_at": func.greatest(agents.c.seen_at, at)}
    statement = insert(agents).values(values).on_conflict_do_update(index_elements=["name"], set_=seen)
    if await session.scalar(statement.returning(agents.c.returns_to)) is None:
        return False
    came = {"state": agents.c.returns_to, "since": at, "free_since": at, "ignored": 0, "returns_to": None}
    await session.execute(update(agents).where(agents.c.name == name, agents.c.returns_to.is_not(None)).values(came))
    return True


async def lose(session: AsyncSession, at: datetime) -> list[str]:
    """Whoever has not been heard of is offline, and what was offered to them goes to others; their names."""
    silent = (agents.c.state != "offline") & (agents.c.seen_at <= at - LOST)
    values = {"returns_to": agents.c.state, "state": "offline", "since": at}
    lost = sorted(await session.scalars(update(agents).where(silent).values(values).returning(agents.c.name)))
    for name in lost:
        await withdraw_from(session, name, at)
    return lost


async def ignored(session: AsyncSession, names: Sequence[str], at: datetime) -> None:
    """Offers to these went by, once for each name: they are the last now, and paused after the third in a row."""
    for name in names:
        count = agents.c.ignored + 1
        statement = update(agents).where(agents.c.name == name).values(ignored=count, free_since=at)
        reached = await session.scalar(statement.returning(agents.c.ignored))
        if reached is not None and reached >= MOST_IGNORED and await _is_ready(session, name):
            await pause(session, name, IGNORED.format(count=reached), at, here=False)


async def answered(session: AsyncSession, name: str) -> None:
    """Somebody took an offer, or said no: they are there."""
    await session.execute(update(agents).where(agents.c.name == name).values(ignored=0))


async def freed(session: AsyncSession, name: str, at: datetime) -> None:
    """Somebody got through with a conversation, or let one go: from now on they wait for the next."""
    later = func.greatest(agents.c.free_since, at)
    await session.execute(update(agents).where(agents.c.name == name).values(free_since=later))


async def withdraw_from_strangers(session: AsyncSession, at: datetime) -> int:
    """Take back what is offered to people who may have nothing any more, since they are inactive or gone."""
    people = select(users.c.name).where(users.c.active, users.c.role.in_(PEOPLE))
    return await withdraw(session, offers.c.agent.not_in(people), at)


async def ready(session: AsyncSession, usual: Sequence[int]) -> list[Ready]:
    """Everybody who can be offered something, with what they have."""
    found = await read(session, _people().where(agents.c.state == "ready"), AtWork)
    return [
        Ready(
            name=one.name,
            free_since=one.free_since,
            having=one.having,
            ringing=one.ringing,
            distribution=tuple(usual if one.distribution is None else one.distribution),
        )
        for one in found
        if one.free_since is not None
    ]


async def at_work(session: AsyncSession) -> list[AtWork]:
    """Everybody who may have conversations, by name."""
    return await read(session, _people().order_by(users.c.name), AtWork)


async def one_at_work(session: AsyncSession, name: str) -> AtWork | None:
    return await read_first(session, _people().where(users.c.name == name), AtWork)


async def set_distribution(session: AsyncSession, name: str, distribution: Sequence[int] | None) -> None:
    """How many more conversations somebody may get while having none, one, two …; None for the usual one."""
    values = None if distribution is None else list(distribution)
    await session.execute(update(users).where(users.c.name == name).values(distribution=values))


async def next_silence(session: AsyncSession) -> datetime | None:
    """When the first of those who are there is offline, if nothing is heard of them until then."""
    seen = await session.scalar(select(func.min(agents.c.seen_at)).where(agents.c.state != "offline"))
    return None if seen is None else seen + LOST


async def _say(session: AsyncSession, name: str, values: dict[str, Any], *, otherwise: State, at: datetime) -> None:
    """Write what somebody is; `since` and the like stay as they are where they are that already."""
    new = {"name": name, "since": at, "seen_at": at, "free_since": at, "state": otherwise} | values
    statement = insert(agents).values(new)
    differs = or_(agents.c.state != otherwise, agents.c.reason.is_distinct_from(values["reason"]))
    kept: dict[str, Any] = {
        key: case((differs, literal(value, agents.c[key].type)), else_=agents.c[key]) for key, value in values.items()
    }
    if "seen_at" in values:
        kept["seen_at"] = func.greatest(agents.c.seen_at, at)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=kept))


async def _is_ready(session: AsyncSession, name: str) -> bool:
    return await session.scalar(select(agents.c.state).where(agents.c.name == name)) == "ready"


def _people() -> Select[Any]:
    having = (
        select(func.count())
        .select_from(stays)
        .where(stays.c.agent == users.c.name, stays.c.left_at.is_(None))
        .scalar_subquery()
    )
    ringing = (
        select(func.count())
        .select_from(offers)
        .where(offers.c.agent == users.c.name, offers.c.outcome.is_(None))
        .scalar_subquery()
    )
    statement: Any = (
        select(
            users.c.name,
            users.c.display_name,
            func.coalesce(agents.c.state, "offline"),
            agents.c.reason,
            agents.c.returns_to.is_not(None),
            agents.c.since,
            agents.c.seen_at,
            agents.c.free_since,
            having,
            ringing,
            users.c.distribution,
        )
        .join_from(users, agents, agents.c.name == users.c.name, isouter=True)
        .where(users.c.active, users.c.role.in_(PEOPLE))
    )
    return statement
