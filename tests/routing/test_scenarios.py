"""Every scenario of the project holds, and a script that does not hold says where, and what happened instead."""

from typing import Any, get_args

import pytest

from detection import detect
from routing import configuration
from routing.configuration import KIND_OF
from routing.documents import read
from routing.graph import Graph
from routing.scenarios import Result, ScenarioError, ScenarioStep, run, scenarios_of
from tests.scripts import Script, graph_at, scripts
from tests.talk import graph_of

SCRIPTS = scripts()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_scenario_holds(script: Script) -> None:
    result = run(graph_at(script.configuration), script.name, script.scenario, detect)
    assert result.failures == ()


# What they cover ------------------------------------------------------------------------------------------------------


def kinds(union: Any) -> set[str]:
    """The `type`s of a union of the grammar."""
    return {get_args(member.model_fields["type"].annotation)[0] for member in get_args(get_args(union)[0])}


@pytest.fixture(scope="module")
def demo() -> list[Script]:
    return [script for script in SCRIPTS if script.name.startswith("demo.")]


def test_the_demo_has_no_problem(demo: list[Script]) -> None:
    from routing.problems import check

    problems = check(read(demo[0].configuration.read_text(encoding="utf-8"))).problems
    # Fifteen shops and empty orders are shown on purpose, and so is a question after closing: an agent may close days
    # after the customer's last word.
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert {problem.code for problem in problems} <= {"may-dead-end", "too-many-buttons", "outside-window"}


def test_the_demo_visits_every_place_that_it_has(demo: list[Script]) -> None:
    graph = graph_at(demo[0].configuration)
    visited = {path for script in demo for path in run(graph, script.name, script.scenario, detect).path}
    assert [path for path in graph.paths() if path not in visited] == []


def test_the_demo_uses_every_kind_of_everything(demo: list[Script]) -> None:
    document = graph_at(demo[0].configuration).configuration.model_dump(mode="json")
    for kind in configuration.Configuration.model_fields:
        assert document[kind], kind
    used = set(_values_of(document, "type"))
    assert used >= kinds(configuration.Action) | kinds(configuration.Answer) | set(KIND_OF) | {"decision"}
    assert set(_values_of(document, "operator")) == set(get_args(configuration.Operator))
    assert set(_values_of(document, "system")) == {"own", "public_holidays"}


def _values_of(document: Any, key: str) -> list[str]:
    match document:
        case dict():
            own = [document[key]] if isinstance(document.get(key), str) else []
            return own + [found for item in document.values() for found in _values_of(item, key)]
        case list():
            return [found for item in document for found in _values_of(item, key)]
        case _:
            return []


def test_the_scenarios_use_every_step() -> None:
    assert {step.key for script in SCRIPTS for step in script.scenario.steps} == set(ScenarioStep.model_fields)


# Scripts that do not hold ---------------------------------------------------------------------------------------------

SHOP = """
format: 1
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: tree}}
decision_trees:
  tree:
    title: Tree
    start: ask
    decisions:
      ask:
        title: Ask
        actions:
          - {type: save_data, field: n, value: {deep: 1, more: 2}}
          - type: send_message
            text: "Well?"
            image: https://x.example.com/a.png
          - type: target
            execution: when_client_chooses
            answer: {type: button, text: "Yes"}
            to: {type: terminate, name: bye}
          - type: target
            execution: when_client_chooses
            answer: {type: button, text: Bot}
            to: {type: chatbot, name: bot}
          - type: target
            execution: when_client_chooses
            answer: {type: button, text: Ticket}
            to: {type: decision, name: ticket}
      ticket:
        title: Ticket
        actions:
          - {type: create_ticket, title: Broken, category: c}
          - {type: target, to: {type: terminate, name: bye}}
chatbots:
  bot: {title: Bot, url: "https://bot.example.com", fallback: {type: terminate, name: bye}}
terminates:
  bye: {title: Bye, cause: user}
categories:
  c: {title: C}
"""


@pytest.fixture(scope="module")
def shop() -> Graph:
    return graph_of(SHOP)


def played(graph: Graph, steps: list[dict[str, Any]], **more: Any) -> Result:
    scenario = {"title": "T", "connector": "shop", "at": "2026-11-23T10:00:00+01:00", "steps": steps, **more}
    return run(graph, "s", scenarios_of({"scenarios": {"s": scenario}}).scenarios["s"])


OPEN = [{"user": "hi"}, {"bot": "Well?"}]
ENDED = [*OPEN, {"tap": "Yes"}]


