"""The world of a preview: a rehearsal that invents no answers, and tells of each thing that the graph asks of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from routing.acts import YEARS, Script
from routing.configuration import CreateTicket, Request
from routing.conversation import (
    AwaitsBot,
    AwaitsQueue,
    AwaitsRequest,
    AwaitsTicket,
    Conversation,
    Customer,
    Ended,
    opened,
)
from routing.graph import Graph
from routing.interpreter import Interpreter
from routing.messages import (
    AskBot,
    BotAccepted,
    Command,
    CustomerMessage,
    Delivered,
    End,
    Enqueued,
    Event,
    MakeTicket,
    Message,
    RequestAnswered,
    SaveContact,
    Send,
    SendRequest,
    TicketCreated,
    TicketFailed,
    TimeCame,
    Wrote,
)
from routing.recordings import Asked, asked, same_question
from routing.rehearsal import Detect, Rehearsal
from routing.waits import deadline

WINDOW = timedelta(hours=24)
"""So long after the customer's last message Instagram takes another one from a graph or chatbot (facts 2.2)."""
PEOPLE_WINDOW = timedelta(days=7)
"""The same for people, whose messages are marked as such after the first 24 hours (SPEC 6.3)."""
MOST_TIMES = 1_000
"""So many times that come in one step are a circle; the preview stops there and says so."""


class Shown(Message):
    """A message that the customer gets."""

    at: datetime
    message: Send
    blocked: str | None = Field(default=None, description="Why Instagram would not take it.")


class Asking(Message):
    """A request, with its answer; None while nobody has said what it would be."""

    at: datetime
    asked: Asked
    answer: RequestAnswered | None = None


class Ticket(Message):
    """A ticket that would be created; `number` is made up, and None where it could not be created."""

    at: datetime
    ticket: MakeTicket
    number: str | None


class Effects(Message):
    """What one step asks of the world, in the order in which it did, and what it comes to."""

    shown: tuple[Shown, ...] = Field(default=(), description="What the customer was sent, each at its own time.")
    requests: tuple[Asking, ...] = Field(default=(), description="What was asked of the web, or was answered now.")
    tickets: tuple[Ticket, ...] = Field(default=(), description="Tickets that would be created.")
    bots: tuple[AskBot, ...] = Field(
        default=(), description="What chatbots were sent; each takes it, unless told not to."
    )
    saved: dict[str, Any] = Field(default={}, description="Custom fields that were kept for the customer.")
    end: End | None = Field(default=None, description="How the conversation ended, if it did.")


