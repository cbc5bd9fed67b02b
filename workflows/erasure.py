"""The deletion of a person's data, as durable work: done twice, since something may be under way the first time."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.options import PATIENT

AGAIN = timedelta(minutes=1)
"""After this time nothing that was under way can write any more."""


def erasure_id(code: str) -> str:
    """The id of the workflow that carries out a request."""
    return f"erase-{code}"


@workflow.defn(name="Erase")
class Erase:
    """Carries out one request; `only` is the account it is limited to, empty for all of them."""

    @workflow.run
    async def run(self, code: str, subject: str, only: str = "") -> dict[str, int]:
        """How many of what were deleted."""
        counts: dict[str, int] = {}
        for first in (True, False):
            if not first:
                await workflow.sleep(AGAIN, summary="until nothing is under way any more")
            accounts: list[str] = [only]
            if not only:
                accounts = await workflow.execute_activity("people_to_erase", subject, result_type=list[str], **PATIENT)
            for account in accounts:
                found: dict[str, int] = await workflow.execute_activity(
                    "erase_customer", args=[account, subject], result_type=dict[str, int], summary=account, **PATIENT
                )
                counts = {name: counts.get(name, 0) + number for name, number in found.items()}
        await workflow.execute_activity("deletion_done", args=[code, counts], result_type=type(None), **PATIENT)
        return counts
