"""Administrators read who did what."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.dependencies import Parts
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


async def test_the_log_and_its_filters(office: Office) -> None:
    anna = await office.person("anna", "admin")
    await anna.post("/api/v1/users", json={"name": "petr", "role": "agent", "password": "correct horse"})
    await anna.patch("/api/v1/users/petr", json={"role": "viewer"})
    token = (await anna.post("/api/v1/tokens", json={"name": "t"})).json()["id"]

    async def found(**query: Any) -> list[str]:
        items = (await anna.get("/api/v1/audit", params=query)).json()["items"]
        return [f"{one['actor']} {one['action']} {one['object']}" for one in items]

    created, changed = "anna user.created users/petr", "anna user.changed users/petr"
    made = f"anna token.created tokens/{token}"
    assert await found() == [made, changed, created]
    assert await found(action="user") == [changed, created]
    assert await found(action="user.created") == [created]
    assert await found(object="tokens") == [made]
    assert await found(actor="petr") == []
    [first] = (await anna.get("/api/v1/audit", params={"action": "user.changed"})).json()["items"]
    assert first["details"] == {"role": ["agent", "viewer"]}
    assert await found(since=first["at"]) == [made, changed]
    assert await found(until=first["at"]) == [created]
    page = (await anna.get("/api/v1/audit", params={"limit": 1})).json()
    assert await found(cursor=page["cursor"], limit=1) == [changed]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"cursor": "x"}, ("query/cursor", "unknown_cursor")),
        ({"limit": "0"}, ("query/limit", "greater_than_equal")),
        ({"since": "yesterday"}, ("query/since", "datetime_from_date_parsing")),
        ({"until": "2026-11-02T12:00:00"}, ("query/until", "timezone_aware")),
    ],
)
async def test_questions_that_are_none(office: Office, query: dict[str, str], expected: tuple[str, str]) -> None:
    anna = await office.person("anna", "admin")
    answer = await anna.get("/api/v1/audit", params=query)
    assert (answer.status_code, problems(answer)) == (422, [expected])
