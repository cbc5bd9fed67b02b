"""Circles that never rest: places that lead round without waiting, fallbacks that lead back, links of time groups."""

from collections.abc import Iterable, Iterator, Mapping

from routing.configuration import Configuration, Destination, Goal
from routing.graph import path_of
from routing.problems.circles import circles, components, numbered, round_trip
from routing.problems.flow import Exits, Offered
from routing.problems.problem import Report
from routing.problems.walk import decisions_of


def check_rests(configuration: Configuration, exits: Mapping[str, Exits], report: Report) -> None:
    """Circles of places, of fallbacks and of time groups; `exits` is how each decision can be left."""
    steps = _Steps(configuration, exits)
    _check_circles(configuration, steps, report)
    _check_fallbacks(configuration, steps, report)
    _check_time_groups(configuration, report)
    for name, queue in configuration.queues.items():
        if queue.overflow and path_of(queue.overflow) == f"queues/{name}":
            report.warning(
                f"queues/{name}/overflow",
                "overflow-to-itself",
                f"`{name}` overflows to itself, so that its customers lose their place: choose another destination",
            )


class _Steps:
    """Where each place leads without waiting, and which places can wait."""

    def __init__(self, configuration: Configuration, exits: Mapping[str, Exits]) -> None:
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
            at_end, taken = exits[path]
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


def _check_circles(configuration: Configuration, steps: _Steps, report: Report) -> None:
    resting = _resting(steps)
    number = numbered(components(steps.silent))
    told: set[int] = set()
    for circle, when in _circles_of_hours(configuration, steps):
        if circle[0] in resting and number[circle[0]] not in told:
            told.add(number[circle[0]])
            report.error(
                circle[0],
                "circle",
                f"while {when} this goes round for ever without waiting: {round_trip(circle)}; lead one of them "
                "elsewhere, or let it wait for an answer or a time",
            )
    for circle in circles(steps.silent):
        way = round_trip(circle)
        if circle[0] not in resting:
            report.error(
                circle[0],
                "circle",
                (
                    f"this goes round for ever without waiting: {way}; lead one of them elsewhere, or let "
                    "it wait for an answer or a time"
                ),
            )
        elif number[circle[0]] not in told:
            report.warning(
                circle[0],
                "may-circle",
                (
                    f"this can go round without waiting, as long as the same branches are taken: {way}; "
                    "let one of them wait or lead out"
                ),
            )


def _resting(steps: _Steps) -> set[str]:
    """The places from which some way leads to a rest."""
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
    return resting


def _circles_of_hours(configuration: Configuration, steps: _Steps) -> Iterator[tuple[list[str], str]]:
    """Circles whose only choices are time conditions of one group on one side: time stands still, so nobody gets out.

    Answers each with the words for when it holds.
    """
    conditions = {f"time_conditions/{name}": one for name, one in configuration.time_conditions.items()}
    for side in ("open", "closed"):
        after = {path: path_of(one.open if side == "open" else one.closed) for path, one in conditions.items()}
        for path, leads in steps.silent.items():
            if path not in steps.rests and len(set(leads)) == 1:
                after.setdefault(path, leads[0])
        for circle in circles({path: (to,) for path, to in after.items()}, among=conditions):
            groups = {conditions[path].time_group for path in circle if path in conditions}
            if len(groups) == 1:
                yield circle, f"`{groups.pop()}` is {side}"


def _check_fallbacks(configuration: Configuration, steps: _Steps, report: Report) -> None:
    """A chatbot that cannot be reached goes to its fallback at once; what cannot rest on the way back goes round."""
    bots = {f"chatbots/{name}": path_of(chatbot.fallback) for name, chatbot in configuration.chatbots.items()}
    silent = dict(steps.silent) | {path: [to] for path, to in bots.items()}
    for circle in circles(silent, among=bots):
        report.error(
            f"{circle[0]}/fallback",
            "fallback-circle",
            f"while the chatbot cannot be reached, its fallback leads back to it: {round_trip(circle)}; choose a queue "
            "or a terminate",
        )


def _check_time_groups(configuration: Configuration, report: Report) -> None:
    groups = configuration.time_groups
    links = {f"time_groups/{name}": _linked(group.groups) for name, group in groups.items()}
    for circle in circles(links):
        report.error(
            f"{circle[0]}/groups",
            "time-group-circle",
            f"these time groups link each other in a circle: {round_trip(circle)}; remove one of the links",
        )


def _linked(names: Iterable[str]) -> list[str]:
    return [f"time_groups/{name}" for name in names]
