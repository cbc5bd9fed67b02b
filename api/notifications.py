"""What the people of queues are told, such as missed chats and messages of which nobody knows the end (SPEC 8)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Agent, record
from api.dependencies import Given
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from store import notifications

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


class NotificationItems(BaseModel):
    items: list[NotificationItem]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/notifications", summary="List notifications", responses=answers(401, 403, 422))
async def list_notifications(
    parts: Given,
    _: Agent,
    queue: Annotated[str | None, Query(description="Only those of this queue.")] = None,
    unread: Annotated[bool, Query(description="Only those that nobody has read.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> NotificationItems:
    """Newest first."""
    async with parts.database.begin() as session:
        page = await paged(notifications.notifications(session, queue=queue, unread=unread, cursor=cursor, limit=limit))
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
        if await notifications.mark_read(session, id, parts.now()):
            await record(session, by, "notification.read", f"notifications/{id}")
        elif await notifications.notification(session, id) is None:
            raise Refusal(404, f"There is no notification {id}.")
