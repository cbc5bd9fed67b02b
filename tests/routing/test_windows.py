"""The 24-hour window: every message that can be late is found with its proof, and no other."""

import cProfile
import re
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from routing.problems import check
from tests.routing.tried import late, small
from tests.talk import Talk, button, go, graph_of, say, tree

LATER = go("terminate/bye", button("Bye"))
ENDING = {"type": "terminate", "name": "note"}
NOTE = {"templates": {"note": {"title": "Note", "text": "Bye"}}}
ANY = {"type": "pattern", "pattern": "/a/"}
SAID = {"title": "Said", "actions": [say("You said a"), go("queue/people")]}
MORE = {
    "more": {
        "title": "More",
        "start": "ask",
        "decisions": {"ask": {"title": "Ask", "actions": [go("said", ANY)]}, "said": SAID},
    }
}
"""A tree that asks nothing, and decides on what was written before."""
EACH = {"type": "loop", "items": "messages", "as": "one"}
IF = {"type": "condition", "all": [{"left": "text", "operator": "is_empty"}]}
ASK = {"type": "request", "url": "https://x.example", "into": "r"}
ENDS = {"note": {"title": "Note", "cause": "user", "auto_response": "note"}}


def automessage(to: str, *times: str | int, silent: tuple[str | int, ...] = (), **more: Any) -> dict[str, Any]:
    """Messages at these times, and after the `silent` ones nothing is said."""
    messages = [{"time": time, "text": f"At {time}"} for time in times] + [{"time": time} for time in silent]
    kind, _, name = to.partition("/")
    return {"title": "A", "messages": messages, "next": {"type": kind, "name": name}, **more}


def queue(overflow: str, **more: Any) -> dict[str, Any]:
    return {"max_wait": "PT13H", "overflow": to(overflow), "welcome": {"text": "Hi"}, **more}


def to(place: str) -> dict[str, str]:
    kind, _, name = place.partition("/")
    return {"type": kind, "name": name}


def found(document: Mapping[str, Any]) -> dict[str, str]:
    """The message of each warning about the window by its path; nothing else may be wrong but what is not reached."""
    problems = check(document).problems
    beside = {"outside-window", "unreachable", "unreachable-decision", "may-dead-end", "variant-missing", "never-run"}
    assert {one.code for one in problems} <= beside, problems
    assert {one.severity for one in problems} <= {"warning"}
    late = [one for one in problems if one.code == "outside-window"]
    assert len({one.path for one in late}) == len(late)
    return {one.path: one.message for one in late}


D = "decision_trees/tree/decisions"
START = f"{D}/start"


