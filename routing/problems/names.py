"""Names that lead nowhere, and places that nothing leads to."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from routing.configuration import (
    BUILT_IN_CAUSES,
    KIND_OF,
    Action,
    Configuration,
    CreateTicket,
    Destination,
    Goal,
    SaveData,
    Target,
)
from routing.problems.problem import Report, cure
from routing.problems.walk import actions_of, decisions_of, every_action

ACTIONS = 100_000
"""The most actions of a configuration."""
REACHED = (
    "automessages", "time_groups", "time_conditions", "decision_trees", "chatbots", "queues", "terminates",
    "categories",
)  # fmt: skip
"""The kinds that are of use only when something leads to them; agents use templates on their own."""


class Reference(NamedTuple):
    """The entity at `owner` names another one; `kind` is `decisions of <tree>` for a decision of that tree."""

    owner: str
    path: str
    kind: str
    name: str
    code: str


def check_names(configuration: Configuration, report: Report) -> None:
    """Unknown names, unreachable entities and decisions, no connector, too many actions."""
    known: dict[str, Mapping[str, object] | Collection[str]] = {
        kind: getattr(configuration, kind) for kind in ("connectors", *REACHED, "templates", "custom_fields")
    }
    known["disconnection_causes"] = (*BUILT_IN_CAUSES, *configuration.disconnection_causes)
    for tree, entity in configuration.decision_trees.items():
        known[f"decisions of {tree}"] = entity.decisions
    links: dict[str, list[str]] = {}
    inner: dict[str, list[str]] = {}
    lost: set[str] = set()
    for reference in references(configuration):
        name = reference.name
        if name not in known[reference.kind]:
            near = report.nearest(name, known[reference.kind])
            if not report.hidden(_home(reference.kind)):
                _unknown(reference, cure(near, known[reference.kind]), report)
            # A misspelt name still shows where its author wanted to go.
            if near is None:
                lost.add(_home(reference.kind) if reference.kind.startswith("decisions of ") else "")
                continue
            name = near
        if reference.kind.startswith("decisions of "):
            inner.setdefault(reference.owner, []).append(f"{reference.kind[13:]}/{name}")
        else:
            links.setdefault("/".join(reference.owner.split("/")[:2]), []).append(f"{reference.kind}/{name}")
    if sum(1 for _ in every_action(configuration)) > ACTIONS:
        report.error(
            "decision_trees", "too-many-actions", f"there are more than {ACTIONS} actions: split the configuration up"
        )
    if not configuration.connectors:
        if not report.hole_in("connectors"):
            report.warning("connectors", "no-connector", "no conversation can begin: add a connector with its `next`")
    elif not report.holes and "" not in lost:  # else what could not be read or found may lead there
        _check_reached(configuration, links, report)
    _check_decisions_reached(configuration, inner, lost, report)


def references(configuration: Configuration) -> Iterator[Reference]:
    """Every name that stands for another entity, in the order of the document."""
    c = configuration
    for name, connector in c.connectors.items():
        owner = f"connectors/{name}"
        yield _to(owner, f"{owner}/next", connector.next)
        if connector.idle:
            yield _to(owner, f"{owner}/idle/to", connector.idle.to)
        if connector.takeover_queue is not None:
            yield Reference(owner, f"{owner}/takeover_queue", "queues", connector.takeover_queue, "unknown-queue")
    for name, automessage in c.automessages.items():
        yield _to(f"automessages/{name}", f"automessages/{name}/next", automessage.next)
    for name, group in c.time_groups.items():
        owner = f"time_groups/{name}"
        for index, linked in enumerate(group.groups):
            yield Reference(owner, f"{owner}/groups/{index}", "time_groups", linked, "unknown-time-group")
    for name, condition in c.time_conditions.items():
        owner = f"time_conditions/{name}"
        yield Reference(owner, f"{owner}/time_group", "time_groups", condition.time_group, "unknown-time-group")
        yield _to(owner, f"{owner}/open", condition.open)
        yield _to(owner, f"{owner}/closed", condition.closed)
    for tree, entity in c.decision_trees.items():
        owner = f"decision_trees/{tree}"
        yield Reference(owner, f"{owner}/start", f"decisions of {tree}", entity.start, "unknown-decision")
    for tree, path, decision in decisions_of(c):
        for place, action in actions_of(f"{path}/actions", decision.actions):
            yield from _named_by(tree, path, place, action)
        if decision.no_match and decision.no_match.to:
            yield _to(path, f"{path}/no_match/to", decision.no_match.to, tree)
        if decision.no_answer:
            yield _to(path, f"{path}/no_answer/to", decision.no_answer.to, tree)
    for name, chatbot in c.chatbots.items():
        owner = f"chatbots/{name}"
        yield _to(owner, f"{owner}/fallback", chatbot.fallback)
        for index, field in enumerate(chatbot.send_custom_fields):
            yield Reference(
                owner, f"{owner}/send_custom_fields/{index}", "custom_fields", field, "unknown-custom-field"
            )
    for name, queue in c.queues.items():
        if queue.overflow:
            yield _to(f"queues/{name}", f"queues/{name}/overflow", queue.overflow)
        if queue.after_close:
            yield _to(f"queues/{name}", f"queues/{name}/after_close", queue.after_close)
    for name, terminate in c.terminates.items():
        owner = f"terminates/{name}"
        yield Reference(owner, f"{owner}/cause", "disconnection_causes", terminate.cause, "unknown-cause")
        if terminate.queue is not None:
            yield Reference(owner, f"{owner}/queue", "queues", terminate.queue, "unknown-queue")
        if terminate.auto_response is not None:
            yield Reference(owner, f"{owner}/auto_response", "templates", terminate.auto_response, "unknown-template")
    for name, category in c.categories.items():
        if category.sla:
            owner = f"categories/{name}"
            yield Reference(
                owner, f"{owner}/sla/time_group", "time_groups", category.sla.time_group, "unknown-time-group"
            )


def _home(kind: str) -> str:
    """Where the entities of a reference's kind are written."""
    return f"decision_trees/{kind[13:]}/decisions" if kind.startswith("decisions of ") else kind


