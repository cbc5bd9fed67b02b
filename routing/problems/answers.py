"""Answers that can never win, two defaults, and patterns that cannot be used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from routing.answers import PatternError, pattern
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
from routing.problems.takers import Takers, takes_all, title_key
from routing.problems.walk import decisions_of, every_action

OWN_GROUPS = ("text", "payload", "item")
"""What `answer` holds anyway, so that no group of a pattern may be called so."""


def check_answers(configuration: Configuration, report: Report) -> None:
    """Answers are compared with those that are always offered before them, in each offered language."""
    for _, path, action in every_action(configuration):
        if isinstance(action, Target) and isinstance(action.answer, PatternAnswer):
            _check_pattern(f"{path}/answer", action.answer, report)
    for _, path, decision in decisions_of(configuration):
        offers = _Offers({language: Takers() for language in _languages(configuration, decision)}, report)
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
    if decision.no_match is not None and catches(decision):
        report.warning(
            f"{path}/no_match",
            "no-match-never-used",
            "one answer takes whatever fits no other: remove `no_match`, or the `default`",
        )


def catches(decision: Decision) -> bool:
    """Whether one of its answers takes whatever fits no other, so that nothing is left for `no_match`."""
    return any(isinstance(one, Target) and _catches(one.answer) for one in decision.actions)


def _catches(answer: Answer | None) -> bool:
    if isinstance(answer, PatternAnswer) and all(takes_all(one) for one in (answer.pattern, *answer.variants.values())):
        return True
    return isinstance(answer, PatternAnswer | SimilarAnswer) and answer.default


def _languages(configuration: Configuration, decision: Decision) -> list[str]:
    """The languages in which the answers of a decision differ, the default one first."""
    written = _written(decision.actions)
    languages = configuration.languages
    # Where even the default language has a variant, the text itself serves those offered ones that have none.
    return list(
        dict.fromkeys(
            (languages.default, *(languages.offered if languages.default in written else ()), *sorted(written))
        )
    )


def _written(actions: Sequence[Action]) -> set[str]:
    """The languages in which answers have variants."""
    found: set[str] = set()
    for action in actions:
        match action:
            case Target():
                found.update(() if action.answer is None else _variants(action.answer))
            case Condition():
                found |= _written(action.then) | _written(action.otherwise)
            case Loop():
                found |= _written(action.actions)
            case _:
                pass
    return found


def _variants(answer: Answer) -> Mapping[str, str]:
    return {} if isinstance(answer, GeneratedButtonsAnswer) else answer.variants


@dataclass
class _Offers:
    """What is offered before an action on every way to it, by language; a branch's own offers end with the branch."""

    takers: dict[str, Takers]
    report: Report

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
        marks = [(takers, takers.mark()) for takers in self.takers.values()]
        found = self.sequence(prefix, actions, default)
        for takers, mark in marks:
            takers.back_to(mark)
        return found

    def offer(self, path: str, answer: Answer, default: str | None) -> str | None:
        """Compare an answer with the earlier ones, and add it to them; answers the default of the decision now."""
        own = isinstance(answer, PatternAnswer | SimilarAnswer) and answer.default
        if own and default is not None:
            self.report.error(
                f"{path}/default",
                "two-defaults",
                f"{default} is the default of this decision already: keep one of them",
            )
        elif own:
            self.compare_default(path, answer)
        else:
            self.compare(path, answer)
        for language, takers in self.takers.items():
            _, text = _form(answer, language)
            match answer:
                case PatternAnswer():
                    takers.add_pattern(text, path)
                case SimilarAnswer():
                    takers.add_words(text, path)
                case ButtonAnswer():
                    takers.add_title(text, path)
                case GeneratedButtonsAnswer():
                    pass
        return path if own and default is None else default

    def compare_default(self, path: str, answer: Answer) -> None:
        """A default takes what fits nothing else, so only an answer that leaves nothing stands in its way."""
        for language, takers in self.takers.items():
            if takers.everything is not None:
                self.never(f"{path}/{_form(answer, language)[0]}", language, takers.everything)
                return

    def compare(self, path: str, answer: Answer) -> None:
        """Report the first language in which an earlier answer takes all that this one would match."""
        for language, takers in self.takers.items():
            where, text = _form(answer, language)
            at = f"{path}/{where}"
            match answer:
                case PatternAnswer():
                    taker = takers.of_pattern(text)
                case SimilarAnswer():
                    taker = takers.of_words(text)
                case ButtonAnswer():
                    same = takers.titles.get(title_key(text))
                    if same is not None:
                        self.report.error(
                            at,
                            "duplicate-button",
                            f"`{shown(text)}` is the title of {same} already{self.for_whom(language)}: give it another "
                            "title",
                        )
                        return
                    taker = takers.of_title(text)
                case GeneratedButtonsAnswer():
                    taker = takers.everything
            if taker is not None and isinstance(answer, ButtonAnswer | GeneratedButtonsAnswer):
                self.report.warning(
                    at,
                    "never-wins",
                    f"only a tap chooses this{self.for_whom(language)}, because {taker} takes the title when it is "
                    "typed: move that one behind it",
                )
                return
            if taker is not None:
                self.never(at, language, taker)
                return

    def never(self, at: str, language: str, taker: str) -> None:
        self.report.error(
            at,
            "never-wins",
            f"{taker} takes everything that this would match{self.for_whom(language)}: move this before it, change it, "
            "or remove it",
        )

    def for_whom(self, language: str) -> str:
        return "" if language == next(iter(self.takers)) else f" for customers in `{language}`"


def _form(answer: Answer, language: str) -> tuple[str, str]:
    """The field and the text of an answer for customers in this language."""
    if isinstance(answer, GeneratedButtonsAnswer):
        return "title", answer.title
    if language in answer.variants:
        return f"variants/{language}", answer.variants[language]
    match answer:
        case PatternAnswer():
            return "pattern", answer.pattern
        case SimilarAnswer():
            return "words", answer.words
        case ButtonAnswer():
            return "text", answer.text
