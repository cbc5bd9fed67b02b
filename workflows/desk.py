"""The desk: one workflow that has waiting conversations offered to people, whenever something changed or is due."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from routing.records import Looked
    from workflows.records import HISTORY_LIMIT

AT_LEAST = timedelta(minutes=1)
"""So often it looks in any case: a signal may have been lost with the process that was to send it."""


def desk_id(task_queue: str) -> str:
    """The id of the desk of those who share a task queue."""
    return f"desk-{task_queue}"


@workflow.defn(name="Desk")
class Desk:
    """Looks, sleeps until something is due, and looks again at once when it is told to; it never ends.

    A look is one activity, and one at a time: what is signalled meanwhile is one further look.
    """

    @workflow.init
    def __init__(self, limit: int = HISTORY_LIMIT) -> None:
        self.limit = limit
        self.wanted = False
        self.telling: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, limit: int = HISTORY_LIMIT) -> None:
        while True:
            self.wanted = False
            looked = await self.looked()
            workflow.set_current_details(_details(looked))
            if looked.untold and self.telling is None:
                self.telling = asyncio.create_task(self.tell())
            if self.must_continue():
                # The next run begins with a look, so that no signal is lost by this.
                workflow.continue_as_new(limit)
            await self.sleep(looked)

    @workflow.signal
    def look(self) -> None:
        """Somebody waits, or is free, or has come or gone."""
        self.wanted = True

    async def looked(self) -> Looked:
        return await workflow.execute_activity(
            "look",
            result_type=Looked,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)),
        )

    async def sleep(self, looked: Looked) -> None:
        again_in = AT_LEAST if looked.again_in is None else min(looked.again_in, AT_LEAST)
        try:
            await workflow.wait_condition(lambda: self.wanted, timeout=again_in, timeout_summary="something is due")
        except TimeoutError:
            return

    async def tell(self) -> None:
        """Tell workflows of acceptances, beside the looks: one that does not answer holds up nobody else."""
        try:
            await workflow.execute_activity(
                "tell_accepted",
                result_type=int,
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except ActivityError as error:  # the next look finds them again
            workflow.logger.warning("acceptances were not told: %s", error.cause or error)
        finally:
            self.telling = None

    def must_continue(self) -> bool:
        info = workflow.info()
        long = info.is_continue_as_new_suggested() or info.get_current_history_length() > self.limit
        return long and self.telling is None


def _details(looked: Looked) -> str:
    return f"At the last look {looked.made} conversations were offered, and {looked.waiting} wait without an offer."
