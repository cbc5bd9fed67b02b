"""What a conversation hands to activities beside the core's commands: its opening, and what each step leaves behind."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import AwareDatetime

from routing.conversation import Conversation
from routing.messages import CustomerMessage, Message, Send, Visit
from routing.recordings import Happened


class Opening(Message):
    """Asks for a new conversation; `keys` are those of the messages that open it."""

    account: str
    customer: str
    workflow_id: str
    at: AwareDatetime
    keys: tuple[str, ...]


class Opened(Message):
    """A new conversation and the revision it is pinned to.

    `known` are messages that an earlier conversation has taken already, because they were forwarded twice; when all of
    them are, there is no conversation. `refused` says why there can be none.
    """

    conversation: Conversation | None
    document: str = ""
    known: tuple[str, ...] = ()
    refused: str = ""


class Delivery(Message):
    """What one step leaves behind: to be recorded and, for `messages`, to be sent, in this order and once.

    `number` is that of the first visit in `visited`. `contact` are custom fields to keep. `happened` is what the step
    took in, the event number `taken` of the conversation, where that came from outside. The rest is where the
    conversation stands afterwards, for lists.
    """

    conversation: str
    account: str
    customer: str
    at: AwareDatetime
    place: str
    waiting: str
    language: str | None = None
    queue: str | None = None
    received: tuple[CustomerMessage, ...] = ()
    messages: tuple[Send, ...] = ()
    contact: dict[str, Any] = {}
    number: int = 1
    visited: tuple[Visit, ...] = ()
    happened: Happened | None = None
    taken: int = 0


class Keeping(Message):
    """Asks to fetch and store what came with a customer's messages, before Instagram's links expire (SPEC 6.5)."""

    conversation: str
    account: str
    customer: str
    messages: tuple[CustomerMessage, ...]


class Kept(Message):
    """Messages whose attachments are stored: what could not be kept has no `url`, and a `reason`."""

    messages: tuple[CustomerMessage, ...]


class Sign(Message):
    """Asks to show a customer that their message was seen, or that somebody types."""

    account: str
    customer: str
    action: Literal["mark_seen", "typing_on", "typing_off"]


class BotTried(Message):
    """What a chatbot made of a message that nobody waits for: its answer as it came, or why there is none."""

    status: int | None = None
    answer: str = ""
    error: str = ""


class Looked(Message):
    """What came of a look at the desk: so many offers were made, so many conversations wait without one.

    Something is due `again_in` this time, unless something happens before; None where nothing is. Of `untold`
    acceptances nobody knows whether their workflows heard of them.
    """

    again_in: timedelta | None = None
    made: int = 0
    waiting: int = 0
    untold: int = 0
