"""Access tokens and authorisation codes: whose they are, what they allow, and until when."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from instagram.simulator.apps import SCOPES, AppName
from instagram.simulator.clock import Clock, meta_time
from instagram.simulator.database import row, rows
from instagram.simulator.errors import GraphError
from instagram.simulator.names import new_code, new_token

TokenKind = Literal["user", "page", "login"]

HOUR, DAY = 3_600_000, 86_400_000  # milliseconds
LONG = 5_183_944_000  # About 60 days, as Meta's answers say (facts 3).
DATA_ACCESS = 90 * DAY

_REASONS = {
    458: "The user has not authorized application.",
    459: "The user has to pass a security check on the site first.",
    460: "The password was changed, or the session was ended for safety.",
    464: "The account is not confirmed.",
    467: "The session is invalid.",
    492: "The person no longer has a role on the page.",
}


@dataclass(frozen=True)
class Token:
    """An access token. Times are milliseconds of the simulator's clock; `expires` None is never.

    `kind` "user" is a Facebook user's, "page" a page's, "login" an account's by Instagram Login. `owner` authorised it:
    a person for Facebook, the account for login. `subject` is what it speaks for: that person, the page, the account.
    """

    token: str
    kind: TokenKind
    owner: str | None
    subject: str
    scopes: tuple[str, ...]
    pages: tuple[str, ...] | None
    long: bool
    created: int
    expires: int | None
    data_access_expires: int | None
    revoked: int | None

    @property
    def app(self) -> AppName:
        return "instagram" if self.kind == "login" else "facebook"


@dataclass(frozen=True)
class Grant:
    """What somebody allowed in a dialog; `pages` None stands for all."""

    app: AppName
    owner: str
    scopes: tuple[str, ...]
    pages: tuple[str, ...] | None
    redirect_uri: str
    created: int
    used: bool


class Tokens:
    """Every token and code ever given."""

    def __init__(self, database: sqlite3.Connection, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        kind: TokenKind,
        subject: str,
        *,
        owner: str | None,
        scopes: tuple[str, ...] | None = None,
        pages: tuple[str, ...] | None = None,
        long: bool = True,
        lasts: int | None = None,
        data_access_expires: int | None = None,
        token: str | None = None,
        parent: str | None = None,
    ) -> Token:
        """A new one that lasts so many milliseconds, or for ever; `scopes` None allows everything.

        Raises sqlite3.IntegrityError where the token is there already.
        """
        now = self._clock.milliseconds()
        made = token or new_token(kind)
        self._database.execute(
            f"insert into tokens ({_COLUMNS}, parent) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(made, kind, owner, subject, "all" if scopes is None else ",".join(scopes)),
                *(None if pages is None else json.dumps(pages), long, now, None if lasts is None else now + lasts),
                *(data_access_expires, None, parent),
            ),
        )
        return self.get(made)

    def get(self, token: str) -> Token:
        """Raises Unknown where there is none."""
        return _token(row(self._database, "token", token, f"select {_COLUMNS} from tokens where token = ?", token))

    def find(self, token: str) -> Token | None:
        found = rows(self._database, f"select {_COLUMNS} from tokens where token = ?", token)
        return _token(found[0]) if found else None

    def all(self, subjects: tuple[str, ...] | None = None) -> list[Token]:
        """Oldest first; with `subjects` only those that speak for one of them."""
        marks = ", ".join("?" for _ in subjects or ())
        where = "" if subjects is None else f"where subject in ({marks})"
        query = f"select {_COLUMNS} from tokens {where} order by rowid"
        return [_token(found) for found in rows(self._database, query, *(subjects or ()))]

    def page_token(self, user: Token, page: str) -> Token:
        """The page's token that comes of a user's: the same each time; one of a long-lived user's never expires."""
        found = rows(
            self._database, f"select {_COLUMNS} from tokens where parent = ? and subject = ?", user.token, page
        )
        if found:
            return _token(found[0])
        lasts = None if user.long or user.expires is None else user.expires - self._clock.milliseconds()
        return self.add(
            "page",
            page,
            owner=user.owner,
            scopes=user.scopes,
            long=user.long,
            lasts=lasts,
            data_access_expires=user.data_access_expires,
            parent=user.token,
        )

    def change(self, token: str, *, revoked: int | None, expires: int | None) -> None:
        query = "update tokens set revoked = ?, expires = ? where token = ?"
        self._database.execute(query, (revoked, expires, token))

    def revoke(self, owner: str, app: AppName, subcode: int) -> int:
        """Kills all that this owner gave to the app; gives how many."""
        kinds = "('login')" if app == "instagram" else "('user', 'page')"
        query = f"update tokens set revoked = ? where owner = ? and kind in {kinds} and revoked is null"
        return self._database.execute(query, (subcode, owner)).rowcount

    def drop_scope(self, owner: str, app: AppName, scope: str) -> None:
        """Takes one permission from all that this owner gave to the app."""
        for token in self.all():
            if token.owner == owner and token.app == app:
                kept = ",".join(name for name in token.scopes if name != scope)
                self._database.execute("update tokens set scopes = ? where token = ?", (kept, token.token))

    def trouble(self, token: Token) -> GraphError | None:
        """Why this token is dead, if it is."""
        if token.revoked is not None:
            reason = _REASONS.get(token.revoked, "The token was revoked.")
            return _dead(token.revoked, f"Error validating access token: {reason}")
        now = self._clock.milliseconds()
        if token.expires is not None and now >= token.expires:
            times = f"Session has expired at {meta_time(token.expires)}; it is now {meta_time(now)}."
            return _dead(463, f"Error validating access token: {times}")
        return None

    # Codes

    def new_code(
        self, app: AppName, owner: str, scopes: tuple[str, ...], pages: tuple[str, ...] | None, redirect_uri: str
    ) -> str:
        code = new_code()
        kept = None if pages is None else json.dumps(pages)
        self._database.execute(
            "insert into codes values (?, ?, ?, ?, ?, ?, ?, 0)",
            (code, app, owner, ",".join(scopes), kept, redirect_uri, self._clock.milliseconds()),
        )
        return code

    def grant(self, code: str) -> Grant | None:
        """What a code stands for; None where there is no such code."""
        found = rows(self._database, "select * from codes where code = ?", code)
        if not found:
            return None
        told = {name: value for name, value in found[0].items() if name != "code"}
        told |= {"scopes": _split(told["scopes"]), "pages": _pages(told["pages"]), "used": bool(told["used"])}
        return Grant(**told)

    def use(self, code: str) -> None:
        """A code serves once."""
        self._database.execute("update codes set used = 1 where code = ?", (code,))


_COLUMNS = "token, kind, owner, subject, scopes, pages, long, created, expires, data_access_expires, revoked"


def _token(found: dict[str, Any]) -> Token:
    app: AppName = "instagram" if found["kind"] == "login" else "facebook"
    scopes = SCOPES[app] if found["scopes"] == "all" else _split(found["scopes"])
    return Token(**{**found, "scopes": scopes, "pages": _pages(found["pages"]), "long": bool(found["long"])})


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _pages(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _dead(subcode: int, message: str) -> GraphError:
    return GraphError(190, subcode, message, 401, type="OAuthException")
