"""Secrets for requests and chatbots: entered, replaced and deleted, and their values told to nobody (SPEC 4)."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Admin, record
from api.dependencies import Given
from api.errors import Refusal, answers
from routing.configuration import FieldName
from store import revisions, sandbox, secrets
from store.secrets import Kept

router = APIRouter(tags=["secrets"])

LARGEST = 10_000
"""The most characters of a value."""
Name = Annotated[FieldName, Path(description="As the configuration has it behind `secrets.`.", examples=["stock_key"])]


class SecretItem(BaseModel):
    """A secret, without its value."""

    name: str = Field(examples=["stock_key"])
    updated_at: datetime | None = Field(description="When its value was entered; null where nobody has yet.")
    used_in: list[str] = Field(
        description="The entities that name it, in production or in the sandbox.", examples=[["decision_trees/orders"]]
    )


class SecretItems(BaseModel):
    items: list[SecretItem]


class NewValue(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"value": "…"}]})

    value: SecretStr = Field(description="It is encrypted at once.", min_length=1, max_length=LARGEST)


@router.get("/api/v1/secrets", summary="List secrets", responses=answers(401, 403))
async def list_secrets(parts: Given, _: Admin) -> SecretItems:
    """By name, with those that the configuration names and nobody has entered."""
    async with parts.database.begin() as session:
        kept = {one.name: one for one in await secrets.secrets_kept(session)}
        used = await _used(session)
    return SecretItems(items=[_shown(name, kept.get(name), used) for name in sorted({*kept, *used})])


@router.get("/api/v1/secrets/{name}", summary="Look at a secret", responses=answers(401, 403, 404, 422))
async def read_secret(parts: Given, _: Admin, name: Name) -> SecretItem:
    """When it was entered and where it is used; never its value."""
    async with parts.database.begin() as session:
        kept = await secrets.secret_kept(session, name)
        used = await _used(session)
    if kept is None and name not in used:
        raise Refusal(404, f"There is no secret {name}.")
    return _shown(name, kept, used)


@router.put("/api/v1/secrets/{name}", summary="Enter a secret", status_code=204, responses=answers(401, 403, 413, 422))
async def write_secret(parts: Given, by: Admin, name: Name, given: NewValue) -> None:
    """In place of the value that it had; the next request uses it."""
    async with parts.database.begin() as session:
        await secrets.set_secret(session, parts.vault, name, given.value.get_secret_value())
        await record(session, by, "secret.entered", f"secrets/{name}")


@router.delete(
    "/api/v1/secrets/{name}", summary="Delete a secret", status_code=204, responses=answers(401, 403, 404, 422)
)
async def delete_secret(parts: Given, by: Admin, name: Name) -> None:
    """Requests that name it fail from then on, and say so in the trace."""
    async with parts.database.begin() as session:
        if not await secrets.delete_secret(session, name):
            raise Refusal(404, f"There is no secret {name}.")
        await record(session, by, "secret.deleted", f"secrets/{name}")


async def _used(session: AsyncSession) -> dict[str, list[str]]:
    """By secret the paths of the entities that name it."""
    current = await revisions.current_revision(session)
    found: dict[str, dict[str, None]] = {}
    for document in (current.document if current else {}, await sandbox.document(session)):
        for path, entity in _entities(document):
            for name in _NAMED.findall(json.dumps(entity, ensure_ascii=False)):
                found.setdefault(name, {})[path] = None
    return {name: list(paths) for name, paths in found.items()}


_NAMED = re.compile(r"\bsecrets\.([A-Za-z_][A-Za-z0-9_]*)")


def _entities(document: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (f"{kind}/{name}", entity)
        for kind, entities in document.items()
        if isinstance(entities, dict) and kind != "languages"
        for name, entity in entities.items()
    ]


def _shown(name: str, kept: Kept | None, used: dict[str, list[str]]) -> SecretItem:
    return SecretItem(name=name, updated_at=kept.updated_at if kept is not None else None, used_in=used.get(name, []))
