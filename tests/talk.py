"""The driver of conversations in tests: what people do, what must be said, and where the conversation must be."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, Self

from pydantic import TypeAdapter

from routing.configuration import Configuration, Duration
from routing.conversation import Conversation, Customer, Ended
from routing.documents import read
from routing.graph import Graph
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    Attachment,
    BotReplied,
    Event,
    Send,
    Transferred,
    Visit,
)
from routing.problems import check
from routing.rehearsal import Detect, Rehearsal, Reply, matches

FOLDER = Path(__file__).parent
MONDAY = "2026-11-23T10:00:00+01:00"
"""When a talk begins, unless it says otherwise: a Monday morning in Prague."""


def configuration(name: str) -> str:
    """The text of tests/configurations/NAME.yaml."""
    return (FOLDER / "configurations" / f"{name}.yaml").read_text(encoding="utf-8")


def graph_of(document: str | Mapping[str, Any], *, checked: bool = True) -> Graph:
    """The graph of a document, or of its YAML text; fails with its errors, unless `checked` is false."""
    plain = read(document) if isinstance(document, str) else document
    if not checked:
        return Graph(Configuration.model_validate(plain))
    found = check(plain)
    if found.graph is None:
        raise AssertionError("\n".join(f"{one.path}: {one.message} ({one.code})" for one in found.errors))
    return found.graph


def tree(actions: Sequence[Any], *, no_match: Any = None, no_answer: Any = None, **more: Any) -> dict[str, Any]:
    """A short document: one connector, one tree whose start has these actions; `more` adds kinds and decisions.

    There are a queue `people` and a terminate `bye`. `decisions` adds decisions to the tree, `connector` fields to the
    connector; any other keyword is a kind and is put into the document, with `queues` and `terminates` beside the two.
    """
    start: dict[str, Any] = {"title": "Start", "actions": list(actions)}
    if no_match is not None:
        start["no_match"] = no_match
    if no_answer is not None:
        start["no_answer"] = no_answer
    decisions = {"start": start, **more.pop("decisions", {})}
    connector = {"title": "Shop", "next": {"type": "decision_tree", "name": "tree"}, **more.pop("connector", {})}
    return {
        "format": 1,
        "connectors": {"shop": connector},
        "decision_trees": {
            "tree": {"title": "Tree", "start": "start", "decisions": decisions},
            **more.pop("decision_trees", {}),
        },
        "queues": {"people": {"title": "People"}, **more.pop("queues", {})},
        "terminates": {"bye": {"title": "Bye", "cause": "user"}, **more.pop("terminates", {})},
        **more,
    }


def say(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "send_message", "text": text, **more}


def go(to: str, answer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A target: `to` is `type/name`, a name alone is a decision; with an answer the client chooses."""
    kind, _, name = to.rpartition("/")
    goal = {"type": kind or "decision", "name": name}
    if answer is None:
        return {"type": "target", "to": goal}
    return {"type": "target", "to": goal, "execution": "when_client_chooses", "answer": dict(answer)}


def speaking(language: str) -> Detect:
    """Whatever the customer writes is in this language."""

    def detect(text: str, offered: Sequence[str]) -> str:
        return language

    return detect


