"""Agents, queues, takeover, transfers and ends (SPEC 2.8 and 3)."""

from typing import Any

import pytest

from routing.messages import AgentAccepted, AgentClosed, AgentWrote, Delivered, End, Enqueued, Transferred
from tests.talk import Talk, button, go, say, speaking, tree


def asks(**more: Any) -> dict[str, Any]:
    return tree([say("?"), go("terminate/bye", button("Bye"))], **more)


# Takeover -------------------------------------------------------------------------------------------------------------


def test_a_reply_in_the_app_moves_the_conversation_to_the_takeover_queue() -> None:
    talk = Talk(asks(connector={"takeover_queue": "people"})).user("hi").bot("?").takeover("Hello, Anna here")
    talk.queue("people").user("bye").silence().close("user", agent=None).ends(queue="people", answered=True)
    recorded = talk.world.said[-1]
    assert (recorded.author, recorded.sent, recorded.text) == ("agent", True, "Hello, Anna here")


def test_without_a_takeover_queue_nobody_in_particular_has_it() -> None:
    talk = Talk(asks()).user("hi").bot("?").takeover("Hello").place("connectors/shop")
    assert talk.state.waiting.type == "agent"
    talk.user("bye").silence().close("user", agent=None).ends(queue=None, answered=True)


def test_with_takeover_switched_off_the_tree_goes_on() -> None:
    talk = Talk(asks(connector={"takeover": False})).user("hi").bot("?").takeover("Hello").place("decision_trees/tree")
    talk.user("bye").ends(terminate="bye")


def test_the_welcome_of_a_queue_is_not_said_to_somebody_who_is_being_served() -> None:
    queues = {"people": {"title": "People", "welcome": {"text": "Please wait."}}}
    Talk(asks(connector={"takeover_queue": "people"}, queues=queues)).user("hi").bot("?").takeover("Hello").silence()


# Queues ---------------------------------------------------------------------------------------------------------------


def test_a_queue_welcomes_and_enqueues() -> None:
    queues = {
        "people": {
            "title": "People",
            "priority": 2,
            "welcome": {"text": "Hi {{ customer.name }}", "variants": {"cs": "x"}},
        }
    }
    talk = Talk(tree([go("queue/people")], queues=queues)).user("hi").bot("Hi ").queue("people")
    command = talk.world.queued[0]
    assert (command.queue, command.priority, command.path) == ("people", 2, "queues/people")


@pytest.mark.parametrize(
    ("allowed", "sent"), [("none", ()), ("customer", ()), ("both", ("https://x/1.png", "https://x/2.png"))]
)
def test_agents_send_pictures_where_the_connector_lets_them(allowed: str, sent: tuple[str, ...]) -> None:
    talk = Talk(tree([go("queue/people")], connector={"attachments": allowed})).user("hi").accept("anna")
    talk.world.feed(AgentWrote(key="a1", agent="anna", text="Look", images=("https://x/1.png", "https://x/2.png")))
    assert (talk.world.said[-1].text, talk.world.said[-1].images) == ("Look", sent)
    assert any("the picture was left out" in visit.why for visit in talk.world.visited) == (allowed != "both")


def test_agents_accept_write_and_close() -> None:
    talk = Talk(tree([go("queue/people")])).user("hi").accept("anna").agent("Hello").user("thanks").silence()
    assert talk.state.waiting.type == "agent"
    talk.close("user").ends(cause="user", queue="people", answered=True, missed=False, terminate=None)


def test_an_agents_message_carries_its_own_key_and_author() -> None:
    talk = Talk(tree([go("queue/people")])).user("hi").event("agent", AgentWrote(key="k", agent="petr", text="Yo"))
    talk.bot("Yo")
    assert (talk.newest.key, talk.newest.agent, talk.newest.author) == ("k", "petr", "agent")


def test_closed_by_a_rule_before_anybody_answered_is_missed() -> None:
    Talk(tree([go("queue/people")])).user("hi").close("timeout", agent=None).ends(answered=False, missed=True)


def test_after_close_leads_on() -> None:
    queues = {"people": {"title": "People", "after_close": {"type": "decision_tree", "name": "mark"}}}
    mark = {
        "title": "Mark",
        "start": "ask",
        "decisions": {"ask": {"title": "Ask", "actions": [say("How was it?"), go("terminate/bye", button("Good"))]}},
    }
    talk = Talk(tree([go("queue/people")], queues=queues, decision_trees={"mark": mark})).user("hi").agent("Hello")
    talk.close().bot("How was it?", buttons=["Good"]).tap("Good").ends(terminate="bye")


@pytest.mark.parametrize("to", ["queues/people", "decision_trees/tree", "terminates/bye"])
def test_a_transfer_leads_anywhere(to: str) -> None:
    talk = Talk(asks()).user("hi").bot("?").transfer(to)
    if to == "decision_trees/tree":
        talk.bot("?")
    talk.place(to)
    assert "transferred by anna" in talk.why


