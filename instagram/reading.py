"""Messages as the API reads them back (facts 2.5): one by its id, and what of ours really arrived."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from instagram.errors import SendError
from instagram.events import Attachment, Inbound, Kind
from instagram.graph import Graph
from instagram.values import Json, identifier, items, member, string, words, written_time

NEWEST = 20  # The API gives details only of a thread's newest messages.
DELETED = 9000001  # So it answers for a deleted message, and for one older than those.

_ONE = "id,created_time,from,to,message,attachments,shares,story,reactions,reply_to,is_unsupported"
_OWN = "id,created_time,from,message,attachments,shares"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Read(_Message):
    """A message as the API reads it; `at` is exact to the second only.

    `recipient` is None where the answer does not tell. Payloads of quick replies and postbacks cannot be read.
    """

    id: str
    at: datetime
    author: str
    recipient: str | None
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """In the words of webhooks, so that both can be treated alike."""
    story_url: str | None = None
    """Of the story that it answers."""
    story_id: str | None = None
    reply_to_mid: str | None = None
    unsupported: bool = False
    raw: dict[str, Any]
    """The answer as it came."""

    def inbound(self, account: str) -> Inbound:
        """What the webhook of this message would have said, under the same key.

        Of kind "unknown", under another key, where neither party is the account: nobody may then be taken for its
        customer.
        """
        kind: Kind = "echo" if self.author == account else "message"
        if kind == "message" and self.recipient not in (account, None):
            kind = "unknown"
        return Inbound(
            key=f"x:read:{self.id}" if kind == "unknown" else f"m:{self.id}",
            kind=kind,
            account=account,
            customer={"echo": self.recipient, "message": self.author}.get(kind),
            at=self.at,
            mid=self.id,
            text=self.text,
            attachments=self.attachments,
            unsupported=self.unsupported,
            reply_to_mid=self.reply_to_mid,
            story_url=self.story_url,
            story_id=self.story_id,
            raw=self.raw,
        )


class Sent(_Message):
    """A message of ours as the conversation shows it; `at` is exact to the second only."""

    mid: str
    text: str | None
    at: datetime
    attachments: tuple[str, ...] = ()
    """Of which kinds, in the words of webhooks: image, template and so on."""

    @property
    def wordless(self) -> bool:
        """Whether it has no text by which it could be recognised."""
        return self.text is None


class Record(_Message):
    """What Instagram shows of our own messages since some time, newest first.

    `complete` is False where there may be more that the API does not show: only then "it is not there" proves nothing.
    `mids` are all messages that were read, of both parties and any time: whoever knows one of them to be older than
    what is looked for knows that the record reaches back far enough.
    """

    sent: tuple[Sent, ...]
    complete: bool
    mids: tuple[str, ...] = ()


async def message(graph: Graph, mid: str, ours: Collection[str], account: str) -> Read | None:
    """One message; None for one that was deleted or is older than the thread's newest 20.

    `ours` are the ids by which the API may name the account. Raises SendError.
    """
    try:
        told = await graph.call("GET", quote(mid, safe=""), {"fields": _ONE})
    except SendError as error:
        if error.code == DELETED:
            return None
        raise
    at, author = written_time(told.get("created_time")), identifier(member(told, "from").get("id"))
    if at is None or author is None:
        raise unreadable(f"no {'time' if at is None else 'author'} of message {mid}")
    parties = [identifier(party.get("id")) for party in items(told.get("to"))]
    recipient = next((party for party in parties if party and party != author), None)
    text, attachments, story = words(told.get("message")), _attachments(told), member(told, "story")
    answered = member(story, "reply_to")
    return Read(
        id=mid,
        at=at,
        author=account if author in ours else author,
        recipient=account if recipient in ours else recipient,
        text=text,
        attachments=attachments,
        story_url=string(answered.get("link")),
        story_id=identifier(answered.get("id")),
        reply_to_mid=identifier(member(told, "reply_to").get("mid")),
        unsupported=told.get("is_unsupported") is True or not (text or attachments),
        raw=told,
    )


async def record(graph: Graph, sender: str, customer: str, since: datetime) -> Record:
    """Our own messages to this customer from `since` on (aware; Instagram tells whole seconds). Raises SendError.

    Reads at most the newest 20 messages of the thread, which is all the API gives details of. A thread that the API
    does not list is no complete record: who can be written to wrote first (facts 2.2), so there is one.
    """
    query = {"platform": "instagram", "user_id": customer}
    threads = listed(await graph.call("GET", f"{sender}/conversations", query))
    if not threads:
        return Record(sent=(), complete=False)
    fields = f"messages.limit({NEWEST}){{{_OWN}}}"
    thread = member(await graph.call("GET", quote(str(threads[0].get("id")), safe=""), {"fields": fields}), "messages")
    newest = listed(thread)[:NEWEST]
    times = [_at(item) for item in newest]
    first = since.replace(microsecond=0)
    found = [await _own(graph, item, at, customer) for item, at in zip(newest, times, strict=True) if at >= first]
    whole = len(newest) < NEWEST and not member(thread, "paging").get("next")
    return Record(
        sent=tuple(sorted((one for one in found if one), key=lambda one: one.at, reverse=True)),
        complete=whole or any(at < first for at in times),
        mids=tuple(str(identifier(item.get("id"))) for item in newest),
    )


def listed(value: Any) -> list[Json]:
    """The items of `data`. An answer without it is an error: "nothing was sent" must not follow from it."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise unreadable("an answer without data")
    return items(value)


