"""Until when a ticket is to be dealt with: its category's time, counted in opening hours (SPEC section 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from routing.configuration import Sla, TimeGroup
from routing.hours import after_open_time, open_time

Stage = Literal["open", "wait", "closed", "archived"]
"""`wait` is for the customer; `archived` is put away."""
DONE: tuple[Stage, ...] = ("closed", "archived")


@dataclass(frozen=True)
class Promise:
    """What a category promises, with the time groups that its own one is read with."""

    sla: Sla
    groups: Mapping[str, TimeGroup]


def promised(sla: Mapping[str, Any], time_groups: Mapping[str, Any]) -> Promise:
    """From a checked document: a category's `sla` and all time groups, of which only those that count are read."""
    read = Sla.model_validate(sla)
    groups: dict[str, TimeGroup] = {}
    waiting = [read.time_group]
    for name in waiting:
        if name not in groups and name in time_groups:
            groups[name] = TimeGroup.model_validate(time_groups[name])
            waiting.extend(groups[name].groups)
    return Promise(read, groups)


def due(promise: Promise, created_at: datetime, stages: Iterable[tuple[datetime, Stage]]) -> datetime | None:
    """When the promised time is up, in UTC, for a ticket that was open at first and came into these stages, in order.

    The clock runs while the ticket is open, and stands still while it waits for the customer or is done. So nothing is
    due while a ticket waits, unless the time was up before. A ticket that was open until it was done keeps the time at
    which it would have been due. None also where the group is not open for so long within two years.
    """
    name, left = promise.sla.time_group, promise.sla.within
    for begin, end in _running(created_at, stages):
        found = after_open_time(promise.groups, name, begin, left)
        if end is None or (found is not None and found <= end):
            return found
        left -= open_time(promise.groups, name, begin, end)
    return None


def _running(created_at: datetime, stages: Iterable[tuple[datetime, Stage]]) -> list[tuple[datetime, datetime | None]]:
    """From when to when the clock ran; None for going on."""
    spans: list[tuple[datetime, datetime | None]] = [(created_at, None)]
    last: datetime = created_at
    opened, waited = True, False
    for at, stage in stages:
        last = max(at, last)  # two processes may disagree a little about the time
        if stage == "open":
            if not opened:
                spans.append((last, None))
            opened, waited = True, False
            continue
        if opened:
            spans[-1] = (spans[-1][0], last)
        opened, waited = False, waited or stage == "wait"
    if not opened and not waited:
        spans[-1] = (spans[-1][0], None)
    return spans
