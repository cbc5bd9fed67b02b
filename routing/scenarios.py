"""Scenarios: conversations written down as YAML, run purely with a clock that moves (SPEC 9.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from pydantic import AwareDatetime, ValidationError, model_validator
from pydantic_core import ErrorDetails
from rapidfuzz import process

from routing.configuration import Duration, FieldName, Name, Spec
from routing.conversation import AwaitsAgent, AwaitsQueue, Customer, Ended
from routing.distribution import accepted
from routing.filters import shown
from routing.graph import Graph
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    Attachment,
    BotButton,
    BotQuickReply,
    BotReplied,
    Message,
    Send,
    Transferred,
    Unsent,
)
from routing.rehearsal import Detect, Rehearsal, Reply, matches


class Sent(Spec):
    """What the customer sends, where it is more than a text; `at` is Instagram's timestamp."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    at: AwareDatetime | None = None


class Callback(Spec):
    """A chatbot's callback, in the seed's words."""

    text: str = ""
    button: tuple[BotButton, ...] = ()
    quickreply: tuple[BotQuickReply, ...] = ()
    transfer: str | int | None = None
    queue: str | int | None = None


class ExpectedEnd(Spec):
    terminate: str | None = None
    cause: str | None = None
    queue: str | None = None
    answered: bool | None = None
    missed: bool | None = None


class ExpectedTicket(Spec):
    title: str | None = None
    category: str | None = None
    comment: str | None = None
    priority: str | None = None


