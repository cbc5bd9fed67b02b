"""Creating, changing and talking about tickets (SPEC 8)."""

import hashlib
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import tags
from api.access import Agent, Principal, record
from api.conversations import Name, conversation_of
from api.dependencies import Given, Parts
from api.documents import TAG
from api.errors import Problem, Refusal, answers
from api.tags import IfMatch
from api.tickets import Number, OneTicket, answer, content, found
from routing.sla import Stage
from store import conversations, tickets, users
from store.users import at_least

router = APIRouter(tags=["tickets"])

Priority = Literal["low", "normal", "high", "urgent"]
Title = Annotated[str, Field(description="What it is, in a line.", min_length=1, max_length=1000)]
Urgency = Annotated[Priority, Field(description="For people's eyes: it changes no time.")]
Words = Annotated[str, Field(max_length=20_000, description="What it is about.")]


class ConversationTicket(BaseModel):
    """A ticket that is to be created for a conversation."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"title": "Broken pot", "category": "orders"}]}
    )

    title: Title
    category: str | None = Field(None, description="A category of the current revision.")
    comment: Words = ""
    priority: Urgency = "normal"
    assignee: str | None = Field(None, description="An active user with at least the role agent.")


class NewTicket(ConversationTicket):
    """A ticket that is to be created."""

    conversation: str | None = Field(None, description="The conversation that it is about.")


class TicketValues(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stage": "closed"}, {"assignee": "eva", "priority": "high"}]}
    )

    title: Title = ""
    category: str | None = Field(None, description="A category of the current revision; null for none.")
    comment: Words = ""
    priority: Urgency = "normal"
    stage: Annotated[Stage, Field(description="`wait` is for the customer; `archived` is put away.")] = "open"
    assignee: str | None = Field(None, description="An active user with at least the role agent; null for nobody.")


class TicketComment(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"comment": "She sends a picture."}]})

    comment: Annotated[str, Field(description="For colleagues.", min_length=1, max_length=20_000)]


Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Anything of your own: the same again gives the ticket that is there instead of another one.",
        max_length=200,
    ),
]
MADE: dict[int | str, dict[str, Any]] = {201: {"description": "Created", "headers": TAG}}


# Creating -------------------------------------------------------------------------------------------------------------


@router.post(
    "/api/v1/tickets",
    summary="Create a ticket",
    status_code=201,
    responses=MADE | answers(401, 403, 413, 422),
)
async def create_ticket(response: Response, parts: Given, by: Agent, given: NewTicket, once: Once = None) -> OneTicket:
    """With or without a conversation. When it is due follows from its category in the current revision."""
    return await _created(response, parts, by, given, once)


@router.post(
    "/api/v1/conversations/{name}/ticket",
    summary="Create a ticket for a conversation",
    status_code=201,
    responses=MADE | answers(401, 403, 404, 413, 422),
)
async def create_conversation_ticket(
    response: Response, parts: Given, by: Agent, name: Name, given: ConversationTicket, once: Once = None
) -> OneTicket:
    """The same, for this conversation; open or ended does not matter. The conversation itself does not notice."""
    async with parts.database.begin() as session:
        await conversation_of(session, name)
    return await _created(response, parts, by, NewTicket(conversation=name, **given.model_dump()), once)


# Changing -------------------------------------------------------------------------------------------------------------


@router.patch(
    "/api/v1/tickets/{number}",
    summary="Change a ticket",
    responses={200: {"headers": TAG}} | answers(401, 403, 404, 412, 413, 422, 428),
)
async def change_ticket(
    response: Response, parts: Given, by: Agent, number: Number, given: TicketValues, if_match: IfMatch = None
) -> OneTicket:
    """Of two people who change what both have seen, the second gets 412 and nothing of theirs is written.

    Its clock runs while it is open: `wait` stops it, and a new category sets it anew from when the ticket was created.
    """
    values: Any = given.model_dump(include=given.model_fields_set)
    async with parts.database.begin() as session:
        before = await found(tickets.held(session, number), number)
        tags.require(if_match, content(before), f"ticket {number}")
        new = {name: value for name, value in values.items() if value != getattr(before, name)}
        known = await _checked(session, parts, new.get("category"), new.get("assignee"))
        after = await tickets.change_ticket(
            session, before, author=by.name, at=parts.now(), values=values, revision=known
        )
        if new:
            moved = {"stage": [before.stage, after.stage]} if "stage" in new else {}
            await record(session, by, "ticket.changed", f"tickets/{number}", fields=sorted(new), **moved)
        return await answer(response, session, parts, after)


@router.post(
    "/api/v1/tickets/{number}/comments",
    summary="Write something about a ticket",
    status_code=201,
    responses=MADE | answers(401, 403, 404, 413, 422),
)
async def comment_on_ticket(
    response: Response, parts: Given, by: Agent, number: Number, given: TicketComment
) -> OneTicket:
    """For colleagues, into its history; the customer sees nothing of it. No `If-Match` is needed."""
    async with parts.database.begin() as session:
        before = await found(tickets.held(session, number), number)
        after = await tickets.change_ticket(
            session, before, author=by.name, at=parts.now(), values={}, comment=given.comment
        )
        await record(session, by, "ticket.commented", f"tickets/{number}")
        return await answer(response, session, parts, after)


# What the routes have in common ---------------------------------------------------------------------------------------


async def _created(response: Response, parts: Parts, by: Principal, given: NewTicket, once: str | None) -> OneTicket:
    now = parts.now()
    async with parts.database.begin() as session:
        if given.conversation is not None and await conversations.conversation(session, given.conversation) is None:
            told = Problem(
                path="conversation", code="unknown", message=f"there is no conversation {given.conversation}"
            )
            raise Refusal(422, "The ticket was not created.", [told])
        revision = await _checked(session, parts, given.category, given.assignee)
        own = uuid.uuid4().hex if once is None else hashlib.sha256(once.encode(errors="replace")).hexdigest()
        key = f"user/{by.name}/{own}"
        number = await tickets.create_ticket(
            session, key, at=now, author=by.name, revision=revision, **given.model_dump()
        )
        made = await found(tickets.ticket(session, number), number)
        if made.created_at == now:
            await record(session, by, "ticket.created", f"tickets/{number}")
        response.headers["Location"] = f"/api/v1/tickets/{number}"
        return await answer(response, session, parts, made)


async def _checked(session: AsyncSession, parts: Parts, category: str | None, assignee: str | None) -> int | None:
    """The number of the current revision, if it has this category and there is such an assignee; else 422."""
    current = await parts.production.current(session)
    graph = None if current is None else await parts.production.graph(session, current.number)
    known = {} if graph is None else graph.configuration.categories
    problems: list[Problem] = []
    if category is not None and category not in known:
        message = f"the current revision has no category {category}; it has {', '.join(known) or 'none'}"
        problems.append(Problem(path="category", code="unknown", message=message))
    if assignee is not None:
        user = await users.user(session, assignee)
        if user is None or not user.active or not at_least(user.role, "agent"):
            message = f"{assignee} is no active user with at least the role agent: name one who is"
            problems.append(Problem(path="assignee", code="unknown", message=message))
    if problems:
        raise Refusal(422, "Nothing was written.", problems)
    return None if current is None else current.number
