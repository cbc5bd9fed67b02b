"""A saved template as somebody here sends it: filled in from the conversation, and by hand where that has no value."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, cast

from routing.configuration import Template
from routing.conversation import Conversation
from routing.graph import Graph
from routing.languages import variant
from routing.templates import evaluate, inspect, render
from routing.turns.turn import NOTHING, Turn


class Phrase(NamedTuple):
    """The text; `missing` are the names that would be put in and have no value, `unread` those given for nothing."""

    text: str
    missing: tuple[str, ...]
    unread: tuple[str, ...]


def phrase(
    graph: Graph,
    conversation: Conversation,
    template: Template,
    now: datetime,
    *,
    language: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Phrase:
    """In the language given, else in the customer's; `values` by name as the template reads it: `data.order`.

    Raises TemplateFailed.
    """
    text = variant(template.text, template.variants, language or conversation.language)
    given = values or {}
    names = _Names(Turn(graph, conversation, now), given)
    # What stands inside `{% if %}` is put in only where it has a value, or is not put in at all.
    plain = () if "{%" in text else dict.fromkeys(_PLAIN.findall(text))
    missing = tuple(name for name in plain if evaluate(name, names) in (None, ""))
    read = {".".join(chain) for chain in inspect(text).names}
    return Phrase(render(text, names), missing, tuple(name for name in given if name not in read))


_PLAIN = re.compile(r"\{\{-?\s*([A-Za-z_]\w*(?:\.\w+)*)\s*-?\}\}")


class _Names(Mapping[str, object]):
    """What the conversation knows, under what was given by hand."""

    def __init__(self, turn: Turn, given: Mapping[str, str]) -> None:
        self._turn = turn
        self._given = given

    def __contains__(self, name: object) -> bool:
        return self._found(str(name)) is not NOTHING

    def __getitem__(self, name: str) -> object:
        found = self._found(name)
        if found is NOTHING:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.split(".")[0] for name in self._given))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _found(self, name: str) -> object:
        found = self._turn.named(name)
        for path, value in self._given.items():
            first, *rest = path.split(".")
            if first == name:
                found = _with(found, rest, value)
        return found


def _with(found: object, rest: list[str], value: str) -> object:
    if not rest:
        return value
    inner: Mapping[str, object] = cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}
    return {**inner, rest[0]: _with(inner.get(rest[0]), rest[1:], value)}
