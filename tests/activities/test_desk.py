"""What deliveries and conversations do for the desk: they wake it when somebody comes or is free, and confirm."""

from datetime import datetime, timedelta
from typing import cast

import pytest
from temporalio.client import Client

from routing.distribution import accepted
from routing.messages import End, Enqueue
from routing.recordings import Happened
from routing.records import Delivery
from store import queues
from store.queues import Stay
from tests.activities.conftest import World
from workflows.telling import wake

pytestmark = pytest.mark.anyio


class Woken:
    """Counts how often the desk was woken, and sees whether that came after the commit."""

    def __init__(self, world: World, conversation: str) -> None:
        self.world, self.conversation = world, conversation
        self.waiting: list[bool] = []

    async def __call__(self) -> None:
        found = await stay(self.world, self.conversation)
        self.waiting.append(found is not None and found.left_at is None)


async def stay(world: World, conversation: str) -> Stay | None:
    async with world.database.begin() as session:
        return await queues.stay(session, conversation)


def enqueue(world: World) -> Enqueue:
    return Enqueue(key="k", path="queues/people", queue="people", priority=5, at=world.now())


async def test_the_desk_is_woken_after_the_commit(world: World) -> None:
    delivery = await world.delivery()
    name = delivery.conversation
    woken = Woken(world, name)
    conversations, deliveries = world.conversations, world.deliveries
    conversations.wake = deliveries.wake = woken
    await deliveries.deliver(delivery)
    assert woken.waiting == [], "it was in no queue"
    await conversations.enqueue(enqueue(world), name)
    assert woken.waiting == [True]
    await deliveries.deliver(delivery.model_copy(update={"at": world.now()}))
    assert woken.waiting == [True, False]
    await conversations.enqueue(enqueue(world), name)
    await conversations.end(End(path="p", at=world.now(), cause="user"), name)
    assert woken.waiting == [True, False, True, False]
    await conversations.end(End(path="p", at=world.now(), cause="user"), name)
    assert len(woken.waiting) == 4, "nobody became free by that"


async def test_the_step_that_takes_an_acceptance_confirms_it(world: World) -> None:
    delivery = (await world.delivery()).model_copy(update={"waiting": "agent", "queue": "people"})
    name, command = delivery.conversation, enqueue(world)
    await world.conversations.enqueue(command, name)
    async with world.database.begin() as session:
        await queues.accept(session, name, "eva", world.now())
    for agent, entered in (("karl", command.at), ("eva", command.at - timedelta(seconds=1))):
        await _delivered(world, delivery, name, agent, entered)
        found = await stay(world, name)
        assert found is not None
        assert found.confirmed_at is None, "that was another acceptance"
    await _delivered(world, delivery, name, "eva", command.at)
    found = await stay(world, name)
    assert found is not None
    assert found.confirmed_at is not None


async def _delivered(world: World, delivery: Delivery, name: str, agent: str, entered: datetime) -> None:
    event = accepted(name, entered, agent)
    happened = Happened(at=world.now(), number=1, event=event)
    await world.deliveries.deliver(delivery.model_copy(update={"happened": happened, "taken": 1}))


async def test_a_desk_that_cannot_be_told_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Away:
        tries = 0

        async def start_workflow(self, *_: object, **__: object) -> None:
            self.tries += 1
            raise RuntimeError("no connection")

    away = Away()
    assert not await wake(cast(Client, away), "queue")
    assert away.tries == 3
    assert "it does so by itself within a minute" in caplog.text
