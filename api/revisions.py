"""Revisions: what was applied, by whom and why, and the way back (SPEC 8)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api import documents, tags
from api.access import Admin, Viewer
from api.dependencies import Given
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from api.sandbox import ChangedEntity, ChangedSandbox, Differences, differences, told_changes
from api.tags import IfMatch
from routing.entities import Key
from store import moves, revisions, sandbox
from store.moves import State
from store.revisions import Revision, Summary

router = APIRouter(tags=["revisions"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The revision's number.", examples=[12])]


class RevisionItem(BaseModel):
    """A revision without its document."""

    number: int = Field(examples=[12])
    current: bool = Field(description="Whether new conversations follow it.")
    author: str = Field(examples=["eva"])
    created_at: datetime
    note: str = Field(examples=["Winter opening hours"])
    digest: str = Field(description="The SHA-256 of its canonical document, in hex.")
    override_reason: str | None = Field(description="Why it was applied although scenarios failed.")
    open_conversations: int = Field(description="How many conversations that are still open follow it.")


class RevisionItems(BaseModel):
    items: list[RevisionItem]
    cursor: str | None = Field(description=NEXT)


class WholeRevision(RevisionItem):
    changes: list[ChangedEntity] = Field(description="The entities that differ from the revision before.")
    document: dict[str, Any]


class MoveItem(BaseModel):
    """What came of one conversation."""

    conversation: str = Field(examples=["igdm_0123456789abcdef01234567"])
    before: int = Field(description="The revision that it was on.")
    state: State
    reason: str | None = Field(description="Why it stays on its revision.")
    path: str | None = Field(description="Where it stood when that was decided.")
    settled_at: datetime | None


class MoveItems(BaseModel):
    moved: int
    refused: int
    ended: int
    waiting: int
    items: list[MoveItem]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/revisions", summary="List revisions", responses=answers(401, 422))
async def list_revisions(parts: Given, _: Viewer, cursor: Cursor = None, limit: Limit = 50) -> RevisionItems:
    """Newest first."""
    async with parts.database.begin() as session:
        page = await paged(revisions.revisions(session, cursor=cursor, limit=limit))
        open_ones = await moves.open_conversations(session)
        current = await revisions.current_number(session)
    return RevisionItems(
        items=[RevisionItem(**_told(one, current, open_ones)) for one in page.items], cursor=page.cursor
    )


@router.get(
    "/api/v1/revisions/{number}",
    summary="Read a revision",
    responses={200: {"model": WholeRevision, "content": documents.IN_YAML}} | answers(401, 404, 422),
)
async def read_revision(request: Request, parts: Given, _: Viewer, number: Number) -> WholeRevision:
    """With its document. Where `Accept` prefers YAML, the answer is the document alone."""
    async with parts.database.begin() as session:
        found = _found(await revisions.revision(session, number), number)
        open_ones = await moves.open_conversations(session)
        current = await revisions.current_number(session)
        changes = await revisions.changes(session, number)
    if documents.wants_yaml(request):
        return await documents.answer(request, found.document)  # pyright: ignore[reportReturnType]  a response as it is
    return WholeRevision(
        **_told(found, current, open_ones),
        changes=[
            ChangedEntity(kind=one.kind, name=one.name, path=Key(one.kind, one.name).path, change=one.change)
            for one in changes
        ],
        document=found.document,
    )


@router.get("/api/v1/revisions/{number}/diff", summary="Compare two revisions", responses=answers(401, 404, 422))
async def read_revision_diff(
    parts: Given,
    _: Viewer,
    number: Number,
    against: Annotated[
        int | None,
        Query(ge=0, le=2**31 - 1, description="The revision before, unless you say which; 0 is none at all."),
    ] = None,
) -> Differences:
    """What this revision has that the other one has not, by entity and field."""
    other = number - 1 if against is None else against
    async with parts.database.begin() as session:
        found = _found(await revisions.revision(session, number), number)
        before = _found(await revisions.revision(session, other), other) if other else None
    return await differences(before, found.document)


@router.post(
    "/api/v1/revisions/{number}/restore",
    summary="Put a revision into the sandbox",
    responses=answers(401, 403, 404, 412, 422),
)
async def restore_revision(
    response: Response, parts: Given, by: Admin, number: Number, if_match: IfMatch = None
) -> ChangedSandbox:
    """Nothing is applied by that: look at the differences, then apply. With `If-Match`, only if nobody has changed the
    sandbox since. Connectors without an account keep the one that production has for them."""
    async with parts.database.begin() as session:
        found = _found(await revisions.revision(session, number), number)
        await sandbox.hold(session)
        tags.check(if_match, await sandbox.document(session), "The sandbox")
        changes = await sandbox.restore(session, found.document, by.name)
        return await told_changes(session, response, by, "sandbox.restored", changes, revision=number)


@router.get(
    "/api/v1/revisions/{number}/moves",
    summary="List conversations that move to a revision",
    responses=answers(401, 404, 422),
)
async def list_moves(
    parts: Given,
    _: Viewer,
    number: Number,
    state: Annotated[State | None, Query(description="Only these. `waiting` is under way.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MoveItems:
    """What came of `running: move`, by the conversations' names. A conversation moves when it rests: one that is busy
    (its account is paused, say) is `waiting` until then."""
    async with parts.database.begin() as session:
        _found(await revisions.revision(session, number), number)
        page = await paged(moves.moves(session, number, state=state, cursor=cursor, limit=limit))
        counts = await moves.counts(session, number)
    items = [MoveItem.model_validate(one, from_attributes=True) for one in page.items]
    return MoveItems(**counts, items=items, cursor=page.cursor)


def _told(one: Summary, current: int | None, open_ones: dict[int, int]) -> dict[str, Any]:
    return {
        "number": one.number,
        "current": one.number == current,
        "author": one.author,
        "created_at": one.created_at,
        "note": one.note,
        "digest": one.digest,
        "override_reason": one.override_reason,
        "open_conversations": open_ones.get(one.number, 0),
    }


def _found(revision: Revision | None, number: int) -> Revision:
    if revision is None:
        raise Refusal(404, f"There is no revision {number}.")
    return revision
