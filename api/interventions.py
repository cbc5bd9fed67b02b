"""What supervisors do to conversations of others: close them, and send them elsewhere (SPEC 8)."""

import logging
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.access import Supervisor, record
from api.conversations import Name, conversation_of
from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers
from routing.configuration import BUILT_IN_CAUSES
from routing.messages import AgentClosed, Transferred
from store.conversations import Conversation
from workflows.records import NOWHERE, OVER, Act

logger = logging.getLogger(__name__)
router = APIRouter(tags=["conversations"])

PATIENCE = timedelta(seconds=10)
"""So long a conversation may take to accept."""


class Close(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"cause": "user"}]})

    cause: Annotated[str, Field(description="A disconnection cause of the conversation's revision.", min_length=1)] = (
        "user"
    )


class Transfer(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "queues/support"}]})

    to: Annotated[str, Field(description="The path of a destination.", examples=["queues/support"], min_length=1)]


class Taken(BaseModel):
    """The conversation has accepted it, and does it as soon as what came before is done."""

    conversation: str
    accepted: Literal[True] = True


@router.post(
    "/api/v1/conversations/{name}/close",
    summary="Close a conversation",
    status_code=202,
    responses=answers(401, 403, 404, 409, 413, 422, 503),
)
async def close(parts: Given, by: Supervisor, name: Name, given: Close | None = None) -> Taken:
    """It ends with this cause, or goes where its queue says `after_close`. 409 where it has ended, 503 where it cannot
    be reached: then look again, since it may have been closed all the same."""
    given = given or Close()
    async with parts.database.begin() as session:
        found = await _open(session, name)
        await _check_cause(session, parts, found, given.cause)
        reached = await _act(parts, found, AgentClosed(cause=given.cause, agent=by.name))
        details = {"cause": given.cause} | _doubt(reached)
        await record(session, by, "conversation.closed", f"conversations/{name}", **details)
    return _taken(found, reached)


@router.post(
    "/api/v1/conversations/{name}/transfer",
    summary="Send a conversation elsewhere",
    status_code=202,
    responses=answers(401, 403, 404, 409, 413, 422, 503),
)
async def transfer(parts: Given, by: Supervisor, name: Name, given: Transfer) -> Taken:
    """To any destination of its revision, whatever it waits for. 409 where it has ended, 422 where there is no such
    place, 503 where it cannot be reached: then look again, since it may have gone there all the same."""
    async with parts.database.begin() as session:
        found = await _open(session, name)
        reached = await _act(parts, found, Transferred(to=given.to, agent=by.name))
        details = {"to": given.to} | _doubt(reached)
        await record(session, by, "conversation.transferred", f"conversations/{name}", **details)
    return _taken(found, reached)


async def _open(session: AsyncSession, name: str) -> Conversation:
    found = await conversation_of(session, name)
    if found.ended_at is not None:
        raise Refusal(409, f"{name} has ended.")
    return found


async def _check_cause(session: AsyncSession, parts: Parts, found: Conversation, cause: str) -> None:
    graph = await parts.production.graph(session, found.revision)
    more = graph.configuration.disconnection_causes if graph is not None else {}
    known = (*BUILT_IN_CAUSES, *(name for name in more if name not in BUILT_IN_CAUSES))
    if cause not in known:
        message = f"revision {found.revision} has no such cause; it has {', '.join(known)}"
        raise Refusal(422, "The conversation was not closed.", [Problem(path="cause", code="unknown", message=message)])


async def _act(parts: Parts, found: Conversation, event: AgentClosed | Transferred) -> bool:
    """Have the conversation's workflow accept it; False where nobody knows whether it did, or still will.

    Raises 409 where there is nothing to be done any more, and 422 where it has no such place.
    """
    act = Act(conversation=found.name, event=event)
    handle = parts.temporal.get_workflow_handle(found.workflow_id)
    try:
        await handle.execute_update("act", act, rpc_timeout=PATIENCE)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == OVER:
            raise Refusal(409, f"{found.name} has ended.") from error
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
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError) as error:
        logger.warning("%s could not be reached: %s", found.name, error)
        return False
    return True


def _doubt(reached: bool) -> dict[str, Any]:
    """What the audit log has besides."""
    return {} if reached else {"reached": False}


def _taken(found: Conversation, reached: bool) -> Taken:
    if not reached:
        raise Refusal(503, f"{found.name} could not be reached. Look whether it took it all the same, and try again.")
    return Taken(conversation=found.name)
