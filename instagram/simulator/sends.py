"""What was asked to be sent, and what became of it."""

import json
import sqlite3
import time
from collections import deque
from typing import Any, Literal

from instagram.simulator.clock import Clock, iso
from instagram.simulator.database import Settings, rows

Json = dict[str, Any]
SendKind = Literal["message", "action"]


class Sends:
    """A row for each call to `/messages`: a message that reached the thread has a `mid`."""

    def __init__(self, database: sqlite3.Connection, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._recent: dict[str, deque[float]] = {}

    def record(
        self,
        account: str,
        customer: str | None,
        body: Json,
        *,
        mid: str | None = None,
        error: Json | None = None,
        fault: str | None = None,
    ) -> None:
        kind: SendKind = "action" if "sender_action" in body else "message"
        self._database.execute(
            "insert into sends (at, account, customer, kind, body, mid, error, fault) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(self._clock.stamp(), account, customer, kind, json.dumps(body), mid),
                *(json.dumps(error) if error else None, fault),
            ),
        )

    def listed(
        self,
        *,
        account: str | None = None,
        customer: str | None = None,
        delivered: bool | None = None,
        kind: SendKind | None = None,
        after: int = 0,
        limit: int = -1,
    ) -> str:
        """The record as a JSON list; `delivered` leaves those with, or without, a `mid`, sender actions left out."""
        conditions, values = ["number > ?"], [str(after)]
        for column, value in (("account", account), ("customer", customer), ("kind", kind)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        if delivered is not None:
            conditions.append("mid is not null" if delivered else "mid is null and kind = 'message'")
        query = f"select * from sends where {' and '.join(conditions)} order by number limit ?"
        found = rows(self._database, query, *values, limit)
        # What is JSON already is put in as it is: there may be tens of thousands.
        return f"[{','.join(_written(send) for send in found)}]"

    def count(self) -> Json:
        query = "select count(*), count(mid) from sends where kind = 'message'"
        asked, delivered = self._database.execute(query).fetchone()
        return {"sends": asked, "delivered": delivered}

    # The limit of sends

    def forget(self) -> None:
        self._recent.clear()

    @property
    def per_second(self) -> int | None:
        """How many calls an account may make in a second; None for no limit."""
        return self._settings.get("sends_per_second", None)

    def limit(self, per_second: int | None) -> None:
        self._settings.set("sends_per_second", per_second)
        self._recent.clear()

    def over_limit(self, account: str) -> bool:
        """Counts a call, unless it is one too many."""
        limit = self.per_second
        if limit is None:
            return False
        now, recent = time.monotonic(), self._recent.setdefault(account, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(now)
        return False


def _written(send: Json) -> str:
    plain = {name: send[name] for name in ("number", "account", "customer", "kind", "mid", "fault")}
    plain |= {"at": iso(send["at"]), "delivered": send["mid"] is not None if send["kind"] == "message" else None}
    return f'{json.dumps(plain)[:-1]}, "body": {send["body"]}, "error": {send["error"] or "null"}}}'
