"""Where a conversation can go, and how long the customer can be silent on the way (SPEC 2, facts 2.2).

It follows what the interpreter does at each place; `docs/explanation/window.md` says what is assumed.
"""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from routing.configuration import (
    Automessage,
    Chatbot,
    Configuration,
    Decision,
    DecisionTree,
    Goal,
    NoMatch,
    Queue,
    Terminate,
    TimeCondition,
)
from routing.graph import PLACES, path_of, tree_of
from routing.problems.manners import Manner
from routing.problems.outline import OFFERED, PAUSED, Outline, outline
from routing.problems.problem import Report
from routing.problems.walk import decisions_of

PEOPLE = timedelta(days=7)
"""How long people can keep a conversation: until then they may write to a silent customer (facts 2.2, HUMAN_AGENT)."""


class Arrival(NamedTuple):
    """A conversation comes to a place; `unread`: it may bring words of the customer that no place has taken yet."""

    path: str
    unread: bool = False


class Lead(NamedTuple):
    """The way on to another place, `after` seconds that the setting at the path `why` asks for.

    `fresh`: the customer has written just before, so that nothing that came earlier counts.
    """

    to: Arrival
    after: float = 0.0
    why: str = ""
    fresh: bool = False


class Message(NamedTuple):
    """A message at `path` that is sent `after` seconds after the arrival; `why` is the setting that asks for them."""

    path: str
    after: float = 0.0
    why: str = ""


TAKEN_OVER = Arrival("taken over")
"""A person has answered in the Instagram app itself."""
ANY_QUEUE = Arrival("any queue")
"""A chatbot has handed over."""
LEFT_ALONE = Arrival("left alone")
"""The customer says nothing, and the connector's idle limit begins to count."""
ASIDE = (TAKEN_OVER, ANY_QUEUE, LEFT_ALONE)
"""What many places lead to and what leads to many, so that not each of them has to lead to each."""


class Silence:
    """The places of a configuration; `leads` and `messages` say what can happen at each of them."""

    def __init__(self, configuration: Configuration, report: Report) -> None:
        self.configuration = configuration
        self.report = report
        self.places: dict[str, object] = {
            f"{kind}/{name}": entity for kind in PLACES for name, entity in getattr(configuration, kind).items()
        }
        self.places.update((path, decision) for _, path, decision in decisions_of(configuration))
        self._outlines: dict[str, Outline] = {}

    def starts(self, manner: Manner) -> Iterator[Lead]:
        """The customer's first words have opened a conversation, and the first place has them."""
        return (Lead(Arrival(path_of(start), True), fresh=True) for start in manner.starts)

    def messages(self, path: str) -> Iterator[Message]:
        """What this configuration itself sends at a place; nothing where it cannot be read."""
        place = self._place(path)
        match place:
            case Automessage():
                for index, message in enumerate(place.messages):
                    if message.text is not None:
                        at = f"{path}/messages/{index}"
                        yield Message(at, message.time.total_seconds(), at)
            case Decision():
                found = self.outline(path, place)
                yield from (Message(at) for at in found.messages)
                if found.asks_with_title:
                    yield Message(path)
            case NoMatch():
                yield Message(path)
            case Queue() if place.welcome is not None:
                yield Message(f"{path}/welcome")
            case Terminate() if place.auto_response in self.configuration.templates:
                yield Message(f"{path}/auto_response")
            case _:
                pass

    def leads(self, arrival: Arrival, manner: Manner) -> Iterator[Lead]:
        """Where a conversation can go from a place; only to places that are there."""
        for lead in self._leads(arrival, manner):
            place = self._place(lead.to.path)
            if isinstance(place, Queue | Terminate | NoMatch):
                yield lead._replace(to=Arrival(lead.to.path))  # these take no earlier words
            elif place is not None or lead.to in ASIDE:
                yield lead

    def outline(self, path: str, decision: Decision) -> Outline:
        if path not in self._outlines:
            self._outlines[path] = outline(path, decision)
        return self._outlines[path]

    def _place(self, path: str) -> object:
        decision = self.places.get(path.removesuffix("/no_match")) if path.endswith("/no_match") else None
        place = decision.no_match if isinstance(decision, Decision) else self.places.get(path)
        if not self.report.holes:
            return place
        # A tree is only its start here; what cannot be read elsewhere in it matters when it is reached.
        unread = self.report.hidden(f"{path}/start") if isinstance(place, DecisionTree) else self.report.hole_in(path)
        return None if unread else place

    def _leads(self, arrival: Arrival, manner: Manner) -> Iterator[Lead]:
        path, unread = arrival
        place = self._place(path)
        match place:
            case Automessage():
                yield from _timed(path, place, unread)
            case TimeCondition():
                yield Lead(Arrival(path_of(place.open), unread))
                yield Lead(Arrival(path_of(place.closed), unread))
            case DecisionTree():
                yield Lead(Arrival(f"{path}/decisions/{place.start}", unread))
            case Decision():
                yield from self._decided(path, place, unread, manner)
            case Chatbot():
                yield from _talked(place, unread)
                yield Lead(LEFT_ALONE)
            case Queue():
                if place.max_wait is not None and place.overflow is not None:
                    yield Lead(Arrival(path_of(place.overflow)), place.max_wait.total_seconds(), f"{path}/max_wait")
                yield from _closed(path, place)
            case _ if arrival == TAKEN_OVER:
                for name in manner.takeovers:
                    queue = self._place(f"queues/{name}")
                    if isinstance(queue, Queue):
                        yield from _closed(f"queues/{name}", queue)
            case _ if arrival == LEFT_ALONE:
                for connector, idle in manner.idles:
                    yield Lead(Arrival(path_of(idle.to)), idle.after.total_seconds(), f"{connector}/idle/after")
            case _ if arrival == ANY_QUEUE:
                yield from (Lead(Arrival(f"queues/{name}")) for name in self.configuration.queues)
            case _:
                pass

    def _decided(self, path: str, decision: Decision, unread: bool, manner: Manner) -> Iterator[Lead]:
        found = self.outline(path, decision)
        tree, no_match, no_answer = tree_of(path), decision.no_match, decision.no_answer
        missed_to = None if no_match is None else no_match.to
        if found.pauses:
            yield Lead(TAKEN_OVER)
        for goal, paused in found.taken:
            yield from _on(goal, tree, unread, paused)
        if missed_to is not None and any(not end & OFFERED for end in found.ends):
            yield from _on(missed_to, tree, unread, any(end & PAUSED and not end & OFFERED for end in found.ends))
        waits = found.waits(without_answers=missed_to is None and no_answer is not None)
        once = no_match is not None and missed_to is not None and no_match.attempts == 1
        """The first miss leads away."""
        if unread and False in waits:  # what the customer wrote before is the answer
            yield from self._answered(path, decision, found, manner, once or manner.each, Lead(Arrival("")))
        if True in waits or (waits and (not unread or (found.misses and not once))):
            yield Lead(TAKEN_OVER)
            heard = Lead(Arrival(""), manner.quiet, manner.quiet_why, fresh=True)
            yield from self._answered(path, decision, found, manner, True, heard)
            # At the same time the decision's own rule comes before the connector's.
            after = math.inf if no_answer is None else no_answer.after.total_seconds()
            if no_answer is not None and after <= manner.latest:
                yield Lead(Arrival(path_of(no_answer.to, tree)), after, f"{path}/no_answer/after")
            if manner.soonest < after:
                yield Lead(LEFT_ALONE)

    def _answered(
        self, path: str, decision: Decision, found: Outline, manner: Manner, leaves: bool, heard: Lead
    ) -> Iterator[Lead]:
        """Where words of the customer lead, `heard` in this way; `leaves`: they can be the miss that leads away."""
        goals, no_match = list(found.answers), decision.no_match
        if no_match is not None and found.misses:
            if no_match.to is not None and leaves:
                goals.append(no_match.to)
            if no_match.text is not None and (no_match.to is None or no_match.attempts > 1):
                yield heard._replace(to=Arrival(f"{path}/no_match"))
        for goal in goals:
            to = path_of(goal, tree_of(path))
            yield heard._replace(to=Arrival(to))
            if manner.each:
                yield heard._replace(to=Arrival(to, True))


