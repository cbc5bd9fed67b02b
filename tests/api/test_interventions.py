"""Closing and transferring where the conversation cannot be reached, and what the audit log says then."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from api import acts
from api.dependencies import Parts
from store import queues
from store.conversations import end_conversation
from tests.api.people import NOON, Office, opened, problems
from tests.api.talks import opens
from workflows.records import Start, workflow_id

pytestmark = pytest.mark.anyio
ACTS: list[tuple[str, Any]] = [("close", {"cause": "user"}), ("transfer", {"to": "queues/support"})]
NAME = "igdm_0123456789abcdef01234567"


@pytest.fixture
async def office(parts: Parts, serve: Any, temporal: Client) -> AsyncIterator[Office]:
    async with opened(replace(parts, temporal=temporal), serve) as office:
        yield office


@pytest.fixture
async def anna(office: Office, account: str) -> httpx.AsyncClient:
    """A supervisor, and a conversation that the store has."""
    await opens(office, account, NAME, workflow_id=workflow_id(account, "anna"))
    return await office.person("anna", "supervisor")


async def done(office: Office) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(one.actor, one.action, one.object, one.details) for one in await office.audit()]


async def test_without_a_workflow_there_is_nothing_to_be_done(office: Office, anna: httpx.AsyncClient) -> None:
    for what, body in ACTS:
        answer = await anna.post(f"/api/v1/conversations/{NAME}/{what}", json=body)
        assert (answer.status_code, answer.json()["detail"]) == (409, f"The workflow of {NAME} does not run any more.")
    assert await done(office) == []


async def test_when_nobody_knows_whether_it_was_taken_the_audit_log_says_so(
    office: Office, anna: httpx.AsyncClient, account: str, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker answers, but one that comes later may still take it."""
    monkeypatch.setattr(acts, "PATIENCE", timedelta(milliseconds=500))
    handle = await temporal.start_workflow(
        "Conversation",
        Start(account=account, customer="anna"),
        id=workflow_id(account, "anna"),
        task_queue=office.parts.task_queue,
    )
    for what, body in ACTS:
        answer = await anna.post(f"/api/v1/conversations/{NAME}/{what}", json=body)
        assert answer.status_code == 503
        assert "Look whether it took it all the same" in answer.json()["detail"]
    await handle.terminate()
    object = f"conversations/{NAME}"
    assert await done(office) == [
        ("anna", "conversation.closed", object, {"cause": "user", "reached": False}),
        ("anna", "conversation.transferred", object, {"to": "queues/support", "reached": False}),
    ]


async def test_without_temporal_it_cannot_be_reached(parts: Parts, serve: Any, account: str) -> None:
    async with opened(parts, serve) as office:
        await opens(office, account, NAME, workflow_id=workflow_id(account, "anna"))
        anna = await office.person("anna", "supervisor")
        for what, body in ACTS:
            assert (await anna.post(f"/api/v1/conversations/{NAME}/{what}", json=body)).status_code == 503
        assert [details["reached"] for *_, details in await done(office)] == [False, False]


async def test_what_is_refused_before_it_is_asked(office: Office, anna: httpx.AsyncClient) -> None:
    for what, body in ACTS:
        answer = await anna.post(f"/api/v1/conversations/nobody/{what}", json=body)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no conversation nobody.")
    for what, wrong, path in (
        ("close", {"cause": ""}, "cause"),
        ("close", {"reason": "user"}, "reason"),
        ("close", {"cause": "boredom"}, "cause"),
        ("transfer", {}, "to"),
        ("transfer", {"to": ""}, "to"),
    ):
        answer = await anna.post(f"/api/v1/conversations/{NAME}/{what}", json=wrong)
        assert answer.status_code == 422
        assert [where for where, _ in problems(answer)] == [path], wrong
    async with office.parts.database.begin() as session:
        await end_conversation(session, NAME, at=NOON, cause="user")
    for what, body in ACTS:
        answer = await anna.post(f"/api/v1/conversations/{NAME}/{what}", json=body)
        assert (answer.status_code, answer.json()["detail"]) == (409, f"{NAME} has ended.")
    vera = await office.person("vera", "viewer")
    for what, body in ACTS:
        assert (await vera.post(f"/api/v1/conversations/{NAME}/{what}", json=body)).status_code == 403
    assert await done(office) == []


async def test_agents_need_to_have_it_and_supervisors_do_not(
    office: Office, anna: httpx.AsyncClient, account: str
) -> None:
    karl = await office.person("karl", "agent")

    async def refused(who: httpx.AsyncClient) -> set[str]:
        answers = [await who.post(f"/api/v1/conversations/{NAME}/{what}", json=body) for what, body in ACTS]
        assert {answer.status_code for answer in answers} == {409}
        return {answer.json()["detail"] for answer in answers}

    assert await refused(karl) == {f"People do not have {NAME}: it is at its beginning."}
    async with office.parts.database.begin() as session:
        await queues.enqueue(session, NAME, "support", 5, NOON)
    assert await refused(karl) == {f"Nobody has accepted {NAME} yet. Accept it first."}
    async with office.parts.database.begin() as session:
        await queues.accept(session, NAME, "eva", NOON)
    assert await refused(karl) == {f"eva has {NAME}."}
    # A supervisor gets as far as the workflow, which is not there.
    assert await refused(anna) == {f"The workflow of {NAME} does not run any more."}
    eva = await office.person("eva", "agent")
    assert await refused(eva) == {f"The workflow of {NAME} does not run any more."}
