"""What Meta writes in several ways, read as one: nothing here raises but `decoded`."""

import json
import math
import re
from datetime import UTC, datetime
from typing import Any, cast

from instagram.text import clean

Json = dict[str, Any]

_DEEPEST = 60  # Far beyond any real item, well within what serializers and jsonb take.
_DIGITS = 100  # Longer numbers are no ids and no times; Python and databases refuse some of them.


def decoded(body: bytes) -> Any:
    """What JSON says, however deeply nested or long its numbers are; ValueError for what is no JSON."""
    try:
        return json.loads(body, parse_int=_integer_or_text)
    except RecursionError:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        return json.loads(_shallow(text), parse_int=_integer_or_text)


def sound(value: Any, depth: int = 0) -> Any:
    """The same value as any database takes it: no NUL, lone surrogate, infinite number or bottomless nesting."""
    if depth > _DEEPEST:
        return "(nested too deeply)"
    match value:
        case str():
            return clean(value)
        case list():
            return [sound(item, depth + 1) for item in cast("list[Any]", value)]
        case dict():
            return {clean(key): sound(item, depth + 1) for key, item in cast("Json", value).items()}
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def member(value: Any, name: str) -> Json:
    """The object that `value` has under this name; an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return cast("Json", found) if isinstance(found, dict) else {}


def items(value: Any) -> list[Json]:
    """The objects of a list, or of the list that Meta wraps as `{"data": […]}`."""
    listed = value.get("data") if isinstance(value, dict) else value
    return [item for item in cast("list[Any]", listed) if isinstance(item, dict)] if isinstance(listed, list) else []


def flat(value: Any) -> Json:
    """The object itself, or the one that Meta wraps as `{"data": [{…}]}` or `{"data": {…}}` (facts 3.2)."""
    wrapped = value.get("data") if isinstance(value, dict) else None
    if isinstance(wrapped, dict):
        return cast("Json", wrapped)
    return next(iter(items(wrapped)), value if isinstance(value, dict) else {})


def string(value: Any) -> str | None:
    """Text as it is, a number as its digits, nothing else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def words(value: Any) -> str | None:
    """Text that says something and that any database takes."""
    return clean(value) or None if isinstance(value, str) else None


def identifier(value: Any) -> str | None:
    """An id, which Meta writes as text or as a number."""
    return (string(value) or "").strip() or None


def integer(value: Any) -> int | None:
    """A small whole number, also as text: Meta writes num_edit both ways."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = string(value)
    if written is None or not written.isascii() or not written.isdigit() or len(written) > 9:
        return None
    return int(written)


def moment(value: Any) -> datetime | None:
    """Milliseconds or seconds, as a number or as text (facts 1.4), in UTC; None for anything that is no time."""
    written = string(value)
    if written is None or not written.isascii() or not written.isdigit() or not 0 < len(written) <= 14:
        return None
    number = int(written)
    seconds, milliseconds = divmod(number, 1000) if number > 100_000_000_000 else (number, 0)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def end(value: Any) -> datetime | None:
    """When something ends, as seconds since 1970; None where it never does, which Meta writes as 0."""
    found = moment(value)
    return found if found is not None and found.timestamp() > 0 else None


def written_time(value: Any) -> datetime | None:
    """The time in an answer of the Graph API, as 2026-01-31T12:00:00+0000."""
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def listed(value: Any) -> tuple[str, ...]:
    """Words that Meta gives as a list or as one text with commas: permissions, say."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    found = (string(part) for part in cast("list[Any]", parts))
    return tuple(dict.fromkeys(part.strip() for part in found if part and part.strip()))


def _integer_or_text(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _shallow(text: str) -> str:
    """The same JSON with a text in place of whatever is nested too deeply, so that its neighbours can be read."""
    kept: list[str] = []
    depth, start = 0, 0
    for sign in _BRACKET.finditer(text):
        if sign[0] in "[{":
            depth += 1
            if depth == _DEEPEST + 2:
                kept.append(text[start : sign.start()])
        elif sign[0] in "]}":
            if depth == _DEEPEST + 2:
                kept.append('"(nested too deeply)"')
                start = sign.end()
            depth -= 1
    if depth >= _DEEPEST + 2:
        raise ValueError("nested deeply and never closed")
    return "".join(kept) + text[start:]


_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)  # Brackets within a text are none.
