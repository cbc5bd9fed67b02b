"""An entity as it is shown: what is in the sandbox, what is in production, who changed each and when."""

from datetime import datetime
from typing import Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import tags
from api.lists import NEXT
from routing.entities import Entities, Key, agree, entities_of
from store import sandbox
from store.revisions import Origin, current_revision, origins

State = Literal["same", "changed", "added", "removed"]
STATE = "How the sandbox differs from production. What means the same is the same, however it is written."


class InSandbox(BaseModel):
    author: str = Field(description="Who changed it last.", examples=["eva"])
    changed_at: datetime
    etag: str = Field(description="Of this entity alone; as good as the `ETag` for `If-Match`.")


class InProduction(BaseModel):
    revision: int = Field(description="The revision that changed it last.", examples=[12])
    author: str = Field(description="Who applied that one.", examples=["eva"])
    changed_at: datetime = Field(description="When that was.")


class SandboxVersion(InSandbox):
    document: dict[str, Any] = Field(description="As its author wrote it, right or wrong.")


class ProductionVersion(InProduction):
    document: dict[str, Any]


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(examples=["queues"])
    name: str = Field(description="Empty for the languages.", examples=["support"])
    path: str = Field(examples=["queues/support"])


class SandboxEntity(Named):
    """An entity in the sandbox, with what production has beside it."""

    state: State = Field(description=STATE)
    differs: bool
    sandbox: SandboxVersion
    production: ProductionVersion | None


class ProductionEntity(Named, ProductionVersion):
    """An entity of the current revision."""


class SandboxItem(Named):
    """An entity in a list; `sandbox` is null for one that was removed."""

    title: str | None
    description: str | None
    state: State = Field(description=STATE)
    differs: bool
    sandbox: InSandbox | None
    production: InProduction | None


class ProductionItem(Named, InProduction):
    title: str | None
    description: str | None


class SandboxItems(BaseModel):
    items: list[SandboxItem]
    cursor: str | None = Field(description=NEXT)


class ProductionItems(BaseModel):
    items: list[ProductionItem]
    cursor: str | None = Field(description=NEXT)


async def production(session: AsyncSession, kind: str, name: str | None = None) -> tuple[Entities, dict[Key, Origin]]:
    """The entities of a kind in the current revision, and the revisions that changed them last."""
    current = await current_revision(session)
    document = {kind: current.document[kind]} if current and kind in current.document else {}
    return entities_of(document), await origins(session, kind, name)


def shown(mine: sandbox.Entity, theirs: Entities, made: dict[Key, Origin]) -> SandboxEntity:
    key, state = mine.key, _state(mine, mine.key, theirs)
    production = ProductionVersion(document=theirs[key], **made_by(made[key])) if key in theirs else None
    version = SandboxVersion(document=mine.document, **_changed(mine))
    return SandboxEntity(**named(key), state=state, differs=state != "same", sandbox=version, production=production)


def item(key: Key, mine: sandbox.Entity | None, theirs: Entities, made: dict[Key, Origin]) -> SandboxItem:
    state = _state(mine, key, theirs)
    return SandboxItem(
        **named(key),
        **words(mine.document if mine is not None else theirs[key]),
        state=state,
        differs=state != "same",
        sandbox=InSandbox(**_changed(mine)) if mine is not None else None,
        production=InProduction(**made_by(made[key])) if key in theirs else None,
    )


def _state(mine: sandbox.Entity | None, key: Key, theirs: Entities) -> State:
    if mine is None:
        return "removed"
    if agree(key, mine.document, theirs.get(key)):
        return "same"
    return "changed" if key in theirs else "added"


def named(key: Key) -> dict[str, str]:
    return {"kind": key.kind, "name": key.name, "path": key.path}


def words(document: dict[str, Any]) -> dict[str, Any]:
    """Title and description, where they are what they should be."""
    found = {name: document.get(name) for name in ("title", "description")}
    return {name: value if isinstance(value, str) else None for name, value in found.items()}


def _changed(mine: sandbox.Entity) -> dict[str, Any]:
    return {"author": mine.author, "changed_at": mine.changed_at, "etag": tags.tag_of(mine.document)}


def made_by(origin: Origin) -> dict[str, Any]:
    return {"revision": origin.revision, "author": origin.author, "changed_at": origin.created_at}


def tagged(request: Request, response: Response, document: dict[str, Any], shown: Any) -> Any:
    """The answer with its tag, or 304 where the caller has it."""
    tag = tags.tag_of(document, shown.model_dump(mode="json"))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tags.unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return shown
