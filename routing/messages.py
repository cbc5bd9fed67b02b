"""What the pure core and the outside world say to each other: events in, commands out.

A command's `type` is the name of the activity that carries it out; what came of it returns as the next event.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """What crosses processes: unknown fields are ignored, because a newer worker may add one during a deploy."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


def _unset(value: object) -> bool:
    return value is None


# Events ---------------------------------------------------------------------------------------------------------------


class Attachment(Message):
    """A file that a customer sent; `type` as Instagram names it, or a MIME type once it is stored.

    Once it was fetched, `kind` is Instagram's own word, and `reason` says why there is no file. Before, neither is
    written anywhere.
    """

    type: str
    url: str | None = None
    title: str | None = None
    size: int | None = None
    kind: str | None = Field(default=None, exclude_if=_unset)
    reason: str | None = Field(default=None, exclude_if=_unset)


class CustomerMessage(Message):
    """One message of the customer; `at` is Instagram's timestamp, `language` what its words were detected to be.

    `story` is the one that it answers or mentions us in, `reply_to` the id of the message that it answers, `referral`
    the link or ad that led here; `unsupported` is what Instagram shows to no app.
    """

    key: str
    at: datetime
    text: str = ""
    payload: str | None = None
    attachments: tuple[Attachment, ...] = ()
    kind: str = "message"
    mid: str | None = None
    language: str | None = None
    story: Attachment | None = None
    reply_to: str | None = None
    referral: dict[str, Any] | None = None
    unsupported: bool = False


class Wrote(Message):
    """The customer wrote; the messages arrived together and are in the order of Instagram's timestamps.

    The first ones open the conversation.
    """

    type: Literal["wrote"] = "wrote"
    messages: tuple[CustomerMessage, ...]


class Unsent(Message):
    """The customer took back the message whose key is `message`: its words are forgotten, the fact is kept."""

    type: Literal["unsent"] = "unsent"
    key: str
    message: str


class TimeCame(Message):
    """A time that the conversation waits for may have come."""

    type: Literal["time_came"] = "time_came"


class Delivered(Message):
    """The outbox was delivered; its last message, the question, left at `at`. `blocked`: why one was not sent."""

    type: Literal["delivered"] = "delivered"
    at: datetime
    blocked: str | None = None


class RequestAnswered(Message):
    """What a request came to; `status` is None when there was no answer, and `error` says why."""

    type: Literal["request_answered"] = "request_answered"
    ok: bool
    status: int | None = None
    body: Any = None
    error: str | None = None


class TicketCreated(Message):
    type: Literal["ticket_created"] = "ticket_created"
    number: str


class TicketFailed(Message):
    """The ticket could not be created; the conversation goes on without a number."""

    type: Literal["ticket_failed"] = "ticket_failed"
    error: str


class BotAccepted(Message):
    """The chatbot took the message; its replies come as callbacks."""

    type: Literal["bot_accepted"] = "bot_accepted"


class BotFailed(Message):
    type: Literal["bot_failed"] = "bot_failed"
    error: str


class BotButton(Message):
    """A chatbot's button: a link, or a `name` that comes back when it is clicked."""

    text: str
    url: str | None = None
    name: str | None = None


class BotQuickReply(Message):
    name: str
    text: str


class BotReplied(Message):
    """A chatbot's callback; `transfer` names the queue that takes over after the message.

    `conversation` is the name of the one it was meant for, which may have ended meanwhile.
    """

    type: Literal["bot_replied"] = "bot_replied"
    key: str
    conversation: str | None = None
    text: str = ""
    buttons: tuple[BotButton, ...] = ()
    quickreplies: tuple[BotQuickReply, ...] = ()
    transfer: str | None = None


class Enqueued(Message):
    type: Literal["enqueued"] = "enqueued"


class AgentAccepted(Message):
    """An agent has it; `entered` is when the stay began in which they accepted it, which may be over meanwhile.

    With a `key` it counts once, however often it is told.
    """

    type: Literal["agent_accepted"] = "agent_accepted"
    agent: str
    key: str | None = Field(default=None, exclude_if=_unset)
    entered: datetime | None = Field(default=None, exclude_if=_unset)


