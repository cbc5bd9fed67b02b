"""The durable desk on a server that skips time: rings end, heartbeats get lost, and no look is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.desk import Desk as DeskWork
from routing.records import Looked
from store import acceptance, agents, offers, queues
from store.conversations import open_conversation
from store.database import Database
from store.offers import OfferRow
from store.revisions import append_revision
from store.users import create_user
from tests.durable import time_skipping_server
from workflows.desk import AT_LEAST, Desk, desk_id
from workflows.plugin import data_converter, runner
from workflows.records import LEFT, OVER, Act
from workflows.telling import tell_accepted, wake

pytestmark = pytest.mark.anyio
QUEUE = "desk-tests"
SECOND = timedelta(seconds=1)
DOCUMENT = {"format": 1, "queues": {"support": {"title": "Support", "strategy": "least_recent", "ring_time": 30}}}
USUAL = (3, 2, 1)


def server_now() -> datetime:
    """The time-skipping server's clock, as an activity sees it."""
    return activity.info().current_attempt_scheduled_time


@workflow.defn(name="Conversation")
class Told:
    """Stands in for a conversation's workflow: keeps what it is told; `refuses` is the type of its refusals."""

    @workflow.init
    def __init__(self, refuses: str) -> None:
        self.refuses = refuses
        self.acts: list[Act] = []

    @workflow.run
    async def run(self, refuses: str) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    def act(self, act: Act) -> None:
        self.acts.append(act)

    @act.validator
    def refuse(self, act: Act) -> None:
        if self.refuses:
            raise ApplicationError("not any more", type=self.refuses)

    @workflow.query
    def told(self) -> list[Act]:
        return self.acts


class World:
    """A server, a store, and a worker that can be ended and started again."""

    def __init__(self, env: WorkflowEnvironment, database: Database) -> None:
        self.env = env
        self.database = database
        self.looks = 0
        self.away = 0
        self.forgetful = False
        self.work = DeskWork(database, partial(tell_accepted, env.client), server_now, USUAL)
        self.worker: Worker | None = None

    @activity.defn(name="look")
    async def look(self) -> Looked:
        if self.away:
            self.away -= 1
            raise ApplicationError("the database is away")
        looked = await self.work.look()
        self.looks += 1
        return looked

    async def start(self) -> None:
        self.worker = Worker(
            self.env.client,
            task_queue=QUEUE,
            workflows=[Desk, Told],
            activities=[self.look, self.work.tell_accepted],
            workflow_runner=runner(),
            graceful_shutdown_timeout=SECOND,
            max_cached_workflows=0 if self.forgetful else 100,
        )
        await self.worker.__aenter__()

    async def stop(self) -> None:
        if self.worker is not None:
            await self.worker.__aexit__(None, None, None)
            self.worker = None

    async def forgets(self) -> None:
        """A worker that keeps no workflow in memory: each task begins with a replay of the whole history."""
        await self.stop()
        self.forgetful = True
        await self.start()

    async def wake(self) -> None:
        assert await wake(self.env.client, QUEUE)

    @property
    def desk(self) -> WorkflowHandle[Any, Any]:
        return self.env.client.get_workflow_handle(desk_id(QUEUE))

    async def now(self) -> datetime:
        return (await self.env.get_current_time()).astimezone(UTC)

    async def ready(self, *names: str) -> None:
        now = await self.now()
        async with self.database.begin() as session:
            for name in names:
                await agents.come(session, name, now)

    async def beats(self, *names: str) -> None:
        now = await self.now()
        async with self.database.begin() as session:
            for name in names:
                await agents.beat(session, name, now)

    async def comes(self, name: str) -> None:
        now = await self.now()
        values: dict[str, Any] = {"connector": "main", "workflow_id": f"ig-shop-{name}", "revision": 1}
        async with self.database.begin() as session:
            await open_conversation(session, name=name, account="shop", customer=name, opened_at=now, **values)
            await queues.enqueue(session, name, "support", 5, now)

    async def accepts(self, name: str, agent: str) -> None:
        """As the API does it, without anybody being told."""
        now = await self.now()
        async with self.database.begin() as session:
            await queues.hold(session)
            await acceptance.accept(session, name, agent, now, USUAL)

    async def history(self, name: str) -> list[OfferRow]:
        async with self.database.begin() as session:
            return await offers.history(session, name)

    async def offered(self, name: str) -> list[tuple[str, str | None]]:
        return [(one.agent, one.outcome) for one in await self.history(name)]

    async def until(self, holds: Callable[[], Awaitable[object]]) -> None:
        """Wait in real time; the server's clock stands still meanwhile."""
        for _ in range(1500):
            if await holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it never came to that; {self.looks} looks")

    async def until_offered(self, name: str, expected: list[tuple[str, str | None]]) -> None:
        async def as_expected() -> bool:
            return await self.offered(name) == expected

        try:
            await self.until(as_expected)
        except AssertionError:
            assert await self.offered(name) == expected
            raise


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    database = Database(database_url)
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=time_skipping_server(), data_converter=data_converter()
    )
    async with env:
        world = World(env, database)
        async with database.begin() as session:
            await append_revision(session, digest="1", document=DOCUMENT, author="test", note="")
            for name in ("anna", "eva"):
                await create_user(session, name=name, role="agent", now=await world.now())
        await world.start()
        yield world
        await world.stop()
    await database.close()


