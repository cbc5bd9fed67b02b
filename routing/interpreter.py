"""What the language means: `advance` takes in one event and runs silent steps until the world is needed.

`advance(graph, conversation, event, now) -> Step` is pure and total: the same input gives the same step, it never
raises for a checked graph, and it always rests. Preview, scenarios, impact reports and production run this function.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never, cast

from routing import chatbots, replies
from routing.answers import needs_list
from routing.conditions import compare
from routing.configuration import (
    Answer,
    Automessage,
    ButtonAnswer,
    Chatbot,
    Condition,
    Connector,
    CreateTicket,
    Decision,
    DecisionTree,
    GeneratedButtonsAnswer,
    Goal,
    Loop,
    PatternAnswer,
    Predicate,
    Queue,
    Request,
    SaveData,
    SendMessage,
    SimilarAnswer,
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
    Click,
    Conversation,
    Ended,
    Offer,
    Unopened,
    Waiting,
    Walk,
)
from routing.graph import Graph, decision_of, path_of, tree_of
from routing.hours import opening
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    AskBot,
    BotAccepted,
    BotFailed,
    BotReplied,
    Button,
    Command,
    CustomerMessage,
    Delivered,
    End,
    Enqueue,
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
    Transferred,
    Unsent,
    Visit,
    Wrote,
)
from routing.templates import inspect
from routing.turn import Turn
from routing.waits import deadline

MOST_PLACES = 1_000
"""After so many places a conversation goes round in a circle, if meanwhile no person, bot or time had a say in it: it
is ended with the cause `system`. Requests and tickets do not count as a say: a circle can lead through them."""
MOST_ACTIONS = 5_000
"""So many actions in one turn are more than any conversation needs; loops inside loops can ask for more."""
MOST_BUTTONS = 100
"""So many elements of an array become buttons or lines of a numbered list; nobody reads further."""
AGENTS = "agents/"
"""Begins the path of a person."""
LEAST_URGENT = 10
"""The priority of what waits for a person outside every queue."""


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


class Interpreter(Turn):
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

    def go(self, to: Goal, why: str) -> None:
        """Leave a decision for a goal of its own tree or anywhere else."""
        self.walk(path_of(to, tree_of(self.place)), why)

    # Automessages -----------------------------------------------------------------------------------------------------

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

    # Decisions --------------------------------------------------------------------------------------------------------

    def send_message(self, path: str, message: SendMessage) -> None:
        buttons = [
            Button(text=self.text_of(button.text, button.variants), url=self.url(button.url))
            for button in message.buttons
        ]
        image = None if message.image is None else self.url(message.image)
        self.say(path, self.text_of(message.text, message.variants), buttons=buttons, image=image)
        self.said = True

    def save(self, action: SaveData) -> None:
        kept = self.value(action.value)
        if action.scope == "contact":
            self.contact = {**self.contact, action.field: kept}
            self.commands.append(SaveContact(field=action.field, value=kept))
            self.changed(f"contact.{action.field}", kept)
            return
        self.data = {**self.data, action.field: kept}
        self.changed(f"data.{action.field}", kept)
        if action.field == "language" and isinstance(kept, str):
            self.language, self.language_fixed = kept, True

    def holds(self, condition: Condition) -> bool:
        """Whether the predicates hold; the trace says why, up to the one that decided."""
        predicates = condition.all if condition.all is not None else condition.any or ()
        enough = condition.all is None
        whys: list[str] = []
        for predicate in predicates:
            held, why = self.compare(predicate)
            whys.append(why)
            if held is enough:
                self.note("; ".join(whys))
                return enough
        self.note("; ".join(whys))
        return not enough

    def compare(self, predicate: Predicate) -> tuple[bool, str]:
        left = self.evaluate(predicate.left) if predicate.left else None
        right = self.value(predicate.right)
        verdict = compare(predicate.operator, left, right, self.language or self.default_language)
        return verdict.holds, f"{predicate.left} {verdict.why}".strip()

    def loop(self, path: str, loop: Loop) -> str | None:
        """Begin a loop, or come back to it: its next element, or what follows it."""
        walk = self.walks.get(path)
        if walk is None:
            walk = Walk(items=self.array(loop.items)[: loop.at_most], index=-1)
        index = walk.index + 1
        if index < len(walk.items) and loop.actions:
            self.walks = {**self.walks, path: Walk(items=walk.items, index=index)}
            self.objects = {**self.objects, loop.as_: walk.items[index]}
            self.note(f"element {index + 1} of {len(walk.items)}")
            return f"{path}/actions/0"
        self.walks = {at: other for at, other in self.walks.items() if at != path}
        return self.after(path)

    def target(self, path: str, target: Target) -> str | None:
        if target.execution == "immediately" or target.answer is None:
            self.why = "immediately"
            return path_of(target.to, tree_of(path))
        self.offers += self.offered(path, target.answer)
        return self.after(path)

    def offered(self, path: str, answer: Answer) -> list[Offer]:
        """The offers that a target makes: one, or one for each element of an array."""
        scope = self.elements(path)
        match answer:
            case PatternAnswer() | SimilarAnswer():
                return [Offer(target=path, scope=scope)]
            case ButtonAnswer():
                return [Offer(target=path, title=self.text_of(answer.text, answer.variants), scope=scope)]
            case GeneratedButtonsAnswer():
                items = self.array(answer.items)[:MOST_BUTTONS]
                return [
                    Offer(
                        target=path,
                        title=self.render(answer.title, item=item) or str(number + 1),
                        item=item,
                        value=self.render(answer.value, item=item),
                        scope=scope,
                    )
                    for number, item in enumerate(items)
                ]
            case _:
                assert_never(answer)

    def elements(self, path: str) -> dict[str, Any]:
        """The elements that the loops around an action stand at."""
        found: dict[str, Any] = {}
        for at, walk in self.walks.items():
            loop = self.graph.find(at)
            if isinstance(loop, Loop) and path.startswith(f"{at}/"):
                found[loop.as_] = walk.items[walk.index]
        return found

    def sequence_ended(self, path: str) -> str | None:
        """The actions of a decision are through: wait for one of the answers that were offered."""
        decision = self.graph.find(path)
        assert isinstance(decision, Decision)
        self.place = path
        if not self.offers:
            self.visit(path, "no answer was offered and no target taken")
            if decision.no_match is not None and decision.no_match.to is not None:
                self.why = "there is no answer to wait for"
                return path_of(decision.no_match.to, tree_of(path))
            if decision.no_answer is None:
                self.end("system")
                return None
        self.questions += 1
        asked = self.ask(path, decision)
        out = not any(isinstance(command, Send) for command in self.commands)
        self.waiting = AwaitsAnswer(asked_at=self.now, question=self.questions, out=out)
        unread, self.unread = self.unread, ()
        if unread and not asked:
            # The decision asked nothing, so what the customer had already written is what it decides on.
            self.answer_heard(unread)
        return None

    def ask(self, path: str, decision: Decision) -> bool:
        """Put the quick replies under the question; whether the customer was asked anything."""
        stem = f"{self.was.name[-6:]}/{self.questions}"
        self.offers = [
            Offer(
                target=offer.target,
                title=offer.title,
                payload=f"{stem}/{number}",
                item=offer.item,
                value=offer.value,
                scope=offer.scope,
            )
            if offer.title
            else offer
            for number, offer in enumerate(self.offers)
        ]
        if not any(offer.title for offer in self.offers):
            return self.said
        if not self.put_choices(path, replies.choices(self.offers)):
            self.say(path, decision.title, choices=replies.choices(self.offers))
        self.said = True
        return True

    # Answers ----------------------------------------------------------------------------------------------------------

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

    def hear_answers(self, messages: Sequence[CustomerMessage], waiting: AwaitsAnswer) -> None:
        """What is newer than the question may answer it; a tap on one of its buttons always does."""
        payloads = {offer.payload for offer in self.offers if offer.payload}
        fresh = [message for message in messages if message.at >= waiting.asked_at or message.payload in payloads]
        if len(fresh) < len(messages):
            self.visit(self.place, "written before the question went out, so no answer to it")
        if not fresh:
            return
        heard = (*waiting.heard, *fresh)
        if quiet := self.burst.quiet:
            self.waiting = waiting.model_copy(update={"heard": heard, "settles_at": self.now + quiet})
        else:
            self.answer_heard(heard)

    def answer_heard(self, heard: tuple[CustomerMessage, ...]) -> None:
        """Make an answer of what was heard, as the connector's burst setting says (SPEC 2.6)."""
        assert isinstance(self.waiting, AwaitsAnswer)
        if self.waiting.heard or self.waiting.settles_at is not None:
            self.waiting = self.waiting.model_copy(update={"heard": (), "settles_at": None})
        question = self.waiting.question
        match self.burst.answer:
            case "join":
                self.answer_with(heard)
            case "last":
                self.answer_with(heard[-1:])
            case "each":
                for number, message in enumerate(heard, start=1):
                    # A place that asks nothing, or a bot, takes the rest; the next question went out after it.
                    self.unread = heard[number:]
                    self.answer_with((message,))
                    if not self.asks(question):
                        break
            case _:
                assert_never(self.burst.answer)

    def asks(self, question: int) -> bool:
        return isinstance(self.waiting, AwaitsAnswer) and self.waiting.question == question

    def answer_with(self, messages: Sequence[CustomerMessage]) -> None:
        """Find the offer that the customer's words or tap choose, and take its target."""
        self.text = "\n".join(message.text for message in messages if message.text)
        self.attachments = tuple(item for message in messages for item in message.attachments)
        payloads = [message.payload for message in messages if message.payload]
        found = replies.chosen(self.graph, self.offers, self.text, payloads, self.language)
        if found is None:
            self.miss()
            return
        target = self.graph.find(found.offer.target)
        assert isinstance(target, Target)
        self.answer = {"text": self.text, "payload": found.offer.value or found.offer.title, **found.groups}
        if isinstance(target.answer, GeneratedButtonsAnswer):
            self.answer["item"] = found.offer.item
        self.objects = {**self.objects, **found.offer.scope}
        self.visit(found.offer.target, found.why)
        self.changed("answer", self.answer)
        self.walk(path_of(target.to, tree_of(found.offer.target)), "the customer chose it")

    def miss(self) -> None:
        """Nothing matches: say so, or leave after the last attempt."""
        decision = self.graph.find(self.place)
        assert isinstance(decision, Decision)
        assert isinstance(self.waiting, AwaitsAnswer)
        misses = self.waiting.misses + 1
        self.waiting = self.waiting.model_copy(update={"misses": misses})
        self.visit(self.place, f"no answer matches (miss {misses})")
        no_match = decision.no_match
        if no_match is None:
            return
        if no_match.to is not None and misses >= no_match.attempts:
            self.go(no_match.to, f"miss {misses} of {no_match.attempts}")
        elif no_match.text is not None:
            choices = replies.choices(self.offers)
            self.say(self.place, self.text_of(no_match.text, no_match.variants), choices=choices)

    # Requests and tickets ---------------------------------------------------------------------------------------------

    def request(self, path: str, request: Request) -> None:
        self.waiting = AwaitsRequest()
        with self.secrets():
            self.commands.append(
                SendRequest(
                    key=self.visit_key(),
                    path=path,
                    url=self.url(request.url),
                    method=request.method,
                    headers={name: self.render(text) for name, text in request.headers.items()},
                    body=self.value(request.body),
                    timeout=request.timeout,
                    secrets=_secrets_named(request),
                )
            )

    def request_answered(self, event: RequestAnswered) -> None:
        request = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsRequest) or not isinstance(request, Request):
            self.visit(self.place, "the answer of a request came after the conversation had moved on")
            return
        got = {"ok": event.ok, "status": event.status, "body": event.body, "error": event.error}
        self.objects = {**self.objects, request.into: got}
        self.visit(self.place, f"answered {event.status}" if event.status is not None else f"failed: {event.error}")
        self.changed(request.into, got)
        self.walk(self.after(self.place), "")

    def create_ticket(self, path: str, action: CreateTicket) -> None:
        self.waiting = AwaitsTicket()
        self.commands.append(
            MakeTicket(
                key=self.visit_key(),
                path=path,
                title=self.render(action.title),
                category=action.category,
                comment=self.render(action.comment),
                priority=action.priority,
            )
        )

    def ticket_answered(self, event: TicketCreated | TicketFailed) -> None:
        if not isinstance(self.waiting, AwaitsTicket):
            self.visit(self.place, "a ticket's number came after the conversation had moved on")
            return
        if isinstance(event, TicketCreated):
            self.ticket = {"number": event.number}
            self.visit(self.place, f"ticket {event.number}")
            self.changed("ticket.number", event.number)
        else:
            self.ticket = {}
            self.visit(self.place, f"no ticket: {event.error}")
        self.walk(self.after(self.place), "")

    # Chatbots ---------------------------------------------------------------------------------------------------------

    def enter_chatbot(self, chatbot: Chatbot) -> None:
        """Hand the conversation to the bot, with what the customer wrote and nobody has taken."""
        was = self.was.waiting
        asked = isinstance(was, AwaitsBot) and was.asked and self.was.place == self.place
        self.waiting = AwaitsBot(since=self.now, asked=asked)
        if not chatbot.send_start_message:
            self.tell_bot()
            return
        unread, self.unread = self.unread, ()
        text = "\n".join(message.text for message in unread if message.text)
        attachments = tuple(item for message in unread for item in message.attachments)
        fields = self.graph.configuration.custom_fields
        self.ask_bot(
            chatbot,
            chatbots.body(
                chatbot, self.was, fields, self.contact, key=None, at=None, text=text, attachments=attachments
            ),
        )

    def tell_bot(self) -> None:
        """Forward the oldest unread message, one at a time, so that the bot gets them in order."""
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or self.waiting.asking or not self.unread:
            return
        assert isinstance(chatbot, Chatbot)
        message, self.unread = self.unread[0], self.unread[1:]
        self.text, self.attachments = message.text, message.attachments
        fields = self.graph.configuration.custom_fields
        self.ask_bot(
            chatbot,
            chatbots.body(
                chatbot,
                self.was,
                fields,
                self.contact,
                key=message.key,
                at=message.at,
                text=message.text,
                attachments=message.attachments,
                click=replies.clicked(self.waiting, message),
            ),
        )

    def ask_bot(self, chatbot: Chatbot, body: dict[str, Any]) -> None:
        assert isinstance(self.waiting, AwaitsBot)
        self.waiting = self.waiting.model_copy(update={"asking": True, "asked": True})
        self.questions += 1
        self.commands.append(
            AskBot(
                key=f"{self.was.name}/bot/{self.questions}",
                path=self.place,
                url=chatbot.url,
                body=body,
                timeout=chatbot.timeout,
                secret=chatbot.secret,
            )
        )

    def part_with_bot(self, was: AwaitsBot, event: Event) -> None:
        """Tell a chatbot that it has lost the conversation: once, whatever took it, and only if it knew of it."""
        left = self.was.place
        chatbot = self.graph.find(left)
        if not was.asked or not isinstance(chatbot, Chatbot):
            return
        if isinstance(self.waiting, AwaitsBot) and self.place == left:
            return
        # The number of the visit, not of the question: keys of later questions stay what they were.
        key = f"{self.was.name}/bot/terminate/{self.visits}"
        configuration = self.graph.configuration
        reason = chatbots.why_it_left(event, configuration.queues)
        fields = configuration.custom_fields
        # Before the rest: the next bot may take its time, and nothing comes after an end.
        self.commands.insert(
            0,
            AskBot(
                key=key,
                path=left,
                url=chatbot.url,
                body=chatbots.body(chatbot, self.was, fields, self.contact, key=key, at=self.now, terminate=reason),
                timeout=chatbot.timeout,
                secret=chatbot.secret,
                farewell=True,
            ),
        )

    def bot_answered(self, event: BotAccepted | BotFailed) -> None:
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or not isinstance(chatbot, Chatbot):
            return
        if isinstance(event, BotFailed):
            self.walk(path_of(chatbot.fallback), f"the chatbot failed: {event.error}")
            return
        self.waiting = self.waiting.model_copy(update={"asking": False})
        self.tell_bot()

    def bot_replied(self, event: BotReplied) -> None:
        """A callback: what the bot says, then perhaps a queue that takes over."""
        if event.conversation not in (None, self.was.name):
            self.visit(self.place, "the chatbot replied to an earlier conversation")
            return
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or not isinstance(chatbot, Chatbot):
            self.visit(self.place, "the chatbot replied after the conversation had moved on")
            return
        self.visit(self.place, "the chatbot replied")
        if event.text or event.buttons or event.quickreplies:
            self.questions += 1
            stem = f"{self.was.name[-6:]}/{self.questions}"
            quick = {
                f"{stem}/q{number}": Click(kind="quickreply", name=reply.name, title=reply.text)
                for number, reply in enumerate(event.quickreplies)
            }
            named = {
                f"{stem}/b{number}": Click(kind="button", name=button.name, title=button.text)
                for number, button in enumerate(event.buttons)
                if button.name is not None and button.url is None
            }
            buttons = [
                Button(text=button.text, url=button.url)
                if button.url is not None
                else Button(text=button.text, payload=f"{stem}/b{number}")
                for number, button in enumerate(event.buttons)
                if button.url is not None or button.name is not None
            ]
            choices = [(click.title, payload) for payload, click in quick.items()]
            text = self.clean(event.text) or (chatbot.title if choices or buttons else "")
            self.say(self.place, text, buttons=buttons, choices=choices, author="bot")
            clicks = {**{at: one for at, one in self.waiting.clicks.items() if one.kind == "button"}, **named, **quick}
            newest = dict(list(clicks.items())[-replies.CLICKS_KEPT :])
            self.waiting = self.waiting.model_copy(
                update={"clicks": newest, "listed": needs_list([title for title, _ in choices])}
            )
        if event.transfer is None:
            return
        if event.transfer in self.graph.configuration.queues:
            self.walk(f"queues/{event.transfer}", "the chatbot handed over")
        else:
            self.walk(
                path_of(chatbot.fallback), f"the chatbot handed over to a queue {event.transfer} that is not there"
            )

    # People -----------------------------------------------------------------------------------------------------------

    def enqueue(self, path: str, queue: Queue, wanted: str | None = None) -> None:
        self.waiting = AwaitsQueue(since=self.now)
        self.unread = ()
        self.commands.append(
            Enqueue(
                key=self.visit_key(),
                path=path,
                queue=path.removeprefix("queues/"),
                priority=queue.priority,
                at=self.now,
                wanted=wanted,
            )
        )

    def agent_accepted(self, event: AgentAccepted) -> None:
        if is_late(event, self.waiting):
            self.visit(self.place, f"{event.agent} accepted what had left its queue")
        elif isinstance(self.waiting, AwaitsQueue | AwaitsAgent):
            self.waiting = AwaitsAgent(since=self.waiting.since, agent=event.agent, answered=True)
            self.answered = True
            self.visit(self.place, f"accepted by {event.agent}")

    def agent_wrote(self, event: AgentWrote) -> None:
        """A person's message; from outside a queue it takes the conversation over (SPEC 2.8)."""
        if isinstance(self.waiting, Ended):
            self.visit(self.place, "a person wrote after the end")
            return
        connector = self.graph.find(f"connectors/{self.was.connector}")
        pictures = not event.sent and (event.image is not None or event.images != ())
        if pictures and isinstance(connector, Connector) and connector.attachments != "both":
            self.visit(self.place, "the connector lets only customers send attachments: the picture was left out")
            event = event.model_copy(update={"image": None, "images": ()})
        self.say(
            self.place,
            event.text,
            image=event.image,
            images=event.images,
            author="agent",
            agent=event.agent,
            sent=event.sent,
            key=event.key,
            mid=event.mid,
        )
        if isinstance(self.waiting, AwaitsQueue | AwaitsAgent):
            self.answered = True
            self.waiting = self.waiting.model_copy(update={"answered": True})
        elif isinstance(connector, Connector) and connector.takeover:
            self.take_over(connector)

    def take_over(self, connector: Connector) -> None:
        """Stop the tree or the bot; the conversation goes to the takeover queue or to the unassigned list."""
        self.answered = True
        self.unread = ()
        path = f"queues/{connector.takeover_queue}"
        queue = self.graph.find(path)
        if isinstance(queue, Queue):
            self.place = path
            self.visit(path, "a person took over")
            self.enqueue(path, queue)
            self.waiting = AwaitsQueue(since=self.now, answered=True)
            return
        self.place = f"connectors/{self.was.connector}"
        self.visit(self.place, "a person took over, and the connector names no takeover queue")
        self.waiting = AwaitsAgent(since=self.now, answered=True)

    def agent_closed(self, event: AgentClosed) -> None:
        if isinstance(self.waiting, Ended):
            return
        self.visit(self.place, f"closed by {event.agent or 'an agent'}")
        queue = self.graph.find(self.place)
        if isinstance(queue, Queue) and queue.after_close is not None:
            self.walk(path_of(queue.after_close), "after closing")
        else:
            self.end(event.cause, queue=self.queue_name(), answered=True if event.agent else self.answered)

    def transferred(self, event: Transferred) -> None:
        if isinstance(self.waiting, Ended):
            return
        if event.to.startswith(AGENTS):
            self.hand_over(event.to.removeprefix(AGENTS), event.agent or "a person")
            return
        if self.graph.find(event.to) is None:
            self.visit(self.place, f"there is no {event.to} to be transferred to")
            return
        self.walk(event.to, f"transferred by {event.agent or 'a person'}")

    def hand_over(self, agent: str, by: str) -> None:
        """To one person: it waits for them in its queue, and outside every queue where a tree or a bot had it."""
        queue = self.graph.find(self.place)
        if isinstance(queue, Queue):
            self.visit(self.place, f"transferred to {agent} by {by}")
            self.enqueue(self.place, queue, wanted=agent)
            return
        self.unread = ()
        self.place = f"connectors/{self.was.connector}"
        self.visit(self.place, f"transferred to {agent} by {by}, outside every queue")
        self.waiting = AwaitsQueue(since=self.now, answered=self.answered)
        key = self.visit_key()
        self.commands.append(
            Enqueue(key=key, path=self.place, queue="", priority=LEAST_URGENT, at=self.now, wanted=agent)
        )

    # The end ----------------------------------------------------------------------------------------------------------

    def terminate(self, path: str, terminate: Terminate) -> None:
        template = self.graph.configuration.templates.get(terminate.auto_response or "")
        if template is not None:
            self.say(path, self.text_of(template.text, template.variants))
        name = path.removeprefix("terminates/")
        self.end(terminate.cause, terminate=name, queue=terminate.queue, answered=terminate.answered)

    def end(
        self, cause: str, *, terminate: str | None = None, queue: str | None = None, answered: bool | None = None
    ) -> None:
        over = self.answered if answered is None else answered
        self.waiting = Ended(at=self.now, terminate=terminate, cause=cause, queue=queue, answered=over)
        self.commands.append(
            End(path=self.place, at=self.now, terminate=terminate, cause=cause, queue=queue, answered=over)
        )

    def delivered(self, event: Delivered) -> None:
        """The question left at this time: what the customer sent before is no answer to it."""
        if isinstance(self.waiting, AwaitsAnswer) and not self.waiting.out:
            # What was heard meanwhile was judged by the time of the question, which is all that was known.
            asked_at = self.waiting.asked_at if self.waiting.heard else event.at
            self.waiting = self.waiting.model_copy(update={"asked_at": asked_at, "out": True})
        if event.blocked is not None:
            self.visit(self.place, f"not sent: {event.blocked}")


_OWN = Delivered | RequestAnswered | TicketCreated | TicketFailed | BotAccepted | BotFailed | Enqueued
"""What came of the core's own commands: nobody else had a say."""


def is_late(event: AgentAccepted, waiting: Waiting) -> bool:
    """Whether what the agent accepted has left that stay: it waits for something else now, or for people anew."""
    if event.entered is None:
        return False
    return not isinstance(waiting, AwaitsQueue | AwaitsAgent) or event.entered < waiting.since


def _secrets_named(request: Request) -> tuple[str, ...]:
    """The secrets that a request's author wrote into it: no other is ever filled in, whatever its values say."""
    texts = [request.url, *request.headers.values(), *_texts(request.body)]
    found = [name for text in texts for name in inspect(text).names if name[0] == "secrets" and len(name) > 1]
    return tuple(dict.fromkeys(name[1] for name in found))


def _texts(body: Any) -> list[str]:
    match body:
        case str():
            return [body]
        case dict():
            return [text for item in cast("dict[str, Any]", body).values() for text in _texts(item)]
        case list() | tuple():
            return [text for item in cast("list[Any]", body) for text in _texts(item)]
        case _:
            return []
