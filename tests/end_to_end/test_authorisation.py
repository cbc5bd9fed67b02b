"""Connecting accounts as their owners do, in a real browser, and what becomes of their tokens (SPEC 6.2)."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from playwright.async_api import Error, Page, expect

from tests.end_to_end.conftest import System, until
from workflows.plugin import connect

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
GARDEN, BOAT, LENA = "17841400000000003", "17841400000000005", "17841400000000006"
FACEBOOK, INSTAGRAM = "continue-with-facebook", "continue-with-instagram"
seen: list[str] = []
"""What the pages of Switchboard showed, for the search at the end."""


@pytest.fixture(autouse=True)
def looked_at(page: Page, system: System) -> None:
    async def keep(response: Any) -> None:
        if response.url.startswith(system.api) and response.status not in (303, 304):
            with suppress(Error):  # left before it could be read; others like it are read
                seen.append(f"{response.url}\n{await response.text()}")

    page.on("response", keep)


async def invited(page: Page, system: System, connector: str, way: str) -> None:
    """From the link that an administrator was given to Meta's dialog."""
    await page.goto(system.switchboard("authorise", connector).strip())
    await page.get_by_test_id(way).click()


async def connected(page: Page, system: System, connector: str, way: str, name: str) -> None:
    """All the way, with everything allowed."""
    await invited(page, system, connector, way)
    if way == INSTAGRAM:
        await page.get_by_role("radio", name=re.compile(name)).check()
    await page.get_by_test_id("dialog-allow").click()
    await page.get_by_test_id("choice").filter(has_text=name).get_by_test_id("use").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()


async def test_a_page_is_chosen_among_those_that_nobody_uses(system: System, page: Page) -> None:
    await invited(page, system, "garden", FACEBOOK)
    await expect(page.get_by_test_id("dialog-person")).to_contain_text("Olga Owner")
    await page.get_by_test_id("dialog-allow").click()
    choices = page.get_by_test_id("choice")
    await expect(choices).to_have_count(4)
    await expect(choices.first).to_contain_text("Garden Studio")
    await expect(page.get_by_test_id("use")).to_have_count(1)
    for name, why in (
        ("Corner Shop Page", "Linked to the connector “Numbers” already"),
        ("Old Noticeboard", "Instagram"),
        ("Night Bakery", "essag"),
    ):
        await expect(choices.filter(has_text=name).get_by_test_id("refused")).to_contain_text(why)
    await page.get_by_test_id("use").click()
    await expect(page.get_by_test_id("token-state")).to_contain_text("filled in")
    customer = system.customer(GARDEN)
    customer.writes("hi")
    customer.sees("Say anything")
    [(account,)] = system.sql(
        "SELECT document->'connectors'->'garden'->>'account' FROM revisions ORDER BY number DESC LIMIT 1"
    )
    assert account == GARDEN
    [(state,)] = system.sql("SELECT status FROM accounts WHERE id = %s", GARDEN)
    assert state == "active"


async def test_an_account_without_a_page_logs_in_with_instagram(system: System, page: Page) -> None:
    await connected(page, system, "boat", INSTAGRAM, "paper.boat")
    customer = system.customer(BOAT)
    customer.writes("hi")
    customer.sees("Say anything")
    somebody = system.customer(BOAT)
    question = [{"question": "What are your opening hours?", "payload": "hours"}]
    until(lambda: system.http.get(f"{somebody.url}/thread").json()["ice_breakers"] == question, 30)
    [(kind,)] = system.sql("SELECT kind FROM accounts WHERE id = %s", BOAT)
    assert kind == "business"


async def test_creators_are_refused_with_the_reason(system: System, page: Page) -> None:
    await invited(page, system, "spare", INSTAGRAM)
    await page.get_by_role("radio", name=re.compile("lena.draws")).check()
    await page.get_by_test_id("dialog-allow").click()
    await expect(page.get_by_test_id("refused")).to_contain_text("reator")
    await expect(page.get_by_test_id("use")).to_have_count(0)
    assert system.sql("SELECT 1 FROM accounts WHERE id = %s", LENA) == []


