"""The simulator's memory: one SQLite file, or none but the process."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists accounts (
    id text primary key, flavour text not null, username text not null, name text not null, token text unique,
    page_id text unique, kind text not null default 'BUSINESS', message_access integer not null default 1,
    ice_breakers text not null default '[]'
);
create table if not exists people (id text primary key, name text not null);
create table if not exists pages (
    number integer primary key autoincrement, id text not null unique, name text not null
);
create table if not exists roles (person text not null, page text not null, tasks text not null,
    primary key (person, page));
create table if not exists tokens (
    token text primary key, kind text not null, owner text, subject text not null, scopes text not null, pages text,
    long integer not null, created integer not null, expires integer, data_access_expires integer, revoked integer,
    parent text
);
create index if not exists tokens_by_subject on tokens (subject);
create index if not exists tokens_by_owner on tokens (owner);
create table if not exists codes (
    code text primary key, app text not null, owner text not null, scopes text not null, pages text,
    redirect_uri text not null, created integer not null, used integer not null default 0
);
create table if not exists subscriptions (node text not null, app text not null, fields text not null,
    primary key (node, app));
create table if not exists customers (
    account text not null, id text not null, username text not null, name text, picture integer not null default 1,
    profile text not null default 'shown', last_wrote integer, seen_by_us integer, updated integer,
    conversation text not null, blocked integer not null default 0, owner text, primary key (account, id)
);
create index if not exists customers_by_conversation on customers (conversation);
create index if not exists customers_by_time on customers (account, updated);
create table if not exists messages (
    number integer primary key autoincrement, mid text not null unique, account text not null, customer text not null,
    author text not null, at integer not null, content text not null, edits integer not null default 0,
    deleted integer not null default 0
);
create index if not exists messages_of_thread on messages (account, customer, number);
create table if not exists comments (
    id text primary key, account text not null, customer text not null, text text not null, at integer not null,
    answered integer not null default 0
);
create table if not exists sends (
    number integer primary key autoincrement, at integer not null, account text not null, customer text,
    kind text not null, body text not null, mid text, error text, fault text
);
create index if not exists sends_of_thread on sends (account, customer, number);
create index if not exists sends_undelivered on sends (number) where mid is null;
create index if not exists sends_by_kind on sends (kind, mid);
create table if not exists webhooks (
    number integer primary key autoincrement, thread text not null, app text not null, body text not null,
    created integer not null, delivered integer, pending integer not null default 1, due real, swapped integer
);
create index if not exists webhooks_pending on webhooks (thread, app, number) where pending > 0;
create index if not exists webhooks_of_thread on webhooks (thread, number);
create table if not exists attempts (
    number integer primary key autoincrement, webhook integer not null, at integer not null, status integer, error text
);
create index if not exists attempts_of_webhook on attempts (webhook, number);
create table if not exists faults (number integer primary key autoincrement, fault text not null);
create table if not exists media (id text primary key, type text not null, content blob not null);
"""
TABLES = (
    *("settings", "accounts", "people", "pages", "roles", "tokens", "codes", "subscriptions", "customers", "messages"),
    *("comments", "sends", "webhooks", "attempts", "faults", "media"),
)
_VERSION = 2

# Files of version 1 have these tables with fewer columns, and their accounts were told of everything.
_OLD = ("accounts", "customers", "sends", "webhooks")
_FROM_FIRST = """
insert into accounts (id, flavour, username, name, token, page_id)
    select id, flavour, username, name, token, page_id from old_accounts;
insert into tokens (token, kind, owner, subject, scopes, long, created)
    select token, flavour, case flavour when 'login' then id end, coalesce(page_id, id), 'all', 1, 0 from old_accounts;
insert into pages (id, name) select page_id, name from old_accounts where page_id is not null;
insert into roles select '10220000000000001', page_id,
    '["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]'
    from old_accounts where page_id is not null;
insert into subscriptions
    select coalesce(page_id, id), case flavour when 'login' then 'instagram' else 'facebook' end,
    case subscribed when '' then 'messages' else subscribed end from old_accounts;
insert into customers (account, id, username, name, last_wrote, seen_by_us, updated, conversation)
    select account, id, username, name, last_wrote, seen_by_us, last_wrote, conversation from old_customers;
insert into sends (number, at, account, customer, kind, body, mid, error)
    select number, at, account, customer, case when body like '%"sender_action"%' then 'action' else 'message' end,
    body, mid, error from old_sends;
insert into webhooks (number, thread, app, body, created, delivered, pending)
    select number, thread, coalesce((select case flavour when 'login' then 'instagram' else 'facebook' end
    from old_accounts where id = substr(thread, 1, instr(thread, '/') - 1)), 'facebook'), body, created, delivered,
    delivered is null from old_webhooks;
"""


class Unknown(LookupError):
    """Nothing of that name is here; the message says what."""


def connect(file: Path | None) -> sqlite3.Connection:
    """A connection that commits each statement; with a file, what was written survives a killed process."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript("pragma journal_mode = wal; pragma synchronous = normal;")
    (version,) = connection.execute("pragma user_version").fetchone()
    known = connection.execute("select 1 from sqlite_master where name = 'accounts'").fetchone()
    if version == 0 and known:
        _upgrade(connection)
    elif version in (0, _VERSION):
        connection.executescript(f"{_SCHEMA} pragma user_version = {_VERSION};")
    else:
        raise RuntimeError(f"{file}: written by another version of the simulator ({version}); move it away")
    return connection


def _upgrade(connection: sqlite3.Connection) -> None:
    indexes = ("customers_by_conversation", "webhooks_undelivered")
    steps = [f"drop index if exists {index};" for index in indexes]
    steps += [f"alter table {table} rename to old_{table};" for table in _OLD]
    steps += [_SCHEMA, _FROM_FIRST, *(f"drop table old_{table};" for table in _OLD)]
    connection.executescript(f"begin; {' '.join(steps)} pragma user_version = {_VERSION}; commit;")


def rows(database: sqlite3.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    """Every row of a query, by column name."""
    return [dict(found) for found in database.execute(query, values)]


def row(database: sqlite3.Connection, what: str, id: str, query: str, *values: object) -> dict[str, Any]:
    """The first row of a query; Unknown, in the words of `what` and `id`, where there is none."""
    found = database.execute(query, values).fetchone()
    if found is None:
        raise Unknown(f"no {what} {id!r} here")
    return dict(found)


@contextmanager
def together(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, so that a message and its webhook survive a kill together; part of what surrounds it."""
    if database.in_transaction:
        yield
        return
    database.execute("begin")
    try:
        yield
    except BaseException:
        database.execute("rollback")
        raise
    database.execute("commit")


class Settings:
    """What stays as it was set, by name, as JSON. Nobody else writes the table, so it is read once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[str, Any] = {}
        self.read()

    def read(self) -> None:
        """Again, after the table was emptied."""
        found = self._database.execute("select name, value from settings")
        self._known = {name: json.loads(value) for name, value in found}

    def get(self, name: str, default: Any) -> Any:
        return self._known.get(name, default)

    def set(self, name: str, value: Any) -> None:
        self._database.execute("insert or replace into settings values (?, ?)", (name, json.dumps(value)))
        self._known[name] = value
