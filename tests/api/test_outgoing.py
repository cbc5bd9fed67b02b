"""Outgoing webhooks over HTTP: made, changed, tried out, paused and resumed, and every delivery looked at."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from temporalio.worker import Worker

from activities.web import Web
from activities.webhooks import Webhooks
from api.dependencies import Parts
from api.outgoing import MOST
from store.announcements import announce
from store.webhook_deliveries import nothing_arrived
from store.webhooks import OVERLAP, pause
from tests.activities.servers import serving
from tests.api.people import Office, opened, problems
from tests.receiver import Receiver, verify
from workflows.plugin import connect, runner
from workflows.webhooks import TellWebhook

pytestmark = pytest.mark.anyio
PATH = "/api/v1/webhooks"
GIVEN: dict[str, Any] = {
    "title": "CRM",
    "url": "https://crm.example.com/hook?key=hush",
    "kinds": ["chat.missed", "ticket.created"],
}


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    """Without Temporal."""
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def made(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json=GIVEN | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_secret_is_shown_once(eva: httpx.AsyncClient, office: Office) -> None:
    found = await made(eva)
    secret = found.pop("secret")
    assert secret.startswith("whsec_")
    assert found == {
        **{"id": found["id"], **GIVEN, "author": "eva", "created_at": "2026-11-02T12:00:00Z", "state": "active"},
        **{"paused_reason": None, "failing_since": None, "retry_at": None, "old_until": None, "waiting": 0},
    }
    path = f"{PATH}/{found['id']}"
    assert (await eva.get(path)).json() == found
    assert (await eva.get(PATH)).json() == {"items": [found], "cursor": None}
    answer = await eva.post(f"{path}/secret")
    assert (answer.status_code, answer.json()["old_until"]) == (200, (office.time + OVERLAP).isoformat()[:-6] + "Z")
    assert answer.json()["secret"] not in (secret, None)
    for shown in ((await eva.get(path)).text, (await eva.get(f"{path}/deliveries")).text):
        assert "whsec_" not in shown
    told = [(one.action, one.object, one.details) for one in await office.audit(object="webhooks")]
    assert told == [
        ("webhook.created", f"webhooks/{found['id']}", {"host": "crm.example.com", "kinds": GIVEN["kinds"]}),
        ("webhook.rotated", f"webhooks/{found['id']}", {}),
    ], "and nothing of the address but its host"


async def test_changed_and_removed(eva: httpx.AsyncClient, office: Office) -> None:
    found = await made(eva)
    path = f"{PATH}/{found['id']}"
    answer = await eva.patch(path, json={"title": "Ours", "kinds": ["chat.missed"], "url": None})
    assert (answer.status_code, answer.json()["title"], answer.json()["kinds"]) == (200, "Ours", ["chat.missed"])
    assert (await eva.patch(path, json={"title": "Ours"})).status_code == 200
    # At another address it is tried at once, for which Temporal would be needed; it is changed all the same.
    assert (await eva.patch(path, json={"url": "http://other.example.com"})).status_code == 503
    assert (await eva.get(path)).json()["url"] == "http://other.example.com"
    assert (await eva.delete(path)).status_code == 204
    assert (await eva.delete(path)).status_code == 404
    for method, below in [
        *[("GET", ""), ("PATCH", ""), ("POST", "/secret"), ("POST", "/test"), ("POST", "/resume")],
        *[("GET", "/deliveries"), ("POST", "/deliveries/1/retry")],
    ]:
        answer = await eva.request(method, path + below, json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no webhook {found['id']}.")
    assert (await eva.get(PATH)).json()["items"] == []
    told = [(one.action, one.details) for one in await office.audit(object="webhooks")][1:]
    assert told == [
        ("webhook.changed", {"fields": ["title", "kinds"]}),
        ("webhook.changed", {"fields": ["url"], "host": "other.example.com"}),
        ("webhook.deleted", {}),
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"title": ""}, "title"),
        ({"url": "ftp://crm.example.com"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user:hush@crm.example.com"}, "url"),
        ({"url": "https://crm.example.com:99999"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["everything"]}, "kinds/0"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_what_is_refused(eva: httpx.AsyncClient, changes: dict[str, Any], path: str) -> None:
    answer = await eva.post(PATH, json=GIVEN | changes)
    assert (answer.status_code, [one for one, _ in problems(answer)]) == (422, [path])
    assert "hush" not in answer.text
    found = await made(eva)
    answer = await eva.patch(f"{PATH}/{found['id']}", json=changes)
    assert (answer.status_code, [one for one, _ in problems(answer)]) == (422, [path])


async def test_there_is_an_end_to_them(eva: httpx.AsyncClient) -> None:
    first = await made(eva)
    for _ in range(MOST - 1):
        await made(eva)
    answer = await eva.post(PATH, json=GIVEN)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"There are {MOST} webhooks already: remove one first.",
    )
    await eva.delete(f"{PATH}/{first['id']}")
    await made(eva)
    page = (await eva.get(PATH, params={"limit": 20})).json()
    rest = (await eva.get(PATH, params={"cursor": page["cursor"]})).json()
    assert (len(page["items"]), len(rest["items"]), rest["cursor"]) == (20, MOST - 20, None)
    assert problems(await eva.get(PATH, params={"cursor": "x"})) == [("query/cursor", "unknown_cursor")]


async def test_paused_ones(eva: httpx.AsyncClient, office: Office) -> None:
    path = f"{PATH}/{(found := await made(eva))['id']}"
    assert (await eva.post(f"{path}/resume")).status_code == 204, "as it is not paused, there is nothing to do"
    assert await office.audit(action="webhook.resumed") == []
    async with office.parts.database.begin() as session:
        await nothing_arrived(session, found["id"], office.time, "it answered 500")
        await pause(session, found["id"], "it answered 410 Gone", office.time)
    shown = (await eva.get(path)).json()
    assert (shown["state"], shown["paused_reason"]) == ("paused", "it answered 410 Gone")
    assert (shown["failing_since"], shown["retry_at"]) == ("2026-11-02T12:00:00Z", "2026-11-02T12:00:05Z")
    for below in ("/test", "/deliveries/1/retry"):
        answer = await eva.post(path + below)
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            f"Webhook {found['id']} is paused: resume it first.",
        )
    assert (await eva.post(f"{path}/resume")).status_code == 503, "there is no Temporal here"
    assert (await eva.get(path)).json()["state"] == "active", "it is resumed all the same"
    karl = await office.person("karl", "agent")
    [told] = (await karl.get("/api/v1/notifications")).json()["items"]
    assert (told["kind"], told["content"]["title"]) == ("webhook_paused", "CRM")


# With all of it -------------------------------------------------------------------------------------------------------


@dataclass
class Whole:
    """An API that shares, a worker that delivers, and a receiver."""

    office: Office
    eva: httpx.AsyncClient
    receiver: Receiver
    url: str

    async def deliveries(self, id: int, **params: Any) -> list[dict[str, Any]]:
        answer = await self.eva.get(f"{PATH}/{id}/deliveries", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


@pytest.fixture
async def whole(parts: Parts, serve: Any, temporal_address: str) -> AsyncIterator[Whole]:
    temporal = await connect(temporal_address)
    receiver = Receiver()
    async with AsyncExitStack() as stack:
        async with parts.database.begin() as session:  # all tests share one Temporal
            first = uuid.uuid4().int % 2**40
            await session.execute(text(f"ALTER TABLE webhooks ALTER COLUMN id RESTART WITH {first}"))
        port = await stack.enter_async_context(serving(receiver.app()))
        office = await stack.enter_async_context(opened(parts, serve, temporal=temporal))
        web = Web(allow=[f"127.0.0.1:{port}"])
        work = Webhooks(parts.database, parts.vault, web, lambda: office.time)
        worker = Worker(
            temporal,
            task_queue=parts.task_queue,
            workflows=[TellWebhook],
            activities=[work.deliver_announcements],
            workflow_runner=runner(),
            graceful_shutdown_timeout=timedelta(seconds=1),
        )
        await stack.enter_async_context(worker)
        yield Whole(office, await office.person("eva", "admin"), receiver, f"http://127.0.0.1:{port}/hook")


async def until(holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    end = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.05)


async def test_from_a_test_to_a_missed_chat(whole: Whole) -> None:
    found = await made(whole.eva, url=whole.url)
    path = f"{PATH}/{found['id']}"
    sent = await whole.eva.post(f"{path}/test")
    assert sent.status_code == 202

    async def settled() -> bool:
        states = [one["state"] for one in await whole.deliveries(found["id"])]
        return bool(states) and "waiting" not in states

    await until(settled)
    [tested] = await whole.deliveries(found["id"])
    [got] = whole.receiver.got
    verify(found["secret"], got.headers, got.body, whole.office.time)
    assert (got.told["type"], got.told["data"]) == ("webhook.test", {"webhook": found["id"], "by": "eva"})
    assert tested == {
        **{"announcement": sent.json()["announcement"], "id": got.id, "kind": "webhook.test", "conversation": None},
        **{"at": "2026-11-02T12:00:00Z", "data": got.told["data"], "state": "delivered", "next_at": None},
        **{"settled_at": "2026-11-02T12:00:00Z", "tried": 1, "attempts": tested["attempts"]},
    }
    [attempt] = tested["attempts"]
    assert (attempt["at"], attempt["status"], attempt["error"]) == ("2026-11-02T12:00:00Z", 204, None)

    # Nothing else is needed for what happens: it is announced, and arrives.
    async with whole.office.parts.database.begin() as session:
        told: Any = {"cause": "not_available"}
        at = whole.office.time
        await announce(session, "missed/x", kind="chat.missed", conversation="x", at=at, content=told)

    async def arrived() -> bool:
        return len(whole.receiver.got) == 2

    await until(arrived)
    await until(settled)
    [newest, _] = await whole.deliveries(found["id"])
    assert (newest["kind"], newest["conversation"], newest["data"]) == ("chat.missed", "x", told)


async def test_one_that_fails_is_looked_at_and_delivered_once_more(whole: Whole) -> None:
    whole.receiver.answer = 500
    found = await made(whole.eva, url=whole.url)
    path = f"{PATH}/{found['id']}"
    async with whole.office.parts.database.begin() as session:
        at = datetime(2026, 11, 2, 11, tzinfo=UTC)
        await announce(session, "x", kind="ticket.created", conversation=None, at=at, content={"number": 1001})

    async def tried() -> bool:
        return [one["tried"] for one in await whole.deliveries(found["id"])] == [1]

    await until(tried)
    [waiting] = await whole.deliveries(found["id"], state="waiting")
    assert (waiting["next_at"], waiting["attempts"][0]["error"]) == ("2026-11-02T12:00:05Z", "it answered 500")
    shown = (await whole.eva.get(path)).json()
    assert (shown["waiting"], shown["failing_since"]) == (1, "2026-11-02T12:00:00Z")
    assert await whole.deliveries(found["id"], state="delivered") == []

    whole.receiver.answer = 200
    retry = f"{path}/deliveries/{waiting['announcement']}/retry"
    assert (await whole.eva.post(retry)).status_code == 202

    async def delivered() -> bool:
        return bool(await whole.deliveries(found["id"], state="delivered"))

    await until(delivered)
    assert (await whole.eva.post(retry)).status_code == 202, "also what has arrived"

    async def again() -> bool:
        return [one["tried"] for one in await whole.deliveries(found["id"], state="delivered")] == [3]

    await until(again)
    assert len(set(whole.receiver.ids)) == 1
    answer = await whole.eva.post(f"{path}/deliveries/999999/retry")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        f"Webhook {found['id']} has no delivery of announcement 999999.",
    )
    retried = [one.details for one in await whole.office.audit(action="webhook.retried")]
    assert retried == [{"announcement": waiting["announcement"]}] * 2
