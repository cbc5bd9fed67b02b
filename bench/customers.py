"""Made-up customers who talk to the demo shop, always the same ones: what the impact report is measured with."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routing.conversation import AwaitsAgent, AwaitsAnswer, AwaitsBot, Customer, Ended
from routing.documents import read
from routing.graph import Graph
from routing.messages import AgentAccepted, AgentClosed, AgentWrote, BotReplied
from routing.problems import check
from routing.recordings import Recording
from routing.rehearsal import Reply
from tests.recorded import Recorder

DEMO = Path(__file__).parents[1] / "demo/configuration.yaml"
EXCHANGES = 9
"""So many times a customer writes and is answered, unless the conversation ends before."""
WORDS = ("hello", "my fern has brown leaves and I do not know why", "12345", "a person please", "thanks", "Prague", "3")
ORDERS = {"items": [{"id": "12345", "label": "Monstera", "state": "packed"}, {"id": "23456", "label": "A pot"}]}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def demo() -> object:
    """The document of the demo configuration."""
    return read(DEMO.read_text(encoding="utf-8"))


def graph_of(document: object) -> Graph:
    checked = check(document)
    if checked.graph is None:
        raise ValueError("\n".join(f"{one.path}: {one.message}" for one in checked.errors))
    return checked.graph


def conversations(graph: Graph, count: int) -> Iterator[Recording]:
    """Recordings of so many conversations, at any hour of a year: most talk, some are silent, some are with people."""
    chance = random.Random(1)
    for number in range(count):
        replies = [Reply(url="~.*/demo/orders/.*", status=200, body=ORDERS)] if chance.random() < 0.7 else []
        world = Recorder(
            graph,
            "plants",
            at=BEGIN + timedelta(seconds=chance.randrange(365 * 24 * 3600)),
            customer=Customer(id=str(number), username=f"customer{number}", name=f"Customer {number}"),
            replies=replies,
        )
        world.user(chance.choice(WORDS))
        for _ in range(EXCHANGES - 1):
            world.wait(timedelta(seconds=chance.choice((2, 5, 20, 45, 90))))
            if not _goes_on(world, number, chance):
                break
        world.wait(timedelta(hours=1))
        yield world.recording(until=timedelta(days=1))


def _goes_on(world: Recorder, number: int, chance: random.Random) -> bool:
    """What the customer, or whoever has the conversation, does next; False at its end."""
    assert world.conversation is not None
    key = f"{number}/{len(world.events)}"
    match world.conversation.waiting:
        case Ended():
            return False
        case AwaitsAnswer():
            titles = [(offer.title, offer.payload) for offer in world.conversation.offers if offer.title]
            if titles and chance.random() < 0.7:
                title, payload = chance.choice(titles)
                world.user(title, payload=payload)
            else:
                world.user(chance.choice(WORDS))
        case AwaitsBot():
            world.user(chance.choice(WORDS))
            world.feed(BotReplied(key=key, text="Let me see"))
        case AwaitsAgent(agent=None):
            world.feed(AgentAccepted(agent="anna"))
        case AwaitsAgent():
            if chance.random() < 0.5:
                world.feed(AgentWrote(key=key, agent="anna", text="I look after that", at=world.now))
                world.user(chance.choice(WORDS))
            else:
                world.feed(AgentClosed(agent="anna"))
        case _:
            world.user(chance.choice(WORDS))
    return True
