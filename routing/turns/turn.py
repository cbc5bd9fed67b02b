"""The working state of one turn: what the interpreter reads, changes and says, until it becomes a step."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal, cast

from routing.answers import needs_list, numbered
from routing.chatbots import wire_time
from routing.configuration import Burst, Connector
from routing.conversation import REMEMBERED, Conversation, Line, Offer, Waiting, Walk
from routing.filters import SECRET, without_secrets
from routing.graph import Graph
from routing.languages import variant
from routing.messages import Attachment, Button, Command, CustomerMessage, QuickReply, Send
from routing.templates import Secrets, TemplateFailed, evaluate, render, render_url, value


class Turn:
    """The fields of a conversation while they change, the commands so far, and the places visited."""

    def __init__(self, graph: Graph, conversation: Conversation, now: datetime) -> None:
        self.graph = graph
        self.was = conversation
        self.now = now
        self.why = ""
        self.commands: list[Command] = []
        self.trace: list[dict[str, Any]] = []
        self.place = conversation.place
        self.waiting: Waiting = conversation.waiting
        self.language = conversation.language
        self.language_fixed = conversation.language_fixed
        self.text = conversation.text
        self.attachments: tuple[Attachment, ...] = conversation.attachments
        self.unread: tuple[CustomerMessage, ...] = conversation.unread
        self.wrote_at = conversation.wrote_at
        self.lines = conversation.lines
        self.data = conversation.data
        self.contact = conversation.contact
        self.objects = conversation.objects
        self.answer = conversation.answer
        self.ticket = conversation.ticket
        self.offers: list[Offer] = list(conversation.offers)
        self.walks: dict[str, Walk] = conversation.walks
        self.said = conversation.said
        self.answered = conversation.answered
        self.sent = conversation.sent
        self.visits = conversation.visits
        self.questions: int = conversation.questions
        self.places: int = conversation.places
        self.actions = 0
        self._secrets = False

    def conversation(self) -> Conversation:
        """The state as it is now."""
        return self.was.model_copy(
            update={
                "place": self.place,
                "waiting": self.waiting,
                "language": self.language,
                "language_fixed": self.language_fixed,
                "text": self.text,
                "attachments": self.attachments,
                "unread": self.unread,
                "wrote_at": self.wrote_at,
                "lines": self.lines,
                "data": self.data,
                "contact": self.contact,
                "objects": self.objects,
                "answer": self.answer,
                "ticket": self.ticket,
                "offers": tuple(self.offers),
                "walks": self.walks,
                "said": self.said,
                "answered": self.answered,
                "sent": self.sent,
                "visits": self.visits,
                "questions": self.questions,
                "places": self.places,
            }
        )

    # The trace --------------------------------------------------------------------------------------------------------

    def visit(self, path: str, why: str) -> None:
        """Note a Visit; it becomes one with the step, because more may be said of it until then."""
        self.visits += 1
        self.trace.append({"path": path, "at": self.now, "why": why})

    def note(self, why: str) -> None:
        """Say more about the newest visit."""
        if not self.trace:
            self.visit(self.place, why)
            return
        newest = self.trace[-1]
        newest["why"] = f"{newest['why']}; {why}" if newest["why"] else why

    def changed(self, name: str, new: object) -> None:
        """Record a value that the newest visit changed."""
        newest = self.trace[-1]
        newest["changed"] = {**newest.get("changed", {}), name: new}

    def visit_key(self) -> str:
        """A key of this visit alone: what it asks for happens once, however often the step is computed."""
        return f"{self.was.name}/{self.visits}"

    # The transcript ---------------------------------------------------------------------------------------------------

    def remember(self, message: CustomerMessage) -> CustomerMessage:
        """Put the customer's words into the transcript; they come back as the connector allows them to be."""
        if SECRET in message.text:
            message = message.model_copy(update={"text": without_secrets(message.text)})
        self.wrote_at = self.now
        self.lines = (
            *self.lines[1 - REMEMBERED :],
            Line(name=message.key, time=message.at, direction="in", text=message.text),
        )
        offered = self.graph.configuration.languages.offered
        if self.language is None and not self.language_fixed and message.language in offered:
            self.language = message.language
        connector = self.graph.find(f"connectors/{self.was.connector}")
        if message.attachments and isinstance(connector, Connector) and connector.attachments == "none":
            return message.model_copy(update={"attachments": ()})
        return message

    def say(
        self,
        path: str,
        text: str,
        *,
        image: str | None = None,
        images: Sequence[str] = (),
        buttons: Sequence[Button] = (),
        choices: Sequence[tuple[str, str]] = (),
        author: Literal["graph", "bot", "agent"] = "graph",
        agent: str | None = None,
        sent: bool = False,
        key: str | None = None,
        mid: str | None = None,
    ) -> None:
        """A message to the customer; `choices` are (title, payload) of quick replies. An empty one is not sent."""
        if not (text or image or images or buttons):
            self.note("the text came out empty, so nothing was sent")
            return
        self.sent += 1
        self.commands.append(
            _with_choices(
                Send(
                    key=key or f"{self.was.name}/{self.sent}",
                    text=text,
                    buttons=tuple(buttons),
                    image=image,
                    images=tuple(images),
                    author=author,
                    agent=agent,
                    path=path,
                    sent=sent,
                    mid=mid,
                ),
                choices,
            )
        )
        line = Line(name=f"{self.was.name}/{self.sent}", time=self.now, direction="out", text=text)
        self.lines = (*self.lines[1 - REMEMBERED :], line)

    def put_choices(self, path: str, choices: Sequence[tuple[str, str]]) -> bool:
        """Put quick replies under the decision's newest message, if it has not left yet and can carry them."""
        newest = self.commands[-1] if self.commands else None
        if not (self.said and isinstance(newest, Send) and newest.path.startswith(f"{path}/")):
            return False
        if not newest.text or newest.buttons:
            return False
        self.commands[-1] = _with_choices(newest, choices)
        return True

    # Templates --------------------------------------------------------------------------------------------------------

    def named(self, name: str) -> object:
        """What templates can read by a name (SPEC section 4), or NOTHING."""
        was = self.was
        match name:
            case "text":
                return self.text
            case "attachments":
                return [attachment.model_dump() for attachment in self.attachments]
            case "message":
                newest = next((line for line in reversed(self.lines) if line.direction == "in"), None)
                return _line(newest) if newest else {}
            case "messages":
                return [_line(line) for line in self.lines]
            case "interaction":
                return {
                    "name": was.name,
                    "title": was.title,
                    "time": wire_time(was.opened_at),
                    "account": was.account,
                    "connector": was.connector,
                    "language": self.language or self.default_language,
                }
            case "interactionHash":
                return was.hash
            case "config":
                return {"callback": was.callback}
            case "customer":
                return {"id": was.customer.id, "username": was.customer.username, "name": was.customer.name}
            case "contact":
                return self.contact
            case "data":
                return self.data
            case "answer":
                return self.answer
            case "ticket":
                return self.ticket
            case "now":
                return wire_time(self.now)
            case "secrets" if self._secrets:
                return Secrets()
            case _:
                return self.objects.get(name, NOTHING)

    @contextmanager
    def secrets(self) -> Generator[None]:
        """Inside, templates may name secrets: only what goes to a request does."""
        self._secrets = True
        try:
            yield
        finally:
            self._secrets = False

    def render(self, text: str, **more: object) -> str:
        if "{" not in text:
            return text
        try:
            return render(text, _Names(self, more))
        except TemplateFailed as error:
            self.note(str(error))
            return ""

    def url(self, text: str) -> str:
        if "{" not in text:
            return text
        try:
            return render_url(text, _Names(self))
        except TemplateFailed as error:
            self.note(str(error))
            return ""

    def value(self, written: object) -> object:
        if isinstance(written, str) and "{" not in written:
            return written
        try:
            return value(written, _Names(self))
        except TemplateFailed as error:
            self.note(str(error))
            return None

    def evaluate(self, expression: str) -> Any:
        try:
            return evaluate(expression, _Names(self))
        except TemplateFailed as error:
            self.note(str(error))
            return None

    def array(self, expression: str) -> tuple[Any, ...]:
        """The array that an expression gives; an empty one, and a note, where it is none."""
        found = self.evaluate(expression)
        if isinstance(found, list | tuple):
            return tuple(cast("list[Any]", found))
        self.note(f"`{expression}` is not an array, so it counts as an empty one")
        return ()

    def text_of(self, text: str, variants: Mapping[str, str]) -> str:
        found = variant(text, variants, self.language)
        return self.render(found) if "{" in found else found

    def clean(self, text: str) -> str:
        return without_secrets(text)

    # What belongs to the connector and the place ----------------------------------------------------------------------

    @property
    def burst(self) -> Burst:
        connector = self.graph.find(f"connectors/{self.was.connector}")
        return connector.burst if isinstance(connector, Connector) else Burst()

    @property
    def default_language(self) -> str:
        return self.graph.configuration.languages.default

    def queue_name(self) -> str | None:
        return self.place.removeprefix("queues/") if self.place.startswith("queues/") else None


