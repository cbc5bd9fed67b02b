"""Offers over HTTP: what rings, who gets it, and what the conversation's workflow is told of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.dependencies import Parts
from routing.distribution import Offer
from store import agents, desk, offers, queues
from store.conversations import end_conversation
from store.revisions import append_revision
from tests.api.people import NOON, Office, opened
from tests.api.talks import opens
from workflows.records import LEFT, OVER, Act, Start, workflow_id

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
STAMP = NOON.isoformat().replace("+00:00", "Z")


@workflow.defn(name="Conversation")
class Told:
    """Stands in for the conversation's workflow: keeps what it is told, or refuses it."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self.refuses = start.document
        self.acts: list[Act] = []

    @workflow.run
    async def run(self, start: Start) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    def act(self, act: Act) -> None:
        self.acts.append(act)

    @act.validator
    def refuse(self, act: Act) -> None:
        if self.refuses:
            raise ApplicationError("not any more", type=self.refuses)

    @workflow.query
    def told(self) -> list[Act]:
        return self.acts


@pytest.fixture
async def office(parts: Parts, serve: Any, temporal: Client, account: str) -> AsyncIterator[Office]:
    """Two conversations wait in the queue `support`, one on the list of the unassigned, one in `team` for karl only."""
    document = {
        "format": 1,
        "connectors": {"main": {"title": "Main", "account": account, "next": {"type": "queue", "name": "support"}}},
        "queues": {
            "support": {"title": "Support", "strategy": "least_recent"},
            "team": {"title": "Team", "agents": ["karl"]},
        },
    }
    worker = Worker(
        temporal, task_queue=parts.task_queue, workflows=[Told], workflow_runner=UnsandboxedWorkflowRunner()
    )
    async with worker, opened(replace(parts, temporal=temporal), serve) as office:
        async with parts.database.begin() as session:
            await append_revision(session, digest="2", document=document, author="test", note="")
        for number, (name, queue) in enumerate(
            (("one", "support"), ("two", "support"), ("aside", ""), ("team", "team"))
        ):
            await opens(office, account, name, workflow_id=workflow_id(account, name))
            async with parts.database.begin() as session:
                await queues.enqueue(session, name, queue, 5, NOON + number * timedelta(seconds=1))
        office.later(MINUTE)
        yield office


async def begins(office: Office, account: str, name: str, refuses: str = "") -> Any:
    """Start the workflow of a conversation."""
    return await office.parts.temporal.start_workflow(
        "Conversation",
        Start(account=account, customer=name, document=refuses),
        id=workflow_id(account, name),
        task_queue=office.parts.task_queue,
    )


async def rings(office: Office, agent: str, *names: str) -> None:
    """These are offered to somebody for half a minute."""
    async with office.parts.database.begin() as session:
        waiting = [one for one in await desk.waiting(session, []) if one.conversation in names]
        made = [Offer(one.conversation, agent, "longest", office.time + MINUTE / 2) for one in waiting]
        await offers.make(session, made, waiting, office.time)


async def accept(client: httpx.AsyncClient, name: str) -> tuple[int, str]:
    """The status, and the sentence of a refusal or who has it."""
    answer = await client.post(f"/api/v1/conversations/{name}/accept")
    return answer.status_code, answer.json().get("detail") or answer.json()["agent"]


async def stay(office: Office, name: str) -> queues.Stay:
    async with office.parts.database.begin() as session:
        found = await queues.stay(session, name)
    assert found is not None
    return found


async def test_what_rings_is_shown_and_accepted(office: Office, account: str) -> None:
    eva = await office.person("eva")
    handle = await begins(office, account, "one")
    assert (await eva.get("/api/v1/offers")).json() == {"items": []}
    await rings(office, "eva", "one")
    [offer] = (await eva.get("/api/v1/offers")).json()["items"]
    assert (offer["queue"], offer["why"]) == ("support", "longest")
    assert (offer["conversation"]["name"], offer["conversation"]["customer"]["id"]) == ("one", "one")
    answer = await eva.post("/api/v1/conversations/one/accept")
    at = office.time.isoformat().replace("+00:00", "Z")
    assert (answer.status_code, answer.json()) == (
        200,
        {"conversation": "one", "agent": "eva", "queue": "support", "accepted_at": at, "told": True},
    )
    [act] = await handle.query(Told.told)
    assert (act.conversation, act.event.agent, act.event.entered) == ("one", "eva", NOON)
    assert (await eva.get("/api/v1/offers")).json() == {"items": []}
    [past] = (await eva.get("/api/v1/conversations/one/offers")).json()["items"]
    assert (past["agent"], past["outcome"], past["settled_at"], past["entered_at"]) == ("eva", "accepted", at, STAMP)
    assert await accept(eva, "one") == (200, "eva"), "once more is no mistake"
    assert len({one.event.key for one in await handle.query(Told.told)}) == 1, "and the workflow counts it once"
    details = {"queue": "support"}
    assert [(one.actor, one.action, one.details) for one in await office.audit()] == [
        ("eva", "conversation.accepted", details)
    ]
    await handle.terminate()


