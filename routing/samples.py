"""Example values for all that a template of a decision tree can read, to try it out while it is written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from routing.chatbots import wire_time
from routing.configuration import (
    Action,
    Configuration,
    GeneratedButtonsAnswer,
    Loop,
    PatternAnswer,
    Request,
    SaveData,
    Target,
)
from routing.problems.answers import groups
from routing.problems.templates import sites
from routing.problems.walk import every_action
from routing.templates import inspect, inspect_expression

EXAMPLE = 60
"""The most characters of a value that is shown beside its name."""


def sample(configuration: Configuration, tree: str, at: datetime) -> dict[str, Any]:
    """Every name of SPEC section 4, and the objects of this tree, each with a value.

    What requests answer nobody knows before: whatever templates of the tree read of it is there, and says its own name.
    """
    names = _given(configuration, at)
    actions = [action for owner, _, action in every_action(configuration) if owner == tree]
    for action in actions:
        _define(names, action)
    _read(names, configuration, tree)
    for action in actions:
        _elements(names, action)
    return names


def listed(names: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Each name that can be written, such as `customer.name`, with its value."""
    for key, found in names.items():
        name = f"{before}{key}"
        yield name, found
        if isinstance(found, Mapping):
            yield from listed(cast("Mapping[str, object]", found), f"{name}.")


def _given(configuration: Configuration, at: datetime) -> dict[str, Any]:
    now, text = wire_time(at), "Where is my order?"
    message = {"name": "message_1", "time": now, "direction": "in", "text": text}
    return {
        "text": text,
        "attachments": [],
        "message": message,
        "messages": [message],
        "interaction": {
            "name": f"igdm_{'0' * 24}",
            "title": "Jana Nováková",
            "time": now,
            "account": "17841400000000000",
            "connector": next(iter(configuration.connectors), "shop"),
            "language": configuration.languages.default,
        },
        "interactionHash": "0" * 40,
        "config": {"callback": "https://switchboard.example.com/external/web/api/chatbotUpdate"},
        "customer": {"id": "1234567890", "username": "jana.novakova", "name": "Jana Nováková"},
        "contact": {name: name for name in configuration.custom_fields},
        "data": {},
        "answer": {"text": text, "payload": "", "item": {}},
        "ticket": {"number": "1"},
        "now": now,
    }


def _define(names: dict[str, Any], action: Action) -> None:
    """What the action makes can be read; a reserved name stays what it is."""
    match action:
        case Request():
            names.setdefault(action.into, {"ok": True, "status": 200, "body": {}, "error": None})
        case Loop():
            names.setdefault(action.as_, {})
        case SaveData():
            names["data" if action.scope == "conversation" else "contact"].setdefault(action.field, action.field)
        case Target(answer=PatternAnswer() as answer):
            for group in groups(answer):
                names["answer"].setdefault(group, group)
        case _:
            pass


def _read(names: dict[str, Any], configuration: Configuration, tree: str) -> None:
    """Parts of objects that some template of the tree reads, the deepest first."""
    chains: set[tuple[str, ...]] = set()
    for site in sites(configuration):
        if site.tree == tree:
            chains.update((inspect_expression if site.expression else inspect)(site.text).names)
    for chain in sorted(chains, key=len, reverse=True):
        if chain[0] == "item":
            _put(names["answer"], chain)
        elif chain[0] in names:
            _put(names, chain)


def _elements(names: dict[str, Any], action: Action) -> None:
    """Where an array is walked, an element of it: what is read of the element has been found before."""
    match action:
        case Loop():
            chain, element = _chain(action.items), names.get(action.as_)
        case Target(answer=GeneratedButtonsAnswer() as answer):
            chain, element = _chain(answer.items), names["answer"]["item"]
        case _:
            return
    if chain is None:
        return
    holder: object = names
    for step in chain[:-1]:
        holder = cast("dict[str, object]", holder).get(step) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        array = cast("dict[str, object]", holder)
        if not isinstance(array.get(chain[-1]), list):
            array[chain[-1]] = [element]


def _chain(expression: str) -> tuple[str, ...] | None:
    """The steps of an expression that is one dotted name."""
    found = inspect_expression(expression).names
    return found[0] if len(found) == 1 and ".".join(found[0]) == expression.strip() else None


def _put(holder: dict[str, Any], chain: tuple[str, ...]) -> None:
    """A value at the end of the chain where there is none yet; indexes end it."""
    for step, after in pairwise(chain):
        inner = holder.setdefault(step, {})
        if not isinstance(inner, dict) or after.lstrip("-").isdigit():
            return
        holder = cast("dict[str, Any]", inner)
    holder.setdefault(chain[-1], chain[-1])
