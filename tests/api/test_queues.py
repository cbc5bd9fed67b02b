"""Queues over HTTP: how many wait in each and since when, also in those that production has no more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from routing.distribution import Offer
from store import agents, desk, offers
from store.contacts import save_profile
from store.queues import accept, enqueue, leave, unassign
from tests.api.drafts import applied, small
from tests.api.people import NOON, Office, opened
from tests.api.talks import opens

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


async def listed(client: httpx.AsyncClient) -> Any:
    answer = await client.get("/api/v1/queues")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_how_many_wait_and_since_when(office: Office, account: str) -> None:
    vera = await office.person("vera", "viewer")
    empty = {"configured": True, "strategy": "pull", "waiting": 0, "waiting_since": None, "with_agents": 0}
    told = (await listed(vera))["items"]
    assert [one["name"] for one in told] == ["support", "10001"], "in the order of the configuration"
    assert empty.items() <= told[0].items()
    assert told[0]["title"] == "Support"
    await opens(office, account, "one", "two", "three", "four")
    async with office.parts.database.begin() as session:
        for minute, name in enumerate(("one", "two", "three", "four")):
            await enqueue(session, name, "support", 5, NOON + minute * MINUTE)
        await accept(session, "one", "eva", NOON + 5 * MINUTE)
        await leave(session, "four", NOON + 6 * MINUTE)
    [support, _] = (await listed(vera))["items"]
    assert (support["waiting"], support["with_agents"]) == (2, 1)
    assert support["waiting_since"] == (NOON + MINUTE).isoformat().replace("+00:00", "Z")


async def test_a_queue_that_is_no_more_stays_while_somebody_is_there(office: Office, account: str) -> None:
    eva = await office.person("eva", "admin")
    await opens(office, account, "one")
    async with office.parts.database.begin() as session:
        await enqueue(session, "one", "support", 5, NOON)
    document = small(queues={"people": {"title": "People", "priority": 2, "agents": ["eva"]}})
    await applied(eva, document)
    people, support = (await listed(eva))["items"]
    assert (people["name"], people["agents"], people["priority"]) == ("people", ["eva"], 2)
    assert (support["name"], support["title"], support["configured"], support["waiting"]) == (
        "support",
        None,
        False,
        1,
    )
    async with office.parts.database.begin() as session:
        await leave(session, "one", NOON + MINUTE)
    assert [one["name"] for one in (await listed(eva))["items"]] == ["people"]


async def test_those_whom_somebody_took_over_in_the_app(office: Office, account: str) -> None:
    vera = await office.person("vera", "viewer")
    assert (await listed(vera))["unassigned"] == {
        "waiting": 0,
        "waiting_since": None,
        "longest_wait": None,
        "with_agents": 0,
    }
    await opens(office, account, "one", "two", "three")
    async with office.parts.database.begin() as session:
        for minute, name in enumerate(("one", "two", "three")):
            await unassign(session, name, NOON + minute * MINUTE)
        await accept(session, "one", "eva", NOON + 5 * MINUTE)
    told = await listed(vera)
    assert told["unassigned"] == {
        "waiting": 2,
        "waiting_since": (NOON + MINUTE).isoformat().replace("+00:00", "Z"),
        "longest_wait": 0,
        "with_agents": 1,
    }
    assert [one["name"] for one in told["items"]] == ["support", "10001"], "it is no queue"


async def test_who_is_ready_and_how_long_the_first_has_waited(office: Office, account: str) -> None:
    eva = await office.person("eva", "admin")
    await applied(eva, small(queues={"people": {"title": "People"}, "team": {"title": "Team", "agents": ["petr"]}}))
    await opens(office, account, "one")
    for name, state in (("anna", "ready"), ("karl", "paused"), ("petr", "ready")):
        await office.user(name)
        async with office.parts.database.begin() as session:
            await (agents.come(session, name, NOON) if state == "ready" else agents.pause(session, name, None, NOON))
    async with office.parts.database.begin() as session:
        await enqueue(session, "one", "people", 5, NOON)
    office.later(3 * MINUTE)
    people, team = (await listed(eva))["items"]
    assert (people["ready"], people["longest_wait"]) == (["anna", "petr"], 180)
    assert (team["ready"], team["longest_wait"]) == (["petr"], None)


async def test_who_waits_in_a_queue(office: Office, account: str) -> None:
    vera = await office.person("vera", "viewer")
    await opens(office, account, "one", "two", "three", "four")
    async with office.parts.database.begin() as session:
        await save_profile(session, account, "two", username="jana.n", name="Jana", picture=None, at=NOON)
        for minute, (name, priority) in enumerate((("one", 5), ("two", 5), ("three", 0), ("four", 5))):
            await enqueue(session, name, "support", priority, NOON + minute * MINUTE, "eva" if name == "two" else None)
        await accept(session, "four", "eva", NOON + 5 * MINUTE)
        waiting = [one for one in await desk.waiting(session, []) if one.conversation == "one"]
        made = [Offer("one", "petr", "longest", NOON + 6 * MINUTE)]
        await offers.make(session, made, waiting, NOON + 5 * MINUTE)
    office.later(5 * MINUTE)
    told = (await vera.get("/api/v1/queues/support")).json()
    assert (told["name"], told["title"], told["waiting"]) == ("support", "Support", 3)
    lines = [(one["position"], one["conversation"], one["priority"], one["waited"]) for one in told["items"]]
    assert lines == [(1, "three", 0, 180), (2, "one", 5, 300), (3, "two", 5, 240)]
    _, one, two = told["items"]
    assert (one["offered_to"], one["wanted"], two["offered_to"], two["wanted"]) == ("petr", None, None, "eva")
    assert two["customer"] == {"id": "two", "name": "Jana", "username": "jana.n"}
    first = (await vera.get("/api/v1/queues/support", params={"limit": 1})).json()
    assert (first["waiting"], [one["conversation"] for one in first["items"]]) == (3, ["three"])


async def test_the_list_without_a_queue_and_queues_that_are_none(office: Office, account: str) -> None:
    vera = await office.person("vera", "viewer")
    await opens(office, account, "one", "old")
    async with office.parts.database.begin() as session:
        await unassign(session, "one", NOON)
        await enqueue(session, "old", "no-more", 5, NOON)
    told = (await vera.get("/api/v1/queues/unassigned")).json()
    assert (told["name"], told["title"], [one["conversation"] for one in told["items"]]) == ("", None, ["one"])
    assert (await vera.get("/api/v1/queues/no-more")).json()["waiting"] == 1
    assert (await vera.get("/api/v1/queues/10001")).json()["items"] == []
    answer = await vera.get("/api/v1/queues/nothing")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no queue nothing.")
    for limit in (0, 1001):
        assert (await vera.get("/api/v1/queues/support", params={"limit": limit})).status_code == 422
