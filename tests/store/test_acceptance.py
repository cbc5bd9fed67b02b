"""Who gets a conversation: one of those who accept it, within their limits, and only while it waits."""

from datetime import datetime, timedelta

import anyio
import pytest

from routing.distribution import Offer, Past, Waiting
from store import acceptance, agents, desk, offers, queues
from store.acceptance import Accepted, NotYours
from store.conversations import end_conversation, open_conversation
from store.database import Database
from store.offers import OfferRow
from store.queues import LAST, UNASSIGNED, Stay, Untold
from store.users import create_user

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
USUAL = (3, 2, 1)
NAMES = ("c0", "c1", "c2", "c3", "c4")


@pytest.fixture
async def line(database: Database, noon: datetime) -> Database:
    """Five conversations of as many customers wait in a queue; anna, eva and petr are ready."""
    async with database.begin() as session:
        for name in ("anna", "eva", "petr"):
            await create_user(session, name=name, role="agent", now=noon)
            await agents.come(session, name, noon)
        await create_user(session, name="vera", role="viewer", now=noon)
        for number, name in enumerate(NAMES):
            await _opens(session, name, f"customer{number}", noon)
            await queues.enqueue(session, name, "support", 5, noon + number * MINUTE)
    return database


async def _opens(session: object, name: str, customer: str, at: datetime) -> None:
    values = {"account": "shop", "connector": "main", "workflow_id": f"ig-{name}", "revision": 1}
    await open_conversation(session, name=name, customer=customer, opened_at=at, **values)  # pyright: ignore[reportArgumentType]


async def rings(database: Database, agent: str, *names: str, at: datetime) -> None:
    async with database.begin() as session:
        waiting = [one for one in await desk.waiting(session, []) if one.conversation in names]
        made = [Offer(one.conversation, agent, "longest", at + MINUTE) for one in waiting]
        await offers.make(session, made, waiting, at)


async def accepts(database: Database, name: str, agent: str, at: datetime) -> Accepted:
    async with database.begin() as session:
        await queues.hold(session)
        return await acceptance.accept(session, name, agent, at, USUAL)


async def stay(database: Database, name: str) -> Stay:
    async with database.begin() as session:
        found = await queues.stay(session, name)
    assert found is not None
    return found


async def history(database: Database, name: str) -> list[OfferRow]:
    async with database.begin() as session:
        return await offers.history(session, name)


async def test_an_offer_is_accepted(line: Database, noon: datetime) -> None:
    await rings(line, "eva", "c0", at=noon)
    given = await accepts(line, "c0", "eva", noon + MINUTE)
    assert given.anew
    assert (given.stay.agent, given.stay.accepted_at, given.stay.confirmed_at) == ("eva", noon + MINUTE, None)
    [offer] = await history(line, "c0")
    assert (offer.outcome, offer.settled_at) == ("accepted", noon + MINUTE)
    again = await accepts(line, "c0", "eva", noon + 2 * MINUTE)
    assert not again.anew
    assert again.stay == given.stay, "once more changes nothing"


async def test_of_many_who_accept_at_once_one_has_it(line: Database, noon: datetime) -> None:
    won: list[str] = []
    refused: list[str] = []

    async def tries(agent: str) -> None:
        try:
            given = await accepts(line, "c0", agent, noon)
        except NotYours as error:
            refused.append(str(error))
        else:
            won.append(given.stay.agent or "")

    async with anyio.create_task_group() as group:
        for agent in ("anna", "eva", "petr"):
            group.start_soon(tries, agent)
    assert len(won) == 1
    assert refused == [f"{won[0]} has c0 already."] * 2
    assert (await stay(line, "c0")).agent == won[0]


