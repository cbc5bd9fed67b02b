"""Who watches the local Instagram, and that it is about to stop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Json = dict[str, Any]


class Changes:
    """What changes, told at once to everybody who watches. One event loop uses it at a time."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Json | None]] = set()
        self.stopping = asyncio.Event()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Json | None]]:
        """A queue of what changes: the account and customer concerned; None when the simulator stops."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    def tell(self, **change: Any) -> None:
        for queue in self._watchers:
            queue.put_nowait(change)

    def stop(self) -> None:
        """Ends every stream and every wait, which else would hold up the server's stop."""
        self.stopping.set()
        for queue in self._watchers:
            queue.put_nowait(None)