def test_a_transfer_to_nowhere_changes_nothing() -> None:
    talk = Talk(asks()).user("hi").bot("?").transfer("queues/nobody").place("decision_trees/tree")
    assert "there is no queues/nobody" in talk.why


def test_a_transfer_to_somebody_waits_for_them_in_its_queue() -> None:
    queues = {"people": {"title": "People", "priority": 3, "welcome": {"text": "Wait."}}}
    talk = (
        Talk(tree([go("queue/people")], queues=queues)).user("hi").bot("Wait.").accept("anna").transfer("agents/karl")
    )
    talk.silence().place("queues/people")
    assert "transferred to karl by anna" in talk.why
    first, second = talk.world.queued
    assert (first.wanted, second.wanted) == (None, "karl")
    assert (second.queue, second.priority, second.key == first.key) == ("people", 3, False)
    assert (talk.state.waiting.type, talk.state.waiting.agent) == ("agent", None)  # pyright: ignore[reportAttributeAccessIssue]
    talk.accept("karl").agent("Karl here").close().ends(queue="people", answered=True)


def test_a_transfer_to_somebody_out_of_a_tree_waits_outside_every_queue() -> None:
    talk = Talk(asks()).user("hi").bot("?").transfer("agents/karl").place("connectors/shop")
    [command] = talk.world.queued
    assert (command.queue, command.wanted, command.priority) == ("", "karl", 10)
    talk.user("bye").silence()
    assert talk.state.waiting.type == "agent"
    talk.accept("karl").close().ends(queue=None, answered=True)


def test_nobody_who_is_wanted_takes_it_and_the_queue_overflows() -> None:
    queues = {"people": {"title": "People", "max_wait": 60, "overflow": {"type": "terminate", "name": "bye"}}}
    talk = Talk(asks(queues=queues)).user("hi").bot("?").transfer("queues/people").accept("anna")
    talk.transfer("agents/karl").wait(59).place("queues/people").wait(1).ends(terminate="bye")


# Ends -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminate", "missed"),
    [
        ({}, False),
        ({"queue": "people"}, True),
        ({"queue": "people", "answered": True}, False),
        ({"answered": True}, False),
    ],
)
def test_with_a_queue_and_not_answered_it_is_a_missed_chat(terminate: dict[str, Any], missed: bool) -> None:
    terminates = {"end": {"title": "End", "cause": "not_available", **terminate}}
    talk = Talk(tree([go("terminate/end")], terminates=terminates)).user("hi")
    talk.ends(terminate="end", cause="not_available", missed=missed, queue=terminate.get("queue"))


def test_the_auto_response_is_a_template_in_the_customers_language() -> None:
    document = tree(
        [go("terminate/end")],
        terminates={"end": {"title": "End", "cause": "user", "auto_response": "t"}},
        templates={"t": {"title": "T", "text": "Bye {{ customer.id }}", "variants": {"cs": "Ahoj"}}},
        languages={"default": "en", "offered": ["en", "cs"]},
    )
    Talk(document).user("hi").bot("Bye customer").ends()
    Talk(document, detect=speaking("cs")).user("dobrý den").bot("Ahoj").ends()


def test_the_auto_response_is_sent_before_the_end() -> None:
    document = tree(
        [go("terminate/end")],
        terminates={"end": {"title": "End", "cause": "user", "auto_response": "t"}},
        templates={"t": {"title": "T", "text": "Bye"}},
    )
    talk = Talk(document).user("hi").bot("Bye").ends()
    commands = [command for step in talk.world.steps for command in step.commands]
    assert [command.type for command in commands] == ["send", "end"]


def test_the_next_message_starts_a_new_conversation() -> None:
    talk = Talk(asks()).user("hi").bot("?").tap("Bye").ends()
    first = talk.state.name
    talk.user("hi again").bot("?")
    assert talk.state.name != first
    assert talk.state.answer == {}


# At the wrong time ----------------------------------------------------------------------------------------------------


def test_after_the_end_nothing_happens_any_more() -> None:
    talk = Talk(asks()).user("hi").bot("?").tap("Bye").ends()
    for event in (
        AgentWrote(key="k", text="late"),
        AgentAccepted(agent="anna"),
        AgentClosed(),
        Transferred(to="queues/people"),
        Enqueued(),
        Delivered(at=talk.world.now, blocked="window"),
    ):
        talk.event("late", event).silence().ends(terminate="bye")
    assert len(talk.world.ends) == 1


def test_an_agent_cannot_accept_what_a_tree_has() -> None:
    Talk(asks()).user("hi").bot("?").accept().place("decision_trees/tree").tap("Bye").ends(answered=False)


def test_a_message_that_was_blocked_is_in_the_trace() -> None:
    talk = Talk(asks()).user("hi").bot("?")
    talk.event("blocked", Delivered(at=talk.world.now, blocked="the 24-hour window is closed"))
    assert "not sent: the 24-hour window is closed" in talk.why


def test_closing_what_a_tree_has_ends_it() -> None:
    talk = Talk(asks()).user("hi").bot("?").close("user").ends(cause="user", queue=None)
    assert [command for step in talk.world.steps for command in step.commands if isinstance(command, End)]