async def test_why_not(line: Database, noon: datetime) -> None:
    await rings(line, "eva", "c0", at=noon)
    async with line.begin() as session:
        await queues.leave(session, "c1", noon + 2 * MINUTE)
        await _opens(session, "alone", "customer9", noon)
    for name, agent, why in (
        ("c0", "anna", "c0 is being offered to eva."),
        ("c1", "anna", "c1 does not wait for an agent."),
        ("alone", "anna", "alone does not wait for an agent."),
        ("c2", "vera", "vera may not have conversations."),
        ("c2", "nobody", "nobody may not have conversations."),
    ):
        with pytest.raises(NotYours) as refused:
            await accepts(line, name, agent, noon)
        assert str(refused.value) == why
    assert (await stay(line, "c0")).agent is None


async def test_no_more_than_one_may_have_by_hand_either(line: Database, noon: datetime) -> None:
    for name in NAMES[:3]:
        await accepts(line, name, "anna", noon)
    with pytest.raises(NotYours, match="You have 3 conversations: that is all you may have now"):
        await accepts(line, "c3", "anna", noon)
    async with line.begin() as session:
        await queues.leave(session, "c0", noon + 9 * MINUTE)
    await accepts(line, "c3", "anna", noon)


async def test_what_rings_counts_as_well(line: Database, noon: datetime) -> None:
    await rings(line, "anna", "c0", "c1", "c2", at=noon)
    with pytest.raises(NotYours, match="You have 0 conversations, and 3 offered to you"):
        await accepts(line, "c3", "anna", noon)
    await accepts(line, "c1", "anna", noon)


async def test_what_finds_no_room_any_more_is_taken_back(line: Database, noon: datetime) -> None:
    """With one conversation anna may get one more: of the three that ring, the newest goes to others."""
    async with line.begin() as session:
        await agents.set_distribution(session, "anna", [3, 1])
    for number, name in enumerate(("c0", "c1", "c2")):
        await rings(line, "anna", name, at=noon + number * timedelta(seconds=1))
    given = await accepts(line, "c1", "anna", noon + MINUTE)
    assert given.withdrawn == 1
    assert [(await history(line, name))[0].outcome for name in ("c0", "c1", "c2")] == [None, "accepted", "withdrawn"]


async def test_no_is_an_answer(line: Database, noon: datetime) -> None:
    await rings(line, "eva", "c0", at=noon)
    async with line.begin() as session:
        await agents.ignored(session, ["eva"], noon)
        with pytest.raises(NotYours, match="c0 is not being offered to you"):
            await acceptance.decline(session, "c0", "anna", noon)
        with pytest.raises(NotYours, match="c1 is not being offered to you"):
            await acceptance.decline(session, "c1", "eva", noon)
        await acceptance.decline(session, "c0", "eva", noon + MINUTE)
        eva = await agents.presence(session, "eva")
        [waiting] = [one for one in await desk.waiting(session, []) if one.conversation == "c0"]
    assert eva is not None
    assert (eva.ignored, eva.free_since) == (0, noon + MINUTE)
    assert waiting.past == {"eva": Past(1, declined_at=noon + MINUTE)}


@pytest.mark.parametrize("how", ["leaves", "goes on", "ends elsewhere"])
async def test_what_leaves_is_offered_to_nobody(line: Database, noon: datetime, how: str) -> None:
    await rings(line, "eva", "c0", at=noon)
    at = noon + MINUTE
    async with line.begin() as session:
        if how == "leaves":
            await queues.leave(session, "c0", at)
        elif how == "goes on":
            await queues.enqueue(session, "c0", "sales", 5, at)
        else:
            await end_conversation(session, "c0", at=at, cause="system")
            assert await queues.leave_ended(session) == 1
            assert await queues.leave_ended(session) == 0
        [offer] = await offers.history(session, "c0")
        assert (offer.outcome, offer.settled_at) == ("withdrawn", at)
        left = [one.conversation for one in await queues.waiting(session, "support")]
        assert left == list(NAMES[1:])
    with pytest.raises(NotYours):
        await accepts(line, "c1" if how == "goes on" else "c0", "vera", at)


