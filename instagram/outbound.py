"""What we send: single Graph calls, and how a whole message becomes them."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from instagram.text import TEMPLATE_CHARACTERS, TEXT_BYTES, clean, shortened, split_text

QUICK_REPLIES = 13  # Send API: at most so many on one message (facts 2.2).
BUTTONS = 3  # Button template: at most so many on one template (facts 2.2).
IMAGES = 10  # One message: at most so many images (facts 2.2).
NO_WORDS = "…"  # Quick replies and buttons must hang on a text; this one needs no translation.


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


class Media(_Message):
    """A voice message, film or PDF at a public address, from which Meta fetches it (facts 2.2: types and sizes)."""

    type: Literal["audio", "video", "file"]
    url: str


class Outbound(_Message):
    """Exactly one Graph call: a text (with quick replies or buttons), images, or another medium. `parts` makes them.

    Limits (facts 2.2): text 1,000 UTF-8 bytes, or 640 characters with buttons; 13 quick replies; 3 buttons; 10 images.
    A single image is in `image`, several are in `images`.
    """

    text: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    images: tuple[str, ...] = ()
    media: Media | None = None
    reply_to: str | None = None
    """The message id that it answers, shown above it."""
    tag: Literal["HUMAN_AGENT"] | None = None

    @model_validator(mode="after")
    def _is_one_call(self) -> "Outbound":
        if [bool(self.text), bool(self.image), bool(self.images), self.media is not None].count(True) != 1:
            raise ValueError("an outbound message is either a text, images or one medium; split it with parts()")
        if not self.text and (self.quick_replies or self.buttons):
            raise ValueError("quick replies and buttons need a text; split the message with parts()")
        if self.buttons and self.quick_replies:
            raise ValueError("buttons and quick replies cannot go in one message; split it with parts()")
        if len(self.quick_replies) > QUICK_REPLIES:
            raise ValueError(f"{len(self.quick_replies)} quick replies: Instagram takes {QUICK_REPLIES} at most")
        if len(self.buttons) > BUTTONS:
            raise ValueError(f"{len(self.buttons)} buttons: Instagram takes {BUTTONS} at most; split with parts()")
        if len(self.images) > IMAGES:
            raise ValueError(f"{len(self.images)} images: Instagram takes {IMAGES} at most; split with parts()")
        size = len(self.text or "") if self.buttons else len((self.text or "").encode())
        limit = TEMPLATE_CHARACTERS if self.buttons else TEXT_BYTES
        if size > limit:
            raise ValueError(f"text of {size} is over Instagram's {limit}; split it with parts()")
        return self

    def content(self) -> dict[str, Any]:
        """The `message` member of a send, as Meta documents it for both flavours (facts 2.1)."""
        if self.media:
            return {"attachment": {"type": self.media.type, "payload": {"url": self.media.url}}}
        pictures = [{"type": "image", "payload": {"url": url}} for url in self.images or (self.image,) if url]
        if pictures:
            # The page for Instagram Login shows an object in the plural for one image; this is what works for both.
            return {"attachment": pictures[0]} if len(pictures) == 1 else {"attachments": pictures}
        if self.buttons:
            payload = {
                "template_type": "button",
                "text": self.text,
                "buttons": [
                    {"type": "web_url", "url": button.url, "title": button.text}
                    if button.url
                    else {"type": "postback", "title": button.text, "payload": button.payload}
                    for button in self.buttons
                ],
            }
            return {"attachment": {"type": "template", "payload": payload}}
        content: dict[str, Any] = {"text": self.text}
        if self.quick_replies:
            content["quick_replies"] = [
                {"content_type": "text", "title": reply.title, "payload": reply.payload} for reply in self.quick_replies
            ]
        return content


def parts(
    text: str | None = None,
    quick_replies: Sequence[QuickReply] = (),
    buttons: Sequence[Button] = (),
    image: str | None = None,
    tag: Literal["HUMAN_AGENT"] | None = None,
    *,
    images: Sequence[str] = (),
    media: Sequence[Media] = (),
    reply_to: str | None = None,
) -> list[Outbound]:
    """The Graph calls that one logical message needs, in order; none for an empty one.

    Images go first (`image` before `images`, ten in a message), then other media, then the text in pieces. Buttons hang
    on the last piece, in templates of three; quick replies on the last message of all, where Instagram shows them; the
    first message of all is the one that answers `reply_to`. Titles over 20 characters are shortened.
    Raises ValueError for more than 13 quick replies: the caller numbers them in the text instead (SPEC 3).
    """
    text = clean(text or "")
    links = [button.model_copy(update={"text": shortened(button.text)}) for button in buttons]
    chips = tuple(reply.model_copy(update={"title": shortened(reply.title)}) for reply in quick_replies)
    rows = [tuple(links[start : start + BUTTONS]) for start in range(0, len(links), BUTTONS)]
    pieces = _with_short_end(text) if rows else split_text(text)
    last = pieces.pop() if pieces and (rows or chips) else NO_WORDS

    pictures = [url for url in (image, *images) if url]
    groups = [pictures[start : start + IMAGES] for start in range(0, len(pictures), IMAGES)]
    calls = [
        Outbound(image=group[0], tag=tag) if len(group) == 1 else Outbound(images=tuple(group), tag=tag)
        for group in groups
    ]
    calls += [Outbound(media=one, tag=tag) for one in media]
    calls += [Outbound(text=piece, tag=tag) for piece in pieces]
    for row in rows:
        calls.append(Outbound(text=last, buttons=row, tag=tag))
        last = NO_WORDS
    if chips:
        calls.append(Outbound(text=last, quick_replies=chips, tag=tag))
    return [calls[0].model_copy(update={"reply_to": reply_to}), *calls[1:]] if calls and reply_to else calls


def _with_short_end(text: str) -> list[str]:
    """The text in pieces of which the last fits a button template."""
    pieces = split_text(text)
    if pieces and len(pieces[-1]) > TEMPLATE_CHARACTERS:
        # 640 bytes are never more than 640 characters, so the cut that counts bytes serves here too.
        pieces[-1:] = split_text(pieces[-1], TEMPLATE_CHARACTERS)
    return pieces
