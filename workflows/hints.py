"""A message that Instagram announced: if no event brings it within some seconds, it is read from Instagram's record."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

QUIET = timedelta(seconds=10)
"""So long the message itself may take to arrive (facts 1.6)."""
GIVE_UP = timedelta(hours=1)
"""So long reading is tried."""


def hint_id(account: str, mid: str) -> str:
    """The id of the workflow that looks after one announced message."""
    return f"hint-{account}-{mid}"[:900]


@workflow.defn(name="ReadHint")
class ReadHint:
    """Waits, then reads."""

    @workflow.run
    async def run(self, account: str, mid: str) -> str:
        """What became of the announced message."""
        await workflow.sleep(QUIET, summary="the message may come by itself")
        return await workflow.execute_activity(
            "read_hint",
            args=[account, mid],
            result_type=str,
            start_to_close_timeout=timedelta(seconds=30),
            schedule_to_close_timeout=GIVE_UP,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
        )
