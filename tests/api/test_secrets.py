"""Secrets over HTTP: entered, replaced and deleted by name, and their values told to nobody."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from api.secrets import LARGEST
from store import secrets
from tests.api.drafts import small, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
VALUE = "the value of a test"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def kept(office: Office, *names: str) -> dict[str, str]:
    async with office.parts.database.begin() as session:
        return await secrets.get_secrets(session, office.parts.vault, names)


async def done(office: Office) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(one.actor, one.action, one.object, one.details) for one in await office.audit(action="secret")]


async def test_it_is_entered_replaced_and_deleted(office: Office, eva: httpx.AsyncClient) -> None:
    path = "/api/v1/secrets/stock_key"
    seen = [await eva.put(path, json={"value": VALUE})]
    assert (seen[0].status_code, seen[0].content) == (204, b"")
    assert await kept(office, "stock_key") == {"stock_key": VALUE}
    first = (await eva.get(path)).json()
    assert (first["name"], first["used_in"], first["updated_at"] is not None) == ("stock_key", [], True)
    seen.append(await eva.put(path, json={"value": VALUE + " 2"}))
    assert await kept(office, "stock_key") == {"stock_key": VALUE + " 2"}
    second = (await eva.get(path)).json()
    assert second["updated_at"] > first["updated_at"]
    seen += [await eva.get(path), await eva.get("/api/v1/secrets"), await eva.get("/api/v1/audit")]
    assert (await eva.delete(path)).status_code == 204
    assert await kept(office, "stock_key") == {}
    for method in ("GET", "DELETE"):
        answer = await eva.request(method, path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no secret stock_key.")
    object = "secrets/stock_key"
    assert await done(office) == [
        ("eva", "secret.entered", object, {}),
        ("eva", "secret.entered", object, {}),
        ("eva", "secret.deleted", object, {}),
    ]
    assert VALUE not in "".join(answer.text for answer in seen)


async def test_the_list_has_what_is_used_and_what_is_missing(office: Office, eva: httpx.AsyncClient) -> None:
    """The first revision's chatbot names bot_key; the sandbox names two others."""
    document = small()
    request = {
        "type": "request",
        "url": "https://x.example.com/{{ secrets.stock_key }}",
        "headers": {"Authorization": "Bearer {{ secrets.other_key }}"},
        "into": "stock",
    }
    document["decision_trees"]["menu"]["decisions"]["first"]["actions"].insert(0, request)
    await write(eva, document)
    for name in ("stock_key", "unused"):
        await eva.put(f"/api/v1/secrets/{name}", json={"value": VALUE})
    items = (await eva.get("/api/v1/secrets")).json()["items"]
    assert [(one["name"], one["used_in"], one["updated_at"] is None) for one in items] == [
        ("bot_key", ["chatbots/signed"], True),
        ("other_key", ["decision_trees/menu"], True),
        ("stock_key", ["decision_trees/menu"], False),
        ("unused", [], False),
    ]
    assert (await eva.get("/api/v1/secrets/bot_key")).json() == items[0]


@pytest.mark.parametrize(
    ("name", "body", "path"),
    [
        ("stock-key", {"value": VALUE}, "path/name"),
        ("1key", {"value": VALUE}, "path/name"),
        ("stock_key", {"value": ""}, "value"),
        ("stock_key", {"value": VALUE * LARGEST}, "value"),
        ("stock_key", {"value": [VALUE]}, "value"),
        ("stock_key", {"values": VALUE}, "value"),
        ("stock_key", {"value": VALUE, VALUE: 1}, VALUE),
    ],
)
async def test_what_is_no_secret_is_refused_and_not_repeated(
    office: Office, eva: httpx.AsyncClient, name: str, body: dict[str, Any], path: str
) -> None:
    answer = await eva.put(f"/api/v1/secrets/{name}", json=body)
    assert answer.status_code == 422
    assert path in [where for where, _ in problems(answer)]
    if path != VALUE:
        assert VALUE not in answer.text
    assert await kept(office, name) == {}
    assert await done(office) == []


async def test_only_administrators(office: Office, eva: httpx.AsyncClient) -> None:
    anna = await office.person("anna", "supervisor")
    for method, path in (("GET", "secrets"), ("GET", "secrets/x"), ("PUT", "secrets/x"), ("DELETE", "secrets/x")):
        answer = await anna.request(method, f"/api/v1/{path}", json={"value": VALUE})
        assert answer.status_code == 403
    assert await done(office) == []
