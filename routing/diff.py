"""What is different in the sandbox, entity by entity and field by field, as people read it (SPEC 8, `diff`)."""

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Literal, NamedTuple, cast

from pydantic import Field, TypeAdapter, ValidationError
from rapidfuzz import fuzz

from routing.entities import GRAMMAR, KINDS, LANGUAGES
from routing.messages import Message
from routing.problems.grammar import fields_of, inside, member_of

ALIKE = 60
"""From this likeness on (of 100, of what they say) two elements of a list are one that was changed."""
MOST_PAIRS = 1_000_000
"""Longer lists of elements that differ are compared place by place."""
SHOWN = 60
"""The most characters of a value in words."""


class FieldChange(Message):
    """One value that is different. A value that only stands elsewhere is `moved`."""

    path: str = Field(description="Where it is in the sandbox; where it was in production, if it was removed.")
    change: Literal["added", "removed", "changed", "moved"]
    old_path: str | None = Field(default=None, description="Where it was in production, if that is another place.")
    old: Any = None
    new: Any = None
    words: str = Field(description="The same as a line to read.")


class EntityChange(Message):
    """An entity that is different; the fields of one that was added or removed are not listed."""

    kind: str
    name: str = Field(description="Empty for what has no name, such as the languages.")
    path: str
    title: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...] = ()


class Diff(Message):
    """All entities that differ, in the order of the grammar's kinds, then of the sandbox, then of production."""

    entities: tuple[EntityChange, ...] = ()


def diff(production: Mapping[str, Any], sandbox: Mapping[str, Any]) -> Diff:
    """Compare two documents as plain data; neither has to hold.

    What means the same is the same: a duration in seconds or in ISO 8601, a default that is written out or left out.
    """
    found: list[EntityChange] = []
    for kind in dict.fromkeys(["format", LANGUAGES, *KINDS, *sandbox, *production]):
        old, new = production.get(kind), sandbox.get(kind)
        if kind in KINDS and isinstance(old or {}, dict) and isinstance(new or {}, dict):
            olds, news = cast("dict[str, Any]", old or {}), cast("dict[str, Any]", new or {})
            for name in dict.fromkeys([*news, *olds]):
                found += _entity(kind, name, olds.get(name, MISSING), news.get(name, MISSING))
        else:
            found += _entity(kind, "", {} if old is None else old, {} if new is None else new)
    return Diff(entities=tuple(found))


def _entity(kind: str, name: str, old: Any, new: Any) -> Iterator[EntityChange]:
    path = f"{kind}/{name}" if name else kind
    before, after = (_meant(GRAMMAR.get(kind), value) for value in (old, new))
    if _canonical(before) == _canonical(after):
        return
    change: Literal["added", "removed", "changed"] = (
        "added" if before is MISSING else "removed" if after is MISSING else "changed"
    )
    title = _title(old if new is MISSING else new, name)
    places = _with_moves(list(_compared(path, path, before, after))) if change == "changed" else []
    fields = tuple(_told(place, path) for place in places)
    yield EntityChange(kind=kind, name=name, path=path, title=title, change=change, fields=fields)


def _title(entity: Any, name: str) -> str:
    title = cast("dict[str, Any]", entity).get("title") if isinstance(entity, dict) else None
    return title if isinstance(title, str) else name


# What a value means ---------------------------------------------------------------------------------------------------

MISSING: Any = object()
"""Stands for what is not there."""


def _meant(annotation: Any, value: Any) -> Any:
    """A value in the one way in which it is written out; as much of it as the grammar can read."""
    if value is MISSING or annotation is None:
        return value
    try:
        adapter = TypeAdapter[Any](annotation)
        read = adapter.validate_python(value, by_alias=True, by_name=False)
        return adapter.dump_python(read, mode="json", by_alias=True, exclude_defaults=True)
    except (ValidationError, RecursionError):
        pass
    match value:
        case dict():
            fields = cast("dict[str, Any]", value)
            meant = {name: _meant(inside(annotation, name, fields), inner) for name, inner in fields.items()}
            defaults = _defaults(member_of(annotation, fields))
            return {name: inner for name, inner in meant.items() if name not in defaults or defaults[name] != inner}
        case list():
            items = cast("list[Any]", value)
            return [_meant(inside(annotation, index, items), inner) for index, inner in enumerate(items)]
        case _:
            return value


