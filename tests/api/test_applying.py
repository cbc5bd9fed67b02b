"""Applying: refused with all reasons, made once, and what is said of conversations that run."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from api import applying
from api.dependencies import Parts
from api.production import Production
from routing.configuration import Configuration
from routing.graph import canonical, digest
from store import revisions, sandbox
from store.conversations import open_conversation
from store.moves import want
from tests.api.drafts import SCENARIOS, applied, apply, small, tag, write
from tests.api.people import Office, opened, problems
from workflows.moves import moves_id

pytestmark = pytest.mark.anyio
CURRENT = "/api/v1/revisions?limit=1"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def current(client: httpx.AsyncClient) -> dict[str, Any]:
    [newest] = (await client.get(CURRENT)).json()["items"]
    return newest


async def talk(office: Office, name: str, revision: int) -> None:
    """An open conversation in the store."""
    async with office.parts.database.begin() as session:
        await open_conversation(
            session,
            name=name,
            account="1",
            customer=name,
            connector="shop",
            workflow_id=f"ig-1-{name}",
            revision=revision,
            opened_at=datetime.now(UTC),
        )


async def test_the_sandbox_becomes_the_next_revision(office: Office, eva: httpx.AsyncClient) -> None:
    given = small(languages={"default": "en", "offered": ["en"]})
    given["connectors"]["shop"]["burst"] = {"quiet": 2}
    await write(eva, given)
    told = await apply(eva, "First of all")
    assert (told["number"], told["applied"], told["scenarios"], told["moving"]) == (2, True, [], 0)
    made = await current(eva)
    text = canonical(Configuration.model_validate(given))
    assert made.pop("created_at")
    assert made == {
        "number": 2,
        "current": True,
        "author": "eva",
        "note": "First of all",
        "digest": digest(text),
        "override_reason": None,
        "open_conversations": 0,
    }
    document = (await eva.get("/api/v1/production")).json()
    assert document["connectors"]["shop"]["burst"] == {"quiet": "PT2S"}
    assert (await eva.get("/api/v1/sandbox")).json() == given, "the sandbox stays as it is written"
    assert not (await eva.get("/api/v1/diff")).json()["differs"]
    [entry] = await office.audit(action="revision")
    assert (entry.actor, entry.action, entry.object) == ("eva", "revision.applied", "revisions/2")
    assert entry.details == {"note": "First of all", "digest": digest(text), "running": "finish"}


async def test_new_conversations_follow_it_in_every_process(
    office: Office, eva: httpx.AsyncClient, parts: Parts, serve: Any
) -> None:
    """Another process, which has worked on the revision before, knows the new one with its next look."""
    async with opened(parts, serve, production=Production()) as other:
        async with other.parts.database.begin() as session:
            before = await other.parts.production.current(session)
        number = await applied(eva, small())
        async with other.parts.database.begin() as session:
            after = await other.parts.production.current(session)
    assert before is not None
    assert after is not None
    assert (before.number, after.number, after.queues) == (1, number, frozenset({"people"}))


async def test_applying_what_is_current_makes_no_revision(office: Office, eva: httpx.AsyncClient) -> None:
    number = await applied(eva, small())
    told = await apply(eva, "again")
    assert (told["number"], told["applied"]) == (number, False)
    await write(eva, small(queues={"people": {"priority": 5, "title": "People"}}))
    assert (await apply(eva, "the same in other words"))["applied"] is False
    assert (await current(eva))["number"] == number
    assert len(await office.audit(action="revision.applied")) == 1


async def test_errors_stop_it_and_all_of_them_are_told(eva: httpx.AsyncClient) -> None:
    wrong = small(queues={"people": {"title": "People", "priority": 11}}, terminates={"bye": {"title": "Bye"}})
    wrong["connectors"]["shop"]["next"]["name"] = "menue"
    await write(eva, wrong)
    answer = await eva.post("/api/v1/apply", json={"note": "x"})
    assert answer.status_code == 422
    found = answer.json()["problems"]
    assert found == (await eva.get("/api/v1/problems")).json()["problems"]
    errors = [(one["path"], one["code"]) for one in found if one["severity"] == "error"]
    assert errors == [
        ("connectors/shop/next/name", "unknown-destination"),
        ("queues/people/priority", "out-of-range"),
        ("terminates/bye/cause", "missing-field"),
    ]
    assert "3 errors" in answer.json()["detail"]
    assert (await current(eva))["number"] == 1


async def test_warnings_are_told_and_do_not_stop_it(eva: httpx.AsyncClient) -> None:
    await write(eva, small(queues={"people": {"title": "People"}, "unused": {"title": "Unused"}}))
    told = await apply(eva)
    assert [(one["path"], one["code"]) for one in told["warnings"]] == [("queues/unused", "unreachable")]


async def test_a_failing_scenario_stops_it_unless_somebody_says_why(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    await write(eva, SCENARIOS, "/api/v1/scenarios")
    assert [(one["name"], one["holds"]) for one in (await apply(eva))["scenarios"]] == [("tea", True)]
    changed = small()
    changed["decision_trees"]["menu"]["decisions"]["first"]["actions"][0]["text"] = "Coffee?"
    await write(eva, changed)
    answer = await eva.post("/api/v1/apply", json={"note": "Coffee"})
    assert answer.status_code == 409
    assert problems(answer) == [("scenarios/tea/steps/1/bot", "scenario-fails")]
    assert answer.json()["problems"][0]["message"] == "expected Tea?, and Coffee?"
    assert (await current(eva))["number"] == 2
    told = await apply(eva, "Coffee", override_reason="The scenario is about to be changed")
    assert [one["holds"] for one in told["scenarios"]] == [False]
    made = await current(eva)
    assert (made["number"], made["override_reason"]) == (3, "The scenario is about to be changed")
    entry = (await office.audit(action="revision.applied"))[-1]
    assert entry.details["failing"] == ["tea"]
    assert entry.details["override_reason"] == "The scenario is about to be changed"


async def test_a_reason_that_is_not_needed_is_not_kept(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    await apply(eva, override_reason="just in case")
    assert (await current(eva))["override_reason"] is None


async def test_only_what_was_looked_at(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    seen = await tag(eva)
    await write(eva, small(queues={"people": {"title": "Folk"}}))
    answer = await eva.post("/api/v1/apply", json={"note": "x"}, headers={"If-Match": seen})
    assert (answer.status_code, answer.headers["etag"]) == (412, await tag(eva))
    assert (await current(eva))["number"] == 1
    fresh = {"If-Match": await tag(eva)}
    assert (await eva.post("/api/v1/apply", json={"note": "x"}, headers=fresh)).status_code == 200


async def test_a_change_while_it_is_checked_is_checked_too(
    office: Office, eva: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is applied is what was checked, also when somebody saves in that moment."""
    await write(eva, small())
    judged, saved = applying._judged, [small(queues={"people": {"title": "Folk"}}), small(queues={})]

    async def meanwhile(*given: Any) -> Any:
        found = await judged(*given)
        if saved:
            async with office.parts.database.begin() as session:
                await sandbox.replace(session, saved.pop(0), "petr")
        return found

    monkeypatch.setattr(applying, "_judged", meanwhile)
    answer = await eva.post("/api/v1/apply", json={"note": "x"})
    assert answer.status_code == 422, "in the end there was no queue any more"
    assert [code for _, code in problems(answer)] == ["unknown-destination"]
    assert (await current(eva))["number"] == 1