def unreadable(what: str) -> SendError:
    return SendError("retry", f"Instagram's answer to reading a conversation cannot be understood: {what}")


def _at(item: Mapping[str, Any]) -> datetime:
    at = written_time(item.get("created_time"))
    if at is None or identifier(item.get("id")) is None:
        raise unreadable("a message without an id or time")
    return at


async def _own(graph: Graph, item: Mapping[str, Any], at: datetime, customer: str) -> Sent | None:
    """This message if it is ours; the documented answer lists only ids and times, so it may have to be asked for."""
    mid = str(identifier(item.get("id")))
    if "from" not in item:
        try:
            item = await graph.call("GET", quote(mid, safe=""), {"fields": _OWN})
        except SendError as error:
            if error.code == DELETED:  # meanwhile
                return None
            raise
    author = identifier(member(item, "from").get("id"))
    if author is None:
        raise unreadable(f"no author of message {mid}")
    if author == customer:
        return None
    kinds = tuple(attachment.type for attachment in _attachments(item))
    return Sent(mid=mid, text=words(item.get("message")), at=at, attachments=kinds)


def _attachments(told: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """What hangs on a message, in the words of webhooks: the shapes of reading are others (facts 2.5)."""
    found = [_attachment(item) for item in items(told.get("attachments"))]
    for share in items(told.get("shares")):
        link = string(share.get("link"))
        kind = "ig_reel" if link and "/reel/" in link else "ig_post"
        found.append(Attachment(type=kind, url=link, title=string(share.get("name"))))
    mention = member(member(told, "story"), "mention")
    if mention:
        found.append(
            Attachment(type="story_mention", url=string(mention.get("link")), id=identifier(mention.get("id")))
        )
    return tuple(found)


def _attachment(item: Json) -> Attachment:
    for name, kind in (("image_data", "image"), ("video_data", "video"), ("audio_data", "audio")):
        data = member(item, name)
        if data:
            return Attachment(type=kind, url=string(data.get("url")) or string(data.get("preview_url")))
    template = member(item, "generic_template")
    if template:
        return Attachment(type="template", url=string(template.get("media_url")), title=string(template.get("title")))
    file = string(item.get("file_url"))
    if file is None:
        return Attachment(type=string(item.get("type")) or "unsupported")
    kind = (string(item.get("mime_type")) or "").partition("/")[0]
    return Attachment(
        type=kind if kind in ("image", "video", "audio") else "file", url=file, title=string(item.get("name"))
    )
