"""Closing conversations, and sending them elsewhere: to another place, or to a colleague (SPEC 8)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Agent, record
from api.acts import Taken, act, doubt, open_one, taken, theirs
from api.conversations import Name
from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers
from routing.configuration import BUILT_IN_CAUSES
from routing.distribution import works_in
from routing.messages import AgentClosed, Transferred
from routing.turns.people import AGENTS
from store import agents, queues, revisions, users
from store.conversations import Conversation
from store.users import at_least

router = APIRouter(tags=["conversations"])


class Close(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"cause": "user"}]})

    cause: Annotated[str, Field(description="A disconnection cause of the conversation's revision.", min_length=1)] = (
        "user"
    )


class Transfer(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "queues/support"}]})

    to: Annotated[
        str,
        Field(
            description="The path of a destination, or `agents/` and the name of a user.",
            examples=["queues/support", "agents/eva"],
            min_length=1,
        ),
    ]


@router.post(
    "/api/v1/conversations/{name}/close",
    summary="Close a conversation",
    status_code=202,
    responses=answers(401, 403, 404, 409, 413, 422, 503),
)
async def close(parts: Given, by: Agent, name: Name, given: Close | None = None) -> Taken:
    """The agent who has it, and supervisors. It ends with this cause, or goes where its queue says `after_close`. 409
    where it has ended or is not yours, 503 where it cannot be reached: then look again, since it may have been closed
    all the same."""
    given = given or Close()
    async with parts.database.begin() as session:
        found = await open_one(session, name)
        await theirs(session, by, found)
        await _check_cause(session, parts, found, given.cause)
        reached = await act(parts, found, AgentClosed(cause=given.cause, agent=by.name))
        details = {"cause": given.cause} | doubt(reached)
        await record(session, by, "conversation.closed", f"conversations/{name}", **details)
    return taken(found, reached)


@router.post(
    "/api/v1/conversations/{name}/transfer",
    summary="Send a conversation elsewhere",
    status_code=202,
    responses=answers(401, 403, 404, 409, 413, 422, 503),
)
async def transfer(parts: Given, by: Agent, name: Name, given: Transfer) -> Taken:
    """The agent who has it, and supervisors, whatever it waits for. To any destination of its revision, or to an agent
    (`agents/eva`), who is offered it first. 409 where it has ended or is not yours, or the agent is not ready; 422
    where there is no such place, or nobody who could take it; 503 where it cannot be reached: then look again, since
    it may have gone there all the same."""
    async with parts.database.begin() as session:
        found = await open_one(session, name)
        await theirs(session, by, found)
        if given.to.startswith(AGENTS):
            await _check_agent(session, parts, found, given.to.removeprefix(AGENTS))
        reached = await act(parts, found, Transferred(to=given.to, agent=by.name))
        details = {"to": given.to} | doubt(reached)
        await record(session, by, "conversation.transferred", f"conversations/{name}", **details)
    return taken(found, reached)


async def _check_cause(session: AsyncSession, parts: Parts, found: Conversation, cause: str) -> None:
    graph = await parts.production.graph(session, found.revision)
    more = graph.configuration.disconnection_causes if graph is not None else {}
    known = (*BUILT_IN_CAUSES, *(name for name in more if name not in BUILT_IN_CAUSES))
    if cause not in known:
        message = f"revision {found.revision} has no such cause; it has {', '.join(known)}"
        raise Refusal(422, "The conversation was not closed.", [Problem(path="cause", code="unknown", message=message)])


async def _check_agent(session: AsyncSession, parts: Parts, found: Conversation, name: str) -> None:
    """Whether somebody could take it now: who works in its queue, is ready, and has not got it."""
    user = await users.user(session, name)
    if user is None or not user.active or not at_least(user.role, "agent"):
        raise _nobody("unknown", f"there is no agent {name}: name a user who is active and has the role agent")
    stay = await queues.stay(session, found.name)
    queue = "" if stay is None or stay.left_at is not None else stay.queue
    if stay is not None and stay.left_at is None and stay.agent == name:
        raise Refusal(409, f"{name} has {found.name} already.")
    number = await revisions.current_number(session)
    graph = None if number is None else await parts.production.graph(session, number)
    if not works_in(None if graph is None else graph.configuration.queues.get(queue), name):
        message = f"{name} does not work in the queue {queue}: send it to one of theirs first"
        raise _nobody("elsewhere", message)
    presence = await agents.presence(session, name)
    if presence is None or presence.state == "offline":
        raise Refusal(409, f"{name} is not there. Send it to the queue, and somebody who is gets it.")
    if presence.state == "paused":
        why = f" ({presence.reason})" if presence.reason else ""
        raise Refusal(409, f"{name} is paused{why}. Send it to the queue, and somebody who is ready gets it.")


def _nobody(code: str, message: str) -> Refusal:
    return Refusal(422, "The conversation was not transferred.", [Problem(path="to", code=code, message=message)])
