"""Tickets over HTTP: newest first, with filters, and one by its number."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from store.tickets import create_ticket
from tests.api.people import Office, opened, problems
from tests.api.talks import opens

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def vera(office: Office) -> httpx.AsyncClient:
    return await office.person("vera", "viewer")


async def test_newest_first_with_filters(office: Office, vera: httpx.AsyncClient, account: str) -> None:
    await opens(office, account, "one", "two")
    async with office.parts.database.begin() as session:
        first = await create_ticket(session, "1", conversation="one", title="Broken", category="orders")
        second = await create_ticket(
            session, "2", conversation="two", title="Lost", comment="It never came", priority="high"
        )
        third = await create_ticket(session, "3", conversation=None, title="", category="orders", priority="high")

    async def found(**params: Any) -> list[int]:
        answer = await vera.get("/api/v1/tickets", params=params)
        assert answer.status_code == 200, answer.text
        return [one["number"] for one in answer.json()["items"]]

    assert await found() == [third, second, first]
    for params, expected in [
        ({"conversation": "two"}, [second]),
        ({"category": "orders"}, [third, first]),
        ({"priority": "high"}, [third, second]),
        ({"category": "orders", "priority": "high"}, [third]),
        ({"stage": "open"}, [third, second, first]),
        ({"stage": "closed"}, []),
        ({"limit": 1}, [third]),
    ]:
        assert await found(**params) == expected, params
    page = (await vera.get("/api/v1/tickets", params={"limit": 2})).json()
    assert await found(limit=2, cursor=page["cursor"]) == [first]
    told = (await vera.get(f"/api/v1/tickets/{second}")).json()
    assert told.pop("created_at") is not None
    assert told == {
        "number": second,
        "conversation": "two",
        "title": "Lost",
        "category": None,
        "comment": "It never came",
        "priority": "high",
        "stage": "open",
    }
    assert (await vera.get(f"/api/v1/tickets/{third}")).json()["conversation"] is None


async def test_what_is_not_there(vera: httpx.AsyncClient) -> None:
    answer = await vera.get("/api/v1/tickets/9999")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no ticket 9999.")
    for number in ("0", "first", str(2**63)):
        assert problems(await vera.get(f"/api/v1/tickets/{number}"))[0][0] == "path/number"
    answer = await vera.get("/api/v1/tickets", params={"cursor": "x"})
    assert problems(answer) == [("query/cursor", "unknown_cursor")]
    assert (await vera.get("/api/v1/tickets", params={"limit": 0})).status_code == 422
