"""What a predicate of a condition says about two values, and why (SPEC section 3, `condition`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard, assert_never, cast

from routing.answers import PatternError, match_pattern
from routing.configuration import Operator

SHOWN = 60
"""The most characters of a value in `why`."""


@dataclass(frozen=True)
class Verdict:
    """Whether a predicate holds; `why` is for the trace, with the values cut to 60 characters."""

    holds: bool
    why: str


def compare(operator: Operator, left: object, right: object, language: str | None) -> Verdict:
    """Compare two JSON values (tuples are lists); None stands for what is missing. Never raises for JSON.

    Texts compare exactly, case and accents included; texts order by code points, so ISO dates order by time.
    Integers and other numbers compare, a bool is no number, and lists and mappings are equal when all inside is.
    Unlike types make every comparison false, `not_equals`, `not_contains` too, and `why` says so.
    `language_is` looks at `language`, the customer's (ISO 639-1, None when not yet known), and not at `left`.
    """
    match operator:
        case "is_empty":
            return _said(_empty(left), left, "is empty", "is not empty")
        case "is_not_empty":
            return _said(not _empty(left), left, "is not empty", "is empty")
        case "equals" | "not_equals":
            if _kind(left) != _kind(right):
                return _unlike(left, right)
            equal = _equal(left, right)
            words = "equals" if equal else "does not equal"
            return Verdict(equal == (operator == "equals"), f"{_shown(left)} {words} {_shown(right)}")
        case "contains" | "not_contains":
            if isinstance(left, str) and isinstance(right, str):
                inside = right in left
            elif _is_list(left):
                inside = any(_equal(element, right) for element in left)
            elif isinstance(left, str):
                return _unlike(left, right)
            else:
                return Verdict(False, f"{_described(left)}: only text and lists contain something")
            words = "contains" if inside else "does not contain"
            return Verdict(inside == (operator == "contains"), f"{_shown(left)} {words} {_shown(right)}")
        case "in":
            if not _is_list(right):
                return Verdict(False, f"{_described(right)}: `in` needs a list on the right")
            inside = any(_equal(left, element) for element in right)
            return _said(inside, left, "is in", "is not in", right)
        case "starts_with":
            if isinstance(left, str) and isinstance(right, str):
                return _said(left.startswith(right), left, "starts with", "does not start with", right)
            return _not_texts(left, right)
        case "ends_with":
            if isinstance(left, str) and isinstance(right, str):
                return _said(left.endswith(right), left, "ends with", "does not end with", right)
            return _not_texts(left, right)
        case "matches":
            if not (isinstance(left, str) and isinstance(right, str)):
                return _not_texts(left, right)
            try:
                found = match_pattern(right, left) is not None
            except PatternError as error:
                return Verdict(False, str(error))
            return _said(found, left, "matches", "does not match", right)
        case "greater" | "greater_equal" | "less" | "less_equal":
            return _ordered(operator, left, right)
        case "language_is":
            if language is None:
                return Verdict(False, "the customer's language is not known yet")
            if not isinstance(right, str):
                return _unlike(language, right)
            holds = language.casefold() == right.strip().casefold()
            return Verdict(holds, f"the customer's language {language} {'is' if holds else 'is not'} {_shown(right)}")
        case _:
            assert_never(operator)


def _ordered(operator: Operator, left: object, right: object) -> Verdict:
    if _is_number(left) and _is_number(right):
        below, same = left < right, left == right
        above = left > right
    elif isinstance(left, str) and isinstance(right, str):
        below, same, above = left < right, left == right, left > right
    elif _kind(left) != _kind(right):
        return _unlike(left, right)
    else:
        return Verdict(False, f"{_described(left)}: only numbers and texts have an order")
    match operator:
        case "greater":
            return _said(above, left, "is greater than", "is not greater than", right)
        case "greater_equal":
            return _said(above or same, left, "is at least", "is not at least", right)
        case "less":
            return _said(below, left, "is less than", "is not less than", right)
        case _:
            return _said(below or same, left, "is at most", "is not at most", right)


def _said(holds: bool, left: object, yes: str, no: str, *right: object) -> Verdict:
    return Verdict(holds, " ".join([_shown(left), yes if holds else no, *map(_shown, right)]))


def _unlike(left: object, right: object) -> Verdict:
    return Verdict(False, f"{_described(left)} and {_described(right)}: unlike types never compare")


def _not_texts(left: object, right: object) -> Verdict:
    if _kind(left) != _kind(right):
        return _unlike(left, right)
    return Verdict(False, f"{_described(left)}: this operator compares texts only")


def _described(value: object) -> str:
    return f"{_shown(value)} is {_kind(value)}"


def _kind(value: object) -> str:
    """The type of a value in the words of the configuration language."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a bool"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def _empty(value: object) -> bool:
    return value is None or value == "" or ((_is_list(value) or _is_mapping(value)) and not value)


def _equal(left: object, right: object) -> bool:
    """Deep equality that never takes true for 1; without recursion, since nesting comes from the web."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if _kind(one) != _kind(other):
            return False
        if _is_list(one) and _is_list(other):
            if len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif _is_mapping(one) and _is_mapping(other):
            if one.keys() != other.keys():
                return False
            pairs.extend((value, other[key]) for key, value in one.items())
        elif one != other:
            return False
    return True


def _shown(value: object, inner: bool = False) -> str:
    """A value as JSON would show it, cut to 60 characters; what is nested in it is shown as `[…]` or `{…}`."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{_cut(value, SHOWN - 2)}'"
        case int() if value.bit_length() > 1000:  # Python refuses to write out the largest
            return f"a number of {value.bit_length()} bits"
        case list() | tuple():
            elements = cast("list[object] | tuple[object, ...]", value)
            written = "[…]" if inner else f"[{', '.join(_shown(each, True) for each in elements[:SHOWN])}]"
        case Mapping():
            items = list(cast("Mapping[object, object]", value).items())[:SHOWN]
            written = "{…}" if inner else f"{{{', '.join(f'{key}: {_shown(each, True)}' for key, each in items)}}}"
        case _:
            written = str(value)
    return _cut(written, SHOWN)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)
