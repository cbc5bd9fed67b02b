"""Connected accounts over HTTP: how they are, resuming and disconnecting them, and links to connect more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from instagram.login import InstagramLogin
from instagram.simulator import create_app, serving
from store.accounts import account, connect_account, pause_account
from store.invitations import LASTS
from tests.api.people import Office, opened

pytestmark = pytest.mark.anyio
SIMULATED, TOKEN = "17841400000000001", "IGAA-simulated-1"
"""The account that the simulator begins with, and its token."""


@pytest.fixture
async def instagram() -> AsyncIterator[str]:
    async with serving(create_app(None, "a-test-secret", None)) as url:
        yield url


@pytest.fixture
async def office(parts: Parts, serve: Any, instagram: str) -> AsyncIterator[Office]:
    async with httpx.AsyncClient(timeout=5) as http:
        login = InstagramLogin(
            http,
            dialog_url=instagram,
            token_url=instagram,
            graph_url=instagram,
            version="v26.0",
            app_id="88",
            app_secret="app-s3cret",
            now=lambda: office.time,
        )
        async with opened(replace(parts, logins={"login": login}), serve) as office:
            yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def connected(office: Office, id: str, token: str, **more: Any) -> None:
    values: dict[str, Any] = {"flavour": "login", "username": "studio", "name": None, "page_id": None}
    async with office.parts.database.begin() as session:
        await connect_account(session, office.parts.vault, id=id, token=token, token_expires_at=None, **(values | more))


async def done(office: Office) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(one.actor, one.action, one.object, one.details) for one in await office.audit()]


async def subscribed(instagram: str) -> Any:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        return (await http.get(f"{instagram}/v26.0/{SIMULATED}/subscribed_apps")).json()["data"]


async def test_a_list_without_tokens(office: Office, eva: httpx.AsyncClient, account: str) -> None:
    expires = office.time + timedelta(days=60)
    await connected(office, "1", "a-secret-token", flavour="page", page_id="1001", kind="business")
    async with office.parts.database.begin() as session:
        await pause_account(session, "1", "the token has run out: authorise it again")
    answer = await eva.get("/api/v1/accounts")
    assert answer.status_code == 200
    first, second = answer.json()["items"]
    assert (first["id"], first["status"], first["connector"], first["page_id"]) == ("1", "paused", None, "1001")
    assert first["paused_reason"] == "the token has run out: authorise it again"
    assert (second["id"], second["status"], second["connector"]) == (account, "active", "main")
    assert "token" not in {*first, *second}
    assert "a-secret-token" not in answer.text
    await connected(office, "1", "t", data_access_expires_at=expires)
    [first, _] = (await eva.get("/api/v1/accounts")).json()["items"]
    assert first["data_access_expires_at"] == expires.isoformat().replace("+00:00", "Z")
    assert await done(office) == [], "looking is no entry"


async def test_an_account_sends_again(office: Office, eva: httpx.AsyncClient, account: str) -> None:
    path = f"/api/v1/accounts/{account}"
    async with office.parts.database.begin() as session:
        await pause_account(session, account, "the person who authorised it changed the password")
    answer = await eva.post(f"{path}/resume")
    assert (answer.status_code, answer.content) == (204, b"")
    [told] = (await eva.get("/api/v1/accounts")).json()["items"]
    assert (told["status"], told["paused_reason"]) == ("active", None)
    assert (await eva.post(f"{path}/resume")).status_code == 204
    assert await done(office) == [("eva", "account.resumed", f"accounts/{account}", {})], "once, since once it changed"
    answer = await eva.post("/api/v1/accounts/7/resume")
    assert (answer.status_code, answer.json()["detail"]) == (404, "No account 7 is connected.")
    assert (await eva.delete(path)).status_code == 200
    answer = await eva.post(f"{path}/resume")
    assert answer.status_code == 409
    assert "Authorise its connector again" in answer.json()["detail"]
    assert [action for _, action, _, _ in await done(office)] == ["account.resumed", "account.disconnected"]


async def test_a_disconnected_account_is_unsubscribed_and_its_token_forgotten(
    office: Office, eva: httpx.AsyncClient, instagram: str
) -> None:
    await connected(office, SIMULATED, TOKEN)
    assert await subscribed(instagram) != []
    answer = await eva.delete(f"/api/v1/accounts/{SIMULATED}")
    assert answer.json() == {"id": SIMULATED, "unsubscribed": True, "reason": None}
    assert await subscribed(instagram) == []
    async with office.parts.database.begin() as session:
        kept = await account(session, office.parts.vault, SIMULATED)
    assert kept is not None
    assert (kept.token, kept.status) == (None, "paused")
    [told] = [one for one in (await eva.get("/api/v1/accounts")).json()["items"] if one["id"] == SIMULATED]
    assert told["paused_reason"] == "eva disconnected it; authorise its connector again to go on"
    again = await eva.delete(f"/api/v1/accounts/{SIMULATED}")
    assert again.json() == {"id": SIMULATED, "unsubscribed": False, "reason": "it has no token any more"}
    object = f"accounts/{SIMULATED}"
    assert await done(office) == [
        ("eva", "account.disconnected", object, {"unsubscribed": True}),
        ("eva", "account.disconnected", object, {"unsubscribed": False}),
    ]


async def test_it_is_forgotten_here_whatever_meta_says(office: Office, eva: httpx.AsyncClient) -> None:
    await connected(office, "1", "no-such-token")
    await connected(office, "2", "t", flavour="page", page_id="1001")
    refused = (await eva.delete("/api/v1/accounts/1")).json()
    assert refused["unsubscribed"] is False
    assert refused["reason"]
    assert "no-such-token" not in refused["reason"]
    assert (await eva.delete("/api/v1/accounts/2")).json() == {
        "id": "2",
        "unsubscribed": False,
        "reason": "this way to log in at Meta is not set up here",
    }
    for id in ("1", "2"):
        async with office.parts.database.begin() as session:
            kept = await account(session, office.parts.vault, id)
        assert kept is not None
        assert kept.token is None
    assert (await eva.delete("/api/v1/accounts/7")).status_code == 404
    assert len(await done(office)) == 2


async def test_a_link_to_authorise_a_connector(office: Office, eva: httpx.AsyncClient) -> None:
    answer = await eva.post("/api/v1/connectors/unconnected/authorise")
    assert answer.status_code == 201
    told = answer.json()
    assert told["connector"] == "unconnected"
    assert told["expires_at"] == (office.time + LASTS).isoformat().replace("+00:00", "Z")
    stranger = await office.browser()
    opens = told["url"].removeprefix(office.parts.public_url)
    page = await stranger.get(opens)
    assert page.status_code == 200
    assert "Not yet" in page.text, "the connector's title"
    office.later(LASTS)
    assert (await stranger.get(opens)).status_code == 410
    await office.session(eva, "eva")
    answer = await eva.post("/api/v1/connectors/nobody/authorise")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The current revision has no connector nobody. Apply one that has it first.",
    )
    assert await done(office) == [("eva", "connector.invited", "connectors/unconnected", {})]


async def test_without_a_way_to_log_in_there_is_no_link(parts: Parts, serve: Any) -> None:
    async with opened(parts, serve) as office:
        eva = await office.person("eva", "admin")
        answer = await eva.post("/api/v1/connectors/main/authorise")
        assert answer.status_code == 503
        assert "settings" in answer.json()["detail"]
        assert await done(office) == []


async def test_only_administrators(office: Office) -> None:
    anna = await office.person("anna", "supervisor")
    for method, path in (
        ("GET", "accounts"),
        ("POST", "accounts/1/resume"),
        ("DELETE", "accounts/1"),
        ("POST", "connectors/main/authorise"),
    ):
        answer = await anna.request(method, f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (403, "This needs the role admin; yours is supervisor.")
