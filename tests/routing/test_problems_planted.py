"""check() at scale: every planted mistake is found, nothing is invented, and the work grows as the document does.

`tests/routing/planted.py` has the mistakes by their codes, `tests/routing/generated.py` the configurations without any.
"""

import cProfile
import gc
import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest

from routing import templates
from routing.problems import CODES, Problem, check, names
from tests.routing.generated import actions_in, generated
from tests.routing.planted import PLANTS, Garden

CASES = [(code, number) for code, plants in PLANTS.items() for number in range(len(plants))]
PLACES = {10: 3, 100: 1, 1_000: 1}
"""At how many random places each mistake is planted, by the decisions of the configuration."""
ALONE = {"no-connector", "default-not-offered", "too-many-actions", "too-deep"}
"""Mistakes that are about the whole document, and hide others."""
SHAPE = list(CODES)[: list(CODES).index("unknown-destination")]
"""Mistakes that make a part unreadable, so that nothing is called unreachable."""


NAMED = {
    "unknown-destination", "unknown-decision", "unknown-time-group", "unknown-template", "unknown-category",
    "unknown-custom-field", "unknown-queue", "unknown-cause", "unknown-type", "unknown-value", "unknown-variable",
    "unknown-timezone", "unknown-holidays",
}  # fmt: skip
"""Misspelt names, of which the right one can be told."""


@pytest.fixture(scope="module", autouse=True)
def _no_garbage() -> Iterator[None]:
    """Large documents make no circles of objects, and looking for some among all of them is half of the time here."""
    gc.disable()
    yield
    gc.enable()


@cache
def valid(decisions: int, seed: int = 0) -> Any:
    return generated(decisions, seed)


def every_action(document: Any) -> Iterator[Any]:
    for tree in document["decision_trees"].values():
        for decision in tree["decisions"].values():
            yield from (action for _, action in actions_in("", decision["actions"]))


def test_every_code_can_be_planted() -> None:
    assert set(PLANTS) == set(CODES)


@pytest.mark.parametrize(("decisions", "seeds"), [(10, 20), (11, 5), (37, 5), (100, 5), (1_000, 2)])
def test_a_generated_configuration_has_no_problem(decisions: int, seeds: int) -> None:
    for seed in range(seeds):
        document = generated(decisions, seed)
        assert sum(len(tree["decisions"]) for tree in document["decision_trees"].values()) == decisions
        checked = check(document)
        assert checked.problems == ()
        assert checked.graph is not None


def test_a_generated_configuration_has_everything() -> None:
    document = valid(100)
    actions = list(every_action(document))
    assert {one["type"] for one in actions} == {
        "request", "send_message", "save_data", "create_ticket", "condition", "loop", "target",
    }  # fmt: skip
    assert {one["answer"]["type"] for one in actions if "answer" in one} == {
        "pattern", "similar", "button", "generated_buttons",
    }  # fmt: skip
    assert {one["to"]["type"] for one in actions if one["type"] == "target"} == {
        "decision", "automessage", "time_condition", "decision_tree", "chatbot", "queue", "terminate",
    }  # fmt: skip
    assert all(document[kind] for kind in document)


