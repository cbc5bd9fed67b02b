"""What templates and expressions read: badly written ones, unknown names, and names in the wrong place."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple, cast

from routing.answers import PatternError, pattern
from routing.configuration import (
    Action,
    Condition,
    Configuration,
    CreateTicket,
    GeneratedButtonsAnswer,
    Loop,
    PatternAnswer,
    Request,
    SaveData,
    SendMessage,
    Target,
)
from routing.filters import FILTERS
from routing.problems.answers import OWN_GROUPS, groups
from routing.problems.problem import Report, cure, meant, shown
from routing.problems.texts import wordings
from routing.problems.walk import every_action
from routing.templates import Inspection, inspect, inspect_expression

PARTS: dict[str, tuple[str, ...] | None] = {
    "text": (),
    "attachments": None,
    "message": ("name", "time", "direction", "text"),
    "messages": None,
    "interaction": ("name", "title", "time", "account", "connector", "language"),
    "interactionHash": (),
    "config": ("callback",),
    "customer": ("id", "username", "name"),
    "ticket": ("number",),
    "now": (),
}
"""The names of SPEC section 4 that every template reads, and their parts; None where anything may follow."""
RESERVED = (*PARTS, "contact", "data", "answer", "item", "secrets")
"""What no object may be called."""
RESPONSE = ("ok", "status", "body", "error")
"""What the object of a request holds."""


class Site(NamedTuple):
    """A template, or an expression without braces, and what may be read there."""

    path: str
    text: str
    tree: str | None = None
    expression: bool = False
    item: bool = False
    secrets: bool = False


@dataclass
class Known:
    """The names that are defined; `sorts` tells of an object whether a request, a loop or both make it."""

    contact: set[str]
    data: set[str] = field(default_factory=set[str])
    answer: set[str] = field(default_factory=lambda: set(OWN_GROUPS))
    sorts: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    trees: dict[str, dict[str, None]] = field(default_factory=dict[str, dict[str, None]])
    unsure: set[str] = field(default_factory=set[str])
    """What nothing is said about: reserved names that something defines, and whole groups that a hole may define."""

    @cached_property
    def roots(self) -> list[str]:
        """What a name can begin with anywhere."""
        return [*RESERVED[:-2], *self.sorts]


def check_templates(configuration: Configuration, document: object, report: Report) -> None:
    """Every template and expression; `document` is as it was authored, for names that unreadable actions define."""
    known = _known(configuration, report)
    if report.holes:
        _add_hints(document, known)
    for site in sites(configuration):
        if report.hidden(site.path):
            continue
        found = _inspected(site)
        for mistake in found.mistakes:
            report.error(site.path, "template", f"in `{shown(site.text)}`: {_with_meant(mistake)}")
        for chain in found.names:
            _check_name(chain, site, known, report)


def sites(configuration: Configuration) -> Iterator[Site]:
    """Every template and expression."""
    for wording in wordings(configuration):
        if wording.sort not in ("pattern", "words"):
            for path, text in wording.forms():
                yield Site(path, text, wording.tree)
    for tree, path, action in every_action(configuration):
        yield from _of_action(tree, path, action)


def _of_action(tree: str, path: str, action: Action) -> Iterator[Site]:
    match action:
        case Request():
            yield Site(f"{path}/url", action.url, tree, secrets=True)
            for at, text in _nested(f"{path}/headers", action.headers):
                yield Site(at, text, tree, secrets=True)
            for at, text in _nested(f"{path}/body", action.body):
                yield Site(at, text, tree, secrets=True)
        case SendMessage():
            if action.image is not None:
                yield Site(f"{path}/image", action.image, tree)
            for index, button in enumerate(action.buttons):
                yield Site(f"{path}/buttons/{index}/url", button.url, tree)
        case SaveData():
            for at, text in _nested(f"{path}/value", action.value):
                yield Site(at, text, tree)
        case CreateTicket():
            yield Site(f"{path}/title", action.title, tree)
            yield Site(f"{path}/comment", action.comment, tree)
        case Condition():
            for name, predicates in (("all", action.all), ("any", action.any)):
                for index, predicate in enumerate(predicates or ()):
                    if predicate.left.strip():
                        yield Site(f"{path}/{name}/{index}/left", predicate.left, tree, expression=True)
                    for at, text in _nested(f"{path}/{name}/{index}/right", predicate.right):
                        yield Site(at, text, tree)
        case Loop():
            yield Site(f"{path}/items", action.items, tree, expression=True)
        case Target(answer=GeneratedButtonsAnswer() as answer):
            yield Site(f"{path}/answer/items", answer.items, tree, expression=True)
            yield Site(f"{path}/answer/title", answer.title, tree, item=True)
            yield Site(f"{path}/answer/value", answer.value, tree, item=True)
        case Target():
            pass


def _nested(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case Mapping():
            for key, item in cast("Mapping[str, object]", value).items():
                yield from _nested(f"{path}/{key}", item)
        case list() | tuple():
            for index, item in enumerate(cast("Sequence[object]", value)):
                yield from _nested(f"{path}/{index}", item)
        case _:
            pass


# What is known --------------------------------------------------------------------------------------------------------


def _known(configuration: Configuration, report: Report) -> Known:
    known = Known(contact=set(configuration.custom_fields))
    for tree, path, action in every_action(configuration):
        match action:
            case Request():
                _add_object(known, tree, action.into, "request", f"{path}/into", report)
            case Loop():
                _add_object(known, tree, action.as_, "loop", f"{path}/as", report)
            case SaveData() if report.hidden(f"{path}/field"):
                known.unsure.update(("data", "contact"))
            case SaveData():
                (known.data if action.scope == "conversation" else known.contact).add(action.field)
            case Target(answer=PatternAnswer() as answer):
                known.answer.update(groups(answer))
            case _:
                pass
    return known


def _add_object(known: Known, tree: str, name: str, sort: str, path: str, report: Report) -> None:
    if name in RESERVED:
        known.unsure.add(name)
        report.error(path, "reserved-name", f"`{name}` means something else in templates: choose another name")
        return
    if report.hidden(path):
        known.unsure.add("objects")
    known.sorts.setdefault(name, set()).add(sort)
    known.trees.setdefault(name, {})[tree] = None


def _add_hints(document: object, known: Known) -> None:
    """Names that unreadable parts would define: better a mistake unseen until they are mended than one invented."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            fields = cast("Mapping[object, object]", value)
            waiting.extend(fields.values())
            for key in ("into", "as", "field", "pattern"):
                _add_hint(key, fields.get(key), known)
        elif isinstance(value, list | tuple):
            waiting.extend(cast("Sequence[object]", value))


