"""API tokens: made and revoked by people, used by programs (SPEC 7)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.access import Viewer, in_person, lacking, record
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from store import tokens
from store.users import Role, at_least

router = APIRouter(tags=["tokens"])

LARGEST = 2**63 - 1


class Token(BaseModel):
    """What is known of a token, without the token itself."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    owner: str = Field(examples=["eva"])
    name: str = Field(examples=["pipeline"])
    role: Role = Field(description="The most it may; never more than its owner may at that moment.")
    created_at: datetime
    expires_at: datetime | None = Field(description="Null for a token that holds until it is revoked.")
    last_used_at: datetime | None = Field(description="To the minute.")


class Tokens(BaseModel):
    items: list[Token]
    cursor: str | None = Field(description=NEXT)


class NewToken(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "pipeline", "role": "viewer"}]})

    name: Annotated[str, Field(min_length=1, max_length=200, description="What it is for.")]
    role: Role | None = Field(None, description="At most your own, which is the default.")
    expires_at: AwareDatetime | None = Field(None, description="With a time zone, in the future.")


class MadeToken(Token):
    token: str = Field(description="Send it as `Authorization: Bearer …`. It is shown this once and kept nowhere.")


@router.get("/api/v1/tokens", summary="List API tokens", responses=answers(401, 403, 422))
async def list_tokens(
    parts: Given,
    by: Viewer,
    owner: Annotated[
        str | None, Query(description="Whose; `*` for everybody's. Others' are for administrators.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Tokens:
    """Your own, newest first, unless `owner` says whose."""
    whose = owner or by.name
    if whose != by.name and by.role != "admin":
        raise Refusal(403, lacking(by.role, "admin"))
    async with parts.database.begin() as session:
        page = await paged(tokens.tokens(session, owner=None if whose == "*" else whose, cursor=cursor, limit=limit))
    return Tokens(items=[Token.model_validate(one) for one in page.items], cursor=page.cursor)


@router.post("/api/v1/tokens", summary="Make an API token", status_code=201, responses=answers(401, 403, 413, 422))
async def create_token(response: Response, parts: Given, by: Viewer, given: NewToken) -> MadeToken:
    """The answer is the only place where the token itself is shown. Not with an API token: log in as a person."""
    in_person(by)
    role, now = given.role or by.role, parts.now()
    problems: list[Problem] = []
    if not at_least(by.role, role):
        problems.append(Problem(path="role", code="too_much", message=f"yours is {by.role}: a token may do no more"))
    if given.expires_at is not None and given.expires_at <= now:
        problems.append(Problem(path="expires_at", code="past", message="choose a time in the future"))
    if problems:
        raise Refusal(422, "No token was made.", problems)
    async with parts.database.begin() as session:
        made, secret = await tokens.create_token(
            session, owner=by.name, name=given.name, role=role, expires_at=given.expires_at, now=now
        )
        until = made.expires_at.isoformat() if made.expires_at else None
        await record(session, by, "token.created", f"tokens/{made.id}", name=made.name, role=role, expires_at=until)
    response.headers["Cache-Control"] = "no-store"
    return MadeToken(**Token.model_validate(made).model_dump(), token=secret)


@router.delete(
    "/api/v1/tokens/{id}", summary="Revoke an API token", status_code=204, responses=answers(401, 403, 404, 422)
)
async def revoke_token(parts: Given, by: Viewer, id: Annotated[int, Path(ge=1, le=LARGEST)]) -> None:
    """One of yours; an administrator may revoke anybody's. It lets nobody in from the next request on."""
    async with parts.database.begin() as session:
        found = await tokens.token(session, id)
        if found is None or (found.owner != by.name and by.role != "admin"):
            raise Refusal(404, f"You have no token {id}.")
        if await tokens.revoke(session, id):
            await record(session, by, "token.revoked", f"tokens/{id}", name=found.name, owner=found.owner)
