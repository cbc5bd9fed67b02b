"""What the language means: `advance` takes in one event and runs silent steps until the world is needed.

`advance(graph, conversation, event, now) -> Step` is pure and total: the same input gives the same step, it never
raises for a checked graph, and it always rests. Preview, scenarios, impact reports and production run this function.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from routing.configuration import (
    Automessage,
    Chatbot,
    Condition,
    Connector,
    CreateTicket,
    Decision,
    DecisionTree,
    Loop,
    Queue,
    Request,
    SaveData,
    SendMessage,
    Target,
    Terminate,
    TimeCondition,
)
from routing.conversation import (
    AwaitsAgent,
    AwaitsAnswer,
    AwaitsBot,
    AwaitsQueue,
    AwaitsRequest,
    AwaitsTicket,
    AwaitsTime,
    Conversation,
    Ended,
    Unopened,
)
from routing.graph import Graph, decision_of, path_of
from routing.hours import opening
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    BotAccepted,
    BotFailed,
    BotReplied,
    Command,
    CustomerMessage,
    Delivered,
    Enqueued,
    Event,
    Message,
    RequestAnswered,
    TicketCreated,
    TicketFailed,
    TimeCame,
    Transferred,
    Unsent,
    Visit,
    Wrote,
)
from routing.turns.bots import Bots
from routing.turns.decisions import Decisions
from routing.turns.people import People
from routing.turns.questions import Questions
from routing.turns.requests import Requests
from routing.waits import deadline

MOST_PLACES = 1_000
"""After so many places a conversation goes round in a circle, if meanwhile no person, bot or time had a say in it: it
is ended with the cause `system`. Requests and tickets do not count as a say: a circle can lead through them."""
MOST_ACTIONS = 5_000
"""So many actions in one turn are more than any conversation needs; loops inside loops can ask for more."""


class Step(Message):
    """One run of the core: the state afterwards, what it asks of the world, in order, and where it has been."""

    conversation: Conversation
    commands: tuple[Command, ...] = ()
    visited: tuple[Visit, ...] = ()


def advance(graph: Graph, conversation: Conversation, event: Event, now: datetime) -> Step:
    """Take in one event and run until the world is needed."""
    run = Interpreter(graph, conversation, now)
    run.take(event)
    return Step.model_validate({"conversation": run.conversation(), "commands": run.commands, "visited": run.trace})


class Interpreter(Decisions, Questions, Requests, Bots, People):
    """One turn of a conversation, from an event to the next rest."""

    def take(self, event: Event) -> None:
        """Come back to the place that waits, with what happened."""
        if not isinstance(event, _OWN | TimeCame):
            self.places = 0
        match event:
            case Wrote():
                self.hear(event.messages)
            case Unsent():
                self.unsent(event)
            case TimeCame():
                self.time_came()
            case Delivered():
                self.delivered(event)
            case RequestAnswered():
                self.request_answered(event)
            case TicketCreated() | TicketFailed():
                self.ticket_answered(event)
            case BotAccepted() | BotFailed():
                self.bot_answered(event)
            case BotReplied():
                self.bot_replied(event)
            case Enqueued():
                if isinstance(self.waiting, AwaitsQueue):
                    self.waiting = AwaitsAgent(since=self.waiting.since, answered=self.waiting.answered)
            case AgentAccepted():
                self.agent_accepted(event)
            case AgentWrote():
                self.agent_wrote(event)
            case AgentClosed():
                self.agent_closed(event)
            case Transferred():
                self.transferred(event)
            case _:
                assert_never(event)
        if isinstance(self.was.waiting, AwaitsBot):
            self.part_with_bot(self.was.waiting, event)

    def hear(self, messages: Sequence[CustomerMessage]) -> None:
        """The customer wrote: remember it, and let the place that waits have it."""
        messages = [self.remember(message) for message in messages]
        place = self.graph.find(self.place)
        match self.waiting:
            case AwaitsAnswer():
                self.hear_answers(messages, self.waiting)
            case AwaitsTime():
                self.unread += tuple(messages)
                if isinstance(place, Automessage) and place.on_reply == "next":
                    self.walk(path_of(place.next), "the customer wrote before the last message")
            case AwaitsBot():
                self.unread += tuple(messages)
                self.tell_bot()
            case Unopened():
                self.unread += tuple(messages)
                self.walk(self.place, "the customer wrote")
            case AwaitsRequest() | AwaitsTicket():
                self.unread += tuple(messages)
            case AwaitsQueue() | AwaitsAgent():
                pass
            case Ended():
                self.visit(self.place, "the customer wrote after the end")
            case _:
                assert_never(self.waiting)

    def unsent(self, event: Unsent) -> None:
        """Forget a message that its writer took back; what nobody has taken yet is no answer any more."""
        gone = {line.text for line in self.lines if line.name == event.message}
        heard = self.waiting.heard if isinstance(self.waiting, AwaitsAnswer) else ()
        gone |= {message.text for message in (*self.unread, *heard) if message.key == event.message}
        self.lines = tuple(
            line.model_copy(update={"text": ""}) if line.name == event.message else line for line in self.lines
        )
        self.unread = tuple(message for message in self.unread if message.key != event.message)
        if isinstance(self.waiting, AwaitsAnswer) and heard:
            kept = tuple(message for message in heard if message.key != event.message)
            settles_at = self.waiting.settles_at if kept else None
            self.waiting = self.waiting.model_copy(update={"heard": kept, "settles_at": settles_at})
        if self.text in gone:
            self.text, self.attachments = "", ()
        if self.answer.get("text") in gone:
            self.answer = {**self.answer, "text": ""}
        self.visit(self.place, "the customer took a message back")

    # Arriving ---------------------------------------------------------------------------------------------------------

    def walk(self, path: str | None, why: str) -> None:
        """Go to a place, and on from it as long as nothing has to be waited for."""
        self.why = why
        while path is not None:
            if "/actions/" in path:
                self.actions += 1
            else:
                self.places += 1
            if self.places > MOST_PLACES:
                self.visit(self.place, f"{MOST_PLACES} places without a rest: a circle")
                return self.end("system")
            if self.actions > MOST_ACTIONS:
                self.visit(self.place, f"{MOST_ACTIONS} actions in one turn")
                return self.end("system")
            path = self.enter(path)
        return None

    def enter(self, path: str) -> str | None:
        """Arrive at a place: the path to go on to, or None to rest."""
        place = self.graph.find(path)
        if place is None:
            self.visit(path, "this configuration has no such place")
            self.end("system")
            return None
        self.place = path
        self.visit(path, self.why)
        match place:
            # The most frequent ones first: each case that does not fit takes its time.
            case Target():
                return self.target(path, place)
            case SendMessage():
                self.send_message(path, place)
                return self.after(path)
            case Condition():
                held = self.holds(place)
                branch = place.then if held else place.otherwise
                return f"{path}/{'then' if held else 'otherwise'}/0" if branch else self.after(path)
            case SaveData():
                self.save(place)
                return self.after(path)
            case Decision():
                self.offers, self.walks, self.said = [], {}, False
                self.why = ""
                return f"{path}/actions/0" if place.actions else self.sequence_ended(path)
            case Connector():
                self.why = "the connector's next destination"
                return path_of(place.next)
            case Automessage():
                self.waiting = AwaitsTime(arrived_at=self.now, index=0)
                return self.timed_messages(place, self.waiting)
            case TimeCondition():
                found = opening(self.graph.configuration.time_groups, place.time_group, self.now)
                self.why = found.why
                return path_of(place.open if found.open else place.closed)
            case DecisionTree():
                self.why = "the first decision"
                return f"{path}/decisions/{place.start}"
            case Loop():
                return self.loop(path, place)
            case Request():
                self.request(path, place)
                return None
            case CreateTicket():
                self.create_ticket(path, place)
                return None
            case Chatbot():
                self.enter_chatbot(place)
                return None
            case Queue():
                if place.welcome is not None:
                    self.say(path, self.text_of(place.welcome.text, place.welcome.variants))
                self.enqueue(path, place)
                return None
            case Terminate():
                self.terminate(path, place)
                return None
            case _:
                assert_never(place)

    def after(self, path: str) -> str | None:
        """What follows an action; behind the last one the decision is at its end."""
        follows = self.graph.following(path)
        self.why = ""
        return self.sequence_ended(decision_of(path)) if follows is None else follows

    def terminate(self, path: str, terminate: Terminate) -> None:
        template = self.graph.configuration.templates.get(terminate.auto_response or "")
        if template is not None:
            self.say(path, self.text_of(template.text, template.variants))
        name = path.removeprefix("terminates/")
        self.end(terminate.cause, terminate=name, queue=terminate.queue, answered=terminate.answered)

    # Time -------------------------------------------------------------------------------------------------------------

    def timed_messages(self, automessage: Automessage, waiting: AwaitsTime) -> str | None:
        """Send whatever is due; after the last one go on."""
        due = sorted(automessage.messages, key=lambda message: message.time)
        index = waiting.index
        while index < len(due) and waiting.arrived_at + due[index].time <= self.now:
            message = due[index]
            if message.text is not None:
                self.say(self.place, self.text_of(message.text, message.variants))
            index += 1
        self.waiting = waiting.model_copy(update={"index": index})
        if index < len(due):
            return None
        self.why = "the last message's time has passed"
        return path_of(automessage.next)

    def time_came(self) -> None:
        """Do what the deadline asks for that has come; nothing when it was put off in the meantime."""
        found = deadline(self.graph, self.was)
        if found is None or found.at > self.now:
            return
        self.places = 0
        place = self.graph.find(self.place)
        match found.reason:
            case "automessage":
                if isinstance(place, Automessage) and isinstance(self.waiting, AwaitsTime):
                    self.visit(self.place, "the time of a message has come")
                    self.walk(self.timed_messages(place, self.waiting), "the last message's time has passed")
            case "quiet":
                if isinstance(self.waiting, AwaitsAnswer):
                    self.answer_heard(self.waiting.heard)
            case "no_answer":
                if isinstance(place, Decision) and place.no_answer is not None:
                    self.go(place.no_answer.to, "the customer gave no answer in time")
            case "idle":
                connector = self.graph.find(f"connectors/{self.was.connector}")
                if isinstance(connector, Connector) and connector.idle is not None:
                    self.walk(path_of(connector.idle.to), "the customer has been silent for the connector's idle time")
            case "max_wait":
                if isinstance(place, Queue) and place.overflow is not None:
                    self.walk(path_of(place.overflow), "nobody was free within the queue's maximum wait")
            case _:
                assert_never(found.reason)


_OWN = Delivered | RequestAnswered | TicketCreated | TicketFailed | BotAccepted | BotFailed | Enqueued
"""What came of the core's own commands: nobody else had a say."""
