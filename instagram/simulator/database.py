"""The simulator's memory: one SQLite file, or none but the process."""

import sqlite3
from pathlib import Path

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


def connect(file: Path | None) -> sqlite3.Connection:
    """A connection that commits each statement; with a file, what was written survives a killed process."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + _SCHEMA)
    return connection
