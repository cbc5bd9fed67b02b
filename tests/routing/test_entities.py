"""Documents taken apart into entities and put together again, and what counts as the same."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from routing.configuration import Configuration
from routing.documents import read
from routing.entities import (
    EMPTY,
    GRAMMAR,
    KINDS,
    LANGUAGES,
    Change,
    Key,
    changed,
    document_of,
    entities_of,
    meaning,
    normal,
)
from routing.graph import canonical

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "tests/configurations").glob("*.yaml"), ROOT / "demo/configuration.yaml"])


def read_document(file: Path) -> dict[str, Any]:
    document = read(file.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def test_the_kinds_are_those_of_the_grammar() -> None:
    assert ["format", LANGUAGES, *KINDS] == list(Configuration.model_fields)
    assert set(GRAMMAR) == {LANGUAGES, *KINDS}
    for kind in KINDS:
        assert get_args(Configuration.model_fields[kind].annotation)[1] is GRAMMAR[kind]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_nothing_is_lost_on_the_way(file: Path) -> None:
    document = read_document(file)
    again = document_of(entities_of(document))
    assert again == document
    for kind in set(KINDS) & set(document):
        assert json.dumps(again[kind]) == json.dumps(document[kind]), "also the order of names and fields"


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_the_canonical_document_means_the_same(file: Path) -> None:
    document = read_document(file)
    written = json.loads(canonical(Configuration.model_validate(document)))
    assert changed(entities_of(document), entities_of(written)) == {}
    assert json.dumps(normal(document)) == json.dumps(normal(written))
    assert json.dumps(normal(written)) == json.dumps(written)


def test_kinds_come_in_the_order_of_the_grammar_and_empty_ones_not_at_all() -> None:
    document = {
        "queues": {"b": {"title": "B"}, "a": {"title": "A"}},
        "templates": {},
        "connectors": {"c": {}},
        "format": 1,
    }
    again = document_of(entities_of(document))
    assert list(again) == ["format", "connectors", "queues"]
    assert list(again["queues"]) == ["b", "a"]
    assert document_of({}) == EMPTY == {"format": 1}


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("automessages", {"messages": [{"time": 30}]}, {"messages": [{"time": "PT30S"}]}, False),
        (
            "automessages",
            {"title": "A", "messages": [{"time": 30}], "next": {"type": "queue", "name": "q"}},
            {
                "next": {"name": "q", "type": "queue"},
                "title": "A",
                "messages": [{"time": "PT30S"}],
                "on_reply": "continue",
            },
            True,
        ),
        ("queues", {"title": "A", "priority": 5}, {"title": "A"}, True),
        ("queues", {"title": "A", "priority": 4}, {"title": "A"}, False),
        ("queues", {"title": "A", "prio": 5}, {"title": "A"}, False),
        ("time_groups", {"title": "A", "timezone": "UTC"}, None, False),
        ("languages", {"default": "en"}, None, True),
        ("languages", {"default": "cs", "offered": ["cs"]}, None, False),
    ],
)
def test_what_means_the_same(kind: str, one: Any, other: Any, same: bool) -> None:
    key = Key(kind, "" if kind == LANGUAGES else "x")
    assert (meaning(key, one) == meaning(key, other)) is same


def test_names_that_only_python_knows_are_none() -> None:
    """`from_` is how the model calls `from`; a document that says so does not hold, and means something else."""
    hours = {"type": "open", "system": "own"}
    one = {"title": "A", "timezone": "UTC", "definitions": [{**hours, "from": "09:00"}]}
    other = {"title": "A", "timezone": "UTC", "definitions": [{**hours, "from_": "09:00"}]}
    assert meaning(Key("time_groups", "x"), one) != meaning(Key("time_groups", "x"), other)


def test_changes_by_entity() -> None:
    before = {"queues": {"a": {"title": "A"}, "b": {"title": "B"}, "c": {"title": "C", "priority": 5}}}
    after = {"queues": {"d": {"title": "D"}, "c": {"title": "C"}, "b": {"title": "BB"}}}
    expected: dict[str, Change] = {"queues/d": "added", "queues/b": "changed", "queues/a": "removed"}
    found = changed(entities_of(before), entities_of(after))
    assert {key.path: change for key, change in found.items()} == expected
    assert Key(LANGUAGES, "").path == "languages"
