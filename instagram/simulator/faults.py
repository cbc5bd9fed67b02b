"""Faults on demand: which calls and webhooks go wrong, how, and how often."""

import random
import sqlite3
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from instagram.simulator.database import Unknown, rows

Place = Literal["send", "action", "read", "profile", "login", "webhook"]
Kind = Literal[
    "lost_answer",
    "lost_request",
    "broken_answer",
    "error_sent",
    "error_unsent",
    "odd_answer",
    "throttled",
    "error",
    "usage",
    "slow",
    "edit_hint",
]
_UNDONE = frozenset({"lost_request", "error_unsent", "throttled", "error"})


class Fault(BaseModel):
    """What goes wrong.

    `at`: send (a message), action (typing, seen, reactions), read (threads, messages, `me`), profile (a customer's),
    login (tokens, pages, subscriptions, ice breakers), webhook (only for edit_hint), any (all but webhook).

    `kind`: lost_answer (done, then silence of `hang` seconds, then the connection ends), lost_request (the same, not
    done), broken_answer (done, the connection ends at once), error_sent (done, HTTP 500), error_unsent (HTTP 503, not
    done), odd_answer (done, error 1/1357046), throttled (not done; `code` 613 with 2534040, or 80002; `minutes` in
    X-Business-Use-Case-Usage, `retry_after` seconds), error (not done; `status`, `code`, `subcode`, `message`,
    `transient`, or `in_200`), usage (a good answer with `percentage` in the usage headers), slow (done after so many
    `seconds`), edit_hint (a webhook `message_edit` with `num_edit` 0 and no sender, before the message or, with `mode`
    only, instead of it).

    It happens `times` times (null: until it is removed), each time with this `chance`, only to the `account` and
    `customer` if they are given.
    """

    model_config = ConfigDict(extra="forbid")

    at: Place | Literal["any"] = "send"
    kind: Kind
    account: str | None = None
    customer: str | None = None
    times: int | None = Field(default=1, ge=1)
    chance: float = Field(default=1, gt=0, le=1)
    hang: float = Field(default=10, ge=0, le=600)
    seconds: float = Field(default=1, ge=0, le=600)
    status: int = Field(default=400, ge=200, le=599)
    code: int | None = None
    subcode: int | None = None
    message: str = "A fault that the simulator was asked for."
    transient: bool = False
    in_200: bool = False
    minutes: int | None = Field(default=None, ge=0)
    retry_after: int | None = Field(default=None, ge=0)
    percentage: int = Field(default=90, ge=0, le=1000)
    mode: Literal["announce", "only"] = "announce"

    @model_validator(mode="after")
    def _fits(self) -> "Fault":
        if (self.at == "webhook") != (self.kind == "edit_hint"):
            raise ValueError("kind: edit_hint happens at webhook, and nothing else does")
        if self.kind == "throttled" and self.code not in (None, 613, 80002):
            raise ValueError("code: throttled is 613 or 80002; for others take the kind error")
        return self

    @property
    def does(self) -> bool:
        """Whether what was asked for is done all the same."""
        return self.kind not in _UNDONE


class KeptFault(Fault):
    """A fault that waits for its occasion; `times` is how often it will still happen, `hits` how often it did."""

    number: int
    hits: int = 0


class Faults:
    """The faults that are waiting, oldest first; kept."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._waiting: list[KeptFault] = []
        self.read()

    def read(self) -> None:
        """Again, after the table was emptied."""
        found = rows(self._database, "select number, fault from faults order by number")
        self._waiting = [KeptFault.model_validate_json(one["fault"]) for one in found]

    def all(self) -> list[KeptFault]:
        return self._waiting

    def add(self, fault: Fault) -> KeptFault:
        number = self._database.execute("insert into faults (fault) values ('')").lastrowid or 0
        kept = KeptFault(number=number, **fault.model_dump())
        self._write(kept)
        self._waiting.append(kept)
        return kept

    def remove(self, number: int) -> None:
        """Raises Unknown where there is none of that number."""
        if all(fault.number != number for fault in self._waiting):
            raise Unknown(f"no fault {number} is waiting")
        self._drop(number)

    def clear(self) -> None:
        self._database.execute("delete from faults")
        self._waiting = []

    def pick(self, at: Place, account: str | None, customer: str | None) -> Fault | None:
        """The fault that happens now, if one does."""
        for fault in self._waiting:
            fits = fault.at == at or (fault.at == "any" and at != "webhook")
            if not fits or fault.account not in (None, account) or fault.customer not in (None, customer):
                continue
            if fault.chance < 1 and random.random() >= fault.chance:
                continue
            fault.hits += 1
            if fault.times is None:
                self._write(fault)
            elif fault.times == 1:
                self._drop(fault.number)
            else:
                fault.times -= 1
                self._write(fault)
            return fault
        return None

    def _write(self, fault: KeptFault) -> None:
        query = "update faults set fault = ? where number = ?"
        self._database.execute(query, (fault.model_dump_json(), fault.number))

    def _drop(self, number: int) -> None:
        self._database.execute("delete from faults where number = ?", (number,))
        self._waiting = [fault for fault in self._waiting if fault.number != number]
