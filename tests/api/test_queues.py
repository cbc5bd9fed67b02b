"""Queues over HTTP: how many wait in each and since when, also in those that production has no more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
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
    assert (await listed(vera))["unassigned"] == {"waiting": 0, "waiting_since": None, "with_agents": 0}
    await opens(office, account, "one", "two", "three")
    async with office.parts.database.begin() as session:
        for minute, name in enumerate(("one", "two", "three")):
            await unassign(session, name, NOON + minute * MINUTE)
        await accept(session, "one", "eva", NOON + 5 * MINUTE)
    told = await listed(vera)
    assert told["unassigned"] == {
        "waiting": 2,
        "waiting_since": (NOON + MINUTE).isoformat().replace("+00:00", "Z"),
        "with_agents": 1,
    }
    assert [one["name"] for one in told["items"]] == ["support", "10001"], "it is no queue"
