"""The bodies that the control API takes about webhooks, the clock and limits."""

from typing import Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from instagram.simulator.apps import AppName
from instagram.simulator.control.account_inputs import Input
from instagram.simulator.webhooks import Form


class NewComment(Input):
    """A comment under a post of the account, by a customer, or by the account itself (`own`)."""

    text: str = Field(min_length=1, max_length=2200)
    customer: str | None = None
    own: bool = False
    form: Literal["changes", "flat"] = "changes"
    media_id: str = "17910000000000001"

    @model_validator(mode="after")
    def _has_an_author(self) -> "NewComment":
        if (self.customer is None) == (not self.own):
            raise ValueError("give either `customer` or `own`")
        return self


class DashboardTest(Input):
    """The Test button of Meta's dashboard: instagram has the message in `changes[]`, facebook in `messaging[]`."""

    app: AppName = "instagram"


class NewWebhook(Input):
    """Any webhook of an account: `item` as it is, in this form; `entry` is the entry's id if not the account's.

    Without `thread` (usually the customer's id) it keeps its order with nothing else.
    """

    account: str
    item: dict[str, Any]
    form: Form = "messaging"
    entry: str | None = None
    thread: str = "other"
    app: AppName | None = Field(default=None, description="who signs it; all that are subscribed if not given")


class Redelivery(Input):
    """Webhooks by number, delivered now in this order, `times` over.

    `joined` puts them into one request, also those of different accounts. `app` signs them with that app's secret, as
    if they came through the other connection.
    """

    webhooks: list[int] = Field(min_length=1, max_length=1000)
    times: int = Field(default=1, ge=1, le=100)
    joined: bool = False
    app: AppName | None = None


class Hold(Input):
    """Whether webhooks are held back, so that a test may deliver them in an order of its own."""

    held: bool


class ClockMove(Input):
    """Exactly one of: seconds to advance (back, if negative), or the time it shall be."""

    advance: float | None = Field(default=None, allow_inf_nan=False)
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _says_one(self) -> "ClockMove":
        if (self.advance is None) == (self.at is None):
            raise ValueError("give either `advance` or `at`")
        return self


class Limits(Input):
    """How many calls an account may send in a second; null for no limit."""

    sends_per_second: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _is_given(self) -> "Limits":
        if "sends_per_second" not in self.model_fields_set:
            raise ValueError("give `sends_per_second`, null for no limit")
        return self
