"""When a waiting conversation is looked at again, and why."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from routing.interpreter import advance
from routing.messages import AgentAccepted, Delivered
from routing.waits import Deadline, deadline
from tests.talk import MONDAY, Talk, button, go, say, tree

NOW = datetime.fromisoformat(MONDAY)
TO = {"type": "queue", "name": "people"}
ASK = [say("?"), go("queue/people", button("Yes"))]


def due(talk: Talk) -> Deadline | None:
    return deadline(talk.graph, talk.state)


@pytest.mark.parametrize(
    ("connector", "no_answer", "expected"),
    [
        ({}, None, None),
        ({"idle": {"after": 60, "to": TO}}, None, (60, "idle")),
        ({}, {"after": 30, "to": TO}, (30, "no_answer")),
        ({"idle": {"after": 60, "to": TO}}, {"after": 30, "to": TO}, (30, "no_answer")),
        ({"idle": {"after": 20, "to": TO}}, {"after": 30, "to": TO}, (20, "idle")),
        ({"idle": {"after": 30, "to": TO}}, {"after": 30, "to": TO}, (30, "no_answer")),
    ],
)
def test_what_a_decision_waits_for(connector: dict[str, Any], no_answer: Any, expected: Any) -> None:
    talk = Talk(tree(ASK, connector=connector, no_answer=no_answer)).user("hi").bot("?")
    found = due(talk)
    assert (found and (found.at - NOW, found.reason)) == (expected and (timedelta(seconds=expected[0]), expected[1]))


def test_limits_count_from_when_the_question_left() -> None:
    talk = Talk(tree(ASK, no_answer={"after": 30, "to": TO})).user("hi").bot("?")
    asked = talk.world.steps[-2].conversation
    state = advance(
        talk.graph, asked, Delivered(at=NOW + timedelta(seconds=5)), NOW + timedelta(seconds=5)
    ).conversation
    assert deadline(talk.graph, state) == Deadline(NOW + timedelta(seconds=35), "no_answer")


def test_an_answer_that_settles_is_all_that_is_waited_for() -> None:
    connector = {"burst": {"quiet": 40}, "idle": {"after": 10, "to": TO}}
    talk = Talk(tree(ASK, connector=connector, no_answer={"after": 30, "to": TO})).user("hi").bot("?").user("hm")
    assert due(talk) == Deadline(NOW + timedelta(seconds=40), "quiet")


def test_an_automessage_waits_for_its_next_message() -> None:
    auto = {"title": "A", "messages": [{"time": 20}, {"time": 10}], "next": TO}
    talk = Talk(tree([go("automessage/a")], automessages={"a": auto})).user("hi")
    assert due(talk) == Deadline(NOW + timedelta(seconds=10), "automessage")
    talk.wait(10)
    assert due(talk) == Deadline(NOW + timedelta(seconds=20), "automessage")


def test_a_queue_waits_until_somebody_accepts() -> None:
    queues = {"people": {"title": "P", "max_wait": 60, "overflow": {"type": "terminate", "name": "bye"}}}
    talk = Talk(tree([go("queue/people")], queues=queues)).user("hi").wait(10).user("hello?")
    assert due(talk) == Deadline(NOW + timedelta(seconds=60), "max_wait")
    talk.event("accept", AgentAccepted(agent="anna"))
    assert due(talk) is None


def test_after_the_end_nothing_is_waited_for() -> None:
    talk = Talk(tree([go("terminate/bye")], connector={"idle": {"after": 60, "to": TO}})).user("hi").ends()
    assert due(talk) is None
