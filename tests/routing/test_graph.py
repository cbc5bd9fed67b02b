"""Paths: what stands where, and what follows it."""

import pytest

from routing.configuration import Configuration, Destination, Goal, SendMessage
from routing.graph import canonical, decision_of, digest, path_of, tree_of
from tests.talk import configuration, go, graph_of, say, tree

DECISION = "decision_trees/tree/decisions/start"
DOCUMENT = tree(
    [
        {
            "type": "condition",
            "all": [{"left": "text", "operator": "is_empty"}],
            "then": [
                say("a"),
                {"type": "loop", "items": "messages", "as": "line", "actions": [say("b"), say("c")]},
            ],
            "otherwise": [say("d")],
        },
        go("queue/people"),
    ]
)


@pytest.mark.parametrize(
    ("path", "follows"),
    [
        ("0", "1"),
        ("0/then/0", "0/then/1"),
        ("0/then/1", "1"),
        ("0/then/1/actions/0", "0/then/1/actions/1"),
        ("0/then/1/actions/1", "0/then/1"),
        ("0/otherwise/0", "1"),
        ("1", None),
    ],
)
def test_what_follows_an_action(path: str, follows: str | None) -> None:
    found = graph_of(DOCUMENT).following(f"{DECISION}/actions/{path}")
    assert found == (f"{DECISION}/actions/{follows}" if follows else None)


def test_find() -> None:
    graph = graph_of(DOCUMENT)
    found = graph.find(f"{DECISION}/actions/0/then/1/actions/1")
    assert isinstance(found, SendMessage)
    assert found.text == "c"
    assert graph.find(f"{DECISION}/actions/9") is None


def test_the_paths_stand_in_the_order_of_the_document() -> None:
    paths = list(graph_of(DOCUMENT).paths())
    assert paths[0] == "connectors/shop"
    assert paths[paths.index(DECISION) + 1 :][:3] == [
        f"{DECISION}/actions/0{rest}" for rest in ("", "/then/0", "/then/1")
    ]


def test_parts_of_a_path() -> None:
    assert path_of(Destination(type="time_condition", name="a")) == "time_conditions/a"
    assert path_of(Goal(type="decision", name="a"), "t") == "decision_trees/t/decisions/a"
    inside = f"{DECISION}/actions/0/then/1"
    assert (tree_of(inside), decision_of(inside)) == ("tree", DECISION)


def test_the_same_document_has_the_same_digest() -> None:
    one = Configuration.model_validate(DOCUMENT)
    other = Configuration.model_validate({**DOCUMENT, "languages": {"default": "en", "offered": ["en"]}})
    assert digest(canonical(one)) == digest(canonical(other))
    assert digest(canonical(one)) != digest(canonical(graph_of(configuration("button")).configuration))


def test_a_canonical_document_reads_back_the_same() -> None:
    for name in ("button", "tickets", "automessages"):
        one = graph_of(configuration(name)).configuration
        assert Configuration.model_validate_json(canonical(one)) == one
