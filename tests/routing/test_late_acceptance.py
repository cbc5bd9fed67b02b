"""An acceptance that reaches a conversation after it has left the stay in which it was accepted changes nothing."""

from datetime import timedelta
from typing import Any

import pytest

from routing.conversation import AwaitsAgent
from routing.messages import AgentAccepted, Transferred
from routing.turns.people import is_late
from tests.talk import Talk, graph_of

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "connectors": {"shop": {"title": "Shop", "next": {"type": "queue", "name": "first"}}},
    "queues": {"first": {"title": "First"}, "second": {"title": "Second"}},
    "terminates": {"bye": {"title": "Bye", "cause": "user"}},
}


@pytest.fixture
def talk() -> Talk:
    talk = Talk(graph_of(DOCUMENT))
    talk.user("hi")
    return talk


def waiting(talk: Talk) -> AwaitsAgent:
    assert talk.world.conversation is not None
    assert isinstance(talk.world.conversation.waiting, AwaitsAgent)
    return talk.world.conversation.waiting


def test_an_acceptance_of_this_stay_counts(talk: Talk) -> None:
    talk.event("accept", AgentAccepted(agent="eva", entered=waiting(talk).since))
    assert waiting(talk).agent == "eva"


def test_one_of_the_stay_before_does_not(talk: Talk) -> None:
    before = waiting(talk).since
    talk.wait(5)
    talk.event("transfer", Transferred(to="queues/second", agent="anna"))
    talk.event("accept", AgentAccepted(agent="eva", entered=before))
    assert (waiting(talk).agent, waiting(talk).answered) == (None, False)
    assert talk.world.visited[-1].why == "eva accepted what had left its queue"
    talk.event("accept", AgentAccepted(agent="karl", entered=waiting(talk).since))
    assert waiting(talk).agent == "karl"


def test_the_workflow_refuses_it_by_the_same_rule(talk: Talk) -> None:
    now = waiting(talk)
    assert not is_late(AgentAccepted(agent="eva"), now), "recorded before there was such a time"
    assert not is_late(AgentAccepted(agent="eva", entered=now.since), now)
    assert is_late(AgentAccepted(agent="eva", entered=now.since - timedelta(seconds=1)), now)


def test_what_is_not_said_is_not_written_down() -> None:
    assert AgentAccepted(agent="eva").model_dump() == {"type": "agent_accepted", "agent": "eva"}
