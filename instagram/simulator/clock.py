"""A clock that can be moved and remembers where it was put."""

import sqlite3
import time
from datetime import UTC, datetime

from instagram.simulator.database import rows


class Clock:
    """The machine's clock plus `offset` seconds."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._last = 0
        found = rows(database, "select value from settings where name = 'offset'")
        self.offset = float(found[0]["value"]) if found else 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def advance(self, seconds: float) -> None:
        """Moves on, or back with a negative number; OverflowError or ValueError for a time no calendar has."""
        datetime.fromtimestamp(time.time() + self.offset + seconds, UTC)
        self.offset += seconds
        self._last = 0
        self._database.execute("insert or replace into settings values ('offset', ?)", (str(self.offset),))

    def stamp(self) -> int:
        """Milliseconds now, later than every stamp since the clock was last moved: what is later also reads so."""
        self._last = max(self._last + 1, int(self.now().timestamp() * 1000))
        return self._last
