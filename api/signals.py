"""How events reach the workflow of a conversation."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from routing.messages import Event
from workflows.erasure import erasure_id
from workflows.hints import hint_id
from workflows.records import Received, Start, workflow_id
from workflows.webhooks import mail_workflow, webhook_workflow

PATIENCE = timedelta(seconds=10)
"""So long Temporal may take to accept a signal."""


class SignalError(Exception):
    """Temporal did not accept a signal, which may have arrived all the same: send it again, with the same key."""


async def start_or_tell(client: Client, task_queue: str, account: str, customer: str, event: Event) -> None:
    """Signal the customer's running workflow, or start one with this signal. Raises SignalError."""
    try:
        await client.start_workflow(
            "Conversation",
            Start(account=account, customer=customer),
            id=workflow_id(account, customer),
            task_queue=task_queue,
            start_signal="received",
            start_signal_args=[Received(events=(event,))],
            static_summary=f"Customer {customer} with account {account}",
            rpc_timeout=PATIENCE,
        )
    except (RPCError, RuntimeError) as error:
        raise _told(error) from error


async def tell(client: Client, workflow: str, event: Event) -> bool:
    """Signal a running workflow; False when none of this id runs. Raises SignalError."""
    try:
        await client.get_workflow_handle(workflow).signal("received", Received(events=(event,)), rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise _told(error) from error
    except RuntimeError as error:
        raise _told(error) from error
    return True


async def read_hint(client: Client, task_queue: str, account: str, mid: str | None) -> None:
    """Have an announced message read, once, if no event brings it. Raises SignalError."""
    if mid is not None:
        await _once(client, task_queue, "ReadHint", hint_id(account, mid), [account, mid])


async def erase(client: Client, task_queue: str, code: str, subject: str, only: str = "") -> None:
    """Have somebody's data deleted, for all accounts or the account `only`, once for each code. Raises SignalError."""
    await _once(client, task_queue, "Erase", erasure_id(code), [code, subject, *([only] if only else [])])


async def publish_ice_breakers(client: Client, task_queue: str, occasion: str) -> None:
    """Have changed ice breakers published, once for each occasion, such as a revision. Raises SignalError."""
    await _once(client, task_queue, "PublishIceBreakers", f"ice-breakers-{occasion}", [])


async def tell_webhook(client: Client, task_queue: str, webhook: int) -> None:
    """Have what waits for an outgoing webhook delivered, by the workflow that does so already or a new one.

    Raises SignalError.
    """
    try:
        await client.start_workflow(
            "TellWebhook",
            webhook,
            id=webhook_workflow(webhook),
            task_queue=task_queue,
            start_signal="look",
            rpc_timeout=PATIENCE,
        )
    except (RPCError, RuntimeError) as error:
        raise _told(error) from error


async def mail_missed_chat(client: Client, task_queue: str, conversation: str) -> None:
    """Have the people of a missed chat's queue mailed, once for each conversation. Raises SignalError."""
    await _once(client, task_queue, "MailMissedChat", mail_workflow(conversation), [conversation])


async def _once(client: Client, task_queue: str, workflow: str, id: str, arguments: list[str]) -> None:
    """Start a workflow unless one of this id was started before."""
    try:
        await client.start_workflow(
            workflow,
            args=arguments,
            id=id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            rpc_timeout=PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return
    except (RPCError, RuntimeError) as error:
        raise _told(error) from error


def _told(error: RPCError | RuntimeError) -> SignalError:
    # A lazy client that cannot connect raises a bare RuntimeError.
    reason = f"{error.status.name}: {error.message}" if isinstance(error, RPCError) else str(error)
    return SignalError(f"Temporal did not accept the signal ({reason})")
