"""What the app under test is told: envelopes as Meta writes them, and the queue in which they wait."""

import json
import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Literal

from instagram.simulator.accounts import Account, Accounts
from instagram.simulator.apps import AppName
from instagram.simulator.chaos import Chaos
from instagram.simulator.clock import Clock
from instagram.simulator.database import row, rows, together
from instagram.simulator.faults import Faults
from instagram.simulator.shapes import Shapes

Json = dict[str, Any]
Form = Literal["messaging", "standby", "changes", "flat"]

_FEW = 500  # Webhooks whose attempts are asked for one by one.
SWAP_WAIT = 1.0  # Seconds that a webhook waits for its successor to overtake it.


class Webhooks:
    """Every webhook: its body, for which app it is signed, and whether it was taken.

    A webhook is delivered `pending` times more, the next time not before `due` (seconds of the machine's clock).
    One that is `swapped` waits for a later one of its thread to be taken.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        clock: Clock,
        accounts: Accounts,
        shapes: Shapes,
        faults: Faults,
        chaos: Chaos,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._shapes = shapes
        self._faults = faults
        self._chaos = chaos

    # What is told

    def tell(
        self, account: str, customer: str, item: Json, at: int, *, outward: bool = False, standby: bool = False
    ) -> None:
        """Tells every subscribed app of `item`; `outward` is what the business did, else the customer did it."""
        parties = (account, customer) if outward else (customer, account)
        told = {"sender": {"id": parties[0]}, "recipient": {"id": parties[1]}, **self._timestamp(at), **item}
        items = [told]
        if "message" in item and not outward and "is_deleted" not in item["message"]:
            hint = self._faults.pick("webhook", account, customer)
            if hint is not None:
                announced = {**self._timestamp(at), "message_edit": {"mid": item["message"]["mid"], "num_edit": 0}}
                items = [announced, told] if hint.mode == "announce" else [announced]
        for one in items:
            self.add(self._accounts.get(account), one, "standby" if standby else "messaging", customer)

    def add(
        self,
        account: Account,
        item: Json,
        form: Form,
        thread: str,
        *,
        entry: str | None = None,
        apps: Sequence[AppName] | None = None,
    ) -> list[int]:
        """Puts an item into an envelope for each app, and gives the numbers of the webhooks.

        `thread` is what it keeps its order with, usually the customer. `entry` is the entry's id if not the account's;
        `apps` are those told if not the subscribed ones.
        """
        inside: Json = item if form == "flat" else {form: [item]}
        body = {"object": "instagram", "entry": [{"time": self._clock.stamp(), "id": entry or account.id, **inside}]}
        # Meta writes comments with spaces and messages without (facts 1.2).
        written = wire(body, spaced=form in ("changes", "flat"))
        return [
            self._queue(f"{account.id}/{thread}", app, written)
            for app in (self._accounts.subscribers(account) if apps is None else apps)
        ]

    def _queue(self, thread: str, app: AppName, body: str) -> int:
        fate = self._chaos.fate()
        due = time.time() + fate.delay if fate.delay else None
        query = "insert into webhooks (thread, app, body, created, pending, due, swapped) values (?, ?, ?, ?, ?, ?, ?)"
        pending = 2 if fate.duplicate else 1
        if fate.swap:
            due = time.time() + SWAP_WAIT
        made = self._database.execute(
            query, (thread, app, body, self._clock.stamp(), pending, due, 1 if fate.swap else None)
        )
        return made.lastrowid or 0

    def _timestamp(self, at: int) -> Json:
        match self._shapes.timestamps:
            case "number":
                return {"timestamp": at}
            case "text":
                return {"timestamp": str(at)}
            case "seconds":
                return {"timestamp": str(at // 1000)}

    # The queue

    def lanes(self, thread: str | None = None) -> list[tuple[str, AppName]]:
        """The threads and apps that have webhooks to deliver."""
        where, values = ("", ()) if thread is None else ("and thread = ?", (thread,))
        query = f"select thread, app from webhooks where pending > 0 {where} group by thread, app order by min(number)"
        return [(found[0], found[1]) for found in self._database.execute(query, values)]

    def next(self, thread: str, app: AppName) -> tuple[int, str] | float | None:
        """The number and body of the next to deliver now, or the seconds until one is due, or None."""
        now = time.time()
        query = (
            "select number, body from webhooks where thread = ? and app = ? and pending > 0"
            " and (due is null or due <= ?) order by number limit 1"
        )
        found = self._database.execute(query, (thread, app, now)).fetchone()
        if found is not None:
            return found[0], found[1]
        query = "select min(due) from webhooks where thread = ? and app = ? and pending > 0"
        due = self._database.execute(query, (thread, app)).fetchone()[0]
        return None if due is None else max(due - now, 0.001)

    def get(self, number: int) -> tuple[str, AppName]:
        """Its body, and the app whose secret signs it; Unknown where there is none of that number."""
        found = row(self._database, "webhook", str(number), "select body, app from webhooks where number = ?", number)
        return found["body"], found["app"]

    def record_attempt(self, number: int, status: int | None, error: str | None) -> None:
        at = self._clock.stamp()
        with together(self._database):
            query = "insert into attempts (webhook, at, status, error) values (?, ?, ?, ?)"
            self._database.execute(query, (number, at, status, error))
            if status is None or not 200 <= status < 300:
                return
            again = time.time() + self._chaos.repeat_after()
            query = (
                "update webhooks set delivered = coalesce(delivered, ?), pending = max(pending - 1, 0),"
                " due = case when pending > 1 then ? end, swapped = null where number = ? returning thread, app"
            )
            for thread, app in self._database.execute(query, (at, again, number)).fetchall():
                query = (
                    "update webhooks set due = null, swapped = null where thread = ? and app = ? and pending > 0"
                    " and swapped and number < ?"
                )
                self._database.execute(query, (thread, app, number))

    def records(
        self,
        *,
        undelivered: bool = False,
        account: str | None = None,
        customer: str | None = None,
        after: int = 0,
        limit: int = -1,
    ) -> list[Json]:
        """Webhooks with every attempt to deliver them, in the order they came to be."""
        conditions, values = ["number > ?"], [after]
        if undelivered:
            conditions.append("pending > 0 and delivered is null")
        if account is not None:
            # From "1/" to "10" is everything that begins with "1/", by the index.
            last = f"{account}/{customer}" if customer is not None else f"{account}0"
            conditions.append("thread between ? and ?")
            values += [f"{account}/{customer or ''}", last]
        query = f"select * from webhooks where {' and '.join(conditions)} order by number limit ?"
        found = rows(self._database, query, *values, limit)
        if not found:
            return []
        attempts: dict[int, list[Json]] = {webhook["number"]: [] for webhook in found}
        # By name where they are few, as one customer's, for others may lie between.
        numbers: list[object] = list(attempts) if len(attempts) < _FEW else [found[0]["number"], found[-1]["number"]]
        which = f"in ({', '.join('?' for _ in numbers)})" if len(attempts) < _FEW else "between ? and ?"
        query = f"select webhook, at, status, error from attempts where webhook {which} order by number"
        for attempt in rows(self._database, query, *numbers):
            number = attempt.pop("webhook")
            if number in attempts:
                attempts[number].append(attempt)
        return [{**webhook, "attempts": attempts[webhook["number"]]} for webhook in found]

    def count(self) -> Json:
        """How many there are, and how many were not taken yet or are to be told again."""
        database = self._database
        return {
            "webhooks": database.execute("select count(*) from webhooks").fetchone()[0],
            "pending": database.execute("select count(*) from webhooks where pending > 0").fetchone()[0],
        }


def wire(body: Json, *, spaced: bool = False) -> str:
    """JSON as Meta writes it: non-ASCII as \\uXXXX, slashes escaped, compact or spaced (facts 1.2)."""
    return json.dumps(body, separators=(", ", ": ") if spaced else (",", ":")).replace("/", "\\/")
