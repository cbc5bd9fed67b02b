"""Chatbots under Temporal: callbacks outlive a worker, and telling a bot of the end holds nobody up."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError

from routing.documents import read
from routing.graph import Graph
from routing.messages import AgentClosed, AskBot, BotAccepted, BotFailed, BotReplied, CustomerMessage, Transferred
from routing.problems import check
from routing.scenarios import Scenario, world_of
from tests.durable import DurableRehearsal, durable

CONFIGURATION = """
format: 1
connectors:
  shop: {title: Shop, next: {type: chatbot, name: robot}}
chatbots:
  robot: {title: Robot, url: "https://bot.example.com/talk", fallback: {type: queue, name: people}}
queues:
  people: {title: People, welcome: {text: A person will write.}, after_close: {type: chatbot, name: robot}}
"""


def graph() -> Graph:
    checked = check(read(CONFIGURATION))
    assert checked.graph is not None, checked.errors
    return checked.graph


def scenario() -> Scenario:
    return Scenario(title="Bots", connector="shop", at=datetime.now(UTC) + timedelta(minutes=5), steps=())


def said(world: DurableRehearsal) -> list[str]:
    return [message.text for message in world.said]


def replied(world: DurableRehearsal, key: str, **more: Any) -> BotReplied:
    assert world.conversation is not None
    return BotReplied(key=key, conversation=world.conversation.name, **more)


def test_a_callback_is_taken_by_another_worker_than_the_one_that_asked() -> None:
    with durable(graph(), scenario(), forgetful=True) as world:
        world.user("hello")
        world.restart_worker()
        world.feed(replied(world, "b:1", text="Which size?", quickreplies=[{"name": "m", "text": "M"}]))
        assert said(world) == ["Which size?"]
        world.restart_worker()
        world.user("M", payload=world.said[-1].quick_replies[0].payload)
        assert world.asked[-1].body["quickreply"] == {"name": "m"}
        world.restart_worker()
        world.feed(replied(world, "b:2", text="Bye", transfer="people"))
        assert said(world)[1:] == ["Bye", "A person will write."]
        assert [asked.farewell for asked in world.asked] == [False, False, True]


def test_a_callback_with_the_same_key_counts_once_also_after_a_restart() -> None:
    with durable(graph(), scenario(), forgetful=True) as world:
        world.user("hello")
        world.feed(replied(world, "b:1", text="Once"))
        world.restart_worker()
        world.feed(replied(world, "b:1", text="Once"), replied(world, "b:2", text="Once"))
        assert said(world) == ["Once", "Once"]


# Farewells ------------------------------------------------------------------------------------------------------------


class Stubborn(DurableRehearsal):
    """A bot that takes messages at once, and farewells only when it is let go, with an outcome or an error."""

    outcome: BotAccepted | BotFailed | Exception = BotAccepted()
    told: list[AskBot]

    def begin(self, limit: int, forgetful: bool) -> None:
        self.told = []
        self.open_up: asyncio.Event
        super().begin(limit, forgetful)

    async def _start(self) -> None:
        self.open_up = asyncio.Event()
        await super()._start()

    @activity.defn(name="ask_bot")
    async def ask_bot(self, command: AskBot) -> BotAccepted | BotFailed:
        if not command.farewell:
            return await super().ask_bot(command)
        self.told.append(command)
        await self.open_up.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def _settle(self) -> None:
        """A farewell is under way: what has to come of an event is waited for by `until`."""
        self.now = await self.env.get_current_time()

    def until(self, holds: Callable[[], object], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.recorded
            time.sleep(0.02)

    def waits_for(self) -> str:
        """What the conversation waited for when the store was told of it last."""
        return self.recorded[-1].waiting

    def let_go(self) -> None:
        self.loop(self._set())

    async def _set(self) -> None:
        self.open_up.set()

    def status(self) -> str:
        handle = self.env.client.get_workflow_handle("ig-account-customer")
        described = self.loop(handle.describe())
        assert described.status is not None
        return described.status.name


@pytest.fixture
def stubborn() -> Any:
    world = world_of(Stubborn, graph(), scenario(), None)
    world.begin(1000, False)
    yield world
    world.let_go()
    world.close()


def begun(world: Stubborn) -> str:
    """A conversation that the bot has; its name."""
    world.user("hello")
    world.until(lambda: world.asked)
    return world.recorded[-1].conversation


def test_a_bot_that_is_slow_to_hear_of_the_end_holds_nothing_up(stubborn: Stubborn) -> None:
    begun(stubborn)
    stubborn.feed(Transferred(to="queues/people", agent="anna"))
    stubborn.until(lambda: stubborn.told)
    stubborn.until(lambda: said(stubborn) == ["A person will write."])
    assert stubborn.waits_for() == "queue"
    assert stubborn.status() == "RUNNING"


def test_what_the_same_bot_gets_next_comes_after_its_farewell(stubborn: Stubborn) -> None:
    begun(stubborn)
    stubborn.feed(Transferred(to="queues/people", agent="anna"))
    stubborn.until(lambda: stubborn.told)
    stubborn.feed(AgentClosed(agent="anna"))
    stubborn.until(lambda: stubborn.waits_for() == "bot")
    stubborn.forward(message(stubborn, "once more"))
    time.sleep(0.3)
    assert [asked.body["text"] for asked in stubborn.asked] == ["hello"]
    stubborn.let_go()
    stubborn.until(lambda: [asked.body["text"] for asked in stubborn.asked] == ["hello", "once more"])


def test_the_workflow_ends_when_the_bot_has_heard_of_it(stubborn: Stubborn) -> None:
    begun(stubborn)
    stubborn.feed(AgentClosed(agent="anna"))
    stubborn.until(lambda: stubborn.told and stubborn.ends)
    assert stubborn.status() == "RUNNING"
    stubborn.let_go()
    stubborn.until(lambda: stubborn.status() == "COMPLETED")
    assert len(stubborn.told) == 1


def test_a_customer_who_writes_again_does_not_wait_for_it_and_it_is_not_forgotten(stubborn: Stubborn) -> None:
    first = begun(stubborn)
    stubborn.feed(AgentClosed(agent="anna"))
    stubborn.until(lambda: stubborn.told and stubborn.ends)
    stubborn.forward(message(stubborn, "me again"))
    stubborn.until(lambda: len(stubborn.asked) == 2)
    assert stubborn.asked[-1].body["conversation"]["name"] != first
    stubborn.until(lambda: len(stubborn.told) == 2)
    assert stubborn.told[0] == stubborn.told[1]
    assert stubborn.told[0].body["conversation"]["name"] == first


@pytest.mark.parametrize(
    "outcome", [BotFailed(error="away"), ApplicationError("broken", non_retryable=True)], ids=["refused", "broken"]
)
def test_a_farewell_that_fails_fails_nothing(stubborn: Stubborn, outcome: Any) -> None:
    stubborn.outcome = outcome
    stubborn.let_go()
    begun(stubborn)
    stubborn.feed(AgentClosed(agent="anna"))
    stubborn.until(lambda: stubborn.status() == "COMPLETED")
    assert len(stubborn.told) == 1
    assert len(stubborn.ends) == 1


def message(world: Stubborn, text: str) -> CustomerMessage:
    return CustomerMessage(key=f"later/{text}", at=world.now, text=text)
