"""One connected Instagram account, as calls to Meta's Graph API."""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, model_validator

from instagram.errors import Outcome, SendError, outcome_of
from instagram.text import TEMPLATE_CHARACTERS, TEXT_BYTES, clean, shortened, split_text

QUICK_REPLIES = 13  # Send API: at most so many on one message (facts 2.2).
BUTTONS = 3  # Button template: at most so many on one template (facts 2.2).
NEWEST = 20  # The API gives details only of a thread's newest messages (facts 2.5).
NO_WORDS = "…"  # Quick replies and buttons must hang on a text; this one needs no translation.

_FETCHING = frozenset({2018008, 2018294})  # Meta failed to fetch our file: worth one more attempt (facts 2.4).
_log = logging.getLogger(__name__)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class QuickReply(_Message):
    """A choice above the composer; `payload` comes back when it is tapped."""

    title: str
    payload: str


class Button(_Message):
    """A button in the thread: with `url` it opens a page, else `payload` comes back as a postback when it is tapped."""

    text: str
    url: str | None = None
    payload: str | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Button":
        if not self.url and not self.payload:
            raise ValueError(f"button {self.text!r}: give it a url or a payload")
        return self


class Outbound(_Message):
    """Exactly one Graph call: a text (with quick replies or buttons), or an image. `parts` makes them.

    Limits (facts 2.2): text 1,000 UTF-8 bytes, or 640 characters with buttons; 13 quick replies; 3 buttons.
    """

    text: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    tag: Literal["HUMAN_AGENT"] | None = None

    @model_validator(mode="after")
    def _is_one_call(self) -> "Outbound":
        if bool(self.text) == bool(self.image):
            raise ValueError("an outbound message is either a text or an image; split it with parts()")
        if self.image and (self.quick_replies or self.buttons):
            raise ValueError("quick replies and buttons need a text; split the message with parts()")
        if self.buttons and self.quick_replies:
            raise ValueError("buttons and quick replies cannot go in one message; split it with parts()")
        if len(self.quick_replies) > QUICK_REPLIES:
            raise ValueError(f"{len(self.quick_replies)} quick replies: Instagram takes {QUICK_REPLIES} at most")
        if len(self.buttons) > BUTTONS:
            raise ValueError(f"{len(self.buttons)} buttons: Instagram takes {BUTTONS} at most; split with parts()")
        size = len(self.text or "") if self.buttons else len((self.text or "").encode())
        limit = TEMPLATE_CHARACTERS if self.buttons else TEXT_BYTES
        if size > limit:
            raise ValueError(f"text of {size} is over Instagram's {limit}; split it with parts()")
        return self


class Profile(_Message):
    """Who a customer is, as far as Instagram tells: each may be None. The picture's link dies within days."""

    username: str | None = None
    name: str | None = None
    picture: str | None = None


class Sent(_Message):
    """A message of ours as the conversation shows it; `at` is exact to the second only."""

    mid: str
    text: str | None
    at: datetime


def parts(
    text: str | None = None,
    quick_replies: Sequence[QuickReply] = (),
    buttons: Sequence[Button] = (),
    image: str | None = None,
    tag: Literal["HUMAN_AGENT"] | None = None,
) -> list[Outbound]:
    """The Graph calls that one logical message needs, in order; none for an empty one.

    The image goes first, then the text in pieces. Buttons hang on the last piece, in templates of three; quick replies
    on the last message of all, where Instagram shows them. Titles over 20 characters are shortened.
    Raises ValueError for more than 13 quick replies: the caller numbers them in the text instead (SPEC 3).
    """
    text = clean(text or "")
    links = [button.model_copy(update={"text": shortened(button.text)}) for button in buttons]
    chips = tuple(reply.model_copy(update={"title": shortened(reply.title)}) for reply in quick_replies)
    rows = [tuple(links[start : start + BUTTONS]) for start in range(0, len(links), BUTTONS)]
    pieces = _with_short_end(text) if rows else split_text(text)
    last = pieces.pop() if pieces and (rows or chips) else NO_WORDS

    calls = [Outbound(image=image, tag=tag)] if image else []
    calls += [Outbound(text=piece, tag=tag) for piece in pieces]
    for row in rows:
        calls.append(Outbound(text=last, buttons=row, tag=tag))
        last = NO_WORDS
    if chips:
        calls.append(Outbound(text=last, quick_replies=chips, tag=tag))
    return calls


def _with_short_end(text: str) -> list[str]:
    """The text in pieces of which the last fits a button template."""
    pieces = split_text(text)
    if pieces and len(pieces[-1]) > TEMPLATE_CHARACTERS:
        # 640 bytes are never more than 640 characters, so the cut that counts bytes serves here too.
        pieces[-1:] = split_text(pieces[-1], TEMPLATE_CHARACTERS)
    return pieces


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
        found = _list(await self._call("GET", f"{self.sender}/conversations", query), "data")
        if not found:
            return []
        fields = f"messages.limit({NEWEST}){{id,created_time,from,message}}"
        thread = await self._call("GET", quote(str(found[0].get("id")), safe=""), {"fields": fields})
        sent = [await self._own(item, customer, since) for item in _list(thread.get("messages"), "data")[:NEWEST]]
        return sorted((message for message in sent if message), key=lambda message: message.at, reverse=True)

    async def _own(self, item: Mapping[str, Any], customer: str, since: datetime) -> Sent | None:
        mid, at = _text(item.get("id")), _created(item.get("created_time"))
        if mid is None or at is None or at < since.replace(microsecond=0):
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
        if not isinstance(author, dict) or str(author.get("id")) == customer:
            return None
        return Sent(mid=mid, text=_text(item.get("message")), at=at)

    async def _send(self, customer: str, message: Outbound) -> dict[str, Any]:
        body: dict[str, Any] = {"recipient": {"id": customer}, "message": _content(message)}
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


def _content(message: Outbound) -> dict[str, Any]:
    """The `message` member of a send, as Meta documents it for both flavours (facts 2.1)."""
    if message.image:
        return {"attachment": {"type": "image", "payload": {"url": message.image}}}
    if message.buttons:
        payload = {
            "template_type": "button",
            "text": message.text,
            "buttons": [
                {"type": "web_url", "url": button.url, "title": button.text}
                if button.url
                else {"type": "postback", "title": button.text, "payload": button.payload}
                for button in message.buttons
            ],
        }
        return {"attachment": {"type": "template", "payload": payload}}
    content: dict[str, Any] = {"text": message.text}
    if message.quick_replies:
        content["quick_replies"] = [
            {"content_type": "text", "title": reply.title, "payload": reply.payload} for reply in message.quick_replies
        ]
    return content


def _list(value: Any, member: str) -> list[dict[str, Any]]:
    items = value.get(member) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(value: Any) -> str | None:
    return clean(value) or None if isinstance(value, str) else None


def _created(value: Any) -> datetime | None:
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
