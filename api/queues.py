"""Queues of people: which there are, who works there, how many wait and since when, and who waits (SPEC 8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Viewer
from api.conversations import ConversationCustomer
from api.dependencies import Given
from api.errors import Refusal, answers
from api.offers import queues_of
from routing.configuration import Queue
from routing.distribution import works_in
from store import agents, contacts, queues
from store.queues import UNASSIGNED, InLine, Length

router = APIRouter(tags=["queues"])

ASIDE = "unassigned"
"""The name by which the list without a queue is asked for."""


class QueueItem(BaseModel):
    """A queue of production, or one in which somebody still is although production has it no more."""

    name: str = Field(examples=["support"])
    title: str | None = Field(description="Null where production has no such queue any more.")
    configured: bool = Field(description="Whether production has it.")
    strategy: str | None = Field(
        description="`pull`: agents take; `least_recent`: offered to agents in turn.", examples=["pull"]
    )
    priority: int | None = Field(description="0 is first.")
    agents: list[str] = Field(description="The users who work here; empty where everybody does.")
    ready: list[str] = Field(description="Those of them who are ready.", examples=[["eva"]])
    waiting: int = Field(description="So many conversations wait for an agent.")
    waiting_since: datetime | None = Field(description="When the first of those who wait came.")
    longest_wait: int | None = Field(description="So many seconds that one has waited.")
    with_agents: int = Field(description="So many are with an agent.")


class Unassigned(BaseModel):
    """Conversations that a person took over in the Instagram app, or that were transferred to a person, outside every
    queue. Every agent may take them."""

    waiting: int
    waiting_since: datetime | None = Field(description="When the first of those who wait came.")
    longest_wait: int | None = Field(description="So many seconds that one has waited.")
    with_agents: int


class QueueItems(BaseModel):
    items: list[QueueItem]
    unassigned: Unassigned


class WaitingItem(BaseModel):
    """A conversation that waits for an agent."""

    position: int = Field(description="1 is next: by priority, then by time of arrival.")
    conversation: str = Field(examples=["igdm_0123456789abcdef01234567"])
    customer: ConversationCustomer
    priority: int = Field(description="0 is first.")
    since: datetime
    waited: int = Field(description="So many seconds.")
    wanted: str | None = Field(description="The agent to whom it was transferred.")
    offered_to: str | None = Field(description="The agent to whom it is being offered.")
    offered_until: datetime | None


class OneQueue(BaseModel):
    """Who waits in a queue."""

    name: str = Field(description="Empty for the list of those outside every queue.", examples=["support"])
    title: str | None
    waiting: int = Field(description="How many wait, also beyond `limit`.")
    ready: list[str] = Field(description="The agents of the queue who are ready.")
    items: list[WaitingItem] = Field(description="The next one first.")


@router.get("/api/v1/queues", summary="List queues", responses=answers(401))
async def list_queues(parts: Given, _: Viewer) -> QueueItems:
    """In the order of the configuration; behind them those that only older revisions have, while somebody is there."""
    async with parts.database.begin() as session:
        configured = await queues_of(session, parts)
        lengths = await queues.lengths(session)
        ready = await _ready(session)
    now = parts.now()
    aside = lengths.pop(UNASSIGNED, None)
    names = dict.fromkeys([*configured, *sorted(lengths)])
    return QueueItems(
        items=[_item(name, configured.get(name), lengths.get(name), ready, now) for name in names],
        unassigned=Unassigned(
            waiting=aside.waiting if aside is not None else 0,
            waiting_since=aside.since if aside is not None else None,
            longest_wait=_waited(aside.since if aside is not None else None, now),
            with_agents=aside.with_agents if aside is not None else 0,
        ),
    )


@router.get("/api/v1/queues/{name}", summary="Look who waits in a queue", responses=answers(401, 404, 422))
async def read_queue(
    parts: Given,
    _: Viewer,
    name: Annotated[str, Path(description="The queue's name, or `unassigned`.", examples=["support"])],
    limit: Annotated[int, Query(ge=1, le=1000, description="So many of them at the most.")] = 200,
) -> OneQueue:
    """The next one first. `unassigned` is the list of those who wait for a person outside every queue, also where a
    queue is called so."""
    async with parts.database.begin() as session:
        configured = {} if name == ASIDE else await queues_of(session, parts)
        asked = UNASSIGNED if name == ASIDE else name
        length = (await queues.lengths(session)).get(asked)
        if name != ASIDE and name not in configured and length is None:
            raise Refusal(404, f"There is no queue {name}.")
        line = await queues.line(session, asked, limit)
        people = await contacts.contacts_of(session, [(one.account, one.customer) for one in line])
        ready = await _ready(session)
    queue, now = configured.get(name), parts.now()
    return OneQueue(
        name=asked,
        title=queue.title if queue is not None else None,
        waiting=length.waiting if length is not None else 0,
        ready=[agent for agent in ready if works_in(queue, agent)],
        items=[_waiting(number, one, people, now) for number, one in enumerate(line, start=1)],
    )


async def _ready(session: AsyncSession) -> list[str]:
    return [one.name for one in await agents.at_work(session) if one.state == "ready"]


def _item(name: str, queue: Queue | None, length: Length | None, ready: Sequence[str], now: datetime) -> QueueItem:
    return QueueItem(
        name=name,
        title=queue.title if queue is not None else None,
        configured=queue is not None,
        strategy=queue.strategy if queue is not None else None,
        priority=queue.priority if queue is not None else None,
        agents=list(queue.agents) if queue is not None else [],
        ready=[agent for agent in ready if works_in(queue, agent)],
        waiting=length.waiting if length is not None else 0,
        waiting_since=length.since if length is not None else None,
        longest_wait=_waited(length.since if length is not None else None, now),
        with_agents=length.with_agents if length is not None else 0,
    )


def _waiting(
    position: int, one: InLine, people: Mapping[tuple[str, str], contacts.Contact], now: datetime
) -> WaitingItem:
    contact = people.get((one.account, one.customer))
    return WaitingItem(
        position=position,
        conversation=one.conversation,
        customer=ConversationCustomer(
            id=one.customer,
            name=contact.name if contact is not None else None,
            username=contact.username if contact is not None else None,
        ),
        priority=one.priority,
        since=one.entered_at,
        waited=_waited(one.entered_at, now) or 0,
        wanted=one.wanted,
        offered_to=one.offered_to,
        offered_until=one.offered_until,
    )


def _waited(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(int((now - since).total_seconds()), 0)
