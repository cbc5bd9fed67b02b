"""Where a conversation stands, or stood after a step of its trace: what opens it in a preview (SPEC 9.5)."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from api.access import Supervisor
from api.conversations import Name, conversation_of
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from routing.conversation import AwaitsAnswer
from routing.conversation import Conversation as Position
from routing.graph import Graph
from routing.messages import RequestAnswered
from routing.positions import Rest, rest
from routing.recordings import Happened, Past, Recording
from routing.replay import Replay
from store import recordings
from store.conversations import Conversation
from store.trace import changes_of

logger = logging.getLogger(__name__)
router = APIRouter(tags=["conversations"])

PATIENCE = timedelta(seconds=5)
"""So long a workflow may take to say where it stands."""
_EITHER: Any = Position | None
HIDDEN = "preview"
"""Stands where the conversation's hash would: whoever knows that may speak as its chatbot."""


class StoredPosition(BaseModel):
    """A position, with what a preview needs to go on from it."""

    conversation: str
    revision: int = Field(description="The revision that was followed there. Preview it with `of` this number.")
    step: int = Field(description="The number of the last visit that was made.")
    at: datetime = Field(description="When that was, or now: the `at` of a preview.")
    source: Literal["workflow", "recording"] = Field(
        description="The running workflow said so, or it was worked out from what was recorded."
    )
    rests: Rest
    position: Position = Field(description="Send it as `position` to `POST /api/v1/preview`.")
    recorded: list[Happened] = Field(
        description="What requests after this were really answered; send it as `recorded`, with `requests: recorded`."
    )


@router.get(
    "/api/v1/conversations/{name}/position",
    summary="Open a conversation in preview",
    responses=answers(401, 403, 404, 409, 422),
)
async def read_position(
    parts: Given,
    _: Supervisor,
    name: Name,
    step: Annotated[
        int | None, Query(ge=1, le=10**9, description="The number of a visit in the trace; now, unless you say which.")
    ] = None,
) -> StoredPosition:
    """Now, as the running workflow tells, or after the step that made a visit, as the recording run again gives it.

    409 where that is not known: it began before events were recorded, moved to another revision on the way, or does not
    come out as it did.
    """
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
    if step is None and found.ended_at is None:
        state = await told(parts, found)
        if state is not None:
            graph = await _graph(parts, state.revision)
            return _answer(graph, state, parts.now(), "workflow", ())
    recording, graph = await _recorded(parts, found, step)
    number = len(recording.trace) if step is None else step
    if number > len(recording.trace):
        raise Refusal(404, f"{name} has {len(recording.trace)} steps so far.")
    again = await asyncio.to_thread(_run, graph, recording, step)
    same = [one.path for one in again.visited] == [one.path for one in recording.trace[: len(again.visited)]]
    if not same or len(again.visited) < number or again.unknown is not None:
        raise Refusal(409, f"{name} does not come out as it did when it is run again, so its position is not known.")
    answered = [one for one in recording.happened if isinstance(one.event, RequestAnswered)]
    later = [one for one in answered if one.number > again.conversation.visits]
    return _answer(graph, again.conversation, _asked(again), "recording", later)


async def told(parts: Parts, found: Conversation) -> Position | None:
    """What the workflow itself says; None where it does not answer, or runs a later conversation by now."""
    handle = parts.temporal.get_workflow_handle(found.workflow_id)
    try:
        state: Any = await handle.query("position", result_type=_EITHER, rpc_timeout=PATIENCE)
    except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError, RuntimeError) as error:
        logger.info("the workflow of %s does not tell its position: %s", found.name, error)
        return None
    return state if state is not None and state.name == found.name else None


async def _recorded(parts: Parts, found: Conversation, step: int | None) -> tuple[Recording, Graph]:
    """The recording and the graph on which it ran until then."""
    async with parts.database.begin() as session:
        changes = await changes_of(session, found.name)
        if changes and (step is None or step >= changes[0].number):
            moved = f"{found.name} moved to another revision at step {changes[0].number}"
            raise Refusal(409, f"{moved}: only what was before can be worked out from its recording.")
        recording = await recordings.recording(session, found.name, parts.now())
        if recording is None:
            raise Refusal(409, f"{found.name} was not recorded, and no workflow tells where it stands.")
        number = changes[0].before if changes else found.revision
        graph = await _known(session, parts, number)
    return recording, graph


async def _graph(parts: Parts, number: int) -> Graph:
    async with parts.database.begin() as session:
        return await _known(session, parts, number)


async def _known(session: AsyncSession, parts: Parts, number: int) -> Graph:
    graph = await parts.production.graph(session, number)
    if graph is None:
        raise Refusal(409, f"The revision {number} that it followed is not there.")
    return graph


def _run(graph: Graph, recording: Recording, step: int | None) -> Replay:
    return Replay(graph, recording, Past(recording)).run(step)


def _asked(again: Replay) -> datetime:
    """The time of the step; once a question is out the time of that, since what is written before is no answer."""
    waiting = again.conversation.waiting
    return max(again.now, waiting.asked_at) if isinstance(waiting, AwaitsAnswer) else again.now


def _answer(
    graph: Graph, state: Position, at: datetime, source: Literal["workflow", "recording"], later: Any
) -> StoredPosition:
    answer = StoredPosition(
        conversation=state.name,
        revision=state.revision,
        step=state.visits,
        at=at,
        source=source,
        rests=rest(graph, state),
        position=state,
        recorded=list(later),
    )
    # It may stand anywhere, where a template or a request has it.
    text = answer.model_dump_json()
    return StoredPosition.model_validate_json(text.replace(state.hash, HIDDEN)) if state.hash else answer
