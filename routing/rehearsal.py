"""A conversation run purely, with a clock that moves and an outside world that is written down beforehand."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from routing.configuration import Spec
from routing.conversation import Conversation, Customer, Ended, opened
from routing.graph import Graph
from routing.interpreter import Step, advance
from routing.messages import (
    AskBot,
    Attachment,
    BotAccepted,
    BotFailed,
    Command,
    CustomerMessage,
    Delivered,
    End,
    Enqueue,
    Enqueued,
    Event,
    MakeTicket,
    RequestAnswered,
    SaveContact,
    Send,
    SendRequest,
    TicketCreated,
    TimeCame,
    Visit,
    Wrote,
)
from routing.templates import with_secrets
from routing.waits import deadline

Detect = Callable[[str, Sequence[str]], str | None]
"""Which of the offered languages a text is in; None while that is not sure."""

MOST_ROUNDS = 100_000
"""So many steps without an event from outside are no conversation any more."""


class Reply(Spec):
    """What the outside answers to a request or to a chatbot's message; `url` may be a pattern after a `~`."""

    url: str
    method: str | None = None
    status: int | None = None
    body: Any = None
    error: str | None = None

    def fits(self, method: str, url: str) -> bool:
        return matches(self.url, url) and self.method in (None, method)


class Rehearsal:
    """One customer's conversation with a graph. Times are aware; `said` holds what the customer was sent."""

    def __init__(
        self,
        graph: Graph,
        connector: str,
        *,
        at: datetime,
        customer: Customer | None = None,
        contact: Mapping[str, Any] | None = None,
        replies: Sequence[Reply] = (),
        detect: Detect | None = None,
    ) -> None:
        self.graph = graph
        self.now = at
        self.connector = connector
        self.customer = customer or Customer(id="customer")
        self.contact = dict(contact or {})
        self.detect = detect
        self.conversation: Conversation | None = None
        self.said: list[Send] = []
        self.tickets: list[MakeTicket] = []
        self.requests: list[SendRequest] = []
        self.asked: list[AskBot] = []
        self.queued: list[Enqueue] = []
        self.ends: list[End] = []
        self.events: list[Event] = []
        self.steps: list[Step] = []
        self._replies = list(replies)
        self._written = 0

    # What people and the clock do -------------------------------------------------------------------------------------

    def user(
        self,
        *texts: str,
        payload: str | None = None,
        attachments: Sequence[Attachment] = (),
        at: datetime | None = None,
    ) -> None:
        """The customer writes, one message for each text, which arrive together; the first one opens a conversation."""
        messages = tuple(self._message(text, payload, attachments, at) for text in texts)
        if self.conversation is None or isinstance(self.conversation.waiting, Ended):
            self._open()
        self.feed(Wrote(messages=messages))

    def feed(self, *events: Event) -> None:
        """Take in events, and carry out what each step asks for."""
        waiting = list(events)
        rounds = 0
        while waiting:
            rounds += 1
            if rounds > MOST_ROUNDS:
                raise RuntimeError("the conversation does not rest: this is a mistake in the interpreter")
            event = waiting.pop(0)
            assert self.conversation is not None
            step = advance(self.graph, self.conversation, event, self.now)
            self.conversation = step.conversation
            self.events.append(event)
            self.steps.append(step)
            waiting[:0] = self._carry_out(step.commands)

    def move_to(self, at: datetime) -> None:
        """Let time pass, with everything that comes due in between."""
        while self.conversation is not None:
            due = deadline(self.graph, self.conversation)
            if due is None or due.at > at:
                break
            self.now = max(self.now, due.at)
            self.feed(TimeCame())
        self.now = at

    def wait(self, duration: timedelta) -> None:
        self.move_to(self.now + duration)

    @property
    def visited(self) -> list[Visit]:
        return [visit for step in self.steps for visit in step.visited]

    # What the outside does --------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.conversation = opened(
            name=f"igdm_{len(self.ends):024x}",
            connector=self.connector,
            account=self.graph.configuration.connectors[self.connector].account,
            customer=self.customer,
            at=self.now,
            title=self.customer.name or self.customer.username or "",
            contact=self.contact,
            hash="hash",
            callback="https://switchboard.example.com/external/web/api/chatbotUpdate",
        )

    def _message(
        self, text: str, payload: str | None, attachments: Sequence[Attachment], at: datetime | None
    ) -> CustomerMessage:
        self._written += 1
        offered = self.graph.configuration.languages.offered
        return CustomerMessage(
            key=f"m:{self._written}",
            at=at or self.now,
            text=text,
            payload=payload,
            kind="message" if payload is None else "quick_reply",
            attachments=tuple(attachments),
            language=self.detect(text, offered) if self.detect and text and payload is None else None,
        )

    def _carry_out(self, commands: Sequence[Command]) -> list[Event]:
        events: list[Event] = []
        if any(isinstance(command, Send) for command in commands):
            events.append(Delivered(at=self.now))
        for command in commands:
            match command:
                case Send():
                    self.said.append(command)
                case SaveContact():
                    self.contact[command.field] = command.value
                case SendRequest():
                    self.requests.append(command)
                    events.append(self._answer(command))
                case MakeTicket():
                    self.tickets.append(command)
                    events.append(TicketCreated(number=str(1000 + len(self.tickets))))
                case AskBot():
                    self.asked.append(command)
                    if not command.farewell:
                        events.append(self._bot(command))
                case Enqueue():
                    self.queued.append(command)
                    events.append(Enqueued())
                case End():
                    self.ends.append(command)
        return events

    def _answer(self, request: SendRequest) -> RequestAnswered:
        shown = with_secrets(request.url, {name: f"secrets.{name}" for name in request.secrets})
        reply = self._reply(request.method, shown)
        if reply is None:
            return RequestAnswered(ok=False, error=f"unreachable: nothing is written down for {shown}")
        if reply.status is None:
            return RequestAnswered(ok=False, error=reply.error or "unreachable")
        ok = 200 <= reply.status < 300
        error = reply.error or (None if ok else f"answered {reply.status}")
        return RequestAnswered(ok=ok, status=reply.status, body=reply.body, error=error)

    def _bot(self, command: AskBot) -> BotAccepted | BotFailed:
        reply = self._reply("POST", command.url)
        if reply is None or (reply.status is not None and 200 <= reply.status < 300):
            return BotAccepted()
        return BotFailed(error=reply.error or f"answered {reply.status}")

    def _reply(self, method: str, url: str) -> Reply | None:
        """The first reply written down that fits; of several, each is used once and the last one for ever."""
        fitting = [reply for reply in self._replies if reply.fits(method, url)]
        if len(fitting) > 1:
            self._replies.remove(fitting[0])
        return fitting[0] if fitting else None


def matches(wanted: str, found: str) -> bool:
    """Whether a text is as it was written down: exactly, or as the pattern after a `~`."""
    if wanted.startswith("~"):
        return re.fullmatch(wanted[1:], found, re.DOTALL) is not None
    return wanted == found
