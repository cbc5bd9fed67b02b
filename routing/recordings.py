"""What really happened to a conversation: its events, the way it took, and what its customer was told (SPEC 9.3)."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import Field

from routing.conversation import (
    Conversation,
    Customer,
    Ended,
    opened,
)
from routing.messages import (
    Event,
    Message,
    Send,
    SendRequest,
    Visit,
)
from routing.templates import with_secrets


class Asked(Message):
    """What a request asked: what answers it is known by. Secrets stand in it by their names, as `secrets.<name>`."""

    path: str = Field(description="The place that asked.")
    at: datetime = Field(description="When it was asked.")
    method: str = "GET"
    url: str
    body: Any = None


class Happened(Message):
    """One event that the conversation took in, at the time at which it did, with what an answer was the answer to.

    `number` is that of the first place which the step visited, as in the trace, or would have had if it visited none.
    """

    at: datetime
    number: int
    event: Event
    asked: Asked | None = None


class Told(Message):
    """A message that the customer was sent, or a part of one: parts share what stands before the last dot of `key`.

    `left` is when Instagram was given it, `links` are the texts and addresses of its buttons.
    """

    key: str
    path: str
    text: str = ""
    titles: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    left: datetime | None = None


class Recording(Message):
    """A conversation as it really was.

    `happened` are the events from outside in the order in which they were taken; times that came are left out, because
    another graph has its own. Of `trace` the values that changed are not needed, but for `answer`. `said` is what the
    graph and chatbots told the customer, None where that is no longer known. Until `until` nothing else happened.
    """

    name: str
    connector: str
    account: str = ""
    customer: Customer
    title: str = ""
    hash: str = ""
    callback: str = ""
    revision: int = 0
    opened_at: datetime
    contact: dict[str, Any] = {}
    language: str | None = None
    happened: tuple[Happened, ...]
    trace: tuple[Visit, ...]
    said: tuple[Told, ...] | None = None
    ended: Ended | None = None
    until: datetime

    def begun(self) -> Conversation:
        """The conversation before its first event."""
        return opened(
            name=self.name,
            connector=self.connector,
            account=self.account,
            customer=self.customer,
            at=self.opened_at,
            contact=self.contact,
            language=self.language,
            title=self.title,
            hash=self.hash,
            callback=self.callback,
            revision=self.revision,
        )


def asked(command: SendRequest, at: datetime) -> Asked:
    """What a request asks, as it is recorded and compared: without headers, and with secrets by their names."""
    names = {name: f"secrets.{name}" for name in command.secrets}

    def shown(found: Any) -> Any:
        match found:
            case str():
                return with_secrets(found, names)
            case dict():
                return {key: shown(item) for key, item in found.items()}  # pyright: ignore[reportUnknownVariableType]  JSON
            case list() | tuple():
                return [shown(item) for item in found]  # pyright: ignore[reportUnknownVariableType]  JSON
            case _:
                return found

    return Asked(path=command.path, at=at, method=command.method, url=shown(command.url), body=shown(command.body))


def same_question(one: Asked, other: Asked) -> bool:
    """Whether two requests ask the same, so that what answered one answers the other, wherever in the graph it is."""
    return one.method == other.method and one.url == other.url and one.body == other.body


def told(send: Send, left: datetime | None = None) -> Told:
    """A message as it is recorded; a numbered list stands in its text."""
    return Told(
        key=send.key,
        path=send.path,
        text=send.text,
        titles=() if send.listed else tuple(reply.title for reply in send.quick_replies),
        links=tuple(f"{button.text} {button.url or ''}".strip() for button in send.buttons),
        images=(*((send.image,) if send.image else ()), *send.images),
        left=left,
    )


def whole(said: Sequence[Told]) -> list[Told]:
    """The messages with the parts of each put together again."""
    found: dict[str, Told] = {}
    for part in said:
        key = part.key.partition(".")[0]
        begun = found.get(key)
        found[key] = part if begun is None else _joined(begun, part)
    return list(found.values())


def words(one: Told) -> tuple[object, ...]:
    """What the customer read; white space does not count, since long texts are sent in parts."""
    return "".join(one.text.split()), one.titles, one.links, one.images


def _joined(begun: Told, part: Told) -> Told:
    return begun.model_copy(
        update={
            "text": f"{begun.text}\n{part.text}".strip(),
            "titles": (*begun.titles, *part.titles),
            "links": (*begun.links, *part.links),
            "images": (*begun.images, *part.images),
        }
    )


# Where a conversation has been ----------------------------------------------------------------------------------------


class Stop(NamedTuple):
    """A destination or decision at which a conversation arrived, and the index of that visit in the trace."""

    path: str
    at_index: int


def stop_of(path: str) -> str:
    """The destination or decision that a path lies in."""
    return path.partition("/actions/")[0]


def stops(trace: Sequence[Visit]) -> list[Stop]:
    """The destinations and decisions that a conversation went through; what happens while it stays there is no stop."""
    found: list[Stop] = []
    newest, inside = "", "/actions/"
    for index, visit in enumerate(trace):
        path = visit.path
        if path != newest and not path.startswith(inside):
            newest = stop_of(path)
            inside = f"{newest}/actions/"
            if not found or found[-1].path != newest:
                found.append(Stop(newest, index))
    return found


class Past:
    """The recorded way of a conversation: where it stood when, and what its customer chose."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.stops = stops(recording.trace)
        self.paths = {stop.path for stop in self.stops}
        self._indexes = [stop.at_index for stop in self.stops]

    def stop_before(self, number: int) -> str:
        """Where the conversation stood before the visit of this number."""
        found = bisect_left(self._indexes, number - 1)
        return self.stops[found - 1].path if found else f"connectors/{self.recording.connector}"

    def was_at(self, path: str, at: datetime) -> bool:
        """Whether the conversation stood at a place at this time, so that it is known who acted there."""
        trace, until = self.recording.trace, self.recording.until
        ends = [*(trace[stop.at_index].at for stop in self.stops[1:]), until]
        return any(
            stop.path == path and trace[stop.at_index].at <= at <= end
            for stop, end in zip(self.stops, ends, strict=True)
        )

    def chosen(self, number: int) -> str | None:
        """The target that the customer's words or tap chose in the step of this number."""
        later = (one.number for one in self.recording.happened if one.number > number)
        end = next(later, len(self.recording.trace) + 1)
        visits = self.recording.trace[number - 1 : end - 1]
        return next((visit.path for visit in visits if "answer" in visit.changed), None)
