"""One reader of what changes, for everybody who listens in this process: fifty listeners cost one query (SPEC 8)."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from api.access import Principal
from store import sessions, tokens
from store.database import Database
from store.updates import Kind, Position, Update, head, of_kinds, prune, updates_after

logger = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two looks, while anybody listens."""
AGAIN = 1.0
"""Seconds until the next look where the store does not answer."""
TOGETHER = 1_000
"""So many updates are read at once."""
BEHIND = 5_000
"""Who has so many updates still to be sent is dropped, and resumes from the store."""
ASKED = 5.0
"""Seconds between two looks whether sessions and tokens of the listeners still hold."""
PRUNES = 600.0
"""Seconds between two times that what is old is deleted."""


class Listener:
    """Somebody who listens to some kinds, or with none to all; `over` once nothing comes any more."""

    def __init__(self, by: Principal, kinds: frozenset[Kind]) -> None:
        self.by = by
        self.kinds = kinds
        self.over = False
        self._waiting: deque[Update] = deque()
        self._wake = asyncio.Event()

    def tell(self, found: Sequence[Update]) -> None:
        self._waiting.extend(of_kinds(found, self.kinds))
        if len(self._waiting) > BEHIND:
            logger.info("a listener of %s is %s updates behind and is dropped", self.by.name, len(self._waiting))
            self.end()
        elif self._waiting:
            self._wake.set()

    def end(self) -> None:
        self.over = True
        self._wake.set()

    async def heard(self, within: float) -> list[Update]:
        """What has come, as soon as there is something; nothing after so many seconds, or when it is over."""
        try:
            async with asyncio.timeout(within):
                await self._wake.wait()
        except TimeoutError:
            return []
        if self.over:
            return []
        found = list(self._waiting)
        self._waiting.clear()
        self._wake.clear()
        return found


class Broadcast:
    """Reads the updates in their order and tells all listeners. `run` it beside the API; `close` it before the end.

    Every listener has been told of everything up to `position`, which was read at `read_at`, or has it waiting.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._listeners: set[Listener] = set()
        self._somebody = asyncio.Event()
        self._reading = asyncio.Lock()
        self._closed = False
        self.position = Position(0, 0)
        self.read_at = datetime.fromtimestamp(0, UTC)
        self.looks = 0

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def join(self, by: Principal, kinds: frozenset[Kind]) -> Listener:
        """A listener who is told of all that comes behind `position` as it is now. Raises SQLAlchemyError."""
        listener = Listener(by, kinds)
        async with self._reading:
            if not self._listeners:
                # Nobody has looked since the last one left.
                async with self._database.begin() as session:
                    self.position, self.read_at = await head(session), self._now()
            self._listeners.add(listener)
            self._somebody.set()
        if self._closed:
            listener.end()
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:
            self._somebody.clear()

    def close(self) -> None:
        """End all that listen now or begin to: open streams would hold up the end of the process."""
        self._closed = True
        for listener in self._listeners:
            listener.end()

    async def run(self) -> None:
        """Look, tell and tidy up until cancelled; while the store does not answer, everybody waits."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeated(self._ask, ASKED))
            group.create_task(self._repeated(self._prune, PRUNES))
            while True:
                await self._somebody.wait()
                try:
                    more = await self._look()
                except SQLAlchemyError as error:
                    logger.warning("what changed cannot be read, trying again in %s s: %s", AGAIN, _reason(error))
                    await asyncio.sleep(AGAIN)
                    continue
                if not more:
                    await asyncio.sleep(EVERY)

    async def _look(self) -> bool:
        """One look; whether there is more at once."""
        async with self._reading:
            read_at = self._now()
            async with self._database.begin() as session:
                found = await updates_after(session, self.position, TOGETHER)
            self.looks += 1
            self.read_at = read_at
            if found:
                self.position = found[-1].position
                for listener in self._listeners:
                    listener.tell(found)
        return len(found) == TOGETHER

    async def _ask(self) -> None:
        """Drop whose session has ended, or whose token was revoked."""
        listening = list(self._listeners)
        if not listening:
            return
        async with self._database.begin() as session:
            people = {one.by.id for one in listening if one.by.kind == "session"}
            programs = {int(one.by.id) for one in listening if one.by.kind == "token"}
            held = {("session", id) for id in await sessions.those_that_hold(session, people, self._now())}
            held |= {("token", str(id)) for id in await tokens.those_that_hold(session, programs, self._now())}
        for one in listening:
            if (one.by.kind, one.by.id) not in held:
                one.end()

    async def _prune(self) -> None:
        async with self._database.begin() as session:
            await prune(session)

    async def _repeated(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await work()
            except SQLAlchemyError as error:
                logger.warning("the store did not answer, trying again in %s s: %s", every, _reason(error))


def _reason(error: SQLAlchemyError) -> object:
    return getattr(error, "orig", None) or error
