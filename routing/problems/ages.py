"""How long ago the customer can have written when a conversation comes to a place: exactly, and the shortest proof.

Silence adds up along the ways between places, and no way is longer than round and round a circle that takes time. So
the places that lead to each other in silence are found first: such a circle makes them, and all behind them, endless;
what is left has no circles but those that take no time, and is added up in one pass.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from routing.problems.circles import components, numbered, way_back
from routing.problems.manners import Manner
from routing.problems.silence import Arrival, Lead, Message, Silence

DELAYS = 6
"""So many delays one after the other are looked for to prove that a message can be late; a longer proof is the longest
way itself, or a circle."""
SHOWN = 8
"""The most delays that a proof names: the first ones and the last."""


class Delay(NamedTuple):
    """The setting at the path `why` lets `seconds` pass."""

    why: str
    seconds: float


class Proof(NamedTuple):
    """What adds up to `seconds` since the customer's last message; `left_out` delays before the last are not named.

    With `endless` the delays are a circle that goes on and on.
    """

    delays: tuple[Delay, ...] = ()
    seconds: float = 0.0
    left_out: int = 0
    endless: bool = False

    def then(self, delay: Delay) -> "Proof":
        if not delay.seconds:
            return self
        full = len(self.delays) == SHOWN
        delays = (*(self.delays[:-1] if full else self.delays), delay)
        return self._replace(delays=delays, seconds=self.seconds + delay.seconds, left_out=self.left_out + full)

    @property
    def repeats(self) -> bool:
        return len({delay.why for delay in self.delays}) < len(self.delays)


class Ages:
    """What one manner of connectors can make of a configuration, from the customer's first words on."""

    def __init__(self, silence: Silence, manner: Manner) -> None:
        self.silence = silence
        self.ways: dict[Arrival, list[Lead]] = {}
        """The ways on in silence from each arrival that can be."""
        self.fresh: dict[Arrival, Delay] = {}
        """The longest wait after a word of the customer that ends in this arrival."""
        self._explore(manner)
        self.sets = components({place: [lead.to for lead in ways] for place, ways in self.ways.items()})
        self.number = numbered(self.sets)
        self._oldest = [-math.inf] * len(self.sets)
        self._longest = [Proof()] * len(self.sets)
        """What adds up to the oldest age, without what comes before a circle."""
        self._circle: list[int | None] = [None] * len(self.sets)
        """The number of a set with a circle that takes time and leads here."""
        self._add_up()
        self._circles: dict[int, Proof] = {}
        self._rounds: list[dict[Arrival, Proof]] = []
        self._reached: dict[Arrival, float] = {}

    def oldest(self, arrival: Arrival) -> float:
        """The most seconds that the customer can have been silent on arrival; infinite behind a circle of delays."""
        return self._oldest[self.number[arrival]]

    def proof(self, arrival: Arrival, message: Message, limit: float) -> Proof:
        """Why this message can come `limit` seconds or more after the customer's last one, in as few delays as can be.

        A way through the same delay twice is told as the circle that it is.
        """
        own = Delay(message.why, message.after)
        fewest = None
        for found in self._fewest():
            fewest = found.get(arrival)
            if fewest is not None and fewest.seconds + message.after >= limit:
                break
        else:
            fewest = None
        at = self.number[arrival]
        circle = self._circle[at]
        if circle is not None and (fewest is None or fewest.then(own).repeats):
            if circle not in self._circles:
                self._circles[circle] = self._around(circle)
            return self._circles[circle]
        return (fewest or self._longest[at]).then(own)

    # The places and the ways between them -----------------------------------------------------------------------------

    def _explore(self, manner: Manner) -> None:
        waiting: list[Arrival] = []
        for lead in self.silence.starts(manner):
            self._take(lead, waiting)
        for place in waiting:
            for lead in self.silence.leads(place, manner):
                self._take(lead, waiting)
                if not lead.fresh:
                    self.ways[place].append(lead)

    def _take(self, lead: Lead, waiting: list[Arrival]) -> None:
        if lead.to not in self.ways:
            self.ways[lead.to] = []
            waiting.append(lead.to)
        if lead.fresh and (lead.to not in self.fresh or self.fresh[lead.to].seconds < lead.after):
            self.fresh[lead.to] = Delay(lead.why, lead.after)

    # Exactly ----------------------------------------------------------------------------------------------------------

    def _add_up(self) -> None:
        for at in range(len(self.sets) - 1, -1, -1):  # what leads elsewhere comes last in `sets`
            for place in self.sets[at]:
                if place in self.fresh:
                    self._offer(at, Proof(), self.fresh[place])
            if any(lead.after and self.number[lead.to] == at for place in self.sets[at] for lead in self.ways[place]):
                self._oldest[at], self._circle[at] = math.inf, at
            for place in self.sets[at]:
                for lead in self.ways[place]:
                    to = self.number[lead.to]
                    if to != at:
                        self._offer(to, self._longest[at], Delay(lead.why, lead.after), self._circle[at])

    def _offer(self, to: int, before: Proof, delay: Delay, circle: int | None = None) -> None:
        age = math.inf if circle is not None else before.seconds + delay.seconds
        if age > self._oldest[to]:
            self._oldest[to], self._longest[to], self._circle[to] = age, before.then(delay), circle

    def _around(self, at: int) -> Proof:
        """A circle of delays in a set of places."""
        inside = {place: [lead for lead in self.ways[place] if self.number[lead.to] == at] for place in self.sets[at]}
        place, lead = next((place, lead) for place in reversed(self.sets[at]) for lead in inside[place] if lead.after)
        # The way from behind this delay back to before it: the delay itself stands for a step without a choice.
        links = {one: [way.to for way in ways] for one, ways in inside.items()} | {place: [lead.to]}
        circle = way_back(place, links, dict.fromkeys(inside, 0))
        proof = Proof(endless=True).then(Delay(lead.why, lead.after))
        for one, to in zip(circle[1:], (*circle[2:], place), strict=False):
            slowest = max((way for way in inside[one] if way.to == to), key=lambda way: way.after)
            proof = proof.then(Delay(slowest.why, slowest.after))
        return proof

    # In few delays ----------------------------------------------------------------------------------------------------

    def _fewest(self) -> Iterator[dict[Arrival, Proof]]:
        """For each number of delays, the arrivals that it makes older than fewer delays do; worked out when asked."""
        for number in range(DELAYS + 1):
            if number == len(self._rounds):
                self._rounds.append(self._at_once(self._offers(number)))
            yield self._rounds[number]

    def _offers(self, number: int) -> list[tuple[Arrival, Proof]]:
        """What one more delay makes of the round before; at first, the customer has just written."""
        if number == 0:
            return [(place, Proof()) for place in self.fresh]
        offers = [
            (lead.to, proof.then(Delay(lead.why, lead.after)))
            for place, proof in self._rounds[number - 1].items()
            for lead in self.ways[place]
            if lead.after
        ]
        if number == 1:
            offers += [(place, Proof().then(delay)) for place, delay in self.fresh.items()]
        return offers

    def _at_once(self, offers: list[tuple[Arrival, Proof]]) -> dict[Arrival, Proof]:
        """Pass on what arrives as far as it gets without a further delay, the oldest first."""
        found: dict[Arrival, Proof] = {}
        for place, proof in sorted(offers, key=lambda offer: -offer[1].seconds):
            waiting = [place]
            while waiting:
                at = waiting.pop()
                if proof.seconds > self._reached.get(at, -1.0):
                    self._reached[at], found[at] = proof.seconds, proof
                    waiting.extend(lead.to for lead in self.ways[at] if not lead.after)
        return found