def button(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": text, **more}


class Talk:
    """A conversation with a configuration; each method is a line of it and fails with the transcript so far.

    Lines that act (`user`, `wait`, ...) fail when the customer was told something that no `bot` line expected.
    """

    def __init__(
        self,
        document: str | Mapping[str, Any] | Graph,
        connector: str | None = None,
        *,
        at: str = MONDAY,
        customer: Customer | None = None,
        contact: Mapping[str, Any] | None = None,
        replies: Sequence[Mapping[str, Any]] = (),
        detect: Detect | None = None,
        checked: bool = True,
    ) -> None:
        self.graph = document if isinstance(document, Graph) else graph_of(document, checked=checked)
        self.world = Rehearsal(
            self.graph,
            connector or next(iter(self.graph.configuration.connectors)),
            at=datetime.fromisoformat(at),
            customer=customer,
            contact=contact,
            replies=[Reply.model_validate(dict(reply)) for reply in replies],
            detect=detect,
        )
        self.transcript: list[str] = []
        self.heard = 0
        self.tickets_read = 0
        self.keys = 0

    # What people and the clock do -------------------------------------------------------------------------------------

    def user(self, *texts: str, attachments: Sequence[Attachment] = (), at: str | None = None) -> Self:
        """The customer writes; several texts arrive together. `at` is Instagram's timestamp."""
        self._begin("user", *texts)
        self.world.user(*texts, attachments=attachments, at=datetime.fromisoformat(at) if at else None)
        return self

    def tap(self, title: str) -> Self:
        """The customer taps a quick reply of the newest message, or any chatbot's button, with this title."""
        self._begin("tap", title)
        quick = {one.title: one.payload for message in self.world.said[-1:] for one in message.quick_replies}
        named = {one.text: one.payload for message in self.world.said for one in message.buttons}
        payload = quick.get(title) or named.get(title)
        if payload is None:
            self._fail(f"there is no button {title!r}, only {[*quick, *named]}")
        self.world.user(title, payload=payload)
        return self

    def wait(self, duration: str | float) -> Self:
        """Time passes: ISO 8601 or seconds."""
        self._begin("wait", str(duration))
        self.world.wait(TypeAdapter[timedelta](Duration).validate_python(duration))
        return self

    def at(self, time: str) -> Self:
        """Time passes until this one."""
        self._begin("at", time)
        self.world.move_to(datetime.fromisoformat(time))
        return self

    def reply(self, text: str = "", **more: Any) -> Self:
        """A chatbot's callback, with `buttons`, `quickreplies` and `transfer` as in BotReplied."""
        return self.event("reply", BotReplied.model_validate({"key": self._key(), "text": text, **more}))

    def accept(self, agent: str = "anna") -> Self:
        return self.event("accept", AgentAccepted(agent=agent))

    def agent(self, text: str, agent: str = "anna") -> Self:
        """An agent writes in the desk."""
        self.event("agent", AgentWrote(key=self._key(), agent=agent, text=text, at=self.world.now))
        self.heard = len(self.world.said)
        return self

    def takeover(self, text: str) -> Self:
        """Somebody writes in the Instagram app itself."""
        self.event("takeover", AgentWrote(key=self._key(), text=text, sent=True, at=self.world.now))
        self.heard = len(self.world.said)
        return self

    def close(self, cause: str = "user", agent: str | None = "anna") -> Self:
        return self.event("close", AgentClosed(cause=cause, agent=agent))

    def transfer(self, to: str) -> Self:
        """Somebody sends the conversation to `kind/name`."""
        return self.event("transfer", Transferred(to=to, agent="anna"))

    def event(self, what: str, event: Event) -> Self:
        """Any event, with what it is called in the transcript."""
        self._begin(what, getattr(event, "text", "") or "")
        self.world.feed(event)
        return self

    # What must be so --------------------------------------------------------------------------------------------------

    def bot(
        self,
        text: str,
        *,
        buttons: Sequence[str] | None = None,
        links: Sequence[str] | None = None,
        image: str | None = None,
    ) -> Self:
        """The next message is this one; a text after `~` is a pattern. `buttons` are the quick replies' titles."""
        if self.heard >= len(self.world.said):
            self._fail(f"expected {text!r}, but nothing more was said")
        message = self.world.said[self.heard]
        self.heard += 1
        self.transcript.append(f"bot: {message.text}")
        if not matches(text, message.text):
            self._fail(f"expected {text!r}")
        if buttons is not None and list(buttons) != [one.title for one in message.quick_replies]:
            self._fail(f"expected the buttons {list(buttons)}, got {[one.title for one in message.quick_replies]}")
        if links is not None and list(links) != [one.url for one in message.buttons]:
            self._fail(f"expected the links {list(links)}, got {[one.url for one in message.buttons]}")
        if image is not None and image != message.image:
            self._fail(f"expected the image {image}, got {message.image}")
        return self

    def silence(self) -> Self:
        """Nothing was said that no line has expected."""
        self._all_heard()
        return self

    def place(self, path: str) -> Self:
        """The conversation stands at this path, or inside it."""
        place = self.state.place
        if place != path and not place.startswith(f"{path}/"):
            self._fail(f"expected to be at {path}, is at {place}")
        return self

    def queue(self, name: str) -> Self:
        """The conversation waits for an agent of this queue, and was put into it."""
        if self.state.waiting.type != "agent" or not self.world.queued or self.world.queued[-1].queue != name:
            self._fail(f"expected to wait in the queue {name}, waits for {self.state.waiting.type}")
        return self.place(f"queues/{name}")

    def ends(self, **expected: Any) -> Self:
        """The conversation is over, with these of `terminate`, `cause`, `queue`, `answered` and `missed`."""
        self._all_heard()
        waiting = self.state.waiting
        if not isinstance(waiting, Ended):
            self._fail(f"expected an end, waits for {waiting.type}")
        end = self.world.ends[-1]
        found = {**waiting.model_dump(), "missed": end.missed}
        differing = {key: found[key] for key, value in expected.items() if found[key] != value}
        if differing:
            self._fail(f"expected the end {expected}, got {differing}")
        return self

    def ticket(self, **expected: Any) -> Self:
        """The next ticket that was created has these fields."""
        if self.tickets_read >= len(self.world.tickets):
            self._fail("expected a ticket, but none was created")
        found = self.world.tickets[self.tickets_read].model_dump()
        self.tickets_read += 1
        differing = {key: found[key] for key, value in expected.items() if found[key] != value}
        if differing:
            self._fail(f"expected the ticket {expected}, got {differing}")
        return self

    # What can be looked at --------------------------------------------------------------------------------------------

    @property
    def state(self) -> Conversation:
        if self.world.conversation is None:
            self._fail("the customer has not written yet")
        return self.world.conversation

    @property
    def path(self) -> list[str]:
        """The places visited, each once, in order."""
        return list(dict.fromkeys(visit.path for visit in self.world.visited))

    @property
    def trace(self) -> list[Visit]:
        return self.world.visited

    @property
    def why(self) -> str:
        """All reasons of the trace, to look for one."""
        return "\n".join(visit.why for visit in self.world.visited)

    @property
    def newest(self) -> Send:
        return self.world.said[-1]

    # The transcript ---------------------------------------------------------------------------------------------------

    def _begin(self, what: str, *texts: str) -> None:
        self._all_heard()
        self.transcript += [f"{what}: {text}" for text in texts]

    def _all_heard(self) -> None:
        unheard = self.world.said[self.heard :]
        if unheard:
            self._fail(f"no line expects {[message.text for message in unheard]}")

    def _key(self) -> str:
        self.keys += 1
        return f"talk/{self.keys}"

    def _fail(self, what: str) -> NoReturn:
        place = self.world.conversation.place if self.world.conversation else "nowhere"
        raise AssertionError("\n".join([what, f"at {place}, after:", *(f"  {line}" for line in self.transcript)]))
