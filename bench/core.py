"""How many steps a second the pure core takes, and whether a large configuration makes it slower (SPEC 12)."""

import gc
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from routing.configuration import Configuration
from routing.conversation import AwaitsAnswer, Conversation, Customer, Ended, opened
from routing.graph import Graph
from routing.interpreter import advance
from routing.messages import CustomerMessage, Delivered, Event, Send, TimeCame, Wrote
from routing.waits import deadline

SMALL, LARGE = 10, 10_000
STEPS = 20_000
ROUNDS = 5
BEGIN = datetime(2026, 11, 23, 9, tzinfo=UTC)


def measure() -> None:
    """Print the steps a second with few and with many decisions, and the ratio, which must be at most 1.2."""
    taken = {count: steps(Graph(Configuration.model_validate(document(count)))) for count in (SMALL, LARGE)}
    gc.collect()
    gc.freeze()  # what is kept for this measure is no garbage that the core would make
    best = dict.fromkeys(taken, float("inf"))
    # In turns, so that whatever else the machine does hits both.
    for _ in range(ROUNDS):
        for count, inputs in taken.items():
            begun = process_time()
            for graph, state, event, now in inputs:
                advance(graph, state, event, now)
            best[count] = min(best[count], process_time() - begun)
    gc.unfreeze()
    for count, seconds in best.items():
        print(f"core: {STEPS / seconds:,.0f} steps a second with {count:,} decisions (at least 20,000)")
    print(f"core: {LARGE:,} decisions against {SMALL}: {best[LARGE] / best[SMALL]:.2f} (at most 1.2)")


Taken = tuple[Graph, Conversation, Event, datetime]
"""What one step is given."""


def steps(graph: Graph) -> list[Taken]:
    """The steps of many conversations, one after the other, with everything that a worker would tell the core."""
    chance = random.Random(1)
    found: list[Taken] = []
    number = 0
    while len(found) < STEPS:
        number += 1
        found += _conversation(graph, number, chance)
    return found[:STEPS]


def document(decisions: int) -> dict[str, Any]:
    """One tree of so many decisions, each with words of its own, which lead to each other in all directions."""
    chance = random.Random(1)
    return {
        "format": 1,
        "languages": {"default": "en", "offered": ["en", "cs"]},
        "connectors": {
            "shop": {
                "title": "Shop",
                "next": {"type": "decision_tree", "name": "tree"},
                "idle": {"after": 3600, "to": {"type": "terminate", "name": "bye"}},
            }
        },
        "decision_trees": {
            "tree": {
                "title": "Tree",
                "start": "d0",
                "decisions": {f"d{number}": _decision(number, decisions, chance) for number in range(decisions)},
            }
        },
        "terminates": {"bye": {"title": "Bye", "cause": "user"}},
    }


def _decision(number: int, decisions: int, chance: random.Random) -> dict[str, Any]:
    def to(answer: dict[str, Any]) -> dict[str, Any]:
        goal = {"type": "decision", "name": f"d{chance.randrange(decisions)}"}
        return {"type": "target", "to": goal, "execution": "when_client_chooses", "answer": answer}

    return {
        "title": f"Decision {number}",
        "actions": [
            {"type": "save_data", "field": "seen", "value": "{{ answer.text }}"},
            {
                "type": "condition",
                "all": [{"left": "answer.text", "operator": "contains", "right": str(number % 10)}],
                "then": [{"type": "send_message", "text": f"Again {number}?"}],
                "otherwise": [
                    {
                        "type": "send_message",
                        "text": f"Question {number}: {{{{ customer.name }}}}, what next?",
                        "variants": {"cs": f"Otázka {number}: {{{{ customer.name }}}}, co dál?"},
                    }
                ],
            },
            to({"type": "button", "text": f"Left {number}", "variants": {"cs": f"Vlevo {number}"}}),
            to({"type": "button", "text": f"Right {number}", "variants": {"cs": f"Vpravo {number}"}}),
            to({"type": "similar", "words": f"straight {number}, on", "variants": {"cs": f"rovně {number}, dál"}}),
            to({"type": "pattern", "pattern": "/(?P<number>[0-9]{5})/"}),
        ],
        "no_match": {"text": "Pardon?", "attempts": 3, "to": {"type": "terminate", "name": "bye"}},
    }


WORDS = ("straight on please", "I would like to order number 12345", "what do you mean?", "dál")
EXCHANGES = 20
"""So many times a customer writes in one conversation."""


def _conversation(graph: Graph, number: int, chance: random.Random) -> Iterator[Taken]:
    state = opened(
        name=f"igdm_{number:024x}",
        connector="shop",
        account="1",
        customer=Customer(id=str(number), name="Jana"),
        at=BEGIN,
    )
    now = BEGIN
    for _ in range(EXCHANGES):
        now += timedelta(seconds=30)
        for event in _events(graph, state, number, now, chance):
            waiting: list[Event] = [event]
            while waiting:
                taken = (graph, state, waiting.pop(), now)
                yield taken
                step = advance(*taken)
                state = step.conversation
                if any(isinstance(command, Send) for command in step.commands):
                    waiting.append(Delivered(at=now))
        if isinstance(state.waiting, Ended):
            break


def _events(graph: Graph, state: Conversation, number: int, now: datetime, chance: random.Random) -> Iterator[Event]:
    """The customer taps or writes; a time that has come."""
    due = deadline(graph, state)
    if due is not None and due.at <= now:
        yield TimeCame()
    taps = [offer for offer in state.offers if offer.payload] if isinstance(state.waiting, AwaitsAnswer) else []
    tapped = chance.choice(taps) if taps and chance.random() < 0.6 else None
    text = tapped.title if tapped is not None else chance.choice(WORDS)
    payload = tapped.payload if tapped is not None else None
    message = CustomerMessage(key=f"{number}/{state.visits}", at=now, text=text, payload=payload, language="cs")
    yield Wrote(messages=(message,))
