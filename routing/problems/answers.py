"""Answers that can never win, two defaults, and patterns that cannot be used."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from routing.answers import PatternError, fold, pattern
from routing.configuration import (
    Action,
    Answer,
    ButtonAnswer,
    Condition,
    Configuration,
    Decision,
    GeneratedButtonsAnswer,
    Loop,
    PatternAnswer,
    SimilarAnswer,
    Target,
)
from routing.problems.problem import Report, shown
from routing.problems.walk import decisions_of, every_action

OWN_GROUPS = ("text", "payload", "item")
"""What `answer` holds anyway, so that no group of a pattern may be called so."""


def check_answers(configuration: Configuration, report: Report) -> None:
    """Answers are compared with those that are always offered before them, in each offered language."""
    for _, path, action in every_action(configuration):
        if isinstance(action, Target) and isinstance(action.answer, PatternAnswer):
            _check_pattern(f"{path}/answer", action.answer, report)
    for _, path, decision in decisions_of(configuration):
        offers = _Offers(configuration, report)
        offers.sequence(f"{path}/actions", decision.actions)
        if not report.hole_in(f"{path}/actions"):
            _check_no_match(path, decision, report)


def groups(answer: PatternAnswer) -> Iterator[str]:
    """The named groups of a pattern and its variants, which become `answer.<group>`."""
    for text in (answer.pattern, *answer.variants.values()):
        try:
            yield from pattern(text).regexp.groupindex
        except PatternError:
            continue  # told by check_answers


def _check_pattern(path: str, answer: PatternAnswer, report: Report) -> None:
    for where, text in [
        ("pattern", answer.pattern),
        *((f"variants/{key}", text) for key, text in answer.variants.items()),
    ]:
        try:
            named = pattern(text).regexp.groupindex
        except PatternError as error:
            report.error(f"{path}/{where}", "bad-pattern", str(error))
            continue
        for name in OWN_GROUPS:
            if name in named:
                report.error(
                    f"{path}/{where}",
                    "reserved-name",
                    f"`answer.{name}` has a meaning of its own: give the group `{name}` another name",
                )


def _check_no_match(path: str, decision: Decision, report: Report) -> None:
    if decision.no_match is not None and any(
        isinstance(one, Target) and _catches(one.answer) for one in decision.actions
    ):
        report.warning(
            f"{path}/no_match",
            "no-match-never-used",
            "one answer takes whatever fits no other: remove `no_match`, or the `default`",
        )


def _catches(answer: Answer | None) -> bool:
    """Whether nothing is left for `no_match` beside this answer."""
    if isinstance(answer, PatternAnswer) and all(
        _takes_all(one) for one in (answer.pattern, *answer.variants.values())
    ):
        return True
    return isinstance(answer, PatternAnswer | SimilarAnswer) and answer.default


@dataclass
class _Offers:
    """What is offered before an action on every way to it; a branch's own offers end with the branch."""

    configuration: Configuration
    report: Report
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict[tuple[str, str, str], str])
    """The path of the answer for each (sort, language, text) that it takes."""
    undo: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def sequence(self, prefix: str, actions: Sequence[Action], default: str | None = None) -> tuple[str | None, bool]:
        """Walk a sequence behind an earlier default; answers its last default, and whether its end can be reached."""
        for index, action in enumerate(actions):
            path = f"{prefix}/{index}"
            match action:
                case Target() if action.execution == "immediately":
                    return default, f"{path}/execution" in self.report.holes
                case Target():
                    if action.answer is not None and not self.report.hidden(f"{path}/answer"):
                        default = self.offer(f"{path}/answer", action.answer, default)
                case Condition():
                    then, then_ends = self.branch(f"{path}/then", action.then, default)
                    otherwise, otherwise_ends = self.branch(f"{path}/otherwise", action.otherwise, default)
                    if not (then_ends or otherwise_ends):
                        return default, False
                    default = (then if then_ends else None) or (otherwise if otherwise_ends else None) or default
                case Loop():
                    inside, ends = self.branch(f"{path}/actions", action.actions, default)
                    default = inside if ends else default
                case _:
                    pass
        return default, True

    def branch(self, prefix: str, actions: Sequence[Action], default: str | None) -> tuple[str | None, bool]:
        mark = len(self.undo)
        found = self.sequence(prefix, actions, default)
        while len(self.undo) > mark:
            del self.seen[self.undo.pop()]
        return found

    def offer(self, path: str, answer: Answer, default: str | None) -> str | None:
        if isinstance(answer, PatternAnswer | SimilarAnswer) and answer.default:
            if default is not None:
                self.report.error(
                    f"{path}/default",
                    "two-defaults",
                    f"{default} is the default of this decision already: keep one of them",
                )
            return path  # a default wins where nothing else does
        for where, language, text in self.forms(answer):
            if self.compare(f"{path}/{where}", answer, language, text):
                break
        for language in self.languages(answer):
            self.remember(path, answer, language)
        return default

    def languages(self, answer: Answer) -> list[str]:
        written = [] if isinstance(answer, GeneratedButtonsAnswer) else list(answer.variants)
        return list(
            dict.fromkeys((self.configuration.languages.default, *self.configuration.languages.offered, *written))
        )

    def forms(self, answer: Answer) -> Iterator[tuple[str, str, str]]:
        """(field, language, text) of an answer: as the default language has it, then its variants."""
        base = self.configuration.languages.default
        match answer:
            case PatternAnswer():
                yield "pattern", base, answer.variants.get(base, answer.pattern)
            case SimilarAnswer():
                yield "words", base, answer.variants.get(base, answer.words)
            case ButtonAnswer():
                yield "text", base, answer.variants.get(base, answer.text)
            case GeneratedButtonsAnswer():
                yield "title", base, answer.title
                return
        for language, text in answer.variants.items():
            if language != base:
                yield f"variants/{language}", language, text

    def compare(self, path: str, answer: Answer, language: str, text: str) -> bool:
        """Whether an earlier answer takes all that this form of the answer would match, and it is reported."""
        if isinstance(answer, ButtonAnswer):
            earlier = self.seen.get(("button", language, _title(text)))
            if earlier:
                self.report.error(
                    path,
                    "duplicate-button",
                    f"`{shown(text)}` is the title of {earlier} already: give it another title",
                )
                return True
        earlier = self.seen.get(("all", language, ""))
        if earlier and isinstance(answer, ButtonAnswer | GeneratedButtonsAnswer):
            self.report.warning(
                path,
                "never-wins",
                f"only a tap chooses this, because {earlier} takes every text before: move that one behind it",
            )
            return True
        if isinstance(answer, PatternAnswer):
            earlier = earlier or self.seen.get(("pattern", language, text.strip()))
        elif isinstance(answer, SimilarAnswer) and not earlier:
            found = [self.seen.get(("word", language, word)) for word in _words(text)]
            earlier = found[0] if found and all(found) else None
        if earlier:
            self.report.error(
                path,
                "never-wins",
                f"{earlier} takes everything that this would match: move this before it, or remove it",
            )
        return earlier is not None

    def remember(self, path: str, answer: Answer, language: str) -> None:
        match answer:
            case PatternAnswer():
                text = answer.variants.get(language, answer.pattern)
                keys = [("pattern", language, text.strip())]
                if _takes_all(text):
                    keys.append(("all", language, ""))
            case SimilarAnswer():
                keys = [("word", language, word) for word in _words(answer.variants.get(language, answer.words))]
            case ButtonAnswer():
                keys = [("button", language, _title(answer.variants.get(language, answer.text)))]
            case GeneratedButtonsAnswer():
                keys = []
        for key in keys:
            if key not in self.seen:
                self.seen[key] = path
                self.undo.append(key)


def _title(text: str) -> str:
    return text.strip() if "{" in text else fold(text) or text.strip()


def _words(text: str) -> list[str]:
    return [fold(word) or word.strip() for word in re.split("[,，、،]", text) if word.strip()]


_ALL = re.compile(r"(?:\.[*+]\??|\[\\s\\S\][*+]|\[\\d\\D\][*+]|\[\\w\\W\][*+]|\(\.\|\\n\)[*+])")


def _takes_all(text: str) -> bool:
    """Whether a pattern takes every text; with both ends tied, `.` has to take newlines too."""
    body, _, flags = text.strip().removeprefix("/").rpartition("/")
    if inline := re.match(r"\(\?([ims]+)\)", body):
        body, flags = body[inline.end() :], flags + inline[1]
    begins, ends = body.startswith(("^", r"\A")), body.endswith(("$", r"\z"))
    body = re.sub(r"^(?:\^|\\A)|(?:\$|\\z)$", "", body)
    if wrapped := re.fullmatch(r"\((?:\?P?<\w+>|\?:)?(.*)\)", body):
        body = wrapped[1] if _ALL.fullmatch(wrapped[1]) else body
    if not _ALL.fullmatch(body):
        return False
    return not (begins and ends and body.startswith(".")) or "s" in flags
