"""What runs beside conversations: hints, checks of accounts by a schedule, ice breakers."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.durable import time_skipping_server
from workflows.accounts import CheckAccounts, PublishIceBreakers
from workflows.hints import QUIET, ReadHint
from workflows.plugin import connect, data_converter, runner
from workflows.schedules import ACCOUNTS, ensure_schedules

pytestmark = pytest.mark.anyio


class World:
    """The activities, and what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = 0

    @activity.defn(name="accounts_with_tokens")
    async def accounts(self) -> list[str]:
        return ["1", "2"]

    @activity.defn(name="check_account")
    async def check(self, id: str) -> str:
        self.asked.append(id)
        if id == "1":
            raise ApplicationError("Meta is away")
        return "its token is alive"

    @activity.defn(name="read_hint")
    async def read(self, account: str, mid: str) -> str:
        self.asked.append(f"{account}/{mid}")
        if self.away:
            self.away -= 1
            raise ApplicationError("Meta is away")
        return "it was read"

    @activity.defn(name="publish_ice_breakers")
    async def publish(self) -> list[str]:
        self.asked.append("publish")
        if self.away:
            self.away -= 1
            raise ApplicationError("the account is paused")
        return ["1"]


def worker(client: Client, world: World, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[CheckAccounts, PublishIceBreakers, ReadHint],
        activities=[world.accounts, world.check, world.read, world.publish],
        workflow_runner=runner(),
    )


async def skipping() -> WorkflowEnvironment:
    return await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=time_skipping_server(), data_converter=data_converter()
    )


async def test_an_announced_message_may_come_by_itself_first() -> None:
    world = World()
    world.away = 3
    async with await skipping() as env, worker(env.client, world, "q"):
        began = await env.get_current_time()
        handle = await env.client.start_workflow("ReadHint", args=["1", "M1"], id="hint", task_queue="q")
        assert await handle.result() == "it was read"
        assert await env.get_current_time() - began > QUIET
    assert world.asked == ["1/M1"] * 4


async def test_one_account_that_cannot_be_checked_does_not_hold_up_the_others() -> None:
    world = World()
    async with await skipping() as env, worker(env.client, world, "q"):
        found = await env.client.execute_workflow(
            "CheckAccounts", id="check", task_queue="q", result_type=dict[str, str]
        )
    assert found["2"] == "its token is alive"
    assert found["1"].startswith("not checked: ")
    assert "Meta is away" in found["1"]
    assert world.asked == ["1"] * 5 + ["2"]


async def test_ice_breakers_are_published_as_soon_as_that_is_possible() -> None:
    world = World()
    world.away = 4
    async with await skipping() as env, worker(env.client, world, "q"):
        assert await env.client.execute_workflow("PublishIceBreakers", id="ice", task_queue="q") == ["1"]
    assert world.asked == ["publish"] * 5


async def test_the_schedule_is_made_once_and_runs_the_check(temporal_address: str) -> None:
    client = await connect(temporal_address)
    world, queue = World(), f"upkeep-{uuid.uuid4().hex}"
    try:
        async with worker(client, world, queue):
            await ensure_schedules(client, queue)
            await ensure_schedules(client, queue)
            for _ in range(300):
                if world.asked:
                    break
                await asyncio.sleep(0.1)
        assert world.asked, "it runs at once, when it is made"
        described = await client.get_schedule_handle(ACCOUNTS).describe()
        [interval] = described.schedule.spec.intervals
        assert interval.every == timedelta(hours=6)
    finally:
        await client.get_schedule_handle(ACCOUNTS).delete()
