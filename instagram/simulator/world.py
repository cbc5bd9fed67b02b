"""The state of the local Instagram and everything that can happen in it."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from instagram.simulator.database import TABLES, connect
from instagram.simulator.names import conversation_id, new_customer_id, new_mid

Json = dict[str, Any]
Author = Literal["customer", "api", "app"]

TYPING = 20  # Seconds that the typing dots stay without a new typing_on, as on a real phone.


@dataclass(frozen=True)
class Account:
    """A professional account that connected itself to the app under test."""

    id: str
    flavour: Literal["login", "page"]
    username: str
    name: str
    token: str
    page_id: str | None = None
    subscribed: str = ""

    @property
    def sender(self) -> str:
        """The id in the account's send address."""
        return self.page_id or self.id


@dataclass(frozen=True)
class Customer:
    """A person as one account sees them. Times are milliseconds of the simulator's clock."""

    account: str
    id: str
    username: str
    name: str | None
    last_wrote: int | None
    seen_by_us: int | None
    conversation: str


@dataclass(frozen=True)
class Message:
    """One message of a thread; `content` holds text, attachments, quick_replies, buttons and the like."""

    mid: str
    account: str
    customer: str
    author: Author
    at: int
    content: Json
    edits: int
    deleted: bool


FIRST_ACCOUNTS = (
    Account("17841400000000001", "login", "cornershop", "Corner Shop", "IGAA-simulated-1"),
    Account("17841400000000002", "page", "cornershop.page", "Corner Shop Page", "EAA-simulated-2", "100000000000002"),
)


class Unknown(LookupError):
    """Nothing of that name is here; the message says what."""


