"""What changes, as it changes: server-sent events that can be resumed without gaps or repetitions (SPEC 8)."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Send

from api.access import Principal, Viewer
from api.broadcast import TOGETHER, Broadcast
from api.dependencies import Given, Parts
from api.errors import answers
from store.updates import KEPT, Kind, Position, Update, head, of_kinds, updates_after

logger = logging.getLogger(__name__)
router = APIRouter(tags=["events"])

HEARTBEAT = 15.0
"""Seconds after which something is sent although nothing happens, so that nobody takes the line for dead."""
SLOW = 30.0
"""Seconds that a listener may take to read what was sent."""
RETRY = 1_000
"""Milliseconds after which a browser connects again."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Change(BaseModel):
    """The `data` of an event. What it is now stands under its own address: events tell that something changed."""

    kind: Literal["conversations", "messages", "stays", "offers", "agents", "tickets", "notifications", "reset"] = (
        Field(description="The event's name, too.")
    )
    name: str = Field(
        description="Of `conversations`, `messages`, `stays` and `offers` the conversation; of `agents` a user's name; "
        "of `tickets` and `notifications` the number."
    )
    at: datetime


EXAMPLE = """retry: 1000
id: 1204-0-1795572000

event: messages
data: {"kind": "messages", "name": "igdm_0123456789abcdef01234567", "at": "2026-11-25T10:00:03.201Z"}
id: 1207-88213-1795572003

"""


class Events(StreamingResponse):
    """A stream that does not wait for ever for somebody who does not read."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async def sent(message: Message) -> None:
            async with asyncio.timeout(SLOW):
                await send(message)

        stream = self.body_iterator
        assert isinstance(stream, AsyncGenerator)
        async with aclosing(stream):
            try:
                await super().stream_response(sent)
            except TimeoutError:
                logger.info("somebody did not read their events for %s s and is dropped", SLOW)


@router.get(
    "/api/v1/events",
    summary="Listen to what changes",
    response_class=Events,
    responses={
        200: {
            "description": "A stream that ends only when the session does",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    }
    | answers(401, 422),
)
async def listen(
    request: Request,
    parts: Given,
    by: Viewer,
    kinds: Annotated[list[Kind] | None, Query(description="Only these; all, unless some are named.")] = None,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            description="The `id` of the last event that arrived: what came since is sent first. Browsers send it.",
        ),
    ] = None,
) -> Events:
    """Server-sent events: `event` is the kind, `data` a JSON object with `kind`, `name` and `at`.

    An event `reset` says that what happened before is not known any more: read everything anew. That is so for an id
    older than 24 hours, or from elsewhere. Whoever reads too slowly is cut off, and goes on from the last id.
    """
    broadcast: Broadcast = request.app.state.broadcast
    return Events(_stream(parts, broadcast, by, frozenset(kinds or ()), last_event_id), headers=HEADERS)


async def _stream(
    parts: Parts, broadcast: Broadcast, by: Principal, kinds: frozenset[Kind], last: str | None
) -> AsyncGenerator[bytes]:
    try:
        listener = await broadcast.join(by, kinds)
    except SQLAlchemyError as error:
        logger.warning("nobody can listen now: %s", getattr(error, "orig", None) or error)
        return
    try:
        seen = broadcast.position
        if last is None:
            yield format_sse_event(id=_id(seen, broadcast.read_at), retry=RETRY)
        elif (resumed := await _resumed(parts, seen, last)) is None:
            yield _event(Change(kind="reset", name="", at=parts.now()), _id(seen, broadcast.read_at))
        else:
            seen = resumed
            yield format_sse_event(id=last, retry=RETRY)
            while not listener.over:
                async with parts.database.begin() as session:
                    found = await updates_after(session, seen, TOGETHER)
                seen = found[-1].position if found else seen
                if wanted := of_kinds(found, kinds):
                    yield _told(wanted)
                if len(found) < TOGETHER:
                    break
        while True:
            found = await listener.heard(HEARTBEAT)
            if listener.over:
                return
            # Another process may have been further than this one.
            fresh = [one for one in found if one.position > seen]
            if fresh:
                seen = fresh[-1].position
                yield _told(fresh)
            elif not found:
                seen = max(seen, broadcast.position)
                yield format_sse_event(comment="nothing new", id=_id(seen, broadcast.read_at))
    except SQLAlchemyError as error:
        logger.warning("a listener of %s has to come again: %s", by.name, getattr(error, "orig", None) or error)
    finally:
        broadcast.leave(listener)


async def _resumed(parts: Parts, seen: Position, last: str) -> Position | None:
    """Where to go on; None where what came since is not known any more, or never was of this database."""
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,11})", last)
    if found is None or datetime.fromtimestamp(int(found[3]), UTC) < parts.now() - KEPT:
        return None
    position = Position(int(found[1]), int(found[2]))
    if position > seen:
        async with parts.database.begin() as session:
            seen = await head(session)
        if position.transaction > seen.transaction:
            return None
    return position


def _told(found: Sequence[Update]) -> bytes:
    return b"".join(_event(Change(kind=one.kind, name=one.name, at=one.at), _id(one.position, one.at)) for one in found)


def _event(change: Change, id: str) -> bytes:
    return format_sse_event(event=change.kind, data_str=json.dumps(change.model_dump(mode="json")), id=id)


def _id(position: Position, at: datetime) -> str:
    """A position, and when everything up to it was known; it is opaque to whoever gets it."""
    return f"{position.transaction}-{position.id}-{int(at.timestamp())}"
