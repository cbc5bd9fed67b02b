"""Authored documents over HTTP: JSON or YAML as the caller likes, and only what can be edited as entities."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError

from api.errors import Problem, Refusal
from api.tags import digest, unchanged
from routing.configuration import FieldName
from routing.configuration import Name as Slug
from routing.documents import DocumentError, read, strict_json, write
from routing.entities import FORMAT, KINDS, LANGUAGES, Key
from routing.problems.problem import meant

JSON = "application/json"
YAML = "application/yaml"
YAMLS = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
LARGEST = 10_000_000
"""Bytes of a whole document; one entity has the limit of all other bodies."""
FRESH = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
"""A browser asks again each time; with the tag it has, that costs nothing."""

_slug: TypeAdapter[Any] = TypeAdapter(Slug)
_field: TypeAdapter[Any] = TypeAdapter(FieldName)


async def sent(request: Request) -> Any:
    """The data of the body, JSON or YAML by its Content-Type; raises 415 for others and 422 for what cannot be read."""
    kind = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if kind != JSON and kind not in YAMLS:
        raise Refusal(415, f"Send JSON as {JSON}, or YAML as {YAML}.")
    body = await request.body()
    try:
        # Not all of this is quick, and webhooks must not wait for it.
        return await asyncio.to_thread(_read, body.decode(), kind == JSON)
    except UnicodeDecodeError as error:
        raise _unreadable("the body is not UTF-8") from error
    except DocumentError as error:
        raise _unreadable(str(error)) from error


def _read(text: str, json_only: bool) -> Any:
    found = read(text)
    if json_only:
        try:
            strict_json(text)
        except ValueError as error:
            # It is YAML, which would read some mistakes in JSON as texts.
            raise DocumentError("", 1, 1, f"this is no JSON ({error}): send YAML as {YAML}") from error
    return found


async def answer(request: Request, document: dict[str, Any], status: int = 200) -> Response:
    """The document as the caller likes it, or 304 where they have it."""
    yaml = wants_yaml(request)
    tag = f'"{digest(document)}{".yaml" if yaml else ""}"'
    headers = FRESH | {"ETag": tag}
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    content = await asyncio.to_thread(written, document, yaml)
    return Response(content, status, headers, media_type=YAML if yaml else JSON)


def written(document: dict[str, Any], yaml: bool) -> str:
    """The same document, the same text."""
    return write(document) if yaml else json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def wants_yaml(request: Request) -> bool:
    """Whether `Accept` prefers YAML to JSON."""
    likes = {"json": 0.0, "yaml": 0.0}
    for one in request.headers.get("accept", "").split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        which = "yaml" if name in YAMLS else "json" if name in (JSON, "application/*", "*/*") else None
        if which is not None:
            likes[which] = max(likes[which], _quality(parameters))
    return likes["yaml"] > likes["json"]


ENTITY: dict[str, Any] = {"type": "object", "description": "An entity, right or wrong.", "additionalProperties": True}
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "description": "A document whose entities may be right or wrong. One that holds is a `Configuration`.",
    "properties": {"format": {"const": FORMAT}, LANGUAGES: ENTITY}
    | {
        kind: {
            "type": "object",
            "propertyNames": (_field if kind == "custom_fields" else _slug).json_schema(),
            "additionalProperties": ENTITY,
        }
        for kind in KINDS
    },
    "required": ["format"],
    "additionalProperties": False,
}


def described(schema: dict[str, Any], description: str, example: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON or YAML, for the description of a route in OpenAPI."""
    in_yaml = {YAML: IN_YAML[YAML] | {"example": write(example)}}
    content = {JSON: {"schema": schema, "example": example}, **in_yaml}
    return {"requestBody": {"description": description, "required": True, "content": content}}


def shown(schema: dict[str, Any], description: str) -> dict[int | str, dict[str, Any]]:
    """An answer in JSON or YAML, and 304, for the description of a route in OpenAPI."""
    content = {JSON: {"schema": schema}, **IN_YAML}
    return READ | {200: {"description": description, "content": content, "headers": TAG}}


IN_YAML: dict[str, Any] = {YAML: {"schema": {"type": "string"}}}
TAG: dict[str, Any] = {"ETag": {"description": "Names what is read: see `If-Match`.", "schema": {"type": "string"}}}
READ: dict[int | str, dict[str, Any]] = {
    200: {"headers": TAG},
    304: {"description": "The caller has it already, as the header `If-None-Match` says", "headers": TAG},
}
"""The answers of a route that tells tags."""


# What can be kept -----------------------------------------------------------------------------------------------------


def editable(given: Any) -> dict[str, Any]:
    """A whole document whose entities can be kept, right or wrong; raises 422 with everything that cannot be."""
    if not isinstance(given, dict):
        raise _refused([_wrong("", "the document", given)])
    problems: list[Problem] = []
    if given.get("format") != FORMAT or isinstance(given["format"], bool):
        told = "unknown-value" if "format" in given else "missing-field"
        problems.append(Problem(path="format", code=told, message=f"a document begins with `format: {FORMAT}`"))
    known = ("format", LANGUAGES, *KINDS)
    for kind, entities in given.items():
        if kind not in known:
            message = f"there is no kind `{kind[:60]}`; {meant(kind, known)}"
            problems.append(Problem(path=kind, code="unknown-field", message=message))
        elif kind == "format":
            continue
        elif not isinstance(entities, dict):
            problems.append(_wrong(kind, f"`{kind}`", entities))
        elif kind in KINDS:
            for name, entity in entities.items():
                problems += problems_of(Key(kind, name), entity)
    if problems:
        raise _refused(problems)
    return given


def editable_entity(key: Key, given: Any, at: str | None = None) -> dict[str, Any]:
    """One entity that can be kept; raises 422. Problems are told at the entity's path, or below `at`."""
    if problems := problems_of(key, given, at):
        raise _refused(problems)
    return given


def problems_of(key: Key, entity: Any, at: str | None = None) -> list[Problem]:
    """Why an entity cannot be kept: its name is no name, or it is no mapping."""
    problems: list[Problem] = []
    if key.kind != LANGUAGES:
        try:
            (_field if key.kind == "custom_fields" else _slug).validate_python(key.name)
        except ValidationError:
            problems.append(Problem(path=key.path if at is None else "name", code="bad-name", message=_bad_name(key)))
    if not isinstance(entity, dict):
        problems.append(_wrong(key.path if at is None else at, f"`{key.path}`", entity))
    return problems


def _bad_name(key: Key) -> str:
    if key.kind == "custom_fields":
        return f"`{key.name[:60]}` is no name that templates can read: use letters, digits and `_`, and begin with none"
    return (
        f"`{key.name[:60]}` is no name: use small letters, digits, `-` and `_`, begin with a letter or digit, and at "
        "most 80 of them"
    )


def _wrong(path: str, what: str, given: Any) -> Problem:
    found = "null" if given is None else f"a {type(given).__name__}"
    return Problem(path=path, code="wrong-type", message=f"{what} is a mapping (a JSON object), and {found} is found")


def _unreadable(message: str) -> Refusal:
    return Refusal(422, "The body cannot be read.", [Problem(path="", code="unreadable", message=message)])


def _refused(problems: Sequence[Problem]) -> Refusal:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return Refusal(422, f"This cannot be kept, and nothing of it was: {count}.", problems)


def _quality(parameters: Sequence[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one.removeprefix("q="))
            except ValueError:
                return 0.0
    return 1.0