async def test_an_offer_rings_and_goes_to_the_next(world: World) -> None:
    await world.ready("eva")
    await world.env.sleep(SECOND)
    await world.ready("anna")
    await world.comes("one")
    await world.wake()
    await world.until_offered("one", [("eva", None)])
    await world.env.sleep(29 * SECOND)
    await world.beats("eva", "anna")
    assert await world.offered("one") == [("eva", None)]
    await world.env.sleep(2 * SECOND)
    await world.until_offered("one", [("eva", "expired"), ("anna", None)])
    first, second = await world.history("one")
    assert first.settled_at is not None
    assert timedelta(0) <= first.settled_at - first.until < SECOND, "as soon as the time was over"
    assert second.offered_at == first.settled_at


async def test_the_worker_ends_between_an_offer_and_its_end(world: World) -> None:
    await world.forgets()
    await world.ready("eva")
    await world.env.sleep(SECOND)
    await world.ready("anna")
    await world.comes("one")
    await world.wake()
    await world.until_offered("one", [("eva", None)])
    await world.stop()
    await world.env.sleep(35 * SECOND)
    await world.beats("eva", "anna")
    assert await world.offered("one") == [("eva", None)], "nobody works"
    await world.start()
    await world.until_offered("one", [("eva", "expired"), ("anna", None)])


async def test_whoever_vanishes_is_lost_after_45_seconds(world: World) -> None:
    """Only heartbeats tell: an offer that rang for longer would go on at once."""
    document = {"format": 1, "queues": {"support": DOCUMENT["queues"]["support"] | {"ring_time": 300}}}  # pyright: ignore[reportIndexIssue]
    async with world.database.begin() as session:
        await append_revision(session, digest="2", document=document, author="test", note="")
    await world.ready("eva")
    await world.env.sleep(SECOND)
    await world.ready("anna")
    await world.comes("one")
    await world.wake()
    await world.until_offered("one", [("eva", None)])
    for _ in range(2):
        await world.env.sleep(20 * SECOND)
        await world.beats("anna")
    assert await world.offered("one") == [("eva", None)]
    await world.env.sleep(6 * SECOND)
    await world.until_offered("one", [("eva", "withdrawn"), ("anna", None)])
    async with world.database.begin() as session:
        eva = await agents.one_at_work(session, "eva")
    assert eva is not None
    assert (eva.state, eva.lost) == ("offline", True)


async def test_it_looks_every_minute_also_when_nobody_told_it_to(world: World) -> None:
    """The process that put the conversation into its queue was killed before it could say so."""
    await world.wake()

    async def looked() -> bool:
        return world.looks > 0

    await world.until(looked)
    await world.comes("one")
    await world.env.sleep(AT_LEAST / 2)
    await world.ready("eva")
    assert await world.offered("one") == []
    await world.env.sleep(AT_LEAST / 2 + SECOND)
    await world.until_offered("one", [("eva", None)])


