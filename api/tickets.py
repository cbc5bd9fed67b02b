"""Tickets that conversations and people created, in lists and one by one with what became of them (SPEC 8)."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import tags
from api.access import Viewer
from api.dependencies import Given, Parts
from api.documents import READ
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from routing.sla import Stage
from store import tickets
from store.tickets import GRAPH, Ticket

router = APIRouter(tags=["tickets"])

NOBODY = "-"
"""Asks for tickets that nobody has; no user is called that."""
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="Its number.", examples=[1001])]


class TicketItem(BaseModel):
    """A ticket in a list."""

    model_config = ConfigDict(from_attributes=True)

    number: int = Field(examples=[1001])
    conversation: str | None = Field(description="Null where there is none, or the customer's data was erased.")
    title: str
    category: str | None = Field(description="A category of the configuration.", examples=["orders"])
    comment: str = Field(description="What it is about.")
    priority: str | None = Field(description="`low`, `normal`, `high` or `urgent`.", examples=["normal"])
    stage: Stage = Field(description="`wait` is for the customer; `archived` is put away.")
    author: str = Field(description=f"Who created it; `{GRAPH}` for the configuration.", examples=[GRAPH])
    assignee: str | None = Field(description="The user who has it.", examples=["eva"])
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None = Field(
        description="When the time that its category promises is up. Null without such a promise, and while it waits."
    )
    overdue: bool = Field(description="That time is up, or was when the ticket was closed.")
    closed_at: datetime | None = Field(description="When it was closed or put away; null while it is not.")


class TicketChange(BaseModel):
    """What somebody did to a ticket."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    author: str = Field(examples=["eva"])
    changes: dict[str, list[Any]] = Field(
        description="By field: what it was before, and what it was then.", examples=[{"stage": ["open", "closed"]}]
    )
    comment: str = Field(description="What they wrote about it.")


class OneTicket(TicketItem):
    """A ticket with all that was done to it."""

    history: list[TicketChange] = Field(description="The oldest first.")


class TicketItems(BaseModel):
    items: list[TicketItem]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/tickets", summary="List tickets", responses=answers(401, 422))
async def list_tickets(
    parts: Given,
    _: Viewer,
    stage: Annotated[list[Stage] | None, Query(description="In this stage, or in one of these.")] = None,
    category: Annotated[str | None, Query(description="Of this category.")] = None,
    priority: Annotated[str | None, Query(description="Of this priority.")] = None,
    assignee: Annotated[str | None, Query(description=f"That this user has; `{NOBODY}` for nobody's.")] = None,
    overdue: Annotated[bool | None, Query(description="Whose time is up, or all others.")] = None,
    conversation: Annotated[str | None, Query(description="Of this conversation.")] = None,
    account: Annotated[str | None, Query(description="Of conversations with this connected account.")] = None,
    customer: Annotated[str | None, Query(description="Of conversations with the customer of this id.")] = None,
    text: Annotated[
        str | None,
        Query(
            description="With words that begin with all of these, in any order and any case, or with this number.",
            examples=["brok pot"],
            min_length=1,
            max_length=200,
        ),
    ] = None,
    order: Annotated[
        tickets.Order, Query(description="`newest` first; or `due` first, and those without a due time last.")
    ] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TicketItems:
    """All filters that are given have to agree."""
    now = parts.now()
    wanted: tickets.Filters = {
        "stages": stage,
        "category": category,
        "priority": priority,
        "assignee": "" if assignee == NOBODY else assignee,
        "overdue": now if overdue is True else None,
        "in_time": now if overdue is False else None,
        "conversation": conversation,
        "account": account,
        "customer": customer,
        "words": text,
    }
    async with parts.database.begin() as session:
        page = await paged(tickets.tickets(session, order=order, cursor=cursor, limit=limit, **wanted))
    return TicketItems(items=items(page.items, now), cursor=page.cursor)


@router.get(
    "/api/v1/tickets/{number}",
    summary="Look at a ticket",
    responses=READ | answers(401, 404, 422),
)
async def read_ticket(request: Request, response: Response, parts: Given, _: Viewer, number: Number) -> OneTicket:
    """With all that was done to it. Its `ETag` is for `If-Match` when you change it."""
    async with parts.database.begin() as session:
        return await answer(response, session, parts, await found(tickets.ticket(session, number), number), request)


def items(found: Sequence[Ticket], now: datetime) -> list[TicketItem]:
    """Tickets as lists show them at this time."""
    return [TicketItem.model_validate(_shown(one, now)) for one in found]


CHANGED = ("title", "category", "comment", "priority", "stage", "assignee")
"""What people change."""


def content(ticket: Ticket) -> dict[str, Any]:
    """What people change, which the tag is of."""
    return {name: getattr(ticket, name) for name in CHANGED}


async def found(asked: Awaitable[Ticket | None], number: int) -> Ticket:
    """The ticket that was asked for, or 404."""
    ticket = await asked
    if ticket is None:
        raise Refusal(404, f"There is no ticket {number}.")
    return ticket


async def answer(
    response: Response, session: AsyncSession, parts: Parts, ticket: Ticket, request: Request | None = None
) -> Any:
    """The ticket with its history and its tag; 304 where a request has that already."""
    past = [TicketChange.model_validate(one) for one in await tickets.history(session, ticket.number)]
    shown = OneTicket.model_validate({**_shown(ticket, parts.now()), "history": past})
    tag = tags.tag_of(content(ticket), shown.model_dump(mode="json"))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request is not None and tags.unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return shown


def _shown(ticket: Ticket, now: datetime) -> dict[str, Any]:
    late = ticket.due_at is not None and ticket.due_at < (ticket.closed_at or now)
    return {**vars(ticket), "overdue": late}
