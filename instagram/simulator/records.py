"""What was asked of the local Instagram, and what it told whom."""

import json
import sqlite3
from typing import Any

from instagram.simulator.clock import Clock
from instagram.simulator.database import row, rows

Json = dict[str, Any]


class Records:
    """Sends, webhooks with their attempts, and the files that were uploaded."""

    def __init__(self, database: sqlite3.Connection, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record_send(self, account: str, customer: str | None, body: Json, mid: str | None, error: Json | None) -> None:
        self._database.execute(
            "insert into sends (at, account, customer, body, mid, error) values (?, ?, ?, ?, ?, ?)",
            (self._clock.stamp(), account, customer, json.dumps(body), mid, json.dumps(error) if error else None),
        )

    def sends(self, account: str | None, customer: str | None) -> list[Json]:
        found = rows(
            self._database,
            "select * from sends where account = coalesce(?, account) and customer is coalesce(?, customer)"
            " order by number",
            account,
            customer,
        )
        return [
            {**send, "body": json.loads(send["body"]), "error": json.loads(send["error"]) if send["error"] else None}
            for send in found
        ]

    def webhooks(self) -> list[Json]:
        """Every webhook with every attempt to deliver it, in the order they came to be."""
        attempts: dict[int, list[Json]] = {}
        for attempt in rows(self._database, "select webhook, at, status, error from attempts order by number"):
            attempts.setdefault(attempt.pop("webhook"), []).append(attempt)
        return [
            {**webhook, "attempts": attempts.get(webhook["number"], [])}
            for webhook in rows(self._database, "select * from webhooks order by number")
        ]

    def webhook_body(self, number: int) -> str:
        return row(self._database, "webhook", str(number), "select body from webhooks where number = ?", number)["body"]

    def undelivered_threads(self) -> list[str]:
        found = rows(
            self._database, "select thread from webhooks where delivered is null group by thread order by min(number)"
        )
        return [webhook["thread"] for webhook in found]

    def next_undelivered(self, thread: str) -> tuple[int, str] | None:
        query = "select number, body from webhooks where thread = ? and delivered is null order by number limit 1"
        found = rows(self._database, query, thread)
        return (found[0]["number"], found[0]["body"]) if found else None

    def record_attempt(self, webhook: int, status: int | None, error: str | None) -> None:
        at = self._clock.stamp()
        query = "insert into attempts (webhook, at, status, error) values (?, ?, ?, ?)"
        self._database.execute(query, (webhook, at, status, error))
        if status is not None and 200 <= status < 300:
            query = "update webhooks set delivered = coalesce(delivered, ?) where number = ?"
            self._database.execute(query, (at, webhook))

    def add_webhook(self, account: str, customer: str, item: Json, at: int, *, outward: bool) -> None:
        """Tells the app under test of `item`; `outward` is what the business did, else the customer did it."""
        parties = (account, customer) if outward else (customer, account)
        told = {"sender": {"id": parties[0]}, "recipient": {"id": parties[1]}, "timestamp": at, **item}
        body = {"object": "instagram", "entry": [{"time": self._clock.stamp(), "id": account, "messaging": [told]}]}
        self._database.execute(
            "insert into webhooks (thread, body, created) values (?, ?, ?)",
            (f"{account}/{customer}", wire(body), at),
        )

    def add_media(self, id: str, type: str, content: bytes) -> None:
        self._database.execute("insert or replace into media values (?, ?, ?)", (id, type, content))

    def media(self, id: str) -> tuple[str, bytes]:
        file = row(self._database, "file", id, "select type, content from media where id = ?", id)
        return file["type"], file["content"]


def wire(body: Json) -> str:
    """JSON as Meta's messaging webhooks write it: compact, non-ASCII as \\uXXXX, slashes escaped (facts 1.2)."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")
