"""The API as an ASGI application: its routes, and what runs beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from api import (
    accounts,
    agents,
    applying,
    attachments,
    audit,
    authorise,
    chatbot_trials,
    chatbots,
    console,
    contacts,
    conversations,
    data_rights,
    documents,
    drafts,
    entities,
    errors,
    events,
    having,
    health,
    hours,
    impact,
    in_production,
    interventions,
    limits,
    metrics,
    notifications,
    offers,
    outgoing,
    outgoing_deliveries,
    pages,
    personal,
    positions,
    previews,
    queues,
    remarks,
    replies,
    reports,
    revisions,
    sandbox,
    scenarios,
    secrets,
    sessions,
    signs,
    single_sign_on,
    start,
    texts,
    ticketing,
    tickets,
    tokens,
    traces,
    transcripts,
    trees,
    trials,
    users,
    webhooks,
)
from api.announcer import Announcer
from api.broadcast import Broadcast
from api.dependencies import Parts
from api.forwarder import THREADS, Forwarder
from api.sharer import Sharer
from api.sorting import Sorting
from store.database import Database

logger = logging.getLogger(__name__)

ROUTES = (
    *(start, sessions, single_sign_on, users, tokens, audit),
    *(sandbox, drafts, entities, in_production, scenarios, applying, revisions),
    *(previews, trials, chatbot_trials, impact, trees, hours),
    *(conversations, transcripts, traces, positions, interventions, replies, remarks, signs, queues),
    *(tickets, ticketing, contacts, data_rights, notifications, accounts, secrets),
    *(agents, having, offers, outgoing, outgoing_deliveries, reports),
    *(events, webhooks, personal, authorise, chatbots, attachments, health, metrics, console),
)
DESCRIPTION = """
Switchboard routes Instagram direct messages: each conversation follows a routing graph as one durable workflow.

Every error is a problem document (`application/problem+json`, RFC 9457); where a body was refused, its `problems`
name the path of each mistake and the cure. Bodies over 1 MB are answered 413 (the webhook: 3 MB, the sandbox: 10 MB,
a reply: 25 MB).
"""


def create_app(parts: Parts) -> FastAPI:
    """The application; its forwarder runs from startup to shutdown. The caller closes what it put into `parts`."""
    app = FastAPIOffline(
        redoc_url=None,
        title="Switchboard",
        version="1",
        description=DESCRIPTION,
        lifespan=_lifespan,
        dependencies=[Depends(texts.whole)],
        # Two routes of one function name in different modules keep apart names in the OpenAPI document.
        generate_unique_id_function=lambda route: f"{route.tags[0] if route.tags else 'page'}-{route.name}",
    )
    app.state.parts = parts
    app.state.broadcast = Broadcast(parts.database, parts.now)
    app.openapi = lambda: _described(app)
    errors.install(app)
    app.add_middleware(
        limits.BodyLimit,
        limit=limits.OTHERWISE,
        exceptions={
            webhooks.PATH: limits.WEBHOOK,
            sandbox.PATH: documents.LARGEST,
            replies.PATH: replies.LARGEST,
        },
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
    works = {
        "forwarder": Forwarder(database, sorting, parts.metrics, parts.now),
        "announcer": Announcer(parts.database, parts.temporal, parts.task_queue),
        "sharer": Sharer(parts.database, parts.temporal, parts.task_queue, parts.now, mail=parts.mail),
        "broadcast": app.state.broadcast,
    }
    app.state.works = tasks = [asyncio.create_task(work.run(), name=name) for name, work in works.items()]
    for task in tasks:
        task.add_done_callback(_ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # A failure was told when it came, and must not keep the others and the database from ending.
        await asyncio.wait(tasks)
        await database.close()


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical(
            "the %s of this process ended, restart it; what waits is not lost", task.get_name(), exc_info=error
        )