class Stage(Rehearsal):
    """A conversation in a world that a script describes; `take_effects` is what happened since it was last called."""

    def __init__(self, graph: Graph, script: Script, detect: Detect | None) -> None:
        start, position = script.start, script.position
        connectors = list(graph.configuration.connectors)
        super().__init__(
            graph,
            position.connector if position else start.connector or next(iter(connectors), ""),
            at=script.clock(script.at),
            customer=position.customer if position else Customer(**start.customer.model_dump()),
            contact=position.contact if position else start.contact,
            replies=script.replies,
            detect=detect,
        )
        self.script = script
        self.conversation = position
        self.pending: Asking | None = None
        self.language: str | None = None
        self.problems: list[str] = []
        self._answers = [one for one in script.recorded if isinstance(one.event, RequestAnswered) and one.asked]
        self._written = position.visits if position else 0
        self._forget()

    # Beginning --------------------------------------------------------------------------------------------------------

    def arrive(self, place: str) -> None:
        """Begin at a place, as if the conversation had just come there from somewhere else."""
        self._open()
        assert self.conversation is not None
        self.conversation = self.conversation.model_copy(update={"place": place})
        texts = (self.script.start.text,) if self.script.start.text else ()
        self.feed(Wrote(messages=tuple(self._message(text, None, (), None) for text in texts)))

    def resume(self) -> None:
        """Go on from a position that waits for something of ours which this world does at once."""
        assert self.conversation is not None
        match self.conversation.waiting:
            case AwaitsRequest():
                place = self.graph.find(self.conversation.place)
                assert isinstance(place, Request)
                again = Interpreter(self.graph, self.conversation, self.now)
                again.request(self.conversation.place, place)
                self.feed(*self._carry_out(again.commands))
            case AwaitsTicket():
                place = self.graph.find(self.conversation.place)
                assert isinstance(place, CreateTicket)
                again = Interpreter(self.graph, self.conversation, self.now)
                again.create_ticket(self.conversation.place, place)
                self.feed(*self._carry_out(again.commands))
            case AwaitsQueue():
                self.feed(Enqueued())
            case AwaitsBot(asking=True):
                self.feed(BotAccepted())
            case _:
                pass

    # What happens -----------------------------------------------------------------------------------------------------

    def answer(self, event: RequestAnswered) -> None:
        """The request that is pending is answered."""
        assert self.pending is not None
        self._requests.append(self.pending.model_copy(update={"answer": event}))
        self.pending = None
        self.feed(event)

    def recorded_answer(self, asks: Asked) -> RequestAnswered | None:
        """What really answered this, the first time that it is asked."""
        for one in self._answers:
            if one.asked is not None and same_question(one.asked, asks):
                self._answers.remove(one)
                assert isinstance(one.event, RequestAnswered)
                return one.event
        return None

    def feed(self, *events: Event) -> None:
        """Take in events; where the configuration itself is wrong, the conversation stays where it came to."""
        try:
            super().feed(*events)
        except (LookupError, ValueError, NotImplementedError) as error:
            # A checked configuration never gets here; in a sandbox a time group or a pattern may be missing or bad.
            place = self.conversation.place if self.conversation is not None else ""
            self.problems.append(f"behind {place} the configuration is wrong: {error}")
        state = self.conversation
        if self.pending is not None and not (state is not None and isinstance(state.waiting, AwaitsRequest)):
            self.pending = None

    def move_to(self, at: datetime) -> None:
        """Let time pass; stops, with a problem, where that would take for ever."""
        if at.year not in YEARS:
            self.problems.append(f"a preview takes place in the years {YEARS.start} to {YEARS.stop - 1}")
            return
        times = 0
        while self.conversation is not None:
            due = deadline(self.graph, self.conversation)
            if due is None or due.at > at:
                break
            times += 1
            if times > MOST_TIMES:
                self.problems.append(
                    f"{MOST_TIMES} times have come until {self.now:%Y-%m-%d %H:%M:%S} UTC and the clock stands there: "
                    "go on with another step, or lead out of this circle"
                )
                return
            self.now = max(self.now, due.at)
            self.feed(TimeCame())
        self.now = at

    def take_effects(self) -> Effects:
        """What was asked of the world since the last time."""
        requests = (*self._requests, *((self.pending,) if self.pending is not None else ()))
        found = Effects(
            shown=tuple(self._shown),
            requests=requests,
            tickets=tuple(self._tickets),
            bots=tuple(self._bots),
            saved=self._saved,
            end=self._end,
        )
        self._forget()
        return found

    # The outside ------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._shown: list[Shown] = []
        self._requests: list[Asking] = []
        self._tickets: list[Ticket] = []
        self._bots: list[AskBot] = []
        self._saved: dict[str, Any] = {}
        self._end: End | None = None

    def _open(self) -> None:
        connector = self.graph.configuration.connectors.get(self.connector)
        begun = opened(
            name=f"igdm_{len(self.ends):024x}",
            connector=self.connector,
            account=connector.account if connector is not None else "",
            customer=self.customer,
            at=self.now,
            title=self.customer.name or self.customer.username or "",
            contact=dict(self.contact),
            hash="preview",
            callback="https://switchboard.example.com/external/web/api/chatbotUpdate",
        )
        if self.conversation is None:
            start = self.script.start
            begun = begun.model_copy(
                update={
                    "data": start.data,
                    "objects": start.objects,
                    "language": start.language,
                    "language_fixed": start.language is not None,
                }
            )
        self.conversation = begun

    def _message(self, text: str, payload: str | None, attachments: Any, at: datetime | None) -> CustomerMessage:
        message = super()._message(text, payload, attachments, at)
        return message if self.language is None else message.model_copy(update={"language": self.language})

    def _carry_out(self, commands: Sequence[Command]) -> list[Event]:
        """As a rehearsal does, but for what nobody has said; what Instagram would refuse is told to the core."""
        blocked: str | None = None
        for command in commands:
            match command:
                case Send():
                    refused = self._blocked(command)
                    blocked = blocked or refused
                    self._shown.append(Shown(at=self.now, message=command, blocked=refused))
                case AskBot():
                    self._bots.append(command)
                case SaveContact():
                    self._saved[command.field] = command.value
                case End():
                    self._end = command
                case _:
                    pass
        events = super()._carry_out([one for one in commands if not isinstance(one, SendRequest | MakeTicket)])
        if blocked is not None and events and isinstance(events[0], Delivered):
            events[0] = Delivered(at=self.now, blocked=blocked)
        for command in commands:
            match command:
                case SendRequest():
                    events += self._request(command)
                case MakeTicket():
                    events.append(self._ticket(command))
                case _:
                    pass
        return events

    def _request(self, command: SendRequest) -> list[Event]:
        asks = asked(command, self.now)
        answer = self._reply_to(command)
        if answer is None and self.script.requests == "recorded":
            answer = self.recorded_answer(asks)
        if answer is None and self.script.requests == "unreachable":
            answer = RequestAnswered(ok=False, error="unreachable")
        asking = Asking(at=self.now, asked=asks, answer=answer)
        if answer is None:
            self.pending = asking
            return []
        self._requests.append(asking)
        return [answer]

    def _reply_to(self, command: SendRequest) -> RequestAnswered | None:
        """What the script has written down for a request."""
        shown = asked(command, self.now)
        return self._answer(command) if any(reply.fits(shown.method, shown.url) for reply in self._replies) else None

    def _ticket(self, command: MakeTicket) -> TicketCreated | TicketFailed:
        self.tickets.append(command)
        number = str(1000 + len(self.tickets)) if self.script.tickets == "created" else None
        self._tickets.append(Ticket(at=self.now, ticket=command, number=number))
        return TicketFailed(error="no ticket can be created") if number is None else TicketCreated(number=number)

    def _blocked(self, message: Send) -> str | None:
        """Why Instagram would refuse a message that comes so late after the customer's last one."""
        assert self.conversation is not None
        wrote_at = self.conversation.wrote_at or self.conversation.opened_at
        limit = PEOPLE_WINDOW if message.author == "agent" else WINDOW
        if message.sent or self.now - wrote_at < limit:
            return None
        hours = limit // timedelta(hours=1)
        return f"the customer wrote last at {wrote_at:%Y-%m-%d %H:%M} UTC, more than {hours} hours ago"


def over(conversation: Conversation | None) -> bool:
    return conversation is not None and isinstance(conversation.waiting, Ended)
