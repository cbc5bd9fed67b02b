"""What a decision says, where it leads at once and what it waits for, on any way through its actions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from routing.configuration import (
    Action,
    ButtonAnswer,
    Condition,
    CreateTicket,
    Decision,
    GeneratedButtonsAnswer,
    Goal,
    Loop,
    Request,
    SaveData,
    SendMessage,
    Target,
)
from routing.problems.answers import catches

SAID, TITLED, OFFERED, PAUSED, CARRIES = 1, 2, 4, 8, 16
"""What can have happened until some point of the actions: a message, a quick reply, any answer, a wait for the web, and
that the newest message has not left yet and can carry quick replies."""
NOTHING = frozenset({0})


class Effect(NamedTuple):
    """What an action makes of what has happened: `keeps` of it, and `adds` to it."""

    keeps: int = ~0
    adds: int = 0


UNCHANGED = frozenset({Effect()})


@dataclass
class Outline:
    """`messages`: paths of what can be sent; `taken`: targets taken at once, and whether a pause can come before.

    `ends` are the ways in which the actions can run out, as sums of SAID and the like; `answers` the goals of the
    answers that can be waited for; `misses`: the customer can write what fits none of them.
    """

    messages: list[str] = field(default_factory=list[str])
    taken: list[tuple[Goal, bool]] = field(default_factory=list[tuple[Goal, bool]])
    answers: list[Goal] = field(default_factory=list[Goal])
    ends: frozenset[int] = frozenset()
    misses: bool = True
    pauses: bool = False

    @property
    def asks_with_title(self) -> bool:
        """Whether quick replies can need a message of their own, which says the decision's title."""
        return any(end & TITLED and not end & CARRIES for end in self.ends)

    def waits(self, *, without_answers: bool) -> list[bool]:
        """The ways in which it waits for an answer: whether it has asked something, or takes earlier words for it.

        `without_answers`: it also waits where no answer was offered.
        """
        return [bool(end & (SAID | TITLED)) for end in self.ends if end & OFFERED or without_answers]


def outline(path: str, decision: Decision) -> Outline:
    """The outline of the decision at a path: each branch of a condition can be taken, and a loop may run zero times."""
    walk = _Walk(Outline(misses=not catches(decision)))
    walk.found.ends = walk.sequence(f"{path}/actions", decision.actions, NOTHING)
    return walk.found


@dataclass
class _Walk:
    found: Outline
    loops: dict[str, frozenset[Effect]] = field(default_factory=dict[str, frozenset[Effect]])
    """What one element of each loop can do, so that loops inside loops are looked at once."""

    def sequence(self, prefix: str, actions: Sequence[Action], before: frozenset[int]) -> frozenset[int]:
        """How a sequence can end that begins in one of these ways; what can happen in it is noted."""
        now, offered = before, len(self.found.answers)
        for index, action in enumerate(actions):
            if not now:
                break  # a target before this is always taken
            now = self.action(f"{prefix}/{index}", action, now)
        if not now:
            del self.found.answers[offered:]  # nobody waits for these
        return now

    def action(self, path: str, action: Action, before: frozenset[int]) -> frozenset[int]:
        match action:
            case SendMessage():
                self.found.messages.append(path)
            case Request() | CreateTicket():
                self.found.pauses = True
            case Target() if action.answer is None:
                self.found.taken.append((action.to, any(one & PAUSED for one in before)))
                return frozenset()
            case Target():
                self.found.answers.append(action.to)
            case Condition():
                then = self.sequence(f"{path}/then", action.then, before)
                return then | self.sequence(f"{path}/otherwise", action.otherwise, before)
            case Loop():
                earlier = _after(before, _any_of(self.element(path, action)))
                return before | self.sequence(f"{path}/actions", action.actions, earlier)
            case _:
                pass
        return _after(before, _effects(action))

    def element(self, path: str, loop: Loop) -> frozenset[Effect]:
        if path not in self.loops:
            self.loops[path] = self.effects(f"{path}/actions", loop.actions)
        return self.loops[path]

    def effects(self, prefix: str, actions: Sequence[Action]) -> frozenset[Effect]:
        """What a sequence can do; nothing where it never comes to its end."""
        now = UNCHANGED
        for index, action in enumerate(actions):
            path = f"{prefix}/{index}"
            match action:
                case Target() if action.answer is None:
                    return frozenset()
                case Condition():
                    then = self.effects(f"{path}/then", action.then)
                    now = _both(now, then | self.effects(f"{path}/otherwise", action.otherwise))
                case Loop():
                    now = _both(now, _any_of(self.element(path, action)))
                case _:
                    now = _both(now, _effects(action))
        return now


def _effects(action: Action) -> frozenset[Effect]:
    """What can come of a single action."""
    match action:
        case SendMessage():
            return frozenset({Effect(~CARRIES, SAID | (0 if action.buttons else CARRIES))})
        case Request() | CreateTicket():
            return frozenset({Effect(~CARRIES, PAUSED)})
        case SaveData() if action.scope == "contact":
            return frozenset({Effect(~CARRIES)})
        case Target(answer=GeneratedButtonsAnswer()):
            return frozenset({Effect(), Effect(adds=TITLED | OFFERED)})  # the array may be empty
        case Target(answer=ButtonAnswer()):
            return frozenset({Effect(adds=TITLED | OFFERED)})
        case Target():
            return frozenset({Effect(adds=OFFERED)})
        case _:
            return UNCHANGED


@lru_cache(4096)
def _after(before: frozenset[int], effects: frozenset[Effect]) -> frozenset[int]:
    return frozenset(one & effect.keeps | effect.adds for one in before for effect in effects)


@lru_cache(4096)
def _both(first: frozenset[Effect], second: frozenset[Effect]) -> frozenset[Effect]:
    """What one thing after the other can do."""
    return frozenset(
        Effect(one.keeps & other.keeps, one.adds & other.keeps | other.adds) for one in first for other in second
    )


@lru_cache(4096)
def _any_of(element: frozenset[Effect]) -> frozenset[Effect]:
    """What any number of elements, also none, can do."""
    found = UNCHANGED
    while (more := found | _both(found, element)) != found:
        found = more
    return found
