"""Puts the simulator together."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from instagram.simulator import control, graph, phone
from instagram.simulator.courier import Courier
from instagram.simulator.world import World

STATIC = Path(__file__).parent / "static"
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")


def create_app(webhook: str | None = None, secret: str = "simulator-secret", data: Path | None = None) -> FastAPI:
    """A local Instagram that tells `webhook` of everything, signed with `secret`.

    With `data` it remembers everything in that file, undelivered webhooks included; without, only while it runs.
    """
    world = World(data)
    courier = Courier(world, webhook, secret)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        delivery = asyncio.create_task(courier.run())
        yield
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        world.database.close()

    app = FastAPI(title="Switchboard's local Instagram", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.world = world
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(phone.routes(world, app))
    app.include_router(control.routes(world, courier))
    # Last, for its addresses are bare ids and would catch every other one.
    app.include_router(graph.routes(world, secret))
    app.add_exception_handler(graph.GraphError, graph.answer_error)
    app.add_middleware(_AnyVersion)
    return app


class _AnyVersion:
    """Takes /v26.0/… and any other version of the Graph API as the address without it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _VERSION.sub("", scope["path"])}
        await self._app(scope, receive, send)