def _add_hint(key: str, name: object, known: Known) -> None:
    if not isinstance(name, str):
        return
    if key == "field":
        known.data.add(name)
        known.contact.add(name)
    elif key == "pattern":
        try:
            known.answer.update(pattern(name).regexp.groupindex)
        except PatternError:
            return  # told by check_answers, or in a part that is told to be unreadable
    elif name not in known.sorts:
        known.sorts[name] = {"hint"}


# The check of one template --------------------------------------------------------------------------------------------


def _inspected(site: Site) -> Inspection:
    try:
        return inspect_expression(site.text) if site.expression else inspect(site.text)
    except (RecursionError, ValueError, OverflowError):
        return Inspection(("this is too long or lies too deep: use fewer brackets and shorter numbers",), ())


def _with_meant(mistake: str) -> str:
    found = re.match(r"there is no filter `(.*?)`", mistake)
    return (
        f"there is no filter `{found[1]}`: {meant(found[1], FILTERS)} (one of {', '.join(FILTERS)})"
        if found
        else mistake
    )


def _check_name(chain: tuple[str, ...], site: Site, known: Known, report: Report) -> None:
    root, parts = chain[0], chain[1:]
    if root in known.unsure or ("objects" in known.unsure and root not in RESERVED):
        return
    if root == "item":
        if not site.item:
            report.error(
                site.path,
                "item-out-of-place",
                (
                    "`item` is read only in the title and value of generated buttons: elsewhere the "
                    "chosen element is `answer.item`"
                ),
            )
    elif root == "secrets":
        if not site.secrets:
            report.error(
                site.path,
                "secret-out-of-place",
                "secrets are read only in the url, headers and body of a request: remove it here",
            )
        elif len(parts) != 1:
            report.error(site.path, "secret-out-of-place", "a secret is named as `secrets.<name>`: write it so")
    elif root in ("contact", "data", "answer"):
        fields = {"contact": known.contact, "data": known.data, "answer": known.answer}[root]
        if parts and parts[0] not in fields:
            _tell(chain, 1, fields, _HINTS[root], site, report)
        elif root == "answer" and parts and parts[0] in ("text", "payload") and len(parts) > 1:
            _tell(chain, 2, (), "it is a text and has no parts", site, report)
    elif root in PARTS:
        expected = PARTS[root]
        if expected is None or not parts:
            return
        if parts[0] not in expected:
            _tell(chain, 1, expected, "" if expected else "it is a text and has no parts", site, report)
        elif len(parts) > 1:
            _tell(chain, 2, (), "it is a text and has no parts", site, report)
    elif root not in known.sorts:
        more = [*(["item"] if site.item else []), *(["secrets"] if site.secrets else [])]
        _tell(
            chain,
            0,
            [*known.roots, *more] if more else known.roots,
            "a request's `into` or a loop's `as` defines a name",
            site,
            report,
        )
    else:
        if known.sorts[root] == {"request"} and parts and parts[0] not in RESPONSE:
            _tell(chain, 1, RESPONSE, "", site, report)
        trees = known.trees.get(root)
        if site.tree is not None and trees and site.tree not in trees:
            where = ", ".join(f"decision_trees/{tree}" for tree in islice(trees, 3))
            more = f" and {len(trees) - 3} more" if len(trees) > 3 else ""
            report.warning(
                site.path,
                "variable-of-other-tree",
                f"`{root}` is defined only in {where}{more}, and is empty for who did not come through there: "
                "define it here too, or keep it as `data`",
            )


_HINTS = {
    "contact": "custom_fields define what `contact` holds",
    "data": "a `save_data` defines what `data` holds",
    "answer": "named groups of patterns, `(?P<name>...)`, define what `answer` holds",
}


def _tell(chain: tuple[str, ...], at: int, known: Collection[str], hint: str, site: Site, report: Report) -> None:
    meant_name = cure(report.nearest(chain[at], known), known)
    where = f" of `{'.'.join(chain[:at])}`" if at else ""
    ends = "; ".join(part for part in (meant_name, hint) if part)
    report.error(
        site.path, "unknown-variable", f"nothing defines `{shown(chain[at])}`{where} in `{shown(site.text)}`: {ends}"
    )