async def test_signals_that_come_together_are_one_look(world: World) -> None:
    await world.forgets()
    await world.wake()

    async def looked() -> bool:
        return world.looks > 0

    await world.until(looked)
    await world.stop()
    before = world.looks
    for _ in range(20):
        await world.wake()
    await world.start()

    async def once_more() -> bool:
        return world.looks > before

    await world.until(once_more)
    await asyncio.sleep(0.3)
    assert world.looks <= before + 2


async def test_a_look_that_fails_is_tried_again(world: World) -> None:
    world.away = 3
    await world.ready("eva")
    await world.comes("one")
    await world.wake()

    async def failed() -> bool:
        if world.away:
            await world.env.sleep(SECOND)
        return not world.away

    await world.until(failed)
    await world.beats("eva")
    await world.env.sleep(11 * SECOND)
    await world.until_offered("one", [("eva", None)])


async def test_it_goes_on_as_a_new_run_and_forgets_nothing(world: World) -> None:
    await world.env.client.start_workflow("Desk", 20, id=desk_id(QUEUE), task_queue=QUEUE)
    await world.ready("eva")
    first = (await world.desk.describe()).run_id
    for number in range(12):
        await world.wake()
        before = world.looks

        async def again(seen: int = before) -> bool:
            return world.looks > seen

        await world.until(again)
        if number == 8:
            await world.comes("one")
    assert (await world.desk.describe()).run_id != first
    await world.until_offered("one", [("eva", None)])
    history = await world.desk.fetch_history()
    assert len(history.events) < 60


async def test_an_acceptance_that_nobody_told_arrives(world: World) -> None:
    """The API was killed between its transaction and the workflow."""
    await world.comes("one")
    await world.accepts("one", "eva")
    handle = await world.env.client.start_workflow("Conversation", "", id="ig-shop-one", task_queue=QUEUE)
    await world.wake()

    async def told() -> list[Act]:
        return await handle.query(Told.told)

    await asyncio.sleep(0.3)
    assert await told() == [], "it may be on its way"
    for _ in range(3):
        await world.env.sleep(6 * SECOND)
    await world.until(told)
    acts = await told()
    assert {(act.conversation, act.event.type) for act in acts} == {("one", "agent_accepted")}
    assert len({act.event.key for act in acts}) == 1, "however often it is told, it counts once"  # pyright: ignore[reportAttributeAccessIssue]
    async with world.database.begin() as session:
        [untold] = await queues.untold(session, await world.now())
        await queues.confirm(session, "one", untold.entered_at, "eva", await world.now())
    counted = len(await told())
    await world.env.sleep(timedelta(minutes=2))
    await asyncio.sleep(0.3)
    assert len(await told()) <= counted + 1, "and no more once it is confirmed"


@pytest.mark.parametrize("refuses", [OVER, LEFT, "nothing runs"])
async def test_an_acceptance_that_came_too_late_is_undone(world: World, refuses: str) -> None:
    await world.comes("one")
    await world.accepts("one", "eva")
    if refuses != "nothing runs":
        await world.env.client.start_workflow("Conversation", refuses, id="ig-shop-one", task_queue=QUEUE)
    await world.wake()
    await asyncio.sleep(0.2)
    await world.env.sleep(6 * SECOND)

    async def undone() -> bool:
        async with world.database.begin() as session:
            found = await queues.stay(session, "one")
        return found is not None and found.agent is None and found.left_at is not None

    await world.until(undone)


async def test_a_conversation_that_does_not_answer_holds_up_nobody(world: World) -> None:
    """Its workflow cannot be told: offers to others go on meanwhile."""
    await world.comes("stuck")
    await world.accepts("stuck", "anna")
    # On a task queue where nobody works.
    await world.env.client.start_workflow("Conversation", "", id="ig-shop-stuck", task_queue="nobody")
    await world.wake()
    await asyncio.sleep(0.2)
    await world.env.sleep(6 * SECOND)
    await asyncio.sleep(0.2)
    await world.ready("eva")
    await world.comes("one")
    await world.wake()
    await world.until_offered("one", [("eva", None)])
