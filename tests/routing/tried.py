"""Small random configurations of hours, and every way in which a conversation can go through one.

The ways are tried out on the interpreter itself: at each rest the customer writes this or that, the web and chatbots
answer well or badly, people take over and close after a week, or the time comes that is waited for.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from routing import interpreter
from routing.conversation import (
    AwaitsAgent,
    AwaitsAnswer,
    AwaitsBot,
    AwaitsQueue,
    AwaitsRequest,
    AwaitsTicket,
    AwaitsTime,
    Conversation,
    Customer,
    Offer,
    opened,
)
from routing.graph import Graph
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    BotAccepted,
    BotFailed,
    BotReplied,
    CustomerMessage,
    Enqueued,
    Event,
    RequestAnswered,
    Send,
    TicketCreated,
    TimeCame,
    Wrote,
)
from routing.waits import deadline

NOW = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
WINDOW, WEEK = timedelta(hours=24), timedelta(days=7)
WORDS = ("go", "stop", "1", "nonsense", "unstoppable")
"""Words for every answer of `small`, and one for none of them."""
OLD = 40 * 3600
"""A customer who has been silent for longer is not told apart."""

# The configurations ---------------------------------------------------------------------------------------------------

HOURS = [hours * 3600 for hours in (0, 5, 11, 13, 25)]
PLACES = [
    ("automessage", "a0"), ("automessage", "a1"), ("time_condition", "c0"), ("decision_tree", "t0"), ("chatbot", "b0"),
    ("queue", "q0"), ("queue", "q1"), ("terminate", "e0"), ("terminate", "e1"),
]  # fmt: skip
REQUEST = {"type": "request", "url": "https://x.example", "into": "r"}


def small(seed: int) -> Any:
    """A document with one or two of everything, drawn at random; what it says tells where it was said."""
    chance = Random(seed)
    return {
        "format": 1,
        "connectors": {f"c{number}": _connector(chance) for number in range(chance.choice([1, 1, 2]))},
        "automessages": {name: _automessage(chance) for name in ("a0", "a1")},
        "time_groups": {
            "g": {
                "title": "G",
                "timezone": "Europe/Prague",
                "definitions": [{"type": "open", "system": "own", "from": "08:00", "to": "16:00"}],
            }
        },
        "time_conditions": {"c0": {"title": "C", "time_group": "g", "open": _to(chance), "closed": _to(chance)}},
        "decision_trees": {
            "t0": {"title": "T", "start": "d0", "decisions": {name: _decision(chance) for name in ("d0", "d1", "d2")}}
        },
        "chatbots": {
            "b0": {
                "title": "B",
                "url": "https://bot.example",
                "fallback": _to(chance),
                "send_start_message": chance.random() < 0.5,
            }
        },
        "queues": {name: _queue(chance) for name in ("q0", "q1")},
        "terminates": {
            "e0": {"title": "E", "cause": "user"},
            "e1": {"title": "E", "cause": "user", "auto_response": "m"},
        },
        "templates": {"m": {"title": "M", "text": "bye"}},
        "categories": {"k": {"title": "K"}},
    }


def _to(chance: Random) -> dict[str, str]:
    kind, name = chance.choice(PLACES)
    return {"type": kind, "name": name}


def _goal(chance: Random) -> dict[str, str]:
    if chance.random() < 0.6:
        return {"type": "decision", "name": chance.choice(["d0", "d1", "d2"])}
    return _to(chance)


def _chosen(chance: Random, *answers: dict[str, Any]) -> dict[str, Any]:
    answer = chance.choice(answers)
    return {"type": "target", "execution": "when_client_chooses", "answer": answer, "to": _goal(chance)}


def _actions(chance: Random, depth: int = 0) -> list[Any]:
    found: list[Any] = []
    for _ in range(chance.randint(0, 2)):
        match chance.choice(["say", "link", "answer", "request", "if", "loop", "ticket", "array", "now", "keep"]):
            case "say":
                found.append({"type": "send_message", "text": "hi"})
            case "link":
                link = {"text": "Site", "url": "https://x.example"}
                found.append({"type": "send_message", "text": "hi", "buttons": [link]})
            case "answer":
                similar, pattern = {"type": "similar", "words": "stop"}, {"type": "pattern", "pattern": "/^go$/"}
                found.append(_chosen(chance, {"type": "button", "text": "go"}, similar, pattern))
            case "request":
                found.append(REQUEST)
            case "ticket":
                found.append({"type": "create_ticket", "title": "t", "category": "k"})
            case "keep":
                found.append({"type": "save_data", "field": "f", "value": 1, "scope": "contact"})
            case "if" if depth < 2:
                branches = {"then": _actions(chance, depth + 1), "otherwise": _actions(chance, depth + 1)}
                ok = [{"left": "r.ok", "operator": "equals", "right": True}]
                found += [REQUEST, {"type": "condition", "all": ok, **branches}]
            case "loop" if depth < 2:
                found += [
                    REQUEST,
                    {"type": "loop", "items": "r.body", "as": "e", "actions": _actions(chance, depth + 1)},
                ]
            case "array":
                buttons = {"type": "generated_buttons", "items": "r.body", "title": "{{ item }}", "value": "1"}
                found += [REQUEST, _chosen(chance, buttons)]
            case "now" if depth > 0:
                found.append({"type": "target", "to": _goal(chance)})
            case _:
                pass
    return found


def _decision(chance: Random) -> Any:
    found: dict[str, Any] = {"title": "T", "actions": _actions(chance)}
    if chance.random() < 0.7:
        similar, button = {"type": "similar", "words": "stop"}, {"type": "button", "text": "stop"}
        default, pattern = (
            {"type": "similar", "words": "halt", "default": True},
            {"type": "pattern", "pattern": "/stop/"},
        )
        found["actions"].append(_chosen(chance, pattern, similar, default, button))
    else:
        found["actions"].append({"type": "target", "to": _goal(chance)})
    if chance.random() < 0.4:
        found["no_answer"] = {"after": chance.choice(HOURS[1:]), "to": _goal(chance)}
    if chance.random() < 0.5:
        text = {"text": "what?"} if chance.random() < 0.6 else {}
        leads = {"to": _goal(chance)} if chance.random() < 0.6 else {}
        found["no_match"] = {"attempts": chance.choice([1, 2]), **text, **leads}
    return found


def _automessage(chance: Random) -> Any:
    times = sorted(chance.sample(HOURS, chance.randint(1, 2)))
    messages = [
        {"time": time, **({"text": f"m{number}"} if chance.random() < 0.6 else {})} for number, time in enumerate(times)
    ]
    reply = chance.choice(["continue", "next"])
    return {"title": "A", "messages": messages, "on_reply": reply, "next": _to(chance)}


def _queue(chance: Random) -> Any:
    found: dict[str, Any] = {"title": "Q"}
    if chance.random() < 0.5:
        found |= {"max_wait": chance.choice(HOURS[1:]), "overflow": _to(chance)}
    if chance.random() < 0.3:
        found["after_close"] = _to(chance)
    if chance.random() < 0.5:
        found["welcome"] = {"text": "w"}
    return found


def _connector(chance: Random) -> Any:
    burst = {"answer": chance.choice(["join", "each", "last"]), "quiet": chance.choice([0, 0, 30])}
    found: dict[str, Any] = {"title": "C", "next": _to(chance), "burst": burst, "takeover": chance.random() < 0.5}
    if chance.random() < 0.4:
        found["idle"] = {"after": chance.choice(HOURS[1:]), "to": _to(chance)}
    if found["takeover"] and chance.random() < 0.5:
        found["takeover_queue"] = chance.choice(["q0", "q1"])
    return found


# Trying ---------------------------------------------------------------------------------------------------------------


class Hours(NamedTuple):
    open: bool
    why: str = "as it is tried"


def late(graph: Graph, *, most: int) -> set[str] | None:
    """The paths of all messages that can come 24 hours or more after the customer's last one.

    None where there are more than `most` different states to be in.
    """
    trial = _Trial(graph, most)
    for connector in graph.configuration.connectors:
        trial.run(connector)
    return trial.late if len(trial.seen) <= most else None


class _Trial:
    def __init__(self, graph: Graph, most: int) -> None:
        self.graph = graph
        self.most = most
        self.late: set[str] = set()
        self.seen: set[object] = set()
        self.waiting: deque[tuple[Conversation, datetime]] = deque()
        self.written = 0

    def run(self, connector: str) -> None:
        begun = opened(
            name="igdm_" + "0" * 24, connector=connector, account="1", customer=Customer(id="c"), at=NOW
        )  # fmt: skip
        for words in [*((word,) for word in WORDS), ("go", "stop"), ("nonsense", "unstoppable"), ("nonsense", "go")]:
            self.step(begun, self.wrote(words, NOW), NOW)
        while self.waiting and len(self.seen) <= self.most:
            state, now = self.waiting.popleft()
            for event, at in self.events(state, now):
                self.step(state.model_copy(update={"lines": ()}), event, at)

    def wrote(self, words: Sequence[str], now: datetime) -> Wrote:
        self.written += 1
        keys = [f"m{self.written}/{number}" for number in range(len(words))]
        return Wrote(
            messages=tuple(CustomerMessage(key=key, at=now, text=word) for key, word in zip(keys, words, strict=True))
        )

    def tapped(self, offer: Offer, now: datetime) -> Wrote:
        self.written += 1
        key = f"m{self.written}"
        return Wrote(messages=(CustomerMessage(key=key, at=now, text=offer.title, payload=offer.payload),))

    def step(self, state: Conversation, event: Event, now: datetime) -> None:
        """Take in the event while every time group is open, and while it is closed."""
        for is_open in (True, False):
            with _hours(is_open):
                step = interpreter.advance(self.graph, state, event, now)
            after = step.conversation
            assert after.wrote_at is not None
            for command in step.commands:
                if isinstance(command, Send) and command.author == "graph" and now - after.wrote_at >= WINDOW:
                    self.late.add(place_of(command))
            key = self.key(after, now)
            if key not in self.seen:
                self.seen.add(key)
                self.waiting.append((after, now))

    def key(self, state: Conversation, now: datetime) -> object:
        """What makes two states different, whenever they are."""
        waiting = {
            name: (now - value).total_seconds() if isinstance(value, datetime) else repr(value)
            for name, value in state.waiting
            if name not in ("question", "heard", "clicks", "out")
        }
        heard = state.waiting.heard if isinstance(state.waiting, AwaitsAnswer) else ()
        assert state.wrote_at is not None
        age = min((now - state.wrote_at).total_seconds(), OLD)
        words = tuple(message.text for message in state.unread), tuple(message.text for message in heard)
        offers = tuple(offer.target for offer in state.offers)
        return state.connector, state.place, tuple(waiting.items()), age, words, offers, state.said, state.answered

    def events(self, state: Conversation, now: datetime) -> Iterator[tuple[Event, datetime]]:
        """What can happen next, and when; the web and chatbots answer at once."""
        match state.waiting:
            case AwaitsRequest():
                yield RequestAnswered(ok=True, status=200, body=[1, 2]), now
                yield RequestAnswered(ok=True, status=200, body=[]), now
                yield RequestAnswered(ok=False, error="down"), now
            case AwaitsTicket():
                yield TicketCreated(number="1"), now
            case AwaitsBot(asking=True):
                yield BotAccepted(), now
                yield BotFailed(error="down"), now
                yield from ((BotReplied(key="r", transfer=name), now) for name in self.graph.configuration.queues)
            case AwaitsQueue():
                yield Enqueued(), now
            case AwaitsAgent() as people:
                if not people.answered:
                    yield AgentAccepted(agent="anna"), now
                yield AgentClosed(agent="anna", cause="user"), max(now, people.since + WEEK)
            case _:
                pass
        due = deadline(self.graph, state)
        if due is not None and not (isinstance(state.waiting, AwaitsBot) and state.waiting.asking):
            yield TimeCame(), max(now, due.at)
        if isinstance(state.waiting, AwaitsTime | AwaitsBot | AwaitsRequest | AwaitsTicket | AwaitsAnswer):
            yield AgentWrote(key="a", text="hi", sent=True, at=now), now
            heard = state.waiting.heard if isinstance(state.waiting, AwaitsAnswer) else ()
            if len(state.unread) + len(heard) < 2:
                yield from ((self.wrote((word,), now), now) for word in WORDS)
                yield self.wrote(("nonsense", "go"), now), now
                yield self.wrote(("go", "stop"), now), now
                yield from ((self.tapped(offer, now), now) for offer in state.offers if offer.payload)


@contextmanager
def _hours(is_open: bool) -> Iterator[None]:
    real = interpreter.opening
    interpreter.opening = lambda *_: Hours(is_open)  # pyright: ignore[reportAttributeAccessIssue]  all that is read of it
    try:
        yield
    finally:
        interpreter.opening = real


def place_of(said: Send) -> str:
    """The path of the message in the document, which in a message's own path is only that of the place."""
    match said.path.split("/"):
        case ["automessages", _]:
            return f"{said.path}/messages/{said.text.removeprefix('m')}"
        case ["queues", _]:
            return f"{said.path}/welcome"
        case ["terminates", _]:
            return f"{said.path}/auto_response"
        case [*_, _] if said.text.startswith("what?"):
            return f"{said.path}/no_match"
        case _:
            return said.path