@cache
def _defaults(model: Any) -> dict[str, Any]:
    """What the fields of a model are when they are left out, as they would be written."""
    return {
        name: TypeAdapter[Any](field.annotation).dump_python(field.get_default(), mode="json", exclude_defaults=True)
        for name, field in fields_of(model).items()
        if not field.is_required() and field.annotation is not None
    }


def _canonical(value: object) -> str:
    return "" if value is MISSING else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


# Field by field -------------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """A difference: where it is in production and in the sandbox, and what is there."""

    old_path: str
    new_path: str
    old: object = MISSING
    new: object = MISSING
    moved: bool = False


def _compared(old_path: str, new_path: str, old: Any, new: Any) -> Iterator[_Place]:
    match old, new:
        case dict(), dict():
            olds, news = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
            for name in dict.fromkeys([*news, *olds]):
                before, after = olds.get(name, MISSING), news.get(name, MISSING)
                yield from _compared(f"{old_path}/{name}", f"{new_path}/{name}", before, after)
        case list(), list() if _has_elements(cast("list[Any]", old)) and _has_elements(cast("list[Any]", new)):
            yield from _elements(old_path, new_path, cast("list[Any]", old), cast("list[Any]", new))
        case _:
            if _canonical(old) != _canonical(new):
                yield _Place(old_path, new_path, old, new)


def _has_elements(items: list[Any]) -> bool:
    """Whether a list holds mappings, each with a meaning of its own; other lists are one value."""
    return all(isinstance(item, dict) for item in items)


def _elements(old_path: str, new_path: str, old: list[Any], new: list[Any]) -> Iterator[_Place]:
    """Elements are the same wherever they stand; what is left over is paired with what it is most like."""
    pairs = _paired([_canonical(item) for item in old], [_canonical(item) for item in new], old, new)
    taken = {i for i, _, _ in pairs}
    partners = {j: (i, moved) for i, j, moved in pairs}
    for j, item in enumerate(new):
        if j not in partners:
            yield _Place(f"{old_path}/{j}", f"{new_path}/{j}", new=item)
            continue
        i, moved = partners[j]
        if moved:
            yield _Place(f"{old_path}/{i}", f"{new_path}/{j}", old[i], item, moved=True)
        yield from _compared(f"{old_path}/{i}", f"{new_path}/{j}", old[i], item)
    for i, item in enumerate(old):
        if i not in taken:
            yield _Place(f"{old_path}/{i}", f"{new_path}/{i}", old=item)


def _paired(old: list[str], new: list[str], olds: list[Any], news: list[Any]) -> list[tuple[int, int, bool]]:
    """Pairs of indexes, and whether that element moved past others."""
    if len(old) * len(new) > MOST_PAIRS:
        return [(index, index, False) for index in range(min(len(old), len(new)))]
    pairs: list[tuple[int, int, bool]] = []
    gap_of_old, gap_of_new = [0] * len(old), [0] * len(new)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    i = j = 0
    for gap, block in enumerate(blocks):
        for index in range(i, block.a):
            gap_of_old[index] = gap
        for index in range(j, block.b):
            gap_of_new[index] = gap
        pairs += [(block.a + step, block.b + step, False) for step in range(block.size)]
        i, j = block.a + block.size, block.b + block.size
    left_old = [i for i in range(len(old)) if i not in {i for i, _, _ in pairs}]
    left_new = [j for j in range(len(new)) if j not in {j for _, j, _ in pairs}]
    likeness = [
        (-(101.0 if old[i] == new[j] else fuzz.ratio(old[i], new[j])), gap_of_old[i] != gap_of_new[j], abs(i - j), i, j)
        for i in left_old
        for j in left_new
        if _type(olds[i]) == _type(news[j])
    ]
    used_old: set[int] = set()
    used_new: set[int] = set()
    for like, elsewhere, _, i, j in sorted(likeness):
        # Within one gap an element of the same type was edited, however much; elsewhere it must be recognised.
        if i in used_old or j in used_new or (-like < ALIKE and elsewhere):
            continue
        used_old.add(i)
        used_new.add(j)
        pairs.append((i, j, elsewhere))
    return pairs


