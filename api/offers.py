"""Offers: what rings for an agent, whom a conversation was offered to, and to accept or decline it (SPEC 8)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Agent, Principal, Viewer, record
from api.conversations import ConversationItem, Name, conversation_of, shown
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from routing.configuration import Queue
from routing.distribution import Why, accepted, works_in
from store import acceptance, conversations, offers, queues, revisions
from store.acceptance import Accepted, NotYours
from store.offers import Outcome
from store.users import at_least
from workflows.telling import tell_accepted, wake

router = APIRouter(tags=["offers"])

Reason = Annotated[
    Why,
    Field(
        description="`wanted`: it was transferred to them; `last_agent`: they had this customer last; `longest`: it "
        "was their turn."
    ),
]


class RingingOffer(BaseModel):
    """A conversation that is being offered to you."""

    queue: str = Field(description="Empty for the list of the unassigned.", examples=["support"])
    why: Reason
    offered_at: datetime
    until: datetime = Field(description="When it goes to the next agent.")
    conversation: ConversationItem


class RingingOffers(BaseModel):
    items: list[RingingOffer]


class PastOffer(BaseModel):
    """An offer, with what came of it."""

    model_config = ConfigDict(from_attributes=True)

    queue: str = Field(description="Empty for the list of the unassigned.", examples=["support"])
    agent: str = Field(examples=["eva"])
    why: Reason
    entered_at: datetime = Field(description="When this stay in the queue began.")
    offered_at: datetime
    until: datetime
    outcome: Outcome | None = Field(
        description="Null while it stands. `expired`: nobody answered; `withdrawn`: the conversation or the agent "
        "left, or the agent had no room any more."
    )
    settled_at: datetime | None


class PastOffers(BaseModel):
    items: list[PastOffer]


class AcceptedConversation(BaseModel):
    """It is yours. Where it was not `told` yet, it will be within seconds."""

    conversation: str = Field(examples=["igdm_0123456789abcdef01234567"])
    agent: str = Field(examples=["eva"])
    queue: str = Field(description="Empty for the list of the unassigned.", examples=["support"])
    accepted_at: datetime
    told: bool = Field(description="Whether its workflow has taken it.")


@router.get("/api/v1/offers", summary="List what is offered to you", responses=answers(401, 403))
async def list_my_offers(parts: Given, by: Agent) -> RingingOffers:
    """The oldest first. Accept or decline each before its time is over."""
    async with parts.database.begin() as session:
        found = await offers.ringing(session, by.name)
        rows = [await conversation_of(session, one.conversation) for one in found]
        items = await shown(session, parts, rows)
    return RingingOffers(
        items=[
            RingingOffer(
                queue=one.queue, why=one.why, offered_at=one.offered_at, until=one.until, conversation=conversation
            )
            for one, conversation in zip(found, items, strict=True)
        ]
    )


@router.get(
    "/api/v1/conversations/{name}/offers", summary="Whom a conversation was offered to", responses=answers(401, 404)
)
async def list_offers(parts: Given, _: Viewer, name: Name) -> PastOffers:
    """Every offer, the oldest first: to whom, why, and what came of it. Who took it by hand was offered nothing."""
    async with parts.database.begin() as session:
        await conversation_of(session, name)
        found = await offers.history(session, name)
    return PastOffers(items=[PastOffer.model_validate(one) for one in found])


@router.post(
    "/api/v1/conversations/{name}/accept",
    summary="Accept a conversation",
    responses=answers(401, 403, 404, 409),
)
async def accept(parts: Given, by: Agent, name: Name) -> AcceptedConversation:
    """What is offered to you, or what waits in a queue that you work in; supervisors, in any queue. Also while paused.

    Of several who accept it at once one has it, and the others get 409 with that one's name. 409 as well while it is
    offered to somebody else, where you may have no more, and where it waits for nobody. Once more is no mistake.
    """
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
        await queues.hold(session)
        await _may(session, parts, by, name)
        now = parts.now()  # after whoever was before us
        try:
            given = await acceptance.accept(session, name, by.name, now, parts.distribution)
        except NotYours as error:
            raise Refusal(409, str(error)) from error
        if given.anew:
            await record(session, by, "conversation.accepted", f"conversations/{name}", queue=given.stay.queue)
    told = await _told(parts, by, found, given)
    if given.anew:
        await wake(parts.temporal, parts.task_queue)
    return AcceptedConversation(
        conversation=name,
        agent=by.name,
        queue=given.stay.queue,
        accepted_at=given.stay.accepted_at or now,
        told=told,
    )


@router.post(
    "/api/v1/conversations/{name}/decline",
    summary="Decline a conversation",
    status_code=204,
    responses=answers(401, 403, 404, 409),
)
async def decline(parts: Given, by: Agent, name: Name) -> None:
    """It goes to the next agent at once, and you are the last to be offered anything. 409 where it is not offered to
    you, or not any more."""
    async with parts.database.begin() as session:
        await conversation_of(session, name)
        await queues.hold(session)
        try:
            await acceptance.decline(session, name, by.name, parts.now())
        except NotYours as error:
            raise Refusal(409, str(error)) from error
        await record(session, by, "conversation.declined", f"conversations/{name}")
    await wake(parts.temporal, parts.task_queue)


async def queues_of(session: AsyncSession, parts: Parts) -> dict[str, Queue]:
    """The queues of the current revision."""
    current = await revisions.current_number(session)
    graph = None if current is None else await parts.production.graph(session, current)
    return {} if graph is None else graph.configuration.queues


async def _may(session: AsyncSession, parts: Parts, by: Principal, name: str) -> None:
    """403 for a queue that one does not work in; what is offered or was transferred to somebody is theirs to take."""
    stay = await queues.stay(session, name)
    if stay is None or stay.left_at is not None or at_least(by.role, "supervisor") or stay.wanted == by.name:
        return
    offer = await offers.standing(session, name)
    known = await queues_of(session, parts)
    if (offer is None or offer.agent != by.name) and not works_in(known.get(stay.queue), by.name):
        raise Refusal(403, f"You do not work in the queue {stay.queue}.")


async def _told(parts: Parts, by: Principal, found: conversations.Conversation, given: Accepted) -> bool:
    """Have the workflow take it; 409 where it had left the queue, and then nobody has it."""
    stay = given.stay
    if stay.confirmed_at is not None:
        return True
    event = accepted(stay.conversation, stay.entered_at, by.name)
    told = await tell_accepted(parts.temporal, found.workflow_id, stay.conversation, event)
    if told != "gone":
        return told == "taken"
    async with parts.database.begin() as session:
        await queues.hold(session)
        await acceptance.undo(session, stay.conversation, stay.entered_at, by.name, parts.now())
    await wake(parts.temporal, parts.task_queue)
    raise Refusal(409, f"{stay.conversation} has left the queue meanwhile.")
