"""A server on a real socket of this machine, for what asks the web."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn


@asynccontextmanager
async def serving(app: Any, *, certificate: Path | None = None, key: Path | None = None) -> AsyncIterator[int]:
    """Serve an ASGI app on 127.0.0.1 and give its port; with a certificate, over TLS."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="critical",
                lifespan="off",
                timeout_graceful_shutdown=0,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )
        task = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task
