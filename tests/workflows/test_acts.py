"""What people do to a running conversation: taken once, and refused where it comes too late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from routing.documents import read
from routing.graph import Graph
from routing.messages import AgentWrote, Transferred
from routing.problems import check
from routing.scenarios import Scenario
from tests.durable import DurableRehearsal, durable
from workflows.records import ELSEWHERE, NOWHERE, OVER, Act

SHOP = """
format: 1
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: ask}}
decision_trees:
  ask:
    title: Ask
    start: first
    decisions:
      first:
        title: First
        actions:
          - {type: send_message, text: "?"}
          - type: target
            execution: when_client_chooses
            answer: {type: pattern, pattern: /people/}
            to: {type: queue, name: people}
queues: {people: {title: People}}
"""


def graph() -> Graph:
    checked = check(read(SHOP))
    assert checked.graph is not None, checked.errors
    return checked.graph


def scenario() -> Scenario:
    return Scenario(title="Acts", connector="shop", at=datetime.now(UTC) + timedelta(minutes=5), steps=())


def act(world: DurableRehearsal, event: Any) -> str:
    """Have it taken; the type of the error that refuses it, or nothing."""
    assert world.conversation is not None
    assert world.handle is not None
    told = Act(conversation=world.conversation.name, event=event)
    try:
        world.loop(world.handle.execute_update("act", told, rpc_timeout=timedelta(seconds=20)))
        world.loop(world._settle())
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        return (cause.type or "") if isinstance(cause, ApplicationError) else str(cause)
    return ""


def test_a_reply_needs_people_who_have_it() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        assert act(world, AgentWrote(key="a:1", agent="eva", text="Hello")) == ELSEWHERE
        world.user("people")
        assert act(world, AgentWrote(key="a:1", agent="eva", text="Hello")) == ""
        assert [message.text for message in world.said] == ["?", "Hello"]


@pytest.mark.parametrize("limit", [1000, 5])
def test_a_reply_counts_once_also_in_the_next_run(limit: int) -> None:
    with durable(graph(), scenario(), limit=limit) as world:
        world.user("hi")
        world.user("people")
        for text in ("Hello", "Hello again"):
            assert act(world, AgentWrote(key="a:1", agent="eva", text=text)) == ""
        assert act(world, AgentWrote(key="a:2", agent="eva", text="And")) == ""
        assert [message.text for message in world.said] == ["?", "Hello", "And"]


def test_it_can_be_sent_to_people_and_not_to_what_is_not_there() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        world.user("people")
        for nowhere in ("queues/nobody", "agents", "queues/people/more"):
            assert act(world, Transferred(to=nowhere, agent="eva")) == NOWHERE, nowhere
        assert act(world, Transferred(to="agents/karl", agent="eva")) == ""
        assert [command.wanted for command in world.queued] == [None, "karl"]


def test_what_is_meant_for_another_conversation_is_refused() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        world.user("people")
        assert world.handle is not None
        told = Act(conversation="igdm_another", event=AgentWrote(key="a:1", agent="eva", text="Hello"))
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            world.loop(world.handle.execute_update("act", told, rpc_timeout=timedelta(seconds=20)))
        assert isinstance(refused.value.cause, ApplicationError)
        assert refused.value.cause.type == OVER
