"""The entities of the sandbox, one by one and in lists, with what production has beside each (SPEC 8)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api import documents, tags, versions
from api.access import Admin, Principal, Supervisor, record
from api.authored import Search, found, page
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.lists import Cursor, Limit
from api.tags import IfMatch, IfNoneMatch
from api.versions import SandboxEntity, SandboxItems
from routing.entities import LANGUAGES, Key, Kind
from store import sandbox

router = APIRouter(tags=["configuration"])

Name = Annotated[str, Path(description="The entity's name.", examples=["support"])]
Kinds = Annotated[Kind, Path(description="The kind: its key in the document.", examples=["queues"])]
SUPPORT = {"title": "Support", "agents": ["eva"]}
GIVEN = documents.described(documents.ENTITY, "The entity, JSON or YAML, without its name.", SUPPORT)
NEW = documents.described(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_-]*$", "maxLength": 80},
            "document": documents.ENTITY,
        },
        "required": ["name", "document"],
        "additionalProperties": False,
    },
    "The name and the entity.",
    {"name": "support", "document": SUPPORT},
)
WRITTEN: dict[int | str, dict[str, Any]] = {
    200: {"headers": documents.TAG},
    201: {"model": SandboxEntity, "description": "It was not there before", "headers": documents.TAG},
}
LANGUAGES_KEY = Key(LANGUAGES, "")


# The languages, which are one entity without a name -------------------------------------------------------------------


@router.get(
    "/api/v1/sandbox/languages",
    summary="Read the sandbox's languages",
    responses=documents.READ | answers(401, 403, 404),
)
async def read_languages(request: Request, response: Response, parts: Given, _: Supervisor) -> SandboxEntity:
    """404 where the sandbox does not say: then English is the only one."""
    return await _read(request, response, parts, LANGUAGES_KEY)


@router.put(
    "/api/v1/sandbox/languages",
    summary="Write the sandbox's languages",
    responses=WRITTEN | answers(401, 403, 409, 412, 413, 415, 422, 428),
    openapi_extra=documents.described(
        documents.ENTITY, "`default` and `offered`, as `Languages`.", {"default": "en", "offered": ["en", "cs"]}
    ),
)
async def write_languages(
    request: Request,
    response: Response,
    parts: Given,
    by: Admin,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> SandboxEntity:
    """As with every other entity."""
    return await _write(request, response, parts, by, LANGUAGES_KEY, if_match, if_none_match)


@router.delete(
    "/api/v1/sandbox/languages",
    summary="Take the languages out of the sandbox",
    status_code=204,
    responses=answers(401, 403, 404, 412, 428),
)
async def remove_languages(parts: Given, by: Admin, if_match: IfMatch = None) -> None:
    """English is then the only one."""
    await _remove(parts, by, LANGUAGES_KEY, if_match)


# All others -----------------------------------------------------------------------------------------------------------


@router.get("/api/v1/sandbox/{kind}", summary="List entities of the sandbox", responses=answers(401, 403, 422))
async def list_entities(
    parts: Given, _: Supervisor, kind: Kinds, search: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> SandboxItems:
    """In the order of the document; behind them those that production has and the sandbox has not."""
    async with parts.database.begin() as session:
        mine = {one.key: one for one in await sandbox.entities(session, kind)}
        theirs, made = await versions.production(session, kind)
    items = [versions.item(key, mine.get(key), theirs, made) for key in dict.fromkeys([*mine, *theirs])]
    part, after = page(found(items, search), cursor, limit)
    return SandboxItems(items=part, cursor=after)


@router.post(
    "/api/v1/sandbox/{kind}",
    summary="Make an entity",
    status_code=201,
    responses={201: WRITTEN[201]} | answers(401, 403, 409, 413, 415, 422),
    openapi_extra=NEW,
)
async def create_entity(request: Request, response: Response, parts: Given, by: Admin, kind: Kinds) -> SandboxEntity:
    """It comes last of its kind. 409 where the name is taken."""
    given = await documents.sent(request)
    if not isinstance(given, dict) or set(given) != {"name", "document"} or not isinstance(given["name"], str):
        told = Problem(path="", code="wrong-type", message='send {"name": "…", "document": {…}}')
        raise Refusal(422, "This is no new entity.", [told])
    key = Key(kind, given["name"])
    document = documents.editable_entity(key, given["document"], "document")
    response.headers["Location"] = f"/api/v1/sandbox/{key.path}"
    return await _kept(response, parts, by, key, document, new=True)


@router.get(
    "/api/v1/sandbox/{kind}/{name}",
    summary="Read an entity of the sandbox",
    responses=documents.READ | answers(401, 403, 404, 422),
)
async def read_entity(
    request: Request, response: Response, parts: Given, _: Supervisor, kind: Kinds, name: Name
) -> SandboxEntity:
    """With what production has beside it; who changed each, when, and whether they differ. 304 as `If-None-Match` says.

    The `ETag` has two parts: of the entity in the sandbox and, behind a dot, of everything else that is shown here. For
    `If-Match` only the first counts.
    """
    return await _read(request, response, parts, Key(kind, name))


@router.put(
    "/api/v1/sandbox/{kind}/{name}",
    summary="Write an entity",
    responses=WRITTEN | answers(401, 403, 409, 412, 413, 415, 422, 428),
    openapi_extra=GIVEN,
)
async def write_entity(
    request: Request,
    response: Response,
    parts: Given,
    by: Admin,
    kind: Kinds,
    name: Name,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> SandboxEntity:
    """Right or wrong, it is kept as it is written; `GET /api/v1/problems?path=…` tells what is wrong.

    `If-Match` says which version you change: 412 where somebody has changed it since, with the `ETag` of what is there
    now, and nothing written. `If-None-Match: *` makes it: 409 where the name is taken. 428 without either.
    """
    return await _write(request, response, parts, by, Key(kind, name), if_match, if_none_match)


@router.delete(
    "/api/v1/sandbox/{kind}/{name}",
    summary="Remove an entity",
    status_code=204,
    responses=answers(401, 403, 404, 412, 422, 428),
)
async def remove_entity(parts: Given, by: Admin, kind: Kinds, name: Name, if_match: IfMatch = None) -> None:
    """From the sandbox; production has it until the next apply, and discarding brings it back."""
    await _remove(parts, by, Key(kind, name), if_match)


# What the routes have in common ---------------------------------------------------------------------------------------


async def _read(request: Request, response: Response, parts: Given, key: Key) -> SandboxEntity:
    async with parts.database.begin() as session:
        mine = await sandbox.entity(session, key)
        theirs, made = await versions.production(session, key.kind, key.name)
    if mine is None:
        back = "; production has it, and discarding brings it back" if key in theirs else ""
        raise Refusal(404, f"There is no {key.path} in the sandbox{back}.")
    shown = versions.shown(mine, theirs, made)
    return versions.tagged(request, response, mine.document, shown)


async def _write(
    request: Request,
    response: Response,
    parts: Given,
    by: Principal,
    key: Key,
    if_match: str | None,
    if_none_match: str | None,
) -> SandboxEntity:
    document = documents.editable_entity(key, await documents.sent(request))
    if if_none_match is not None and if_none_match.strip() != "*":
        told = Problem(path="header/If-None-Match", code="not_a_star", message="send `*`, or a tag in If-Match")
        raise Refusal(422, "Only `*` makes sense in If-None-Match here.", [told])
    return await _kept(response, parts, by, key, document, new=if_none_match is not None, if_match=if_match)


async def _kept(
    response: Response,
    parts: Given,
    by: Principal,
    key: Key,
    document: dict[str, Any],
    *,
    new: bool,
    if_match: str | None = None,
) -> SandboxEntity:
    async with parts.database.begin() as session:
        await sandbox.hold(session)
        before = await sandbox.entity(session, key)
        if not new:
            tags.require(if_match, before and before.document, key.path)
        elif before is not None:
            refusal = Refusal(409, f"There is a {key.path} already: choose another name, or change that one.")
            refusal.headers = {"ETag": tags.tag_of(before.document)}
            raise refusal
        await sandbox.put(session, key, document, by.name)
        mine = await sandbox.entity(session, key)
        assert mine is not None, "it was written in this transaction"
        if before is None or tags.digest(before.document) != tags.digest(mine.document):
            await record(session, by, f"sandbox.{'created' if before is None else 'changed'}", f"sandbox/{key.path}")
        theirs, made = await versions.production(session, key.kind, key.name)
    response.status_code = 201 if before is None else 200
    shown = versions.shown(mine, theirs, made)
    response.headers["ETag"] = tags.tag_of(mine.document, shown.model_dump(mode="json"))
    return shown


async def _remove(parts: Given, by: Principal, key: Key, if_match: str | None) -> None:
    async with parts.database.begin() as session:
        await sandbox.hold(session)
        before = await sandbox.entity(session, key)
        if before is None:
            raise Refusal(404, f"There is no {key.path} in the sandbox.")
        tags.require(if_match, before.document, key.path)
        await sandbox.remove(session, key)
        await record(session, by, "sandbox.deleted", f"sandbox/{key.path}")
