"""People at the desk: who is there, who was lost, who ignores offers, and how many they have."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from routing.distribution import Offer, Waiting
from store import agents, offers
from store.agents import BEAT, LOST, MOST_IGNORED, AtWork, Presence
from store.conversations import open_conversation
from store.database import Database
from store.queues import accept, enqueue, leave
from store.users import change_user, create_user

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


@pytest.fixture
async def people(database: Database, noon: datetime) -> Database:
    async with database.begin() as session:
        for name in ("anna", "eva"):
            await create_user(session, name=name, role="agent", now=noon)
        await create_user(session, name="vera", role="viewer", now=noon)
    return database


async def present(database: Database, name: str) -> Presence:
    async with database.begin() as session:
        found = await agents.presence(session, name)
    assert found is not None
    return found


async def working(database: Database, name: str) -> AtWork:
    async with database.begin() as session:
        found = await agents.one_at_work(session, name)
    assert found is not None
    return found


async def rings(database: Database, talk: str, agent: str, at: datetime) -> None:
    """A conversation is offered to somebody for half a minute."""
    async with database.begin() as session:
        await offers.make(
            session,
            [Offer(talk, agent, "longest", at + 30 * SECOND)],
            [Waiting(talk, "support", 5, at)],
            at,
        )


async def test_who_becomes_ready_is_the_last(people: Database, noon: datetime) -> None:
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        await agents.pause(session, "anna", "Lunch", noon + SECOND)
    paused = await present(people, "anna")
    assert (paused.state, paused.reason, paused.since, paused.free_since) == ("paused", "Lunch", noon + SECOND, noon)
    async with people.begin() as session:
        await agents.come(session, "anna", noon + 2 * SECOND)
        await agents.come(session, "anna", noon + 3 * SECOND)
    back = await present(people, "anna")
    assert (back.state, back.reason, back.since) == ("ready", None, noon + 2 * SECOND)
    assert back.free_since == noon + 2 * SECOND, "who is ready and says so again keeps their place"
    assert back.seen_at == noon + 3 * SECOND
    async with people.begin() as session:
        await agents.go(session, "anna", noon + 4 * SECOND)
        assert not await agents.beat(session, "anna", noon + 5 * SECOND)
    assert (await present(people, "anna")).state == "offline", "who went home does not come back by a heartbeat"


@pytest.mark.parametrize("state", ["ready", "paused"])
async def test_a_lost_heartbeat_and_its_return(people: Database, noon: datetime, state: str) -> None:
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        if state == "paused":
            await agents.pause(session, "anna", "Lunch", noon)
        await agents.beat(session, "anna", noon + BEAT)
        assert await agents.next_silence(session) == noon + BEAT + LOST
        assert await agents.lose(session, noon + BEAT + LOST - SECOND) == []
        assert await agents.lose(session, noon + BEAT + LOST) == ["anna"]
        assert await agents.lose(session, noon + BEAT + 2 * LOST) == []
        assert await agents.next_silence(session) is None
    lost = await working(people, "anna")
    assert (lost.state, lost.lost, lost.since) == ("offline", True, noon + BEAT + LOST)
    again = noon + timedelta(minutes=5)
    async with people.begin() as session:
        assert await agents.beat(session, "anna", again)
        assert not await agents.beat(session, "anna", again + SECOND)
    back = await working(people, "anna")
    assert (back.state, back.lost, back.since, back.free_since) == (state, False, again, again)
    assert back.reason == ("Lunch" if state == "paused" else None)


async def test_heartbeats_in_another_order_do_not_set_the_clock_back(people: Database, noon: datetime) -> None:
    async with people.begin() as session:
        await agents.beat(session, "anna", noon + SECOND)
        await agents.beat(session, "anna", noon)
    assert (await present(people, "anna")).seen_at == noon + SECOND


async def test_who_lets_three_offers_go_by_is_paused(people: Database, talk: str, noon: datetime) -> None:
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        await enqueue(session, talk, "support", 5, noon)
    for number in range(1, MOST_IGNORED + 1):
        at = noon + number * timedelta(minutes=1)
        await rings(people, talk, "anna", at)
        async with people.begin() as session:
            assert await offers.expire(session, at + 29 * SECOND) == []
            expired = await offers.expire(session, at + 30 * SECOND)
            assert expired == ["anna"]
            await agents.ignored(session, expired, at + 30 * SECOND)
        now = await present(people, "anna")
        assert (now.ignored, now.free_since) == (number, at + 30 * SECOND)
        assert now.state == ("paused" if number == MOST_IGNORED else "ready")
    assert (await present(people, "anna")).reason == "did not answer 3 offers in a row"
    async with people.begin() as session:
        await agents.come(session, "anna", noon + timedelta(hours=1))
    assert (await present(people, "anna")).ignored == 0


async def test_an_answer_begins_the_count_anew(people: Database, noon: datetime) -> None:
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        await agents.ignored(session, ["anna", "anna"], noon)
        await agents.answered(session, "anna")
        await agents.ignored(session, ["anna", "anna", "nobody"], noon)
    assert (await present(people, "anna")).state == "ready"


@pytest.mark.parametrize("how", ["pause", "go", "lose", "fire", "demote", "pause by another"])
async def test_what_rings_goes_on_when_somebody_does_not_stay(
    people: Database, talk: str, noon: datetime, how: str
) -> None:
    await _talks(people, noon, "two")
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        for name in (talk, "two"):
            await enqueue(session, name, "support", 5, noon)
    await rings(people, talk, "anna", noon)
    await rings(people, "two", "eva", noon)
    at = noon + LOST
    async with people.begin() as session:
        match how:
            case "pause":
                await agents.pause(session, "anna", None, at)
            case "pause by another":
                await agents.pause(session, "anna", None, at, here=False)
            case "go":
                await agents.go(session, "anna", at)
            case "lose":
                await agents.lose(session, at)
            case "fire":
                await change_user(session, "anna", active=False)
                await agents.withdraw_from_strangers(session, at)
            case _:
                await change_user(session, "anna", role="viewer")
                await agents.withdraw_from_strangers(session, at)
        [mine] = await offers.history(session, talk)
        [others] = await offers.history(session, "two")
    assert (mine.outcome, mine.settled_at) == ("withdrawn", at)
    assert others.outcome is None


async def test_what_somebody_has_and_how_much_more_they_may(people: Database, talk: str, noon: datetime) -> None:
    await _talks(people, noon, "two", "three")
    async with people.begin() as session:
        for name in (talk, "two", "three"):
            await enqueue(session, name, "support", 5, noon)
        await accept(session, talk, "anna", noon)
        await accept(session, "two", "anna", noon)
        await leave(session, "two", noon)
        await agents.come(session, "anna", noon)
        await agents.come(session, "vera", noon)
        await agents.set_distribution(session, "eva", [4])
    await rings(people, "three", "anna", noon)
    anna, eva = await working(people, "anna"), await working(people, "eva")
    assert (anna.having, anna.ringing, anna.distribution) == (1, 1, None)
    assert (eva.state, eva.since, eva.having, eva.distribution) == ("offline", None, 0, [4])
    async with people.begin() as session:
        [ready] = await agents.ready(session, (9, 8))
        assert [one.name for one in await agents.at_work(session)] == ["anna", "eva"], "viewers have none"
        assert await agents.one_at_work(session, "vera") is None
        await agents.come(session, "eva", noon)
        assert [one.distribution for one in await agents.ready(session, (9, 8))] == [(9, 8), (4,)]
    assert (ready.name, ready.having, ready.ringing, ready.free_since) == ("anna", 1, 1, noon)


async def test_whoever_gets_through_waits_from_then_on(people: Database, talk: str, noon: datetime) -> None:
    async with people.begin() as session:
        await agents.come(session, "anna", noon)
        await enqueue(session, talk, "support", 5, noon)
        await accept(session, talk, "anna", noon)
        await leave(session, talk, noon + timedelta(hours=1))
        await agents.freed(session, "anna", noon)
    assert (await present(people, "anna")).free_since == noon + timedelta(hours=1)


async def _talks(database: Database, noon: datetime, *names: str) -> None:
    async with database.begin() as session:
        for name in names:
            values: dict[str, Any] = {"account": "shop", "customer": name, "connector": "main", "workflow_id": name}
            await open_conversation(session, name=name, revision=1, opened_at=noon, **values)