class ScenarioStep(Spec):
    """One key: what somebody does, or what must be so.

    Acts: `user` (a text, several texts at once, or `{text, attachments, at}`), `tap` (a button's title), `unsend` (the
    newest message of the customer with this text is taken back), `wait`, `at`,
    `reply` (a chatbot's callback), `accept`, `agent`, `close`, `transfer`, `takeover` (a person writes in the Instagram
    app). Expects: `bot`, `buttons`, `links`, `image`, `place`, `path`, `ends`, `ticket`, `data`, `contact`, `language`,
    `asked` (what the chatbot was sent), `silence`.
    """

    user: str | tuple[str, ...] | Sent | None = None
    tap: str | None = None
    unsend: str | None = None
    wait: Duration | None = None
    at: AwareDatetime | None = None
    reply: Callback | None = None
    accept: str | None = None
    agent: str | None = None
    close: str | None = None
    transfer: str | None = None
    takeover: str | None = None

    bot: str | None = None
    buttons: tuple[str, ...] | None = None
    links: tuple[str, ...] | None = None
    image: str | None = None
    place: str | None = None
    path: tuple[str, ...] | None = None
    ends: ExpectedEnd | None = None
    ticket: ExpectedTicket | None = None
    data: dict[FieldName, Any] | None = None
    contact: dict[FieldName, Any] | None = None
    language: str | None = None
    asked: dict[str, Any] | None = None
    silence: bool | None = None

    @model_validator(mode="after")
    def _one_key(self) -> "ScenarioStep":
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has exactly one key: write what happens next as a step of its own")
        return self

    @property
    def key(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def acts(self) -> bool:
        return self.key in _ACTS


_ACTS = frozenset(("user", "tap", "unsend", "wait", "at", "reply", "accept", "agent", "close", "transfer", "takeover"))


class ScenarioCustomer(Spec):
    id: str = "customer"
    username: str | None = None
    name: str | None = None


class Scenario(Spec):
    """A scripted conversation; `contact` holds custom fields kept from earlier ones."""

    title: str
    description: str | None = None
    connector: Name
    at: AwareDatetime
    customer: ScenarioCustomer = ScenarioCustomer()
    contact: dict[FieldName, Any] = {}
    requests: tuple[Reply, ...] = ()
    steps: tuple[ScenarioStep, ...]


class Scenarios(Spec):
    scenarios: dict[Name, Scenario]


class ScenarioError(ValueError):
    """A file of scenarios that cannot be understood: a line for each mistake, with its path."""


def scenarios_of(document: object) -> Scenarios:
    """The scenarios of a document as `documents.read` gives it; raises ScenarioError with every mistake."""
    try:
        return Scenarios.model_validate(document)
    except ValidationError as error:
        raise ScenarioError("\n".join(_mistake(one) for one in error.errors(include_url=False))) from error


def _mistake(error: ErrorDetails) -> str:
    """One mistake as a line: where it is, what is wrong, and for a misspelt key the one that was meant."""
    where = "/".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        keys = {*ScenarioStep.model_fields, *Scenario.model_fields, *Reply.model_fields, *Sent.model_fields}
        meant = process.extractOne(str(error["loc"][-1]), sorted(keys), score_cutoff=60)
        hint = f"did you mean `{meant[0]}`?" if meant else f"a step is one of {', '.join(ScenarioStep.model_fields)}"
        return f"{where}: there is no such key; {hint}"
    return f"{where}: {error['msg']}"


class Failure(Message):
    """A step that does not hold: what it says and what happened instead."""

    step: int
    key: str
    expected: str
    happened: str


class Result(Message):
    """What came of a scenario: its failures (none: it holds), the transcript and the path."""

    name: str
    title: str
    failures: tuple[Failure, ...]
    transcript: tuple[str, ...]
    path: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.failures


World = TypeVar("World", bound=Rehearsal)


def rehearsal(graph: Graph, scenario: Scenario, detect: Detect | None = None) -> Rehearsal:
    """The world that a scenario describes, before its first step."""
    return world_of(Rehearsal, graph, scenario, detect)


def world_of(kind: type[World], graph: Graph, scenario: Scenario, detect: Detect | None = None) -> World:
    """The same as another kind of rehearsal."""
    return kind(
        graph,
        scenario.connector,
        at=scenario.at,
        customer=Customer(**scenario.customer.model_dump()),
        contact=scenario.contact,
        replies=scenario.requests,
        detect=detect,
    )


def run(
    graph: Graph, name: str, scenario: Scenario, detect: Detect | None = None, world: Rehearsal | None = None
) -> Result:
    """Run one scenario; every failing step is reported, and the rest goes on from what happened.

    `world` is where it runs, `rehearsal` of the scenario by default.
    """
    if scenario.connector not in graph.configuration.connectors:
        known = ", ".join(graph.configuration.connectors) or "none"
        missing = Failure(
            step=0,
            key="connector",
            expected=scenario.connector,
            happened=f"the configuration has the connectors: {known}",
        )
        return Result(name=name, title=scenario.title, failures=(missing,), transcript=(), path=())
    script = _Script(world or rehearsal(graph, scenario, detect))
    for number, step in enumerate(scenario.steps):
        script.take(number, step)
    return Result(
        name=name,
        title=scenario.title,
        failures=tuple(script.failures),
        transcript=tuple(script.transcript),
        path=tuple(visit.path for visit in script.world.visited),
    )


class _Script:
    """A scenario while it runs: how far it has read what was said."""

    def __init__(self, world: Rehearsal) -> None:
        self.world = world
        self.failures: list[Failure] = []
        self.transcript: list[str] = []
        self.number = 0
        self.step: ScenarioStep | None = None
        self.read = 0
        self.tickets_read = 0
        self.callbacks = 0

    def take(self, number: int, step: ScenarioStep) -> None:
        self.number, self.step = number, step
        if not step.acts:
            self.expect(step)
            return
        if unread := self.world.said[self.read :]:
            said = "; ".join(_quoted(message) for message in unread)
            self.fail("a `bot` step for every message", f"the script does not expect {said}")
        self.read = len(self.world.said)
        self.act(step)
        self.transcript += [f"bot: {message.text}" for message in self.world.said[self.read :]]

    def fail(self, expected: object, happened: object) -> None:
        assert self.step is not None
        self.failures.append(
            Failure(step=self.number, key=self.step.key, expected=_text(expected), happened=_text(happened))
        )

    # Steps that act ---------------------------------------------------------------------------------------------------

    def act(self, step: ScenarioStep) -> None:
        world = self.world
        match step.key:
            case "user":
                self.user(step)
            case "tap":
                self.tap(step.tap or "")
            case "wait":
                world.wait(step.wait or timedelta(0))
            case "at":
                self.at(step.at)
            case _:
                if world.conversation is None:
                    self.fail("an open conversation", "the customer has not written yet: begin with a `user` step")
                else:
                    self.others(step)

    def user(self, step: ScenarioStep) -> None:
        match step.user:
            case str() as text:
                texts, sent = (text,), Sent()
            case Sent() as sent:
                texts = (sent.text,)
            case None:
                return
            case several:
                texts, sent = several, Sent()
        self.transcript += [f"user: {text}" for text in texts]
        self.world.user(*texts, attachments=sent.attachments, at=sent.at)

    def tap(self, title: str) -> None:
        """Tap the newest quick reply, or a chatbot's button, with this title."""
        newest = self.world.said[-1:] if self.world.said else []
        quick = {
            reply.title: reply.payload for message in newest if not message.listed for reply in message.quick_replies
        }
        named = {
            button.text: button.payload for message in self.world.said for button in message.buttons if button.payload
        }
        payload = quick.get(title) or named.get(title)
        if payload is None:
            listed = any(message.listed for message in newest)
            there = "a numbered list: write its number with `user`" if listed else _text(list(quick) or "no buttons")
            self.fail(f"a button {title!r}", f"the newest message has {there}")
            return
        self.transcript.append(f"tap: {title}")
        self.world.user(title, payload=payload)

    def unsend(self, key: str, text: str) -> None:
        assert self.world.conversation is not None
        lines = [line for line in self.world.conversation.lines if line.direction == "in" and line.text == text]
        if not lines:
            self.fail(f"a message {text!r} of the customer", "there is none")
            return
        self.transcript.append(f"user takes back: {text}")
        self.world.feed(Unsent(key=key, message=lines[-1].name))

    def at(self, at: datetime | None) -> None:
        assert at is not None
        if at < self.world.now:
            self.fail(f"a time after {self.world.now.isoformat()}", at.isoformat())
        else:
            self.world.move_to(at)

    def others(self, step: ScenarioStep) -> None:
        world = self.world
        self.callbacks += 1
        key = f"script/{self.callbacks}"
        match step.key:
            case "reply":
                assert step.reply is not None
                world.feed(_callback(key, step.reply))
            case "unsend":
                self.unsend(key, step.unsend or "")
            case "accept":
                world.feed(_acceptance(world, step.accept or ""))
            case "agent":
                self.transcript.append(f"agent: {step.agent}")
                world.feed(AgentWrote(key=key, agent="agent", text=step.agent or "", at=world.now))
                self.read = len(world.said)
            case "close":
                world.feed(AgentClosed(cause=step.close or "user"))
            case "transfer":
                world.feed(Transferred(to=step.transfer or ""))
            case "takeover":
                self.transcript.append(f"agent: {step.takeover}")
                world.feed(AgentWrote(key=key, text=step.takeover or "", sent=True, at=world.now))
                self.read = len(world.said)
            case other:
                raise AssertionError(f"`{other}` is no step that acts")

    # Steps that expect ------------------------------------------------------------------------------------------------

    def expect(self, step: ScenarioStep) -> None:
        conversation = self.world.conversation
        match step.key:
            case "bot":
                self.expect_bot(step.bot or "")
            case "silence":
                if unread := self.world.said[self.read :]:
                    self.fail("silence", "; ".join(_quoted(message) for message in unread))
            case _ if conversation is None:
                self.fail("an open conversation", "the customer has not written yet: begin with a `user` step")
            case "buttons":
                newest = self.newest()
                self.compare(
                    list(step.buttons or ()), [reply.title for reply in newest.quick_replies] if newest else []
                )
            case "links":
                newest = self.newest()
                self.compare(list(step.links or ()), [button.text for button in newest.buttons] if newest else [])
            case "image":
                newest = self.newest()
                self.compare(step.image, newest.image if newest else None)
            case "place":
                if conversation.place != step.place and not conversation.place.startswith(f"{step.place}/"):
                    self.fail(step.place, conversation.place)
            case "path":
                visited = list(dict.fromkeys(visit.path for visit in self.world.visited))
                self.compare(list(step.path or ()), [path for path in visited if path in (step.path or ())])
            case "ends":
                self.expect_end(step.ends or ExpectedEnd())
            case "ticket":
                self.expect_ticket(step.ticket or ExpectedTicket())
            case "data":
                self.subset(step.data or {}, conversation.data)
            case "contact":
                self.subset(step.contact or {}, conversation.contact)
            case "language":
                self.compare(step.language, conversation.language or self.world.graph.configuration.languages.default)
            case "asked":
                self.subset(step.asked or {}, self.world.asked[-1].body if self.world.asked else {})
            case other:
                raise AssertionError(f"`{other}` is no step that expects")

    def expect_bot(self, wanted: str) -> None:
        if self.read >= len(self.world.said):
            place = self.world.conversation.place if self.world.conversation else "no conversation"
            self.fail(wanted, f"nothing more was said (at {place})")
            return
        message = self.world.said[self.read]
        self.read += 1
        if not matches(wanted, message.text) and not (message.listed and matches(wanted, _without_list(message))):
            self.fail(wanted, message.text)

    def expect_end(self, wanted: ExpectedEnd) -> None:
        assert self.world.conversation is not None
        waiting = self.world.conversation.waiting
        if not isinstance(waiting, Ended):
            self.fail(_given(wanted), f"not ended: at {self.world.conversation.place}")
            return
        end = self.world.ends[-1]
        self.subset(_given(wanted), {**waiting.model_dump(), "missed": end.missed})

    def expect_ticket(self, wanted: ExpectedTicket) -> None:
        if self.tickets_read >= len(self.world.tickets):
            self.fail(_given(wanted), "no ticket was created")
            return
        ticket = self.world.tickets[self.tickets_read]
        self.tickets_read += 1
        self.subset(_given(wanted), ticket.model_dump())

    def newest(self) -> Send | None:
        """The message that the last `bot` step matched; without one the newest of all."""
        said = self.world.said[: self.read] or self.world.said
        return said[-1] if said else None

    def compare(self, wanted: object, found: object) -> None:
        if wanted != found:
            self.fail(wanted, found)

    def subset(self, wanted: Mapping[str, object], found: Mapping[str, object]) -> None:
        """Each value that is written down must be so, in nested objects too; texts may be patterns after a `~`."""
        differing = {key: found.get(key) for key, value in wanted.items() if not _holds(value, found.get(key))}
        if differing:
            self.fail({key: wanted[key] for key in differing}, differing)


def _holds(wanted: object, found: object) -> bool:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        inner = cast("Mapping[str, object]", found)
        return all(_holds(value, inner.get(key)) for key, value in cast("Mapping[str, object]", wanted).items())
    if isinstance(wanted, str) and isinstance(found, str):
        return matches(wanted, found)
    return wanted == found


def _acceptance(world: Rehearsal, agent: str) -> AgentAccepted:
    """As it is told in production: of the stay in which people have it, where they do."""
    talk = world.conversation
    if talk is None or not isinstance(talk.waiting, AwaitsQueue | AwaitsAgent):
        return AgentAccepted(agent=agent)
    return accepted(talk.name, talk.waiting.since, agent)


def _callback(key: str, reply: Callback) -> BotReplied:
    transfer = reply.transfer if reply.transfer is not None else reply.queue
    return BotReplied(
        key=key,
        text=reply.text,
        buttons=reply.button,
        quickreplies=reply.quickreply,
        transfer=None if transfer is None else str(transfer),
    )


def _given(expected: Spec) -> dict[str, Any]:
    return expected.model_dump(exclude_unset=True)


def _without_list(message: Send) -> str:
    """The question above a numbered list."""
    return message.text.rsplit("\n\n", 1)[0]


def _quoted(message: Send) -> str:
    return repr(message.text or message.image or "buttons")


def _text(found: object) -> str:
    return shown(list(cast("Sequence[object]", found)) if isinstance(found, tuple) else found)
