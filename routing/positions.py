"""What a stored position of a conversation waits for, and whether a graph can go on from it."""

from datetime import UTC, datetime
from typing import Literal, assert_never

from pydantic import Field

from routing.answers import needs_list
from routing.configuration import (
    Automessage,
    Chatbot,
    Connector,
    CreateTicket,
    Decision,
    Destination,
    Goal,
    Queue,
    Request,
    Target,
)
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
from routing.graph import Graph, Place, path_of, tree_of
from routing.messages import Message
from routing.waits import Deadline, deadline


class Choice(Message):
    """Something that the customer can tap, or choose from a numbered list."""

    title: str
    payload: str
    to: str | None = Field(default=None, description="Where it leads; None for a chatbot's.")
    listed: bool = Field(default=False, description="It stands in a numbered list, so there is no button to tap.")


class Rest(Message):
    """What a conversation waits for."""

    waits_for: Literal["customer", "answer", "time", "request", "ticket", "chatbot", "queue", "people", "nothing"]
    place: str = Field(description="The path where the conversation stands.")
    words: str = Field(description="The same as a sentence.")
    until: datetime | None = Field(default=None, description="When something happens although nobody does anything.")
    reason: Literal["quiet", "no_answer", "idle", "automessage", "max_wait"] | None = None
    then: str | None = Field(default=None, description="Where that leads, if the conversation leaves this place then.")
    choices: tuple[Choice, ...] = ()


def rest(graph: Graph, conversation: Conversation) -> Rest:
    """What a position waits for, until when, and what can be chosen there."""
    waits_for, words = _waits_for(graph, conversation)
    due = deadline(graph, conversation)
    if due is not None:
        words = f"{words}, until {due.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({_DUE[due.reason]})"
    return Rest(
        waits_for=waits_for,
        place=conversation.place,
        words=words,
        until=None if due is None else due.at,
        reason=None if due is None else due.reason,
        then=None if due is None else _then(graph, conversation, due),
        choices=tuple(choices(graph, conversation)),
    )


def choices(graph: Graph, conversation: Conversation) -> list[Choice]:
    """What the customer can tap or choose now."""
    match conversation.waiting:
        case AwaitsAnswer():
            offers = [offer for offer in conversation.offers if offer.title]
            listed = needs_list([offer.title for offer in offers])
            return [
                Choice(title=one.title, payload=one.payload, to=_leads_to(graph, one.target), listed=listed)
                for one in offers
            ]
        case AwaitsBot() as waiting:
            return [
                Choice(title=click.title, payload=payload, listed=waiting.listed and click.kind == "quickreply")
                for payload, click in waiting.clicks.items()
            ]
        case Unopened():
            return ice_breakers(graph, conversation.connector)
        case _:
            return []


def ice_breakers(graph: Graph, name: str) -> list[Choice]:
    """What Instagram offers before anything was said."""
    connector = graph.find(f"connectors/{name}")
    breakers = connector.ice_breakers if isinstance(connector, Connector) else ()
    return [Choice(title=breaker.question, payload=breaker.payload) for breaker in breakers]


def misfit(graph: Graph, conversation: Conversation) -> str | None:
    """Why a graph cannot go on from this position, as a sentence; None where it can.

    A position comes from another revision, or from a sandbox that has changed since.
    """
    waiting = conversation.waiting
    if isinstance(waiting, Ended):
        return None
    place = graph.find(conversation.place)
    if place is None:
        return f"the conversation stands at {conversation.place}, which is no longer there: begin at another place"
    if not _fits(place, conversation):
        return f"{conversation.place} is no longer a place that waits for this ({waiting.type}): begin there anew"
    for offer in conversation.offers if isinstance(waiting, AwaitsAnswer) else ():
        target = graph.find(offer.target)
        if not isinstance(target, Target) or target.answer is None:
            return f"the answer offered by {offer.target} is no longer there: begin at {conversation.place} anew"
    return None


def _fits(place: Place, conversation: Conversation) -> bool:
    match conversation.waiting:
        case AwaitsAnswer():
            return isinstance(place, Decision)
        case AwaitsTime(index=index):
            return isinstance(place, Automessage) and 0 <= index < len(place.messages)
        case AwaitsRequest():
            return isinstance(place, Request)
        case AwaitsTicket():
            return isinstance(place, CreateTicket)
        case AwaitsBot():
            return isinstance(place, Chatbot)
        case AwaitsQueue():
            return isinstance(place, Queue)
        case AwaitsAgent():
            return isinstance(place, Queue | Connector)
        case Unopened() | Ended():
            return True
        case _:
            assert_never(conversation.waiting)


_DUE = {
    "quiet": "then what was written is the answer",
    "no_answer": "then no answer came in time",
    "idle": "then the customer has been silent for too long",
    "automessage": "then the time of a message has come",
    "max_wait": "then nobody was free in time",
}


def _waits_for(
    graph: Graph, conversation: Conversation
) -> tuple[
    Literal["customer", "answer", "time", "request", "ticket", "chatbot", "queue", "people", "nothing"],
    str,
]:
    waiting = conversation.waiting
    match waiting:
        case Unopened():
            return "customer", "waits for the customer's first words"
        case AwaitsAnswer():
            return "answer", "waits for an answer of the customer"
        case AwaitsTime():
            return "time", "waits for a time"
        case AwaitsRequest():
            return "request", "waits for the answer of a request"
        case AwaitsTicket():
            return "ticket", "waits for a ticket's number"
        case AwaitsBot():
            return "chatbot", "waits for the customer or the chatbot"
        case AwaitsQueue():
            return "queue", "is put into the queue"
        case AwaitsAgent(agent=None):
            return "people", "waits for people"
        case AwaitsAgent(agent=agent):
            return "people", f"is with {agent}"
        case Ended(cause=cause):
            title = graph.configuration.disconnection_causes.get(cause)
            return "nothing", f"has ended: {title.title if title else cause}"
        case _:
            assert_never(waiting)


def _then(graph: Graph, conversation: Conversation, due: Deadline) -> str | None:
    """Where a conversation goes at its deadline."""
    place = graph.find(conversation.place)
    to: Destination | Goal | None = None
    match due.reason:
        case "no_answer" if isinstance(place, Decision) and place.no_answer is not None:
            to = place.no_answer.to
        case "idle":
            connector = graph.find(f"connectors/{conversation.connector}")
            to = connector.idle.to if isinstance(connector, Connector) and connector.idle is not None else None
        case "max_wait" if isinstance(place, Queue):
            to = place.overflow
        case "automessage" if isinstance(place, Automessage) and isinstance(conversation.waiting, AwaitsTime):
            last = max(message.time for message in place.messages)
            to = place.next if conversation.waiting.arrived_at + last <= due.at else None
        case _:
            pass
    return (
        None
        if to is None
        else path_of(to, tree_of(conversation.place) if "/decisions/" in conversation.place else None)
    )


def _leads_to(graph: Graph, path: str) -> str | None:
    target = graph.find(path)
    return path_of(target.to, tree_of(path)) if isinstance(target, Target) else None
