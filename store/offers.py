"""Whom waiting conversations were offered to, why, and what came of it; one offer of each stands at the most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.distribution import Offer, Waiting, Why
from store.rows import columns, read, read_first
from store.tables import offers

Outcome = Literal["accepted", "declined", "expired", "withdrawn"]


@dataclass(frozen=True)
class OfferRow:
    """An offer in the stay that began at `entered_at`; it stands until `until`, or until it has an outcome."""

    id: int
    conversation: str
    entered_at: datetime
    queue: str
    agent: str
    why: Why
    offered_at: datetime
    until: datetime
    outcome: Outcome | None
    settled_at: datetime | None


async def make(session: AsyncSession, made: Sequence[Offer], waiting: Sequence[Waiting], at: datetime) -> None:
    """Write down offers that `distribute` made from what waits."""
    if not made:
        return
    stays = {one.conversation: one for one in waiting}
    rows = [
        {
            "conversation": one.conversation,
            "entered_at": stays[one.conversation].entered_at,
            "queue": stays[one.conversation].queue,
            "agent": one.agent,
            "why": one.why,
            "offered_at": at,
            "until": one.until,
        }
        for one in made
    ]
    await session.execute(insert(offers), rows)


async def expire(session: AsyncSession, at: datetime) -> list[str]:
    """Settle the offers whose time is over; whom they were made to, once for each."""
    statement = update(offers).where(offers.c.outcome.is_(None), offers.c.until <= at)
    settled = statement.values(outcome="expired", settled_at=at)
    return sorted(await session.scalars(settled.returning(offers.c.agent)))


async def withdraw(session: AsyncSession, which: ColumnElement[bool], at: datetime) -> int:
    """Take back the offers that stand and of which this is true; how many those were."""
    statement = update(offers).where(offers.c.outcome.is_(None), which)
    taken = statement.values(outcome="withdrawn", settled_at=at).returning(offers.c.id)
    return len((await session.scalars(taken)).all())


async def withdraw_from(session: AsyncSession, agent: str, at: datetime, *, keep: int = 0) -> int:
    """Take back what is offered to an agent, but for the `keep` oldest offers; how many those were."""
    kept = select(offers.c.id).where(offers.c.outcome.is_(None), offers.c.agent == agent).order_by(offers.c.id)
    which = (offers.c.agent == agent) & offers.c.id.not_in(kept.limit(keep))
    return await withdraw(session, which, at)


async def withdraw_of(session: AsyncSession, conversation: str, at: datetime) -> int:
    """Take back the offer of a conversation, if one stands."""
    return await withdraw(session, offers.c.conversation == conversation, at)


async def settle(session: AsyncSession, offer: int, outcome: Outcome, at: datetime) -> None:
    """Write down what came of an offer."""
    await session.execute(update(offers).where(offers.c.id == offer).values(outcome=outcome, settled_at=at))


async def standing(session: AsyncSession, conversation: str) -> OfferRow | None:
    """The offer of a conversation that stands, also when its time is over and nobody has looked yet."""
    statement = _offers().where(offers.c.conversation == conversation, offers.c.outcome.is_(None))
    return await read_first(session, statement, OfferRow)


async def ringing(session: AsyncSession, agent: str) -> list[OfferRow]:
    """What is offered to an agent, the oldest first."""
    statement = _offers().where(offers.c.agent == agent, offers.c.outcome.is_(None))
    return await read(session, statement.order_by(offers.c.id), OfferRow)


async def history(session: AsyncSession, conversation: str) -> list[OfferRow]:
    """Every offer of a conversation, the oldest first."""
    return await read(session, _offers().where(offers.c.conversation == conversation).order_by(offers.c.id), OfferRow)


async def next_end(session: AsyncSession) -> datetime | None:
    """When the time of the first of all offers that stand is over."""
    statement = select(offers.c.until).where(offers.c.outcome.is_(None)).order_by(offers.c.until).limit(1)
    return await session.scalar(statement)


def _offers() -> Select[Any]:
    return select(*columns(offers, OfferRow))
