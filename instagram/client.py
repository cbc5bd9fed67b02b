"""One connected Instagram account, as calls to Meta's Graph API."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

from instagram.errors import Outcome, SendError, outcome_of
from instagram.outbound import Button, Outbound, QuickReply, parts
from instagram.text import clean

__all__ = ["Button", "Instagram", "Outbound", "Profile", "QuickReply", "Sent", "parts"]

NEWEST = 20  # The API gives details only of a thread's newest messages (facts 2.5).

_FETCHING = frozenset({2018008, 2018294})  # Meta failed to fetch our file: worth one more attempt (facts 2.4).
_log = logging.getLogger(__name__)


class Profile(BaseModel):
    """Who a customer is, as far as Instagram tells: each may be None. The picture's link dies within days."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str | None = None
    name: str | None = None
    picture: str | None = None


class Sent(BaseModel):
    """A message of ours as the conversation shows it; `at` is exact to the second only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mid: str
    text: str | None
    at: datetime


class Instagram:
    """One connected account of either flavour. Every call raises SendError where it does not say otherwise.

    `sender` is the id in the send address: the page's for "page", the account's for "login". With `app_secret` a page's
    calls carry the `appsecret_proof` that apps may be set to require. The token appears in no message and no repr.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        version: str,
        flavour: Literal["page", "login"],
        account: str,
        sender: str,
        token: str,
        app_secret: str | None = None,
    ) -> None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError(
                f"access token of account {account}: empty or not plain ASCII; authorise the account again"
            )
        self._http = http
        self._root = f"{base_url.rstrip('/')}/{version.strip('/')}"
        self.flavour: Literal["page", "login"] = flavour
        self.account = account
        self.sender = sender
        self._token = token
        self._proof: dict[str, str] = {}
        if flavour == "page" and app_secret:
            digest = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            self._proof = {"appsecret_proof": digest}

    def __repr__(self) -> str:
        return f"Instagram({self.flavour} {self.account} at {self._root})"

    async def send(self, customer: str, message: Outbound) -> str:
        """Sends it by one Graph call and gives Instagram's message id."""
        try:
            answer = await self._send(customer, message)
        except SendError as error:
            if error.subcode not in _FETCHING:
                raise
            answer = await self._send(customer, message)
        mid = answer.get("message_id")
        if not isinstance(mid, str) or not mid:
            raise SendError("unknown", "the answer to a send names no message_id")
        return mid

    async def act(self, customer: str, action: Literal["mark_seen", "typing_on", "typing_off"]) -> None:
        """Shows the customer that their message was seen, or that somebody is typing."""
        body = {"recipient": {"id": customer}, "sender_action": action}
        await self._call("POST", f"{self.sender}/messages", body=body)

    async def profile(self, customer: str) -> Profile:
        """Who this customer is; an empty profile where Instagram will not or cannot say (SPEC 6.6), never an error."""
        try:
            told = await self._call("GET", quote(customer, safe=""), {"fields": "name,username,profile_pic"})
        except SendError as error:
            _log.info("no profile of customer %s of account %s: %s", customer, self.account, error)
            return Profile()
        return Profile(
            username=_text(told.get("username")), name=_text(told.get("name")), picture=_text(told.get("profile_pic"))
        )

    async def sent_since(self, customer: str, since: datetime) -> list[Sent]:
        """Our own messages to this customer from `since` on (aware; Instagram tells whole seconds), newest first.

        Reads at most the newest 20 messages of the thread, which is all the API gives details of.
        """
        query = {"platform": "instagram", "user_id": customer}
        found = _listed(await self._call("GET", f"{self.sender}/conversations", query))
        if not found:
            return []
        fields = f"messages.limit({NEWEST}){{id,created_time,from,message}}"
        thread = await self._call("GET", quote(str(found[0].get("id")), safe=""), {"fields": fields})
        sent = [await self._own(item, customer, since) for item in _listed(thread.get("messages"))[:NEWEST]]
        return sorted((message for message in sent if message), key=lambda message: message.at, reverse=True)

    async def _own(self, item: Mapping[str, Any], customer: str, since: datetime) -> Sent | None:
        mid, at = _text(item.get("id")), _created(item.get("created_time"))
        if mid is None or at is None:
            raise _unreadable("a message without an id or time")
        if at < since.replace(microsecond=0):
            return None
        if "from" not in item:
            # The documented answer lists only ids and times, so each message is asked for.
            try:
                item = await self._call("GET", quote(mid, safe=""), {"fields": "id,created_time,from,message"})
            except SendError as error:
                if error.code == 9000001:  # deleted meanwhile
                    return None
                raise
        author = item.get("from")
        if not isinstance(author, dict) or author.get("id") is None:
            raise _unreadable(f"no author of message {mid}")
        return None if str(author["id"]) == customer else Sent(mid=mid, text=_text(item.get("message")), at=at)

    async def _send(self, customer: str, message: Outbound) -> dict[str, Any]:
        body: dict[str, Any] = {"recipient": {"id": customer}, "message": message.content()}
        if self.flavour == "page":
            body["messaging_type"] = "MESSAGE_TAG" if message.tag else "RESPONSE"
        if message.tag:
            body["tag"] = message.tag
        return await self._call("POST", f"{self.sender}/messages", body=body)

    async def _call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            response = await self._http.request(
                method,
                f"{self._root}/{path}",
                params={**(query or {}), **self._proof},
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise SendError("retry", f"no connection to Instagram: {type(error).__name__}") from error
        except httpx.RequestError as error:
            raise SendError(_doubt(method), f"connection to Instagram broke: {type(error).__name__}") from error
        error = outcome_of(response.status_code, response.content, response.headers, token=self._token)
        if error is None:
            return cast("dict[str, Any]", response.json())
        if error.outcome == "unknown":
            error.outcome = _doubt(method)
        raise error


def _doubt(method: str) -> Outcome:
    """What an unclear end means: reading changes nothing, so it may always be repeated."""
    return "retry" if method == "GET" else "unknown"


def _listed(value: Any) -> list[dict[str, Any]]:
    """The items of `data`. An answer without it is an error: "nothing was sent" must not follow from it."""
    items = value.get("data") if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise _unreadable("an answer without data")
    return [item for item in items if isinstance(item, dict)]


def _unreadable(what: str) -> SendError:
    return SendError("retry", f"Instagram's answer to reading a conversation cannot be understood: {what}")


def _text(value: Any) -> str | None:
    return clean(value) or None if isinstance(value, str) else None


def _created(value: Any) -> datetime | None:
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
