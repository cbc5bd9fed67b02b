"""Shares what was announced with the outgoing webhooks that want it, and begins e-mails about missed chats."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from api.signals import SignalError, mail_missed_chat, tell_webhook
from store import announcements
from store.database import Database, listen
from store.webhook_deliveries import to_wake

logger = logging.getLogger(__name__)

EVERY = 15.0
"""Seconds after which it looks by itself, for what it was not told of."""
AGAIN = 5.0
"""Seconds between two attempts."""
FORGOTTEN = timedelta(minutes=1)
"""What has been due for so long was shared by a process that was killed before it could say so."""
KEPT = timedelta(days=30)
"""So long announcements can be looked at and delivered once more."""
HOURLY = timedelta(hours=1)


class Sharer:
    """Any number of processes may share; each announcement is shared once.

    `mail`: whether there is a mail server.
    """

    def __init__(
        self, database: Database, temporal: Client, task_queue: str, now: Callable[[], datetime], *, mail: bool
    ) -> None:
        self._database = database
        self._temporal = temporal
        self._task_queue = task_queue
        self._now = now
        self._mail = mail
        self._wake = asyncio.Event()
        self._untold = False
        self._pruned: datetime | None = None

    async def run(self) -> None:
        """Share until cancelled; begins with what was announced while nobody listened."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                self._wake.clear()
                try:
                    await self.share()
                    await self._prune()
                except (SQLAlchemyError, SignalError) as error:
                    logger.warning("announcements are shared later: %s", getattr(error, "orig", None) or error)
                    await asyncio.sleep(AGAIN)
                    continue
                # Python 3.11's wait_for loses a cancellation that meets the end of what it waits for.
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await self._wake.wait()

    async def share(self) -> None:
        """Share everything that is new, and wake the webhooks that have something to deliver."""
        while await self._share_some():
            self._untold = True
        now = self._now()
        async with self._database.begin() as session:
            webhooks = await to_wake(session, now if self._untold else now - FORGOTTEN)
        for webhook in webhooks:
            await tell_webhook(self._temporal, self._task_queue, webhook)
        self._untold = False

    async def _share_some(self) -> int:
        async with self._database.begin() as session:
            new = await announcements.unshared(session)
            if self._mail:
                # Before the commit: what is begun twice is done once, and what is not begun is not shared.
                for one in new:
                    if one.kind == "chat.missed" and one.conversation is not None:
                        await mail_missed_chat(self._temporal, self._task_queue, one.conversation)
            if new:
                await announcements.share(session, [one.id for one in new], self._now())
        return len(new)

    async def _prune(self) -> None:
        now = self._now()
        if self._pruned is not None and now < self._pruned + HOURLY:
            return
        self._pruned = now
        async with self._database.begin() as session:
            await announcements.prune(session, now - KEPT)

    async def _listen(self) -> None:
        while True:
            try:
                async with aclosing(listen(self._database.url, announcements.CHANNEL)) as notifications:
                    async for _ in notifications:
                        self._wake.set()
            except psycopg.Error as error:
                logger.warning("not told of new announcements for now, looking every %s s: %s", EVERY, error)
                await asyncio.sleep(AGAIN)
