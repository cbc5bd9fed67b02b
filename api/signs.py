"""That somebody reads, or types: shown to the customer where that goes through, and never in anybody's way (SPEC 8)."""

import asyncio
import logging
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from api.access import Agent, Principal
from api.acts import open_one, theirs
from api.conversations import Name
from api.dependencies import Given, Parts
from api.errors import answers
from routing.records import Sign
from workflows.signs import sign_id

logger = logging.getLogger(__name__)
router = APIRouter(tags=["conversations"])

PATIENCE = 5.0
"""Seconds after which nobody waits any more."""
LIFE = timedelta(seconds=20)


class Typing(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"on": True}, {"on": False}]})

    on: bool = Field(True, description="False where you have stopped. Instagram forgets it by itself after a while.")


class Shown(BaseModel):
    """Whether the customer sees it; null where that is not known yet."""

    shown: bool | None
    reason: str | None = Field(description="Why not.")


@router.post(
    "/api/v1/conversations/{name}/typing",
    summary="Show that somebody types",
    responses=answers(401, 403, 404, 409, 413, 422),
)
async def typing(parts: Given, by: Agent, name: Name, given: Typing | None = None) -> Shown:
    """The agent who has it, and supervisors once somebody has accepted it. What Instagram says against it is told in
    `reason`, and is no error."""
    return await _show(parts, by, name, "typing_on" if given is None or given.on else "typing_off")


@router.post(
    "/api/v1/conversations/{name}/seen",
    summary="Show that the message was seen",
    responses=answers(401, 403, 404, 409),
)
async def seen(parts: Given, by: Agent, name: Name) -> Shown:
    """The agent who has it, and supervisors once somebody has accepted it. What Instagram says against it is told in
    `reason`, and is no error."""
    return await _show(parts, by, name, "mark_seen")


async def _show(
    parts: Parts, by: Principal, name: str, action: Literal["mark_seen", "typing_on", "typing_off"]
) -> Shown:
    async with parts.database.begin() as session:
        found = await open_one(session, name)
        await theirs(session, by, found, accepted=True)
    sign = Sign(account=found.account, customer=found.customer, action=action)
    try:
        async with asyncio.timeout(PATIENCE):
            why = await _done(parts.temporal, parts.task_queue, sign)
    except TimeoutError:
        return Shown(shown=None, reason="it is not known yet whether Instagram shows it")
    except (RPCError, RuntimeError, WorkflowFailureError) as error:
        logger.warning("%s was not shown to the customer of %s: %s", action, name, error)
        return Shown(shown=False, reason="what would show it cannot be reached")
    return Shown(shown=not why, reason=why or None)


async def _done(client: Client, task_queue: str, sign: Sign) -> str:
    handle = await client.start_workflow(
        "ShowSign",
        sign,
        id=sign_id(sign),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        execution_timeout=LIFE,
        result_type=str,
        rpc_timeout=timedelta(seconds=PATIENCE),
    )
    return await handle.result()