def _named_by(tree: str, decision: str, path: str, action: Action) -> Iterator[Reference]:
    match action:
        case Target():
            yield _to(decision, f"{path}/to", action.to, tree)
        case CreateTicket():
            yield Reference(decision, f"{path}/category", "categories", action.category, "unknown-category")
        case SaveData() if action.scope == "contact":
            yield Reference(decision, f"{path}/field", "custom_fields", action.field, "unknown-custom-field")
        case _:
            pass


def _to(owner: str, path: str, to: Destination | Goal, tree: str = "") -> Reference:
    if to.type == "decision":
        return Reference(owner, f"{path}/name", f"decisions of {tree}", to.name, "unknown-decision")
    return Reference(owner, f"{path}/name", KIND_OF[to.type], to.name, "unknown-destination")


def _unknown(reference: Reference, meant: str, report: Report) -> None:
    tree = reference.kind[13:] if reference.kind.startswith("decisions of ") else None
    what = f"the tree `{tree}` has no decision" if tree else f"there is none among {reference.kind} called"
    add = f"add it under {_home(reference.kind)}, or correct the name"
    report.error(
        reference.path,
        reference.code,
        f"{what} `{reference.name}`: {f'{meant} Else ' if meant.endswith('?') else f'{meant}; ' if meant else ''}{add}",
    )


def _check_reached(configuration: Configuration, links: Mapping[str, list[str]], report: Report) -> None:
    """A reached chatbot may hand over to any queue; all decisions of a reached tree count, so one gap is told once."""
    starts = [f"connectors/{name}" for name in configuration.connectors]
    reached = _reach(starts, links)
    if any(path.startswith("chatbots/") for path in reached):
        reached = _reach([*reached, *(f"queues/{name}" for name in configuration.queues)], links)
    for kind in REACHED:
        for name in getattr(configuration, kind):
            if f"{kind}/{name}" not in reached:
                report.warning(
                    f"{kind}/{name}",
                    "unreachable",
                    f"no connector leads to `{name}`: lead a destination or a field to it, or remove it",
                )


def _check_decisions_reached(
    configuration: Configuration, inner: Mapping[str, list[str]], lost: set[str], report: Report
) -> None:
    links = {
        path: [f"decision_trees/{to.replace('/', '/decisions/', 1)}" for to in found] for path, found in inner.items()
    }
    for tree, entity in configuration.decision_trees.items():
        path = f"decision_trees/{tree}"
        if report.hole_in(path) or f"{path}/decisions" in lost:
            continue
        reached = _reach([path], links)
        for name in entity.decisions:
            if f"{path}/decisions/{name}" not in reached:
                report.warning(
                    f"{path}/decisions/{name}",
                    "unreachable-decision",
                    f"nothing leads from the start `{entity.start}` to `{name}`: lead a target to it, or remove it",
                )


def _reach(starts: Iterable[str], links: Mapping[str, list[str]]) -> dict[str, None]:
    reached = dict.fromkeys(starts)
    waiting = list(reached)
    while waiting:
        for to in links.get(waiting.pop(), ()):
            if to not in reached:
                reached[to] = None
                waiting.append(to)
    return reached
