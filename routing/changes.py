"""Which places mean something else on another graph, and whether a recorded conversation met any of them."""

from routing.configuration import DecisionTree, Terminate, TimeCondition
from routing.graph import Graph, path_of
from routing.hours import opening
from routing.messages import BotReplied, Transferred
from routing.recordings import Past


class Changes:
    """The destinations and decisions that differ between two graphs.

    The core goes by nothing but what stands at the places that it visits, the connector, and what concerns all of them.
    So a conversation that met no change goes the same way with the same words, without being run again.
    """

    def __init__(self, old: Graph, new: Graph) -> None:
        self.old = old
        self.new = new
        was, now = old.configuration, new.configuration
        self.everywhere = was.languages != now.languages or was.custom_fields != now.custom_fields
        paths = [*old.paths(), *(path for path in new.paths() if old.find(path) is None)]
        self.places = frozenset(path for path in paths if "/actions/" not in path and self._differs(path))

    def touch(self, past: Past) -> bool:
        """Whether a conversation may have met a change."""
        recording = past.recording
        if self.everywhere or not past.stops or f"connectors/{recording.connector}" in self.places:
            return True
        if any(path in self.places for path in past.paths):
            return True
        if any(self._other_time(past, index) for index in range(len(past.stops))):
            return True
        named = (_named(one.event) for one in recording.happened)
        return any((self.old.find(path) is None) != (self.new.find(path) is None) for path in named if path)

    def _differs(self, path: str) -> bool:
        was, now = self.old.find(path), self.new.find(path)
        match was, now:
            case TimeCondition(), TimeCondition():
                return False  # it matters only where it leads at the time, which `_other_time` looks at
            case DecisionTree(), DecisionTree():
                return was.start != now.start  # its decisions are places of their own
            case Terminate(), Terminate():
                return was != now or self._said_by(was, self.old) != self._said_by(now, self.new)
            case _:
                return was != now

    def _said_by(self, terminate: Terminate, graph: Graph) -> object:
        return graph.configuration.templates.get(terminate.auto_response or "")

    def _other_time(self, past: Past, index: int) -> bool:
        """Whether a time condition would lead elsewhere now, at the time at which the conversation came to it."""
        stop = past.stops[index]
        place = self.new.find(stop.path)
        if not isinstance(place, TimeCondition):
            return False
        groups = self.new.configuration.time_groups
        found = opening(groups, place.time_group, past.recording.trace[stop.at_index].at)
        to = path_of(place.open if found.open else place.closed)
        return index + 1 == len(past.stops) or past.stops[index + 1].path != to


def _named(event: object) -> str | None:
    """The path of a place that an event names; whether there is one decides where the conversation goes."""
    match event:
        case Transferred():
            return event.to
        case BotReplied() if event.transfer is not None:
            return f"queues/{event.transfer}"
        case _:
            return None
