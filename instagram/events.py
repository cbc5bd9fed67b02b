"""One thing that happened on Instagram, in our words."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

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


class Inbound(BaseModel):
    """One thing that happened on Instagram, whichever of the envelope forms brought it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    """The same however often the event is delivered, and by whichever connection (facts 1.3)."""
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
    referral: dict[str, Any] | None = None
    reaction: str | None = None
    emoji: str | None = None
    action: str | None = None
    num_edit: int | None = None
    """0 announces a brand-new message, often without its sender (facts 1.6)."""
    is_self: bool = False
    raw: dict[str, Any]
    """The item as it came."""

    @property
    def starts(self) -> bool:
        """Whether this may open a conversation (SPEC 2.1)."""
        return (
            self.kind in ("message", "postback", "referral")
            and not self.standby
            and not self.is_self
            and self.customer not in (None, self.account)
        )
