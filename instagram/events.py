"""One thing that happened on Instagram, in our words."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from instagram.values import identifier

Kind = Literal[
    "message",
    "postback",
    "referral",
    "reaction",
    "seen",
    "edit",
    "delete",
    "echo",
    "handover",
    "optin",
    "change",
    "unknown",
]


class Attachment(BaseModel):
    """Something that came with a message; `type` is Meta's word, also where we do not know it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    url: str | None = None
    title: str | None = None
    id: str | None = None
    """Of the post, reel or story that was shared or mentioned."""


class Inbound(BaseModel):
    """One thing that happened on Instagram, whichever of the envelope forms brought it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    """The same however often the event is delivered, and by whichever connection (facts 1.3).

    In standby it begins with "standby:", so that a copy one may only watch never hides what another connection brings.
    """
    kind: Kind
    standby: bool = False
    """True where another app owns the thread, so nobody may answer by machine."""
    account: str
    """The Instagram account's id; "0" from the dashboard's Test button, "" where nothing names it."""
    customer: str | None = None
    """The other party's Instagram-scoped id."""
    at: datetime
    """Instagram's time, in UTC."""
    mid: str | None = None
    text: str | None = None
    payload: str | None = None
    """Of the quick reply or postback that was tapped."""
    title: str | None = None
    """Of the postback that was tapped."""
    attachments: tuple[Attachment, ...] = ()
    unsupported: bool = False
    """A message whose content Instagram does not hand to apps: a poll, for instance."""
    reply_to_mid: str | None = None
    story_url: str | None = None
    """Of the story that the message answers; its link dies within 24 hours."""
    story_id: str | None = None
    referral: dict[str, Any] | None = None
    reaction: str | None = None
    emoji: str | None = None
    action: str | None = None
    num_edit: int | None = None
    """0 announces a brand-new message, often without its sender (facts 1.6)."""
    watermark: datetime | None = None
    """Of a "seen" that names no message: everything up to this time was seen."""
    handover: dict[str, Any] | None = None
    """Of a "handover": `action`, Meta's word for it as pass_thread_control, and what came with it."""
    optin: dict[str, Any] | None = None
    is_self: bool = False
    raw: dict[str, Any]
    """The item as it came."""

    @property
    def mention(self) -> Attachment | None:
        """The customer's story that mentions the account."""
        return next((one for one in self.attachments if one.type == "story_mention"), None)

    @property
    def ref(self) -> str | None:
        """What the link or ad that led here was given as its `ref`."""
        return _told(self.referral, "ref")

    @property
    def ad_id(self) -> str | None:
        """The ad that led here."""
        return _told(self.referral, "ad_id")

    @property
    def source(self) -> str | None:
        """Where the customer came from, in Meta's words: ADS, or the address of an `ig.me` link."""
        return _told(self.referral, "source")

    @property
    def product_id(self) -> str | None:
        """The product of a shop that the customer asks about."""
        product = (self.referral or {}).get("product")
        return _told(product, "id") if isinstance(product, dict) else None

    @property
    def starts(self) -> bool:
        """Whether this may open a conversation (SPEC 2.1)."""
        return (
            self.kind in ("message", "postback", "referral")
            and not self.standby
            and not self.is_self
            and self.customer not in (None, self.account)
        )


def _told(value: dict[str, Any] | None, name: str) -> str | None:
    return identifier((value or {}).get(name))
