"""When a waiting conversation must be looked at again, and why."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never

from routing.configuration import Automessage, Connector, Decision, Queue
from routing.conversation import (
    AwaitsAgent,
    AwaitsAnswer,
    AwaitsBot,
    AwaitsQueue,
    AwaitsRequest,
    AwaitsTicket,
    AwaitsTime,
    Conversation,
    Ended,
    Unopened,
)
from routing.graph import Graph


class Deadline(NamedTuple):
    """The time at which something happens to a conversation although nobody does anything."""

    at: datetime
    reason: Literal["quiet", "no_answer", "idle", "automessage", "max_wait"]


def deadline(graph: Graph, conversation: Conversation) -> Deadline | None:
    """The earliest time that this conversation waits for; None when only an event can move it."""
    waiting = conversation.waiting
    place = graph.find(conversation.place)
    match waiting:
        case AwaitsAnswer():
            if waiting.settles_at is not None:
                return Deadline(waiting.settles_at, "quiet")
            quiet_since = _later(waiting.asked_at, conversation.wrote_at)
            idle = _idle(graph, conversation, quiet_since)
            if isinstance(place, Decision) and place.no_answer is not None:
                no_answer = Deadline(quiet_since + place.no_answer.after, "no_answer")
                # At the same time the decision's own rule comes first.
                return idle if idle is not None and idle.at < no_answer.at else no_answer
            return idle
        case AwaitsTime():
            if isinstance(place, Automessage):
                times = sorted(message.time for message in place.messages)
                return Deadline(waiting.arrived_at + times[waiting.index], "automessage")
            return None
        case AwaitsBot():
            return _idle(graph, conversation, _later(waiting.since, conversation.wrote_at))
        case AwaitsAgent():
            if isinstance(place, Queue) and not waiting.answered and place.max_wait and place.overflow:
                return Deadline(waiting.since + place.max_wait, "max_wait")
            return None
        case AwaitsRequest() | AwaitsTicket() | AwaitsQueue() | Ended() | Unopened():
            return None
        case _:
            assert_never(waiting)


def _idle(graph: Graph, conversation: Conversation, since: datetime) -> Deadline | None:
    connector = graph.find(f"connectors/{conversation.connector}")
    if isinstance(connector, Connector) and connector.idle is not None:
        return Deadline(since + connector.idle.after, "idle")
    return None


def _later(first: datetime, second: datetime | None) -> datetime:
    return first if second is None else max(first, second)