class World:
    """Accounts, customers, threads, and the webhooks that tell of them. One event loop uses it at a time."""

    def __init__(self, file: Path | None = None) -> None:
        self.database: sqlite3.Connection = connect(file)
        self.held = False
        self._typing: dict[tuple[str, str], float] = {}
        self._watchers: set[asyncio.Queue[Json | None]] = set()
        self._last = 0
        self.offset = float(self._setting("offset") or 0)
        if not self._rows("select 1 from accounts"):
            self._found()

    def reset(self) -> None:
        """Everything as at the very first start; ids already given are not given again."""
        with self._together():
            for table in TABLES:
                self.database.execute(f"delete from {table}")
        self.held = False
        self._typing.clear()
        self.offset, self._last = 0.0, 0
        self._found()
        self._tell({"reset": True})

    def _found(self) -> None:
        for account in FIRST_ACCOUNTS:
            self.add_account(account)

    # The clock

    def now(self) -> datetime:
        """The simulator's time."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def advance(self, seconds: float) -> None:
        """Moves the clock on, or back with a negative number. OverflowError for a time beyond the calendar's."""
        datetime.fromtimestamp(time.time() + self.offset + seconds, UTC)
        self.offset += seconds
        self._last = 0
        self.database.execute("insert or replace into settings values ('offset', ?)", (str(self.offset),))
        self._tell({"clock": self.now().isoformat()})

    def stamp(self) -> int:
        """Milliseconds now, later than every stamp since the clock was last moved: what is later also reads so."""
        self._last = max(self._last + 1, int(self.now().timestamp() * 1000))
        return self._last

    # Accounts and customers

    def accounts(self) -> list[Account]:
        return [Account(**row) for row in self._rows("select * from accounts order by id")]

    def add_account(self, account: Account) -> None:
        """Raises sqlite3.IntegrityError where its id, page or token is taken."""
        self.database.execute(
            "insert into accounts values (:id, :flavour, :username, :name, :token, :page_id, :subscribed)",
            account.__dict__,
        )
        self._tell({"account": account.id})

    def account(self, id: str) -> Account:
        return Account(**self._row("account", id, "select * from accounts where id = ?", id))

    def account_by_token(self, token: str) -> Account | None:
        rows = self._rows("select * from accounts where token = ?", token)
        return Account(**rows[0]) if rows else None

    def subscribe(self, account: Account, fields: str) -> None:
        self.database.execute("update accounts set subscribed = ? where id = ?", (fields, account.id))

    def customers(self, account: str) -> list[Customer]:
        self.account(account)
        rows = self._rows("select * from customers where account = ? order by last_wrote desc, username", account)
        return [Customer(**row) for row in rows]

    def add_customer(self, account: str, username: str, name: str | None, id: str | None = None) -> Customer:
        """Raises sqlite3.IntegrityError where the account knows that id already."""
        self.account(account)
        id = id or new_customer_id()
        self.database.execute(
            "insert into customers (account, id, username, name, conversation) values (?, ?, ?, ?, ?)",
            (account, id, username, name, conversation_id(account, id)),
        )
        self._tell({"account": account, "customer": id})
        return self.customer(account, id)

    def customer(self, account: str, id: str) -> Customer:
        query = "select * from customers where account = ? and id = ?"
        return Customer(**self._row("customer", id, query, account, id))

    def customer_in(self, account: str, conversation: str) -> Customer:
        query = "select * from customers where account = ? and conversation = ?"
        return Customer(**self._row("conversation", conversation, query, account, conversation))

    # Messages

    def thread(self, account: str, customer: str) -> list[Message]:
        """Every message, oldest first."""
        self.customer(account, customer)
        query = "select * from messages where account = ? and customer = ? order by number"
        return [_message(row) for row in self._rows(query, account, customer)]

    def message(self, account: str, mid: str) -> Message:
        return _message(self._row("message", mid, "select * from messages where account = ? and mid = ?", account, mid))

    def add_message(self, account: str, customer: str, author: Author, content: Json, event: Json) -> Message:
        """Puts a message into the thread and tells the app under test with `event` (without its mid).

        `event` is what the webhook's item holds besides the parties and the time, e.g. {"message": {"text": "hi"}}.
        """
        mid, at = new_mid(account, customer), self.stamp()
        item = {name: {"mid": mid, **value} for name, value in event.items()}
        with self._together():
            self.database.execute(
                "insert into messages (mid, account, customer, author, at, content) values (?, ?, ?, ?, ?, ?)",
                (mid, account, customer, author, at, json.dumps(content)),
            )
            if author == "customer":
                self._wrote(account, customer, at)
            self._webhook(account, customer, item, at, outward=author != "customer")
        if author != "customer":
            self._typing.pop((account, customer), None)
        self._tell({"account": account, "customer": customer})
        return self.message(account, mid)

    def add_event(self, account: str, customer: str, item: Json, *, opens_window: bool = False) -> None:
        """Tells the app under test of something that is no message, such as a reaction."""
        at = self.stamp()
        with self._together():
            if opens_window:
                self._wrote(account, customer, at)
            self._webhook(account, customer, item, at, outward=False)
        self._tell({"account": account, "customer": customer})

    def change_message(self, message: Message, content: Json, *, edits: int, deleted: bool, item: Json) -> None:
        """Edits or takes back a message, and tells."""
        with self._together():
            self.database.execute(
                "update messages set content = ?, edits = ?, deleted = ? where mid = ?",
                (json.dumps(content), edits, deleted, message.mid),
            )
            self._webhook(message.account, message.customer, item, self.stamp(), outward=False)
        self._tell({"account": message.account, "customer": message.customer})

    def react(self, message: Message, by: Literal["customer", "business"], emoji: str | None) -> None:
        """Sets or, with None, removes somebody's reaction; tells nobody but the phone."""
        reactions = {**message.content.get("reactions", {}), by: emoji}
        content = {**message.content, "reactions": {who: sign for who, sign in reactions.items() if sign}}
        self.database.execute("update messages set content = ? where mid = ?", (json.dumps(content), message.mid))
        self._tell({"account": message.account, "customer": message.customer})

    def mark_seen(self, account: str, customer: str) -> None:
        query = "update customers set seen_by_us = ? where account = ? and id = ?"
        self.database.execute(query, (self.stamp(), account, customer))
        self._tell({"account": account, "customer": customer})

    def set_typing(self, account: str, customer: str, *, on: bool) -> None:
        self._typing[account, customer] = time.monotonic() + TYPING if on else 0
        self._tell({"account": account, "customer": customer})

    def typing(self, account: str, customer: str) -> bool:
        return self._typing.get((account, customer), 0) > time.monotonic()

    def offered(self, account: str, customer: str) -> list[Json]:
        """The quick replies above the composer: only those of the very last message."""
        messages = self.thread(account, customer)
        return messages[-1].content.get("quick_replies", []) if messages else []

    # What was asked of us, and what we told

    def record_send(self, account: str, customer: str | None, body: Json, mid: str | None, error: Json | None) -> None:
        self.database.execute(
            "insert into sends (at, account, customer, body, mid, error) values (?, ?, ?, ?, ?, ?)",
            (self.stamp(), account, customer, json.dumps(body), mid, json.dumps(error) if error else None),
        )

    def sends(self, account: str | None, customer: str | None) -> list[Json]:
        rows = self._rows(
            "select * from sends where account = coalesce(?, account) and customer is coalesce(?, customer)"
            " order by number",
            account,
            customer,
        )
        return [
            {**row, "body": json.loads(row["body"]), "error": json.loads(row["error"]) if row["error"] else None}
            for row in rows
        ]

    def webhooks(self) -> list[Json]:
        """Every webhook with every attempt to deliver it, in the order they came to be."""
        attempts: dict[int, list[Json]] = {}
        for row in self._rows("select * from attempts order by number"):
            attempts.setdefault(row["webhook"], []).append(
                {"at": row["at"], "status": row["status"], "error": row["error"]}
            )
        return [
            {**row, "attempts": attempts.get(row["number"], [])}
            for row in self._rows("select * from webhooks order by number")
        ]

    def webhook_body(self, number: int) -> str:
        return self._row("webhook", str(number), "select body from webhooks where number = ?", number)["body"]

    def undelivered_threads(self) -> list[str]:
        rows = self._rows("select thread from webhooks where delivered is null group by thread order by min(number)")
        return [row["thread"] for row in rows]

    def next_undelivered(self, thread: str) -> tuple[int, str] | None:
        query = "select number, body from webhooks where thread = ? and delivered is null order by number limit 1"
        rows = self._rows(query, thread)
        return (rows[0]["number"], rows[0]["body"]) if rows else None

    def record_attempt(self, webhook: int, status: int | None, error: str | None) -> None:
        at = self.stamp()
        query = "insert into attempts (webhook, at, status, error) values (?, ?, ?, ?)"
        self.database.execute(query, (webhook, at, status, error))
        if status is not None and 200 <= status < 300:
            query = "update webhooks set delivered = coalesce(delivered, ?) where number = ?"
            self.database.execute(query, (at, webhook))

    def _webhook(self, account: str, customer: str, item: Json, at: int, *, outward: bool) -> None:
        parties = (account, customer) if outward else (customer, account)
        told = {"sender": {"id": parties[0]}, "recipient": {"id": parties[1]}, "timestamp": at, **item}
        body = {"object": "instagram", "entry": [{"time": self.stamp(), "id": account, "messaging": [told]}]}
        self.database.execute(
            "insert into webhooks (thread, body, created) values (?, ?, ?)",
            (f"{account}/{customer}", wire(body), at),
        )

    def _wrote(self, account: str, customer: str, at: int) -> None:
        self.database.execute(
            "update customers set last_wrote = ? where account = ? and id = ?", (at, account, customer)
        )

    # Media

    def add_media(self, id: str, type: str, content: bytes) -> None:
        self.database.execute("insert or replace into media values (?, ?, ?)", (id, type, content))

    def media(self, id: str) -> tuple[str, bytes]:
        row = self._row("file", id, "select type, content from media where id = ?", id)
        return row["type"], row["content"]

    # Who watches

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Json | None]]:
        """A queue of what changes: the account and customer concerned; None when the simulator stops."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    def stop_watching(self) -> None:
        """Ends every stream, which else would hold up the server's stop."""
        self._tell(None)

    def _tell(self, change: Json | None) -> None:
        for queue in self._watchers:
            queue.put_nowait(change)

    # Rows

    def _setting(self, name: str) -> str | None:
        rows = self._rows("select value from settings where name = ?", name)
        return rows[0]["value"] if rows else None

    def _rows(self, query: str, *values: object) -> list[Json]:
        return [dict(row) for row in self.database.execute(query, values)]

    def _row(self, what: str, id: str, query: str, *values: object) -> Json:
        rows = self._rows(query, *values)
        if not rows:
            raise Unknown(f"no {what} {id!r} here")
        return rows[0]

    @contextmanager
    def _together(self) -> Iterator[None]:
        """All or nothing, so that a message and its webhook survive a kill together."""
        self.database.execute("begin")
        try:
            yield
        except BaseException:
            self.database.execute("rollback")
            raise
        self.database.execute("commit")


def wire(body: Json) -> str:
    """JSON as Meta's messaging webhooks write it: compact, non-ASCII as \\uXXXX, slashes escaped (facts 1.2)."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")


def _message(row: Json) -> Message:
    fields = {name: value for name, value in row.items() if name != "number"}
    return Message(**{**fields, "content": json.loads(row["content"]), "deleted": bool(row["deleted"])})
