"""Whether this process lives, and whether it can do its work."""

import asyncio
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from api.dependencies import Given
from store.database import Database

router = APIRouter(tags=["operation"])

PATIENCE = 3.0
"""Seconds that each part may take to answer."""


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Which parts are there; webhooks are acknowledged as long as the database is."""

    status: Literal["ready", "not ready"]
    database: bool
    temporal: bool
    ended: list[str] = Field(description="Works of this process that have ended; its log says why, a restart helps.")


@router.get("/healthz", summary="Is the process alive?")
async def alive() -> Alive:
    """200 as long as this process answers at all; asks nobody else."""
    return Alive()


@router.get("/readyz", summary="Can it work?", responses={503: {"model": Readiness}})
async def ready(request: Request, response: Response, parts: Given) -> Readiness:
    """503, and which part is missing: the database with its schema, Temporal, or a work of this process."""
    database, temporal = await asyncio.gather(_database(parts.database), _temporal(parts.temporal))
    works: list[asyncio.Task[None]] = request.app.state.works
    ended = [work.get_name() for work in works if work.done()]
    whole = database and temporal and not ended
    response.status_code = 200 if whole else 503
    return Readiness(status="ready" if whole else "not ready", database=database, temporal=temporal, ended=ended)


async def _database(database: Database) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await database.is_ready()
    except (SQLAlchemyError, TimeoutError):
        return False


async def _temporal(client: Client) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.service_client.check_health(timeout=timedelta(seconds=PATIENCE))
    except (RPCError, RuntimeError, TimeoutError):
        # A lazy client that cannot connect raises a bare RuntimeError.
        return False
