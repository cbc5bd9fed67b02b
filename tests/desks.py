"""The desk's workflow on a server that skips time: its looks find what is written down, and its histories are kept."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from routing.records import Looked
from tests.durable import time_skipping_server
from workflows.desk import Desk, desk_id
from workflows.plugin import data_converter, runner
from workflows.telling import wake

QUEUE = "desk"
SECOND = timedelta(seconds=1)
AWAY = "the database is away"
DAY: tuple[Looked | str, ...] = (
    Looked(),  # nobody waits, and in a minute it looks again
    Looked(waiting=2),  # two came, and nobody was ready
    Looked(made=2, again_in=30 * SECOND),  # somebody came
    AWAY,
    Looked(made=1, again_in=5 * SECOND, untold=1),  # one accepted, and the other offer expired
    Looked(untold=1, again_in=5 * SECOND),  # the workflow could not be told
    Looked(again_in=20 * SECOND),
    *[Looked()] * 9,
)
"""What one look after the other finds, or how it fails."""
LIMIT = 60
"""After so many events the desk goes on as a new run, which is so before the day is over."""


class Day:
    """What there is to do at the desk on one day."""

    def __init__(self) -> None:
        self.looks = 0
        self.told = 0
        self._found: Iterator[Looked | str] = iter(DAY)

    @activity.defn(name="look")
    async def look(self) -> Looked:
        found = next(self._found, Looked())
        self.looks += 1
        if isinstance(found, str):
            raise ApplicationError(found)
        return found

    @activity.defn(name="tell_accepted")
    async def tell_accepted(self) -> int:
        self.told += 1
        if self.told == 1:
            raise ApplicationError("Temporal is away")
        return 1


async def histories() -> list[WorkflowHistory]:
    """Of all runs of that day, the oldest first."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=time_skipping_server(), data_converter=data_converter()
    )
    async with env:
        day = Day()
        worker = Worker(
            env.client,
            task_queue=QUEUE,
            workflows=[Desk],
            activities=[day.look, day.tell_accepted],
            workflow_runner=runner(),
        )
        async with worker:
            await env.client.start_workflow("Desk", LIMIT, id=desk_id(QUEUE), task_queue=QUEUE)
            await _until(day, 1)
            for looks in (2, 3):  # people come
                assert await wake(env.client, QUEUE)
                await _until(day, looks)
            while day.looks < len(DAY):  # time passes
                await env.sleep(6 * SECOND)
                await asyncio.sleep(0.05)  # what came of that is not skipped
            return await _runs(env.client)


async def _until(day: Day, looks: int) -> None:
    for _ in range(1000):
        if day.looks >= looks:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the desk looked {day.looks} times, and not {looks}")


async def _runs(client: Client) -> list[WorkflowHistory]:
    found: list[WorkflowHistory] = []
    run: str | None = None
    while run != "":
        history = await client.get_workflow_handle(desk_id(QUEUE), run_id=run).fetch_history()
        found.append(history)
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found[::-1]