@pytest.mark.parametrize("way", [FACEBOOK, INSTAGRAM])
async def test_whoever_cancels_connects_nothing(system: System, page: Page, way: str) -> None:
    before = system.sql("SELECT count(*) FROM accounts")
    await invited(page, system, "spare", way)
    await page.get_by_test_id("dialog-cancel").click()
    await expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    assert system.sql("SELECT count(*) FROM accounts") == before


async def test_the_way_back_counts_once_and_in_this_browser(system: System, page: Page) -> None:
    back: list[str] = []
    page.on("request", lambda request: back.append(request.url) if "/callback" in request.url else None)
    await invited(page, system, "spare", FACEBOOK)
    await page.get_by_test_id("dialog-allow").click()
    await expect(page.get_by_test_id("choice").first).to_be_visible()
    choosing = page.url
    await page.goto(back[0])
    await expect(page.get_by_text("used already")).to_be_visible()
    assert page.context.browser is not None
    other = await (await page.context.browser.new_context()).new_page()
    for address, said in ((back[0], "another browser"), (choosing, "not known here")):
        await other.goto(address)
        await expect(other.get_by_text(said)).to_be_visible()
    forged = re.sub(r"state=[^&]+", "state=forged", back[0])
    answer = await page.goto(forged)
    assert answer is not None
    assert answer.status == 400


async def test_what_a_dead_token_holds_up_leaves_when_the_account_is_authorised_again(
    system: System, page: Page
) -> None:
    customer = system.customer(GARDEN)
    customer.writes("hi")
    customer.sees("Say anything")
    for token in system.control("GET", f"/tokens?account={GARDEN}"):
        system.control("PATCH", f"/tokens/{token['token']}", {"revoked": 460})
    customer.writes("one")
    paused = "SELECT paused_reason FROM accounts WHERE id = %s AND status = 'paused'"
    until(lambda: system.sql(paused, GARDEN), 30)
    told = system.switchboard("accounts", expect=1)
    assert "paused" in told
    assert "460" in told
    assert customer.texts() == ["Say anything"]
    await connected(page, system, "garden", FACEBOOK, "Garden Studio")
    customer.sees("Say anything", "one", seconds=90)
    assert "0 paused" in system.switchboard("accounts")


async def test_deauthorising_stops_the_account_and_forgets_its_token(system: System, page: Page) -> None:
    [(owner,)] = system.sql("SELECT authorised_by FROM accounts WHERE id = %s", BOAT)
    url = f"{system.api}/webhooks/instagram/deauthorise"
    told = system.control("POST", "/deauthorise", {"user_id": owner, "url": url, "app": "instagram"})
    assert told["status"] == 200, told
    [(token, status, by)] = system.sql("SELECT token, status, authorised_by FROM accounts WHERE id = %s", BOAT)
    assert (token, status, by) == (None, "paused", None)
    await connected(page, system, "boat", INSTAGRAM, "paper.boat")


async def test_a_customer_is_deleted_everywhere(system: System, page: Page) -> None:
    customer = system.customer(GARDEN)
    customer.writes("hi, I am the unforgettable Jana")
    customer.sees("Say anything")
    form = {"signed_request": _signed(system, {"algorithm": "HMAC-SHA256", "user_id": customer.id, "issued_at": 1})}
    answer = system.http.post(f"{system.api}/webhooks/instagram/data-deletion", data=form)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"url", "confirmation_code"}
    await page.goto(answer.json()["url"])
    await expect(page.get_by_test_id("under-way")).to_be_visible()
    # The request itself names the person until it is done, a minute later.
    request = str(answer.json()["confirmation_code"])
    left = lambda: [line for line in _found(system, customer.id, "unforgettable") if request not in line]  # noqa: E731
    until(lambda: left() == [], 60, lambda: str(left()))
    gone = lambda: asyncio.run(_workflows(system, customer.id)) == []  # noqa: E731
    await asyncio.to_thread(until, gone, 60)
    customer.writes("hello again")
    await asyncio.to_thread(customer.sees, "Say anything", "Say anything")


