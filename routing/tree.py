"""What is reachable from a place, as nodes and edges for drawing (SPEC 8, `tree`)."""

import json
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, assert_never

from pydantic import Field

from routing.configuration import (
    KIND_OF,
    Action,
    Answer,
    Automessage,
    ButtonAnswer,
    Chatbot,
    Condition,
    Configuration,
    Connector,
    Decision,
    DecisionTree,
    Destination,
    GeneratedButtonsAnswer,
    Goal,
    Loop,
    PatternAnswer,
    Predicate,
    Queue,
    SendMessage,
    SimilarAnswer,
    Target,
    Terminate,
    TimeCondition,
)
from routing.durations import spoken
from routing.graph import PLACES, Graph, path_of, tree_of
from routing.messages import Message

SUMMARY = 100
"""The most characters of a node's summary."""

NodeKind = Literal[
    "connector", "automessage", "time_condition", "decision_tree", "decision", "chatbot", "queue", "terminate"
]
EdgeKind = Literal[
    "next",
    "open",
    "closed",
    "start",
    "answer",
    "immediately",
    "no_match",
    "no_answer",
    "idle",
    "takeover",
    "fallback",
    "overflow",
    "after_close",
]


class Node(Message):
    """A destination or decision."""

    path: str
    kind: NodeKind
    title: str
    summary: str = Field(default="", description="What it does, in a line.")
    parent: str | None = Field(default=None, description="The path of the tree that a decision belongs to.")
    reachable: bool = Field(
        default=True, description="False for a decision to which nothing leads, and for what only it leads to."
    )
    missing: bool = Field(default=False, description="Something leads here, and there is no such place.")


class Edge(Message):
    """A way from one node to another."""

    source: str = Field(description="The path of the node that it leaves.")
    target: str
    kind: EdgeKind
    label: str
    when: str = Field(default="", description="The conditions and loops around it, outermost first.")
    path: str = Field(description="What makes it: the path of a field or action of the configuration.")
    missing: bool = False


class Tree(Message):
    """The graph below a place, nearest nodes first; circles are edges back."""

    root: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def tree(configuration: Configuration, kind: str, name: str) -> Tree:
    """What is reachable from the place `kind/name`. Raises LookupError where there is none.

    Of a tree that is the root all decisions are there, of others those that can be reached. The configuration need not
    be free of problems: a destination that is not there is a node that is `missing`.
    """
    graph = Graph(configuration)
    root = f"{kind}/{name}"
    if kind not in PLACES or graph.find(root) is None:
        raise LookupError(f"there is no place {root}: name one of {', '.join(PLACES)} and its name")
    own = [f"{root}/decisions/{one}" for one in _decisions(graph, root)]
    reached = set(_reached(graph, [root]))
    paths = _reached(graph, [root, *own])
    nodes = [_node(graph, path, reachable=path in reached) for path in paths]
    edges = [edge for path in paths for edge in edges_of(graph, path)]
    return Tree(root=root, nodes=tuple(nodes), edges=tuple(edges))


def edges_of(graph: Graph, path: str) -> list[Edge]:
    """The ways that leave a destination or decision, in the order of the configuration."""
    return [
        Edge(
            source=path,
            target=way.to,
            kind=way.kind,
            label=way.label,
            when=way.when,
            path=f"{path}/{way.field}",
            missing=graph.find(way.to) is None,
        )
        for way in _ways(graph, path)
    ]


def _reached(graph: Graph, roots: Sequence[str]) -> list[str]:
    """Every path that can be reached, nearest first, and the roots themselves."""
    found = dict.fromkeys(roots)
    waiting = list(roots)
    for path in waiting:
        for way in _ways(graph, path):
            if way.to not in found:
                found[way.to] = None
                waiting.append(way.to)
    return list(found)


def _decisions(graph: Graph, path: str) -> Sequence[str]:
    place = graph.find(path)
    return list(place.decisions) if isinstance(place, DecisionTree) else []


# Nodes ----------------------------------------------------------------------------------------------------------------


def _node(graph: Graph, path: str, *, reachable: bool) -> Node:
    kind = _kind(path)
    parent = path.partition("/decisions/")[0] if kind == "decision" else None
    place = graph.find(path)
    title = getattr(place, "title", None)
    return Node(
        path=path,
        kind=kind,
        title=title if isinstance(title, str) else path.rpartition("/")[2],
        summary=_cut(_summary(place)),
        parent=parent,
        reachable=reachable,
        missing=place is None,
    )


def _kind(path: str) -> NodeKind:
    if "/decisions/" in path:
        return "decision"
    return _KINDS.get(path.partition("/")[0], "connector")


_KINDS: dict[str, NodeKind] = {kind: type for type, kind in KIND_OF.items()}


def _summary(place: object) -> str:
    match place:
        case Connector():
            return f"account {place.account}" if place.account else "not authorised yet"
        case Automessage():
            said = sum(message.text is not None for message in place.messages)
            last = max(message.time for message in place.messages)
            return f"{_count(said, 'message')}, the last time after {spoken(last)}"
        case TimeCondition():
            return f"by {place.time_group}"
        case DecisionTree():
            return _count(len(place.decisions), "decision")
        case Decision():
            return _first_words(place.actions)
        case Chatbot():
            return place.url
        case Queue():
            taken = "agents take" if place.strategy == "pull" else "offered to who has waited longest"
            return f"priority {place.priority}, {taken}"
        case Terminate():
            booked = f", under {place.queue}" if place.queue else ""
            return f"{place.cause}{booked}{'' if place.answered else ', not answered'}"
        case _:
            return ""