async def test_what_was_accepted_too_late_nobody_has_had(line: Database, noon: datetime) -> None:
    await rings(line, "eva", "c0", at=noon)
    given = await accepts(line, "c0", "eva", noon)
    async with line.begin() as session:
        await queues.enqueue(session, "c0", "sales", 5, noon + MINUTE)
        assert await acceptance.undo(session, "c0", given.stay.entered_at, "eva", noon + MINUTE)
        assert not await acceptance.undo(session, "c0", given.stay.entered_at, "eva", noon + MINUTE)
        [offer] = await offers.history(session, "c0")
        eva = await agents.one_at_work(session, "eva")
    assert offer.outcome == "withdrawn"
    assert eva is not None
    assert eva.having == 0
    now = await stay(line, "c0")
    assert (now.queue, now.agent, now.left_at) == ("sales", None, None)
    await accepts(line, "c0", "anna", noon + 2 * MINUTE)


async def test_acceptances_are_told_again_until_they_are_confirmed(line: Database, noon: datetime) -> None:
    for name, agent in (("c0", "eva"), ("c1", "anna"), ("c2", "petr")):
        await accepts(line, name, agent, noon + 10 * MINUTE)
    async with line.begin() as session:
        await queues.confirm(session, "c0", noon, "eva", noon)
        await queues.confirm(session, "c1", noon, "anna", noon)
        await queues.confirm(session, "c2", noon + 2 * MINUTE, "eva", noon)
        await queues.leave(session, "c2", noon + 11 * MINUTE)
        assert await queues.untold(session, noon) == []
        assert await queues.untold(session, noon + 10 * MINUTE) == [Untold("c1", "ig-c1", noon + MINUTE, "anna")]
        assert await queues.first_untold(session) == noon + 10 * MINUTE


async def test_what_the_desk_reads(line: Database, noon: datetime) -> None:
    """Not what somebody has or is being offered; and who had the customer last, only where a queue wants to know."""
    async with line.begin() as session:
        await _opens(session, "before", "customer2", noon - timedelta(days=1))
        await queues.enqueue(session, "before", "support", 5, noon - timedelta(days=1))
        await _opens(session, "long before", "customer2", noon - timedelta(days=2))
        await queues.enqueue(session, "long before", "support", 5, noon - timedelta(days=2))
        await _opens(session, "aside", "customer3", noon)
        await queues.enqueue(session, "aside", UNASSIGNED, LAST, noon, wanted="petr")
    await accepts(line, "before", "eva", noon)
    await accepts(line, "long before", "anna", noon)
    async with line.begin() as session:
        await queues.leave(session, "before", noon - timedelta(hours=3))
        await queues.leave(session, "long before", noon - timedelta(hours=9))
    await accepts(line, "c0", "eva", noon + 10 * MINUTE)
    await rings(line, "anna", "c1", at=noon)
    async with line.begin() as session:
        waiting = {one.conversation: one for one in await desk.waiting(session, ["support"])}
        forgetful = await desk.waiting(session, ["sales"])
        assert await desk.count(session) == 5
    assert list(waiting) == ["c2", "c3", "c4", "aside"]
    assert (waiting["c2"].last_agent, waiting["c2"].last_until) == ("eva", noon - timedelta(hours=3))
    assert waiting["c3"] == Waiting("c3", "support", 5, noon + 3 * MINUTE)
    assert waiting["aside"] == Waiting("aside", "", 10, noon, wanted="petr")
    assert [one.conversation for one in forgetful] == list(waiting)
    assert {one.last_agent for one in forgetful} == {None}


async def test_offers_of_an_earlier_stay_do_not_count(line: Database, noon: datetime) -> None:
    await rings(line, "eva", "c0", at=noon)
    async with line.begin() as session:
        await queues.enqueue(session, "c0", "sales", 5, noon + MINUTE)
        [one] = [one for one in await desk.waiting(session, []) if one.conversation == "c0"]
    assert one.past == {}
