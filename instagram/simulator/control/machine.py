"""The control API's calls about the clock, files, starting anew, and watching."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import StreamingResponse

from instagram.simulator.changes import Changes
from instagram.simulator.control.answers import NOT_THERE, address, found
from instagram.simulator.control.delivery_inputs import ClockMove
from instagram.simulator.media import LIMITS, SAMPLES, TYPES
from instagram.simulator.world import World

Json = dict[str, Any]

HEARTBEAT = 15.0  # Seconds between signs of life on a quiet stream.


def add(router: APIRouter, world: World) -> None:
    @router.get("/clock", summary="The simulator's time")
    async def clock() -> Json:
        return {"now": world.clock.now().isoformat(), "offset": world.clock.offset}

    @router.post("/clock", summary="Move the clock: windows and tokens follow")
    async def move_clock(move: ClockMove) -> Json:
        try:
            if move.at is not None:
                world.advance((move.at - world.clock.now()).total_seconds())
            elif move.advance is not None:
                world.advance(move.advance)
        except (OverflowError, ValueError, OSError) as error:
            raise HTTPException(422, f"the clock cannot go there: {error}") from error
        return await clock()

    @router.post(
        "/media",
        status_code=201,
        summary="Keep a file (its bytes are the body) and give its address",
        responses={413: {"description": "Larger than Instagram takes"}, 415: {"description": "Of another type"}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {type: {"schema": {"type": "string", "format": "binary"}} for type in TYPES},
            }
        },
    )
    async def add_media(request: Request) -> Json:
        type = request.headers.get("Content-Type", "").partition(";")[0].strip()
        if type not in TYPES:
            raise HTTPException(415, f"{type or 'a body without a type'} is not one of {', '.join(TYPES)}")
        kind = TYPES[type][0]
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LIMITS[kind]:
                raise HTTPException(413, f"over {LIMITS[kind]} bytes")
        return {"url": f"{address(world, request)}media/{world.media.add(type, bytes(content))}", "type": kind}

    @router.delete(
        "/media/{id}", status_code=204, summary="Let a file's address expire, as Meta's do", responses=NOT_THERE
    )
    async def remove_media(id: str) -> None:
        found(world.media.remove, id)

    @router.get("/samples", summary="The addresses of the sample files, by kind")
    async def samples(request: Request) -> dict[str, str]:
        return {kind: f"{address(world, request)}samples/{name}" for kind, name in SAMPLES.items()}

    @router.post("/reset", status_code=204, summary="Forget everything, as at the first start")
    async def reset() -> None:
        world.reset()

    @router.get(
        "/events",
        summary="Server-sent events: which account and customer changed, at once",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Until the caller goes"}},
    )
    async def events() -> StreamingResponse:
        stream = _stream(world.changes)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _stream(changes: Changes) -> AsyncIterator[str]:
    with changes.watching() as queue:
        yield ": here\n\n"
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    change = await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if change is None:
                return
            yield f"data: {json.dumps(change)}\n\n"
