"""What an authorisation finds: accounts that may be connected, their tokens, and why some may not."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Flavour = Literal["page", "login"]
AccountKind = Literal["business", "creator", "unknown"]


def utc_now() -> datetime:
    return datetime.now(UTC)


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Candidate(_Found):
    """An account that the person who logged in has, with the token to connect it. The token is in its JSON.

    Times are aware, in UTC, or None where there is no end or none was told. Everything else that is None was not told.
    """

    account: str
    """The id that webhooks use; "" for a page without an Instagram account."""
    flavour: Flavour
    username: str | None = None
    name: str | None = None
    picture: str | None = None
    """Its link dies within days."""
    page_id: str | None = None
    page_name: str | None = None
    token: str = Field(repr=False)
    """The page's for "page", the account's for "login"; "" where none was given."""
    token_expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    """After this time the person must log in again although the token lives (facts 3.1)."""
    authorised_by: str | None = None
    """The id of who logged in, as deauthorise and data deletion callbacks name them."""
    kind: AccountKind = "unknown"
    scopes: tuple[str, ...] = ()
    refused: str | None = None
    """Why it cannot be connected and what to do about it: sentences for people."""


class Token(_Found):
    """A token that lives long; where Instagram does not say how long, `expires_at` is in 60 days (facts 3.2)."""

    token: str = Field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...] = ()
    """Empty where not told."""


class TokenState(_Found):
    """Whether a token works. `reason`, a sentence for people, is there where it does not.

    `kind` and `username` are read anew for "login", since owners can change both (facts 3.3).
    """

    alive: bool
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    reason: str | None = None
    kind: AccountKind = "unknown"
    username: str | None = None
