"""What follows from an applied configuration outside the conversations: changed ice breakers are published."""

import asyncio
import logging
from contextlib import aclosing

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from api.signals import SignalError, publish_ice_breakers
from store import revisions
from store.database import Database, listen

logger = logging.getLogger(__name__)

AGAIN = 5.0
"""Seconds between two attempts."""


class Announcer:
    """Starts the work once for each revision, whichever process hears of it first."""

    def __init__(self, database: Database, temporal: Client, task_queue: str) -> None:
        self._database = database
        self._temporal = temporal
        self._task_queue = task_queue

    async def run(self) -> None:
        """Listen until cancelled; begins with the current revision, which may have come while nobody listened."""
        while True:
            try:
                async with aclosing(listen(self._database.url, revisions.CHANNEL)) as notifications:
                    async for _ in notifications:
                        await self._announce()
            except (psycopg.Error, SQLAlchemyError, SignalError) as error:
                logger.warning("a new revision is announced later: %s", getattr(error, "orig", None) or error)
                await asyncio.sleep(AGAIN)

    async def _announce(self) -> None:
        async with self._database.begin() as session:
            current = await revisions.current_revision(session)
        if current is not None:
            await publish_ice_breakers(self._temporal, self._task_queue, f"revision-{current.number}")
