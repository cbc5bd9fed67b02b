"""What differs between two documents, field by field: changes, moves, and documents that do not hold."""

import copy
import json
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.configuration import Configuration
from routing.diff import Diff, FieldChange, diff
from routing.graph import canonical
from tests.routing.test_properties import RANDOM
from tests.strategies import documents
from tests.talk import button, go, say, tree

START = "decision_trees/tree/decisions/start"
ASK = [say("Shall we?"), go("terminate/bye", button("Yes")), go("queue/people", button("No"))]
LOOKS = {"type": "condition", "any": [{"left": "text", "operator": "equals", "right": "x"}], "then": [say("X")]}
SAVES = {"type": "save_data", "field": "x", "value": 1}


def fields(old: dict[str, Any], new: dict[str, Any]) -> list[FieldChange]:
    """The changes of the one entity that differs."""
    found = diff(old, new)
    assert Diff.model_validate_json(found.model_dump_json()) == found
    [entity] = found.entities
    assert entity.change == "changed"
    return list(entity.fields)


def brief(changes: list[FieldChange]) -> list[tuple[str, str, str | None]]:
    """What changed where; paths are inside the start of the tree."""
    return [
        (one.change, one.path.removeprefix(f"{START}/"), one.old_path and one.old_path.removeprefix(f"{START}/"))
        for one in changes
    ]


def start(*actions: Any, **more: Any) -> dict[str, Any]:
    return tree(list(actions), **more)


def test_nothing_differs() -> None:
    assert diff(tree(ASK), tree(ASK)) == Diff()


def test_a_value_that_changed() -> None:
    [change] = fields(start(*ASK), start(say("Shall we now?"), *ASK[1:]))
    assert change == FieldChange(
        path=f"{START}/actions/0/text",
        change="changed",
        old="Shall we?",
        new="Shall we now?",
        words="decisions/start/actions/0/text: “Shall we?” became “Shall we now?”",
    )


def test_values_that_came_and_went() -> None:
    no_match = {"text": "Pardon?"}
    [came] = fields(start(*ASK), start(*ASK, no_match=no_match))
    assert (came.change, came.path, came.old, came.new) == ("added", f"{START}/no_match", None, no_match)
    [gone] = fields(start(*ASK, no_match=no_match), start(*ASK))
    assert (gone.change, gone.path, gone.old, gone.new) == ("removed", f"{START}/no_match", no_match, None)


def test_entities_that_came_and_went_in_a_stable_order() -> None:
    old = tree(ASK, queues={"b": {"title": "B"}, "a": {"title": "A"}})
    new = tree(ASK, queues={"c": {"title": "C"}, "a": {"title": "A2"}}, templates={"t": {"title": "T", "text": "t"}})
    found = [(one.path, one.change, one.title) for one in diff(old, new).entities]
    assert found == [
        ("queues/c", "added", "C"),
        ("queues/a", "changed", "A2"),
        ("queues/b", "removed", "B"),
        ("templates/t", "added", "T"),
    ]
    assert [one.fields for one in diff(old, new).entities if one.change != "changed"] == [(), (), ()]


def test_languages_have_no_name() -> None:
    [entity] = diff(tree(ASK), {**tree(ASK), "languages": {"default": "cs", "offered": ["cs"]}}).entities
    assert (entity.kind, entity.name, entity.path) == ("languages", "", "languages")
    assert [(one.path, one.new) for one in entity.fields] == [
        ("languages/default", "cs"),
        ("languages/offered", ["cs"]),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"title": "Q", "max_wait": 600}, {"title": "Q", "max_wait": "PT10M"}),
        ({"title": "Q"}, {"title": "Q", "priority": 5, "strategy": "pull", "agents": []}),
        ({"title": "Q", "welcome": {"text": "Hi"}}, {"title": "Q", "welcome": {"text": "Hi", "variants": {}}}),
    ],
)
def test_what_means_the_same_is_the_same(old: Any, new: Any) -> None:
    assert diff({"queues": {"q": old}}, {"queues": {"q": new}}) == Diff()


# Lists of actions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        # Put between, taken out: the others stand elsewhere, and that is no difference.
        (ASK, [ASK[0], SAVES, *ASK[1:]], [("added", "actions/1", None)]),
        ([ASK[0], SAVES, *ASK[1:]], ASK, [("removed", "actions/1", None)]),
        # Dragged up and down.
        ([SAVES, *ASK], [*ASK, SAVES], [("moved", "actions/3", "actions/0")]),
        ([*ASK, SAVES], [SAVES, *ASK], [("moved", "actions/0", "actions/3")]),
        # Edited in place, however much, and behind something new.
        (ASK, [say("Something completely different"), *ASK[1:]], [("changed", "actions/0/text", None)]),
        (
            ASK,
            [SAVES, say("Shall we go?"), *ASK[1:]],
            [("added", "actions/0", None), ("changed", "actions/1/text", "actions/0/text")],
        ),
        # Dragged and edited.
        (
            [say("A long text that is easy to recognise"), *ASK],
            [*ASK, say("A long text that is easy to recognise!")],
            [("moved", "actions/3", "actions/0"), ("changed", "actions/3/text", "actions/0/text")],
        ),
        # Dragged into a condition and out of it, and a condition put around it.
        (
            [SAVES, LOOKS, *ASK],
            [{**LOOKS, "then": [say("X"), SAVES]}, *ASK],
            [("moved", "actions/0/then/1", "actions/0")],
        ),
        (
            [{**LOOKS, "then": [say("X"), SAVES]}, *ASK],
            [LOOKS, SAVES, *ASK],
            [("moved", "actions/1", "actions/0/then/1")],
        ),
        (
            [SAVES, *ASK],
            [{**LOOKS, "then": [SAVES]}, *ASK],
            [("added", "actions/0", None), ("moved", "actions/0/then/0", "actions/0")],
        ),
        (
            [{**LOOKS, "then": [SAVES]}, *ASK],
            [SAVES, *ASK],
            [("moved", "actions/0", "actions/0/then/0"), ("removed", "actions/0", None)],
        ),
        # Twins: one of two goes, and the other is still there.
        ([SAVES, SAVES, *ASK], [SAVES, *ASK], [("removed", "actions/0", None)]),
        (
            [SAVES, SAVES, LOOKS, *ASK],
            [{**LOOKS, "then": [say("X"), SAVES]}, *ASK],
            [("moved", "actions/0/then/1", "actions/0"), ("removed", "actions/1", None)],
        ),
    ],
)
def test_actions(old: list[Any], new: list[Any], wanted: list[Any]) -> None:
    assert sorted(map(str, brief(fields(start(*old), start(*new))))) == sorted(map(str, wanted))


