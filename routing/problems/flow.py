"""Where conversations get stuck: dead ends, actions that are never run, and circles that never rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from routing.configuration import (
    Action,
    Condition,
    Configuration,
    Decision,
    Destination,
    GeneratedButtonsAnswer,
    Goal,
    Loop,
    Target,
)
from routing.graph import path_of
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


def check_flow(configuration: Configuration, report: Report) -> None:
    """Dead ends, waits that never come, and circles of places, of fallbacks and of time groups."""
    found: dict[str, Exits] = {}
    for _, path, decision in decisions_of(configuration):
        found[path] = exits(path, decision, report)
        _check_end(path, decision, found[path], report)
    steps = _Steps(configuration, found)
    _check_circles(steps, report)
    _check_fallbacks(configuration, steps, report)
    _check_time_groups(configuration, report)
    for name, queue in configuration.queues.items():
        if queue.overflow and path_of(queue.overflow) == f"queues/{name}":
            report.warning(
                f"queues/{name}/overflow",
                "overflow-to-itself",
                f"`{name}` overflows to itself, so that its customers lose their place: choose another destination",
            )


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


# Circles --------------------------------------------------------------------------------------------------------------


class _Steps:
    """Where each place leads without waiting, and which places can wait."""

    def __init__(self, configuration: Configuration, found: Mapping[str, Exits]) -> None:
        c = configuration
        self.silent: dict[str, list[str]] = {}
        self.rests: set[str] = set()
        for name, automessage in c.automessages.items():
            if any(message.time for message in automessage.messages):
                self.rests.add(f"automessages/{name}")
            else:
                self._lead(f"automessages/{name}", automessage.next)
        for name, condition in c.time_conditions.items():
            self._lead(f"time_conditions/{name}", condition.open)
            self._lead(f"time_conditions/{name}", condition.closed)
        for tree, entity in c.decision_trees.items():
            self.silent[f"decision_trees/{tree}"] = [f"decision_trees/{tree}/decisions/{entity.start}"]
        for tree, path, decision in decisions_of(c):
            at_end, taken = found[path]
            for _, to in taken:
                self._lead(path, to, tree)
            ahead = decision.no_match.to if decision.no_match else None
            if ahead is not None and min(at_end, default=Offered.SOMETHING) < Offered.SOMETHING:
                self._lead(path, ahead, tree)  # nothing is offered, so nothing is waited for
                at_end -= {Offered.NOTHING}
            if at_end:
                self.rests.add(path)
        known = {*self.silent, *self.rests}
        for path, leads in self.silent.items():
            if any(to not in known for to in leads):  # a queue, a chatbot, an end, or a name that is told elsewhere
                self.rests.add(path)

    def _lead(self, path: str, to: Destination | Goal, tree: str | None = None) -> None:
        self.silent.setdefault(path, []).append(path_of(to, tree))


def _check_circles(steps: _Steps, report: Report) -> None:
    backward: dict[str, list[str]] = {}
    for path, leads in steps.silent.items():
        for to in leads:
            backward.setdefault(to, []).append(path)
    resting = set(steps.rests)
    waiting = list(resting)
    while waiting:
        for path in backward.get(waiting.pop(), ()):
            if path not in resting:
                resting.add(path)
                waiting.append(path)
    for circle in circles(steps.silent):
        way = " -> ".join((*circle, circle[0]))
        if circle[0] in resting:
            report.warning(
                circle[0],
                "may-circle",
                (
                    f"this can go round without waiting, as long as the same branches are taken: {way}; "
                    "let one of them wait or lead out"
                ),
            )
        else:
            report.error(
                circle[0],
                "circle",
                (
                    f"this goes round for ever without waiting: {way}; lead one of them elsewhere, or let "
                    "it wait for an answer or a time"
                ),
            )


def _check_fallbacks(configuration: Configuration, steps: _Steps, report: Report) -> None:
    """A chatbot that cannot be reached goes to its fallback at once; what cannot rest on the way back goes round."""
    bots = {f"chatbots/{name}": path_of(chatbot.fallback) for name, chatbot in configuration.chatbots.items()}
    silent = dict(steps.silent) | {path: [to] for path, to in bots.items()}
    for circle in circles(silent, among=bots):
        first = next(path for path in circle if path in bots)
        start = circle.index(first)
        way = " -> ".join((*circle[start:], *circle[:start], first))
        report.error(
            f"{first}/fallback",
            "fallback-circle",
            f"while the chatbot cannot be reached, its fallback leads back to it: {way}; choose a queue or a terminate",
        )


def _check_time_groups(configuration: Configuration, report: Report) -> None:
    groups = configuration.time_groups
    links = {f"time_groups/{name}": [f"time_groups/{to}" for to in group.groups] for name, group in groups.items()}
    for circle in circles(links):
        way = " -> ".join((*circle, circle[0]))
        report.error(
            f"{circle[0]}/groups",
            "time-group-circle",
            f"these time groups link each other in a circle: {way}; remove one of the links",
        )


def circles(links: Mapping[str, Iterable[str]], among: Iterable[str] | None = None) -> Iterator[list[str]]:
    """One circle for each set of places that all lead to each other, in the order of `links` (Tarjan's algorithm)."""
    wanted = None if among is None else set(among)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    stack: list[str] = []
    for root in links:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(links[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            place, rest = work[-1]
            for to in rest:
                if to not in links:
                    continue
                if to not in index:
                    index[to] = low[to] = len(index)
                    stack.append(to)
                    work.append((to, iter(links[to])))
                    break
                if to not in component:
                    low[place] = min(low[place], index[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[place])
                if low[place] == index[place]:
                    while True:
                        member = stack.pop()
                        component[member] = index[place]
                        if member == place:
                            break
    told: set[int] = set()
    for place in links:
        if component[place] in told or (wanted is not None and place not in wanted):
            continue
        way = _way_back(place, links, component)
        if way:
            told.add(component[place])
            yield way


def _way_back(start: str, links: Mapping[str, Iterable[str]], component: Mapping[str, int]) -> list[str]:
    """The shortest way from a place back to itself; empty where there is none."""
    came: dict[str, str] = {}
    waiting = [start]
    for place in waiting:
        for to in links[place]:
            if to == start:
                way = [place]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if component.get(to) == component[start] and to not in came:
                came[to] = place
                waiting.append(to)
    return []
