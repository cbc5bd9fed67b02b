"""The production configuration: the whole document, its entities one by one and in lists (SPEC 8)."""

from fastapi import APIRouter, Request, Response

from api import documents, versions
from api.access import Viewer
from api.authored import Search, found, page
from api.dependencies import Given
from api.entities import Kinds, Name
from api.errors import Refusal, answers
from api.lists import Cursor, Limit
from api.versions import ProductionEntity, ProductionItem, ProductionItems
from routing.configuration import Configuration
from routing.entities import EMPTY, LANGUAGES, Key
from store.revisions import current_revision

router = APIRouter(tags=["configuration"])


@router.get(
    "/api/v1/production",
    summary="Read the production configuration",
    response_class=Response,
    responses=documents.READ
    | {200: {"model": Configuration, "content": documents.IN_YAML, "headers": documents.TAG}}
    | answers(401),
)
async def read_production(request: Request, parts: Given, _: Viewer) -> Response:
    """The document of the current revision, JSON or YAML as the sandbox; `{"format": 1}` before the first apply."""
    async with parts.database.begin() as session:
        current = await current_revision(session)
    return await documents.answer(request, current.document if current else EMPTY)


@router.get(
    "/api/v1/production/languages", summary="Read production's languages", responses=documents.READ | answers(401, 404)
)
async def read_production_languages(request: Request, response: Response, parts: Given, _: Viewer) -> ProductionEntity:
    """404 where the current revision does not say: then English is the only one."""
    return await _read(request, response, parts, Key(LANGUAGES, ""))


@router.get("/api/v1/production/{kind}", summary="List entities of production", responses=answers(401, 422))
async def list_production_entities(
    parts: Given, _: Viewer, kind: Kinds, search: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> ProductionItems:
    """In the order of the document."""
    async with parts.database.begin() as session:
        theirs, made = await versions.production(session, kind)
    items = [
        ProductionItem(**versions.named(key), **versions.words(one), **versions.made_by(made[key]))
        for key, one in theirs.items()
    ]
    part, after = page(found(items, search), cursor, limit)
    return ProductionItems(items=part, cursor=after)


@router.get(
    "/api/v1/production/{kind}/{name}",
    summary="Read an entity of production",
    responses=documents.READ | answers(401, 404, 422),
)
async def read_production_entity(
    request: Request, response: Response, parts: Given, _: Viewer, kind: Kinds, name: Name
) -> ProductionEntity:
    """With the revision that changed it last. 304 as `If-None-Match` says."""
    return await _read(request, response, parts, Key(kind, name))


async def _read(request: Request, response: Response, parts: Given, key: Key) -> ProductionEntity:
    async with parts.database.begin() as session:
        theirs, made = await versions.production(session, key.kind, key.name)
    if key not in theirs:
        raise Refusal(404, f"There is no {key.path} in the current revision.")
    shown = ProductionEntity(**versions.named(key), document=theirs[key], **versions.made_by(made[key]))
    return versions.tagged(request, response, theirs[key], shown)
