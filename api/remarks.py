"""Notes between colleagues, which stand in the transcript and never reach the customer (SPEC 8)."""

import hashlib
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.access import Agent
from api.acts import open_one, theirs
from api.conversations import Name
from api.dependencies import Given
from api.errors import answers
from api.replies import LONGEST, Key
from store.messages import NewMessage, record_inbound

router = APIRouter(tags=["conversations"])


class Remark(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "She called as well, about the same order."}]}
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=True)] = Field(
        description="What colleagues should know."
    )


class Remarked(BaseModel):
    """It is in the transcript."""

    conversation: str
    key: str = Field(description="Its key in the transcript.")
    at: datetime


@router.post(
    "/api/v1/conversations/{name}/note",
    summary="Write a note",
    status_code=201,
    responses=answers(401, 403, 404, 409, 413, 422),
)
async def note(parts: Given, by: Agent, name: Name, given: Remark, key: Key = None) -> Remarked:
    """The agent who has it, and supervisors. The customer never sees it. 409 where it has ended or is not yours."""
    now = parts.now()
    async with parts.database.begin() as session:
        found = await open_one(session, name)
        await theirs(session, by, found)
        own = f"n:{uuid.uuid4().hex}" if key is None else _key(name, by.name, key)
        row = NewMessage(
            key=own,
            conversation=name,
            author="agent",
            agent=by.name,
            at=now,
            kind="note",
            direction="note",
            text=given.text,
        )
        await record_inbound(session, [row])
    return Remarked(conversation=name, key=own, at=now)


def _key(conversation: str, agent: str, key: str) -> str:
    return f"n:{hashlib.sha256(f'{conversation}/{agent}/{key}'.encode(errors='replace')).hexdigest()[:32]}"
