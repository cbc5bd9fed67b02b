"""Agents over HTTP: ready, paused, lost and back, and how many conversations they may have."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.dependencies import Parts
from store import agents
from store.agents import LOST
from tests.api.people import NOON, Office, opened, problems
from workflows.desk import Desk, desk_id

pytestmark = pytest.mark.anyio
ME = "/api/v1/agents/me"
STAMP = NOON.isoformat().replace("+00:00", "Z")


@pytest.fixture
async def office(parts: Parts, serve: Any, temporal: Client) -> AsyncIterator[Office]:
    async with opened(replace(parts, temporal=temporal), serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva")


async def told(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> Any:
    answer = await client.request(method, path, json=body or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def signals(office: Office) -> int:
    """How often the desk was told to look; nobody works on it here."""
    handle = office.parts.temporal.get_workflow_handle(desk_id(office.parts.task_queue))
    history = await handle.fetch_history()
    return sum(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)


async def test_to_come_to_pause_and_to_go(office: Office, eva: httpx.AsyncClient) -> None:
    assert await told(eva, "GET", ME) == {
        "name": "eva",
        "display_name": "eva",
        "state": "offline",
        "reason": None,
        "lost": False,
        "since": None,
        "seen_at": None,
        "free_since": None,
        "having": 0,
        "ringing": 0,
        "room": 3,
        "distribution": [3, 2, 1],
        "usual": True,
    }
    ready = await told(eva, "PATCH", ME, state="ready")
    assert (ready["state"], ready["since"], ready["seen_at"], ready["free_since"]) == ("ready", STAMP, STAMP, STAMP)
    assert await signals(office) == 1
    paused = await told(eva, "PATCH", ME, state="paused", reason="Lunch")
    assert (paused["state"], paused["reason"]) == ("paused", "Lunch")
    await told(eva, "PATCH", ME, state="paused", reason="Lunch")
    assert (await told(eva, "PATCH", ME, state="offline"))["state"] == "offline"
    assert await signals(office) == 4
    assert [(one.action, one.object, one.details) for one in await office.audit()] == [
        ("agent.changed", "agents/eva", {"state": ["offline", "ready"]}),
        ("agent.changed", "agents/eva", {"state": ["ready", "paused"], "reason": [None, "Lunch"]}),
        ("agent.changed", "agents/eva", {"state": ["paused", "offline"], "reason": ["Lunch", None]}),
    ]


async def test_a_heartbeat_brings_back_who_was_lost(office: Office, eva: httpx.AsyncClient) -> None:
    assert (await told(eva, "POST", f"{ME}/heartbeat"))["state"] == "offline"
    await told(eva, "PATCH", ME, state="ready")
    asked = await signals(office)
    office.later(timedelta(seconds=15))
    assert (await told(eva, "POST", f"{ME}/heartbeat"))["state"] == "ready"
    assert await signals(office) == asked, "a heartbeat alone is nothing to look at"
    office.later(LOST)
    async with office.parts.database.begin() as session:
        assert await agents.lose(session, office.time) == ["eva"]
    lost = await told(eva, "GET", ME)
    assert (lost["state"], lost["lost"]) == ("offline", True)
    back = await told(eva, "POST", f"{ME}/heartbeat")
    assert (back["state"], back["lost"]) == ("ready", False)
    assert await signals(office) == asked + 1


async def test_supervisors_see_to_others(office: Office, eva: httpx.AsyncClient) -> None:
    anna = await office.person("anna", "supervisor")
    await office.user("vera", "viewer")
    path = "/api/v1/agents/eva"
    answer = await anna.patch(path, json={"state": "ready"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "eva is not there. Only they can come.")
    await told(eva, "PATCH", ME, state="ready")
    changed = await told(anna, "PATCH", path, state="paused", reason="Training", distribution=[5, 0])
    assert (changed["state"], changed["reason"], changed["distribution"], changed["usual"], changed["room"]) == (
        "paused",
        "Training",
        [5, 0],
        False,
        5,
    )
    assert (await told(anna, "PATCH", path, state="ready"))["state"] == "ready"
    listed = await told(eva, "GET", "/api/v1/agents")
    assert [(one["name"], one["state"]) for one in listed["items"]] == [("anna", "offline"), ("eva", "ready")]
    assert (await told(anna, "PATCH", path, distribution=None))["usual"]
    for name in ("vera", "nobody"):
        answer = await anna.patch(f"/api/v1/agents/{name}", json={"state": "paused"})
        assert answer.status_code == 404
        assert f"no active user {name}" in answer.json()["detail"]
    entries = [(one.actor, one.details) for one in await office.audit(object="agents/eva")]
    assert entries[1:] == [
        (
            "anna",
            {"state": ["ready", "paused"], "reason": [None, "Training"], "distribution": [None, [5, 0]]},
        ),
        ("anna", {"state": ["paused", "ready"], "reason": ["Training", None]}),
        ("anna", {"distribution": [[5, 0], None]}),
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "state"),
        ({"state": "asleep"}, "state"),
        ({"state": "paused", "reason": "x" * 201}, "reason"),
        ({"state": "ready", "until": "noon"}, "until"),
    ],
)
async def test_states_that_are_none(eva: httpx.AsyncClient, body: dict[str, Any], path: str) -> None:
    answer = await eva.patch(ME, json=body)
    assert answer.status_code == 422
    assert [where for where, _ in problems(answer)] == [path]


@pytest.mark.parametrize("distribution", [[], [-1], [101], ["many"], [1] * 101])
async def test_distributions_that_are_none(office: Office, distribution: list[Any]) -> None:
    anna = await office.person("anna", "supervisor")
    answer = await anna.patch("/api/v1/agents/anna", json={"distribution": distribution})
    assert answer.status_code == 422
    assert problems(answer)[0][0].startswith("distribution")


async def test_without_temporal_people_come_all_the_same(parts: Parts, serve: Any) -> None:
    """The desk hears of it within a minute, as soon as it runs."""
    async with opened(parts, serve) as office:
        eva = await office.person("eva")
        assert (await told(eva, "PATCH", ME, state="ready"))["state"] == "ready"


async def test_the_desk_that_is_started_is_the_one_that_works(office: Office, eva: httpx.AsyncClient) -> None:
    """The name, the signal and the task queue with which it is started are those that the worker knows."""
    await told(eva, "PATCH", ME, state="ready")
    handle = office.parts.temporal.get_workflow_handle(desk_id(office.parts.task_queue))
    described = await handle.describe()
    assert described.workflow_type == "Desk"
    async with Worker(
        office.parts.temporal,
        task_queue=office.parts.task_queue,
        workflows=[Desk],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        history = await handle.fetch_history()
        while not any(event.HasField("activity_task_scheduled_event_attributes") for event in history.events):
            history = await handle.fetch_history()
    await handle.terminate()
