"""What is reachable, over HTTP: production, a revision, and a sandbox with its problems where they are."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.drafts import applied, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def drawn(client: httpx.AsyncClient, place: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/tree/{place}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_from_a_connector_to_where_it_ends(office: Office, eva: httpx.AsyncClient) -> None:
    number = await applied(eva, small())
    vera = await office.person("vera", "viewer")
    told = await drawn(vera, "connectors/shop")
    assert (told["root"], told["revision"], told["etag"]) == ("connectors/shop", number, None)
    assert [(one["path"], one["kind"], one["title"]) for one in told["nodes"]] == [
        ("connectors/shop", "connector", "Shop"),
        ("decision_trees/menu", "decision_tree", "Menu"),
        ("decision_trees/menu/decisions/first", "decision", "First"),
        ("queues/people", "queue", "People"),
    ]
    assert [(one["source"], one["target"], one["label"]) for one in told["edges"]] == [
        ("connectors/shop", "decision_trees/menu", "next"),
        ("decision_trees/menu", "decision_trees/menu/decisions/first", "start"),
        ("decision_trees/menu/decisions/first", "queues/people", "/yes/"),
    ]
    assert await drawn(vera, "connectors/shop", of=number) == told
    assert [one["path"] for one in (await drawn(vera, "connectors/main", of=1))["nodes"]] == [
        "connectors/main",
        "queues/support",
    ]


async def test_the_sandbox_shows_what_is_wrong_where_it_is(office: Office, eva: httpx.AsyncClient) -> None:
    document = small()
    document["decision_trees"]["menu"]["decisions"]["first"]["actions"][1]["to"]["name"] = "nobody"
    document["decision_trees"]["menu"]["decisions"]["first"]["actions"][0]["text"] = "{{ bad"
    document["queues"]["broken"] = {"title": 7}
    await write(eva, document)
    told = await drawn(eva, "connectors/shop", of="sandbox")
    assert (told["revision"], told["etag"]) == (None, await tag(eva))
    nodes = {one["path"]: one for one in told["nodes"]}
    assert nodes["queues/nobody"]["missing"]
    found = nodes["decision_trees/menu/decisions/first"]["problems"]
    assert [(one["path"].rpartition("/")[2], one["severity"]) for one in found if one["severity"] == "error"] == [
        ("text", "error"),
        ("name", "error"),
    ]
    assert nodes["connectors/shop"]["problems"] == [
        one for one in nodes["connectors/shop"]["problems"] if one["path"].startswith("connectors/shop")
    ]
    assert (await drawn(eva, "queues/broken", of="sandbox"))["nodes"][0]["problems"][0]["path"] == "queues/broken/title"


async def test_only_supervisors_see_the_sandbox_s(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    karl, anna = await office.person("karl", "agent"), await office.person("anna", "supervisor")
    answer = await karl.get("/api/v1/tree/connectors/shop", params={"of": "sandbox"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "This needs the role supervisor; yours is agent.")
    await drawn(anna, "connectors/shop", of="sandbox")


@pytest.mark.parametrize(
    ("place", "of", "status"),
    [
        ("connectors/nobody", "production", 404),
        ("templates/x", "production", 404),
        ("connectors/main", "7", 404),
        ("connectors/main", "0", 422),
        ("connectors/main", "draft", 422),
    ],
)
async def test_what_is_not_there(eva: httpx.AsyncClient, place: str, of: str, status: int) -> None:
    answer = await eva.get(f"/api/v1/tree/{place}", params={"of": of})
    assert answer.status_code == status
    if status == 422:
        assert [path for path, _ in problems(answer)] == ["query/of"]
