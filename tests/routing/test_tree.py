"""The graph below a place: every way that a conversation can take, and what is missing."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.configuration import KIND_OF, Configuration
from routing.durations import spoken
from routing.graph import PLACES, Graph
from routing.recordings import stops
from routing.rehearsal import Rehearsal, Reply
from routing.tree import Edge, Tree, tree
from tests.routing.test_properties import NOW, RANDOM
from tests.scripts import graph_at, scripts
from tests.strategies import BODIES, WORDS, graphs
from tests.talk import button, go, say
from tests.talk import tree as document

START = "decision_trees/tree/decisions/start"
ASK = [say("Shall we?"), go("terminate/bye", button("Yes")), go("queue/people", button("No"))]


def below(authored: dict[str, Any] | Graph, kind: str, name: str) -> Tree:
    graph = authored if isinstance(authored, Graph) else Graph(Configuration.model_validate(authored))
    found = tree(graph.configuration, kind, name)
    assert Tree.model_validate_json(found.model_dump_json()) == found
    paths = [node.path for node in found.nodes]
    assert len(paths) == len(set(paths))
    for edge in found.edges:
        assert edge.source in paths
        assert edge.target in paths
    return found


def ways(found: Tree) -> list[tuple[str, str, str, str]]:
    return [(edge.source, edge.kind, edge.label, edge.target) for edge in found.edges]


def test_a_small_tree() -> None:
    found = below(document(ASK), "connectors", "shop")
    assert found.root == "connectors/shop"
    assert [(node.path, node.kind, node.title, node.parent) for node in found.nodes] == [
        ("connectors/shop", "connector", "Shop", None),
        ("decision_trees/tree", "decision_tree", "Tree", None),
        (START, "decision", "Start", "decision_trees/tree"),
        ("terminates/bye", "terminate", "Bye", None),
        ("queues/people", "queue", "People", None),
    ]
    assert ways(found) == [
        ("connectors/shop", "next", "next", "decision_trees/tree"),
        ("decision_trees/tree", "start", "start", START),
        (START, "answer", "Yes", "terminates/bye"),
        (START, "answer", "No", "queues/people"),
    ]
    assert [edge.path for edge in found.edges][2:] == [f"{START}/actions/1", f"{START}/actions/2"]


EVERYTHING: dict[str, Any] = {
    **document(
        [
            say("Hello"),
            {
                "type": "condition",
                "all": [
                    {"left": "text", "operator": "is_not_empty"},
                    {"left": "data.n", "operator": "in", "right": [1, True]},
                ],
                "then": [
                    {"type": "loop", "items": "data.list", "as": "one", "actions": [go("queue/people")]},
                ],
                "otherwise": [go("next")],
            },
            go("next", {"type": "similar", "words": "help, person", "default": True}),
            go("start", {"type": "pattern", "pattern": "/again/"}),
            go("next", {"type": "generated_buttons", "items": "data.list", "title": "{{ item }}", "value": "x"}),
        ],
        no_match={"attempts": 3, "to": {"type": "terminate", "name": "bye"}},
        no_answer={"after": 7200, "to": {"type": "decision", "name": "next"}},
        decisions={"next": {"title": "Next", "actions": [go("chatbot/robot")]}},
        connector={
            "next": {"type": "time_condition", "name": "hours"},
            "idle": {"after": 1800, "to": {"type": "terminate", "name": "bye"}},
            "takeover_queue": "people",
        },
        queues={
            "people": {
                "title": "People",
                "max_wait": 600,
                "overflow": {"type": "terminate", "name": "bye"},
                "after_close": {"type": "decision_tree", "name": "tree"},
            }
        },
        chatbots={
            "robot": {
                "title": "Robot",
                "url": "https://bot.example.com",
                "fallback": {"type": "queue", "name": "people"},
            }
        },
        automessages={
            "wait": {
                "title": "Wait",
                "messages": [{"time": 0, "text": "Hi"}, {"time": "PT20H"}],
                "on_reply": "next",
                "next": {"type": "decision_tree", "name": "tree"},
            }
        },
        time_groups={"week": {"title": "Week", "timezone": "UTC"}},
        time_conditions={
            "hours": {
                "title": "Hours",
                "time_group": "week",
                "open": {"type": "decision_tree", "name": "tree"},
                "closed": {"type": "automessage", "name": "wait"},
            }
        },
    )
}


def test_every_way_has_a_label() -> None:
    found = below(EVERYTHING, "connectors", "shop")
    tree_path, robot, people = "decision_trees/tree", "chatbots/robot", "queues/people"
    next_path = "decision_trees/tree/decisions/next"
    assert set(ways(found)) == {
        ("connectors/shop", "next", "next", "time_conditions/hours"),
        ("connectors/shop", "idle", "idle for 30 min", "terminates/bye"),
        ("connectors/shop", "takeover", "a person takes over", people),
        ("time_conditions/hours", "open", "open", tree_path),
        ("time_conditions/hours", "closed", "closed", "automessages/wait"),
        ("automessages/wait", "next", "after the last message, or a reply", tree_path),
        (tree_path, "start", "start", START),
        (START, "immediately", "immediately", people),
        (START, "immediately", "immediately", next_path),
        (START, "answer", "help, person (default)", next_path),
        (START, "answer", "/again/", START),
        (START, "answer", "each of data.list", next_path),
        (START, "no_match", "no match, 3 times", "terminates/bye"),
        (START, "no_answer", "no answer after 2 h", next_path),
        (next_path, "immediately", "immediately", robot),
        (robot, "fallback", "fallback", people),
        (people, "overflow", "overflow after 10 min", "terminates/bye"),
        (people, "after_close", "after closing", tree_path),
    }
    by_path = {edge.path: edge for edge in found.edges}
    inner = by_path[f"{START}/actions/1/then/0/actions/0"]
    assert inner.when == "text is not empty and data.n in [1, true]; for each one of data.list"
    assert by_path[f"{START}/actions/1/otherwise/0"].when == "not (text is not empty and data.n in [1, true])"
    assert f"{START}/no_match" in by_path
    assert "queues/people/after_close" in by_path


def test_every_node_says_what_it_does() -> None:
    found = {node.path: node.summary for node in below(EVERYTHING, "connectors", "shop").nodes}
    assert found == {
        "connectors/shop": "not authorised yet",
        "time_conditions/hours": "by week",
        "terminates/bye": "user, not answered",
        "queues/people": "priority 5, agents take",
        "decision_trees/tree": "2 decisions",
        "automessages/wait": "1 message, the last time after 20 h",
        START: "Hello",
        "decision_trees/tree/decisions/next": "",
        "chatbots/robot": "https://bot.example.com",
    }


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([{"type": "loop", "items": "data.x", "as": "y", "actions": [say("In a loop")]}], "In a loop"),
        ([{"type": "condition", "any": [{"operator": "language_is", "right": "en"}], "otherwise": [say("No")]}], "No"),
        ([say("x" * 300)], "x" * 99 + "…"),
    ],
)
def test_a_decision_is_summed_up_by_its_first_words(actions: list[Any], said: str) -> None:
    found = below(document([*actions, *ASK]), "decision_trees", "tree")
    assert found.nodes[1].summary == said


@pytest.mark.parametrize("kind", PLACES)
def test_it_begins_at_every_kind_of_place(kind: str) -> None:
    name = {"connectors": "shop", "automessages": "wait", "time_conditions": "hours", "decision_trees": "tree"} | {
        "chatbots": "robot",
        "queues": "people",
        "terminates": "bye",
    }
    found = below(EVERYTHING, kind, name[kind])
    assert found.nodes[0].path == f"{kind}/{name[kind]}"
    if kind == "terminates":
        assert found.edges == ()


def test_there_must_be_such_a_place() -> None:
    configuration = Configuration.model_validate(document(ASK))
    for kind, name in (("queues", "nobody"), ("templates", "x"), ("decision_trees", "tree/decisions/nothing")):
        with pytest.raises(LookupError, match="there is no place"):
            tree(configuration, kind, name)


def test_what_is_missing_is_shown() -> None:
    broken = document(
        [go("nowhere"), go("queue/nobody", button("Q"))],
        connector={"takeover_queue": "ghosts", "next": {"type": "decision_tree", "name": "tree"}},
    )
    found = below(broken, "connectors", "shop")
    missing = {node.path: (node.kind, node.title, node.parent) for node in found.nodes if node.missing}
    assert missing == {
        "queues/ghosts": ("queue", "ghosts", None),
        "decision_trees/tree/decisions/nowhere": ("decision", "nowhere", "decision_trees/tree"),
        "queues/nobody": ("queue", "nobody", None),
    }
    assert {edge.target for edge in found.edges if edge.missing} == set(missing)


def test_the_root_shows_decisions_to_which_nothing_leads() -> None:
    authored = document(
        ASK,
        decisions={"lost": {"title": "Lost", "actions": [go("queue/others")]}},
        queues={"others": {"title": "Others"}},
    )
    found = below(authored, "decision_trees", "tree")
    assert [node.path for node in found.nodes if not node.reachable] == [
        "decision_trees/tree/decisions/lost",
        "queues/others",
    ]
    above = below(authored, "connectors", "shop")
    assert "decision_trees/tree/decisions/lost" not in [node.path for node in above.nodes]
    assert all(node.reachable for node in above.nodes)


def test_the_demo() -> None:
    graph = graph_at(scripts()[-1].configuration)
    found = below(graph, "connectors", "plants")
    assert {node.kind for node in found.nodes} == {"connector", "decision", *KIND_OF}
    assert not [node for node in found.nodes if node.missing]


@RANDOM
@given(graphs(), st.data())
def test_every_way_that_a_conversation_takes_is_drawn(graph: Graph, data: st.DataObject) -> None:
    found = below(graph, "connectors", "shop")
    drawn = {(edge.source, edge.target) for edge in found.edges}
    from_anywhere = {edge.target for edge in found.edges if edge.kind in ("idle", "takeover")}
    reply = Reply(url="~https://x.*", status=200, body=data.draw(st.sampled_from(BODIES)))
    world = Rehearsal(graph, "shop", at=NOW, replies=[reply])
    for _ in range(data.draw(st.integers(1, 5))):
        world.user(data.draw(st.sampled_from(WORDS)))
        world.wait(timedelta(seconds=data.draw(st.sampled_from([1, 61, 4000]))))
        if world.conversation is not None and world.conversation.waiting.type == "ended":
            break
    route = [stop.path for stop in stops(world.visited)]
    for source, target in pairwise(route):
        assert (source, target) in drawn or target in from_anywhere


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (59, "59 s"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (23 * 3600 + 60, "23 h 1 min"),
        (86_400, "1 d"),
        (90_061, "1 d 1 h 1 min 1 s"),
    ],
)
def test_durations_in_words(duration: float, words: str) -> None:
    assert spoken(timedelta(seconds=duration)) == words


def test_an_edge_is_plain_json() -> None:
    edge = below(document(ASK), "connectors", "shop").edges[0]
    assert Edge.model_validate_json(edge.model_dump_json()) == edge
    assert set(edge.model_dump()) == {"source", "target", "kind", "label", "when", "path", "missing"}
