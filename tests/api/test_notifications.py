"""Notifications over HTTP: newest first, by queue, and marked as read once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from store.notifications import notify
from store.revisions import append_revision
from tests.api.people import Office, opened, problems
from tests.api.talks import opens

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any, account: str) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        await opens(office, account, "one", "two")
        async with office.parts.database.begin() as session:
            await notify(session, "1", kind="missed_chat", queue="support", conversation="one", content={"a": 1})
            await notify(session, "2", kind="missed_chat", queue="vip", conversation="two", content={})
            await notify(session, "3", kind="account_paused", content={"account": "7"})
        yield office


@pytest.fixture
async def karl(office: Office) -> httpx.AsyncClient:
    return await office.person("karl", "agent")


async def listed(client: httpx.AsyncClient, **params: Any) -> Any:
    answer = await client.get("/api/v1/notifications", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_newest_first_by_queue(karl: httpx.AsyncClient) -> None:
    third, second, first = (await listed(karl))["items"]
    assert (first["kind"], first["queue"], first["conversation"], first["content"], first["read_at"]) == (
        "missed_chat",
        "support",
        "one",
        {"a": 1},
        None,
    )
    assert (third["kind"], third["queue"], third["conversation"]) == ("account_paused", None, None)
    assert (await listed(karl, queue="vip"))["items"] == [second]
    page = await listed(karl, limit=2)
    rest = await listed(karl, limit=2, cursor=page["cursor"])
    assert (page["items"], rest["items"], rest["cursor"]) == ([third, second], [first], None)
    answer = await karl.get("/api/v1/notifications", params={"cursor": "x"})
    assert problems(answer) == [("query/cursor", "unknown_cursor")]


async def test_it_is_read_once(office: Office, karl: httpx.AsyncClient) -> None:
    [first] = (await listed(karl, queue="support"))["items"]
    path = f"/api/v1/notifications/{first['id']}/read"
    assert (await karl.post(path)).status_code == 204
    [read] = (await listed(karl, queue="support"))["items"]
    assert (read["read_at"], read["read_by"]) == (office.time.isoformat().replace("+00:00", "Z"), "karl")
    petr = await office.person("petr", "agent")
    assert (await petr.post(path)).status_code == 204
    assert (await listed(karl, queue="support"))["items"] == [read], "who came first"
    assert [one["kind"] for one in (await listed(karl, unread=True))["items"]] == ["account_paused", "missed_chat"]
    entries = [(one.actor, one.action, one.object, one.details) for one in await office.audit()]
    assert entries == [("karl", "notification.read", f"notifications/{first['id']}", {})]


async def test_everybody_sees_those_of_their_queues(office: Office, karl: httpx.AsyncClient) -> None:
    queues = {"support": {"title": "S", "agents": ["karl"]}, "vip": {"title": "V", "agents": ["petr"]}}
    document = {"format": 1, "queues": queues}
    async with office.parts.database.begin() as session:
        await append_revision(session, digest="2", document=document, author="test", note="")
        await notify(session, "4", kind="missed_chat", queue="of-old", content={})
        await notify(session, "5", kind="missed_chat", queue="", content={})
    petr, sue = await office.person("petr", "agent"), await office.person("sue", "supervisor")
    everybodys = ["", "of-old", None]
    for client, seen in (
        (karl, [*everybodys, "support"]),
        (petr, [*everybodys, "vip"]),
        (sue, [*everybodys, "vip", "support"]),
    ):
        assert [one["queue"] for one in (await listed(client))["items"]] == seen
    [others] = (await listed(sue, queue="vip"))["items"]
    assert (await listed(karl, queue="vip"))["items"] == []
    path = f"/api/v1/notifications/{others['id']}/read"
    answer = await karl.post(path)
    assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no notification {others['id']}.")
    assert (await petr.post(path)).status_code == 204
    [read] = (await listed(sue, queue="vip"))["items"]
    assert read["read_by"] == "petr"


async def test_what_is_not_there(office: Office, karl: httpx.AsyncClient) -> None:
    answer = await karl.post("/api/v1/notifications/999/read")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no notification 999.")
    for id in ("0", "x", str(2**63)):
        assert problems(await karl.post(f"/api/v1/notifications/{id}/read"))[0][0] == "path/id"
    vera = await office.person("vera", "viewer")
    assert (await vera.get("/api/v1/notifications")).status_code == 403
    assert (await vera.post("/api/v1/notifications/1/read")).status_code == 403
    assert await office.audit() == []
