"""How values become text, and the filters of templates: each takes any value, none raises and none can run long."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Undefined

LIMIT = 10_240
"""The most bytes of UTF-8 that one template may put out."""
SECRET = "\ue000"
"""The private-use character before and after the name of a secret that only the activity fills in."""


class SecretMark(str):
    """Stands for a secret in a rendered text; only `templates.Secrets` gives one out."""


def plain(found: object) -> object:
    """The value itself; None for a name that is not there."""
    return None if isinstance(found, Undefined) else found


def shown(found: object) -> str:
    """A value as people read it: nothing for None, `true` and `false`, JSON for arrays and objects."""
    match plain(found):
        case None:
            return ""
        case bool() as truth:
            return "true" if truth else "false"
        case SecretMark() as mark:
            return mark
        case str() as text:
            return without_secrets(text)
        case int() | float() as number:
            return str(number)
        case other:
            return _json(other)


def without_secrets(text: str) -> str:
    """A text from outside without the character that marks secrets, so that nobody can ask for one."""
    return text.replace(SECRET, "")


def cleaned(found: object) -> object:
    """A value from outside as JSON has it, each text in it as `without_secrets` leaves it."""
    match found:
        case SecretMark() as mark:
            return mark
        case str() as text:
            return without_secrets(text)
        case Mapping():
            mapping = cast("Mapping[object, object]", found)
            return {without_secrets(str(key)): cleaned(item) for key, item in mapping.items()}
        case Sequence():
            return [cleaned(item) for item in cast("Sequence[object]", found)]
        case _:
            return found


def cut(text: str) -> str:
    """The text, at most LIMIT bytes of it, cut between characters."""
    if len(text) * 4 <= LIMIT:
        return text
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= LIMIT else raw[:LIMIT].decode("utf-8", "ignore")


def truncate(found: object, length: int = 100) -> str:
    """`text | truncate(20)`: cut to so many characters, the last one an ellipsis."""
    text = shown(found)
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def _date(found: object, form: str = "%Y-%m-%d %H:%M", zone: str = "UTC") -> str:
    """`now | date('%H:%M', 'Europe/Prague')`; what is no time stays as it is, and times without a zone are UTC."""
    try:
        at = datetime.fromisoformat(shown(found))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone)).strftime(form)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return shown(found)


def _number(found: object) -> float | int:
    """A text as a number, 0 where it is none."""
    try:
        number = float(shown(found)[:100])
    except ValueError:
        return 0
    if not math.isfinite(number):
        return 0
    return int(number) if number.is_integer() else number


def _length(found: object) -> int:
    counted = plain(found)
    return len(cast("Sequence[object]", counted)) if isinstance(counted, str | Sequence | Mapping) else 0


def _items(found: object) -> Sequence[object]:
    items = plain(found)
    return cast("Sequence[object]", items) if isinstance(items, Sequence) else ()


def _first(found: object) -> object:
    return next(iter(_items(found)), None)


def _last(found: object) -> object:
    return next(reversed(_items(found)), None)


def _default(found: object, instead: object = "") -> object:
    value = plain(found)
    return instead if value is None or value == "" else value


def _join(found: object, between: str = ", ") -> str:
    return between[:100].join(cut(shown(item)) for item in _items(found)[:1000])


def _replace(found: object, old: object, new: object) -> str:
    return cut(shown(found)).replace(shown(old) or "\0", shown(new)[:200])


def _round(found: object, digits: int = 0) -> float | int:
    number = _number(found)
    return round(number, min(digits, 9)) if digits > 0 else round(number)


def _json(found: object) -> str:
    return without_secrets(json.dumps(plain(found), ensure_ascii=False, default=str))


def _capitalize(found: object) -> str:
    return cut(shown(found)).capitalize()


def _lower(found: object) -> str:
    return cut(shown(found)).lower()


def _title(found: object) -> str:
    return cut(shown(found)).title()


def _trim(found: object) -> str:
    return shown(found).strip()


def _upper(found: object) -> str:
    return cut(shown(found)).upper()


def _urlencode(found: object) -> str:
    return quote(cut(shown(found)), safe="")


FILTERS: dict[str, Callable[..., Any]] = {
    "capitalize": _capitalize,
    "date": _date,
    "default": _default,
    "first": _first,
    "join": _join,
    "json": _json,
    "last": _last,
    "length": _length,
    "lower": _lower,
    "number": _number,
    "replace": _replace,
    "round": _round,
    "title": _title,
    "trim": _trim,
    "truncate": truncate,
    "upper": _upper,
    "urlencode": _urlencode,
}
