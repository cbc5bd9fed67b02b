"""What can be done in a preview: the steps of whoever tries a configuration out, and where and when they begin."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from routing.configuration import Duration, FieldName, Language, Name, Spec
from routing.conversation import Conversation
from routing.messages import Attachment, BotButton, BotQuickReply
from routing.recordings import Happened
from routing.rehearsal import Reply
from routing.scenarios import ScenarioCustomer

YEARS = range(2000, 2200)
"""The years in which a preview can take place."""
MOST_STEPS = 500
"""The most steps of one preview; it goes on from the position that the last one answers."""


class User(Spec):
    """The customer writes; several texts arrive together."""

    type: Literal["user"]
    text: str | tuple[str, ...] = Field(default="", description="What the customer writes, or several texts in a row.")
    attachments: tuple[Attachment, ...] = Field(default=(), description="What comes with the text.")
    language: Language | None = Field(default=None, description="The language of the words; otherwise it is detected.")
    sent_at: datetime | None = Field(
        default=None, description="Instagram's time, where the message was written before now."
    )


class Tap(Spec):
    """The customer taps a quick reply, a chatbot's button or, before anything else, an ice breaker."""

    type: Literal["tap"]
    title: str | None = Field(default=None, description="What the button says.")
    payload: str | None = Field(default=None, description="What it sends, where titles are not enough.")

    @model_validator(mode="after")
    def _named(self) -> "Tap":
        if self.title is None and self.payload is None:
            raise ValueError("a tap names a button by its `title` or its `payload`")
        return self


class Unsend(Spec):
    """The customer takes the newest message with this text back."""

    type: Literal["unsend"]
    text: str


class Wait(Spec):
    """Time passes, with all that comes due meanwhile."""

    type: Literal["wait"]
    duration: Duration


class At(Spec):
    """Time passes until then, with all that comes due meanwhile."""

    type: Literal["at"]
    at: datetime = Field(description="Without an offset it is the time on the wall in the preview's `timezone`.")


class AnswerRequest(Spec):
    """The request that is waited for is answered."""

    type: Literal["request"]
    answer: Literal["given", "recorded", "unreachable"] = Field(
        default="given",
        description="`given`: as written here. `recorded`: as it really was in `recorded`. `unreachable`: not at all.",
    )
    status: Annotated[int, Field(ge=100, le=599)] = 200
    body: Any = None
    error: str | None = Field(default=None, description="Why it failed, where it did.")


class BotReply(Spec):
    """The chatbot's callback."""

    type: Literal["reply"]
    text: str = ""
    buttons: tuple[BotButton, ...] = ()
    quickreplies: tuple[BotQuickReply, ...] = ()
    transfer: Name | None = Field(default=None, description="The queue that takes over afterwards.")


class BotFails(Spec):
    """The chatbot cannot be reached, or is silent for too long."""

    type: Literal["bot_fails"]
    error: str = "unreachable"


class Accept(Spec):
    """An agent accepts the conversation."""

    type: Literal["accept"]
    agent: str = "agent"


class Agent(Spec):
    """An agent writes from the desk."""

    type: Literal["agent"]
    text: str = ""
    image: str | None = None
    agent: str = "agent"


class Takeover(Spec):
    """Somebody writes in the Instagram app itself."""

    type: Literal["takeover"]
    text: str


class Close(Spec):
    """An agent closes the conversation."""

    type: Literal["close"]
    cause: Name = "user"
    agent: str | None = "agent"


class Transfer(Spec):
    """Somebody sends the conversation to another place."""

    type: Literal["transfer"]
    to: str = Field(description="The path of the place, such as `queues/support`.")
    agent: str | None = "agent"


Act = Annotated[
    User
    | Tap
    | Unsend
    | Wait
    | At
    | AnswerRequest
    | BotReply
    | BotFails
    | Accept
    | Agent
    | Takeover
    | Close
    | Transfer,
    Field(discriminator="type"),
]
"""One step; the types are those of a scenario's steps that act, and two more for requests and chatbots that fail."""


class Start(Spec):
    """A new conversation: with a `connector` alone it opens when the customer first writes, at a `place` at once."""

    connector: Name | None = Field(default=None, description="The first one of the configuration by default.")
    place: str | None = Field(
        default=None, description="The path of any place, such as `decision_trees/welcome/decisions/order`."
    )
    customer: ScenarioCustomer = ScenarioCustomer()
    contact: dict[FieldName, Any] = Field(default={}, description="Custom fields from earlier conversations.")
    data: dict[FieldName, Any] = Field(default={}, description="What was saved before the place was reached.")
    objects: dict[FieldName, Any] = Field(default={}, description="What requests before the place answered.")
    language: Language | None = None
    text: str = Field(default="", description="What the customer had written, and nobody took, when coming there.")


class Script(Spec):
    """What is to be played: from a new conversation or a stored position, with a clock that is given."""

    at: datetime = Field(description="When it begins; without an offset it is the time on the wall in `timezone`.")
    timezone: str = Field(default="UTC", description="The IANA zone of times that are written without an offset.")
    start: Start = Field(default=Start(), description="Where a new conversation begins, if no `position` is given.")
    position: Conversation | None = Field(
        default=None, description="Where to go on: the position of an earlier step, or of a real conversation."
    )
    replies: tuple[Reply, ...] = Field(
        default=(), description="What requests and chatbots answer, as in scenarios: the first that fits."
    )
    recorded: tuple[Happened, ...] = Field(
        default=(), description="What really happened, for requests that are answered as they were then."
    )
    requests: Literal["ask", "recorded", "unreachable"] = Field(
        default="ask",
        description="What becomes of a request for which `replies` has no answer: `ask` waits for a step that answers "
        "it, `recorded` answers it as it was and waits where it was not, `unreachable` lets it fail.",
    )
    tickets: Literal["created", "failed"] = Field(default="created", description="What becomes of tickets.")
    steps: Annotated[tuple[Act, ...], Field(max_length=MOST_STEPS)] = Field(
        default=(), description="What is done, one after the other."
    )

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"there is no time zone {timezone!r}: name one of IANA's, such as Europe/Prague"
            ) from error
        return timezone

    @model_validator(mode="after")
    def _in_time(self) -> "Script":
        times = [self.at]
        for step in self.steps:
            match step:
                case At():
                    times.append(step.at)
                case User() if step.sent_at is not None:
                    times.append(step.sent_at)
                case _:
                    pass
        if any(time.year not in YEARS for time in times):
            raise ValueError(f"a preview takes place in the years {YEARS.start} to {YEARS.stop - 1}")
        return self

    def clock(self, at: datetime) -> datetime:
        """A time of this script in UTC; one in the hour that is missing in spring is an hour later on the wall."""
        return (at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(self.timezone))).astimezone(UTC)
