"""Agents: whether they are there to be given conversations, and how many they may have (SPEC 8)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Agent, Principal, Supervisor, record
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from routing.distribution import room
from store import agents, queues
from store.agents import LOST, AtWork, State
from workflows.telling import wake

router = APIRouter(tags=["agents"])

MOST = 100
"""So many conversations nobody has at the same time."""
Name = Annotated[str, Path(description="The user's name.", examples=["eva"])]
Reason = Annotated[
    str | None, Field(max_length=200, description="Why; others see it. For `paused` only.", examples=["Lunch"])
]
Distribution = Annotated[
    list[Annotated[int, Field(ge=0, le=MOST)]] | None,
    Field(
        min_length=1,
        max_length=MOST,
        description="How many more conversations they may get while having none, one, two and so on; with more than "
        "this tells of, none. Null is the installation's usual one.",
        examples=[[3, 2, 1]],
    ),
]


class AgentItem(BaseModel):
    """Somebody who may have conversations."""

    name: str = Field(examples=["eva"])
    display_name: str = Field(examples=["Eva Nováková"])
    state: State = Field(description="`ready` is offered conversations; `paused` and `offline` are not.")
    reason: str | None = Field(description="Why they are paused.", examples=["Lunch"])
    lost: bool = Field(
        description=f"They are offline since nothing was heard of their desk for {LOST.seconds} seconds, and are back "
        "at its next heartbeat."
    )
    since: datetime | None = Field(description="Since when they are what they are; null for who was never there.")
    seen_at: datetime | None = Field(description="When their desk was heard of last.")
    free_since: datetime | None = Field(
        description="Since when they wait: they got through with a conversation, came, or let an offer go by."
    )
    having: int = Field(description="So many conversations they have.")
    ringing: int = Field(description="So many more are offered to them.")
    room: int = Field(description="So many more they may be offered now, when they are ready.")
    distribution: list[int] = Field(
        description="How many more conversations they may get while having none, one, two and so on.",
        examples=[[3, 2, 1]],
    )
    usual: bool = Field(description="Whether that is the installation's usual one.")


class AgentItems(BaseModel):
    items: list[AgentItem]


class MyState(BaseModel):
    """What you are from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "ready"}, {"state": "paused", "reason": "Lunch"}]}
    )

    state: Literal["ready", "paused", "offline"] = Field(
        description="`ready` is offered conversations; `paused` and `offline` are not."
    )
    reason: Reason = None


class AgentChanges(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "paused", "reason": "Training"}]}
    )

    state: Literal["ready", "paused", "offline"] | None = Field(
        None, description="`ready` only for who is there: nobody else can come for them."
    )
    reason: Reason = None
    distribution: Distribution = None


@router.get("/api/v1/agents", summary="List agents", responses=answers(401, 403))
async def list_agents(parts: Given, _: Agent) -> AgentItems:
    """Everybody who may have conversations, by name: who is ready, what they have, and how many more they may get."""
    async with parts.database.begin() as session:
        found = await agents.at_work(session)
    return AgentItems(items=[_item(parts, one) for one in found])


@router.get("/api/v1/agents/me", summary="Look at yourself as an agent", responses=answers(401, 403))
async def read_my_state(parts: Given, by: Agent) -> AgentItem:
    """Whether you are ready, what you have, and how many more you may get."""
    async with parts.database.begin() as session:
        return _item(parts, await _found(session, by.name))


@router.patch("/api/v1/agents/me", summary="Be ready, paused or offline", responses=answers(401, 403, 413, 422))
async def change_my_state(parts: Given, by: Agent, given: MyState) -> AgentItem:
    """Who becomes ready is the last to be offered anything. Who does not stay ready loses the offers that stand, and
    keeps the conversations that they have."""
    async with parts.database.begin() as session:
        await queues.hold(session)
        before = await _found(session, by.name)
        await _become(session, parts, by.name, given.state, given.reason, here=True)
        after = await _found(session, by.name)
        await _recorded(session, by, before, after)
    await wake(parts.temporal, parts.task_queue)
    return _item(parts, after)


@router.post("/api/v1/agents/me/heartbeat", summary="Say that you are there", responses=answers(401, 403))
async def heartbeat(parts: Given, by: Agent) -> AgentItem:
    """An agents' desk sends this every 15 seconds. Who was lost is again what they were, and otherwise it changes
    nothing: be ready with `PATCH /api/v1/agents/me`."""
    async with parts.database.begin() as session:
        came = await agents.beat(session, by.name, parts.now())
        found = await _found(session, by.name)
    if came:
        await wake(parts.temporal, parts.task_queue)
    return _item(parts, found)


@router.patch("/api/v1/agents/{name}", summary="Change an agent", responses=answers(401, 403, 404, 409, 413, 422))
async def change_agent(parts: Given, by: Supervisor, name: Name, given: AgentChanges) -> AgentItem:
    """Pause somebody, send them home, or say how many conversations they may have. Fewer takes nothing away from them.
    409 for making somebody ready who is not there."""
    async with parts.database.begin() as session:
        await queues.hold(session)
        before = await _found(session, name)
        if given.state == "ready" and before.state == "offline" and name != by.name:
            raise Refusal(409, f"{name} is not there. Only they can come.")
        if given.state is not None:
            await _become(session, parts, name, given.state, given.reason, here=name == by.name)
        if "distribution" in given.model_fields_set:
            await agents.set_distribution(session, name, given.distribution)
        after = await _found(session, name)
        await _recorded(session, by, before, after)
    await wake(parts.temporal, parts.task_queue)
    return _item(parts, after)


async def _become(session: AsyncSession, parts: Parts, name: str, state: State, reason: str | None, here: bool) -> None:
    match state:
        case "ready":
            await agents.come(session, name, parts.now(), here=here)
        case "paused":
            await agents.pause(session, name, reason, parts.now(), here=here)
        case "offline":
            await agents.go(session, name, parts.now())


async def _found(session: AsyncSession, name: str) -> AtWork:
    found = await agents.one_at_work(session, name)
    if found is None:
        raise Refusal(404, f"There is no active user {name} with at least the role agent.")
    return found


async def _recorded(session: AsyncSession, by: Principal, before: AtWork, after: AtWork) -> None:
    """Into the audit log, if anything changed."""
    changed: dict[str, Any] = {
        field: [getattr(before, field), getattr(after, field)]
        for field in ("state", "reason", "distribution")
        if getattr(before, field) != getattr(after, field)
    }
    if changed:
        await record(session, by, "agent.changed", f"agents/{after.name}", **changed)


def _item(parts: Parts, one: AtWork) -> AgentItem:
    distribution = list(parts.distribution) if one.distribution is None else one.distribution
    return AgentItem(
        name=one.name,
        display_name=one.display_name,
        state=one.state,
        reason=one.reason,
        lost=one.lost,
        since=one.since,
        seen_at=one.seen_at,
        free_since=one.free_since,
        having=one.having,
        ringing=one.ringing,
        room=room(distribution, one.having, one.ringing),
        distribution=distribution,
        usual=one.distribution is None,
    )
