"""A recorded conversation run again on another graph, at the times at which everything happened (SPEC 9.3)."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, assert_never

from pydantic import Field

from routing.answers import same_title
from routing.conversation import AwaitsAgent, AwaitsAnswer, AwaitsBot, AwaitsQueue, Ended
from routing.graph import Graph
from routing.interpreter import advance
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    AskBot,
    BotAccepted,
    BotFailed,
    BotReplied,
    Command,
    CustomerMessage,
    Delivered,
    Enqueue,
    Enqueued,
    Event,
    MakeTicket,
    Message,
    RequestAnswered,
    Send,
    SendRequest,
    TicketCreated,
    TicketFailed,
    TimeCame,
    Transferred,
    Unsent,
    Visit,
    Wrote,
)
from routing.recordings import Asked, Happened, Past, Recording, asked, same_question, stop_of
from routing.waits import deadline

MOST_TIMES = 1_000
"""So many times that come while nobody does anything are no conversation any more: the replay stops there, unless
the recording is as long itself."""


Need = Literal["request", "chatbot", "people", "tap", "rest"]


class Unknown(Message):
    """Where a replay cannot go on, because what would happen there was never recorded."""

    path: str = Field(description="The place that would need it.")
    at: datetime
    needs: Need = Field(
        description="The answer of a request, what a chatbot or people would have done, or which button a customer "
        "would have tapped who was shown others; `rest`: it goes round without anybody."
    )
    why: str = Field(description="The same in words.")


class Replay:
    """A recording run on a graph: the customer's words and taps, and what people and chatbots did at the same places.

    A request is answered as it was recorded where it asks the same, a ticket gets its old number. Where something would
    be needed that was not recorded, the replay stops and `unknown` says so. It also stops where the conversation ends:
    `left` are the customer's messages after that, which would have opened another one.
    """

    def __init__(self, graph: Graph, recording: Recording, past: Past | None = None) -> None:
        self.graph = graph
        self.recording = recording
        self.past = past or Past(recording)
        self.conversation = recording.begun()
        self.now = recording.opened_at
        self.visited: list[Visit] = []
        self.said: list[Send] = []
        self.unknown: Unknown | None = None
        self.left = 0
        self._times = 0
        self._answer: tuple[datetime, RequestAnswered] | None = None
        self._left_at = {one.key.partition(".")[0]: one.left for one in recording.said or () if one.left is not None}
        self._answers = [one for one in recording.happened if isinstance(one.event, RequestAnswered)]
        self._tickets: list[TicketCreated | TicketFailed] = [
            one.event for one in recording.happened if isinstance(one.event, TicketCreated | TicketFailed)
        ]

    def run(self, number: int | None = None) -> "Replay":
        """Run to the end, or until the visit of this number was made."""
        for happened in self.recording.happened:
            if self._over(number):
                return self
            self._pass_to(happened.at, number)
            if self._over(number):
                break
            self.now = max(self.now, happened.at)
            self._times = 0
            self._take(happened)
        self._pass_to(self.recording.until, number)
        return self

    # Time -------------------------------------------------------------------------------------------------------------

    def _over(self, number: int | None) -> bool:
        if isinstance(self.conversation.waiting, Ended):
            self._count_what_is_left()
            return True
        return self.unknown is not None or (number is not None and len(self.visited) >= number)

    def _count_what_is_left(self) -> None:
        assert isinstance(self.conversation.waiting, Ended)
        after = self.conversation.waiting.at
        events = (one.event for one in self.recording.happened if one.at > after)
        self.left = sum(len(event.messages) for event in events if isinstance(event, Wrote))

    def _pass_to(self, at: datetime, number: int | None) -> None:
        """Let time pass, with the answers of requests and all that comes due in between."""
        while not self._over(number):
            due = deadline(self.graph, self.conversation)
            if self._answer is not None and self._answer[0] <= at and (due is None or self._answer[0] <= due.at):
                (self.now, event), self._answer = self._answer, None
                self._feed(event)
                continue
            if due is None or due.at > at:
                return
            if isinstance(self.conversation.waiting, AwaitsBot | AwaitsAgent) and not self.past.was_at(
                self.conversation.place, due.at
            ):
                self._not_known("people" if isinstance(self.conversation.waiting, AwaitsAgent) else "chatbot", due.at)
                return
            self._times += 1
            if self._times > max(MOST_TIMES, len(self.recording.trace)):
                self._not_known("rest", self.now)
                return
            self.now = max(self.now, due.at)
            self._feed(TimeCame())

    # What happened ----------------------------------------------------------------------------------------------------

    def _take(self, happened: Happened) -> None:
        match happened.event:
            case Wrote():
                self._hear(happened.event, happened.number)
            case Unsent():
                self._feed(happened.event)
            case BotFailed() | BotReplied() | AgentAccepted() | AgentWrote() | AgentClosed() | Transferred():
                # People and chatbots act on what they see at a place: elsewhere they would have done something else.
                if stop_of(self.conversation.place) == self.past.stop_before(happened.number):
                    self._feed(happened.event)
            case TimeCame() | Delivered() | RequestAnswered() | TicketCreated() | TicketFailed() | BotAccepted():
                pass  # they come of what this graph asks for
            case Enqueued():
                pass
            case _:
                assert_never(happened.event)

    def _hear(self, event: Wrote, number: int) -> None:
        if any(self._is_ours(message.payload) for message in event.messages):
            messages = [
                self._as_shown(message, number) if self._is_ours(message.payload) else message
                for message in event.messages
            ]
            event = Wrote(messages=tuple(message for message in messages if message is not None))
        if self.unknown is None:
            self._feed(event)

    def _is_ours(self, payload: str | None) -> bool:
        """Whether a tap was on something that this conversation showed; ice breakers have payloads of their own."""
        return payload is not None and payload.startswith(f"{self.recording.name[-6:]}/")

    def _as_shown(self, message: CustomerMessage, number: int) -> CustomerMessage | None:
        """A tap as it would be on what this graph shows: a button is known by its title, or by its target."""
        shown = list(self._choices())
        for title, payload, _ in shown:
            if payload == message.payload and title == message.text:
                return message
        for title, payload, _ in shown:
            if same_title(title, message.text):
                return message.model_copy(update={"payload": payload})
        chosen = self.past.chosen(number)
        if chosen is None:
            return message.model_copy(update={"payload": None})  # it was no answer then either
        same = [(title, payload) for title, payload, target in shown if target == chosen]
        if len(same) == 1:
            return message.model_copy(update={"text": same[0][0], "payload": same[0][1]})
        self._not_known("tap", self.now, f"the customer tapped “{message.text}”, which is not offered here")
        return None

    def _choices(self) -> Iterator[tuple[str, str, str | None]]:
        """Title, payload and target of what the customer can tap now."""
        match self.conversation.waiting:
            case AwaitsAnswer():
                for offer in self.conversation.offers:
                    if offer.title:
                        yield offer.title, offer.payload, offer.target
            case AwaitsBot() as waiting:
                for payload, click in waiting.clicks.items():
                    yield click.title, payload, None
            case _:
                return

    # Steps of the core ------------------------------------------------------------------------------------------------

    def _feed(self, event: Event) -> None:
        waiting = deque([event])
        while waiting and self.unknown is None:
            step = advance(self.graph, self.conversation, waiting.popleft(), self.now)
            self.conversation = step.conversation
            self.visited += step.visited
            if step.commands:
                waiting.extendleft(reversed(self._carry_out(step.commands)))
        state = self.conversation
        if isinstance(state.waiting, AwaitsBot | AwaitsQueue | AwaitsAgent) and state.place not in self.past.paths:
            self._not_known("chatbot" if isinstance(state.waiting, AwaitsBot) else "people", self.now)

    def _carry_out(self, commands: Sequence[Command]) -> list[Event]:
        events: list[Event] = []
        sends = [command for command in commands if isinstance(command, Send)]
        if sends:
            self.said += sends
            events.append(Delivered(at=self._left_at.get(sends[-1].key) or self.now))
        for command in commands:
            match command:
                case SendRequest():
                    self._ask(command)
                case MakeTicket():
                    events.append(self._tickets.pop(0) if self._tickets else TicketCreated(number="new"))
                case AskBot(farewell=False):
                    events.append(BotAccepted())
                case Enqueue():
                    events.append(Enqueued())
                case _:
                    pass
        return events

    def _ask(self, command: SendRequest) -> None:
        """Answer a request as it was answered then, after the same time; else nobody knows how it would have been."""
        asks = asked(command, self.now)
        found = next((one for one in self._answers if self._answers_to(one, asks)), None)
        if found is None:
            why = f"no answer to {asks.method} {asks.url} was recorded for this conversation"
            self._not_known("request", self.now, why)
            return
        assert isinstance(found.event, RequestAnswered)
        self._answers.remove(found)
        took = found.at - found.asked.at if found.asked is not None else timedelta(0)
        self._answer = (self.now + max(took, timedelta(0)), found.event)

    def _answers_to(self, recorded: Happened, asks: Asked) -> bool:
        """Whether an answer was one to the same question, wherever in the graph that is asked now."""
        was = recorded.asked
        if was is None:  # it is known only where it was asked
            return self.recording.trace[recorded.number - 1].path == asks.path
        return same_question(was, asks)

    def _not_known(self, needs: Need, at: datetime, why: str = "") -> None:
        if self.unknown is None:
            self.unknown = Unknown(path=self.conversation.place, at=at, needs=needs, why=why or _NEEDS[needs])


_NEEDS: dict[str, str] = {
    "chatbot": "the conversation was not with this chatbot then, or not at this time: what it would say is not known",
    "people": "the conversation did not wait for these people then, or not so long: what they would do is not known",
    "rest": f"it goes round here, and more than {MOST_TIMES} times came without anybody",
}
