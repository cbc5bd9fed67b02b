"""What a command works on: an installation's API, its Temporal, its store; its entry point hands it in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


class CannotRun(Exception):
    """The command could not do its work; the text says why and what to do."""


@dataclass(frozen=True)
class Remote:
    """An installation as it is reached from anywhere; `token` is empty where none is set."""

    url: str
    token: str = field(repr=False)
    temporal_address: str
    temporal_namespace: str


@dataclass(frozen=True)
class Local:
    """An installation whose store is at hand, as on its own machines."""

    database_url: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    hash_key: str = field(repr=False)
    public_url: str


@dataclass(frozen=True)
class Installation:
    """Settings are read when a command first asks for them: most commands need but a few. `now` is the clock.

    `user` is who is logged in on this machine.
    """

    remote: Callable[[], Remote]
    local: Callable[[], Local]
    user: Callable[[], str]
    now: Callable[[], datetime]
