"""The way from the inbox to the workflows: in order within a thread, never lost, in any number of processes."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from api.metrics import Metrics
from api.signals import SignalError
from api.sorting import Sorting
from store import inbox
from store.database import Database, listen

logger = logging.getLogger(__name__)

THREADS = 16
"""So many threads are worked on at once; each holds a connection to the database meanwhile."""
LISTED = 200
TOGETHER = 100
"""So many events of a thread go into one signal at the most."""
EVERY = 1.0
"""Seconds after which the inbox is looked at, though nothing was heard of it."""
LONGEST_WAIT = timedelta(seconds=30)
"""The longest pause between two attempts on the same thread."""

Thread = tuple[str, str | None]


class Forwarder:
    """Takes pending events out of the inbox, one thread's group at a time, each in a transaction of its own.

    The transaction holds the thread's lock and commits after the signal: killed in between, the same signal is sent
    again, and the workflow knows its keys. `database` must have a connection for each of THREADS, and one more.
    """

    def __init__(self, database: Database, sorting: Sorting, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sorting = sorting
        self._metrics = metrics
        self._now = now
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(THREADS)
        self._busy: set[Thread] = set()
        self._again: set[Thread] = set()

    async def run(self) -> None:
        """Forward until cancelled; what is under way then is rolled back, and done again by whoever runs next."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                self._wake.clear()
                for thread in await self._pending():
                    if thread in self._busy:
                        # What is new may have come after its last look.
                        self._again.add(thread)
                        continue
                    await self._slots.acquire()
                    self._busy.add(thread)
                    group.create_task(self._work(thread))
                # Python 3.11's wait_for loses a cancellation that meets the end of what it waits for.
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await self._wake.wait()

    async def _listen(self) -> None:
        while True:
            try:
                async with aclosing(listen(self._database.url, inbox.CHANNEL)) as notifications:
                    async for _ in notifications:
                        self._wake.set()
            except psycopg.Error as error:
                logger.warning("not told of new events for now, looking every %s s: %s", EVERY, error)
                await asyncio.sleep(EVERY)

    async def _pending(self) -> list[Thread]:
        try:
            async with self._database.begin() as session:
                return await inbox.pending_threads(session, LISTED)
        except SQLAlchemyError as error:
            logger.warning("the inbox cannot be read, trying again in %s s: %s", EVERY, _reason(error))
            return []

    async def _work(self, thread: Thread) -> None:
        """Forward what is pending of one thread, until nothing is left but what has to wait."""
        held: set[int] = set()
        progress = True
        try:
            while progress:
                progress = await self._forward(thread, held)
        finally:
            self._busy.discard(thread)
            self._slots.release()
            if thread in self._again:
                self._again.discard(thread)
                self._wake.set()

    async def _forward(self, thread: Thread, held: set[int]) -> bool:
        """One group of events; False when there is nothing more to do here now."""
        ids: list[int] = []
        attempts = 0
        try:
            async with self._database.begin() as session:
                if not await inbox.claim(session, *thread):
                    return False
                rows = [row for row in await inbox.pending(session, *thread, TOGETHER) if row.id not in held]
                if not rows:
                    return False
                ids, attempts = [rows[0].id], rows[0].attempts
                together = self._sorting.first(rows)
                ids = [one.row.id for one in together]
                outcome = await self._sorting.outcome(session, together)
                if outcome is None:
                    held.update(ids)
                    return True
                await inbox.mark_forwarded(session, ids, outcome)
        except Exception as error:  # whatever it was, other threads go on, and this one is tried again
            known = isinstance(error, SignalError | SQLAlchemyError)
            logger.warning("thread %s waits: %s", thread, _reason(error), exc_info=None if known else error)
            await self._put_off(ids, attempts, _reason(error))
            return False
        self._metrics.forwarded.labels(outcome).inc(len(ids))
        return True

    async def _put_off(self, ids: list[int], attempts: int, reason: str) -> None:
        self._metrics.failures.inc()
        pause = min(timedelta(seconds=0.5) * 2 ** min(attempts, 10), LONGEST_WAIT)
        try:
            async with self._database.begin() as session:
                await inbox.mark_failed(session, ids, reason, self._now() + pause)
        except SQLAlchemyError as error:
            logger.warning("a failure could not be booked, the events stay pending: %s", _reason(error))


def _reason(error: Exception) -> str:
    """Without the values of a statement, which may be a customer's words."""
    if isinstance(error, DBAPIError):
        return f"the store failed: {error.orig}"
    return f"{type(error).__name__}: {error}"
