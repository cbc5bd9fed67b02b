"""Puts the simulator together."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Receive, Scope, Send

from instagram.simulator import control, dialogs, documents, graph, login, phone
from instagram.simulator.control.examples import EXAMPLES
from instagram.simulator.courier import Courier
from instagram.simulator.errors import GraphError, answer_error
from instagram.simulator.paging import VERSION
from instagram.simulator.world import Options, World

STATIC = Path(__file__).parent / "static"
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_ABOUT = "A local Instagram for people and tests. To chat by hand: [the phone](/)."


def create_app(
    webhook: str | None = None,
    secret: str = "simulator-secret",
    data: Path | None = None,
    login_secret: str | None = None,
    url: str | None = None,
) -> FastAPI:
    """A local Instagram that tells `webhook` of everything.

    What happens to accounts of the page flavour is signed with `secret`, of the login flavour with `login_secret`
    (None: the same). With `data` it remembers everything in that file, undelivered webhooks included; without, only
    while it runs. `url` is where the app under test finds it, None for the address that each caller used.
    """
    world = World(data, Options(webhook, secret, login_secret, url))
    courier = Courier(world)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        delivery = asyncio.create_task(courier.run())
        yield
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        world.database.close()

    app = FastAPIOffline(
        title="Switchboard's local Instagram",
        description=_ABOUT,
        openapi_tags=documents.TAGS,
        redoc_url=None,
        favicon_url="/static/icon.svg",
        lifespan=lifespan,
    )
    app.state.world = world
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(phone.routes(world))
    app.include_router(control.routes(world, courier))
    app.include_router(dialogs.routes(world))
    app.include_router(login.routes(world))
    # Last, for its addresses are bare ids and would catch every other one.
    app.include_router(graph.routes(world))
    documents.describe(app, EXAMPLES)
    app.add_exception_handler(GraphError, answer_error)
    app.add_middleware(_AnyVersion)
    return app


class _AnyVersion:
    """Takes /v26.0/… and any other version of the Graph API as the address without it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (version := _VERSION.match(scope["path"])):
            scope = {**scope, "path": scope["path"][version.end() :], VERSION: version[0]}
        await self._app(scope, receive, send)
