"""Asks every open conversation on an older revision to go on with a newer one (SPEC 2.4)."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.options import PATIENT

MADE_WITHIN = timedelta(minutes=1)
"""The workflow is started just before the revision is committed; after so long, it was not."""


def moves_id(revision: int) -> str:
    """The id of the workflow that moves conversations to a revision."""
    return f"move-to-{revision}"


@workflow.defn(name="MoveConversations")
class MoveConversations:
    """Goes through the conversations in pages; each moves by itself when it rests, and says what came of it."""

    @workflow.run
    async def run(self, revision: int, asked: int = 0) -> int:
        """How many conversations were asked."""
        if not asked and not await self.is_wanted(revision):
            return 0
        while True:
            page: int = await workflow.execute_activity(
                "ask_to_move",
                revision,
                result_type=int,
                summary=f"{asked} were asked to move to revision {revision} so far",
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=PATIENT["retry_policy"],
            )
            if not page:
                return asked
            asked += page
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[revision, asked])

    async def is_wanted(self, revision: int) -> bool:
        """Whether the apply that started this was committed."""
        try:
            await workflow.execute_activity(
                "moves_wanted",
                revision,
                result_type=type(None),
                start_to_close_timeout=timedelta(seconds=10),
                schedule_to_close_timeout=MADE_WITHIN,
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200), backoff_coefficient=1.5),
            )
        except ActivityError as error:
            workflow.logger.warning("nothing is moved to revision %d: %s", revision, error.cause or error)
            return False
        return True
