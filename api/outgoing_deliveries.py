"""What outgoing webhooks were told, and how each attempt went; tests, and deliveries once more (SPEC 8)."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Admin, record
from api.dependencies import Given
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from api.outgoing import Id, found, path, tell
from store import webhook_deliveries, webhooks
from store.announcements import message_id
from store.webhook_deliveries import Attempt, Delivery, State
from store.webhooks import Webhook

router = APIRouter(tags=["outgoing webhooks"])

NEWEST = 20
"""So many attempts of each delivery are listed."""
AnnouncementId = Annotated[int, Path(ge=1, le=2**63 - 1, description="The `announcement` of the delivery.")]


class AttemptItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: datetime
    status: int | None = Field(description="What was answered; null where nothing was.")
    error: str | None = Field(description="Why it does not count as arrived.")
    milliseconds: int


class DeliveryItem(BaseModel):
    announcement: int
    id: str = Field(description="The header `webhook-id`, the same at every attempt.", examples=["msg_…"])
    kind: str = Field(examples=["chat.missed"])
    conversation: str | None
    at: datetime = Field(description="When it happened.")
    data: dict[str, Any] = Field(description="The `data` of the body; `erased` where a customer's data was erased.")
    state: State = Field(description="`failed`: it was given up.")
    next_at: datetime | None = Field(description="When it is tried next, while it waits.")
    settled_at: datetime | None
    tried: int = Field(description="So many attempts there were.")
    attempts: list[AttemptItem] = Field(description=f"The newest {NEWEST} of them, the newest first.")


class DeliveryItems(BaseModel):
    items: list[DeliveryItem]
    cursor: str | None = Field(description=NEXT)


class Sent(BaseModel):
    announcement: int = Field(description="What it is in the list of deliveries.")


@router.post(
    "/api/v1/webhooks/{id}/test",
    summary="Send a test",
    status_code=202,
    responses=answers(401, 403, 404, 409, 422, 503),
)
async def send_test(parts: Given, by: Admin, id: Id) -> Sent:
    """One signed delivery of the kind `webhook.test`, tried once; how it went is in the list of deliveries."""
    key = f"test/{id}/{secrets.token_hex(16)}"
    async with parts.database.begin() as session:
        _active(found(await webhooks.webhook(session, id), id))
        content = {"webhook": id, "by": by.name}
        sent = await webhook_deliveries.add_test(session, id, key=key, content=content, at=parts.now())
        await record(session, by, "webhook.tested", path(id))
    await tell(parts, id)
    return Sent(announcement=sent)


@router.get("/api/v1/webhooks/{id}/deliveries", summary="List deliveries", responses=answers(401, 403, 404, 422))
async def list_deliveries(
    parts: Given,
    _: Admin,
    id: Id,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryItems:
    """Newest first, with every attempt; kept for 30 days, and for as long as they wait."""
    async with parts.database.begin() as session:
        found(await webhooks.webhook(session, id), id)
        page = await paged(webhook_deliveries.deliveries(session, id, state=state, cursor=cursor, limit=limit))
        ids = [one.announcement for one in page.items]
        attempts = await webhook_deliveries.attempts(session, id, ids, NEWEST)
    items = [_delivery(one, attempts.get(one.announcement, [])) for one in page.items]
    return DeliveryItems(items=items, cursor=page.cursor)


@router.post(
    "/api/v1/webhooks/{id}/deliveries/{announcement}/retry",
    summary="Deliver once more",
    status_code=202,
    responses=answers(401, 403, 404, 409, 422, 503),
)
async def retry_delivery(parts: Given, by: Admin, id: Id, announcement: AnnouncementId) -> Sent:
    """At once, whatever came of it before, with the same `webhook-id`."""
    async with parts.database.begin() as session:
        _active(found(await webhooks.webhook(session, id), id))
        if not await webhook_deliveries.again(session, id, announcement, parts.now()):
            raise Refusal(404, f"Webhook {id} has no delivery of announcement {announcement}.")
        await record(session, by, "webhook.retried", path(id), announcement=announcement)
    await tell(parts, id)
    return Sent(announcement=announcement)


def _delivery(one: Delivery, attempts: list[Attempt]) -> DeliveryItem:
    return DeliveryItem(
        announcement=one.announcement,
        id=message_id(one.key, one.at),
        kind=one.kind,
        conversation=one.conversation,
        at=one.at,
        data=one.content,
        state=one.state,
        next_at=one.due_at if one.state == "waiting" else None,
        settled_at=one.settled_at,
        tried=one.attempts,
        attempts=[AttemptItem.model_validate(attempt) for attempt in attempts],
    )


def _active(one: Webhook) -> None:
    if one.state == "paused":
        raise Refusal(409, f"Webhook {one.id} is paused: resume it first.")
