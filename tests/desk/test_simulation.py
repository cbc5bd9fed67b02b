"""200 conversations and 20 agents who do as they please: none is offered twice, forgotten, too much, out of turn."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities import desk as work
from api import agents, offers
from routing.distribution import Offer, Waiting
from store.database import Database
from tests.desk.simulation import USUAL, Simulation
from tests.desk.verdict import Evidence, evidence, judge

pytestmark = pytest.mark.anyio

NEVER = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=30)
    yield database
    await database.close()


async def simulated(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int, conversations: int = 200, people: int = 20
) -> tuple[Simulation, Evidence]:
    simulation = Simulation(database, seed=seed, conversations=conversations, people=people)

    async def wake(*_: Any) -> bool:
        await simulation.wake()
        return True

    async def tell(_: Any, workflow: str, conversation: str, event: Any) -> str:
        return await simulation.tell(workflow, conversation, event)

    for module in (agents, offers):
        monkeypatch.setattr(module, "wake", wake)
    monkeypatch.setattr(offers, "tell_accepted", tell)
    await simulation.run()
    async with database.begin() as session:
        return simulation, await evidence(session, simulation.queues, USUAL)


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_is_served_in_turn_and_nobody_gets_too_much(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    simulation, found = await simulated(database, monkeypatch, seed)
    assert judge(found) == []
    counted = simulation.counted
    assert counted["came"] == 200
    outcomes = {one.outcome for one in found.offers}
    assert outcomes == {"accepted", "declined", "expired", "withdrawn"}
    assert {one.why for one in found.offers} == {"wanted", "last_agent", "longest"}
    for what in ("accepted", "closed", "left", "vanished", "came back", "paused", "refused 409", "refused 403"):
        assert counted[what] > 3, f"the simulation does not do enough of this: {what}"
    assert counted["told again"] > 0
    for one in found.stays:
        if one.accepted_at is not None and one.confirmed_at is None:
            assert one.left_at is not None
            assert one.left_at - one.accepted_at < timedelta(minutes=1), "its workflow was told, or it was soon over"


async def test_the_judge_sees_what_is_wrong(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake is planted into evidence that is in order otherwise."""
    _, found = await simulated(database, monkeypatch, 3, conversations=60, people=8)
    assert judge(found) == []
    made = list(found.offers)
    again = next(
        index for index, one in enumerate(made) if any(other.conversation == one.conversation for other in made[:index])
    )
    before = max(index for index in range(again) if made[index].conversation == made[again].conversation)

    def told(planted: Evidence, words: str) -> bool:
        return any(words in sentence for sentence in judge(planted))

    assert told(found.but(before, settled_at=made[again].offered_at + timedelta(seconds=1)), "while it was offered to")
    assert told(found.but(before, settled_at=None, outcome=None), "nothing came of the offer")
    assert told(found.but(0, agent="agent00", queue="team", why="longest"), "does not work in team")
    assert told(found.but(0, entered_at=made[0].entered_at + timedelta(days=1)), "outside every queue")

    served = next(index for index, one in enumerate(found.stays) if one.agent is not None)
    stays = list(found.stays)
    waiting = [*stays[:served], replace(stays[served], agent=None, left_at=None), *stays[served + 1 :]]
    assert told(replace(found, stays=waiting), "for ever")
    distributions = dict.fromkeys(found.distributions, (1,))
    assert told(replace(found, distributions=distributions), "got the offer of igdm_")
    assert told(replace(found, distributions=distributions), "accepted igdm_")
    passed_over, offer = next(
        (stay, one)
        for one in made
        for stay in stays
        if one.why == "longest" and stay.queue == one.queue and stay.entered_at < one.offered_at
        # Nobody has been asked yet, so that only its place among the others can speak against it.
        if min((other.offered_at for other in made if other.conversation == stay.conversation), default=NEVER)
        > one.offered_at
        if min(stay.accepted_at or NEVER, stay.left_at or NEVER) > one.offered_at
    )
    first = [replace(one, priority=-1) if one == passed_over else one for one in stays]
    assert told(replace(found, stays=first), f"was offered {offer.conversation} before {passed_over.conversation}")
    owned = next(one for one in made if one.outcome == "accepted")
    late = [
        replace(one, accepted_at=owned.offered_at - timedelta(seconds=1))
        if (one.conversation, one.entered_at) == (owned.conversation, owned.entered_at)
        else one
        for one in stays
    ]
    assert told(replace(found, stays=late), "had it")


async def test_a_careless_desk_is_found_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at no limit, and gives the newest to anybody first."""

    def careless(waiting: Sequence[Waiting], agents: Sequence[Any], queues: Any, now: Any) -> list[Offer]:
        if not agents:
            return []
        return [
            Offer(one.conversation, agents[number % len(agents)].name, "longest", now + timedelta(seconds=30))
            for number, one in enumerate(reversed(waiting))
            if one.queue in ("urgent", "normal", "team")
        ][:2]

    monkeypatch.setattr(work, "distribute", careless)
    _, found = await simulated(database, monkeypatch, 4, conversations=60, people=8)
    told = " ".join(judge(found))
    for words in ("got the offer of", "does not work in team", "whose turn it was"):
        assert words in told
