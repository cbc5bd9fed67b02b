"""The conversations that an agent has now, as the agents' desk lists them (SPEC 8)."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Agent
from api.conversations import ConversationItem, conversation_of, shown
from api.dependencies import Given
from api.errors import answers
from store import queues

router = APIRouter(tags=["agents"])


class HadConversation(BaseModel):
    """A conversation that you have accepted and that has not gone on."""

    queue: str = Field(description="Empty for the list of the unassigned.", examples=["support"])
    accepted_at: datetime
    conversation: ConversationItem


class HadConversations(BaseModel):
    items: list[HadConversation]


@router.get("/api/v1/agents/me/conversations", summary="List what you have", responses=answers(401, 403))
async def list_my_conversations(parts: Given, by: Agent) -> HadConversations:
    """Accepted first comes first. What you closed or sent elsewhere is not here any more."""
    async with parts.database.begin() as session:
        stays = await queues.had_by(session, by.name)
        items = await shown(session, parts, [await conversation_of(session, one.conversation) for one in stays])
    return HadConversations(
        items=[
            HadConversation(queue=one.queue, accepted_at=one.accepted_at or one.entered_at, conversation=item)
            for one, item in zip(stays, items, strict=True)
        ]
    )
