"""A rehearsal that is recorded, as the store records real conversations."""

from datetime import datetime, timedelta
from typing import Any

from routing.messages import Delivered, Enqueued, Event, RequestAnswered, Send, SendRequest, TimeCame
from routing.recordings import Asked, Happened, Recording, asked, told
from routing.rehearsal import Rehearsal


class Recorder(Rehearsal):
    """A rehearsal that knows when each event was taken."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.begun_with = dict(self.contact)
        self.times: list[datetime] = []

    def feed(self, *events: Event) -> None:
        before = len(self.events)
        super().feed(*events)
        self.times += [self.now] * (len(self.events) - before)

    def recording(self, until: timedelta = timedelta(0)) -> Recording:
        """The conversation so far; nothing else happens for the time `until` after now."""
        assert self.conversation is not None
        assert len({step.conversation.name for step in self.steps}) == 1, "several conversations are several recordings"
        question: Asked | None = None
        happened: list[Happened] = []
        said: list[tuple[Send, datetime]] = []
        for event, step, at in zip(self.events, self.steps, self.times, strict=True):
            number = step.conversation.visits - len(step.visited) + 1
            if not isinstance(event, TimeCame | Delivered | Enqueued):
                about = question if isinstance(event, RequestAnswered) else None
                happened.append(Happened(at=at, number=number, event=event, asked=about))
            for command in step.commands:
                match command:
                    case SendRequest():
                        question = asked(command, at)
                    case Send() if command.author != "agent":
                        said.append((command, at))
                    case _:
                        pass
        state = self.conversation
        return Recording(
            name=state.name,
            connector=state.connector,
            account=state.account,
            customer=state.customer,
            title=state.title,
            hash=state.hash,
            callback=state.callback,
            revision=1,
            opened_at=state.opened_at,
            contact=self.begun_with,
            happened=tuple(happened),
            trace=tuple(self.visited),
            said=tuple(told(send, at) for send, at in said),
            ended=state.waiting if state.waiting.type == "ended" else None,
            until=self.now + until,
        )