def _timed(path: str, automessage: Automessage, unread: bool) -> Iterator[Lead]:
    last = max(range(len(automessage.messages)), key=lambda index: automessage.messages[index].time)
    after, why = automessage.messages[last].time.total_seconds(), f"{path}/messages/{last}"
    yield Lead(Arrival(path_of(automessage.next), unread), after, why)
    if not after:
        return
    yield Lead(TAKEN_OVER)
    # What the customer writes meanwhile ends the wait, or is unread at its end: at the worst it came right away.
    wait = 0.0 if automessage.on_reply == "next" else after
    yield Lead(Arrival(path_of(automessage.next), True), wait, why if wait else "", fresh=True)


def _talked(chatbot: Chatbot, unread: bool) -> Iterator[Lead]:
    """The bot fails, or hands over: at once where it is told of the arrival, else when the customer writes."""
    fallback = path_of(chatbot.fallback)
    if unread or chatbot.send_start_message:
        yield Lead(Arrival(fallback))
        yield Lead(ANY_QUEUE)
        if unread and not chatbot.send_start_message:
            yield Lead(Arrival(fallback, True))
    yield Lead(Arrival(fallback), fresh=True)
    yield Lead(Arrival(fallback, True), fresh=True)
    yield Lead(ANY_QUEUE, fresh=True)
    yield Lead(TAKEN_OVER)


def _closed(path: str, queue: Queue) -> Iterator[Lead]:
    if queue.after_close is not None:
        yield Lead(Arrival(path_of(queue.after_close)), PEOPLE.total_seconds(), f"{path}/after_close")


def _on(goal: Goal, tree: str, unread: bool, paused: bool) -> Iterator[Lead]:
    """At once; where the web was waited for, the customer may have written meanwhile."""
    path = path_of(goal, tree)
    yield Lead(Arrival(path, unread))
    if paused:
        yield Lead(Arrival(path, True), fresh=True)
