"""What Instagram's webhooks say, as one flat list of events."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from instagram.events import Attachment, Inbound, Kind
from instagram.values import Json, decoded, identifier, integer, items, member, moment, sound, string

__all__ = ["Attachment", "Inbound", "Kind", "WebhookError", "parse", "verified"]

# Which member of an item makes it what it is (facts 1.6), the most telling first: a postback may carry a referral.
_MEMBERS: dict[str, Kind] = {
    "message": "message",
    "postback": "postback",
    "reaction": "reaction",
    "read": "seen",
    "message_edit": "edit",
    "message_edits": "edit",
    "pass_thread_control": "handover",
    "take_thread_control": "handover",
    "request_thread_control": "handover",
    "pass_thread_metadata": "handover",
    "app_roles": "handover",
    "optin": "optin",
    "referral": "referral",
}


class WebhookError(ValueError):
    """The body is no webhook of Meta's: the message says where and why."""


def verified(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Whether `X-Hub-Signature-256` is the HMAC of these raw bytes under any of the secrets; never without one."""
    sent = (header or "").encode(errors="replace")
    matches = [
        hmac.compare_digest(sent, b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode())
        for secret in secrets
        if secret
    ]
    return any(matches)


def parse(body: bytes) -> list[Inbound]:
    """Every event of a webhook body, in the order it came.

    An item of an unknown shape becomes an event of kind "unknown" or "change" and never hides its neighbours.
    Raises WebhookError for a body that is not JSON or not an envelope.
    """
    try:
        found = decoded(body)
    except ValueError as error:
        raise WebhookError(f"body: not JSON ({error})") from error
    envelopes = found if isinstance(found, list) else [found]
    if not any(isinstance(envelope, dict) and isinstance(envelope.get("entry"), list) for envelope in envelopes):
        raise WebhookError('body: not a webhook envelope, expected {"object": "instagram", "entry": [...]}')
    return [event for envelope in sound(envelopes) for event in _events(envelope)]


def _events(envelope: Any) -> Iterator[Inbound]:
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    if not isinstance(entries, list):
        yield _Item(envelope).unknown()
        return
    # The same address may be subscribed for Facebook pages, whose messages are none of ours (facts, flavours table).
    foreign = envelope.get("object", "instagram") != "instagram"
    for entry in cast("list[Any]", entries):
        for item in _items(entry):
            yield item.unknown() if foreign else item.event()


def _items(entry: Any) -> "Iterator[_Item]":
    """The items of one entry, in whichever of the four forms (facts 1.4); told apart by the members present."""
    if not isinstance(entry, dict):
        yield _Item(entry)
        return
    found = False
    for form in ("messaging", "standby", "changes"):
        listed = entry.get(form)
        if not isinstance(listed, list):
            continue
        found = True
        for item in cast("list[Any]", listed):
            yield _Item(item, entry, form=form)
    if "field" in entry and "value" in entry:
        found = True
        yield _Item({"field": entry["field"], "value": entry["value"]}, entry, form="changes")
    if not found:
        yield _Item(entry, entry)


class _Item:
    """One item of an entry while it is being read."""

    def __init__(self, item: Any, entry: Json | None = None, form: str = "") -> None:
        self.raw: Json = item if isinstance(item, dict) else {"value": item}
        self.form = form
        value = self.raw.get("value") if form == "changes" else self.raw
        self.body: Json = value if isinstance(value, dict) else {}
        self.member = next((name for name in _MEMBERS if isinstance(self.body.get(name), dict)), None)
        if form not in ("messaging", "standby") and not (form == "changes" and self.member):
            self.member = None
        self.content: Json = self.body[self.member] if self.member else {}

        entry = entry or {}
        field = self.raw.get("field")
        self.standby = "standby" in (form, field)
        self.sender = identifier(member(self.body, "sender").get("id"))
        self.recipient = identifier(member(self.body, "recipient").get("id"))
        echo = self.content.get("is_echo") is True or field == "message_echoes"
        self.account = identifier(entry.get("id")) or (self.sender if echo else self.recipient) or ""
        # What the account itself wrote is an echo, marked or not: taking it for a customer's would be a loop.
        self.echo = echo or (self.sender is not None and self.sender == self.account)
        self.customer = self.recipient if self.echo else self.sender
        self.at = moment(self.body.get("timestamp")) or moment(entry.get("time")) or datetime.now(UTC)

    def event(self) -> Inbound:
        if self.member is None:
            return self._inbound("change" if self.form == "changes" else "unknown")
        kind = _MEMBERS[self.member]
        match kind:
            case "message":
                return self._message()
            case "postback":
                return self._inbound(
                    kind,
                    key=self._key("p") or "p:" + self._digest("timestamp", "payload"),
                    payload=string(self.content.get("payload")),
                    title=string(self.content.get("title")),
                    referral=self._referral(),
                )
            case "reaction":
                parts = (self.sender or "", string(self.content.get("action")) or "", _milliseconds(self.at))
                return self._inbound(
                    kind,
                    key=self._key("r", *parts),
                    action=string(self.content.get("action")),
                    reaction=string(self.content.get("reaction")),
                    emoji=string(self.content.get("emoji")),
                )
            case "seen":
                key = self._key("s", self.sender or "")
                return self._inbound(kind, key=key, watermark=moment(self.content.get("watermark")))
            case "edit":
                number = integer(self.content.get("num_edit"))
                key = None if number is None else self._key("e", str(number))
                return self._inbound(kind, key=key, text=string(self.content.get("text")), num_edit=number)
            case "handover":
                return self._inbound(kind, handover={**self.content, "action": self.member})
            case "optin":
                return self._inbound(kind, optin=self.content)
            case "referral":
                return self._inbound(kind, referral=self.content)
            case _:
                return self._inbound(kind)

    def unknown(self) -> Inbound:
        return self._inbound("unknown")

    def _message(self) -> Inbound:
        if self.content.get("is_deleted") is True:
            return self._inbound("delete", key=self._key("d"))
        text = string(self.content.get("text"))
        attachments = _attachments(self.content.get("attachments"))
        payload = string(member(self.content, "quick_reply").get("payload"))
        reply_to = member(self.content, "reply_to")
        story = member(reply_to, "story")
        empty = not text and not attachments and payload is None
        return self._inbound(
            "echo" if self.echo else "message",
            key=self._key("m"),
            text=text,
            payload=payload,
            attachments=attachments,
            unsupported=self.content.get("is_unsupported") is True or empty,
            reply_to_mid=identifier(reply_to.get("mid")),
            story_url=string(story.get("url")),
            story_id=identifier(story.get("id")),
            referral=self._referral(),
        )

    def _inbound(self, kind: Kind, *, key: str | None = None, **fields: Any) -> Inbound:
        key = key or "x:" + self._digest()
        return Inbound(
            key=f"standby:{key}" if self.standby else key,
            kind=kind,
            standby=self.standby,
            account=self.account,
            customer=self.customer,
            at=self.at,
            mid=identifier(self.content.get("mid")),
            is_self=self.body.get("is_self") is True or self.content.get("is_self") is True,
            raw=self.raw,
            **fields,
        )

    def _key(self, letter: str, *parts: str) -> str | None:
        mid = identifier(self.content.get("mid"))
        return ":".join((letter, mid, *parts)) if mid else None

    def _digest(self, *members: str) -> str:
        """Of the whole item, or of its parties and only these members; the account always counts."""
        told = {name: self.content.get(name, self.body.get(name)) for name in members}
        item = {"sender": self.sender, **told} if members else self.raw
        return hashlib.sha256(json.dumps([self.account, item], sort_keys=True).encode()).hexdigest()

    def _referral(self) -> Json | None:
        return member(self.content, "referral") or member(self.body, "referral") or None


def _attachments(value: Any) -> tuple[Attachment, ...]:
    if not isinstance(value, list):
        return ()
    found = [_attachment(item) for item in cast("list[Any]", value)]
    # For a while a shared post comes twice, once under its old name (facts 1.6).
    newer = any(attachment.type == "ig_post" for attachment in found)
    return tuple(attachment for attachment in found if not (newer and attachment.type == "share"))


def _attachment(item: Any) -> Attachment:
    if not isinstance(item, dict):
        return Attachment(type="unsupported")
    payload = member(item, "payload")
    # A product of a shop or a card of a template says more than the template around it.
    cards = items(member(payload, "product").get("elements")) or items(member(payload, "generic").get("elements"))
    card = next(iter(cards or items(payload.get("elements"))), {})
    ids = (payload.get(name) for name in ("ig_post_media_id", "reel_video_id"))
    return Attachment(
        type=string(item.get("type")) or "unsupported",
        url=string(payload.get("url")) or string(item.get("url")) or string(card.get("image_url")),
        title=string(payload.get("title")) or string(item.get("title")) or string(card.get("title")),
        id=next((found for found in map(identifier, ids) if found), None),
    )


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp()) * 1000 + at.microsecond // 1000)
