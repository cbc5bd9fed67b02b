"""The state of the local Instagram: its parts, and how they begin, move on and forget."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from instagram.simulator import seed
from instagram.simulator.accounts import Accounts
from instagram.simulator.apps import Apps
from instagram.simulator.changes import Changes
from instagram.simulator.chaos import Chaos
from instagram.simulator.clock import Clock
from instagram.simulator.comments import Comments
from instagram.simulator.database import TABLES, Settings, connect, together
from instagram.simulator.faults import Faults
from instagram.simulator.media import Media
from instagram.simulator.people import People
from instagram.simulator.sends import Sends
from instagram.simulator.shapes import Shapes
from instagram.simulator.threads import Threads
from instagram.simulator.tokens import Tokens
from instagram.simulator.webhooks import Webhooks


@dataclass(frozen=True)
class Options:
    """With what the simulator was started; `login_secret` None is the same as `secret`.

    `url` is where the app under test finds it, for the addresses of files; None takes that of each request.
    """

    webhook: str | None = None
    secret: str = "simulator-secret"
    login_secret: str | None = None
    url: str | None = None


class World:
    """Everything that is kept. One event loop uses it at a time."""

    def __init__(self, file: Path | None, options: Options) -> None:
        self.database: sqlite3.Connection = connect(file)
        self.options = options
        self.changes = Changes()
        self.settings = Settings(self.database)
        self.clock = Clock(self.settings)
        self.shapes = Shapes(self.settings)
        self.faults = Faults(self.database)
        self.chaos = Chaos(self.settings)
        self.apps = Apps(self.settings, options.secret, options.login_secret or options.secret)
        self.people = People(self.database)
        self.accounts = Accounts(self.database, self.changes)
        self.tokens = Tokens(self.database, self.clock)
        self.webhooks = Webhooks(self.database, self.clock, self.accounts, self.shapes, self.faults, self.chaos)
        self.threads = Threads(self.database, self.clock, self.changes, self.webhooks)
        self.comments = Comments(self.database, self.clock)
        self.sends = Sends(self.database, self.clock, self.settings)
        self.media = Media(self.database)
        self._begin()

    @property
    def held(self) -> bool:
        """Whether webhooks are held back."""
        return bool(self.settings.get("held", False))

    def hold(self, held: bool) -> None:
        self.settings.set("held", held)

    def advance(self, seconds: float) -> None:
        """Moves the clock, and tells the phones."""
        self.clock.advance(seconds)
        self.changes.tell(clock=self.clock.now().isoformat())

    def reset(self) -> None:
        """Everything as at the very first start; ids already given are not given again."""
        with together(self.database):
            for table in TABLES:
                self.database.execute(f"delete from {table}")
        self.settings.read()
        self.faults.read()
        self.chaos.read()
        self.threads.forget()
        self.sends.forget()
        self.clock.advance(-self.clock.offset)
        self._begin()
        self.changes.tell(reset=True)

    def _begin(self) -> None:
        if not self.settings.get("planted", False):
            with together(self.database):
                seed.plant(self.accounts, self.people, self.tokens)
                self.settings.set("planted", True)
