"""The sandbox as a whole: read, replaced, checked, compared with production, discarded (SPEC 8)."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from api import documents, tags
from api.access import Admin, Principal, Supervisor, record
from api.checking import checked, told
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.tags import IfMatch
from routing.diff import EntityChange, diff
from routing.entities import EMPTY, LANGUAGES, Change, Key, Kind, entities_of, normal
from store import sandbox
from store.revisions import Revision, current_revision

router = APIRouter(tags=["configuration"])

PATH = "/api/v1/sandbox"
LISTED = 200
"""So many paths of one change are named in the audit log."""


class ChangedEntity(BaseModel):
    kind: str = Field(examples=["queues"])
    name: str = Field(description="Empty for the languages.", examples=["support"])
    path: str = Field(examples=["queues/support"])
    change: Change


class ChangedSandbox(BaseModel):
    """What a change did to the sandbox, and how it is tagged now."""

    etag: str = Field(description="Of the whole sandbox as it is now; send it as `If-Match`.")
    changes: list[ChangedEntity]


class SandboxProblems(BaseModel):
    """Errors stop an apply, warnings do not."""

    etag: str = Field(description="Of the sandbox that was checked.")
    errors: int
    warnings: int
    problems: list[Problem]


class Differences(BaseModel):
    """What applying the sandbox would change."""

    differs: bool = Field(description="True without any entity where only the order of names is another one.")
    revision: int | None = Field(description="The current revision; null before the first apply.")
    entities: tuple[EntityChange, ...]


class Discard(BaseModel):
    """What to discard: everything, one entity (`kind` and `name`), or `languages`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "queues", "name": "support"}]})

    kind: Kind | None = None
    name: str | None = None
    languages: bool = False

    @model_validator(mode="after")
    def _one_thing(self) -> "Discard":
        if (self.kind is None) != (self.name is None) or (self.languages and self.kind is not None):
            raise ValueError("give both `kind` and `name`, or `languages` alone, or nothing to discard everything")
        return self

    @property
    def key(self) -> Key | None:
        if self.languages:
            return Key(LANGUAGES, "")
        return None if self.kind is None or self.name is None else Key(self.kind, self.name)


@router.get(
    PATH,
    summary="Read the sandbox",
    response_class=Response,
    responses=documents.shown(documents.DOCUMENT, "The document, as its authors wrote it") | answers(401, 403),
)
async def read_sandbox(request: Request, parts: Given, _: Supervisor) -> Response:
    """JSON, or YAML where `Accept` prefers it. The same document is always the same bytes.

    Kinds come in the order of the language, names in the order of their authors. Comments of a YAML file are not kept.
    """
    async with parts.database.begin() as session:
        return await documents.answer(request, await sandbox.document(session))


@router.put(
    PATH,
    summary="Replace the sandbox",
    responses=answers(401, 403, 412, 413, 415, 422, 428),
    openapi_extra=documents.described(
        documents.DOCUMENT,
        "The whole document, JSON or YAML; it need not hold.",
        {
            "format": 1,
            "connectors": {"shop": {"title": "Shop", "next": {"type": "queue", "name": "support"}}},
            "queues": {"support": {"title": "Support"}},
        },
    ),
)
async def replace_sandbox(
    request: Request, response: Response, parts: Given, by: Admin, if_match: IfMatch = None
) -> ChangedSandbox:
    """What holds and what does not is kept alike; `GET /api/v1/problems` tells. Up to 10 MB.

    Entities that are the same keep their author and time. A connector without an account keeps the one that production
    has for it. Refused is only what is no document of entities: an unknown kind, a name that is none.
    """
    given = documents.editable(await documents.sent(request))
    async with parts.database.begin() as session:
        await sandbox.hold(session)
        tags.require(if_match, await sandbox.document(session), "The sandbox")
        found = await sandbox.replace(session, given, by.name)
        return await told_changes(session, response, by, "sandbox.replaced", found)


@router.get("/api/v1/problems", summary="Check the sandbox", responses=answers(401, 403))
async def read_problems(
    parts: Given,
    _: Supervisor,
    path: Annotated[
        str | None,
        Query(description="Only what lies at this path or below it.", examples=["decision_trees/welcome"]),
    ] = None,
) -> SandboxProblems:
    """Everything that is wrong, in the order of the document, each with its place and the cure."""
    async with parts.database.begin() as session:
        document = await sandbox.document(session)
    found = (await checked(document)).problems
    if path:
        place = path.strip("/")
        found = [one for one in found if one.path == place or one.path.startswith(f"{place}/")]
    errors = sum(one.severity == "error" for one in found)
    return SandboxProblems(
        etag=tags.tag_of(document), errors=errors, warnings=len(found) - errors, problems=told(found)
    )


@router.get("/api/v1/diff", summary="Compare the sandbox with production", responses=answers(401, 403))
async def read_diff(parts: Given, _: Supervisor) -> Differences:
    """By entity and field. What means the same is no difference: a duration in seconds, a default that is left out."""
    async with parts.database.begin() as session:
        document, current = await sandbox.document(session), await current_revision(session)
    return await differences(current, document)


@router.post("/api/v1/discard", summary="Discard changes", responses=answers(401, 403, 404, 412, 413, 422))
async def discard(
    response: Response, parts: Given, by: Admin, given: Discard | None = None, if_match: IfMatch = None
) -> ChangedSandbox:
    """Make the sandbox, or one entity of it, as it is in production. Without a body: everything.

    With `If-Match`, only if nobody has changed it since: the tag of the sandbox or, for one entity, of that one.
    """
    key = given.key if given is not None else None
    async with parts.database.begin() as session:
        await sandbox.hold(session)
        current = await current_revision(session)
        production = current.document if current else EMPTY
        if key is None:
            tags.check(if_match, await sandbox.document(session), "The sandbox")
            found = await sandbox.restore(session, production, by.name)
        else:
            mine = await sandbox.entity(session, key)
            if mine is None and key not in entities_of(production):
                raise Refusal(404, f"There is no {key.path}, neither in the sandbox nor in production.")
            tags.check(if_match, mine and mine.document, key.path)
            found = await sandbox.restore_one(session, key, production, by.name)
        return await told_changes(session, response, by, "sandbox.discarded", found)


async def differences(before: Revision | None, after: Mapping[str, Any]) -> Differences:
    """What a document changes compared with a revision, or with nothing; worked out in a thread of its own."""
    production = before.document if before else EMPTY
    number = before.number if before else None

    def compared() -> Differences:
        # Text against text, since mappings with another order of names are equal.
        differs = documents.written(normal(production), yaml=False) != documents.written(normal(after), yaml=False)
        return Differences(differs=differs, revision=number, entities=diff(production, after).entities)

    return await asyncio.to_thread(compared)


async def told_changes(
    session: AsyncSession, response: Response, by: Principal, action: str, found: Mapping[Key, Change], **more: Any
) -> ChangedSandbox:
    """A change of the sandbox, as it is answered and as it stands in the audit log; none is no entry."""
    if found:
        paths = {key.path: change for key, change in list(found.items())[:LISTED]}
        await record(session, by, action, "sandbox", changes=paths, count=len(found), **more)
    etag = tags.tag_of(await sandbox.document(session))
    response.headers["ETag"] = etag
    changes = [
        ChangedEntity(kind=key.kind, name=key.name, path=key.path, change=change) for key, change in found.items()
    ]
    return ChangedSandbox(etag=etag, changes=changes)
