"""API tokens: shown once, never more than their owner, and gone when revoked."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


async def _made(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/tokens", json={"name": "pipeline"} | given)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_a_token_is_shown_once_and_lets_in(office: Office) -> None:
    eva = await office.person("eva", "supervisor")
    made = await _made(eva, role="agent", expires_at="2026-11-03T12:00:00+01:00")
    secret = made.pop("token")
    assert made == {
        "id": made["id"],
        "owner": "eva",
        "name": "pipeline",
        "role": "agent",
        "created_at": "2026-11-02T12:00:00Z",
        "expires_at": "2026-11-03T11:00:00Z",
        "last_used_at": None,
    }
    assert (await eva.get("/api/v1/tokens")).json() == {"items": [made], "cursor": None}
    program = await office.browser(Authorization=f"Bearer {secret}")
    assert (await program.get("/api/v1/session")).json() == {
        "name": "eva",
        "display_name": "eva",
        "role": "agent",
        "kind": "token",
        "expires_at": "2026-11-03T11:00:00Z",
        "csrf_token": None,
        "chatbot_callback": "http://127.0.0.1:8000/external/web/api/chatbotUpdate",
    }
    assert (await eva.get("/api/v1/tokens")).json()["items"][0]["last_used_at"] == "2026-11-02T12:00:00Z"
    office.later(timedelta(days=1))
    answer = await program.get("/api/v1/session")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Switchboard", error="invalid_token"'


async def test_it_has_the_owners_role_unless_another_is_said(office: Office) -> None:
    made = await _made(await office.person("eva", "supervisor"))
    assert (made["role"], made["expires_at"]) == ("supervisor", None)


async def test_a_change_by_a_program_needs_no_csrf_token(office: Office) -> None:
    await office.user("eva")
    program = await office.program("eva", "viewer")
    assert (await program.patch("/api/v1/me", json={"display_name": "E"})).status_code == 200
    [entry] = await office.audit()
    assert (entry.actor, entry.action) == ("eva", "user.changed")
    assert entry.details["fields"] == ["display_name"]
    assert type(entry.details["token"]) is int


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"role": "supervisor"}, [("role", "too_much")]),
        ({"expires_at": "2026-11-02T12:00:00Z"}, [("expires_at", "past")]),
        ({"role": "admin", "expires_at": "2020-01-01T00:00:00Z"}, [("role", "too_much"), ("expires_at", "past")]),
        ({"expires_at": "2027-01-01T00:00:00"}, [("expires_at", "timezone_aware")]),
        ({"name": ""}, [("name", "string_too_short")]),
        ({"rolle": "agent"}, [("rolle", "extra_forbidden")]),
    ],
)
async def test_a_token_that_is_not_made(office: Office, given: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    eva = await office.person("eva", "agent")
    answer = await eva.post("/api/v1/tokens", json={"name": "x"} | given)
    assert answer.status_code == 422
    assert [(path.removeprefix("body/"), code) for path, code in problems(answer)] == expected
    assert (await eva.get("/api/v1/tokens")).json()["items"] == []


async def test_a_program_makes_no_tokens(office: Office) -> None:
    await office.user("anna", "admin")
    program = await office.program("anna", "admin")
    answer = await program.post("/api/v1/tokens", json={"name": "for ever"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "API tokens cannot do this. Log in as a person.")


async def test_a_revoked_token_lets_nobody_in(office: Office) -> None:
    eva = await office.person("eva")
    made = await _made(eva)
    program = await office.browser(Authorization=f"Bearer {made['token']}")
    assert (await program.get("/api/v1/me")).status_code == 200
    assert (await eva.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/api/v1/me")).status_code == 401
    assert (await eva.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404
    assert [(one.action, one.object, one.details["name"]) for one in await office.audit()] == [
        ("token.created", f"tokens/{made['id']}", "pipeline"),
        ("token.revoked", f"tokens/{made['id']}", "pipeline"),
    ]


async def test_others_tokens_are_for_administrators(office: Office) -> None:
    eva, petr = await office.person("eva"), await office.person("petr", "supervisor")
    anna = await office.person("anna", "admin")
    id = (await _made(eva))["id"]
    assert (await petr.get("/api/v1/tokens")).json()["items"] == []
    for owner in ("eva", "*"):
        answer = await petr.get("/api/v1/tokens", params={"owner": owner})
        assert (answer.status_code, answer.json()["detail"]) == (403, "This needs the role admin; yours is supervisor.")
        found = (await anna.get("/api/v1/tokens", params={"owner": owner})).json()["items"]
        assert [one["id"] for one in found] == [id]
    assert (await petr.get("/api/v1/tokens", params={"owner": "petr"})).status_code == 200
    answer = await petr.delete(f"/api/v1/tokens/{id}")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"You have no token {id}.")
    assert (await anna.delete(f"/api/v1/tokens/{id}")).status_code == 204


@pytest.mark.parametrize("id", ["x", "0", "-1", "9223372036854775808", "1.5"])
async def test_ids_that_are_none(office: Office, id: str) -> None:
    assert (await (await office.person("eva")).delete(f"/api/v1/tokens/{id}")).status_code == 422


@pytest.mark.parametrize("header", ["Bearer x", "Bearer sb_", "Bearer " + "a" * 5000, "bearer sb_žluť"])
async def test_a_wrong_token_is_refused_even_beside_a_session(office: Office, header: str) -> None:
    eva = await office.person("eva")
    answer = await eva.get("/api/v1/me", headers=[(b"Authorization", header.encode())])
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert "sb_" not in answer.text


@pytest.mark.parametrize("header", ["Basic eA==", "Bearer"])
async def test_what_is_no_token_leaves_it_to_the_session(office: Office, header: str) -> None:
    eva = await office.person("eva")
    assert (await eva.get("/api/v1/me", headers={"Authorization": header})).status_code == 200


async def test_lists_page(office: Office) -> None:
    eva = await office.person("eva")
    ids = [(await _made(eva))["id"] for _ in range(3)]
    page = (await eva.get("/api/v1/tokens", params={"limit": 2})).json()
    rest = (await eva.get("/api/v1/tokens", params={"cursor": page["cursor"]})).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == ids[::-1]
    assert rest["cursor"] is None
    assert problems(await eva.get("/api/v1/tokens", params={"cursor": "?"})) == [("query/cursor", "unknown_cursor")]
