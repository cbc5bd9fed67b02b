"""A clock that can be moved and remembers where it was put."""

import time
from datetime import UTC, datetime

from instagram.simulator.database import Settings


class Clock:
    """The machine's clock plus `offset` seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._last = 0
        self.offset: float = float(settings.get("offset", 0.0))

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def milliseconds(self) -> int:
        """Now, as Meta counts."""
        return int((time.time() + self.offset) * 1000)

    def advance(self, seconds: float) -> None:
        """Moves on, or back with a negative number; OverflowError or ValueError for a time no calendar has."""
        datetime.fromtimestamp(time.time() + self.offset + seconds, UTC)
        self.offset += seconds
        self._last = 0
        self._settings.set("offset", self.offset)

    def stamp(self) -> int:
        """Milliseconds now, later than every stamp since the clock was last moved: what is later also reads so."""
        self._last = max(self._last + 1, self.milliseconds())
        return self._last


def iso(milliseconds: int | None) -> str | None:
    """The time as the control API writes it."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def meta_time(milliseconds: int | None) -> str:
    """The time as the Graph API writes it: to the second, with `+0000`."""
    return datetime.fromtimestamp((milliseconds or 0) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
