"""A problem of a configuration, the table of all their codes, and the report that collects them."""

from collections.abc import Collection, Iterable
from typing import Literal

from rapidfuzz import fuzz, process

from routing.messages import Message

Severity = Literal["error", "warning"]

CODES: dict[str, str] = {
    # The shape of the document
    "wrong-type": "A value is of another type than the field takes, such as a number where a text belongs.",
    "unknown-field": "There is no such field here.",
    "missing-field": "A field that must be there is missing.",
    "unknown-type": "The `type` (or a definition's `system`) is none that is known here.",
    "unknown-value": "The value is none of those that the field takes.",
    "bad-name": "A name is no slug: small letters, digits, `-` and `_`; names that templates read have no `-`.",
    "bad-duration": "A duration is neither ISO 8601 (`PT2M`) nor a number of seconds.",
    "bad-clock": "A time of day is not written `HH:MM`.",
    "bad-date": "A date is not written `YYYY-MM-DD`.",
    "bad-url": "An address does not begin with http:// or https://.",
    "bad-secret": "A chatbot's secret is not written `secrets.<name>`.",
    "bad-character": "A text holds a character that cannot be stored (NUL or half a character).",
    "out-of-range": "A number or duration is smaller or larger than the field allows.",
    "too-long": "A text or list is longer than the field allows.",
    "too-short": "A text or list is empty or shorter than the field allows.",
    "all-and-any": "A condition has both `all` and `any`, or neither.",
    "answer-and-execution": "A target for the client to choose has no answer, or an immediate one has one.",
    "too-deep": "Values lie inside each other more deeply than any configuration needs.",
    "too-many-actions": "The configuration has more than 100,000 actions.",
    # Names
    "unknown-destination": (
        "A destination names an automessage, time condition, tree, chatbot, queue or terminate that is not there."
    ),
    "unknown-decision": "A target, or the start of a tree, names a decision that the tree has not.",
    "unknown-time-group": "A time group is named that is not there.",
    "unknown-template": "An auto response names a template that is not there.",
    "unknown-category": "A ticket names a category that is not there.",
    "unknown-custom-field": "A custom field is named that is not there.",
    "unknown-queue": "A queue is named that is not there.",
    "unknown-cause": "A terminate names a disconnection cause that is neither built in nor configured.",
    "no-connector": "There is no connector, so that no conversation can begin.",
    "unreachable": "No connector leads to this, so that it is never used.",
    "unreachable-decision": "No path leads from the start of the tree to this decision.",
    # The flow
    "never-run": "An action stands behind a target that is taken immediately.",
    "dead-end": "A decision can end with no target: nothing is taken immediately and no answer is offered.",
    "may-dead-end": "A decision has no target when an array is empty: its only ones come from the array.",
    "never-waits": "A decision never waits for an answer, so that its `no_match` or `no_answer` is never used.",
    "circle": "Places lead round in a circle without ever waiting.",
    "may-circle": "Places can lead round in a circle without waiting, when a condition keeps going the same way.",
    "fallback-circle": "The fallbacks of chatbots lead back to the same chatbot without waiting.",
    "time-group-circle": "Time groups link each other in a circle.",
    "overflow-to-itself": "A queue overflows to itself.",
    "outside-window": "A message can be sent 24 hours or more after the customer's last one, and Instagram refuses it.",
    # Answers
    "duplicate-button": "Two buttons of a decision have the same title, so that the second never wins.",
    "never-wins": "An earlier answer takes everything that this one would match.",
    "two-defaults": "Two answers of a decision are the default.",
    "no-match-never-used": "A default answer takes every miss, so that `no_match` is never used.",
    "bad-pattern": "A pattern is badly written or refused by RE2.",
    # Predicates
    "left-missing": "A predicate needs a `left` to compare.",
    "left-superfluous": "A predicate has a `left` that its operator does not look at.",
    "right-missing": "A predicate needs a `right` to compare with.",
    "right-superfluous": "A predicate has a `right` that its operator does not look at.",
    "in-needs-list": "The `right` of `in` is no list.",
    # Templates
    "template": "A template or expression is badly written or uses what templates have not.",
    "unknown-variable": "A template reads a name that nothing defines.",
    "variable-of-other-tree": "A template reads an object that only another tree defines.",
    "item-out-of-place": "`item` is read outside the title and value of generated buttons.",
    "secret-out-of-place": "A secret is read outside the url, headers and body of a request.",
    "reserved-name": "An object or a pattern's group has a name that templates use for something else.",
    # Languages
    "unknown-language": "A language is no ISO 639-1 code, or not offered where an offered one is needed.",
    "default-not-offered": "The default language is not among the offered ones.",
    "variant-not-offered": "A text has a variant in a language that is not offered.",
    "variant-missing": "A text has no variant in an offered language; the default one serves.",
    # Instagram's limits
    "text-too-long": "A text is longer than one Instagram message and is sent in parts.",
    "button-title-too-long": (
        "A quick reply's title is too long for Instagram, so that the answers become a numbered list."
    ),
    "too-many-buttons": (
        "A decision offers more quick replies than Instagram shows, so that they become a numbered list."
    ),
    "link-title-too-long": "A link button's text is longer than Instagram shows.",
    "too-many-links": "A message has more link buttons than Instagram shows under one, so that it is sent as several.",
    "link-message-too-long": (
        "The text of a message with link buttons is longer than Instagram takes, so that it is sent apart."
    ),
    "duplicate-ice-breaker": "Two ice breakers of a connector ask the same question.",
    # Times
    "unknown-timezone": "A time zone is none of IANA's.",
    "unknown-holidays": "No public holidays are known for a country or subdivision.",
    "dates-reversed": "The first day of dates is after the last.",
    "yearly-without-dates": "`yearly` is given without the dates that it would repeat.",
    "same-times": "A range begins and ends at the same time.",
    "never-holds": "A definition has an empty list of weekdays, so that it never holds.",
    "always-closed": "A time group has neither definitions nor links, so that it is always closed.",
    # Entities
    "same-time": "Two messages of an automessage are sent at the same time.",
    "duplicate-account": "Two connectors are authorised for the same account.",
    "takeover-queue-unused": "A takeover queue is named although human takeover is switched off.",
    "overflow-without-max-wait": "A queue has an overflow but no time after which it is used.",
    "max-wait-without-overflow": "A queue has a longest wait but no place to go to afterwards.",
}
"""Every code that a problem can have, and what it means."""