def _first_words(actions: Sequence[Action]) -> str:
    """What a decision says first, wherever that stands in it."""
    for action in actions:
        match action:
            case SendMessage():
                return action.text
            case Condition():
                said = _first_words(action.then) or _first_words(action.otherwise)
            case Loop():
                said = _first_words(action.actions)
            case _:
                said = ""
        if said:
            return said
    return ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SUMMARY else f"{flat[: SUMMARY - 1]}…"


# Ways -----------------------------------------------------------------------------------------------------------------


class _Way(NamedTuple):
    """A way out of a place; `field` is what makes it, inside the place."""

    to: str
    kind: EdgeKind
    label: str
    field: str
    when: str = ""


def _ways(graph: Graph, path: str) -> Iterator[_Way]:
    place = graph.find(path)
    match place:
        case Connector():
            yield _Way(path_of(place.next), "next", "next", "next")
            if place.idle is not None:
                yield _Way(path_of(place.idle.to), "idle", f"idle for {spoken(place.idle.after)}", "idle")
            if place.takeover and place.takeover_queue is not None:
                yield _Way(f"queues/{place.takeover_queue}", "takeover", "a person takes over", "takeover_queue")
        case Automessage():
            replied = ", or a reply" if place.on_reply == "next" else ""
            yield _Way(path_of(place.next), "next", f"after the last message{replied}", "next")
        case TimeCondition():
            yield _Way(path_of(place.open), "open", "open", "open")
            yield _Way(path_of(place.closed), "closed", "closed", "closed")
        case DecisionTree():
            yield _Way(f"{path}/decisions/{place.start}", "start", "start", "start")
        case Decision():
            yield from _out_of(path, place)
        case Chatbot():
            yield _Way(path_of(place.fallback), "fallback", "fallback", "fallback")
        case Queue():
            if place.overflow is not None:
                after = "" if place.max_wait is None else f" after {spoken(place.max_wait)}"
                yield _Way(path_of(place.overflow), "overflow", f"overflow{after}", "overflow")
            if place.after_close is not None:
                yield _Way(path_of(place.after_close), "after_close", "after closing", "after_close")
        case _:
            return


def _out_of(path: str, decision: Decision) -> Iterator[_Way]:
    tree = tree_of(path)
    yield from _targets(tree, "actions", decision.actions, "")
    if decision.no_match is not None and decision.no_match.to is not None:
        attempts = decision.no_match.attempts
        times = "" if attempts == 1 else f", {attempts} times"
        yield _Way(_goal(tree, decision.no_match.to), "no_match", f"no match{times}", "no_match")
    if decision.no_answer is not None:
        label = f"no answer after {spoken(decision.no_answer.after)}"
        yield _Way(_goal(tree, decision.no_answer.to), "no_answer", label, "no_answer")


def _targets(tree: str, prefix: str, actions: Sequence[Action], when: str) -> Iterator[_Way]:
    for number, action in enumerate(actions):
        field = f"{prefix}/{number}"
        match action:
            case Target():
                kind, label = _taken(action)
                yield _Way(_goal(tree, action.to), kind, label, field, when)
            case Condition():
                holds = condition_words(action)
                yield from _targets(tree, f"{field}/then", action.then, _and(when, holds))
                yield from _targets(tree, f"{field}/otherwise", action.otherwise, _and(when, f"not ({holds})"))
            case Loop():
                each = f"for each {action.as_} of {action.items}"
                yield from _targets(tree, f"{field}/actions", action.actions, _and(when, each))
            case _:
                pass


def _taken(target: Target) -> tuple[EdgeKind, str]:
    if target.answer is None:
        return "immediately", "immediately"
    return "answer", _cut(answer_label(target.answer))


def _goal(tree: str, to: Destination | Goal) -> str:
    return path_of(to, tree)


def _and(when: str, more: str) -> str:
    return f"{when}; {more}" if when else more


# Words ----------------------------------------------------------------------------------------------------------------


def answer_label(answer: Answer) -> str:
    """What the customer says or taps to be led there."""
    match answer:
        case PatternAnswer():
            return f"{answer.pattern}{' (default)' if answer.default else ''}"
        case SimilarAnswer():
            return f"{answer.words}{' (default)' if answer.default else ''}"
        case ButtonAnswer():
            return answer.text
        case GeneratedButtonsAnswer():
            return f"each of {answer.items}"
        case _:
            assert_never(answer)


def condition_words(condition: Condition) -> str:
    """The predicates of a condition as a line."""
    if condition.all is not None:
        return " and ".join(_predicate(one) for one in condition.all)
    return " or ".join(_predicate(one) for one in condition.any or ())


def _predicate(predicate: Predicate) -> str:
    match predicate.right:
        case None:
            right = ""
        case str() as text:
            right = f"“{text}”"
        case other:
            right = json.dumps(other, ensure_ascii=False)
    return " ".join(part for part in (predicate.left, predicate.operator.replace("_", " "), right) if part)
