"""What agents say to customers: text, saved templates, pictures, each reply once (SPEC 8)."""

import hashlib
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api import pictures
from api.access import Agent, Principal
from api.acts import act, open_one, taken, theirs
from api.conversations import Name, conversation_of, link, may_send
from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers, refused
from api.phrases import filled_in
from instagram.client import parts as calls_of
from instagram.outbound import IMAGES
from routing.configuration import Language
from routing.graph import Graph
from routing.messages import AgentWrote
from store import messages
from store.conversations import Conversation

router = APIRouter(tags=["conversations"])

PATH = "/api/v1/conversations/{name}/reply"
LARGEST = 25_000_000
"""Bytes of a reply with its pictures."""
LONGEST = 10_000
FORM = "multipart/form-data"
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=500, description="Repeated with the same key: counts once."
    ),
]


class Reply(BaseModel):
    """A text or a template, pictures, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "Hello Jana, how can I help?"},
                {"template": "delivery", "variables": {"data.order": "A1"}, "language": "cs"},
                {"images": ["0123456789abcdef0123456789abcdef"]},
            ]
        },
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)] | None = Field(
        None, description="Long texts leave as several messages."
    )
    template: str | None = Field(None, description="A saved template of the current revision.")
    variables: dict[str, Annotated[str, StringConstraints(max_length=LONGEST)]] = Field(
        {}, description="Values by name as the template reads them, `data.order`, in place of the conversation's own."
    )
    language: Language | None = Field(None, description="The template's variant; else the customer's language.")
    images: list[str] = Field([], max_length=IMAGES, description="Files that are kept of this customer, by their ids.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.text is not None and self.template is not None:
            raise ValueError("send a text or a template, not both")
        if self.template is None and (self.variables or self.language):
            raise ValueError("variables and language belong to a template: name one")
        return self


class Replied(BaseModel):
    """The conversation has accepted it and sends it at once; the transcript shows what becomes of it."""

    conversation: str
    accepted: Literal[True] = True
    key: str = Field(description="The keys of its messages in the transcript begin with this.")
    text: str = Field(description="What is said; of a template, filled in.")
    images: list[str] = Field(description="Where the pictures are, for 30 days.")
    tag: Literal["HUMAN_AGENT"] | None = Field(
        description="`HUMAN_AGENT` where the customer's last message is more than 24 hours ago."
    )
    repeated: bool = Field(
        default=False, description="It was sent before, under the same key; this time nothing happened."
    )


_SCHEMA = Reply.model_json_schema()
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _SCHEMA},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "template": {"type": "string"},
                        "variables": {"type": "string", "description": "A JSON object."},
                        "language": {"type": "string"},
                        "images": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                            "description": "PNG or JPEG of up to 8 MB each; up to 10, and 25 MB in all.",
                        },
                    },
                },
                "example": {"text": "Here it is:", "images": ["(the file's bytes)"]},
            },
        },
    }
}


@router.post(
    PATH,
    summary="Reply to a customer",
    status_code=202,
    responses=answers(401, 403, 404, 409, 413, 422, 503),
    openapi_extra=BODY,
)
async def reply(request: Request, parts: Given, by: Agent, name: Name, key: Key = None) -> Replied:
    """The agent who has it, and supervisors once somebody has accepted it. As JSON, or as a form with pictures.

    409 where it has ended, is not yours, or where the customer has not written for 7 days; 422 where nothing is said,
    a template is not there or would have gaps, a picture is none, or the connector lets agents send none; 503 where
    the conversation cannot be reached: send it again with the same `Idempotency-Key`, and it counts once.
    """
    async with _given(request) as (given, uploads):
        return await _said(parts, by, name, given, uploads, key)


async def _said(
    parts: Parts, by: Principal, name: str, given: Reply, uploads: list[UploadFile], key: str | None
) -> Replied:
    own = _key(name, by.name, key)
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
        if key is not None and await messages.is_written(session, name, own):
            return Replied(conversation=name, key=own, text=given.text or "", images=[], tag=None, repeated=True)
        found = await open_one(session, name)
        await theirs(session, by, found, accepted=True)
        tag = _tag(found, parts.now())
        if given.images or uploads:
            _check_connector(found, await parts.production.graph(session, found.revision))
        kept = await pictures.of_ids(session, found, given.images)
    new = await pictures.checked(uploads)
    text = given.text or ""
    if given.template is not None:
        text = await filled_in(parts, found, given.template, given.language, given.variables)
    if not calls_of(text) and not kept and not new:
        raise _refused("text", "empty", "nothing would be sent: write something")
    links = [link(parts, one.id, one.title) for one in kept]
    links += await pictures.store(parts, found, own, uploads, new)
    wrote = AgentWrote(key=own, agent=by.name, text=text, images=tuple(links))
    taken(found, await act(parts, found, wrote))
    return Replied(conversation=name, key=own, text=text, images=links, tag=tag)


# What was sent --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _given(request: Request) -> AsyncIterator[tuple[Reply, list[UploadFile]]]:
    """The reply, and the pictures that came with it, which are open as long; 422 with every mistake."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        yield _read(await request.body() or b"{}"), []
        return
    try:
        form = await request.form(max_files=IMAGES, max_fields=100)
    except HTTPException as error:
        raise _refused("", "form", str(error.detail)) from error
    try:
        values, uploads = _of_form(form)
        given = _read(values)
        if len(uploads) + len(given.images) > IMAGES:
            raise _refused("images", "too_many", f"a reply has {IMAGES} pictures at the most")
        yield given, uploads
    finally:
        await form.close()


def _read(given: bytes | dict[str, Any]) -> Reply:
    try:
        return Reply.model_validate_json(given) if isinstance(given, bytes) else Reply.model_validate(given)
    except ValidationError as error:
        raise refused(error.errors()) from error


def _of_form(form: FormData) -> tuple[dict[str, Any], list[UploadFile]]:
    uploads: list[UploadFile] = []
    values: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name != "images":
                raise _refused(name, "unknown", "pictures are sent as `images`")
            uploads.append(value)
        elif name == "images":
            values.setdefault("images", []).append(value)
        elif name == "variables":
            try:
                values[name] = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise _refused(name, "json", "it is no JSON object") from error
        else:
            values[name] = value
    return values, uploads


def _refused(path: str, code: str, message: str) -> Refusal:
    return Refusal(422, pictures.REFUSED, [Problem(path=path, code=code, message=message)])


def _key(conversation: str, agent: str, key: str | None) -> str:
    """Of one agent in one conversation; without a key each reply is another one."""
    if key is None:
        return f"a:{uuid.uuid4().hex}"
    return f"a:{hashlib.sha256(f'{conversation}/{agent}/{key}'.encode(errors='replace')).hexdigest()[:32]}"


# Whether it can be sent -----------------------------------------------------------------------------------------------


def _tag(found: Conversation, now: datetime) -> Literal["HUMAN_AGENT"] | None:
    """How it is marked; 409 where Instagram takes nothing any more."""
    match may_send(found, now):
        case "nothing":
            raise Refusal(
                409, f"The customer of {found.name} has not written for 7 days: Instagram takes nothing until they do."
            )
        case "people":
            return "HUMAN_AGENT"
        case _:
            return None


def _check_connector(found: Conversation, graph: Graph | None) -> None:
    connector = None if graph is None else graph.configuration.connectors.get(found.connector)
    if connector is None or connector.attachments != "both":
        message = f"the connector {found.connector} lets only customers send attachments: set its `attachments` to both"
        raise _refused("images", "not_allowed", message)
