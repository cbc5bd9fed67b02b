"""What the customer sees besides messages: that theirs was seen, that somebody types. Each is tried once."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from routing.records import Sign

PATIENCE = timedelta(seconds=8)
"""A sign that comes later is of no use."""


def sign_id(sign: Sign) -> str:
    """The id of the workflow that shows it: the same sign is shown once at a time."""
    return f"sign-{sign.action}-{sign.account}-{sign.customer}"


@workflow.defn(name="ShowSign")
class ShowSign:
    """Shows one sign."""

    @workflow.run
    async def run(self, sign: Sign) -> str:
        """Why it was not shown; empty where it was."""
        return await workflow.execute_local_activity(
            "show_sign",
            sign,
            result_type=str,
            start_to_close_timeout=PATIENCE,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
