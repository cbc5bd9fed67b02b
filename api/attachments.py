"""Serves what customers sent to whoever has a signed link (SPEC 6.5)."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.dependencies import Given
from api.errors import Refusal, answers
from store.attachments import Attachment, attachment, link_expiry, safe_title
from store.files import Files, FilesError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["attachments"])

SHOWN = ("image/", "audio/", "video/")
"""What a browser shows in place; everything else it saves."""
DELETED = "This file was deleted."
HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=300",
    # A stranger made these bytes: nothing in them may run or load anything. The exceptions are for the page that a
    # browser itself puts around a film, which reads it once more from here.
    "Content-Security-Policy": (
        "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@router.get(
    "/attachments/{id}/{title}",
    summary="Read an attachment",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "The part of it that `Range` asks for"},
    }
    | answers(403, 404, 410, 416, 503),
)
async def read(
    request: Request,
    parts: Given,
    id: Annotated[str, Path(description="The attachment's id.")],
    title: Annotated[str, Path(description="The file's name, as it stands in the link.", examples=["image.png"])],
    expires: Annotated[str, Query(description="Until when the link holds, in seconds since 1970.")] = "",
    signature: Annotated[str, Query(description="Made by Switchboard, over all the rest of the link.")] = "",
    ranged: Annotated[
        str | None, Header(alias="Range", description="`bytes=…`, one range.", examples=["bytes=0-999"])
    ] = None,
    if_range: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """The signature is the permission: no session or token is needed. Links hold for 30 days.

    403 for a link that was changed, 410 for one that has expired, 404 where the file was deleted, and 503 while the
    storage does not answer. Images, audio and video are shown in place, other files are saved. HEAD is answered too.
    """
    until = link_expiry(parts.hash_key, id, title, expires, signature)
    if until is None:
        raise Refusal(403, "This link is not as Switchboard made it. Use the whole of it, unchanged.")
    if until <= parts.now():
        raise Refusal(410, "This link has expired. Ask for a new one where you found it.")
    async with parts.database.begin() as session:
        found = await attachment(session, id)
    if found is None or found.size is None or found.location is None:
        raise Refusal(404, DELETED)
    headers = HEADERS | {"Content-Disposition": _disposition(found)}
    if request.method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(found.size)}, media_type=found.media_type)
    # No validator is ever handed out, so a condition on one cannot be met: then the whole file is the answer.
    part = None if ranged is None or if_range is not None else asked(ranged, found.size)
    start, end = part or (0, found.size)
    if start >= end:
        refusal = Refusal(416, f"The file ends before this range begins: it has {found.size} bytes.")
        refusal.headers = {"Content-Range": f"bytes */{found.size}"}
        raise refusal
    content = await _content(parts.files, found.location, start, end)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    return StreamingResponse(content, 200 if part is None else 206, headers, found.media_type)


router.add_api_route("/attachments/{id}/{title}", read, methods=["HEAD"], include_in_schema=False)


def asked(ranged: str, size: int) -> tuple[int, int] | None:
    """The first byte that a `Range` asks for and the one behind its last; equal where there are none (RFC 9110, 14.1).

    None for what is to be ignored: other units, several ranges, and what is none.
    """
    found = re.fullmatch(r"bytes=\s*([0-9]{0,15})-([0-9]{0,15})\s*", ranged, re.IGNORECASE)
    if found is None:
        return None
    match found.groups():
        case ("", ""):
            return None
        case ("", last):
            return size - min(int(last), size), size
        case (first, ""):
            return min(int(first), size), size
        case (first, last) if int(first) <= int(last):
            return min(int(first), size), min(int(last) + 1, size)
        case _:
            return None


async def _content(files: Files | None, location: str, start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes, of which the first are read already: what is wrong has to be said before the answer begins."""
    if files is None:
        raise Refusal(503, "No storage of attachments is set up here.")
    pieces = files.pieces(location, start, end)
    try:
        first = await anext(pieces)
    except FileNotFoundError as error:
        logger.error("an attachment is in the database and not in the storage: %s", error)
        raise Refusal(404, DELETED) from error
    except FilesError as error:
        logger.error("an attachment could not be served: %s", error)
        raise Refusal(503, "The storage of attachments does not answer. Try again in a moment.") from error

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return whole()


def _disposition(found: Attachment) -> str:
    """Shown in place or saved, and under which name: once for old programs, once with every letter (RFC 6266)."""
    how = "inline" if (found.media_type or "").startswith(SHOWN) else "attachment"
    return f"{how}; filename=\"{safe_title(found.title)}\"; filename*=UTF-8''{quote(found.title, safe='')}"
