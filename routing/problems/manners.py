"""What connectors say about all places: how bursts become answers, and where silence and people lead."""

import math
from typing import NamedTuple

from routing.configuration import Configuration, Connector, Destination, Idle
from routing.problems.problem import Report


class Manner(NamedTuple):
    """What one or more connectors do.

    `idles` has the connector's path with each: the soonest comes after `soonest` seconds (infinite: there is none) and
    the latest after `latest` (infinite: a connector has none). `quiet` seconds are asked for at the path `quiet_why`.
    """

    quiet: float
    quiet_why: str
    each: bool
    idles: tuple[tuple[str, Idle], ...]
    soonest: float
    latest: float
    takeovers: tuple[str, ...]
    starts: tuple[Destination, ...]


def manners(configuration: Configuration, report: Report) -> list[Manner]:
    """One manner for all connectors that do the same, without those that cannot be read."""
    found: dict[object, list[Manner]] = {}
    for name, connector in configuration.connectors.items():
        if not report.hole_in(f"connectors/{name}"):
            one = _manner(f"connectors/{name}", connector)
            found.setdefault((one.quiet, one.each, connector.idle, one.takeovers), []).append(one)
    return [same[0]._replace(starts=tuple(start for one in same for start in one.starts)) for same in found.values()]


def together(several: list[Manner]) -> Manner:
    """A manner in which everything is possible that is in one of these."""
    slowest = max(several, key=lambda one: one.quiet)
    return Manner(
        slowest.quiet,
        slowest.quiet_why,
        any(one.each for one in several),
        tuple(idle for one in several for idle in one.idles),
        min(one.soonest for one in several),
        max(one.latest for one in several),
        tuple(dict.fromkeys(queue for one in several for queue in one.takeovers)),
        tuple(start for one in several for start in one.starts),
    )


def _manner(path: str, connector: Connector) -> Manner:
    idle, queue = connector.idle, connector.takeover_queue
    after = math.inf if idle is None else idle.after.total_seconds()
    return Manner(
        connector.burst.quiet.total_seconds(),
        f"{path}/burst/quiet",
        connector.burst.answer == "each",
        () if idle is None else ((path, idle),),
        after,
        after,
        (queue,) if connector.takeover and queue is not None else (),
        (connector.next,),
    )
