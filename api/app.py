"""The API as an ASGI application: its routes, and what runs beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import (
    accounts,
    applying,
    attachments,
    audit,
    authorise,
    chatbots,
    conversations,
    documents,
    entities,
    errors,
    health,
    impact,
    in_production,
    interventions,
    limits,
    metrics,
    notifications,
    pages,
    personal,
    positions,
    previews,
    queues,
    revisions,
    sandbox,
    scenarios,
    secrets,
    sessions,
    single_sign_on,
    start,
    tickets,
    tokens,
    traces,
    transcripts,
    trees,
    users,
    webhooks,
)
from api.announcer import Announcer
from api.dependencies import Parts
from api.forwarder import THREADS, Forwarder
from api.sorting import Sorting
from store.database import Database

logger = logging.getLogger(__name__)

ROUTES = (
    *(start, sessions, single_sign_on, users, tokens, audit),
    *(sandbox, entities, in_production, scenarios, applying, revisions),
    *(previews, impact, trees),
    *(conversations, transcripts, traces, positions, interventions, queues, tickets, notifications, accounts, secrets),
    *(webhooks, personal, authorise, chatbots, attachments, health, metrics),
)
DESCRIPTION = """
Switchboard routes Instagram direct messages: each conversation follows a routing graph as one durable workflow.

Every error is a problem document (`application/problem+json`, RFC 9457); where a body was refused, its `problems`
name the path of each mistake and the cure. Bodies over 1 MB are answered 413 (the webhook: 3 MB, the sandbox: 10 MB).
"""


def create_app(parts: Parts) -> FastAPI:
    """The application; its forwarder runs from startup to shutdown. The caller closes what it put into `parts`."""
    app = FastAPIOffline(
        redoc_url=None,
        title="Switchboard",
        version="1",
        description=DESCRIPTION,
        lifespan=_lifespan,
        # Two routes of one function name in different modules keep apart names in the OpenAPI document.
        generate_unique_id_function=lambda route: f"{route.tags[0] if route.tags else 'page'}-{route.name}",
    )
    app.state.parts = parts
    app.openapi = lambda: _described(app)
    errors.install(app)
    app.add_middleware(
        limits.BodyLimit,
        limit=limits.OTHERWISE,
        exceptions={webhooks.PATH: limits.WEBHOOK, sandbox.PATH: documents.LARGEST},
    )
    for module in ROUTES:
        app.include_router(module.router)
    app.mount("/static", pages.STATIC)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = FastAPI.openapi(app)
        errors.describe(app.openapi_schema)
    return app.openapi_schema


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    # Connections of its own: while Temporal is slow the forwarder holds them all, and webhooks must not wait for one.
    database = Database(parts.database.url, pool_size=THREADS + 1, max_overflow=0)
    sorting = Sorting(parts.temporal, parts.production, task_queue=parts.task_queue, now=parts.now, files=parts.files)
    forwarder = asyncio.create_task(Forwarder(database, sorting, parts.metrics, parts.now).run())
    forwarder.add_done_callback(_ended)
    announcer = asyncio.create_task(Announcer(parts.database, parts.temporal, parts.task_queue).run())
    announcer.add_done_callback(_ended)
    app.state.forwarder = forwarder
    try:
        yield
    finally:
        for task in (announcer, forwarder):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await database.close()


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("a part of this process ended, restart it; what waits is not lost", exc_info=error)
