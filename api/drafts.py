"""Drafts that nobody has saved yet: what the check says of them, while somebody types (SPEC 10)."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access import Supervisor
from api.checking import checked, told
from api.dependencies import Given
from api.errors import answers
from api.sandbox import SandboxProblems
from api.tags import tag_of
from routing.entities import Key, Kind, document_of, entities_of
from store import sandbox

router = APIRouter(tags=["configuration"])


class Draft(BaseModel):
    """An entity as it would be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "queues", "name": "support", "document": {"title": "Support"}}]},
    )

    kind: Annotated[Kind, Field(description="Which kind of entity it is.")]
    name: Annotated[str, Field(description="Its name; it need not be there yet.", min_length=1, max_length=80)]
    document: Annotated[dict[str, Any], Field(description="The entity, whether it holds or not.")]


@router.post("/api/v1/problems", summary="Check the sandbox with a draft in it", responses=answers(401, 403, 413, 422))
async def check_draft(parts: Given, _: Supervisor, given: Draft) -> SandboxProblems:
    """What is wrong at or below the entity if it were saved like this. Nothing is saved."""
    key = Key(given.kind, given.name)
    async with parts.database.begin() as session:
        document = await sandbox.document(session)
    drafted = document_of({**entities_of(document), key: given.document})
    found = [
        one for one in (await checked(drafted)).problems if one.path == key.path or one.path.startswith(f"{key.path}/")
    ]
    errors = sum(one.severity == "error" for one in found)
    return SandboxProblems(etag=tag_of(document), errors=errors, warnings=len(found) - errors, problems=told(found))
