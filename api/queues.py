"""Queues of people: which there are, how many wait in each, and since when (SPEC 8)."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Viewer
from api.dependencies import Given
from api.errors import answers
from routing.configuration import Queue
from store import queues, revisions
from store.queues import Length

router = APIRouter(tags=["queues"])


class QueueItem(BaseModel):
    """A queue of production, or one in which somebody still is although production has it no more."""

    name: str = Field(examples=["support"])
    title: str | None = Field(description="Null where production has no such queue any more.")
    configured: bool = Field(description="Whether production has it.")
    strategy: str | None = Field(examples=["pull"])
    priority: int | None = Field(description="0 is first.")
    agents: list[str] = Field(description="The users who work here.")
    waiting: int = Field(description="So many conversations wait for an agent.")
    waiting_since: datetime | None = Field(description="When the first of those who wait came.")
    with_agents: int = Field(description="So many are with an agent.")


class Unassigned(BaseModel):
    """Conversations that a person took over in the Instagram app, where the connector names no queue for that."""

    waiting: int
    waiting_since: datetime | None = Field(description="When the first of those who wait came.")
    with_agents: int


class QueueItems(BaseModel):
    items: list[QueueItem]
    unassigned: Unassigned


@router.get("/api/v1/queues", summary="List queues", responses=answers(401))
async def list_queues(parts: Given, _: Viewer) -> QueueItems:
    """In the order of the configuration; behind them those that only older revisions have, while somebody is there."""
    async with parts.database.begin() as session:
        current = await revisions.current_number(session)
        graph = None if current is None else await parts.production.graph(session, current)
        lengths = await queues.lengths(session)
    configured = graph.configuration.queues if graph is not None else {}
    aside = lengths.pop(queues.UNASSIGNED, None)
    names = dict.fromkeys([*configured, *sorted(lengths)])
    return QueueItems(
        items=[_item(name, configured.get(name), lengths.get(name)) for name in names],
        unassigned=Unassigned(
            waiting=aside.waiting if aside is not None else 0,
            waiting_since=aside.since if aside is not None else None,
            with_agents=aside.with_agents if aside is not None else 0,
        ),
    )


def _item(name: str, queue: Queue | None, length: Length | None) -> QueueItem:
    return QueueItem(
        name=name,
        title=queue.title if queue is not None else None,
        configured=queue is not None,
        strategy=queue.strategy if queue is not None else None,
        priority=queue.priority if queue is not None else None,
        agents=list(queue.agents) if queue is not None else [],
        waiting=length.waiting if length is not None else 0,
        waiting_since=length.since if length is not None else None,
        with_agents=length.with_agents if length is not None else 0,
    )
