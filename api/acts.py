"""Who may do something to a running conversation, and how its workflow is had to take it (SPEC 8)."""

import asyncio
import logging
from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.access import Principal
from api.conversations import conversation_of
from api.dependencies import Parts
from api.errors import Problem, Refusal
from routing.messages import AgentClosed, AgentWrote, Transferred
from store import queues
from store.conversations import Conversation
from store.users import at_least
from workflows.records import ELSEWHERE, NOWHERE, OVER, Act

logger = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""So long a conversation may take to accept."""


class Taken(BaseModel):
    """The conversation has accepted it, and does it as soon as what came before is done."""

    conversation: str
    accepted: Literal[True] = True


async def open_one(session: AsyncSession, name: str) -> Conversation:
    """The conversation of this name; 404 where there is none, 409 where it has ended."""
    found = await conversation_of(session, name)
    if found.ended_at is not None:
        raise Refusal(409, f"{name} has ended.")
    return found


async def theirs(session: AsyncSession, by: Principal, found: Conversation, *, accepted: bool = False) -> None:
    """409 where an agent does not have it; supervisors may act on every one.

    With `accepted` somebody has to have it: who writes to the customer is never one of several at once.
    """
    supervises = at_least(by.role, "supervisor")
    if supervises and not accepted:
        return
    stay = await queues.stay(session, found.name)
    if stay is None or stay.left_at is not None:
        raise Refusal(409, f"People do not have {found.name}: it is at {found.place or 'its beginning'}.")
    if stay.agent is None:
        raise Refusal(409, f"Nobody has accepted {found.name} yet. Accept it first.")
    if stay.agent != by.name and not supervises:
        raise Refusal(409, f"{stay.agent} has {found.name}.")


async def act(parts: Parts, found: Conversation, event: AgentClosed | AgentWrote | Transferred) -> bool:
    """Have the conversation's workflow accept it; False where nobody knows whether it did, or still will.

    Call it outside of a transaction that holds locks: what the conversation does meanwhile may want them. Raises 409
    where there is nothing to be done any more, and 422 where it has no such place.
    """
    told = Act(conversation=found.name, event=event)
    handle = parts.temporal.get_workflow_handle(found.workflow_id)
    try:
        # A server may answer before the time is over that it does not know yet, and is then asked again.
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await handle.execute_update("act", told, rpc_timeout=PATIENCE)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == OVER:
            raise Refusal(409, f"{found.name} has ended.") from error
        if isinstance(cause, ApplicationError) and cause.type == ELSEWHERE:
            raise Refusal(409, f"{found.name} has just been closed, or sent elsewhere.") from error
        if isinstance(cause, ApplicationError) and cause.type == NOWHERE:
            problem = Problem(path="to", code="unknown", message=f"{cause.message}: name a destination that it has")
            raise Refusal(422, "The conversation was not transferred.", [problem]) from error
        logger.warning("%s did not take %s: %s", found.name, event.type, cause)
        return False
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise Refusal(409, f"The workflow of {found.name} does not run any more.") from error
        logger.warning("%s could not be reached: %s", found.name, error)
        return False
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError, RuntimeError) as error:
        logger.warning("%s could not be reached: %s", found.name, str(error) or "it took too long")
        return False
    return True


def doubt(reached: bool) -> dict[str, Any]:
    """What the audit log has besides."""
    return {} if reached else {"reached": False}


def taken(found: Conversation, reached: bool) -> Taken:
    """The answer; 503 where nobody knows."""
    if not reached:
        raise Refusal(503, f"{found.name} could not be reached. Look whether it took it all the same, and try again.")
    return Taken(conversation=found.name)
