"""A draft is checked in its place of the sandbox, and nothing of it is kept."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.drafts import small, tag, write
from tests.api.people import Office, opened

pytestmark = pytest.mark.anyio
PROBLEMS = "/api/v1/problems"


@pytest.fixture
async def eva(parts: Parts, serve: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(parts, serve) as office:
        admin = await office.person("eva", "admin")
        await write(admin, small())
        yield await _supervisor(office)


async def _supervisor(office: Office) -> httpx.AsyncClient:
    return await office.person("petr", "supervisor")


async def check(client: httpx.AsyncClient, kind: str, name: str, document: Any) -> httpx.Response:
    return await client.post(PROBLEMS, json={"kind": kind, "name": name, "document": document})


async def test_what_would_be_wrong_is_told_and_nothing_is_saved(eva: httpx.AsyncClient) -> None:
    before = await tag(eva)
    answer = await check(eva, "connectors", "shop", {"title": "Shop", "next": {"type": "queue", "name": "peopel"}})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    [problem] = [one for one in told["problems"] if one["severity"] == "error"]
    assert problem["path"].startswith("connectors/shop/next")
    assert "people" in problem["message"], "the cure is told"
    assert (told["errors"], told["etag"]) == (1, before)
    assert await tag(eva) == before
    assert (await eva.get(PROBLEMS)).json()["errors"] == 0


async def test_what_is_not_there_yet_can_be_checked_among_the_rest(eva: httpx.AsyncClient) -> None:
    found = (await check(eva, "terminates", "bye", {"title": "Bye", "cause": "user", "queue": "people"})).json()
    assert found["errors"] == 0
    found = (await check(eva, "terminates", "bye", {"title": "Bye", "cause": "user", "queue": "nobody"})).json()
    assert found["errors"] == 1


async def test_problems_elsewhere_are_not_its_own(eva: httpx.AsyncClient) -> None:
    found = (await check(eva, "queues", "people", {"title": ""})).json()
    assert {one["path"].split("/")[1] for one in found["problems"]} == {"people"}


@pytest.mark.parametrize("given", [{}, {"kind": "cats", "name": "a", "document": {}}, {"kind": "queues", "name": "a"}])
async def test_a_draft_has_a_kind_a_name_and_a_document(eva: httpx.AsyncClient, given: dict[str, Any]) -> None:
    assert (await eva.post(PROBLEMS, json=given)).status_code == 422