async def test_who_never_stops_changing_it(
    office: Office, eva: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(eva, small())
    judged, counted = applying._judged, iter(range(100))

    async def meanwhile(*given: Any) -> Any:
        async with office.parts.database.begin() as session:
            await sandbox.replace(session, small(queues={"people": {"title": f"{next(counted)}"}}), "petr")
        return await judged(*given)

    monkeypatch.setattr(applying, "_judged", meanwhile)
    answer = await eva.post("/api/v1/apply", json={"note": "x"})
    assert (answer.status_code, next(counted)) == (409, applying.TRIES)
    assert (await current(eva))["number"] == 1


async def test_several_at_once_make_one_revision(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    answers = await asyncio.gather(*(eva.post("/api/v1/apply", json={"note": "x"}) for _ in range(4)))
    assert {(answer.status_code, answer.json()["number"]) for answer in answers} == {(200, 2)}
    assert sorted(answer.json()["applied"] for answer in answers) == [False, False, False, True]


async def test_an_account_that_was_authorised_is_kept(office: Office, eva: httpx.AsyncClient) -> None:
    await applied(eva, small())
    async with office.parts.database.begin() as session:
        await revisions.authorise_connector(session, "shop", "17", "anna", "Shop is authorised")
    assert (await eva.get("/api/v1/sandbox")).json()["connectors"]["shop"]["account"] == "17"
    assert not (await eva.get("/api/v1/diff")).json()["differs"]
    await write(eva, small(queues={"people": {"title": "Folk"}}))
    await apply(eva)
    assert (await eva.get("/api/v1/production")).json()["connectors"]["shop"]["account"] == "17"


async def test_who_runs_on_older_revisions(office: Office, eva: httpx.AsyncClient) -> None:
    for name, revision in (("a", 1), ("b", 1)):
        await talk(office, name, revision)
    number = await applied(eva, small())
    await talk(office, "c", number)
    told = await apply(eva, "again")
    assert told["running"] == [{"revision": 1, "conversations": 2}]
    await write(eva, small(queues={"people": {"title": "Folk"}}))
    told = await apply(eva)
    assert told["running"] == [{"revision": 2, "conversations": 1}, {"revision": 1, "conversations": 2}]
    listed = (await eva.get("/api/v1/revisions")).json()["items"]
    assert [(one["number"], one["open_conversations"]) for one in listed] == [(3, 0), (2, 1), (1, 2)]


async def test_without_temporal_nothing_moves_and_nothing_is_applied(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    await talk(office, "a", 1)
    answer = await eva.post("/api/v1/apply", json={"note": "x", "running": "move"})
    assert answer.status_code == 503
    assert "nothing was applied" in answer.json()["detail"]
    assert (await current(eva))["number"] == 1
    assert await office.audit(action="revision") == []
    assert (await eva.post("/api/v1/apply", json={"note": "x"})).status_code == 200


async def test_moving_begins_a_workflow(
    parts: Parts, serve: Any, temporal: Client, recording: Callable[[Client, str], Worker]
) -> None:
    async with recording(temporal, parts.task_queue), opened(parts, serve, temporal=temporal) as office:
        eva = await office.person("eva", "admin")
        await write(eva, small())
        told = await apply(eva, running="move")
        assert told["moving"] == 0, "nothing is open"
        await talk(office, "a", 1)
        assert (await apply(eva, running="move"))["moving"] == 1, "also where it is applied already"
        handle = temporal.get_workflow_handle(moves_id(2), result_type=str)
        assert await handle.result() == "done"
        moves = (await eva.get("/api/v1/revisions/2/moves")).json()
        assert (moves["waiting"], moves["items"][0]["conversation"]) == (1, "a")
        entry = (await office.audit(action="revision"))[-1]
        assert (entry.action, entry.object, entry.details) == ("revision.moving", "revisions/2", {"conversations": 1})
        async with office.parts.database.begin() as session:
            assert await want(session, 2) == 1


@pytest.mark.parametrize(
    "given", [{}, {"note": ""}, {"note": "x" * 2001}, {"note": "x", "running": "stop"}, {"note": "x", "nots": "y"}]
)
async def test_what_is_no_apply(eva: httpx.AsyncClient, given: dict[str, Any]) -> None:
    assert (await eva.post("/api/v1/apply", json=given)).status_code == 422
