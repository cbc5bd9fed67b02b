"""Comments under the posts of the accounts, which may be answered once by a private message."""

import sqlite3
from dataclasses import dataclass

from instagram.simulator.clock import Clock
from instagram.simulator.database import row
from instagram.simulator.names import new_id

DAYS = 7 * 86_400_000  # milliseconds in which a private reply is allowed (facts 2.2)


@dataclass(frozen=True)
class Comment:
    """What a customer wrote under a post; `at` in milliseconds."""

    id: str
    account: str
    customer: str
    text: str
    at: int
    answered: bool


class Comments:
    """Every comment; kept."""

    def __init__(self, database: sqlite3.Connection, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, account: str, customer: str, text: str) -> Comment:
        made = Comment(new_id("17"), account, customer, text, self._clock.stamp(), answered=False)
        query = "insert into comments values (?, ?, ?, ?, ?, ?)"
        self._database.execute(query, (made.id, account, customer, text, made.at, 0))
        return made

    def open(self, account: str, id: str) -> Comment | None:
        """The comment, if it may still be answered."""
        query = "select * from comments where account = ? and id = ?"
        try:
            found = row(self._database, "comment", id, query, account, id)
        except LookupError:
            return None
        comment = Comment(**{**found, "answered": bool(found["answered"])})
        late = self._clock.milliseconds() - comment.at > DAYS
        return None if comment.answered or late else comment

    def answer(self, comment: Comment) -> None:
        self._database.execute("update comments set answered = 1 where id = ?", (comment.id,))