class AgentWrote(Message):
    """An agent's message; `sent` when it was typed in the Instagram app, so that Instagram has it (SPEC 2.8)."""

    type: Literal["agent_wrote"] = "agent_wrote"
    key: str
    agent: str | None = None
    text: str = ""
    image: str | None = None
    images: tuple[str, ...] = ()
    sent: bool = False
    mid: str | None = None
    at: datetime | None = None


class AgentClosed(Message):
    type: Literal["agent_closed"] = "agent_closed"
    cause: str = "user"
    agent: str | None = None


class Transferred(Message):
    """Somebody, or a rule, sends the conversation to a place (`queues/support`), or to a person (`agents/eva`)."""

    type: Literal["transferred"] = "transferred"
    to: str
    agent: str | None = None


Event = Annotated[
    Wrote
    | Unsent
    | TimeCame
    | Delivered
    | RequestAnswered
    | TicketCreated
    | TicketFailed
    | BotAccepted
    | BotFailed
    | BotReplied
    | Enqueued
    | AgentAccepted
    | AgentWrote
    | AgentClosed
    | Transferred,
    Field(discriminator="type"),
]


# Commands -------------------------------------------------------------------------------------------------------------


class QuickReply(Message):
    title: str
    payload: str


class Button(Message):
    """A button under a message: a link, or a postback with a payload."""

    text: str
    url: str | None = None
    payload: str | None = None


class Send(Message):
    """A message to the customer; `key` is its own for ever, so that it is sent once.

    `listed`: the quick replies stand in the text as a numbered list, because Instagram could not show them.
    `sent`: Instagram has the message already, so it is only to be recorded.
    """

    type: Literal["send"] = "send"
    key: str
    text: str = ""
    quick_replies: tuple[QuickReply, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    images: tuple[str, ...] = ()
    author: Literal["graph", "bot", "agent"] = "graph"
    agent: str | None = None
    path: str
    listed: bool = False
    sent: bool = False
    mid: str | None = None


class SaveContact(Message):
    """Keep a custom field for the customer's next conversations."""

    type: Literal["save_contact"] = "save_contact"
    field: str
    value: Any


class SendRequest(Message):
    """A request to the web; its texts carry marks for the `secrets` named (see `templates.with_secrets`)."""

    type: Literal["request"] = "request"
    key: str
    path: str
    url: str
    method: str
    headers: dict[str, str]
    body: Any = None
    timeout: timedelta
    secrets: tuple[str, ...] = ()


class MakeTicket(Message):
    type: Literal["create_ticket"] = "create_ticket"
    key: str
    path: str
    title: str
    category: str
    comment: str
    priority: str


class AskBot(Message):
    """A message for a chatbot, in the seed's wire format (`body`).

    `farewell`: it says that the conversation has left the bot, so nobody waits for what comes of it.
    """

    type: Literal["ask_bot"] = "ask_bot"
    key: str
    path: str
    url: str
    body: dict[str, Any]
    timeout: timedelta
    secret: str | None = None
    farewell: bool = False


class Enqueue(Message):
    """Put the conversation into a queue, or with an empty one on the list of the unassigned.

    `wanted`: the agent whom somebody sent it to.
    """

    type: Literal["enqueue"] = "enqueue"
    key: str
    path: str
    queue: str
    priority: int
    at: datetime
    wanted: str | None = Field(default=None, exclude_if=_unset)


class End(Message):
    """The conversation is over; a missed chat is one that ends in a queue unanswered."""

    type: Literal["end"] = "end"
    path: str
    at: datetime
    terminate: str | None = None
    cause: str
    queue: str | None = None
    answered: bool = False

    @property
    def missed(self) -> bool:
        return self.queue is not None and not self.answered


Command = Annotated[Send | SaveContact | SendRequest | MakeTicket | AskBot | Enqueue | End, Field(discriminator="type")]


class Visit(Message):
    """One line of the trace: where the conversation was, when, why, and which values that changed."""

    path: str
    at: datetime
    why: str = ""
    changed: dict[str, Any] = Field(default_factory=dict)
