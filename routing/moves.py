"""Moving an open conversation to another revision while it rests: whether that can be, and how it stands afterwards."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import AwareDatetime

from routing.configuration import Answer, Automessage, Loop, Target
from routing.conversation import AwaitsAnswer, AwaitsTime, Conversation, Offer, Waiting
from routing.graph import Graph
from routing.messages import Message


class Move(Message):
    """Asks a conversation to go on with another revision, whose canonical document comes along."""

    conversation: str
    revision: int
    document: str


class Moved(Message):
    """What came of it, to be recorded: `refused` says why the conversation stays on revision `before`.

    `number` is that of the visit in the trace, which says `why` at `path`; nothing is visited where it was refused.
    """

    conversation: str
    before: int
    revision: int
    at: AwareDatetime
    path: str
    number: int
    why: str = ""
    refused: str = ""


class CannotMove(Exception):
    """The conversation stays on its revision; the sentence says why."""


def moved(before: Graph, after: Graph, conversation: Conversation, revision: int) -> Conversation:
    """The resting conversation as it goes on with the graph `after`, which is that of `revision` (SPEC 2.4).

    Raises CannotMove where the place it stands at, its connector, a loop around it, a target that it offers or the
    message that it waits for is not there any more, or is something else now.
    """
    for path in (conversation.place, f"connectors/{conversation.connector}"):
        _same(before, after, path, revision)
    for path in conversation.walks:
        if conversation.place.startswith(f"{path}/"):
            _same(before, after, path, revision)
    waiting: Waiting = conversation.waiting
    offers = conversation.offers
    match waiting:
        case AwaitsAnswer():
            offers = tuple(_offer(before, after, conversation.place, offer, revision) for offer in offers)
        case AwaitsTime():
            waiting = waiting.model_copy(update={"index": _index(before, after, conversation.place, waiting, revision)})
        case _:
            pass
    changes = {"revision": revision, "waiting": waiting, "offers": offers, "visits": conversation.visits + 1}
    return conversation.model_copy(update=changes)


def _same(before: Graph, after: Graph, path: str, revision: int) -> None:
    place = after.find(path)
    if place is None:
        raise CannotMove(f"revision {revision} has no {path}")
    if type(place) is not type(before.find(path)):
        raise CannotMove(f"in revision {revision}, {path} is something else")
    if isinstance(place, Loop) and place.as_ != getattr(before.find(path), "as_", None):
        raise CannotMove(f"in revision {revision}, the loop {path} calls its elements something else")


# Answers that are offered ---------------------------------------------------------------------------------------------


def _offer(before: Graph, after: Graph, decision: str, offer: Offer, revision: int) -> Offer:
    """The offer at the target that has its answer now.

    An action that was inserted or removed shifts the paths of those behind it, and what a customer was offered must not
    come to mean what stands at its old path now. Only where its answer is nowhere, and the target at its path is no
    other one of old, that target's answer was edited.
    """
    answer = _answer(before, offer.target)
    if answer is not None and _answer(after, offer.target) == answer:
        return offer
    same = [path for path, other in _answers(after, decision) if other == answer]
    if len(same) == 1:
        return offer.model_copy(update={"target": same[0]})
    now = _answer(after, offer.target)
    if same:
        raise CannotMove(
            f"revision {revision} has several targets with the answer of {offer.target}, which was offered"
        )
    if now is None or answer is None:
        raise CannotMove(f"revision {revision} has no target {offer.target}, which was offered")
    if now.type != answer.type or any(other == now for _, other in _answers(before, decision)):
        raise CannotMove(f"in revision {revision}, {offer.target}, which was offered, is another answer")
    return offer


def _answers(graph: Graph, decision: str) -> Iterator[tuple[str, Answer]]:
    """The targets of a decision that the customer chooses, with their answers."""
    for path in graph.paths():
        if path.startswith(f"{decision}/actions/") and (answer := _answer(graph, path)) is not None:
            yield path, answer


def _answer(graph: Graph, path: str) -> Answer | None:
    target = graph.find(path)
    return target.answer if isinstance(target, Target) else None


# Messages that are waited for -----------------------------------------------------------------------------------------


def _index(before: Graph, after: Graph, path: str, waiting: AwaitsTime, revision: int) -> int:
    """The first message behind the time of the last one that has passed: none is said twice, and none is left out."""
    old, new = _times(before, path), _times(after, path)
    passed = old[waiting.index - 1] if waiting.index else timedelta(-1)
    index = sum(time <= passed for time in new)
    if index == len(new):
        raise CannotMove(f"in revision {revision}, no message of {path} is left to wait for")
    return index


def _times(graph: Graph, path: str) -> list[timedelta]:
    automessage = graph.find(path)
    return sorted(message.time for message in automessage.messages) if isinstance(automessage, Automessage) else []