class Problem(Message):
    """What is wrong with a configuration: the path, a code of CODES, and a message with the cure (SPEC section 1)."""

    path: str
    code: str
    severity: Severity
    message: str


MANY = 1_000
"""Among more names than these, none is listed where nothing comes near."""
LOOKS = 1_000_000
"""How many names "did you mean" looks at in all, so that a check of many mistakes stays quick."""


class Report:
    """Collects problems, and keeps quiet about what lies in a hole: a part of the document that could not be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.holes: set[str] = set()
        self._over: set[str] = set()
        self._looks = 0

    def error(self, path: str, code: str, message: str) -> None:
        self._add(path, code, "error", message)

    def warning(self, path: str, code: str, message: str) -> None:
        self._add(path, code, "warning", message)

    def hidden(self, path: str) -> bool:
        """Whether the path is a hole or lies in one."""
        if not self.holes:
            return False
        while path:
            if path in self.holes:
                return True
            path = path.rpartition("/")[0]
        return "" in self.holes

    def hole(self, path: str) -> None:
        """What lies at the path is not the author's."""
        self.holes.add(path)
        while path and path not in self._over:
            self._over.add(path)
            path = path.rpartition("/")[0]

    def hole_in(self, path: str) -> bool:
        """Whether a hole lies at or below the path."""
        return path in self._over

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """`nearest`, but not for ever: after LOOKS names nothing is looked for."""
        self._looks += len(known)
        return None if self._looks > LOOKS else nearest(word, known)

    def _add(self, path: str, code: str, severity: Severity, message: str) -> None:
        if code not in CODES:
            raise LookupError(f"the code {code} is not in CODES: add it there")
        if not self.hidden(path):
            self.problems.append(Problem(path=path, code=code, severity=severity, message=message))


def nearest(word: str, known: Iterable[str], *, sure: bool = False) -> str | None:
    """The known name that was probably meant; `sure` leaves out far guesses."""
    cutoff = 80 if sure else 60
    names = list(known)
    found = process.extractOne(_plain(word), [_plain(name) for name in names], scorer=fuzz.ratio, score_cutoff=cutoff)
    return names[found[2]] if found else None


def meant(word: str, known: Collection[str]) -> str:
    """The cure for an unknown name: "did you mean `x`?", else what there is."""
    return cure(nearest(word, known), known)


def cure(near: str | None, known: Collection[str]) -> str:
    """The same, when the name that was meant has been looked for."""
    if near is not None:
        return f"did you mean `{near}`?"
    if len(known) > MANY:
        return ""
    names = sorted(known)
    return f"known: {', '.join(f'`{name}`' for name in names[:12])}{', …' if len(names) > 12 else ''}" if names else ""


def shown(value: object) -> str:
    """A value as a message names it, shortened to 60 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _plain(word: str) -> str:
    return word[:200].casefold().replace("_", "-").replace(" ", "-")
