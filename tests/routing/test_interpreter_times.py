"""What time does: automessages, opening hours, idle limits and longest waits (SPEC 2.7 and 3)."""

from typing import Any

import pytest

from routing.messages import TimeCame
from tests.talk import MONDAY, Talk, button, go, say, speaking, tree


def automessage(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    automessages = {
        "auto": {"title": "Auto", "messages": messages, "next": {"type": "queue", "name": "people"}, **more}
    }
    return tree([go("automessage/auto")], automessages=automessages)


THREE = [{"time": 0, "text": "now"}, {"time": "PT30S", "text": "soon"}, {"time": "PT20H", "text": "late"}]


def test_automessages_come_at_their_times_counted_from_the_arrival() -> None:
    talk = Talk(automessage(THREE)).user("hi").bot("now").wait(29).silence().wait(1).bot("soon")
    talk.wait("PT19H59M29S").silence().wait(1).bot("late").queue("people")


def test_automessages_may_be_written_in_any_order() -> None:
    talk = Talk(automessage(THREE[::-1])).user("hi").bot("now").wait("PT20H").bot("soon").bot("late").queue("people")
    assert "the last message's time has passed" in talk.why


def test_a_message_without_text_is_only_waited_for() -> None:
    Talk(automessage([{"time": 10}])).user("hi").wait(9).place("automessages/auto").wait(1).queue("people")


def test_several_that_came_due_meanwhile_are_said_at_once_and_in_order() -> None:
    talk = Talk(automessage(THREE)).user("hi").bot("now")
    talk.world.now = talk.world.now.replace(day=25)  # nobody looked for two days
    talk.event("late", TimeCame()).bot("soon").bot("late").queue("people")


def test_a_reply_does_not_change_the_times_unless_told_so() -> None:
    talk = Talk(automessage(THREE)).user("hi").bot("now").wait(10).user("hello?").silence().wait(20).bot("soon")
    talk.place("automessages/auto")


def test_a_reply_may_end_the_waiting_at_once() -> None:
    Talk(automessage(THREE, on_reply="next")).user("hi").bot("now").wait(10).user("hello?").queue("people")


def test_what_opened_the_conversation_is_no_reply() -> None:
    Talk(automessage(THREE, on_reply="next")).user("hi").bot("now").place("automessages/auto")


def test_an_automessage_speaks_the_customers_language() -> None:
    document = automessage([{"time": 0, "text": "now", "variants": {"cs": "teď"}}])
    document["languages"] = {"default": "en", "offered": ["en", "cs"]}
    Talk(document, detect=speaking("cs")).user("dobrý den").bot("teď")


def test_an_automessage_of_0_s_alone_goes_on_at_once() -> None:
    Talk(automessage(THREE[:1])).user("hi").bot("now").queue("people")


HOURS = {
    "title": "Hours",
    "timezone": "Europe/Prague",
    "definitions": [{"type": "open", "system": "own", "weekdays": ["mon"], "from": "09:00", "to": "17:00"}],
}


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-11-23T08:59:59+01:00", False),
        ("2026-11-23T09:00:00+01:00", True),
        ("2026-11-23T16:59:59+01:00", True),
        ("2026-11-23T17:00:00+01:00", False),
        ("2026-11-23T15:30:00+00:00", True),
        ("2026-11-24T10:00:00+01:00", False),
    ],
)
def test_a_time_condition_reads_the_clock(at: str, open_: bool) -> None:
    condition = {
        "title": "C",
        "time_group": "hours",
        "open": {"type": "queue", "name": "people"},
        "closed": {"type": "terminate", "name": "bye"},
    }
    document = tree([go("time_condition/c")], time_groups={"hours": HOURS}, time_conditions={"c": condition})
    talk = Talk(document, at=at).user("hi")
    talk.queue("people") if open_ else talk.ends(terminate="bye")
    assert ("open: " if open_ else "closed: ") in talk.why


IDLE = {"idle": {"after": "PT1H", "to": {"type": "terminate", "name": "bye"}}}


def test_an_idle_customer_leaves_a_tree() -> None:
    talk = Talk(tree([say("?"), go("queue/people", button("Yes"))], connector=IDLE)).user("hi").bot("?")
    talk.wait("PT59M").user("hm").wait("PT59M59S").place("decision_trees/tree").wait(1).ends(terminate="bye")


def test_an_idle_customer_leaves_a_bot() -> None:
    robot = {"title": "Robot", "url": "https://bot.example.com/", "fallback": {"type": "queue", "name": "people"}}
    talk = Talk(tree([go("chatbot/robot")], chatbots={"robot": robot}, connector=IDLE)).user("hi")
    talk.wait("PT59M59S").place("chatbots/robot").wait(1).ends(terminate="bye")


@pytest.mark.parametrize("to", ["queue/people", "automessage/auto"])
def test_idle_is_about_trees_and_bots_only(to: str) -> None:
    auto = {"title": "Auto", "messages": [{"time": "PT20H"}], "next": {"type": "queue", "name": "people"}}
    talk = Talk(tree([go(to)], automessages={"auto": auto}, connector=IDLE)).user("hi").wait("PT19H")
    assert talk.state.waiting.type in ("agent", "time")


@pytest.mark.parametrize(
    ("after", "where"), [("PT59M", "queues/people"), ("PT1H", "queues/people"), ("PT61M", "terminates/bye")]
)
def test_the_earlier_of_idle_and_no_answer_comes_first(after: str, where: str) -> None:
    no_answer = {"after": after, "to": {"type": "queue", "name": "people"}}
    talk = Talk(tree([say("?"), go("queue/people", button("Yes"))], no_answer=no_answer, connector=IDLE))
    talk.user("hi").bot("?").wait("PT2H").place(where)


BUSY = {"people": {"title": "People", "max_wait": "PT10M", "overflow": {"type": "terminate", "name": "bye"}}}


def test_a_queue_overflows_when_nobody_comes() -> None:
    talk = Talk(tree([go("queue/people")], queues=BUSY)).user("hi").queue("people")
    talk.wait("PT9M").user("anybody?").wait(59).queue("people").wait(1).ends(terminate="bye")


def test_a_queue_does_not_overflow_once_an_agent_is_there() -> None:
    Talk(tree([go("queue/people")], queues=BUSY)).user("hi").accept().wait("P1D").queue("people")


def test_nor_once_somebody_has_answered_in_the_app() -> None:
    Talk(tree([go("queue/people")], queues=BUSY)).user("hi").takeover("Hello!").wait("P1D").queue("people")
    taken = tree([say("?"), go("queue/people", button("Yes"))], queues=BUSY, connector={"takeover_queue": "people"})
    Talk(taken).user("hi").bot("?").takeover("Hello!").wait("P1D").queue("people")


def test_an_agent_of_an_earlier_queue_does_not_stop_the_next_overflow() -> None:
    queues = {**BUSY, "first": {"title": "First", "after_close": {"type": "queue", "name": "people"}}}
    talk = Talk(tree([go("queue/first")], queues=queues)).user("hi").agent("Hello").close().queue("people")
    talk.wait("PT10M").ends(terminate="bye")


def test_a_time_that_has_not_come_does_nothing() -> None:
    talk = Talk(automessage(THREE), at=MONDAY).user("hi").bot("now")
    before = talk.state
    talk.event("early", TimeCame()).silence()
    assert talk.state == before
