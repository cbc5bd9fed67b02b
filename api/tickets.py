"""Tickets that conversations created (SPEC 8)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Viewer
from api.dependencies import Given
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from store import tickets

router = APIRouter(tags=["tickets"])


class TicketItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int = Field(examples=[1001])
    conversation: str | None = Field(description="Null where the customer's data was erased.")
    title: str
    category: str | None
    comment: str
    priority: str | None
    stage: str = Field(examples=["open"])
    created_at: datetime


class TicketItems(BaseModel):
    items: list[TicketItem]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/tickets", summary="List tickets", responses=answers(401, 422))
async def list_tickets(
    parts: Given,
    _: Viewer,
    conversation: Annotated[str | None, Query(description="Of this conversation.")] = None,
    category: Annotated[str | None, Query(description="Of this category.")] = None,
    priority: Annotated[str | None, Query(description="Of this priority.")] = None,
    stage: Annotated[str | None, Query(description="In this stage.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TicketItems:
    """Newest first."""
    filters = {"conversation": conversation, "category": category, "priority": priority, "stage": stage}
    async with parts.database.begin() as session:
        page = await paged(tickets.tickets(session, cursor=cursor, limit=limit, **filters))
    return TicketItems(items=[TicketItem.model_validate(one) for one in page.items], cursor=page.cursor)


@router.get("/api/v1/tickets/{number}", summary="Look at a ticket", responses=answers(401, 404, 422))
async def read_ticket(
    parts: Given, _: Viewer, number: Annotated[int, Path(ge=1, le=2**63 - 1, description="Its number.")]
) -> TicketItem:
    """One ticket."""
    async with parts.database.begin() as session:
        found = await tickets.ticket(session, number)
    if found is None:
        raise Refusal(404, f"There is no ticket {number}.")
    return TicketItem.model_validate(found)
