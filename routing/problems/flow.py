"""Where conversations get stuck in a decision: dead ends, waits that never come, and actions that are never run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from routing.configuration import (
    Action,
    Condition,
    Configuration,
    Decision,
    GeneratedButtonsAnswer,
    Goal,
    Loop,
    Target,
)
from routing.problems.problem import Report
from routing.problems.walk import decisions_of


class Offered(IntEnum):
    """What the customer can answer, at some point of a sequence."""

    NOTHING = 0
    PERHAPS = 1
    """Only what comes from an array, which may be empty."""
    SOMETHING = 2


UNKNOWN = frozenset({Offered.SOMETHING})
"""Behind what could not be read, which may have been any target."""


class Exits(NamedTuple):
    """`at_end`: how a decision's sequence can end without a target taken; `taken`: those taken at once, by path."""

    at_end: frozenset[Offered]
    taken: tuple[tuple[str, Goal], ...]


@dataclass
class _Run:
    """One walk through a decision: every branch of a condition can be taken, and a loop may run zero times."""

    report: Report
    taken: dict[str, Goal] = field(default_factory=dict[str, Goal])

    def sequence(self, prefix: str, actions: Sequence[Action], before: frozenset[Offered]) -> frozenset[Offered]:
        if prefix in self.report.holes:
            return UNKNOWN
        now = before
        for index, action in enumerate(actions):
            if not now:
                if before:
                    self.report.warning(
                        f"{prefix}/{index}",
                        "never-run",
                        (
                            "this never runs, because a target before it is always taken at once: move "
                            "it before the target, or remove it"
                        ),
                    )
                return now
            now = self.action(f"{prefix}/{index}", action, now)
        return now

    def action(self, path: str, action: Action, before: frozenset[Offered]) -> frozenset[Offered]:
        if path in self.report.holes:
            return UNKNOWN
        match action:
            case Target() if f"{path}/execution" in self.report.holes:
                return UNKNOWN
            case Target() if action.execution == "immediately":
                self.taken[path] = action.to
                return frozenset()
            case Target():
                offer = Offered.PERHAPS if isinstance(action.answer, GeneratedButtonsAnswer) else Offered.SOMETHING
                return frozenset(max(one, offer) for one in before)
            case Condition():
                then = self.sequence(f"{path}/then", action.then, before)
                return then | self.sequence(f"{path}/otherwise", action.otherwise, before)
            case Loop():
                after = self.sequence(f"{path}/actions", action.actions, before)
                # Where the elements always lead on or offer something, only an empty array leaves nothing.
                empty = {max(one, Offered.PERHAPS) if Offered.NOTHING not in after else one for one in before}
                return after | empty
            case _:
                return before


def exits(path: str, decision: Decision, report: Report) -> Exits:
    """How a decision can be left without waiting; actions that never run are reported."""
    run = _Run(report)
    at_end = run.sequence(f"{path}/actions", decision.actions, frozenset({Offered.NOTHING}))
    return Exits(at_end, tuple(run.taken.items()))


def check_flow(configuration: Configuration, report: Report) -> dict[str, Exits]:
    """Dead ends and waits that never come; answers how each decision, by its path, can be left."""
    found: dict[str, Exits] = {}
    for _, path, decision in decisions_of(configuration):
        found[path] = exits(path, decision, report)
        _check_end(path, decision, found[path], report)
    return found


def _check_end(path: str, decision: Decision, found: Exits, report: Report) -> None:
    leads_on = decision.no_answer is not None or (decision.no_match is not None and decision.no_match.to is not None)
    if Offered.NOTHING in found.at_end and not leads_on:
        report.error(
            path,
            "dead-end",
            (
                "this decision can end with no target: add one taken immediately at the end, or an "
                "answer for the client to choose"
            ),
        )
    elif Offered.NOTHING in found.at_end:
        report.warning(
            path,
            "dead-end",
            "this decision can end with no target and no answer to wait for, so that only its `no_match.to` (at once) "
            "or `no_answer` leads on: add a target",
        )
    elif Offered.PERHAPS in found.at_end and not leads_on:
        report.warning(
            path,
            "may-dead-end",
            (
                "an empty array leaves this decision without any answer: add another answer, a target "
                "behind it, or `no_answer`"
            ),
        )
    elif not found.at_end:
        for name in ("no_match", "no_answer"):
            if getattr(decision, name) is not None:
                report.warning(
                    f"{path}/{name}",
                    "never-waits",
                    f"`{name}` is never used, because this decision always goes on at once: remove it",
                )