# One mistake at a time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decisions", "code", "number"),
    [(decisions, *case) for decisions in PLACES for case in CASES if decisions < 1_000 or case[1] == 0],
)
def test_a_planted_mistake_is_found_and_nothing_else(
    code: str, number: int, decisions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(PLACES[decisions]):
        document = valid(decisions, seed)
        if code == "too-many-actions":  # as many as there are may be, and no more
            monkeypatch.setattr(names, "ACTIONS", sum(1 for _ in every_action(document)))
        garden = Garden(document, Random(f"{code} {number} {seed}"))
        expected = PLANTS[code][number](garden)
        found = check(garden.document).problems
        assert [(one.code, one.path, one.severity) for one in found] == [(code, *expected)]
        assert len(found[0].message) > 20
        if code in NAMED:
            assert "did you mean" in found[0].message


def test_planting_leaves_the_valid_configuration_as_it_was() -> None:
    before = json.dumps(valid(100))
    for code, number in CASES:
        PLANTS[code][number](Garden(valid(100), Random(1)))
    assert json.dumps(valid(100)) == before


# Many mistakes at once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("decisions", "shape"), [(1_000, True), (10_000, False)])
def test_mistakes_of_every_sort_are_found_in_one_pass(decisions: int, shape: bool) -> None:
    garden = Garden(valid(decisions), Random(f"{decisions} {shape}"))
    planted = [
        (code, *PLANTS[code][number](garden))
        for code, number in CASES
        if code not in ALONE and (code in SHAPE) == shape
    ]
    found = [(one.code, one.path, one.severity) for one in check(garden.document).problems]
    assert sorted(found) == sorted(planted)
    assert len(found) > 20


# In linear time -------------------------------------------------------------------------------------------------------


def counted(document: Any) -> tuple[int, tuple[Problem, ...]]:
    """How many functions a check calls, the same on every machine however busy, and what it finds."""
    templates.inspect.cache_clear()
    templates.inspect_expression.cache_clear()
    profile = cProfile.Profile()
    problems = profile.runcall(check, document).problems
    return sum(entry.callcount for entry in profile.getstats()), problems


def test_ten_times_the_decisions_are_ten_times_the_work_and_no_problem() -> None:
    check(valid(10))  # what is loaded once is loaded now
    small, large = valid(1_000), valid(10_000)
    growth = sum(1 for _ in every_action(large)) / sum(1 for _ in every_action(small))
    assert 9 < growth < 11
    (few, _), (many, problems) = counted(small), counted(large)
    assert problems == ()
    assert many <= 12 * few


def everywhere(decisions: int, mistake: str) -> Any:
    """The same mistake at every place that can have it."""
    document = json.loads(json.dumps(valid(decisions)))
    for tree in document["decision_trees"].values():
        for name, decision in list(tree["decisions"].items()):
            for _, action in actions_in("", decision["actions"]):
                match mistake, action["type"]:
                    case "unknown names", "target":
                        action["to"] = {"type": "queue", "name": f"nowhere-{name}"}
                    case "unknown variables", "send_message":
                        action["text"] = f"{{{{ nobody_{name.replace('-', '_')} }}}}"
                    case "variables of other trees", "send_message":
                        action["text"] = "{{ got_tree_0.ok }}"
                    case "unknown fields", _:
                        action["textt"] = 5
                    case "wrong variants", "send_message":
                        action["variants"] = {"fr": "x", "xq": "y"}
                    case "same answers", "target" if "answer" in action:
                        action["answer"] = {"type": "similar", "words": "same, other"}
                    case _:
                        pass
            match mistake:
                case "bad names" if name != tree["start"]:
                    tree["decisions"][f"D {name}"] = tree["decisions"].pop(name)
                case "late messages" if "no_answer" in decision:
                    decision["no_answer"]["after"] = "P2D"
                case "dead ends":
                    decision["actions"] = [one for one in decision["actions"] if one["type"] != "target"]
                case _:
                    pass
    return document


@pytest.mark.parametrize(
    "mistake",
    [
        "unknown names", "unknown variables", "variables of other trees", "unknown fields", "wrong variants",
        "same answers", "bad names", "late messages", "dead ends",
    ],
)  # fmt: skip
def test_many_mistakes_take_linear_time_and_words(mistake: str) -> None:
    small, large = everywhere(50, mistake), everywhere(500, mistake)
    (few, told), (many, more) = counted(small), counted(large)
    assert 5 * len(told) < len(more) < 16 * len(told)
    assert many <= 16 * few  # "did you mean" looks at more names where there are more
    assert max(len(one.message) for one in more) < 1_000