async def test_of_two_who_accept_at_once_one_has_it(office: Office, account: str) -> None:
    eva, anna = await office.person("eva"), await office.person("anna")
    handles = [await begins(office, account, name) for name in ("one", "two", "aside")]
    for name in ("one", "two", "aside"):
        both = await asyncio.gather(accept(eva, name), accept(anna, name))
        assert sorted(status for status, _ in both) == [200, 409]
        winner = next(told for status, told in both if status == 200)
        assert next(told for status, told in both if status == 409) == f"{winner} has {name} already."
        assert (await stay(office, name)).agent == winner
    for handle in handles:
        assert len(await handle.query(Told.told)) == 1
        await handle.terminate()


async def test_who_may_not(office: Office) -> None:
    eva = await office.person("eva")
    await rings(office, "anna", "one")
    for name, expected in (
        ("nothing", (404, "There is no conversation nothing.")),
        ("one", (409, "one is being offered to anna.")),
        ("team", (403, "You do not work in the queue team.")),
    ):
        assert await accept(eva, name) == expected
    async with office.parts.database.begin() as session:
        await queues.leave(session, "two", office.time)
    assert await accept(eva, "two") == (409, "two does not wait for an agent.")
    vera = await office.person("vera", "viewer")
    assert (await accept(vera, "aside"))[0] == 403
    assert (await vera.get("/api/v1/conversations/one/offers")).status_code == 200
    assert await office.audit() == []


async def test_what_is_offered_or_wanted_is_theirs_in_any_queue(office: Office, account: str) -> None:
    eva, petr = await office.person("eva"), await office.person("petr")
    boss = await office.person("boss", "supervisor")
    handles = [await begins(office, account, name) for name in ("team", "one", "two")]
    await rings(office, "eva", "team")
    assert await accept(eva, "team") == (200, "eva")
    async with office.parts.database.begin() as session:
        await queues.enqueue(session, "one", "team", 5, office.time, wanted="petr")
        await queues.enqueue(session, "two", "team", 5, office.time)
    assert (await accept(eva, "one"))[0] == 403
    assert await accept(petr, "one") == (200, "petr")
    assert await accept(boss, "two") == (200, "boss"), "supervisors work everywhere"
    for handle in handles:
        await handle.terminate()


async def test_who_pauses_may_take_by_hand_as_many_as_they_may_have(office: Office, account: str) -> None:
    eva = await office.person("eva")
    async with office.parts.database.begin() as session:
        await agents.pause(session, "eva", "Paperwork", office.time)
        await agents.set_distribution(session, "eva", [1])
    handle = await begins(office, account, "one")
    assert await accept(eva, "one") == (200, "eva")
    assert await accept(eva, "two") == (409, "You have 1 conversations: that is all you may have now.")
    await handle.terminate()


async def test_no_thank_you(office: Office) -> None:
    eva = await office.person("eva")
    await rings(office, "eva", "one")
    assert (await eva.post("/api/v1/conversations/two/decline")).status_code == 409
    assert (await eva.post("/api/v1/conversations/nothing/decline")).status_code == 404
    assert (await eva.post("/api/v1/conversations/one/decline")).status_code == 204
    answer = await eva.post("/api/v1/conversations/one/decline")
    assert (answer.status_code, answer.json()["detail"]) == (409, "one is not being offered to you.")
    [past] = (await eva.get("/api/v1/conversations/one/offers")).json()["items"]
    assert past["outcome"] == "declined"
    assert [one.action for one in await office.audit()] == ["conversation.declined"]


@pytest.mark.parametrize("refuses", [OVER, LEFT, "nothing runs"])
async def test_what_has_left_the_queue_nobody_has(office: Office, account: str, refuses: str) -> None:
    """The workflow had sent it elsewhere, and the store was not told of that yet."""
    eva = await office.person("eva")
    await rings(office, "eva", "one")
    handle = await begins(office, account, "one", refuses)
    if refuses == "nothing runs":
        await handle.terminate()
    assert await accept(eva, "one") == (409, "one has left the queue meanwhile.")
    gone = await stay(office, "one")
    assert (gone.agent, gone.left_at) == (None, office.time)
    [past] = (await eva.get("/api/v1/conversations/one/offers")).json()["items"]
    assert past["outcome"] == "withdrawn"
    assert (await eva.get("/api/v1/agents/me")).json()["having"] == 0
    if refuses != "nothing runs":
        await handle.terminate()


async def test_whoever_accepts_has_it_also_while_temporal_is_away(parts: Parts, serve: Any, account: str) -> None:
    async with opened(parts, serve) as office:
        await opens(office, account, "one", workflow_id=workflow_id(account, "one"))
        async with parts.database.begin() as session:
            await queues.enqueue(session, "one", "support", 5, NOON)
        eva, anna = await office.person("eva"), await office.person("anna")
        answer = await eva.post("/api/v1/conversations/one/accept")
        assert (answer.status_code, answer.json()["told"]) == (200, False)
        assert await accept(anna, "one") == (409, "eva has one already.")
        async with parts.database.begin() as session:
            [untold] = await queues.untold(session, NOON)
        assert (untold.conversation, untold.agent) == ("one", "eva")


async def test_an_ended_conversation_waits_for_nobody(office: Office) -> None:
    eva = await office.person("eva")
    async with office.parts.database.begin() as session:
        await end_conversation(session, "one", at=office.time, cause="user")
        await queues.leave(session, "one", office.time)
    assert await accept(eva, "one") == (409, "one does not wait for an agent.")
