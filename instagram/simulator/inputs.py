"""The bodies that the control API takes."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewAccount(_Input):
    """A further professional account; `page_id` belongs to the page flavour alone."""

    id: str = Field(pattern=r"^\d{1,30}$")
    flavour: Literal["login", "page"] = "login"
    username: str = Field(min_length=1, max_length=30)
    name: str = Field(default="", max_length=60)
    token: str = Field(min_length=8, pattern=r"^[!-~]+$")
    page_id: str | None = Field(default=None, pattern=r"^\d{1,30}$")

    @model_validator(mode="after")
    def _has_page(self) -> "NewAccount":
        if (self.flavour == "page") != (self.page_id is not None):
            raise ValueError("page_id: the page flavour needs one, the login flavour has none")
        return self


class NewCustomer(_Input):
    """A person who may write to the account; without `id` one is made up."""

    username: str = Field(pattern=r"^[A-Za-z0-9._]{1,30}$")
    name: str | None = Field(default=None, max_length=60)
    id: str | None = Field(default=None, pattern=r"^\d{1,30}$")


class Attached(_Input):
    """Something that the customer attaches; `type` is Meta's word, e.g. image, story_mention, ig_reel, ephemeral."""

    type: str = "image"
    url: str | None = None
    title: str | None = None


class Postback(_Input):
    """A tap on a template's button, an ice breaker or a menu entry."""

    title: str = Field(min_length=1)
    payload: str = Field(min_length=1)


class StoryReply(_Input):
    """The story that the message answers."""

    url: str
    id: str = "18000000000000001"


class Referral(_Input):
    """Where the customer came from: an `ig.me` link (alone) or an ad (with a text)."""

    ref: str | None = None
    source: str = "IGME_SOURCE_LINK"
    type: str = "OPEN_THREAD"
    ad_id: str | None = None


class CustomerMessage(_Input):
    """What a customer does: writes, taps, attaches. `quick_reply` is the title or payload of one now offered."""

    text: str | None = Field(default=None, min_length=1, max_length=1000)
    quick_reply: str | None = None
    attachments: list[Attached] = Field(default=[], max_length=10)
    postback: Postback | None = None
    story: StoryReply | None = None
    reply_to: str | None = None
    referral: Referral | None = None
    unsupported: bool = False


class AppReply(_Input):
    """What a person of the business types in the Instagram app."""

    text: str = Field(min_length=1, max_length=1000)


class Reaction(_Input):
    """A customer's reaction to a message; `emoji` null takes it back."""

    mid: str
    emoji: str | None = "❤️"
    reaction: str = "love"


class Edit(_Input):
    """A customer's new text for a message of theirs."""

    mid: str
    text: str = Field(min_length=1, max_length=1000)


class ClockMove(_Input):
    """Exactly one of: seconds to advance (back, if negative), or the time it shall be."""

    advance: float | None = Field(default=None, allow_inf_nan=False)
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _says_one(self) -> "ClockMove":
        if (self.advance is None) == (self.at is None):
            raise ValueError("give either `advance` or `at`")
        return self


class Redelivery(_Input):
    """Webhooks by number, delivered now in this order, `times` over; `joined` puts them into one request."""

    webhooks: list[int] = Field(min_length=1, max_length=1000)
    times: int = Field(default=1, ge=1, le=100)
    joined: bool = False


class Hold(_Input):
    """Whether webhooks are held back, so that a test may deliver them in an order of its own."""

    held: bool