def test_a_moved_action_says_so_in_words() -> None:
    [change] = fields(start(SAVES, *ASK), start(*ASK, SAVES))
    assert change.words == "decisions/start/actions/0: save data “x” moved to decisions/start/actions/3"
    assert change.old == change.new == SAVES


def test_plain_lists_are_one_value() -> None:
    old, new = ({"queues": {"q": {"title": "Q", "agents": agents}}} for agents in (["a", "b"], ["b", "c"]))
    [change] = fields(old, new)
    assert (change.path, change.old, change.new) == ("queues/q/agents", ["a", "b"], ["b", "c"])


def test_long_lists_take_no_time() -> None:
    old = [say(f"Message {number}") for number in range(3000)]
    new = [say(f"Message {number} changed") for number in range(3000)]
    begun = perf_counter()
    assert len(fields(start(*old, *ASK), start(*new, *ASK))) == 3000
    assert perf_counter() - begun < 20


# Documents that do not hold -------------------------------------------------------------------------------------------


def test_only_the_mistake_differs_in_an_entity_that_cannot_be_read() -> None:
    """The rest of it is still compared by what it means."""
    old = {"queues": {"q": {"title": "Q", "max_wait": 600, "priority": 5}}}
    new = {"queues": {"q": {"title": "Q", "max_wait": "PT10M", "priority": 5, "ring": 1}}}
    [change] = fields(old, new)
    assert (change.change, change.path, change.new) == ("added", "queues/q/ring", 1)


def test_a_broken_action_among_sound_ones() -> None:
    request = {"type": "request", "url": "https://x.example.com", "into": "x", "timeout": 30}
    new = start({**request, "timeout": "PT30S"}, {"type": "unheard_of", "text": "?"}, *ASK)
    found = brief(fields(start(request, *ASK), new))
    assert found == [("added", "actions/1", None)]


@pytest.mark.parametrize(
    "broken",
    [
        {"queues": 5},
        {"queues": {"people": 5}},
        {"queues": {"people": None}},
        {"queues": {"people": {"title": 7}}},
        {"decision_trees": {"tree": {"decisions": []}}},
        {"decision_trees": {"tree": {"decisions": {"start": {"actions": [1, None, [{}], {}]}}}}},
        {"unheard_of": {"x": 1}},
        {"format": 2},
        {},
    ],
)
def test_any_document_can_be_compared(broken: dict[str, Any]) -> None:
    whole = tree(ASK)
    for old, new in ((whole, broken), (broken, whole), (whole, {**whole, **broken})):
        found = diff(old, new)
        assert Diff.model_validate_json(found.model_dump_json()) == found
        assert found.entities or old == new or new == {**whole, **{}}
    assert diff(broken, copy.deepcopy(broken)) == Diff()


def test_what_is_no_mapping_of_entities_is_one_value() -> None:
    [entity] = diff({"queues": {}}, {"queues": 5}).entities
    assert (entity.path, entity.change, entity.fields[0].new) == ("queues", "changed", 5)


@RANDOM
@given(documents(), documents(), st.data())
def test_changes_are_complete(old: dict[str, Any], new: dict[str, Any], data: st.DataObject) -> None:
    """No difference means the same configuration, and a document never differs from what is stored of it."""
    stored = json.loads(canonical(Configuration.model_validate(old)))
    assert diff(stored, old) == Diff()
    found = diff(old, new)
    assert bool(found.entities) == (Configuration.model_validate(old) != Configuration.model_validate(new))
    assert diff(old, new) == found
    for entity in found.entities:
        for change in entity.fields:
            if change.change in ("added", "changed", "moved"):
                assert _at(change.path, _normal(new)) == change.new
            if change.change in ("removed", "changed", "moved"):
                assert _at(change.old_path or change.path, _normal(old)) == change.old


def _normal(document: dict[str, Any]) -> Any:
    return json.loads(canonical(Configuration.model_validate(document)))


def _at(path: str, document: Any) -> Any:
    for step in path.split("/"):
        document = document[int(step)] if isinstance(document, list) else document.get(step)
    return document
