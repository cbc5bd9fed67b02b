"""The state of the local Instagram and everything that can happen in it."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from instagram.simulator.clock import Clock
from instagram.simulator.database import TABLES, connect, row, rows, together
from instagram.simulator.names import conversation_id, new_customer_id, new_mid
from instagram.simulator.records import Records

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


class World:
    """Accounts, customers, threads, and the webhooks that tell of them. One event loop uses it at a time."""

    def __init__(self, file: Path | None = None) -> None:
        self.database: sqlite3.Connection = connect(file)
        self.held = False
        self._typing: dict[tuple[str, str], float] = {}
        self._watchers: set[asyncio.Queue[Json | None]] = set()
        self.clock = Clock(self.database)
        self.records = Records(self.database, self.clock)
        if not rows(self.database, "select 1 from accounts"):
            self._found()

    def reset(self) -> None:
        """Everything as at the very first start; ids already given are not given again."""
        with together(self.database):
            for table in TABLES:
                self.database.execute(f"delete from {table}")
        self.held = False
        self._typing.clear()
        self.clock.advance(-self.clock.offset)
        self._found()
        self._tell({"reset": True})

    def _found(self) -> None:
        for account in FIRST_ACCOUNTS:
            self.add_account(account)

    def advance(self, seconds: float) -> None:
        """Moves the clock, and tells the phones."""
        self.clock.advance(seconds)
        self._tell({"clock": self.clock.now().isoformat()})

    # Accounts and customers

    def accounts(self) -> list[Account]:
        return [Account(**found) for found in rows(self.database, "select * from accounts order by id")]

    def add_account(self, account: Account) -> None:
        """Raises sqlite3.IntegrityError where its id, page or token is taken."""
        self.database.execute(
            "insert into accounts values (:id, :flavour, :username, :name, :token, :page_id, :subscribed)",
            account.__dict__,
        )
        self._tell({"account": account.id})

    def account(self, id: str) -> Account:
        return Account(**row(self.database, "account", id, "select * from accounts where id = ?", id))

    def account_by_token(self, token: str) -> Account | None:
        found = rows(self.database, "select * from accounts where token = ?", token)
        return Account(**found[0]) if found else None

    def subscribe(self, account: Account, fields: str) -> None:
        self.database.execute("update accounts set subscribed = ? where id = ?", (fields, account.id))

    def customers(self, account: str) -> list[Customer]:
        self.account(account)
        found = rows(
            self.database, "select * from customers where account = ? order by last_wrote desc, username", account
        )
        return [Customer(**person) for person in found]

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
        return Customer(**row(self.database, "customer", id, query, account, id))

    def customer_in(self, account: str, conversation: str) -> Customer:
        query = "select * from customers where account = ? and conversation = ?"
        return Customer(**row(self.database, "conversation", conversation, query, account, conversation))

    # Messages

    def thread(self, account: str, customer: str) -> list[Message]:
        """Every message, oldest first."""
        self.customer(account, customer)
        query = "select * from messages where account = ? and customer = ? order by number"
        return [_message(found) for found in rows(self.database, query, account, customer)]

    def message(self, account: str, mid: str) -> Message:
        query = "select * from messages where account = ? and mid = ?"
        return _message(row(self.database, "message", mid, query, account, mid))

    def add_message(self, account: str, customer: str, author: Author, content: Json, event: Json) -> Message:
        """Puts a message into the thread and tells the app under test with `event` (without its mid).

        `event` is what the webhook's item holds besides the parties and the time, e.g. {"message": {"text": "hi"}}.
        """
        mid, at = new_mid(account, customer), self.clock.stamp()
        item = {name: {"mid": mid, **value} for name, value in event.items()}
        with together(self.database):
            self.database.execute(
                "insert into messages (mid, account, customer, author, at, content) values (?, ?, ?, ?, ?, ?)",
                (mid, account, customer, author, at, json.dumps(content)),
            )
            if author == "customer":
                self._wrote(account, customer, at)
            self.records.add_webhook(account, customer, item, at, outward=author != "customer")
        if author != "customer":
            self._typing.pop((account, customer), None)
        self._tell({"account": account, "customer": customer})
        return self.message(account, mid)

    def add_event(self, account: str, customer: str, item: Json, *, opens_window: bool = False) -> None:
        """Tells the app under test of something that is no message, such as a reaction."""
        at = self.clock.stamp()
        with together(self.database):
            if opens_window:
                self._wrote(account, customer, at)
            self.records.add_webhook(account, customer, item, at, outward=False)
        self._tell({"account": account, "customer": customer})

    def change_message(self, message: Message, content: Json, *, edits: int, deleted: bool, item: Json) -> None:
        """Edits or takes back a message, and tells."""
        with together(self.database):
            self.database.execute(
                "update messages set content = ?, edits = ?, deleted = ? where mid = ?",
                (json.dumps(content), edits, deleted, message.mid),
            )
            self.records.add_webhook(message.account, message.customer, item, self.clock.stamp(), outward=False)
        self._tell({"account": message.account, "customer": message.customer})

    def react(self, message: Message, by: Literal["customer", "business"], emoji: str | None) -> None:
        """Sets or, with None, removes somebody's reaction; tells nobody but the phone."""
        reactions = {**message.content.get("reactions", {}), by: emoji}
        content = {**message.content, "reactions": {who: sign for who, sign in reactions.items() if sign}}
        self.database.execute("update messages set content = ? where mid = ?", (json.dumps(content), message.mid))
        self._tell({"account": message.account, "customer": message.customer})

    def mark_seen(self, account: str, customer: str) -> None:
        query = "update customers set seen_by_us = ? where account = ? and id = ?"
        self.database.execute(query, (self.clock.stamp(), account, customer))
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

    def _wrote(self, account: str, customer: str, at: int) -> None:
        self.database.execute(
            "update customers set last_wrote = ? where account = ? and id = ?", (at, account, customer)
        )

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


def _message(found: Json) -> Message:
    fields = {name: value for name, value in found.items() if name != "number"}
    return Message(**{**fields, "content": json.loads(found["content"]), "deleted": bool(found["deleted"])})
