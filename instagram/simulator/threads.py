"""The customers of each account, and what they and the business said to each other."""

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Literal

from instagram.simulator.changes import Changes
from instagram.simulator.clock import Clock
from instagram.simulator.database import row, rows, together
from instagram.simulator.names import conversation_id, new_customer_id, new_mid
from instagram.simulator.webhooks import Webhooks

Json = dict[str, Any]
Author = Literal["customer", "api", "app"]
Profile = Literal["shown", "withheld", "missing"]

TYPING = 20  # Seconds that the typing dots stay without a new typing_on, as on a real phone.


@dataclass(frozen=True)
class Customer:
    """A person as one account sees them. Times are milliseconds of the simulator's clock.

    `profile` is what the Graph API says of them: "shown", "withheld" (no consent) or "missing" (as Meta's review bot).
    `owner` is the id of the other app that controls the thread, if one does.
    """

    account: str
    id: str
    username: str
    name: str | None
    picture: bool
    profile: Profile
    last_wrote: int | None
    seen_by_us: int | None
    updated: int | None
    conversation: str
    blocked: bool
    owner: str | None


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


class Threads:
    """Every thread; what happens in one is told by webhooks in the same breath."""

    def __init__(self, database: sqlite3.Connection, clock: Clock, changes: Changes, webhooks: Webhooks) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes
        self._webhooks = webhooks
        self._typing: dict[tuple[str, str], float] = {}

    def forget(self) -> None:
        self._typing.clear()

    # Customers

    def customers(self, account: str, *, limit: int = 100_000, before: int | None = None) -> list[Customer]:
        """Who wrote or was written to last comes first; `before` leaves out the threads changed then or later."""
        query = "select * from customers where account = ?"
        values: list[object] = [account]
        if before is not None:
            query += " and updated < ?"
            values.append(before)
        query += " order by updated desc, username limit ?"
        return [_customer(found) for found in rows(self._database, query, *values, limit)]

    def add_customer(
        self,
        account: str,
        username: str,
        name: str | None,
        id: str | None = None,
        *,
        picture: bool = True,
        profile: Profile = "shown",
    ) -> Customer:
        """Raises sqlite3.IntegrityError where the account knows that id already."""
        id = id or new_customer_id()
        self._database.execute(
            "insert into customers (account, id, username, name, picture, profile, conversation)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            (account, id, username, name, picture, profile, conversation_id(account, id)),
        )
        self._changes.tell(account=account, customer=id)
        return self.customer(account, id)

    def change_customer(self, customer: Customer, **changed: object) -> Customer:
        """Sets columns by name: username, name, picture, profile, blocked, owner."""
        sets = ", ".join(f"{name} = ?" for name in changed)
        query = f"update customers set {sets} where account = ? and id = ?"
        self._database.execute(query, (*changed.values(), customer.account, customer.id))
        self._changes.tell(account=customer.account, customer=customer.id)
        return self.customer(customer.account, customer.id)

    def customer(self, account: str, id: str) -> Customer:
        """Raises Unknown where the account has none of that id."""
        query = "select * from customers where account = ? and id = ?"
        return _customer(row(self._database, "customer", id, query, account, id))

    def customer_in(self, account: str, conversation: str) -> Customer:
        query = "select * from customers where account = ? and conversation = ?"
        return _customer(row(self._database, "conversation", conversation, query, account, conversation))

    # Messages

    def messages(
        self, account: str, customer: str, *, newest: int | None = None, before: int | None = None
    ) -> list[Message]:
        """Oldest first; with `newest` only so many, `before` the one so numbered."""
        return [message for _, message in self.numbered(account, customer, newest=newest, before=before)]

    def numbered(
        self, account: str, customer: str, *, newest: int | None = None, before: int | None = None
    ) -> list[tuple[int, Message]]:
        """The same with the numbers of the messages."""
        query = "select * from messages where account = ? and customer = ?"
        values: list[object] = [account, customer]
        if before is not None:
            query += " and number < ?"
            values.append(before)
        found = rows(self._database, f"{query} order by number desc limit ?", *values, -1 if newest is None else newest)
        return [(one["number"], _message(one)) for one in reversed(found)]

    def message(self, account: str, mid: str) -> Message:
        """Raises Unknown where the account has none of that id."""
        query = "select * from messages where account = ? and mid = ?"
        return _message(row(self._database, "message", mid, query, account, mid))

    def newer(self, message: Message, limit: int) -> int:
        """How many messages of the thread are newer, counting no further than `limit`."""
        query = (
            "select count(*) from (select 1 from messages where account = ? and customer = ?"
            " and number > (select number from messages where mid = ?) limit ?)"
        )
        return self._database.execute(query, (message.account, message.customer, message.mid, limit)).fetchone()[0]

    def add_message(self, customer: Customer, author: Author, content: Json, event: Json) -> Message:
        """Puts a message into the thread and tells of it with `event` (without its mid).

        `event` is what the webhook's item holds besides the parties and the time, e.g. {"message": {"text": "hi"}}.
        """
        account, id = customer.account, customer.id
        mid, at = new_mid(account, id), self._clock.stamp()
        item = {name: {"mid": mid, **value} for name, value in event.items()}
        with together(self._database):
            self._database.execute(
                "insert into messages (mid, account, customer, author, at, content) values (?, ?, ?, ?, ?, ?)",
                (mid, account, id, author, at, json.dumps(content)),
            )
            self._touch(customer, at, wrote=author == "customer")
            self._webhooks.tell(account, id, item, at, outward=author != "customer", standby=customer.owner is not None)
        if author != "customer":
            self._typing.pop((account, id), None)
        self._changes.tell(account=account, customer=id)
        return Message(mid, account, id, author, at, content, 0, False)

    def add_event(self, customer: Customer, item: Json, *, opens_window: bool = False) -> None:
        """Tells of something that is no message, such as a reaction."""
        at = self._clock.stamp()
        with together(self._database):
            if opens_window:
                self._touch(customer, at, wrote=True)
            self._webhooks.tell(customer.account, customer.id, item, at, standby=customer.owner is not None)
        self._changes.tell(account=customer.account, customer=customer.id)

    def change_message(self, message: Message, content: Json, *, edits: int, deleted: bool, item: Json) -> None:
        """Edits or takes back a message, and tells."""
        customer = self.customer(message.account, message.customer)
        with together(self._database):
            self._database.execute(
                "update messages set content = ?, edits = ?, deleted = ? where mid = ?",
                (json.dumps(content), edits, deleted, message.mid),
            )
            self._webhooks.tell(
                *(message.account, message.customer, item, self._clock.stamp()),
                outward=message.author != "customer",
                standby=customer.owner is not None,
            )
        self._changes.tell(account=message.account, customer=message.customer)

    def react(self, message: Message, by: Literal["customer", "business"], emoji: str | None) -> None:
        """Sets or, with None, removes somebody's reaction; tells nobody but the phone."""
        reactions = {**message.content.get("reactions", {}), by: emoji}
        content = {**message.content, "reactions": {who: sign for who, sign in reactions.items() if sign}}
        self._database.execute("update messages set content = ? where mid = ?", (json.dumps(content), message.mid))
        self._changes.tell(account=message.account, customer=message.customer)

    # What the phone shows besides

    def mark_seen(self, account: str, customer: str) -> None:
        query = "update customers set seen_by_us = ? where account = ? and id = ?"
        self._database.execute(query, (self._clock.stamp(), account, customer))
        self._changes.tell(account=account, customer=customer)

    def set_typing(self, account: str, customer: str, *, on: bool) -> None:
        self._typing[account, customer] = time.monotonic() + TYPING if on else 0
        self._changes.tell(account=account, customer=customer)

    def typing(self, account: str, customer: str) -> bool:
        return self._typing.get((account, customer), 0) > time.monotonic()

    def offered(self, account: str, customer: str) -> list[Json]:
        """The quick replies above the composer: only those of the very last message."""
        newest = self.messages(account, customer, newest=1)
        return newest[0].content.get("quick_replies", []) if newest else []

    def _touch(self, customer: Customer, at: int, *, wrote: bool) -> None:
        query = "update customers set updated = ?, last_wrote = case when ? then ? else last_wrote end"
        values = (at, wrote, at, customer.account, customer.id)
        self._database.execute(f"{query} where account = ? and id = ?", values)


def _customer(found: Json) -> Customer:
    return Customer(**{**found, "picture": bool(found["picture"]), "blocked": bool(found["blocked"])})


def _message(found: Json) -> Message:
    fields = {name: value for name, value in found.items() if name != "number"}
    return Message(**{**fields, "content": json.loads(found["content"]), "deleted": bool(found["deleted"])})
