"""The bodies that the control API takes about customers and what they do."""

from typing import Any, Literal

from pydantic import Field, model_validator

from instagram.simulator.control.account_inputs import Id, Input
from instagram.simulator.threads import Profile


class NewCustomer(Input):
    """A person who may write to the account; without `id` one is made up.

    `profile` is what the Graph API says of them: shown, withheld (230: no consent) or missing (9010: as Meta's review
    bot). A customer may have no `name` and no `picture`.
    """

    username: str = Field(pattern=r"^[A-Za-z0-9._]{1,30}$")
    name: str | None = Field(default=None, max_length=60)
    id: str | None = Field(default=None, pattern=Id)
    picture: bool = True
    profile: Profile = "shown"


class CustomerChange(Input):
    """What is not given stays as it is."""

    username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._]{1,30}$")
    name: str | None = Field(default=None, max_length=60)
    picture: bool | None = None
    profile: Profile | None = None


class Attached(Input):
    """Something that the customer attaches; `type` is Meta's word or any other, which is told as it is.

    Meta's words are image, video, audio, file, share, ig_post, ig_reel, reel, story_mention, story, ephemeral,
    unsupported_type and more. Where a kind has an address and none is given, the simulator's own sample stands in.
    `payload` adds further members to the webhook's payload.
    """

    type: str = Field(default="image", min_length=1, max_length=60)
    url: str | None = None
    title: str | None = None
    payload: dict[str, Any] | None = None


class Postback(Input):
    """A tap on a template's button, an ice breaker or a menu entry."""

    title: str = Field(min_length=1)
    payload: str = Field(min_length=1)


class StoryReply(Input):
    """The story that the message answers; without `url` a sample."""

    url: str | None = None
    id: str = "18000000000000001"


class AdContext(Input):
    """What an ad showed."""

    ad_title: str | None = None
    photo_url: str | None = None
    video_url: str | None = None


class Referral(Input):
    """Where the customer came from: an `ig.me` link (alone) or an ad (with a text, `ad_id` and source ADS)."""

    ref: str | None = None
    source: str = "IGME_SOURCE_LINK"
    type: str = "OPEN_THREAD"
    ad_id: str | None = None
    ads_context_data: AdContext | None = None
    product: dict[str, str] | None = Field(default=None, description="of a shop, as {id}")


class CustomerMessage(Input):
    """What a customer does: writes, taps, attaches. `quick_reply` is the title or payload of one now offered."""

    text: str | None = Field(default=None, min_length=1, max_length=1000)
    quick_reply: str | None = None
    attachments: list[Attached] = Field(default=[], max_length=10)
    postback: Postback | None = None
    story: StoryReply | None = None
    reply_to: str | None = None
    referral: Referral | None = None
    unsupported: bool = False


class AppReply(Input):
    """What a person of the business types or attaches in the Instagram app."""

    text: str | None = Field(default=None, min_length=1, max_length=1000)
    attachments: list[Attached] = Field(default=[], max_length=10)

    @model_validator(mode="after")
    def _says_something(self) -> "AppReply":
        if (self.text is None) == (not self.attachments):
            raise ValueError("give either `text` or `attachments`")
        return self


class Reaction(Input):
    """A customer's reaction to a message; `emoji` null takes it back."""

    mid: str
    emoji: str | None = "❤️"
    reaction: str = "love"


class Edit(Input):
    """A customer's new text for a message of theirs."""

    mid: str
    text: str = Field(min_length=1, max_length=1000)


class Block(Input):
    """Whether the customer blocks the business."""

    blocked: bool


class HandOver(Input):
    """Control over a thread moves, or is asked for, and the app is told.

    `event` pass_thread_control goes to the app under test, or to `app_id`; take_thread_control goes to `app_id` (the
    inbox of Instagram if not given); the others move nothing. While another app has control, what happens in the
    thread is told in `standby[]` and sends are refused. `form` is where the event stands in the envelope.
    """

    event: Literal[
        "pass_thread_control", "take_thread_control", "request_thread_control", "pass_thread_metadata", "app_roles"
    ]
    app_id: str | None = Field(default=None, pattern=Id)
    metadata: str | None = None
    form: Literal["messaging", "changes"] = "changes"
