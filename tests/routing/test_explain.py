"""The explanation of a conversation: each step in words, with the rule that led there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from detection import detect
from routing.explain import Explanation, Origin, Reason, explain, title_of
from routing.messages import AgentClosed, Visit
from routing.scenarios import rehearsal, run
from tests.scripts import Script, graph_at, scripts
from tests.talk import MONDAY, Talk, button, go, graph_of, say, tree

ORIGIN = Origin(number=7, author="eva", note="Christmas")
START = "decision_trees/tree/decisions/start"
ASK = [say("Shall we?"), go("terminate/bye", button("Yes")), go("queue/people", button("No"))]
PEOPLE_DO = ("the customer wrote", "transferred by", "transferred to", "the chatbot handed over", "a person took over")
"""How the words begin where nothing in the configuration led to a place."""


def explained(talk: Talk) -> list[Reason]:
    found = explain(talk.trace, talk.graph, ORIGIN)
    assert Explanation.model_validate_json(found.model_dump_json()) == found
    assert [reason.number for reason in found.reasons] == list(range(1, len(talk.trace) + 1))
    assert [reason.path for reason in found.reasons] == [visit.path for visit in talk.trace]
    return list(found.reasons)


def arrivals(talk: Talk) -> list[tuple[str, str | None]]:
    return [(reason.place, reason.rule) for reason in explained(talk) if reason.arrives]


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_each_arrival_names_the_rule_that_led_there(script: Script) -> None:
    graph = graph_at(script.configuration)
    world = rehearsal(graph, script.scenario, detect)
    run(graph, script.name, script.scenario, world=world)
    document = graph.configuration.model_dump(mode="json", by_alias=True)
    for reason in explain(world.visited, graph, ORIGIN).reasons:
        assert reason.words
        assert reason.title
        if reason.arrives and not reason.words.startswith(PEOPLE_DO):
            assert reason.rule is not None, reason
            assert at(reason.rule, document) is not None, reason.rule
        if not reason.arrives:
            assert reason.rule is None


def at(path: str, document: Any) -> Any:
    for step in path.split("/"):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def test_a_conversation_in_words() -> None:
    talk = Talk(tree(ASK)).user("hi").bot("Shall we?").tap("No")
    assert [(one.arrives, one.title, one.words, one.rule) for one in explained(talk)] == [
        (True, "Shop", "the customer wrote", None),
        (True, "Tree", "the connector's next destination", "connectors/shop/next"),
        (True, "Tree › Start", "the first decision", "decision_trees/tree/start"),
        (False, "Tree › Start", "says “Shall we?”", None),
        (False, "Tree › Start", "offers Yes", None),
        (False, "Tree › Start", "offers No", None),
        (False, "Tree › Start", "tapped No", None),
        (True, "People", "the customer chose it: tapped No", f"{START}/actions/2"),
    ]
    last = explained(talk)[-1]
    assert (last.came_from, last.revision, last.author) == (START, 7, "eva")
    assert explained(talk)[-2].changed == {"answer": {"text": "No", "payload": "No"}}


def hours(*definitions: dict[str, Any]) -> dict[str, Any]:
    return tree(
        ASK,
        connector={"next": {"type": "time_condition", "name": "hours"}},
        time_groups={"week": {"title": "Week", "timezone": "Europe/Prague", "definitions": list(definitions)}},
        time_conditions={
            "hours": {
                "title": "Hours",
                "time_group": "week",
                "open": {"type": "decision_tree", "name": "tree"},
                "closed": {"type": "queue", "name": "people"},
            }
        },
    )


OPEN = {"type": "open", "system": "own", "from": "09:00", "to": "17:00"}
HOLIDAYS = {"type": "closed", "system": "public_holidays", "countries": ["CZ"]}


@pytest.mark.parametrize(
    ("when", "words", "rule"),
    [
        (
            "2026-12-24T17:01:00+01:00",
            "closed at 17:01 on Thursday 24 December 2026 (Europe/Prague): "
            "public holiday of CZ (Christmas Eve) of week",
            "time_groups/week/definitions/1",
        ),
        (
            "2026-11-23T10:00:00Z",
            "open at 11:00 on Monday 23 November 2026 (Europe/Prague): 09:00-17:00 of week",
            "time_groups/week/definitions/0",
        ),
        (
            "2026-11-23T17:00:00Z",
            "closed at 18:00 on Monday 23 November 2026 (Europe/Prague): no definition of week matches",
            "time_conditions/hours/closed",
        ),
    ],
)
def test_opening_hours_in_words(when: str, words: str, rule: str) -> None:
    reason = explained(Talk(hours(OPEN, HOLIDAYS), at=when).user("hi"))[2]
    assert (reason.words, reason.rule) == (words, rule)


def test_conditions_loops_and_values() -> None:
    condition = {
        "type": "condition",
        "any": [{"left": "data.n", "operator": "greater", "right": 5}, {"left": "data.n", "operator": "is_empty"}],
        "then": [say("Many")],
        "otherwise": [say("Few")],
    }
    loop = {"type": "loop", "items": "data.list", "as": "one", "actions": [say("{{ one }}")]}
    actions = [
        {"type": "save_data", "field": "n", "value": 3},
        {"type": "save_data", "field": "list", "value": ["a"]},
        {"type": "save_data", "field": "name", "value": "Jana", "scope": "contact"},
        condition,
        loop,
        *ASK,
    ]
    talk = Talk(tree(actions, custom_fields={"name": {"title": "Name"}})).user("hi")
    talk.bot("Few").bot("a")
    found = {reason.path.removeprefix(f"{START}/actions/"): reason for reason in explained(talk)}
    assert found["0"].words == "keeps data.n"
    assert found["0"].changed == {"data.n": 3}
    assert found["2"].words == "keeps contact.name"
    assert found["3"].words == (
        "the condition data.n greater 5 or data.n is empty does not hold: "
        "data.n 3 is not greater than 5; data.n 3 is not empty"
    )
    assert found["4/actions/0"].words == "says “{{ one }}”"
    [first, _] = [reason for reason in explained(talk) if reason.path == f"{START}/actions/4"]
    assert first.words == "for each one of data.list: element 1 of 1"


def test_a_condition_that_holds() -> None:
    condition = {
        "type": "condition",
        "all": [{"left": "message.text", "operator": "equals", "right": "hi"}],
        "then": [go("queue/people")],
    }
    talk = Talk(tree([condition, *ASK])).user("hi")
    [reason] = [one for one in explained(talk) if one.path == f"{START}/actions/0"]
    assert reason.words == "the condition message.text equals “hi” holds: message.text 'hi' equals 'hi'"
    assert arrivals(talk)[-1] == ("queues/people", f"{START}/actions/0/then/0")


def test_requests_and_tickets() -> None:
    actions = [
        {"type": "request", "url": "https://x.example.com", "into": "got"},
        {"type": "create_ticket", "title": "Look", "category": "c"},
        *ASK,
    ]
    replies = [{"url": "~.*", "status": 404}]
    talk = Talk(tree(actions, categories={"c": {"title": "C"}}), replies=replies).user("hi")
    said = [reason.words for reason in explained(talk)]
    assert said[3:7] == [
        "asks GET https://x.example.com",
        "asks GET https://x.example.com: answered 404",
        "creates the ticket “Look”",
        "creates the ticket “Look”: ticket 1001",
    ]


BYE = {"type": "terminate", "name": "bye"}
QUEUE = {"people": {"title": "People", "max_wait": 60, "overflow": BYE, "after_close": BYE}}
ROBOT = {"robot": {"title": "R", "url": "https://b.example.com", "fallback": BYE}}


NOTHING = {"type": "loop", "items": "data.x", "as": "y"}
DOWN = [{"url": "~.*", "error": "down"}]


def asked(**more: Any) -> Talk:
    """Somebody was asked the question."""
    return Talk(tree(ASK, **more)).user("hi").bot("Shall we?")


def queued() -> Talk:
    return Talk(tree([go("queue/people")], queues=QUEUE)).user("hi")


def with_robot(replies: list[dict[str, Any]] | None = None) -> Talk:
    return Talk(tree([go("chatbot/robot")], chatbots=ROBOT), replies=replies or []).user("hi")


@pytest.mark.parametrize(
    ("talk", "rule"),
    [
        (lambda: asked(no_answer={"after": 60, "to": BYE}).wait(60), f"{START}/no_answer"),
        (lambda: asked(no_match={"to": BYE}).user("Hm?"), f"{START}/no_match"),
        (lambda: Talk(tree([NOTHING], no_match={"to": BYE}), checked=False).user("hi"), f"{START}/no_match"),
        (lambda: asked(connector={"idle": {"after": 60, "to": BYE}}).wait(60), "connectors/shop/idle"),
        (lambda: queued().wait(60), "queues/people/overflow"),
        (lambda: queued().event("close", AgentClosed(agent="anna")), "queues/people/after_close"),
        (lambda: with_robot(DOWN), "chatbots/robot/fallback"),
        (lambda: with_robot().reply(transfer="nobody"), "chatbots/robot/fallback"),
        (lambda: with_robot().reply(transfer="people"), None),
        (lambda: asked().transfer("queues/people"), None),
        (
            lambda: asked(connector={"takeover_queue": "people"}).takeover("I do that"),
            "connectors/shop/takeover_queue",
        ),
    ],
)
def test_each_kind_of_way(talk: Callable[[], Talk], rule: str | None) -> None:
    [*_, (_, found)] = arrivals(talk())
    assert found == rule


def test_a_place_that_leads_to_itself_is_arrived_at_again() -> None:
    again = [say("?"), go("start", {"type": "pattern", "pattern": "/again/"}), *ASK[1:]]
    talk = Talk(tree(again)).user("hi").bot("?").user("again").bot("?")
    assert arrivals(talk)[-2:] == [(START, "decision_trees/tree/start"), (START, f"{START}/actions/1")]
    auto = {"title": "A", "messages": [{"time": 60}], "next": {"type": "automessage", "name": "a"}}
    automessages = {"automessages": {"a": auto}, "connector": {"next": {"type": "automessage", "name": "a"}}}
    round_again = Talk(tree(ASK, **automessages), checked=False).user("hi").wait(60)
    assert arrivals(round_again)[-1] == ("automessages/a", "automessages/a/next")


def test_a_trace_may_begin_later_and_name_places_that_are_gone() -> None:
    graph = graph_of(tree(ASK))
    at = datetime.fromisoformat(MONDAY)
    visit = Visit(path="decision_trees/old/decisions/x/actions/1", at=at, why="the past")
    [reason] = explain([visit], graph, ORIGIN, first=31).reasons
    assert (reason.number, reason.title, reason.words) == (31, "decision_trees/old/decisions/x", "the past")
    assert title_of(graph, "queues/people") == "People"
