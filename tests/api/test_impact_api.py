"""The impact report over HTTP: its limits, what it refuses, and that the API answers others meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from api.impact import AT_ONCE, MOST, WORKER
from bench.customers import conversations, demo, graph_of
from bench.store import fill
from routing.impact import impact
from store import recordings
from tests.api.drafts import small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
COUNT = 2 * AT_ONCE + 50
LATER = datetime(2027, 2, 1, tzinfo=UTC)
"""When all that the made-up customers did is over."""


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        office.time = LATER
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


def longer() -> Any:
    """The demo, open until late in the evening."""
    document: Any = demo()
    document["time_groups"]["shop-hours"]["definitions"][1]["to"] = "22:00"
    return document


@contextmanager
def busy() -> Iterator[None]:
    """Another report is being made."""
    over = threading.Event()
    WORKER.submit(over.wait, 20)
    try:
        yield
    finally:
        over.set()


async def test_in_parts_it_is_the_report_of_all_of_them(office: Office, eva: httpx.AsyncClient) -> None:
    graph = graph_of(demo())
    recorded = list(conversations(graph, COUNT))
    revision = await fill(office.parts.database, graph, recorded)
    await write(eva, longer())
    whole = impact(graph_of(longer()), recorded, lambda _: graph)
    assert len(whole.moved) > 5
    answer = await eva.post("/api/v1/impact", json={"last": COUNT + 1, "listed": 1000})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["compared"], told["etag"]) == (COUNT, await tag(eva))
    assert told["counts"] == {
        "same": whole.same,
        "moved": len(whole.moved),
        "texts_only": len(whole.texts_only),
        "undecided": len(whole.undecided),
        "unfaithful": 0,
    }
    for name, flows in (("flows", whole.flows), ("outcomes", whole.outcomes)):
        assert sorted(told[name], key=str) == sorted((one.model_dump() for one in flows), key=str)
    assert {one["conversation"]["revision"] for one in told["moved"]} == {revision}
    opened_at = [one["conversation"]["opened_at"] for one in told["moved"]]
    assert opened_at == sorted(opened_at, reverse=True)
    first, last = min(one.opened_at for one in recorded), max(one.opened_at for one in recorded)
    assert (told["opened_first"], told["opened_last"]) == tuple(
        at.isoformat().replace("+00:00", "Z") for at in (first, last)
    )
    some = (await eva.post("/api/v1/impact", json={"last": 100, "listed": 2})).json()
    assert (some["compared"], len(some["moved"])) == (100, 2)
    assert some["moved"] == told["moved"][:2]


async def test_nothing_recorded_is_nothing_compared(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    told = (await eva.post("/api/v1/impact")).json()
    assert (told["compared"], told["opened_first"], told["opened_last"]) == (0, None, None)
    assert set(told["counts"].values()) == {0}


async def test_others_are_answered_meanwhile_and_reports_come_one_after_the_other(
    office: Office, eva: httpx.AsyncClient
) -> None:
    await write(eva, small())
    with busy():
        waiting = [asyncio.create_task(eva.post("/api/v1/impact")) for _ in range(3)]
        stranger = await office.browser()
        for _ in range(20):
            assert (await stranger.get("/healthz")).status_code == 200
        assert (await eva.get("/api/v1/conversations")).status_code == 200
        assert not any(one.done() for one in waiting)
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200] * 3


async def test_a_report_for_which_nobody_waits_is_not_made(
    office: Office, eva: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read: list[int] = []
    written = recordings.written

    async def counted(session: Any, names: Any, now: datetime) -> Any:
        read.append(len(names))
        return await written(session, names, now)

    monkeypatch.setattr(recordings, "written", counted)
    graph = graph_of(demo())
    await fill(office.parts.database, graph, list(conversations(graph, 3)))
    await write(eva, longer())
    with busy():
        left = asyncio.create_task(eva.post("/api/v1/impact"))
        await asyncio.sleep(0.3)
        left.cancel()
        with suppress(asyncio.CancelledError):
            await left
        behind = asyncio.create_task(eva.post("/api/v1/impact"))
        await asyncio.sleep(0.1)
    answer = await behind
    assert (answer.json()["compared"], read) == (3, [3])
    assert "Traceback" not in caplog.text


async def test_what_is_asked_for_has_limits(office: Office, eva: httpx.AsyncClient) -> None:
    for body, path in (
        ({"last": 0}, "last"),
        ({"last": MOST + 1}, "last"),
        ({"listed": 1001}, "listed"),
        ({"since": "2026-11-01T00:00:00"}, "since"),
        ({"until": "yesterday"}, "until"),
        ({"first": 5}, "first"),
    ):
        answer = await eva.post("/api/v1/impact", json=body)
        assert (answer.status_code, [where for where, _ in problems(answer)]) == (422, [path]), body
    await write(eva, small() | {"queues": {}})
    answer = await eva.post("/api/v1/impact")
    assert answer.status_code == 422
    assert ("decision_trees/menu/decisions/first/actions/1/to/name", "unknown-destination") in problems(answer)
    karl = await office.person("karl", "agent")
    assert (await karl.post("/api/v1/impact")).status_code == 403
    office.later(timedelta(minutes=1))
    anna = await office.person("anna", "supervisor")
    assert (await anna.post("/api/v1/impact")).status_code == 422
