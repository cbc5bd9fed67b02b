"""What connected accounts need from time to time: tokens renewed and checked, ice breakers published."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.options import PATIENT

SOME_TRIES = RetryPolicy(initial_interval=timedelta(seconds=5), backoff_coefficient=3, maximum_attempts=5)
"""About ten minutes; the schedule asks again a few hours later."""


@workflow.defn(name="CheckAccounts")
class CheckAccounts:
    """Checks every account's token; one that cannot be checked now does not hold up the others."""

    @workflow.run
    async def run(self) -> dict[str, str]:
        """What was found, by account."""
        ids: list[str] = await workflow.execute_activity("accounts_with_tokens", result_type=list[str], **PATIENT)
        found: dict[str, str] = {}
        for id in ids:
            try:
                found[id] = await workflow.execute_activity(
                    "check_account",
                    id,
                    result_type=str,
                    summary=id,
                    start_to_close_timeout=timedelta(seconds=60),
                    retry_policy=SOME_TRIES,
                )
            except ActivityError as error:
                found[id] = f"not checked: {error.cause or error}"
                workflow.logger.warning("account %s is not checked: %s", id, error.cause or error)
        return found


@workflow.defn(name="PublishIceBreakers")
class PublishIceBreakers:
    """Tells Instagram of changed ice breakers, as long as it takes."""

    @workflow.run
    async def run(self) -> list[str]:
        """The accounts that were told."""
        return await workflow.execute_activity(
            "publish_ice_breakers",
            result_type=list[str],
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=PATIENT["retry_policy"],
            schedule_to_close_timeout=timedelta(days=1),
        )