NOTHING = object()
"""Stands for a name that is not there."""


class _Names(Mapping[str, object]):
    """What templates can read, worked out when it is read: most read one or two names of all there are."""

    def __init__(self, turn: Turn, more: Mapping[str, object] | None = None) -> None:
        self._turn = turn
        self._found: dict[object, object] = {**more} if more else {}

    def __contains__(self, name: object) -> bool:
        if name not in self._found:
            self._found[name] = self._turn.named(str(name))
        return self._found[name] is not NOTHING

    def __getitem__(self, name: str) -> object:
        if name not in self:
            raise KeyError(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return (str(name) for name, found in self._found.items() if found is not NOTHING)

    def __len__(self) -> int:
        return sum(found is not NOTHING for found in self._found.values())


def _with_choices(message: Send, choices: Sequence[tuple[str, str]]) -> Send:
    """Quick replies, or a numbered list where Instagram could not show them as they are (SPEC section 3)."""
    if not choices:
        return message
    titles = [title for title, _ in choices]
    quick = tuple(QuickReply(title=title, payload=payload) for title, payload in choices)
    if not needs_list(titles):
        return message.model_copy(update={"quick_replies": quick})
    text = f"{message.text}\n\n{numbered(titles)}".strip()
    return message.model_copy(update={"text": text, "quick_replies": quick, "listed": True})


def _line(line: Line) -> dict[str, object]:
    return {"name": line.name, "time": wire_time(line.time), "direction": line.direction, "text": line.text}