@pytest.mark.parametrize(
    ("before", "step", "expected", "happened"),
    [
        ([], {"bot": "Well?"}, "Well?", "nothing more was said (at no conversation)"),
        ([], {"place": "queues/a"}, "an open conversation", "begin with a `user` step"),
        ([], {"agent": "hi"}, "an open conversation", "begin with a `user` step"),
        (OPEN[:1], {"bot": "What?"}, "What?", "Well?"),
        (OPEN[:1], {"bot": "~W.l"}, "~W.l", "Well?"),
        (OPEN[:1], {"user": "yes"}, "a `bot` step for every message", "'Well?'"),
        (OPEN[:1], {"wait": 5}, "a `bot` step for every message", "'Well?'"),
        (OPEN[:1], {"silence": True}, "silence", "'Well?'"),
        (OPEN, {"bot": "More?"}, "More?", "nothing more was said (at decision_trees/tree/decisions/ask)"),
        (OPEN, {"buttons": ["No"]}, '["No"]', '["Yes", "Bot", "Ticket"]'),
        (OPEN, {"links": ["Site"]}, '["Site"]', "[]"),
        (OPEN, {"image": "https://x.example.com/b.png"}, "b.png", "a.png"),
        (OPEN, {"tap": "No"}, "a button 'No'", '["Yes", "Bot", "Ticket"]'),
        (
            OPEN,
            {"at": "2026-11-23T09:00:00+01:00"},
            "a time after 2026-11-23T10:00:00+01:00",
            "2026-11-23T09:00:00+01:00",
        ),
        (OPEN, {"place": "queues/people"}, "queues/people", "decision_trees/tree/decisions/ask"),
        (
            OPEN,
            {"path": ["decision_trees/tree", "connectors/shop"]},
            "tree",
            '["connectors/shop", "decision_trees/tree"]',
        ),
        (OPEN, {"ends": {"cause": "user"}}, '{"cause": "user"}', "not ended: at decision_trees/tree/decisions/ask"),
        (OPEN, {"ticket": {"category": "c"}}, '{"category": "c"}', "no ticket was created"),
        (OPEN, {"data": {"n": {"deep": 2}}}, '{"n": {"deep": 2}}', '{"n": {"deep": 1, "more": 2}}'),
        (OPEN, {"contact": {"size": "L"}}, '{"size": "L"}', '{"size": null}'),
        (OPEN, {"language": "cs"}, "cs", "en"),
        (OPEN, {"asked": {"text": "x"}}, '{"text": "x"}', '{"text": null}'),
        (ENDED, {"ends": {"cause": "timeout", "terminate": "bye"}}, '{"cause": "timeout"}', '{"cause": "user"}'),
        (ENDED, {"ends": {"missed": True}}, '{"missed": true}', '{"missed": false}'),
        ([*OPEN, {"tap": "Ticket"}], {"ticket": {"title": "~Whole.*"}}, '{"title": "~Whole.*"}', '{"title": "Broken"}'),
        ([*OPEN, {"tap": "Bot"}, {"user": "a"}], {"asked": {"text": "b"}}, '{"text": "b"}', '{"text": "a"}'),
    ],
)
def test_a_step_that_fails_says_what_happened_instead(
    shop: Graph, before: list[dict[str, Any]], step: dict[str, Any], expected: str, happened: str
) -> None:
    (failure,) = played(shop, [*before, step]).failures
    assert (failure.step, failure.key) == (len(before), next(iter(step)))
    assert expected in failure.expected
    assert happened in failure.happened


@pytest.mark.parametrize(
    "steps",
    [
        [*OPEN, {"image": "https://x.example.com/a.png"}, {"buttons": ["Yes", "Bot", "Ticket"]}, {"silence": True}],
        [*OPEN, {"data": {"n": {"deep": 1}}}, {"language": "en"}],
        [*OPEN, {"path": ["connectors/shop", "decision_trees/tree/decisions/ask"]}],
        [*ENDED, {"ends": {}}, {"ends": {"terminate": "bye", "answered": False, "missed": False}}],
        [*OPEN, {"tap": "Ticket"}, {"ticket": {"title": "~Bro.*"}}, {"ends": {}}],
        [*ENDED, {"user": "hi again"}, {"bot": "Well?"}],
    ],
)
def test_steps_that_hold(shop: Graph, steps: list[dict[str, Any]]) -> None:
    assert played(shop, steps).holds


def test_every_failing_step_is_reported(shop: Graph) -> None:
    result = played(
        shop, [{"user": "hi"}, {"bot": "A"}, {"language": "cs"}, {"tap": "Yes"}, {"ends": {"cause": "system"}}]
    )
    assert [failure.step for failure in result.failures] == [1, 2, 4]
    assert result.transcript == ("user: hi", "bot: Well?", "tap: Yes")
    assert not result.holds


def test_an_unknown_connector_lists_the_known_ones(shop: Graph) -> None:
    (failure,) = played(shop, OPEN, connector="shpo").failures
    assert "shop" in failure.happened


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ({"users": "hi"}, "did you mean `user`?"),
        ({"user": "hi", "bot": "x"}, "exactly one key"),
        ({}, "exactly one key"),
        ({"wait": "soon"}, "steps/0/wait"),
        ({"at": "2026-11-23T10:00:00"}, "steps/0/at"),
    ],
)
def test_a_badly_written_step_says_where(shop: Graph, step: dict[str, Any], hint: str) -> None:
    with pytest.raises(ScenarioError, match=r"scenarios/s/steps/0") as error:
        played(shop, [step])
    assert hint in str(error.value)
