"""A conversation between two events: plain data that is the whole state, so any step can be stored and opened again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from routing.messages import Attachment, CustomerMessage, Message

REMEMBERED = 20
"""How many of the newest lines templates can read as `messages`; the whole transcript is in the store."""


class Customer(Message):
    id: str
    username: str | None = None
    name: str | None = None


class Line(Message):
    """A line of the conversation as templates read it."""

    name: str
    time: datetime
    direction: Literal["in", "out"]
    text: str


class Offer(Message):
    """An answer that the customer may give, as it was offered by the target at `target`.

    `title` is what the customer was shown and `payload` what a tap sends back, for buttons; `item` and `value` belong
    to a generated button; `scope` holds the elements of the loops around the target.
    """

    target: str
    title: str = ""
    payload: str = ""
    item: Any = None
    value: str = ""
    scope: dict[str, Any] = Field(default_factory=dict)


class Click(Message):
    """What a chatbot called one of its quick replies or buttons; names are opaque and never cut."""

    kind: Literal["quickreply", "button"]
    name: str
    title: str


class Walk(Message):
    """Where a loop is: its array as it was on entry, and the index of the element."""

    items: tuple[Any, ...]
    index: int


# What a conversation waits for ----------------------------------------------------------------------------------------


class AwaitsAnswer(Message):
    """A decision waits for one of its answers; messages older than `asked_at` are none (SPEC 2.6).

    `heard` was written since, and becomes an answer at `settles_at`, when the customer has been quiet long enough.
    `out`: it is known when the question left, so that later messages of ours do not put that off.
    """

    type: Literal["answer"] = "answer"
    asked_at: datetime
    question: int
    misses: int = 0
    out: bool = False
    heard: tuple[CustomerMessage, ...] = ()
    settles_at: datetime | None = None


class AwaitsTime(Message):
    """An automessage waits for the time of its message number `index`."""

    type: Literal["time"] = "time"
    arrived_at: datetime
    index: int


class AwaitsRequest(Message):
    type: Literal["request"] = "request"


class AwaitsTicket(Message):
    type: Literal["ticket"] = "ticket"


class AwaitsBot(Message):
    """A chatbot has the conversation. `asking`: a message is on its way to it; `clicks`: its choices by payload.

    `asked`: something was sent to it, so that it must hear of it when it loses the conversation.
    """

    type: Literal["bot"] = "bot"
    since: datetime
    asking: bool = False
    asked: bool = True
    clicks: dict[str, Click] = {}
    listed: bool = False


class AwaitsQueue(Message):
    """The conversation is being put into its queue; `answered` when a person has written meanwhile."""

    type: Literal["queue"] = "queue"
    since: datetime
    answered: bool = False


class AwaitsAgent(Message):
    """People have the conversation. `agent` accepted it; `answered` when a person has accepted or written."""

    type: Literal["agent"] = "agent"
    since: datetime
    agent: str | None = None
    answered: bool = False


class Ended(Message):
    type: Literal["ended"] = "ended"
    at: datetime
    terminate: str | None = None
    cause: str
    queue: str | None = None
    answered: bool = False


class Unopened(Message):
    type: Literal["unopened"] = "unopened"


Waiting = Annotated[
    Unopened | AwaitsAnswer | AwaitsTime | AwaitsRequest | AwaitsTicket | AwaitsBot | AwaitsQueue | AwaitsAgent | Ended,
    Field(discriminator="type"),
]


class Conversation(Message):
    """`place` is the path where the conversation stands: its program counter.

    `sent` counts outgoing messages, `visits` visited places and `questions` questions asked; they make keys that are
    the same however often a step is computed. `places` counts those entered since a person, bot or time had a say.
    `unread` holds what the customer wrote and no place has taken yet.
    """

    name: str
    connector: str
    account: str
    customer: Customer
    opened_at: datetime
    title: str = ""
    hash: str = ""
    callback: str = ""
    revision: int = 0
    place: str
    waiting: Waiting = Unopened()
    language: str | None = None
    language_fixed: bool = False
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    unread: tuple[CustomerMessage, ...] = ()
    wrote_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    data: dict[str, Any] = {}
    contact: dict[str, Any] = {}
    objects: dict[str, Any] = {}
    answer: dict[str, Any] = {}
    ticket: dict[str, Any] = {}
    offers: tuple[Offer, ...] = ()
    walks: dict[str, Walk] = {}
    said: bool = False
    answered: bool = False
    sent: int = 0
    visits: int = 0
    questions: int = 0
    places: int = 0


def opened(
    *,
    name: str,
    connector: str,
    account: str,
    customer: Customer,
    at: datetime,
    contact: dict[str, Any] | None = None,
    **more: Any,
) -> Conversation:
    """A conversation that is about to begin at its connector; the customer's first messages (`Wrote`) open it."""
    return Conversation(
        name=name,
        connector=connector,
        account=account,
        customer=customer,
        opened_at=at,
        place=f"connectors/{connector}",
        contact=contact or {},
        **more,
    )
