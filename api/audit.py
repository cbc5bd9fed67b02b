"""The audit log: who changed what, who logged in, and who tried to (SPEC 7)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.access import Admin
from api.dependencies import Given
from api.errors import answers
from api.lists import NEXT, Cursor, Limit, paged
from store import audit

router = APIRouter(tags=["audit"])


class Entry(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str = Field(description="A user's name; `system` for Switchboard itself, empty for nobody known.")
    action: str = Field(examples=["user.changed"])
    object: str = Field(description="What it was done to, as a path.", examples=["users/eva"])
    details: dict[str, Any] = Field(examples=[{"role": ["agent", "supervisor"]}])


class Entries(BaseModel):
    items: list[Entry]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/audit", summary="Read the audit log", responses=answers(401, 403, 422))
async def read_audit(
    parts: Given,
    _: Admin,
    actor: Annotated[str | None, Query(description="Who did it.", examples=["eva"])] = None,
    action: Annotated[str | None, Query(description="`user.changed`, or `user` for all of its kind.")] = None,
    object: Annotated[str | None, Query(description="`users/eva`, or `users` for all of them.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this time on, with a time zone.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time, with a time zone.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Entries:
    """Newest first. Entries are never changed and never deleted, also not with the users whom they name."""
    filters: dict[str, Any] = {"actor": actor, "action": action, "object": object, "since": since, "until": until}
    async with parts.database.begin() as session:
        page = await paged(audit.entries(session, **filters, cursor=cursor, limit=limit))
    return Entries(items=[Entry.model_validate(one) for one in page.items], cursor=page.cursor)
