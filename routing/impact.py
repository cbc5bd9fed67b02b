"""Which recorded conversations would have gone elsewhere on another graph, and where (SPEC 9.3)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import zip_longest

from pydantic import Field

from routing.changes import Changes
from routing.conversation import Conversation, Ended
from routing.graph import Graph
from routing.messages import Message, Visit
from routing.recordings import Past, Recording, Stop, Told, stops, told, whole, words
from routing.replay import Replay, Unknown

GraphOf = Callable[[int], Graph | None]
"""The graph of a revision, by its number."""


class Outcome(Message):
    """Where a conversation came to: the place where it ended or was standing at the end of the recording."""

    place: str = Field(description="A destination `kind/name`, or a decision of a tree.")
    ended: bool = False
    at: datetime | None = Field(default=None, description="When it ended.")
    terminate: str | None = None
    cause: str | None = None
    queue: str | None = Field(default=None, description="The queue under which its end is booked.")
    answered: bool = False
    missed: bool = False


class Turning(Message):
    """The first step that differs. A visit is None where the conversation stays in that world."""

    number: int = Field(description="The number, in the recorded trace, of the step that is different now.")
    at: datetime
    before: Visit | None = Field(description="The last visit before, at a place where both were.")
    old: Visit | None = Field(description="Where the conversation went then, and why.")
    new: Visit | None = Field(description="Where it would go now, and why.")
    old_to: str = Field(description="The destination or decision to which it went; where it stays, that it stays at.")
    new_to: str


class Which(Message):
    """A conversation of the report."""

    name: str
    connector: str
    revision: int
    opened_at: datetime


class Moved(Message):
    """A conversation that would have gone elsewhere, or would have ended otherwise at the same place."""

    conversation: Which
    turning: Turning
    old: Outcome
    new: Outcome
    unknown_from: Unknown | None = Field(
        default=None, description="From here on the new way is not known, because it was never recorded."
    )
    left: int = Field(default=0, description="So many later messages of the customer would open another conversation.")


class Reworded(Message):
    """A conversation that goes the same way, with other words."""

    conversation: Which
    messages: int = Field(description="How many messages differ.")
    old: Told | None = Field(description="The first that differs; None where there was none.")
    new: Told | None


class Undecided(Message):
    """A conversation that goes the same way up to a place from which on nothing is known."""

    conversation: Which
    unknown_from: Unknown


class Unfaithful(Message):
    """A conversation that does not come out as it did on its own revision either, so that nothing is said of it."""

    conversation: Which


Found = Moved | Reworded | Undecided | Unfaithful


class Flow(Message):
    """How many conversations go to one destination instead of another."""

    old: str
    new: str
    count: int


class Impact(Message):
    """What a graph would have changed for recorded conversations, in the order in which they were given."""

    compared: int = 0
    same: int = Field(default=0, description="Conversations that would have gone the same way with the same words.")
    moved: tuple[Moved, ...] = ()
    texts_only: tuple[Reworded, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    unfaithful: tuple[Unfaithful, ...] = ()
    flows: tuple[Flow, ...] = Field(default=(), description="By the first step that differs, the largest first.")
    outcomes: tuple[Flow, ...] = Field(default=(), description="By the last place, the largest first.")


def impact(graph: Graph, recordings: Iterable[Recording], revision: GraphOf | None = None) -> Impact:
    """Compare recorded conversations with what they would be on a graph.

    The recorded trace is the old way. Where `revision` knows the graph that a conversation ran on, one that met nothing
    of what changed is not run again; and where the new way differs, the recording is also run on the old graph: only
    what comes out there as it was recorded is blamed on the new one.
    """
    moved: list[Moved] = []
    reworded: list[Reworded] = []
    undecided: list[Undecided] = []
    unfaithful: list[Unfaithful] = []
    compared = 0
    comparison = Comparison(graph, revision)
    for recording in recordings:
        compared += 1
        match comparison.compare(recording):
            case Moved() as one:
                moved.append(one)
            case Reworded() as one:
                reworded.append(one)
            case Undecided() as one:
                undecided.append(one)
            case Unfaithful() as one:
                unfaithful.append(one)
            case None:
                pass
    listed = len(moved) + len(reworded) + len(undecided) + len(unfaithful)
    return Impact(
        compared=compared,
        same=compared - listed,
        moved=tuple(moved),
        texts_only=tuple(reworded),
        undecided=tuple(undecided),
        unfaithful=tuple(unfaithful),
        flows=_flows((one.turning.old_to, one.turning.new_to) for one in moved),
        outcomes=_flows((one.old.place, one.new.place) for one in moved),
    )


def compare(graph: Graph, recording: Recording, revision: GraphOf | None = None) -> Found | None:
    """What a graph changes for one conversation; None for nothing."""
    return Comparison(graph, revision).compare(recording)


class Comparison:
    """A graph that recordings of any revision are compared with."""

    def __init__(self, graph: Graph, revision: GraphOf | None = None) -> None:
        self.graph = graph
        self.revision = revision
        self._changes: dict[int, Changes | None] = {}

    def compare(self, recording: Recording) -> Found | None:
        """What the graph changes for a conversation; None for nothing."""
        past = Past(recording)
        changes = self.changes(recording.revision)
        if changes is not None and not changes.touch(past):
            return None
        new = Replay(self.graph, recording, past).run()
        found = _difference(recording, past, new, recording.said)
        if found is None or changes is None:
            return found
        old = Replay(changes.old, recording, past).run()
        if old.unknown is not None or _paths(stops(old.visited)) != _paths(past.stops):
            return Unfaithful(conversation=_which(recording))
        # What the old graph says now is compared, so that it does not matter how a message was kept.
        return _difference(recording, past, new, None if recording.said is None else _said(old))

    def changes(self, revision: int) -> Changes | None:
        """What is different since a revision; None where its graph is not known."""
        if revision not in self._changes:
            before = None if self.revision is None else self.revision(revision)
            self._changes[revision] = None if before is None else Changes(before, self.graph)
        return self._changes[revision]


def _difference(recording: Recording, past: Past, new: Replay, said: Sequence[Told] | None) -> Found | None:
    route = stops(new.visited)
    turn = _turn(past.stops, route, stays=new.unknown is not None)
    if turn is None and new.unknown is not None:
        return Undecided(conversation=_which(recording), unknown_from=new.unknown)
    old_end, new_end = recording.ended, _end(new.conversation)
    if turn is None and old_end is not None and new_end is not None and _booked(old_end) != _booked(new_end):
        turn = len(past.stops)
    if turn is None and (old_end is None) != (new_end is None):
        turn = len(past.stops)
    if turn is not None:
        return Moved(
            conversation=_which(recording),
            turning=_turning(recording, past, new, route, turn),
            old=_outcome(past.stops, old_end),
            new=_outcome(route, new_end),
            unknown_from=new.unknown,
            left=new.left,
        )
    return _reworded(recording, new, said)


def _turn(old: Sequence[Stop], new: Sequence[Stop], *, stays: bool) -> int | None:
    """The index of the first stop that differs; `stays`: behind the end of the new way nothing is known."""
    for index, (one, other) in enumerate(zip_longest(old, new)):
        if other is None and stays:
            return None
        if one is None or other is None or one.path != other.path:
            return index
    return None


def _turning(recording: Recording, past: Past, new: Replay, route: Sequence[Stop], turn: int) -> Turning:
    old_visit, new_visit = _visit(recording.trace, past.stops, turn), _visit(new.visited, route, turn)
    # The last visit that both have in common is where the new way leaves the old one.
    number = past.stops[turn].at_index + 1 if turn < len(past.stops) else len(recording.trace)
    last = route[turn].at_index if turn < len(route) else len(new.visited)
    before = new.visited[last - 1] if last else None
    first = new_visit or old_visit or before
    return Turning(
        number=number,
        at=first.at if first is not None else recording.opened_at,
        before=before,
        old=old_visit,
        new=new_visit,
        old_to=_stop(past.stops, turn),
        new_to=_stop(route, turn),
    )


def _visit(trace: Sequence[Visit], found: Sequence[Stop], turn: int) -> Visit | None:
    return trace[found[turn].at_index] if turn < len(found) else None


def _stop(found: Sequence[Stop], turn: int) -> str:
    return found[min(turn, len(found) - 1)].path if found else ""


def _outcome(found: Sequence[Stop], end: Ended | None) -> Outcome:
    place = found[-1].path if found else ""
    if end is None:
        return Outcome(place=place)
    return Outcome(
        place=place,
        ended=True,
        at=end.at,
        terminate=end.terminate,
        cause=end.cause,
        queue=end.queue,
        answered=end.answered,
        missed=end.queue is not None and not end.answered,
    )


def _end(conversation: Conversation) -> Ended | None:
    return conversation.waiting if isinstance(conversation.waiting, Ended) else None


def _booked(end: Ended) -> tuple[str | None, str, str | None, bool]:
    return end.terminate, end.cause, end.queue, end.answered


def _which(recording: Recording) -> Which:
    return Which(
        name=recording.name,
        connector=recording.connector,
        revision=recording.revision,
        opened_at=recording.opened_at,
    )


def _paths(found: Sequence[Stop]) -> list[str]:
    return [stop.path for stop in found]


def _flows(pairs: Iterable[tuple[str, str]]) -> tuple[Flow, ...]:
    counted = sorted(Counter(pairs).items(), key=lambda one: (-one[1], one[0]))
    return tuple(Flow(old=old, new=new, count=count) for (old, new), count in counted)


# Words ----------------------------------------------------------------------------------------------------------------


def _reworded(recording: Recording, new: Replay, said: Sequence[Told] | None) -> Reworded | None:
    if said is None:
        return None
    before, after = whole(said), _said(new)
    old_words, new_words = [words(one) for one in before], [words(one) for one in after]
    if old_words == new_words:
        return None
    same = SequenceMatcher(None, old_words, new_words, autojunk=False)
    changes = [(i, j, k, m) for what, i, j, k, m in same.get_opcodes() if what != "equal"]
    first, first_end, second, second_end = changes[0]
    return Reworded(
        conversation=_which(recording),
        messages=sum(max(j - i, m - k) for i, j, k, m in changes),
        old=before[first] if first < first_end else None,
        new=after[second] if second < second_end else None,
    )


def _said(replay: Replay) -> list[Told]:
    """What the graph and chatbots said; people's words are what they are."""
    return [told(send) for send in replay.said if send.author != "agent"]
