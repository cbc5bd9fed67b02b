"""JSON to which something was done: members dropped, doubled, nested, or of another type."""

import json
from typing import Any


class Raw(str):
    """JSON as it stands, for what json.dumps would not write."""


class Twice(dict[str, Any]):
    """An object that names each of its members twice, as JSON allows."""


def written(value: Any) -> str:
    match value:
        case Raw():
            return str(value)
        case Twice():
            members = [f"{json.dumps(name)}: {written(inner)}" for name, inner in value.items()]
            return "{" + ", ".join(members * 2) + "}"
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {written(inner)}" for name, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case _:
            return json.dumps(value)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each value of this JSON stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in inner for found in paths(one, (*path, name)))]


def changed(value: Any, path: tuple[Any, ...], how: str, odd: Any, name: str) -> Any:
    """The same JSON with one thing done to what stands at `path`."""
    if path:
        first, rest = path[0], path[1:]
        if how == "drop" and not rest:
            return _without(value, first)
        members = value.items() if isinstance(value, dict) else enumerate(value)
        inner = {at: changed(one, rest, how, odd, name) if at == first else one for at, one in members}
        return type(value)(inner) if isinstance(value, dict) else list(inner.values())
    match how:
        case "retype":
            return odd
        case "nest":
            return {name: value}
        case "list":
            return [value, odd]
        case "twice" if isinstance(value, dict):
            return Twice(value)
        case "add" if isinstance(value, dict):
            return {**value, name: odd}
        case "add" if isinstance(value, list):
            return [odd, *value]
        case _:
            return odd


def _without(value: Any, at: Any) -> Any:
    if isinstance(value, dict):
        return type(value)({name: one for name, one in value.items() if name != at})
    return [one for number, one in enumerate(value) if number != at]


ODD_NUMBERS = [Raw(text) for text in ("1e999", "-1e999", "NaN", "-Infinity", "1.0", "9" * 5000, "-" + "9" * 200)]
ODD_TEXTS = [Raw(text) for text in (r'"\u0000"', r'"\ud800"', r'"a\udc00\ud800"', r'{"\ud800": {"\u0000": 1}}')]
ODD_VALUES = [None, True, False, 0, -1, 10**30, 1.5, "", " ", "0", "message", [], {}, [[]], {"id": {}}, [{"id": 1}]]
