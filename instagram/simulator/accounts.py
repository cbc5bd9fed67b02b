"""The professional accounts, who is told of what happens to them, and their ice breakers."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from instagram.simulator.apps import AppName, Flavour
from instagram.simulator.changes import Changes
from instagram.simulator.database import row, rows

Json = dict[str, Any]
Kind = Literal["BUSINESS", "MEDIA_CREATOR"]


@dataclass(frozen=True)
class Account:
    """A professional account; `token` is there where it can be used without authorising."""

    id: str
    flavour: Flavour
    username: str
    name: str
    token: str | None = None
    page_id: str | None = None
    kind: Kind = "BUSINESS"
    message_access: bool = True

    @property
    def sender(self) -> str:
        """The id in the account's send address."""
        return self.page_id or self.id


class Accounts:
    """Every account of the local Instagram."""

    def __init__(self, database: sqlite3.Connection, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    def all(self) -> list[Account]:
        return [_account(found) for found in rows(self._database, f"select {_COLUMNS} from accounts order by id")]

    def get(self, id: str) -> Account:
        """Raises Unknown where there is none."""
        return _account(row(self._database, "account", id, f"select {_COLUMNS} from accounts where id = ?", id))

    def of_page(self, page: str) -> Account | None:
        found = rows(self._database, f"select {_COLUMNS} from accounts where page_id = ?", page)
        return _account(found[0]) if found else None

    def add(self, account: Account) -> None:
        """Raises sqlite3.IntegrityError where its id, page or token is taken."""
        marks = ", ".join(f":{name}" for name in _NAMES)
        self._database.execute(f"insert into accounts ({_COLUMNS}) values ({marks})", account.__dict__)
        self._changes.tell(account=account.id)

    def change(self, id: str, *, kind: Kind | None, message_access: bool | None) -> None:
        self.get(id)
        query = (
            "update accounts set kind = coalesce(?, kind), message_access = coalesce(?, message_access) where id = ?"
        )
        self._database.execute(query, (kind, message_access, id))
        self._changes.tell(account=id)

    # Who is told: an account may be connected through both apps, and is then told of everything twice (facts 1.3).

    def subscribe(self, node: str, app: AppName, fields: str) -> None:
        """`node` is the id that the app subscribes: the page's for facebook, the account's for instagram."""
        self._database.execute("insert or replace into subscriptions values (?, ?, ?)", (node, app, fields))
        self._changes.tell(account=node)

    def unsubscribe(self, node: str, app: AppName) -> None:
        self._database.execute("delete from subscriptions where node = ? and app = ?", (node, app))
        self._changes.tell(account=node)

    def subscribed_fields(self, node: str, app: AppName) -> str | None:
        query = "select fields from subscriptions where node = ? and app = ?"
        found = self._database.execute(query, (node, app)).fetchone()
        return found[0] if found else None

    def subscribers(self, account: Account) -> list[AppName]:
        """The apps that are told of this account."""
        query = (
            "select app from subscriptions where (node = ? and app = 'instagram') or (node = ? and app = 'facebook')"
            " order by app"
        )
        return [found[0] for found in self._database.execute(query, (account.id, account.page_id))]

    # Ice breakers

    def ice_breakers(self, id: str) -> list[Json]:
        """As they were published: for each locale its questions."""
        query = "select ice_breakers from accounts where id = ?"
        return json.loads(row(self._database, "account", id, query, id)["ice_breakers"])

    def publish_ice_breakers(self, id: str, wanted: list[Json]) -> None:
        self._database.execute("update accounts set ice_breakers = ? where id = ?", (json.dumps(wanted), id))
        self._changes.tell(account=id)


_NAMES = ("id", "flavour", "username", "name", "token", "page_id", "kind", "message_access")
_COLUMNS = ", ".join(_NAMES)


def _account(found: Json) -> Account:
    return Account(**{**found, "message_access": bool(found["message_access"])})
