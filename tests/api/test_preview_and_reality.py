"""What `POST /api/v1/preview` says within milliseconds is what the workflow really does over days (SPEC 9.1)."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.dependencies import Parts
from detection import detect
from routing.scenarios import Scenario, ScenarioStep, run
from tests.api.drafts import write
from tests.api.people import opened
from tests.durable import durable, upcoming
from tests.routing.test_preview import HOURS
from tests.talk import graph_of

pytestmark = pytest.mark.anyio
PRAGUE = ZoneInfo("Europe/Prague")
MILLISECONDS = 0.1
"""Seconds within which a preview is back, on a machine that does other things too; alone it takes some thousandths."""
DOCUMENT: dict[str, Any] = HOURS | {
    "connectors": HOURS["connectors"]
    | {"counter": {"title": "Counter", "next": {"type": "time_condition", "name": "hours"}}}
}
"""Open from 11:00 to 17:00 but on holidays. `shop` asks for patience for 23 hours first, `counter` answers at once."""
AT_ONCE: list[Any] = [{"user": "hi"}, {"user": "Yes"}]
OVER_NIGHT: list[Any] = [{"user": "hi"}, {"wait": 3600}, {"user": "hello?"}, {"wait": "PT24H"}]
DAYS = [
    ("counter", "2026-12-24T17:01", AT_ONCE, "closed: public holiday of CZ (Christmas Eve) of week"),
    ("counter", "2026-12-23T17:01", AT_ONCE, "closed: no definition of week matches"),
    ("counter", "2026-12-23T16:59", AT_ONCE, "open: 11:00-17:00 of week"),
    ("shop", "2026-12-23T17:01", OVER_NIGHT, "closed: public holiday of CZ (Christmas Eve) of week"),
    ("shop", "2026-12-21T17:01", OVER_NIGHT, "open: 11:00-17:00 of week"),
    ("shop", "2027-03-27T11:00", OVER_NIGHT, "open: 11:00-17:00 of week"),
    ("shop", "2027-03-26T11:00", OVER_NIGHT, "closed: no definition of week matches"),
    ("shop", "2027-10-30T12:59:59", OVER_NIGHT, "closed: no definition of week matches"),
    ("shop", "2027-10-30T13:00", OVER_NIGHT, "open: 11:00-17:00 of week"),
]
"""On 28 March 2027 the clocks are set forward, and on 31 October back: 23 hours are another time on the wall then."""


@pytest.fixture
async def eva(parts: Parts, serve: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(parts, serve) as office:
        eva = await office.person("eva", "admin")
        await write(eva, DOCUMENT)
        yield eva


async def previewed(eva: httpx.AsyncClient, scenario: Scenario) -> tuple[dict[str, Any], float]:
    """The same script, by the time on the wall, and the seconds that the fastest of five answers took."""
    acts = [step.model_dump(mode="json", exclude_unset=True) for step in scenario.steps]
    field = {"user": "text", "wait": "duration"}
    body = {
        "at": scenario.at.astimezone(PRAGUE).replace(tzinfo=None).isoformat(),
        "timezone": "Europe/Prague",
        "start": {"connector": scenario.connector},
        "steps": [{"type": key, field[key]: value} for act in acts for key, value in act.items()],
    }
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        answer = await eva.post("/api/v1/preview", json=body)
        best = min(best, time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text
    return answer.json()["preview"], best


@pytest.mark.parametrize(("connector", "at", "steps", "why"), DAYS)
async def test_a_preview_goes_the_way_that_the_workflow_goes(
    eva: httpx.AsyncClient, connector: str, at: str, steps: list[Any], why: str
) -> None:
    written = Scenario(
        title="x",
        connector=connector,
        at=datetime.fromisoformat(at).replace(tzinfo=PRAGUE),
        steps=tuple(ScenarioStep.model_validate(step) for step in steps),
    )
    scenario = upcoming(written, datetime.now(UTC))
    told, seconds = await previewed(eva, scenario)
    assert seconds < MILLISECONDS
    path = [visit for step in told["steps"] for visit in step["visited"]]
    texts = [one["message"]["text"] for step in told["steps"] for one in step["effects"]["shown"]]
    assert why in [visit["why"] for visit in path]
    graph = graph_of(DOCUMENT)
    with durable(graph, scenario, detect) as world:
        run(graph, "x", scenario, world=world)
        real = list(world.visited)
        assert [(one["path"], one["why"]) for one in path] == [(one.path, one.why) for one in real]
        assert texts == [send.text for send in world.said]
        assert world.conversation is not None
        assert told["position"]["place"] == world.conversation.place
    late = [seen.at - datetime.fromisoformat(one["at"]) for one, seen in zip(path, real, strict=True)]
    assert max(late) < timedelta(minutes=1), "each thing happened at its own time"
