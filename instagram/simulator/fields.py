"""The `fields` of a Graph call: which members of an answer are wanted, and how much of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from instagram.simulator.errors import wrong

Json = dict[str, Any]

_TOKEN = re.compile(r"\s*([A-Za-z_][\w]*)\s*|\s*\.(\w+)\((\w+)\)\s*|\s*([{},])\s*")


@dataclass
class Asked:
    """One wanted member: its own wanted members, and how many of a list."""

    inner: dict[str, "Asked"] = field(default_factory=dict)
    limit: int | None = None
    after: str | None = None


def parse(text: str) -> dict[str, Asked]:
    """`id,messages.limit(5){id,from}` as what it asks for; GraphError for what is not written so."""
    tokens: list[re.Match[str]] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.end() == place:
            raise _unreadable(text)
        tokens.append(found)
        place = found.end()
    asked, rest = _members(tokens, text)
    if rest:
        raise _unreadable(text)
    return asked


def choose(node: Mapping[str, Any], asked: Mapping[str, Asked], always: tuple[str, ...] = ("id",)) -> Json:
    """Those members of a node that are asked for, or all where nothing is; what it has not is left out."""
    chosen: Json = {}
    for name, value in node.items():
        if asked and name not in asked and name not in always:
            continue
        inner = asked[name].inner if name in asked else {}
        chosen[name] = _deeper(value, inner) if inner else value
    return chosen


def _deeper(value: Any, inner: Mapping[str, Asked]) -> Any:
    match value:
        case {"data": list(items)}:
            return {**value, "data": [_deeper(item, inner) for item in items]}
        case dict():
            return choose(value, inner)
        case _:
            return value


def _members(tokens: list[re.Match[str]], text: str) -> tuple[dict[str, Asked], list[re.Match[str]]]:
    asked: dict[str, Asked] = {}
    newest: Asked | None = None
    while tokens:
        name, argument, value, sign = tokens[0].groups()
        if sign == "}":
            return asked, tokens
        tokens = tokens[1:]
        if name:
            newest = asked.setdefault(name, Asked())
        elif newest is None:
            raise _unreadable(text)
        elif argument == "limit" and value.isdigit():
            newest.limit = int(value)
        elif argument == "after":
            newest.after = value
        elif sign == "{":
            newest.inner, tokens = _members(tokens, text)
            if not tokens:
                raise _unreadable(text)
            tokens = tokens[1:]
    return asked, tokens


def _unreadable(text: str) -> Exception:
    return wrong(f"fields: {text[:200]!r} cannot be read; write them as id,messages.limit(5){{id,from}}")
