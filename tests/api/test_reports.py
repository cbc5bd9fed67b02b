"""Reports over HTTP: periods in a time zone, JSON and CSV, and questions that are none."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from store import conversations, messages, queues, trace
from store.messages import NewMessage
from store.trace import TraceRow
from tests.api.people import NOON, Office, opened, problems
from tests.api.talks import opens
from tests.docs.examples import block, holds

pytestmark = pytest.mark.anyio
DAYS = {"since": "2026-11-02", "until": "2026-11-04", "timezone": "Europe/Prague"}
REPORTS = ("queues", "volumes", "agents", "causes", "paths")


@pytest.fixture
async def office(parts: Parts, serve: Any, account: str) -> AsyncIterator[Office]:
    """Two conversations, at noon in London and at midnight in Prague."""
    async with opened(parts, serve) as office:
        await opens(office, account, "one")
        late = datetime(2026, 11, 2, 23, tzinfo=UTC)
        await opens(office, account, "two", opened_at=late)
        minute = timedelta(minutes=1)
        async with office.parts.database.begin() as session:
            for name, at in (("one", NOON), ("two", late)):
                await queues.enqueue(session, name, "support", 5, at)
                paths = ("connectors/main", "queues/support")
                await trace.record_trace(session, [TraceRow(name, i, at, path, "x") for i, path in enumerate(paths, 1)])
            await queues.accept(session, "one", "eva", NOON + minute)
            said = NewMessage(
                key="1", conversation="one", author="customer", at=NOON, kind="message", text="hi", content={}
            )
            await messages.record_inbound(session, [said])
            for name, at, missed in (("one", NOON + 3 * minute, False), ("two", late + 5 * minute, True)):
                await conversations.end_conversation(
                    session, name, at=at, cause="user", queue="support", answered=not missed, missed=missed
                )
                await queues.leave(session, name, at)
        yield office


@pytest.fixture
async def vera(office: Office) -> httpx.AsyncClient:
    return await office.person("vera", "viewer")


async def report(client: httpx.AsyncClient, name: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/reports/{name}", params=DAYS | params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_queues(vera: httpx.AsyncClient) -> None:
    found = await report(vera, "queues")
    head = {name: found[name] for name in ("since", "until", "by", "timezone")}
    assert head == {
        "since": "2026-11-02T00:00:00+01:00",
        "until": "2026-11-04T00:00:00+01:00",
        "by": "day",
        "timezone": "Europe/Prague",
    }
    first, second = found["items"]
    durations = {
        **{"waited_mean": 60, "waited_median": 60, "waited_p90": 60, "waited_max": 60},
        **{"first_answer_mean": None, "first_answer_median": None},
        **{"with_agents_mean": 120, "with_agents_median": 120},
    }
    assert first == {
        **{"start": "2026-11-02T00:00:00+01:00", "queue": "support", "arrived": 1, "answered": 1},
        **{"left": 0, "overflowed": 0, "waiting": 0, "missed": 0, **durations},
    }
    assert second == {
        **{"start": "2026-11-03T00:00:00+01:00", "queue": "support", "arrived": 1, "answered": 0},
        **{"left": 1, "overflowed": 0, "waiting": 0, "missed": 1, **dict.fromkeys(durations)},
    }
    assert found["totals"] == [first | {"start": None, "arrived": 2, "left": 1, "missed": 1}]
    # In London both were on the same day, and an hour is an hour anywhere.
    assert [one["arrived"] for one in (await report(vera, "queues", timezone="Europe/London"))["items"]] == [2]
    hours = await report(vera, "queues", by="hour")
    assert [one["start"] for one in hours["items"]] == ["2026-11-02T13:00:00+01:00", "2026-11-03T00:00:00+01:00"]


async def test_the_example_of_the_page(vera: httpx.AsyncClient) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/reports.md").read_text(encoding="utf-8")
    holds(json.loads(block(page, "json queues")), await report(vera, "queues", until="2026-11-03"))


async def test_the_others(vera: httpx.AsyncClient) -> None:
    volumes = await report(vera, "volumes")
    assert [(one["start"][:10], one["conversations"], one["written"]) for one in volumes["items"]] == [
        ("2026-11-02", 1, 1),
        ("2026-11-03", 1, 0),
    ]
    [eva] = (await report(vera, "agents"))["totals"]
    assert (eva["agent"], eva["accepted"], eva["seconds"], eva["seconds_mean"]) == ("eva", 1, 120, 120)
    [user] = (await report(vera, "causes"))["totals"]
    assert user == {"start": None, "cause": "user", "conversations": 2, "answered": 1, "missed": 1}
    flows = (await report(vera, "paths"))["items"]
    assert [" ".join(map(str, one.values())) for one in flows] == [
        "connectors main queues support 2 2",
        "queues support end user 2 2",
    ]
    assert (await report(vera, "paths", connector="other"))["items"] == []


@pytest.mark.parametrize("name", REPORTS)
async def test_as_a_table(vera: httpx.AsyncClient, name: str) -> None:
    answer = await vera.get(f"/api/v1/reports/{name}", params=DAYS, headers={"Accept": "text/csv, */*;q=0.1"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    items = (await report(vera, name))["items"]
    assert items
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows == [{key: "" if value is None else str(value) for key, value in item.items()} for item in items]
    # What asks for both alike gets JSON.
    both = await vera.get(f"/api/v1/reports/{name}", params=DAYS, headers={"Accept": "text/csv, application/json"})
    assert both.headers["content-type"] == "application/json"


async def test_without_a_period_it_is_the_last_week(vera: httpx.AsyncClient) -> None:
    found = (await vera.get("/api/v1/reports/queues", params={"timezone": "Europe/Prague"})).json()
    assert (found["since"], found["until"]) == ("2026-10-27T00:00:00+01:00", "2026-11-03T00:00:00+01:00")
    found = (await vera.get("/api/v1/reports/queues", params={"until": "2026-11-02T12:30:00Z", "by": "hour"})).json()
    assert (found["since"], found["until"]) == ("2026-10-26T00:00:00Z", "2026-11-02T12:30:00Z")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"since": "yesterday"}, ("query/since", "no_moment")),
        ({"until": "2026-11-02T12:00:00"}, ("query/until", "no_moment")),
        ({"since": "0001-01-01T00:00:00+14:00"}, ("query/since", "no_moment")),
        ({"until": "9999-12-31"}, ("query/until", "no_moment")),
        ({"since": "2026-11-04"}, ("query/since", "empty_period")),
        ({"timezone": "Europe/Atlantis"}, ("query/timezone", "unknown_timezone")),
        ({"timezone": "../../etc/passwd"}, ("query/timezone", "unknown_timezone")),
        ({"timezone": ""}, ("query/timezone", "unknown_timezone")),
    ],
)
async def test_questions_that_are_none(
    vera: httpx.AsyncClient, name: str, params: dict[str, str], problem: tuple[str, str]
) -> None:
    answer = await vera.get(f"/api/v1/reports/{name}", params=DAYS | params)
    assert (answer.status_code, problems(answer)) == (422, [problem])


async def test_there_is_an_end_to_the_buckets(vera: httpx.AsyncClient) -> None:
    params = {"since": "2026-01-01", "until": "2026-03-01", "by": "hour"}
    answer = await vera.get("/api/v1/reports/queues", params=params)
    assert problems(answer) == [("query/until", "too_long")]
    assert answer.json()["problems"][0]["message"] == "the period has more than 800 hours: ask for less, or by day"
    assert (await vera.get("/api/v1/reports/queues", params=params | {"by": "day"})).status_code == 200
    answer = await vera.get("/api/v1/reports/paths", params={"since": "1999-01-01", "until": "2026-01-01"})
    assert problems(answer) == [("query/until", "too_long")]
    assert problems(await vera.get("/api/v1/reports/queues", params={"by": "week"})) == [("query/by", "literal_error")]
