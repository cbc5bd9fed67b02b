"""The simulator as a server that stops at once, although phones hold streams open, and can cut a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from instagram.simulator.line import TRANSPORT

_TICK = 0.02  # Seconds.


class _Cuttable(H11Protocol):
    """Hands each request the connection on which it came, so that a fault may end it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  as uvicorn's own
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, TRANSPORT: transport}, receive, send)  # pyright: ignore[reportArgumentType]  uvicorn's types are narrower

        self.app = with_transport


KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than clients keep it, who would else write into a closing one."""


class Server(uvicorn.Server):
    """Ends the streams before it waits for connections to close."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=_Cuttable,
            log_level="warning",
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=5,
        )
        super().__init__(config)
        self._app = app

    async def main_loop(self) -> None:
        # As uvicorn's own, which looks only ten times a second whether it shall stop: hundreds of tests wait for that.
        counter = 0
        while not await self.on_tick(counter // 5):
            counter = (counter + 1) % 864_000
            await asyncio.sleep(_TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.world.changes.stop()
        await super().shutdown(sockets)


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serves it on 127.0.0.1 and gives the address, e.g. "http://127.0.0.1:40000"; port 0 takes a free one."""
    # asyncio turns Nagle's delay off only for sockets that say they are TCP: 40 ms an answer otherwise.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = Server(app, "127.0.0.1", port)
        task = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started:
                if task.done():
                    task.result()
                    raise RuntimeError("the simulator stopped while it was starting")
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
