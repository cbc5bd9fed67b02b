"""A worker for what the API starts beside conversations: time skips only while nothing waits for one."""

import asyncio

from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.api.conftest import Other
from tests.stored import StoredRehearsal

ELSEWHERE = "elsewhere"
"""Its task queue."""


async def works(world: StoredRehearsal, *workflows: type) -> Worker:
    """It works on the world's own loop until it is shut down, with these workflows or else with one for every name."""
    worker = Worker(
        world.env.client,
        task_queue=ELSEWHERE,
        workflows=[*workflows, Other],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    world.beside = asyncio.create_task(worker.run())
    return worker