def asleep(*actions: Any, after: str | int = "PT25H", to: str = "decision/late", **more: Any) -> dict[str, Any]:
    """A decision that asks, and one called `late` for customers who say nothing for so long."""
    kind, _, name = to.partition("/")
    late = {"late": {"title": "Late", "actions": [*actions, LATER], **more.pop("late", {})}}
    decisions = {**late, **more.pop("decisions", {})}
    no_answer = {"after": after, "to": {"type": kind, "name": name}}
    return tree([say("Hello"), LATER], no_answer=no_answer, decisions=decisions, **more)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(asleep(say("You?"), after="PT23H59M59S"), {}, id="in time"),
        pytest.param(
            asleep(say("You?"), after="PT24H"),
            {f"{D}/late/actions/0": f"{START}/no_answer/after 24 h; shorten"},
            id="24 hours is late",
        ),
        pytest.param(
            asleep(after="PT25H"),
            {f"{D}/late": "this can be sent 25 h after the customer's last message, and Instagram refuses it from 24 h "
                f"on: {START}/no_answer/after 25 h; shorten what adds up, or send nothing here"},
            id="a question without a message says the title",
        ),
        pytest.param(
            asleep(say("You?"), {"type": "request", "url": "https://x.example", "into": "r"}),
            {f"{D}/late/actions/0": "25 h", f"{D}/late": "25 h"},
            id="so does one whose message has left before",
        ),
        pytest.param(
            asleep(say("You?", buttons=[{"text": "A", "url": "https://x.example"}])),
            {f"{D}/late/actions/0": "25 h", f"{D}/late": "25 h"},
            id="and one whose message cannot carry the buttons",
        ),
        pytest.param(
            asleep(
                {
                    "type": "loop", "items": "messages", "as": "one", "actions": [
                        {
                            "type": "condition", "all": [{"left": "text", "operator": "is_empty"}],
                            "then": [say("Deep")], "otherwise": [go("queue/people"), say("Never")],
                        }
                    ],
                },
                say("Behind"),
            ),
            {f"{D}/late/actions/0/actions/0/then/0": "25 h", f"{D}/late/actions/1": "25 h"},
            id="in loops and conditions, but not what never runs",
        ),
        pytest.param(
            asleep(say("You?"), after="PT2H", decisions={}, connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", 0, silent=("PT23H",))}),
            {f"{D}/late/actions/0": "automessages/wait/messages/1 23 h + "
                f"{START}/no_answer/after 2 h = 25 h"},
            id="times add up",
        ),
        pytest.param(
            asleep(say("You?"), after="PT2H", connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", silent=("PT21H",))}),
            {},
            id="23 hours are in time",
        ),
        pytest.param(
            tree([say("Hello"), go("next", button("On"))], decisions={"next": {"title": "N",
                "actions": [say("Yes"), LATER], "no_answer": {"after": "PT23H", "to": to("decision/start")}}},
                no_answer={"after": "PT23H", "to": {"type": "queue", "name": "people"}}),
            {},
            id="an answer begins anew",
        ),
        pytest.param(
            tree([LATER], connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", "PT23H", "PT24H", on_reply="next")}),
            {"automessages/wait/messages/1": "automessages/wait/messages/1 24 h; shorten", START: "24 h"},
            id="each message at its own time, and what comes behind",
        ),
        pytest.param(
            tree([go("said", {"type": "pattern", "pattern": "/a/"})], connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", silent=("P1D",))},
                decisions={"said": {"title": "S", "actions": [say("You said a"), go("queue/people")]}}),
            {f"{D}/said/actions/0": "automessages/wait/messages/0 24 h"},
            id="a decision that asks nothing decides on old words",
        ),
        pytest.param(
            tree([say("Hello"), go("said", {"type": "pattern", "pattern": "/a/"})],
                connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", silent=("P1D",))},
                decisions={"said": {"title": "S", "actions": [say("You said a"), go("queue/people")]}}),
            {f"{START}/actions/0": "24 h"},
            id="one that asks does not",
        ),
        pytest.param(
            tree([go("said", {"type": "pattern", "pattern": "/a/"})], no_match={"text": "What?"},
                connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/tree", silent=("P1D",))},
                decisions={"said": {"title": "S", "actions": [go("queue/people")]}}),
            {f"{START}/no_match": "24 h"},
            id="nor can old words fit",
        ),
        pytest.param(
            tree([say("Hello"), LATER], no_match={"text": "What?"}, connector={"burst": {"quiet": "PT25H"}}),
            {f"{START}/no_match": "connectors/shop/burst/quiet 25 h"},
            id="a burst that takes a day",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE,
                connector={"idle": {"after": "P1D", "to": to("terminate/note")}}),
            {"terminates/note/auto_response": "connectors/shop/idle/after 24 h"},
            id="idle",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE,
                no_answer={"after": "PT1H", "to": to("queue/people")},
                connector={"idle": {"after": "P1D", "to": to("terminate/note")}}),
            {},
            id="idle that no_answer forestalls",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE,
                no_answer={"after": "P2D", "to": to("terminate/note")},
                connector={"idle": {"after": "PT1H", "to": to("queue/people")}}),
            {},
            id="no_answer that idle forestalls",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE,
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("terminate/note")}},
                connector={"next": to("chatbot/bot"), "idle": {"after": "P1D", "to": to("decision_tree/tree")}}),
            {f"{START}/actions/0": "connectors/shop/idle/after 24 h"},
            id="idle at a chatbot, whose failure comes at once",
        ),
        pytest.param(
            tree([go("queue/first")], terminates=ENDS, **NOTE, queues={
                "first": queue("queue/second", title="F"), "second": queue("terminate/note", title="S"),
            }),
            {"terminates/note/auto_response": "queues/first/max_wait 13 h + queues/second/max_wait 13 h = 26 h"},
            id="queues that overflow",
        ),
        pytest.param(
            tree([go("queue/first")], queues={"first": {"title": "F", "after_close": to("terminate/note")}},
                terminates=ENDS, **NOTE),
            {"terminates/note/auto_response": "queues/first/after_close 168 h (at most, until an agent closes); "},
            id="agents keep a conversation for a week",
        ),
        pytest.param(
            tree([say("Hello"), LATER], connector={"takeover_queue": "first"},
                queues={"first": {"title": "F", "after_close": to("terminate/note"), "welcome": {"text": "Hi"}}},
                terminates=ENDS, **NOTE),
            {"terminates/note/auto_response": "queues/first/after_close 168 h"},
            id="also one that they have taken over",
        ),
        pytest.param(
            tree([go("queue/people")], connector={"takeover_queue": "first"},
                queues={"first": {"title": "F", "after_close": to("terminate/note")}}, terminates=ENDS, **NOTE),
            {},
            id="which they cannot where nothing waits but a queue",
        ),
        pytest.param(
            tree([LATER], connector={"next": to("time_condition/hours")},
                time_groups={"g": {"title": "G", "timezone": "Europe/Prague",
                    "definitions": [{"type": "open", "system": "own"}]}},
                time_conditions={"hours": {"title": "H", "time_group": "g", "open": to("automessage/one"),
                    "closed": to("automessage/two")}},
                automessages={"one": automessage("queue/people", "P1D"), "two": automessage("queue/people", "P2D")}),
            {"automessages/one/messages/0": "24 h", "automessages/two/messages/0": "48 h"},
            id="open and closed",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE, no_answer={"after": "P1D", "to": to("queue/people")},
                connector={"idle": {"after": "P1D", "to": to("terminate/note")}}),
            {},
            id="at the same time no_answer comes before idle",
        ),
        pytest.param(
            tree([say("Hello"), LATER], no_answer={"after": "PT25H", "to": to("decision/late")},
                decisions={"late": {"title": "L", "actions": [go("said", ANY)]}, "said": SAID}),
            {},
            id="who had nothing left unsaid answers anew",
        ),
        pytest.param(
            tree([say("Hello"), go("automessage/long", button("L")), go("automessage/short", button("S"))],
                automessages={"long": automessage("decision_tree/more", silent=("PT25H",)),
                    "short": automessage("decision_tree/more", silent=("PT1H",))},
                decision_trees=MORE),
            {"decision_trees/more/decisions/said/actions/0": "automessages/long/messages/0 25 h"},
            id="words that a message waited for are as old as the wait",
        ),
        pytest.param(
            tree([say("Hello"), go("automessage/long", button("L"))],
                automessages={"long": automessage("decision_tree/more", silent=("PT13H",), on_reply="next"),
                    "then": automessage("terminate/note", silent=("PT12H",))},
                terminates=ENDS, **NOTE, decision_trees={"more": {"title": "M", "start": "ask",
                    "decisions": {"ask": {"title": "A", "actions": [go("automessage/then", ANY)]}}}}),
            {},
            id="words that end the wait are young",
        ),
        pytest.param(
            tree([say("Hello"), go("automessage/long", button("L"))],
                automessages={"long": automessage("decision_tree/more", silent=("PT13H",)),
                    "then": automessage("terminate/note", silent=("PT12H",))},
                terminates=ENDS, **NOTE, decision_trees={"more": {"title": "M", "start": "ask",
                    "decisions": {"ask": {"title": "A", "actions": [go("automessage/then", ANY)]}}}}),
            {"terminates/note/auto_response": "automessages/long/messages/0 13 h + automessages/then/messages/0 12 h"},
            id="words that do not end it grow old",
        ),
        pytest.param(
            tree([say("Hello"), LATER], connector={"next": to("automessage/before")},
                automessages={"before": automessage("chatbot/bot", silent=("PT13H",), on_reply="next"),
                    "long": automessage("decision_tree/more", silent=("PT12H",), on_reply="next")},
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("automessage/long")}},
                decision_trees=MORE),
            {"decision_trees/more/decisions/said/actions/0": "13 h + automessages/long/messages/0 12 h"},
            id="a chatbot fails at the first of two words, and the second stays",
        ),
        pytest.param(
            tree([say("Hello"), go("chatbot/bot", button("B"))],
                automessages={"long": automessage("decision_tree/more", silent=("PT25H",), on_reply="next")},
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("automessage/long")}},
                decision_trees=MORE),
            {"decision_trees/more/decisions/said/actions/0": "automessages/long/messages/0 25 h"},
            id="also where it had to wait for both",
        ),
        pytest.param(
            tree([say("Hello"), go("chatbot/bot", button("B"))],
                automessages={"long": automessage("decision_tree/more", silent=("PT25H",), on_reply="next")},
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("queue/people"),
                    "send_start_message": True}},
                connector={"idle": {"after": "P1D", "to": to("automessage/long")}}, decision_trees=MORE),
            {},
            id="a chatbot has read what was written",
        ),
        pytest.param(
            tree([say("Hello"), LATER], no_answer={"after": "PT25H", "to": to("chatbot/bot")},
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("terminate/note")}},
                terminates=ENDS, **NOTE, queues={"q": {"title": "Q", "welcome": {"text": "Hi"}}}),
            {},
            id="a chatbot that is told nothing does nothing",
        ),
        pytest.param(
            tree([say("Hello"), LATER], no_answer={"after": "PT25H", "to": to("chatbot/bot")},
                chatbots={"bot": {"title": "B", "url": "https://b.example", "fallback": to("terminate/note"),
                    "send_start_message": True}},
                terminates=ENDS, **NOTE, queues={"q": {"title": "Q", "welcome": {"text": "Hi"}}}),
            {"terminates/note/auto_response": "25 h", "queues/q/welcome": "25 h"},
            id="one that is told of the start may fail or hand over",
        ),
        pytest.param(
            tree([say("Hello"), LATER], connector={"next": to("automessage/wait"), "burst": {"answer": "each"}},
                automessages={"wait": automessage("decision_tree/more", silent=("PT25H",))},
                decision_trees={"more": {"title": "M", "start": "ask", "decisions": {
                    "ask": {"title": "A", "actions": [go("again", ANY)]},
                    "again": {"title": "B", "actions": [go("said", ANY)]}, "said": SAID}}}),
            {"decision_trees/more/decisions/said/actions/0": "automessages/wait/messages/0 25 h"},
            id="each of two words is an answer",
        ),
        pytest.param(
            tree([say("Hello"), LATER], connector={"next": to("automessage/wait")},
                automessages={"wait": automessage("decision_tree/more", silent=("PT25H",))},
                decision_trees={"more": {"title": "M", "start": "ask", "decisions": {
                    "ask": {"title": "A", "actions": [go("again", ANY)]},
                    "again": {"title": "B", "actions": [go("said", ANY)]}, "said": SAID}}}),
            {},
            id="both together are one",
        ),
        pytest.param(
            tree([{**EACH, "actions": [go("far", ANY), go("queue/people")]}, say("Hello"), LATER],
                decisions={"far": {"title": "F", "actions": [say("Far"), LATER],
                    "no_answer": {"after": "PT25H", "to": to("decision/said")}}, "said": SAID}),
            {},
            id="an answer behind which all lead away is none",
        ),
        pytest.param(
            tree([{**EACH, "actions": [{**IF, "then": [go("far", ANY)]}]}, say("Hello"), LATER],
                decisions={"far": {"title": "F", "actions": [say("Far"), LATER],
                    "no_answer": {"after": "PT25H", "to": to("decision/said")}}, "said": SAID}),
            {f"{D}/said/actions/0": "25 h"},
            id="any other in a loop is one",
        ),
        pytest.param(
            tree([go("queue/people", ANY | {"default": True})], no_answer={"after": "PT25H", "to": to("decision/said")},
                decisions={"said": SAID}),
            {},
            id="a decision whose default takes what was written waits for nothing",
        ),
        pytest.param(
            tree([say("Hello"), go("each", button("E"))], decision_trees=MORE,
                automessages={"long": automessage("decision_tree/more", silent=("PT25H",), on_reply="next")},
                decisions={"each": {"title": "E", "actions": [
                    {**EACH, "actions": [{**IF, "then": [go("automessage/long")]}, ASK]}, go("queue/people")]}}),
            {"decision_trees/more/decisions/said/actions/0": "automessages/long/messages/0 25 h"},
            id="the second element of a loop comes after the web was waited for",
        ),
        pytest.param(
            tree([say("Hello"), go("each", button("E"))], decision_trees=MORE,
                automessages={"long": automessage("decision_tree/more", silent=("PT25H",), on_reply="next")},
                decisions={"each": {"title": "E", "actions": [
                    {**IF, "then": [go("automessage/long")]}, ASK, go("queue/people")]}}),
            {},
            id="and what comes before does not",
        ),
        pytest.param(
            tree([say("Hello"), LATER], automessages={"lost": automessage("queue/people", "P3D")}),
            {},
            id="what nothing leads to is not sent",
        ),
        pytest.param(
            tree([say("Hello"), LATER], terminates=ENDS, **NOTE, connector={
                "next": to("automessage/long"), "idle": {"after": "PT1H", "to": to("queue/people")}},
                automessages={"long": automessage("decision_tree/tree", silent=("PT13H",)),
                    "short": automessage("decision_tree/tree", silent=("PT1H",))},
            ) | {"connectors": {
                name: {"title": "C", "next": to(f"automessage/{name}"), "idle": {"after": idle, "to": ENDING}}
                for name, idle in [("long", "PT1H"), ("short", "PT13H")]
            }},
            {},
            id="the times of two connectors do not add up",
        ),
    ],
)  # fmt: skip
def test_messages_outside_the_window(document: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    told = found(document)
    assert set(told) == set(expected)
    for path, words in expected.items():
        assert words in told[path], told[path]


# Circles --------------------------------------------------------------------------------------------------------------


def test_a_circle_of_delays_is_told_as_what_it_is() -> None:
    document = asleep(
        say("Still there?"),
        after="PT1H",
        late={"no_answer": {"after": "PT2H", "to": {"type": "decision", "name": "start"}}},
    )
    told = found(document)
    assert set(told) == {f"{START}/actions/0", f"{D}/late/actions/0"}
    for message in told.values():
        assert "without a word of the customer" in message
        assert f"{START}/no_answer/after 1 h" in message
        assert f"{D}/late/no_answer/after 2 h" in message
        assert "comes round again and again; lead out of this circle" in message


def test_a_circle_of_a_second_is_found_as_quickly() -> None:
    document = asleep(say("?"), after=1, late={"no_answer": {"after": 1, "to": {"type": "decision", "name": "start"}}})
    assert set(found(document)) == {f"{START}/actions/0", f"{D}/late/actions/0"}


def test_a_circle_that_the_customer_has_a_word_in_is_none() -> None:
    again = go("start", button("Again"))
    assert found(tree([say("Hello"), again], no_answer={"after": "PT23H", "to": to("queue/people")})) == {}


def test_what_comes_behind_a_circle_is_late_as_well() -> None:
    waits = {
        "a": automessage("automessage/b", silent=("PT1H",)),
        "b": automessage("time_condition/hours", silent=("PT1H",)),
    }
    hours = {"title": "H", "time_group": "g", "open": to("automessage/a"), "closed": to("decision_tree/tree")}
    document = tree(
        [say("Hello"), LATER],
        connector={"next": to("automessage/a")},
        automessages=waits,
        time_groups={
            "g": {"title": "G", "timezone": "Europe/Prague", "definitions": [{"type": "open", "system": "own"}]}
        },
        time_conditions={"hours": hours},
    )
    [(path, message)] = found(document).items()
    assert path == f"{START}/actions/0"
    assert "automessages/a/messages/0 1 h + automessages/b/messages/0 1 h comes round" in message


# The shortest proof ---------------------------------------------------------------------------------------------------


def chain(count: int, hours: int, *, shortcut: bool = False) -> dict[str, Any]:
    """Automessages one behind the other; with a shortcut, a tree leads to the message in one day as well."""
    waits = {
        f"a{number}": automessage(f"automessage/a{number + 1}", silent=(f"PT{hours}H",)) for number in range(count - 1)
    }
    waits[f"a{count - 1}"] = automessage("terminate/note", silent=(f"PT{hours}H",))
    return tree(
        [say("Hello"), go("automessage/a0", button("On"))],
        no_answer={"after": "P1D", "to": to("terminate/note" if shortcut else "terminate/bye")},
        automessages=waits,
        terminates=ENDS,
        **NOTE,
    )


def test_few_delays_are_told_before_many_though_they_are_longer() -> None:
    told = found(chain(10, 20, shortcut=True))
    assert told == {
        "terminates/note/auto_response": "this can be sent 24 h after the customer's last message, and Instagram "
        f"refuses it from 24 h on: {START}/no_answer/after 24 h; shorten what adds up, or send nothing here"
    }


def test_a_proof_of_many_delays_is_cut_in_the_middle() -> None:
    [message] = found(chain(30, 1)).values()
    assert "this can be sent 30 h after" in message
    assert "automessages/a0/messages/0 1 h + automessages/a1/messages/0 1 h" in message
    assert "automessages/a6/messages/0 1 h + (22 more) + automessages/a29/messages/0 1 h = 30 h" in message
    assert found(chain(23, 1)) == {}


# What cannot be read --------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_left_out_and_the_rest_is_found() -> None:
    document = tree(
        [say("Hello"), go("automessage/a", button("A")), go("automessage/b", button("B"))],
        automessages={"a": automessage("queue/people", "P2D"), "b": automessage("queue/people", "soon", "P3D")},
    )
    told = [(one.code, one.path) for one in check(document).problems]
    assert told == [("outside-window", "automessages/a/messages/0"), ("bad-duration", "automessages/b/messages/0/time")]


# The interpreter agrees -----------------------------------------------------------------------------------------------


def test_a_proof_happens_as_it_is_told() -> None:
    document = asleep(
        say("You?"),
        after="PT2H",
        connector={"next": to("automessage/wait")},
        automessages={"wait": automessage("decision_tree/tree", silent=("PT23H",))},
    )
    assert f"{D}/late/actions/0" in found(document)
    talk = Talk(document).user("hi").wait("PT23H").bot("Hello").wait("PT1H59M59S").silence().wait(1).bot("You?")
    assert talk.state.wrote_at is not None
    assert (talk.world.now - talk.state.wrote_at).total_seconds() == 25 * 3600


ADDED = re.compile(r"[a-z0-9_/]+ (\d+) h\b")


@pytest.mark.parametrize("ten", range(10))
def test_messages_are_late_exactly_where_some_way_makes_them_late(ten: int) -> None:
    """Small random configurations, against every way through them that the interpreter takes."""
    compared = late_ones = 0
    for seed in range(ten * 20, ten * 20 + 20):
        checked = check(small(seed))
        if checked.graph is None or "may-circle" in {one.code for one in checked.problems}:
            continue  # what goes round at once ends with the cause `system`, sooner or later
        real = late(checked.graph, most=1_000)
        if real is None:
            continue
        told = {one.path: one.message for one in checked.problems if one.code == "outside-window"}
        assert set(told) == real, f"seed {seed}"
        compared, late_ones = compared + 1, late_ones + len(real)
        for message in told.values():
            if total := re.search(r"this can be sent (\d+) h after", message):
                shown = [int(hours) for hours in ADDED.findall(message.partition(" on: ")[2].partition(" = ")[0])]
                assert sum(shown) == int(total[1]) >= 24, message
    assert compared > 1
    assert late_ones > 0


# In linear time -------------------------------------------------------------------------------------------------------


def calls(document: Any) -> int:
    """How many functions a check calls: the same on every machine, however busy."""
    profile = cProfile.Profile()
    profile.runcall(check, document)
    return sum(entry.callcount for entry in profile.getstats())


def ring(count: int) -> dict[str, Any]:
    """Decisions that lead round in silence, each after a second, so that everything is late."""
    names = [f"d{number}" for number in range(count)]
    decisions = {
        name: {
            "title": "D",
            "actions": [say("Hello"), LATER],
            "no_answer": {"after": 1, "to": {"type": "decision", "name": after}},
        }
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    }
    return tree([go("d0")], decisions=decisions)


def web(count: int) -> dict[str, Any]:
    """Decisions that lead on to later ones in many ways, and as many connectors as a tenth of them, no two alike."""
    chance = Random(count)
    decisions = {
        f"d{number}": {
            "title": "D",
            "actions": [
                say("Hello"),
                *(go(f"d{chance.randint(number + 1, number + 9)}", button(str(at))) for at in (1, 2)),
            ],
            "no_answer": {
                "after": chance.randint(3600, 7200),
                "to": to(f"decision/d{chance.randint(number + 1, number + 9)}"),
            },
        }
        for number in range(count)
    }
    last = {f"d{count + number}": {"title": "D", "actions": [say("Bye"), LATER]} for number in range(9)}
    connectors = {
        f"c{number}": {
            "title": "C",
            "next": to("decision_tree/tree"),
            "burst": {"quiet": number},
            "idle": {"after": 7200 + number, "to": to("terminate/bye")},
        }
        for number in range(count // 10)
    }
    return {**tree([go("d0")], decisions={**decisions, **last}), "connectors": connectors}


@pytest.mark.parametrize("shape", [ring, web, lambda count: chain(count, 1)], ids=["ring", "web", "chain"])
def test_the_analysis_is_linear(shape: Any) -> None:
    check(shape(10))
    assert calls(shape(2_000)) < 12 * calls(shape(200))


def test_a_shape_has_the_late_messages_that_it_is_made_for() -> None:
    assert len(found(ring(200))) == 200
    assert len(found(web(200))) > 20
    assert graph_of(chain(40, 1)).find("automessages/a39") is not None