def _type(item: Any) -> str:
    return str(cast("dict[str, Any]", item).get("type", "")) if isinstance(item, dict) else ""


# Moves between lists --------------------------------------------------------------------------------------------------


def _with_moves(places: list[_Place]) -> list[_Place]:
    """What was removed here and stands there, in another list or inside something new, was moved."""
    come, gone = _mappings(places, new=True), _mappings(places, new=False)
    from_old: dict[str, _Place] = {}
    to_new: dict[str, _Place] = {}
    for place in places:
        if place.new is MISSING and (paths := come.get(said := _canonical(place.old))):
            from_old[place.old_path] = _Place(place.old_path, paths.pop(0), place.old, place.old, moved=True)
            gone[said].remove(place.old_path)
    taken = {move.new_path for move in from_old.values()}
    for place in places:
        if place.old is MISSING and place.new_path not in taken and (paths := gone.get(_canonical(place.new))):
            to_new[place.new_path] = _Place(paths.pop(0), place.new_path, place.new, place.new, moved=True)
    taken |= {move.old_path for move in to_new.values()}
    found: list[_Place] = []
    for place in places:
        if place.new is MISSING and place.old_path not in taken:
            found.append(from_old.get(place.old_path, place))
        elif place.old is MISSING and place.new_path not in taken:
            found.append(to_new.get(place.new_path, place))
        elif place.old is not MISSING and place.new is not MISSING:
            found.append(place)
    return found


def _mappings(places: list[_Place], *, new: bool) -> dict[str, list[str]]:
    """The paths of all mappings that came (or that are gone), those inside others too, by what they say."""
    found: dict[str, list[str]] = {}
    for place in places:
        if (place.old if new else place.new) is MISSING:
            path, value = (place.new_path, place.new) if new else (place.old_path, place.old)
            for inner, said in _within(path, value):
                found.setdefault(said, []).append(inner)
    return found


def _within(path: str, value: object) -> Iterator[tuple[str, str]]:
    """The mapping itself and all in lists inside it, with their paths."""
    said = _canonical(value)
    if isinstance(value, dict):
        yield path, said
        for name, inner in cast("dict[str, Any]", value).items():
            if isinstance(inner, list):
                for index, item in enumerate(cast("list[Any]", inner)):
                    yield from _within(f"{path}/{name}/{index}", item)


# Words ----------------------------------------------------------------------------------------------------------------


def _told(place: _Place, entity: str) -> FieldChange:
    old_path, new_path = place.old_path, place.new_path
    inner, was = new_path.removeprefix(f"{entity}/"), old_path.removeprefix(f"{entity}/")
    what: Literal["added", "removed", "changed", "moved"]
    if place.moved:
        what, words = "moved", f"{was}: {_shown(place.new)} moved to {inner}"
    elif place.old is MISSING:
        what, words = "added", f"{inner}: {_shown(place.new)} added"
    elif place.new is MISSING:
        what, words = "removed", f"{was}: {_shown(place.old)} removed"
    else:
        what, words = "changed", f"{inner}: {_shown(place.old)} became {_shown(place.new)}"
    return FieldChange(
        path=old_path if what == "removed" else new_path,
        change=what,
        old_path=old_path if what in ("moved", "changed") and old_path != new_path else None,
        old=None if place.old is MISSING else place.old,
        new=None if place.new is MISSING else place.new,
        words=words,
    )


def _shown(value: object) -> str:
    """A value in a line: an action by its type and what it says first."""
    match value:
        case {"type": str() as kind}:
            fields = cast("dict[str, object]", value)
            said = next((inner for name, inner in fields.items() if name != "type" and isinstance(inner, str)), "")
            text = f"{kind.replace('_', ' ')} {_quoted(said)}" if said else kind.replace("_", " ")
        case str():
            text = _quoted(value)
        case _:
            text = _canonical(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat}”" if len(flat) <= SHOWN - 12 else f"“{flat[: SHOWN - 13]}…”"
