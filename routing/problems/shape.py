"""Reading a document into a configuration, with every mistake of shape reported and the mistaken parts mended."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from routing.configuration import Condition, Configuration, Target
from routing.documents import DEPTH, depth
from routing.problems.grammar import (
    Key,
    bare_of,
    fields_of,
    inside,
    is_a,
    mapping_of,
    member_of,
    placeholder,
    tag_of,
    tags_of,
    value_at,
)
from routing.problems.problem import Report, meant, nearest, shown

LANGUAGE = "^[a-z]{2}$"
"""The pattern by which the grammar tells language codes."""
Steps = tuple[Key, ...]
"""A path, taken apart."""


class Shape:
    """`configuration` is what could be read; the report's holes tell what in it is not the author's.

    `document` is the mended copy and `names` gives, for names that are no slugs, the slugs that stand in for them.
    """

    def __init__(self, document: object, report: Report) -> None:
        self.report = report
        self.names: dict[str, str] = {}
        self.configuration: Configuration | None = None
        if depth(document) > DEPTH:
            report.error(
                "",
                "too-deep",
                f"values lie more than {DEPTH} levels inside each other: split conditions into decisions",
            )
            return
        copied = self._copied(document, "")
        if not isinstance(copied, dict):
            report.error(
                "",
                "wrong-type",
                f"{_found(document)} where the configuration, a mapping, belongs: begin with `format: 1`",
            )
            return
        self.document = cast("dict[str, Any]", copied)
        self._check_dates()
        self.configuration = self._read()

    def _copied(self, value: object, path: str) -> object:
        """A copy of plain data that can be mended, without what no configuration can hold."""
        match value:
            case None | bool() | int():
                return value
            case str():
                if value.isascii() and "\0" not in value:
                    return value
                clean = value.encode("utf-8", "replace").decode().replace("\0", "?")
                if clean != value:
                    self.report.error(
                        path, "bad-character", f"`{shown(clean)}` holds a character that cannot be stored: remove it"
                    )
                return clean
            case float() if math.isfinite(value):
                return value
            case list() | tuple():
                items = cast("list[object]", value)
                return [self._copied(item, _join(path, index)) for index, item in enumerate(items)]
            case Mapping():
                fields = cast("Mapping[object, object]", value)
                return {
                    str(self._copied(str(key), path)): self._copied(item, _join(path, str(key)))
                    for key, item in fields.items()
                }
            case _:
                self.report.error(
                    path, "wrong-type", f"{_found(value)}, which JSON has not: write it as a text in quotes"
                )
                self.report.hole(path)
                return None

    def _check_dates(self) -> None:
        """A date without dashes reads as a number, which would count as seconds since 1970."""
        for group in mapping_of(self.document.get("time_groups")).values():
            definitions = mapping_of(group).get("definitions")
            for definition in cast("list[object]", definitions) if isinstance(definitions, list) else []:
                dates = mapping_of(mapping_of(definition).get("dates"))
                for field in ("first", "last"):
                    if isinstance(dates.get(field), int | float) and not isinstance(dates.get(field), bool):
                        dates[field] = str(dates[field])

    def _read(self) -> Configuration | None:
        reported: set[Steps] = set()
        for _ in range(3 * DEPTH):
            try:
                return Configuration.model_validate(self.document, by_alias=True, by_name=False)
            except ValidationError as error:
                found = error.errors(include_url=False)
            places = [(*self._steps(mistake), mistake) for mistake in found]
            places = [place for place in places if not self._follows(place[0], place[2])]
            if self._rename_all(places):
                continue
            misspelt = {self._misspelt(steps) for steps, _, mistake in places if mistake["type"] == "extra_forbidden"}
            places = [place for place in places if not (place[2]["type"] == "missing" and place[0] in misspelt)]
            for steps, bad_key, mistake in places:
                if steps not in reported and not self.report.hidden(_path(steps)):
                    self._tell(steps, mistake, bad_key)
            # What holds others is mended after them, so that nothing is looked for where it no longer is.
            for steps, bad_key, mistake in sorted(places, key=lambda place: len(place[0]), reverse=True):
                # Where a value was mended before and will not do either, all that holds it has to go.
                again = not bad_key and steps in reported and mistake["type"] != "missing"
                if not bad_key:
                    reported.add(steps)
                self._mend(steps[:-1] if again else steps, mistake, bad_key)
        return None

    # Where -----------------------------------------------------------------------------------------------------------

    def _steps(self, mistake: ErrorDetails) -> tuple[Steps, bool]:
        """The mistake's place in the document, without pydantic's tags of unions, and whether it is a key."""
        steps: list[Key] = []
        value: object = self.document
        model: Any = Configuration
        loc = list(mistake["loc"])
        bad_key = bool(loc) and loc[-1] == "[key]" and mistake["type"] != "extra_forbidden"
        if bad_key:
            loc.pop()
        while loc:
            step = loc.pop(0)
            union = tag_of(model)
            if union and step == mapping_of(value).get(union):
                model = member_of(model, value)
                continue
            steps.append(step)
            model = inside(model, step, value)
            value = value_at(value, step)
        if mistake["type"] in ("union_tag_invalid", "union_tag_not_found") and isinstance(value, dict):
            steps.append(mistake.get("ctx", {}).get("discriminator", "'type'").strip("'"))
        return tuple(steps), bad_key

    def _annotation(self, steps: Steps) -> Any:
        model: Any = Configuration
        value: object = self.document
        for step in steps:
            model, value = inside(model, step, value), value_at(value, step)
        return model

    # What ------------------------------------------------------------------------------------------------------------

    def _tell(self, steps: Steps, mistake: ErrorDetails, bad_key: bool) -> None:
        if mistake["type"] == "value_error" and any(self.report.hidden(_path((*steps, one))) for one in _CHOICES):
            return  # one of the fields that it is about could not be read
        if mistake["type"] == "string_pattern_mismatch" and not bad_key and mistake["input"] in self.names:
            return  # the bad name is told where it is given
        self.report.error(_path(steps), *self._words(steps, mistake, bad_key))

    def _rename_all(self, places: list[tuple[Steps, bool, ErrorDetails]]) -> bool:
        """Give badly named entities slugs for the time of the check; what names them is then read with them."""
        renamed: dict[Steps, set[str]] = {}
        for steps, bad_key, mistake in places:
            if bad_key and mistake.get("ctx", {}).get("pattern") != LANGUAGE:
                self._tell(steps, mistake, True)
                parent, name = self._value(steps[:-1]), str(steps[-1])
                if isinstance(parent, dict) and name in parent:
                    renamed.setdefault(steps[:-1], set()).add(name)
        # What lies deeper is renamed first, while the way to it is still called as it was.
        for steps, names in sorted(renamed.items(), key=lambda one: len(one[0]), reverse=True):
            self._rename(mapping_of(self._value(steps)), names)
        return bool(renamed)

    def _words(self, steps: Steps, mistake: ErrorDetails, bad_key: bool) -> tuple[str, str]:
        kind, given, context = mistake["type"], mistake["input"], mistake.get("ctx", {})
        last = str(steps[-1]) if steps else ""
        if bad_key:
            return "bad-name", f"`{shown(last)}` {_slug(context.get('pattern', ''))}"
        match kind:
            case "extra_forbidden":
                fields = fields_of(self._holder(steps))
                return "unknown-field", f"there is no field `{shown(last)}` here: {meant(last, fields)}"
            case "missing":
                return "missing-field", f"`{last}` is missing: add it ({_expected(self._annotation(steps))})"
            case "union_tag_not_found":
                if not isinstance(given, Mapping):
                    return "wrong-type", f"{_found(given)} where a mapping with a `type` belongs: write its fields"
                return "missing-field", f"`{last}` is missing: add one of {_listed(tags_of(self._holder(steps)))}"
            case "union_tag_invalid":
                known = tags_of(self._holder(steps))
                return (
                    "unknown-type",
                    f"there is no {last} `{shown(context.get('tag'))}`: {meant(str(context.get('tag')), known)}",
                )
            case "literal_error":
                known = [str(one) for one in get_args(bare_of(self._annotation(steps)))]
                code = "unknown-type" if last in ("type", "system") else "unknown-value"
                near = meant(str(given), known)
                return code, f"`{shown(given)}` is no {last.rstrip('_')}: {near} (one of {_listed(known)})"
            case "string_pattern_mismatch":
                return _misspelt(str(given), str(context.get("pattern", "")))
            case "time_delta_parsing" | "time_delta_type" | "finite_number":
                return (
                    "bad-duration",
                    (
                        f"`{shown(given)}` is no duration: write ISO 8601 such as `PT30S`, `PT2M`, `P1D`, "
                        "or a number of seconds"
                    ),
                )
            case "date_parsing" | "date_type" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
                return "bad-date", f"`{shown(given)}` is no date: write it as `2026-12-24`"
            case "string_too_long" | "too_long":
                return "too-long", f"this is longer than {context.get('max_length')} {_unit(given)}: shorten it"
            case "string_too_short" | "too_short":
                return (
                    "too-short",
                    (
                        f"this is empty: it needs at least {context.get('min_length')} {_unit(given)}, or "
                        "leave the field out if it may be missing"
                    ),
                )
            case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
                bound = next((f"{_BOUNDS[name]} {context[name]}" for name in _BOUNDS if name in context), "in range")
                return "out-of-range", f"`{shown(self._value(steps))}` is out of range: it must be {bound}"
            case "value_error":
                code = "answer-and-execution" if self._holder((*steps, 0)) is Target else "all-and-any"
                return code, str(context.get("error", mistake["msg"]))
            case "string_unicode":
                return "bad-character", "the text holds a character that cannot be stored: remove it"
            case _:
                annotation = self._annotation(steps)
                if bare_of(annotation) is timedelta:
                    return (
                        "bad-duration",
                        f"`{shown(given)}` is no duration: write ISO 8601 such as `PT2M`, or a number of seconds",
                    )
                cure = (
                    "put it in quotes"
                    if kind == "string_type" and isinstance(given, int | float)
                    else f"write {_expected(annotation)}"
                )
                return "wrong-type", f"{_found(given)} where {_expected(annotation)} belongs: {cure}"

    def _holder(self, steps: Steps) -> Any:
        """The model whose field the last step is, or the union of models."""
        holder = self._annotation(steps[:-1])
        return member_of(holder, self._value(steps[:-1])) or bare_of(holder)

    def _value(self, steps: Steps) -> object:
        value: object = self.document
        for step in steps:
            value = value_at(value, step)
        return value

    def _follows(self, steps: Steps, mistake: ErrorDetails) -> bool:
        """Whether a list counts as too short only because its entries are mistaken."""
        given = self._value(steps)
        return mistake["type"] == "too_short" and isinstance(given, list | dict) and bool(cast("list[object]", given))

    def _misspelt(self, steps: Steps) -> Steps | None:
        """The field that an unknown one was meant to be, where that is not there too."""
        near = nearest(str(steps[-1]), fields_of(self._holder(steps)))
        holder = self._value(steps[:-1])
        return (*steps[:-1], near) if near is not None and near not in mapping_of(holder) else None

    def _guess(self, steps: Steps, mistake: ErrorDetails) -> str | None:
        """The word that a misspelt one was meant to be, where that is all but sure."""
        given = self._value(steps)
        if not isinstance(given, str):
            return None
        if mistake["type"] == "literal_error":
            return nearest(given, [str(one) for one in get_args(bare_of(self._annotation(steps)))], sure=True)
        return (
            nearest(given, tags_of(self._holder(steps)), sure=True) if mistake["type"] == "union_tag_invalid" else None
        )

    # The mending -----------------------------------------------------------------------------------------------------

    def _mend(self, steps: Steps, mistake: ErrorDetails, bad_key: bool) -> None:
        """Make the place readable, so that the rest can be checked, and note the hole."""
        if not steps:
            self.document.clear()
            self.document["format"] = 1
            self.report.hole("")
            return
        parent: Any = self._value(steps[:-1])
        last = steps[-1]
        mapped = is_a(dict, parent)
        kind = mistake["type"]
        if not mapped and not is_a(list, parent):
            return  # it is under another name now, or gone
        if bad_key:
            self.report.hole(_path(steps))  # a variant in no language is left out
            parent.pop(last, None)
            return
        if kind != "missing" and mapped and last not in parent:
            return  # its name was mended just now, and the next reading finds it there
        near = self._guess(steps, mistake)
        if near is not None:
            parent[last] = near
            self.report.hole(_path(steps))
            return
        if last == "type" and kind in ("literal_error", "missing"):
            self.report.hole(_path(steps[:-1]))  # what its name means is not known either
        if kind in ("union_tag_invalid", "union_tag_not_found") and mapped and len(steps) > 1:
            self._mend(steps[:-1], {**mistake, "type": "hole"}, False)  # what its fields mean is not known either
            return
        if kind == "value_error":
            self._mend_choice(steps, value_at(parent, last))
            return
        given = value_at(parent, last)
        if kind == "string_pattern_mismatch" and isinstance(given, str) and given in self.names:
            parent[last] = self.names[given]
            return
        if kind == "extra_forbidden":
            instead = self._misspelt(steps)
            given = parent.pop(last)
            if instead is not None:
                parent[instead[-1]] = given
                self.report.hole(_path(instead))
            return
        self.report.hole(_path(steps))
        if kind == "too_long" and isinstance(value_at(parent, last), list):
            del parent[last][mistake.get("ctx", {}).get("max_length", 0) :]
            return
        holder = self._holder(steps)
        field = fields_of(holder).get(str(last)) if mapped else None
        if field is not None and not field.is_required() and kind != "hole":
            parent.pop(last, None)
        elif mapped or (isinstance(last, int) and last < len(parent)):
            parent[last] = placeholder(self._annotation(steps))

    def _mend_choice(self, steps: Steps, value: Any) -> None:
        """A condition gets one list of predicates, a target loses its answer, and neither says where it leads."""
        self.report.hole(_path((*steps, "any")))
        self.report.hole(_path((*steps, "answer")))
        if self._holder((*steps, 0)) is Condition:
            if value.get("all") is None:
                value["all"] = [{"left": "text", "operator": "is_empty"}]
                self.report.hole(_path((*steps, "all")))
            else:
                value.pop("any", None)
        else:
            value.pop("answer", None)
            value["execution"] = "immediately"
            self.report.hole(_path((*steps, "execution")))

    def _rename(self, parent: dict[str, Any], names: set[str]) -> None:
        """The entities keep their positions."""
        items = list(parent.items())
        parent.clear()
        for key, value in items:
            slug = self.names.setdefault(key, f"hole_{len(self.names)}") if key in names else key
            parent[slug] = value


# Words ----------------------------------------------------------------------------------------------------------------

_CHOICES = ("all", "any", "execution", "answer")
"""The fields that the rules of a condition and a target are about."""
_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


def _path(steps: Steps) -> str:
    return "/".join(str(step) for step in steps)


def _join(path: str, step: Key) -> str:
    return f"{path}/{step}" if path else str(step)


def _found(value: object) -> str:
    """What was found, as the beginning of a sentence."""
    match value:
        case None:
            return "nothing (null) is found"
        case bool():
            return f"the truth value `{str(value).lower()}` is found"
        case int() | float():
            return f"the number `{shown(value)}` is found"
        case str():
            return f"the text `{shown(value)}` is found"
        case list() | tuple():
            return "a list is found"
        case Mapping():
            return "a mapping is found"
        case datetime() | date():
            return f"the date `{value.isoformat()}` is found"
        case _:
            return f"a {type(value).__name__} is found"


def _expected(annotation: Any) -> str:
    bare = bare_of(annotation)
    if fields_of(bare):
        names = [name for name, field in fields_of(bare).items() if field.is_required()]
        return f"a mapping with {_listed(names)}" if names else f"a mapping of {_listed(fields_of(bare))}"
    if tag := tag_of(bare):
        return f"a mapping whose `{tag}` is one of {_listed(tags_of(bare))}"
    if get_origin(bare) is Literal:
        return f"one of {_listed(str(one) for one in get_args(bare))}"
    if get_origin(bare) is dict:
        return "a mapping by name"
    if get_origin(bare) is tuple:
        return "a list"
    if bare is None:
        return "something else"
    words: dict[Any, str] = {
        str: "a text", int: "a whole number", bool: "`true` or `false`", date: "a date such as `2026-12-24`",
        timedelta: "a duration such as `PT2M`", Any: "a value",
    }  # fmt: skip
    return words[bare]


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _unit(given: object) -> str:
    return "characters" if isinstance(given, str) else "entries"


def _slug(pattern: str) -> str:
    if pattern.startswith("^[A-Za-z_]"):
        return "is no name that templates can read: use letters, digits and `_`, and do not begin with a digit"
    if pattern == LANGUAGE:
        return "is no language code: write two small letters of ISO 639-1, such as `en`"
    return "is no name: use small letters, digits, `-` and `_`, begin with a letter or digit, and at most 80 of them"


def _misspelt(given: str, pattern: str) -> tuple[str, str]:
    word = f"`{shown(given)}`"
    if pattern.startswith("^https"):
        return "bad-url", f"{word} is no web address: begin with https:// and use no spaces"
    if pattern.startswith("^secrets"):
        return (
            "bad-secret",
            f"{word} names no secret: write `secrets.<name>`, and enter its value apart from the configuration",
        )
    if pattern.startswith("^(("):
        return "bad-clock", f"{word} is no time of day: write `HH:MM` such as `09:30`; `24:00` is the end of the day"
    return ("unknown-language" if pattern == LANGUAGE else "bad-name"), f"{word} {_slug(pattern)}"
