"""Several short messages in a row, and messages older than the question (SPEC 2.6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from routing.interpreter import advance
from routing.messages import CustomerMessage, Delivered, Wrote
from tests.talk import MONDAY, Talk, button, go, say, tree

NOW = datetime.fromisoformat(MONDAY)


def asks(burst: dict[str, Any]) -> dict[str, Any]:
    """A question that takes anything with an x, and a decision that shows what the answer was."""
    shows = {"title": "Got", "actions": [say("<{{ answer.text }}>"), go("start")]}
    answer = {"type": "pattern", "pattern": "/x/"}
    return tree(
        [say("Well?"), go("got", answer)],
        no_match={"text": "No."},
        decisions={"got": shows},
        connector={"burst": burst},
    )


def message(key: str, text: str, seconds: float, payload: str | None = None) -> CustomerMessage:
    return CustomerMessage(key=key, text=text, at=NOW + timedelta(seconds=seconds), payload=payload)


def test_joined_by_newlines_unless_told_otherwise() -> None:
    talk = Talk(asks({})).user("hi").bot("Well?").user("a", "x", "b")
    talk.bot("<a\nx\nb>").bot("Well?")


def test_the_last_one_alone() -> None:
    talk = Talk(asks({"answer": "last"})).user("hi").bot("Well?")
    talk.user("x", "b").bot("No.").user("a", "x").bot("<x>").bot("Well?")


def test_one_after_the_other_until_one_answers() -> None:
    talk = Talk(asks({"answer": "each"})).user("hi").bot("Well?")
    talk.user("a", "b", "x1", "x2").bot("No.").bot("No.").bot("<x1>").bot("Well?").silence()
    assert [line.text for line in talk.state.lines if line.direction == "in"] == ["hi", "a", "b", "x1", "x2"]


def test_one_after_the_other_goes_on_with_a_place_that_asks_nothing() -> None:
    silent = {"title": "Silent", "actions": [go("terminate/bye", {"type": "similar", "words": "end"})]}
    document = tree(
        [say("Well?"), go("silent", button("On"))],
        decisions={"silent": silent},
        connector={"burst": {"answer": "each"}},
    )
    Talk(document).user("hi").bot("Well?").user("on", "end").ends(terminate="bye")


def test_one_after_the_other_reaches_the_chatbot() -> None:
    robot = {"title": "Robot", "url": "https://bot.example.com/", "fallback": {"type": "queue", "name": "people"}}
    document = tree(
        [say("Well?"), go("chatbot/robot", button("Robot"))],
        chatbots={"robot": robot},
        connector={"burst": {"answer": "each"}},
    )
    talk = Talk(document).user("hi").bot("Well?").user("robot", "one", "two")
    assert [asked.body["text"] for asked in talk.world.asked] == ["one", "two"]


def test_quiet_waits_until_the_customer_has_been_silent() -> None:
    talk = Talk(asks({"quiet": 3})).user("hi").bot("Well?")
    talk.user("a").wait(2).silence().user("x").wait(2).silence().wait(1).bot("<a\nx>").bot("Well?")


def test_an_answer_that_settles_is_no_silence() -> None:
    document = tree(
        [say("Well?"), go("terminate/bye", {"type": "pattern", "pattern": "/x/"})],
        no_answer={"after": 5, "to": {"type": "queue", "name": "people"}},
        connector={"burst": {"quiet": 10}},
    )
    Talk(document).user("hi").bot("Well?").user("x").wait(9).place("decision_trees/tree").wait(1).ends(terminate="bye")


def test_what_was_sent_before_the_question_is_no_answer() -> None:
    talk = Talk(asks({})).user("hi").bot("Well?")
    talk.user("x early", at="2026-11-23T09:59:59+01:00").silence()
    assert "written before the question went out" in talk.why
    assert talk.state.lines[-1].text == "x early"
    talk.user("x").bot("<x>").bot("Well?")


@pytest.mark.parametrize(("seconds", "counts"), [(1, False), (2, True), (3, True)])
def test_the_question_counts_from_when_it_really_left(seconds: int, counts: bool) -> None:
    talk = Talk(asks({})).user("hi").bot("Well?")
    asked = talk.world.steps[-2].conversation
    later = NOW + timedelta(seconds=2)
    state = advance(talk.graph, asked, Delivered(at=later), later).conversation
    step = advance(talk.graph, state, Wrote(messages=(message("m", "x", seconds),)), later + timedelta(seconds=2))
    assert bool(step.commands) is counts


def test_a_later_message_of_ours_does_not_put_the_question_off() -> None:
    talk = Talk(asks({})).user("hi").bot("Well?").wait(10).user("a").bot("No.")
    # Written after the question and before "No." arrived: an answer to the question all the same.
    state = advance(talk.graph, talk.state, Delivered(at=NOW + timedelta(seconds=12)), NOW + timedelta(seconds=12))
    written = Wrote(messages=(message("m", "x", 11),))
    step = advance(talk.graph, state.conversation, written, NOW + timedelta(seconds=13))
    assert step.conversation.answer["text"] == "x"


def test_a_tap_on_the_question_answers_it_whatever_the_clocks_say() -> None:
    document = tree([say("Well?"), go("queue/people", button("Yes"))])
    talk = Talk(document).user("hi").bot("Well?", buttons=["Yes"])
    payload = talk.newest.quick_replies[0].payload
    step = advance(talk.graph, talk.state, Wrote(messages=(message("m", "Yes", -5, payload),)), NOW)
    assert step.conversation.place == "queues/people"
