"""Why a conversation went where it went: its trace in words, with the rule behind each turn (SPEC 9.5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from routing.configuration import (
    Condition,
    CreateTicket,
    Decision,
    Loop,
    Request,
    SaveData,
    SendMessage,
    Target,
    TimeCondition,
)
from routing.graph import Graph
from routing.hours import opening
from routing.messages import Message, Visit
from routing.recordings import stop_of
from routing.tree import EdgeKind, answer_label, condition_words, edges_of

SHOWN = 80
"""The most characters of a text that is quoted."""


class Origin(Message):
    """The revision that a conversation ran on, and who made it."""

    number: int
    author: str
    note: str = ""


class Reason(Message):
    """One step of the trace; it can be opened in preview by its number."""

    number: int = Field(description="The number of the step in the trace.")
    at: datetime
    path: str
    place: str = Field(description="The destination or decision at which the conversation is.")
    title: str = Field(description="What that is called; for a decision, with its tree.")
    arrives: bool = Field(description="The conversation comes here; otherwise something happens while it is here.")
    came_from: str | None = Field(default=None, description="Where it was before, if it arrives.")
    words: str = Field(description="What happened and why.")
    rule: str | None = Field(
        default=None, description="What led here: the path of a field, target or definition; None for what people do."
    )
    changed: dict[str, Any] = Field(default={}, description="Values that are new since this step.")
    revision: int
    author: str


class Explanation(Message):
    """A conversation's way, in order."""

    origin: Origin
    reasons: tuple[Reason, ...]


def explain(trace: Sequence[Visit], graph: Graph, origin: Origin, *, first: int = 1) -> Explanation:
    """The trace of a conversation on the graph of its revision; `first` is the number of the trace's first visit."""
    connector = next((visit.path for visit in trace if visit.path.startswith("connectors/")), "")
    neighbours = zip((None, *trace), trace, (*trace[1:], None), strict=False)
    reasons: list[Reason] = []
    for number, (before, visit, after) in enumerate(neighbours, start=first):
        place = stop_of(visit.path)
        came_from = None if before is None else stop_of(before.path)
        # A place may lead to itself: then it is arrived at once more.
        arrives = place != came_from or _way(visit) is not None
        reasons.append(
            Reason(
                number=number,
                at=visit.at,
                path=visit.path,
                place=place,
                title=title_of(graph, place),
                arrives=arrives,
                came_from=came_from if arrives else None,
                words=_words(graph, visit, before, after),
                rule=_rule(graph, connector, visit, before) if arrives and before is not None else None,
                changed=visit.changed,
                revision=origin.number,
                author=origin.author,
            )
        )
    return Explanation(origin=origin, reasons=tuple(reasons))


def title_of(graph: Graph, path: str) -> str:
    """What a place is called, a decision with its tree; its path where this graph has no such place."""
    place = graph.find(path)
    title = getattr(place, "title", None)
    if not isinstance(title, str):
        return path
    if isinstance(place, Decision):
        return f"{title_of(graph, path.partition('/decisions/')[0])} › {title}"
    return title


# Rules ----------------------------------------------------------------------------------------------------------------

_LEADS: tuple[tuple[str, EdgeKind], ...] = (
    ("the connector's next destination", "next"),
    ("the last message's time has passed", "next"),
    ("the customer wrote before the last message", "next"),
    ("the first decision", "start"),
    ("miss ", "no_match"),
    ("there is no answer to wait for", "no_match"),
    ("the customer gave no answer in time", "no_answer"),
    ("the customer has been silent for the connector's idle time", "idle"),
    ("nobody was free within the queue's maximum wait", "overflow"),
    ("the chatbot failed", "fallback"),
    ("the chatbot handed over to a queue", "fallback"),
    ("a person took over", "takeover"),
    ("after closing", "after_close"),
    ("immediately", "immediately"),
    ("the customer chose it", "answer"),
)
"""How a reason of the trace begins when the configuration led on, and by which way."""


def _way(visit: Visit) -> EdgeKind | None:
    """By which way the configuration led to a place; None where people did, or where the visit is no arrival."""
    if visit.path != stop_of(visit.path):
        return None
    return next((kind for words, kind in _LEADS if visit.why.startswith(words)), None)


def _rule(graph: Graph, connector: str, visit: Visit, before: Visit) -> str | None:
    """The path of what led to a place."""
    place = graph.find(before.path)
    if isinstance(place, TimeCondition):
        found = opening(graph.configuration.time_groups, place.time_group, visit.at)
        return found.path or f"{before.path}/{'open' if found.open else 'closed'}"
    kind = _way(visit)
    if kind in ("immediately", "answer"):
        return before.path
    leaves = connector if kind in ("idle", "takeover") else stop_of(before.path)
    return next(
        (edge.path for edge in edges_of(graph, leaves) if edge.kind == kind and edge.target == visit.path), None
    )


# Words ----------------------------------------------------------------------------------------------------------------


def _words(graph: Graph, visit: Visit, before: Visit | None, after: Visit | None) -> str:
    place = graph.find(visit.path)
    came = None if before is None else graph.find(before.path)
    if isinstance(came, TimeCondition):
        return _at_that_time(graph, came, visit)
    match place:
        case Condition():
            held = after is not None and after.path.startswith(f"{visit.path}/then/")
            verdict = "holds" if held else "does not hold"
            why = f": {visit.why}" if visit.why else ""
            return f"the condition {_cut(condition_words(place))} {verdict}{why}"
        case _ if before is not None and _way(visit) == "answer":
            return f"{visit.why}: {before.why}"
        case _ if visit.path == stop_of(visit.path) or "answer" in visit.changed:
            return visit.why or "the actions begin"
        case _:
            does = _does(place)
            return f"{does}: {visit.why}" if does and visit.why else does or visit.why or "happens"


def _does(action: object) -> str:
    """What an action does."""
    match action:
        case SendMessage():
            return f"says {_quoted(action.text)}"
        case SaveData():
            return f"keeps {'contact' if action.scope == 'contact' else 'data'}.{action.field}"
        case Request():
            return f"asks {action.method} {_cut(action.url)}"
        case CreateTicket():
            return f"creates the ticket {_quoted(action.title)}"
        case Loop():
            return f"for each {action.as_} of {action.items}"
        case Target() if action.answer is not None:
            return f"offers {_cut(answer_label(action.answer))}"
        case Target():
            return "leads on"
        case _:
            return ""


def _at_that_time(graph: Graph, condition: TimeCondition, visit: Visit) -> str:
    """Open or closed, with the time on the wall where that counts."""
    group = graph.configuration.time_groups.get(condition.time_group)
    if group is None:
        return visit.why
    wall = visit.at.astimezone(ZoneInfo(group.timezone))
    verdict, _, reason = visit.why.partition(": ")
    return f"{verdict} at {wall:%H:%M} on {wall:%A} {wall.day} {wall:%B %Y} ({group.timezone}): {reason}"


def _quoted(text: str) -> str:
    return f"“{_cut(text)}”"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"
