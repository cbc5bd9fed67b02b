"""The end of a conversation is announced in the transaction that books it: once, with how long it waited."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import SQLAlchemyError

from routing.messages import End, Enqueue
from store import announcements, deletions, endings, queues
from store.announcements import Announcement
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def announced(world: World) -> list[Announcement]:
    async with world.database.begin() as session:
        return await announcements.unshared(session)


async def test_a_missed_chat(world: World) -> None:
    opened = (await world.opened()).conversation
    assert opened is not None
    began = opened.opened_at
    work = world.conversations
    await work.enqueue(Enqueue(path="queues/people", key="k", queue="people", priority=5, at=began), opened.name)
    end = End(path="terminates/nobody", at=began + 5 * MINUTE, terminate="nobody", cause="timeout", queue="people")
    for _ in range(2):
        await work.end(end, opened.name)
    missed, ended = await announced(world)
    assert (missed.kind, missed.key, missed.conversation) == ("chat.missed", f"missed/{opened.name}", opened.name)
    assert (ended.kind, ended.key, ended.at) == ("conversation.ended", f"ended/{opened.name}", end.at)
    assert (
        missed.content
        == ended.content
        == {
            "conversation": opened.name,
            "account": ACCOUNT,
            "connector": "shop",
            "customer": {"id": world.customer, "username": "jana", "name": "Jana"},
            "opened_at": _plain(began),
            "ended_at": _plain(end.at),
            "cause": "timeout",
            "terminate": "nobody",
            "queue": "people",
            "answered": False,
            "missed": True,
            "agents": [],
            "seconds": {"total": 300.0, "waiting": 300.0, "with_agents": 0.0},
        }
    )


async def test_one_that_two_agents_had(world: World) -> None:
    opened = (await world.opened()).conversation
    assert opened is not None
    name, began = opened.name, opened.opened_at
    async with world.database.begin() as session:
        for agent, entered, accepted in (("eva", 0, 2), ("petr", 10, 11)):
            await queues.enqueue(session, name, "people", 5, began + entered * MINUTE)
            await queues.accept(session, name, agent, began + accepted * MINUTE)
    end = End(path="queues/people", at=began + 20 * MINUTE, cause="user", queue="people", answered=True)
    await world.conversations.end(end, name)
    [ended] = await announced(world)
    told = ended.content
    assert (told["missed"], told["answered"], told["agents"]) == (False, True, ["eva", "petr"])
    assert told["seconds"] == {"total": 1200.0, "waiting": 180.0, "with_agents": 1020.0}


async def test_out_of_hours_without_ever_waiting(world: World) -> None:
    opened = (await world.opened()).conversation
    assert opened is not None
    at = opened.opened_at + MINUTE
    end = End(path="terminates/closed", at=at, terminate="closed", cause="out_of_hours", queue="people")
    await world.conversations.end(end, opened.name)
    assert [one.kind for one in await announced(world)] == ["chat.missed", "conversation.ended"]
    assert (await announced(world))[0].content["seconds"] == {"total": 60.0, "waiting": 0.0, "with_agents": 0.0}


async def test_not_booked_is_not_announced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails in that transaction, it is as if nothing had happened, and the activity does it again."""
    opened = (await world.opened()).conversation
    assert opened is not None
    end = End(path="terminates/x", at=opened.opened_at + MINUTE, cause="user")
    real, failures = endings.announce, iter([True, False])

    async def breaks(session: Any, key: str, **told: Any) -> bool:
        done = await real(session, key, **told)
        if next(failures):
            raise SQLAlchemyError("the connection broke")
        return done

    monkeypatch.setattr(endings, "announce", breaks)
    with pytest.raises(SQLAlchemyError):
        await world.conversations.end(end, opened.name)
    assert await announced(world) == []
    await world.conversations.end(end, opened.name)
    assert [one.kind for one in await announced(world)] == ["conversation.ended"]


async def test_an_erased_customer_is_in_no_announcement(world: World, database_url: str) -> None:
    opened = (await world.opened()).conversation
    assert opened is not None
    at = opened.opened_at + MINUTE
    await world.conversations.end(End(path="terminates/x", at=at, cause="user", queue="people"), opened.name)

    def told() -> str:
        with psycopg.connect(database_url) as connection:
            return str(connection.execute("SELECT content::text FROM announcements").fetchall())

    assert world.customer in told()
    async with world.database.begin() as session:
        await deletions.erase(session, ACCOUNT, world.customer, world.now())
    assert "jana" not in told().lower()
    assert world.customer not in told()
    assert await announced(world) == []


async def test_there_is_nothing_to_tell_of_one_that_goes_on(world: World) -> None:
    opened = (await world.opened()).conversation
    assert opened is not None
    async with world.database.begin() as session:
        assert await endings.ending(session, opened.name) is None
        assert await endings.ending(session, "igdm_unknown") is None
        await endings.announce_end(session, opened.name)
    assert await announced(world) == []


def _plain(at: Any) -> str:
    return at.isoformat().replace("+00:00", "Z")
