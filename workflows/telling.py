"""What the API and the worker tell workflows of people: the desk to look, a conversation that an agent accepted it."""

import asyncio
import logging
from datetime import timedelta
from typing import Any, Literal

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from routing.messages import AgentAccepted
from workflows.desk import desk_id
from workflows.records import LEFT, OVER, Act

logger = logging.getLogger(__name__)

TRIES = 3
PAUSE = 0.2
"""Seconds between two tries to wake the desk."""
SOON = timedelta(seconds=1)
"""So long a try may take: the desk looks by itself every minute, so nobody waits long for this."""
PATIENCE = timedelta(seconds=5)
"""So long a conversation may take to accept."""


async def wake(client: Client, task_queue: str) -> bool:
    """Have the desk look, and start it where it does not run; False, and a line in the log, where that failed."""
    for attempt in range(TRIES):
        try:
            await client.start_workflow(
                "Desk",
                id=desk_id(task_queue),
                task_queue=task_queue,
                start_signal="look",
                static_summary="Offers waiting conversations to people",
                rpc_timeout=SOON,
            )
        except (RPCError, RuntimeError) as error:
            if attempt == TRIES - 1:
                logger.warning("the desk could not be told to look, it does so by itself within a minute: %s", error)
            else:
                await asyncio.sleep(PAUSE)
        else:
            return True
    return False


async def tell_accepted(
    client: Client, workflow_id: str, conversation: str, event: AgentAccepted
) -> Literal["taken", "gone", "unreachable"]:
    """Have a conversation's workflow take an acceptance.

    `gone`: it has left the queue, or ended. `unreachable`: nobody knows whether it took it; tell it again.
    """
    try:
        handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(workflow_id)
        act = Act(conversation=conversation, event=event)
        await handle.execute_update("act", act, rpc_timeout=PATIENCE)  # pyright: ignore[reportUnknownMemberType]  SDK's own typing
    except WorkflowUpdateFailedError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.type in (OVER, LEFT):
            return "gone"
        logger.warning("%s did not take an acceptance: %s", conversation, error.cause)
        return "unreachable"
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return "gone"
        logger.warning("%s could not be told of an acceptance: %s", conversation, error)
        return "unreachable"
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError) as error:
        logger.warning("%s could not be told of an acceptance: %s", conversation, error)
        return "unreachable"
    return "taken"
