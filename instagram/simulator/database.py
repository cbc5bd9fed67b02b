"""The simulator's memory: one SQLite file, or none but the process."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists accounts (
    id text primary key, flavour text not null, username text not null, name text not null, token text not null unique,
    page_id text unique, subscribed text not null default ''
);
create table if not exists customers (
    account text not null, id text not null, username text not null, name text, last_wrote integer, seen_by_us integer,
    conversation text not null, primary key (account, id)
);
create index if not exists customers_by_conversation on customers (conversation);
create table if not exists messages (
    number integer primary key autoincrement, mid text not null unique, account text not null, customer text not null,
    author text not null, at integer not null, content text not null, edits integer not null default 0,
    deleted integer not null default 0
);
create index if not exists messages_of_thread on messages (account, customer, number);
create table if not exists sends (
    number integer primary key autoincrement, at integer not null, account text not null, customer text,
    body text not null, mid text, error text
);
create table if not exists webhooks (
    number integer primary key autoincrement, thread text not null, body text not null, created integer not null,
    delivered integer
);
create index if not exists webhooks_undelivered on webhooks (thread, number) where delivered is null;
create table if not exists attempts (
    number integer primary key autoincrement, webhook integer not null, at integer not null, status integer, error text
);
create table if not exists media (id text primary key, type text not null, content blob not null);
"""
TABLES = ("settings", "accounts", "customers", "messages", "sends", "webhooks", "attempts", "media")


class Unknown(LookupError):
    """Nothing of that name is here; the message says what."""


def connect(file: Path | None) -> sqlite3.Connection:
    """A connection that commits each statement; with a file, what was written survives a killed process."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + _SCHEMA)
    return connection


def rows(database: sqlite3.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    """Every row of a query, by column name."""
    return [dict(found) for found in database.execute(query, values)]


def row(database: sqlite3.Connection, what: str, id: str, query: str, *values: object) -> dict[str, Any]:
    """The first row of a query; Unknown, in the words of `what` and `id`, where there is none."""
    found = rows(database, query, *values)
    if not found:
        raise Unknown(f"no {what} {id!r} here")
    return found[0]


@contextmanager
def together(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, so that a message and its webhook survive a kill together."""
    database.execute("begin")
    try:
        yield
    except BaseException:
        database.execute("rollback")
        raise
    database.execute("commit")
