"""Who gets a conversation: one transaction decides, so that of two who accept it at once one has it (SPEC 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from routing.distribution import room
from store import agents, offers, queues, tables
from store.queues import Stay


class NotYours(Exception):
    """The conversation cannot be accepted; the sentence says why."""


@dataclass(frozen=True)
class Accepted:
    """`anew`: it was not theirs before. `withdrawn`: so many other offers were taken back, for want of room."""

    stay: Stay
    anew: bool
    withdrawn: int = 0


async def accept(session: AsyncSession, conversation: str, agent: str, at: datetime, usual: Sequence[int]) -> Accepted:
    """Give a waiting conversation to an agent, whether it is offered to them or they take it by hand.

    Accepting again what one has changes nothing. `usual` is the installation's distribution. Call it under
    `queues.hold`. Raises NotYours, with nothing changed.
    """
    stay = await queues.stay(session, conversation)
    if stay is None or stay.left_at is not None:
        raise NotYours(f"{conversation} does not wait for an agent.")
    if stay.agent == agent:
        return Accepted(stay, anew=False)
    if stay.agent is not None:
        raise NotYours(f"{stay.agent} has {conversation} already.")
    offer = await offers.standing(session, conversation)
    if offer is not None and offer.agent != agent:
        raise NotYours(f"{conversation} is being offered to {offer.agent}.")
    person = await agents.one_at_work(session, agent)
    if person is None:
        raise NotYours(f"{agent} may not have conversations.")
    distribution = usual if person.distribution is None else person.distribution
    # An offer that stands has its room already.
    if room(distribution, person.having, person.ringing if offer is None else 0) < 1:
        also = f", and {person.ringing} offered to you" if person.ringing else ""
        raise NotYours(f"You have {person.having} conversations{also}: that is all you may have now.")
    await queues.accept(session, conversation, agent, at)
    if offer is not None:
        await offers.settle(session, offer.id, "accepted", at)
    await agents.answered(session, agent)
    withdrawn = await offers.withdraw_from(session, agent, at, keep=room(distribution, person.having + 1))
    given = await queues.stay(session, conversation)
    assert given is not None
    return Accepted(given, anew=True, withdrawn=withdrawn)


async def decline(session: AsyncSession, conversation: str, agent: str, at: datetime) -> None:
    """Say no to what is offered; the agent is then the last to be offered anything. Raises NotYours."""
    offer = await offers.standing(session, conversation)
    if offer is None or offer.agent != agent:
        raise NotYours(f"{conversation} is not being offered to you.")
    await offers.settle(session, offer.id, "declined", at)
    await agents.answered(session, agent)
    await agents.freed(session, agent, at)


async def undo(session: AsyncSession, conversation: str, entered_at: datetime, agent: str, at: datetime) -> bool:
    """The conversation had left this stay when it was accepted: nobody has had it in it. False where that is known.

    Call it under `queues.hold`.
    """
    stays, made = tables.stays, tables.offers
    which = (stays.c.conversation == conversation) & (stays.c.entered_at == entered_at) & (stays.c.agent == agent)
    left = {"agent": None, "accepted_at": None, "left_at": func.coalesce(stays.c.left_at, at)}
    undone = update(stays).where(which, stays.c.confirmed_at.is_(None)).values(left)
    if await session.scalar(undone.returning(stays.c.conversation)) is None:
        return False
    theirs = (made.c.conversation == conversation) & (made.c.entered_at == entered_at) & (made.c.agent == agent)
    await session.execute(update(made).where(theirs, made.c.outcome == "accepted").values(outcome="withdrawn"))
    return True
