"""What the people of queues are told, such as missed chats and messages of which nobody knows the end (SPEC 8)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Agent, Principal, record
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from store import notifications, revisions
from store.users import at_least

router = APIRouter(tags=["notifications"])


class NotificationItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: str = Field(description="What happened.", examples=["missed_chat"])
    queue: str | None = Field(description="Whose people it is for; null for everybody.")
    conversation: str | None
    content: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    read_by: str | None = Field(description="Who was the first to read it.", examples=["eva"])


class NotificationItems(BaseModel):
    items: list[NotificationItem]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/notifications", summary="List notifications", responses=answers(401, 403, 422))
async def list_notifications(
    parts: Given,
    by: Agent,
    queue: Annotated[str | None, Query(description="Only those of this queue.")] = None,
    unread: Annotated[bool, Query(description="Only those that nobody has read.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> NotificationItems:
    """Newest first: those for everybody and those of the queues that you work in; supervisors see those of all."""
    async with parts.database.begin() as session:
        hidden = await _hidden(session, parts, by)
        page = await paged(
            notifications.notifications(session, queue=queue, unread=unread, hidden=hidden, cursor=cursor, limit=limit)
        )
    return NotificationItems(items=[NotificationItem.model_validate(one) for one in page.items], cursor=page.cursor)


@router.post(
    "/api/v1/notifications/{id}/read",
    summary="Mark a notification as read",
    status_code=204,
    responses=answers(401, 403, 404, 422),
)
async def read_notification(
    parts: Given, by: Agent, id: Annotated[int, Path(ge=1, le=2**63 - 1, description="Its number.")]
) -> None:
    """For everybody; whoever does so first."""
    async with parts.database.begin() as session:
        found = await notifications.notification(session, id)
        if found is None or found.queue in await _hidden(session, parts, by):
            raise Refusal(404, f"There is no notification {id}.")
        if await notifications.mark_read(session, id, parts.now(), by.name):
            await record(session, by, "notification.read", f"notifications/{id}")


async def _hidden(session: AsyncSession, parts: Parts, by: Principal) -> frozenset[str]:
    """The queues in which others work; one that production has no more is everybody's, and so is one without agents."""
    current = None if at_least(by.role, "supervisor") else await revisions.current_number(session)
    if current is None:
        return frozenset()
    graph = await parts.production.graph(session, current)
    queues = graph.configuration.queues if graph is not None else {}
    return frozenset(name for name, queue in queues.items() if queue.agents and by.name not in queue.agents)
