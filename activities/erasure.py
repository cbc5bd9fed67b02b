"""Deleting a person: what the store has, the files, and what Temporal remembers of the conversations (facts 1.7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from store import accounts, deletions
from store.database import Database
from store.files import Files

DISCONNECTED = "its owner removed the app, or asked for the data to be deleted, on Meta's side; authorise it again"


@dataclass
class Erasure:
    """The activities `people_to_erase`, `erase_customer` and `deletion_done`."""

    database: Database
    files: Files
    temporal: Client
    workflow_id: Callable[[str, str], str]
    now: Callable[[], datetime]

    @activity.defn(name="people_to_erase")
    async def people_to_erase(self, subject: str) -> list[str]:
        """The accounts that know a customer of this id; accounts that the same person authorised lose their token."""
        async with self.database.begin() as session:
            for account in await accounts.accounts_of(session, subject):
                await accounts.disconnect_account(session, account.id, DISCONNECTED)
            if await accounts.account_summary(session, subject) is not None:
                await accounts.disconnect_account(session, subject, DISCONNECTED)
            return await deletions.accounts_that_know(session, subject)

    @activity.defn(name="erase_customer")
    async def erase_customer(self, account: str, customer: str) -> dict[str, int]:
        """Erase everything of one customer of one account, and answer how many of what; safe to run again."""
        workflow = self.workflow_id(account, customer)
        # First the workflow, so that nothing writes what is being deleted.
        await self._terminate(workflow)
        async with self.database.begin() as session:
            counts, locations = await deletions.erase(session, account, customer, self.now())
            for location in locations:  # before the commit: if one cannot be deleted, all is tried again
                await self.files.delete(location)
        counts["workflow runs"] = await self._forget(workflow)
        return counts

    @activity.defn(name="deletion_done")
    async def deletion_done(self, code: str, counts: dict[str, int]) -> None:
        """Book that a request is carried out."""
        async with self.database.begin() as session:
            await deletions.done(session, code, self.now(), counts)

    async def _terminate(self, workflow: str) -> None:
        try:
            await self.temporal.get_workflow_handle(workflow).terminate(reason="the customer's data is being deleted")
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise

    async def _forget(self, workflow: str) -> int:
        """Delete the histories of all runs; those that have just ended may be seen by the next attempt only."""
        runs = [run.run_id async for run in self.temporal.list_workflows(f'WorkflowId = "{workflow}"')]
        for run in runs:
            request = DeleteWorkflowExecutionRequest(
                namespace=self.temporal.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow, run_id=run),
            )
            try:
                await self.temporal.workflow_service.delete_workflow_execution(request)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
        return len(runs)