async def test_a_forged_request_deletes_nothing(system: System, page: Page) -> None:
    customer = system.customer(GARDEN)
    customer.writes("hi")
    customer.sees("Say anything")
    written = _signed(system, {"algorithm": "HMAC-SHA256", "user_id": customer.id})
    for forged in (written[:-2], "x" + written, written.split(".")[1], ""):
        for path in ("data-deletion", "deauthorise"):
            answer = system.http.post(f"{system.api}/webhooks/instagram/{path}", data={"signed_request": forged})
            assert answer.status_code in (400, 422), answer.text
    assert system.sql("SELECT count(*) FROM contacts WHERE customer = %s", customer.id) == [(1,)]


async def test_a_token_is_nowhere_to_be_read(system: System, page: Page) -> None:
    """In no log, no page or answer of the API, no history of Temporal, and in the store only encrypted."""
    await connected(page, system, "garden", FACEBOOK, "Garden Studio")
    await invited(page, system, "spare", INSTAGRAM)
    await page.get_by_test_id("dialog-allow").click()
    await expect(page.get_by_test_id("choice")).to_be_visible()
    tokens = [token["token"] for token in system.control("GET", "/tokens")]
    secrets = system.environment["SWITCHBOARD_APP_SECRETS"].split(",")
    assert len(tokens) > 5
    assert all(any(part in page for page in seen) for part in ("Use this page", "Use this account", "Connected"))
    for path in ("/", "/docs", "/openapi.json", "/metrics", "/readyz", "/nowhere"):
        seen.append(system.http.get(system.api + path).text)
    logs = [log for log in (system.data / "logs").glob("*.log") if log.name != "simulator.log"]
    places = {log.name: log.read_text(errors="replace") for log in [*logs, system.log]}
    assert {"api.log", "worker.log"} <= set(places)
    places |= {"pages": "\n".join(seen), "the store": _dump(system), "Temporal": await _histories(system)}
    assert all(len(text) > 100 for name, text in places.items() if name != "api.log"), {
        n: len(t) for n, t in places.items()
    }
    found = {(name, word[:8]) for name, text in places.items() for word in [*tokens, *secrets] if word in text}
    assert found == set()


def _signed(system: System, told: dict[str, Any]) -> str:
    """A request as Meta signs it (facts 1.7)."""

    def encoded(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    secret = system.environment["SWITCHBOARD_APP_SECRETS"].split(",")[0]
    payload = encoded(json.dumps(told).encode())
    return f"{encoded(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())}.{payload}"


# Looking into everything ----------------------------------------------------------------------------------------------


def _dump(system: System) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(system.environment["SWITCHBOARD_DATABASE_URL"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f'SELECT t::text FROM "{name}" t'.encode()).fetchall() for (name,) in tables]
    return "\n".join(text for found in rows for (text,) in found)


def _found(system: System, *words: str) -> list[str]:
    return [line for line in _dump(system).splitlines() if any(word in line for word in words)]


async def _workflows(system: System, customer: str) -> list[str]:
    client = await connect(system.temporal)
    query = f"WorkflowId = 'ig-{GARDEN}-{customer}'"
    return [run.run_id async for run in client.list_workflows(query)]


async def _histories(system: System) -> str:
    client = await connect(system.temporal)
    texts: list[str] = []
    async for run in client.list_workflows():
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        events = history.to_json_dict()["events"]
        payloads = re.findall(r'"data": "([^"]+)"', json.dumps(events))
        texts += [json.dumps(events), *(base64.b64decode(data).decode(errors="replace") for data in payloads)]
    return "\n".join(texts)
