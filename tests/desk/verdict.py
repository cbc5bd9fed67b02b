"""The judge of a simulation: what the tables say happened, and whether any of it must not have happened."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from routing.configuration import Queue
from routing.distribution import room, works_in
from store.offers import OfferRow
from store.queues import Stay
from store.rows import columns, read
from store.tables import offers, stays, users


@dataclass(frozen=True)
class Evidence:
    """Every offer and every stay, and by which rules they came about."""

    offers: Sequence[OfferRow]
    stays: Sequence[Stay]
    distributions: Mapping[str, Sequence[int]]
    queues: Mapping[str, Queue]

    def but(self, index: int, **changes: Any) -> "Evidence":
        """The same with one offer different."""
        changed = list(self.offers)
        changed[index] = replace(changed[index], **changes)
        return replace(self, offers=changed)


async def evidence(session: AsyncSession, queues: Mapping[str, Queue], usual: Sequence[int]) -> Evidence:
    """What the store knows, once everything is over."""
    own = await session.execute(select(users.c.name, users.c.distribution))
    return Evidence(
        offers=await read(session, select(*columns(offers, OfferRow)).order_by(offers.c.id), OfferRow),
        stays=await read(session, select(*columns(stays, Stay)).order_by(stays.c.entered_at), Stay),
        distributions={name: tuple(usual if mine is None else mine) for name, mine in own},
        queues=queues,
    )


def judge(found: Evidence) -> list[str]:
    """Every break of a promise, in a sentence; none if all is well."""
    return [*_offered_twice(found), *_forgotten(found), *_out_of_place(found), *_limits(found), *_order(found)]


def _offered_twice(found: Evidence) -> Iterator[str]:
    """No conversation is offered to two at once, and none while somebody has it."""
    for conversation, made in _by(found.offers, "conversation").items():
        for before, after in pairwise(made):
            if before.settled_at is None or before.settled_at > after.offered_at:
                yield f"{conversation} was offered to {after.agent} while it was offered to {before.agent}"
    by_stay = {(one.conversation, one.entered_at): one for one in found.stays}
    for one in found.offers:
        stay = by_stay.get((one.conversation, one.entered_at))
        if stay is None:
            yield f"{one.conversation} was offered to {one.agent} outside every queue"
        elif stay.accepted_at is not None and stay.accepted_at <= one.offered_at:
            yield f"{one.conversation} was offered to {one.agent} when {stay.agent} had it"


def _forgotten(found: Evidence) -> Iterator[str]:
    """Everybody who waited was accepted, or left; and every offer came to something."""
    for stay in found.stays:
        if stay.agent is None and stay.left_at is None:
            yield f"{stay.conversation} waits in {stay.queue or 'no queue'} for ever"
    for one in found.offers:
        if one.outcome is None:
            yield f"nothing came of the offer of {one.conversation} to {one.agent}"


def _out_of_place(found: Evidence) -> Iterator[str]:
    """Only those who work in a queue are offered what waits there, unless it was transferred to them."""
    for one in found.offers:
        if one.why != "wanted" and not works_in(found.queues.get(one.queue), one.agent):
            yield f"{one.conversation} was offered to {one.agent}, who does not work in {one.queue}"


def _limits(found: Evidence) -> Iterator[str]:
    """Nobody is offered, or has, more than they may; seen from each agent's own point of view."""
    made, had = _by(found.offers, "agent"), _by([one for one in found.stays if one.agent], "agent")
    for agent in sorted({*made, *had}):
        yield from _limits_of(agent, found.distributions[agent], made.get(agent, []), had.get(agent, []))


def _limits_of(agent: str, distribution: Sequence[int], made: list[OfferRow], had: list[Stay]) -> Iterator[str]:
    # At the same moment: what ends, what is accepted, what is offered.
    moments: list[tuple[datetime, int, int, Any]] = [
        *((one.offered_at, 3, one.id, one) for one in made),
        *((one.settled_at, 2, one.id, one) for one in made if one.settled_at is not None),
        *((one.accepted_at, 1, number, one) for number, one in enumerate(had) if one.accepted_at is not None),
        *((one.left_at, 0, number, one) for number, one in enumerate(had) if one.left_at is not None),
    ]
    having, ringing = 0, dict[int, OfferRow]()
    for at, what, _, one in sorted(moments, key=lambda moment: moment[:3]):
        match what:
            case 0:
                having -= 1
            case 1:
                mine = any(offer.conversation == one.conversation for offer in ringing.values())
                if room(distribution, having, 0 if mine else len(ringing)) < 1:
                    yield f"{agent} accepted {one.conversation} with {having} and {len(ringing)} ringing"
                having += 1
            case 2:
                ringing.pop(one.id, None)
            case _:
                if room(distribution, having, len(ringing)) < 1:
                    yield f"{agent} got the offer of {one.conversation} with {having} and {len(ringing)} ringing"
                ringing[one.id] = one
        if having < 0:
            yield f"{agent} got through with more conversations than they had, at {at}"


def _order(found: Evidence) -> Iterator[str]:
    """Whoever is offered something could not have been offered what comes before it by priority, then by time."""
    by_stay = {(one.conversation, one.entered_at): one for one in found.stays}
    by_conversation = _by(found.offers, "conversation")
    for one in found.offers:
        if one.why == "wanted" or (mine := by_stay.get((one.conversation, one.entered_at))) is None:
            continue
        for other in found.stays:
            if _turn(other) < _turn(mine) and _waits(other, one.offered_at):
                queue = found.queues.get(other.queue)
                if queue is None or queue.strategy == "pull" or not works_in(queue, one.agent):
                    continue
                past = by_conversation.get(other.conversation, [])
                if not any(_rings(offer, one) or _rests(offer, one, queue) for offer in past):
                    yield f"{one.agent} was offered {one.conversation} before {other.conversation}, whose turn it was"


def _turn(one: Stay) -> tuple[int, datetime, str]:
    return one.priority, one.entered_at, one.conversation


def _waits(one: Stay, at: datetime) -> bool:
    taken = one.accepted_at is not None and one.accepted_at <= at
    return one.entered_at < at and not taken and (one.left_at is None or one.left_at > at)


def _rings(offer: OfferRow, now: OfferRow) -> bool:
    """Whether an offer stands at this moment, or is made at it."""
    return offer.offered_at <= now.offered_at and (offer.settled_at is None or offer.settled_at > now.offered_at)


def _rests(offer: OfferRow, now: OfferRow, queue: Queue) -> bool:
    """Whether the agent of `now` has just said no to what this offer is about."""
    if offer.agent != now.agent or offer.outcome != "declined" or offer.settled_at is None:
        return False
    return offer.settled_at <= now.offered_at < offer.settled_at + queue.ring_time


def _by(rows: Sequence[Any], field: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in rows:
        found[getattr(one, field)].append(one)
    return dict(found)
