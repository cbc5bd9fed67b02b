"""The simulator as a server that stops at once, although phones hold streams open."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI


class Server(uvicorn.Server):
    """Ends the streams before it waits for connections to close."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=5))
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.world.stop_watching()
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
