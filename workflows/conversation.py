"""One customer's conversation with one account, as a durable workflow: an inbox, the pure core, and its commands.

Its only state is the core's conversation, the events that wait, and the keys of those that were taken. It continues as
a new run when its history grows, so nothing grows with the length of a conversation.
"""

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from routing.configuration import Connector
    from routing.conversation import AwaitsAgent, AwaitsQueue, Ended
    from routing.conversation import Conversation as State
    from routing.graph import PLACES, Graph
    from routing.interpreter import Step, advance
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
        TicketFailed,
        TimeCame,
        Transferred,
        Unsent,
        Wrote,
    )
    from routing.moves import CannotMove, Move, Moved, moved
    from routing.recordings import Asked, Happened, asked
    from routing.records import Delivery, Keeping, Kept, Opened, Opening
    from routing.turns.people import AGENTS, is_late
    from routing.waits import deadline
    from workflows import explanation
    from workflows.graphs import graph_of
    from workflows.options import FETCH, PATIENT, SHORT, bot_options, request_options
    from workflows.records import ELSEWHERE, LEFT, NOWHERE, OVER, Act, Received, Start

SEEN = 500
"""So many keys of events are remembered; one that is forwarded twice comes soon after the first time."""
FETCHES = "attachments are fetched"
"""The change of this code from which on a conversation fetches what comes with messages."""
FAREWELLS = "chatbots are told the end"
"""The change of this code from which on a chatbot is told that it has lost the conversation."""
TOGETHER = 100
"""So many messages of the customer are taken in one step at the most."""


@workflow.defn(name="Conversation")
class Conversation:
    """Runs a conversation from the customer's first message to its end."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self.start = start
        self.inbox: deque[Event] = deque(start.events)
        self.moves: deque[Move] = deque()
        self.seen: dict[str, None] = dict.fromkeys(start.seen)
        self.taken = start.taken
        self.state: State | None = start.conversation
        self.graph: Graph | None = None
        self.timer: asyncio.Task[None] | None = None
        self.timer_at: datetime | None = None
        self.farewells: dict[str, AskBot] = {}
        self.telling: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, start: Start) -> str:
        """Run the conversation; answers its outcome: the cause of its end, or why there was none."""
        for command in start.farewells:
            self.part(command)
        if self.state is None:
            refused = await self.open()
            if refused is not None:
                return refused
        elif start.document:
            self.graph = graph_of(start.document)
        while not self.over:
            await self.take(await self.next_event())
            if self.must_continue():
                workflow.continue_as_new(self.continued())
        if self.farewells:
            await workflow.wait_condition(lambda: not self.farewells or self.goes_on())
        if self.goes_on():
            workflow.continue_as_new(self.continued(anew=True))
        for event in self.inbox:
            workflow.logger.info("%s came after the end of %s", event.type, self.conversation.name)
        waiting = self.conversation.waiting
        return waiting.cause if isinstance(waiting, Ended) else "system"

    @workflow.signal
    def received(self, received: Received) -> None:
        """Something happened: each event is taken once, however often it is forwarded."""
        for event in received.events:
            fresh = self.fresh(event)
            if fresh is not None:
                self.inbox.append(fresh)

    @workflow.signal
    def move_to(self, move: Move) -> None:
        """Go on with another revision as soon as the conversation rests (SPEC 2.4)."""
        self.moves.append(move)

    @workflow.update
    def act(self, act: Act) -> None:
        """Somebody here does something; it is taken, once, as soon as what came before it has been."""
        fresh = self.fresh(act.event)
        if fresh is not None:
            self.inbox.append(fresh)

    @act.validator
    def refuse(self, act: Act) -> None:
        """Raises where there is nothing to be done any more, or where there is no such place to go to."""
        if self.state is None or self.state.name != act.conversation or self.over:
            raise ApplicationError(f"{act.conversation} has ended", type=OVER)
        if isinstance(act.event, AgentWrote) and act.event.key not in self.seen and not self.is_with_people():
            raise ApplicationError(f"people do not have {act.conversation} any more", type=ELSEWHERE)
        if isinstance(act.event, AgentAccepted) and is_late(act.event, self.state.waiting):
            raise ApplicationError(f"{act.conversation} has left the queue", type=LEFT)
        to = act.event.to if isinstance(act.event, Transferred) else None
        if to is not None and to.startswith(AGENTS):
            return  # whether there is such a person is not for the workflow to say
        # Of a run that has just begun, this may come before anything else.
        graph = self.graph or graph_of(self.start.document)
        if to is not None and (to.count("/") != 1 or to.split("/")[0] not in PLACES or graph.find(to) is None):
            raise ApplicationError(f"revision {self.state.revision} has no {to}", type=NOWHERE)

    def is_with_people(self) -> bool:
        """Whether it waits for people or is with them, and nobody has sent it elsewhere yet."""
        leaves = any(isinstance(event, AgentClosed | Transferred) for event in self.inbox)
        return not leaves and isinstance(self.conversation.waiting, AwaitsQueue | AwaitsAgent)

    @workflow.query
    def position(self) -> State | None:
        """The conversation as it stands; it can be opened in preview."""
        return self.state

    # The inbox --------------------------------------------------------------------------------------------------------

    def fresh(self, event: Event) -> Event | None:
        """The event without what was taken before; None when nothing is left."""
        match event:
            case Wrote():
                new = tuple(message for message in event.messages if self.is_new(message.key))
                return Wrote(messages=new) if new else None
            case BotReplied() | AgentWrote() | Unsent():
                return event if self.is_new(event.key) else None
            case AgentAccepted(key=str(key)):
                return event if self.is_new(key) else None
            case _:
                return event

    def is_new(self, key: str) -> bool:
        if key in self.seen:
            return False
        self.seen[key] = None
        while len(self.seen) > SEEN:
            del self.seen[next(iter(self.seen))]
        return True

    async def next_event(self) -> Event:
        """Whatever comes first: something in the inbox, or the time that the conversation waits for.

        Here the conversation rests, so this is where it moves to another revision.
        """
        while True:
            while self.moves:
                await self.move(self.moves.popleft())
            self.arm()
            await workflow.wait_condition(
                lambda: bool(self.inbox or self.moves) or (self.timer is not None and self.timer.done())
            )
            if not self.moves:
                break
        if self.inbox:
            return await self.next_in_inbox()
        self.timer = self.timer_at = None
        return TimeCame()

    async def next_in_inbox(self) -> Event:
        """The oldest event; the customer's messages that wait together come as one, in the order they were written."""
        event = self.inbox.popleft()
        if not isinstance(event, Wrote):
            return event
        messages = list(event.messages)
        several = False
        while self.inbox and isinstance(follows := self.inbox[0], Wrote) and len(messages) < TOGETHER:
            messages += follows.messages
            self.inbox.popleft()
            several = True
        if several:
            messages = await self.as_taken_before(messages)
        return Wrote(messages=tuple(sorted(messages, key=lambda message: message.at)))

    async def as_taken_before(self, messages: list[CustomerMessage]) -> list[CustomerMessage]:
        """Of messages that came one by one, those that are to be taken together now; the others wait.

        A worker may be killed after it answered the first of them and before Temporal knew of that. The next one is
        then the answer to a question that the customer has seen, and must not be joined to the one before.
        """
        keys = [message.key for message in messages]
        name = self.conversation.name
        steps: dict[str, int] = await self.local_first("taken_steps", name, dict[str, int], name, keys)
        if not steps:
            return messages
        first = min(steps.values())
        later = [message for message in messages if steps.get(message.key) != first]
        self.inbox.extendleft(Wrote(messages=(message,)) for message in reversed(later))
        return [message for message in messages if steps.get(message.key) == first]

    def arm(self) -> None:
        """Sleep until the time the conversation waits for.

        A timer that is there and fires earlier is left alone: it looks again when it fires. So a limit that every
        message puts off costs two history events in all, not two for each message.
        """
        due = deadline(self.the_graph, self.conversation)
        if due is None or (self.timer_at is not None and self.timer_at <= due.at):
            return
        if self.timer is not None:
            self.timer.cancel()
        self.timer_at = due.at
        self.timer = asyncio.create_task(self.sleep_until(due.at, f"{due.reason} at {self.conversation.place}"))

    async def sleep_until(self, at: datetime, summary: str) -> None:
        # Timers count in milliseconds: rounded down, one would fire just before its time and be set again.
        milliseconds = max(math.ceil((at - workflow.now()) / timedelta(milliseconds=1)), 1)
        await workflow.sleep(timedelta(milliseconds=milliseconds), summary=summary[:200])

    # One step of the core ---------------------------------------------------------------------------------------------

    async def take(self, event: Event) -> None:
        """Take in an event, and all that comes of it until the conversation rests."""
        if isinstance(event, Wrote):
            event = await self.with_files(event)
        waiting: deque[Event] = deque([event])
        question: Asked | None = None
        while waiting:
            event = waiting.popleft()
            now = workflow.now()
            # The core is kept pure by the linters; inside it, libraries may load their own data when first used.
            with workflow.unsafe.sandbox_unrestricted():
                step = advance(self.the_graph, self.conversation, event, now)
            before, self.state = self.conversation, step.conversation
            self.explain(before)
            happened = _happened(event, step, now, question)
            question = next((asked(one, now) for one in step.commands if isinstance(one, SendRequest)), question)
            waiting.extendleft(reversed(await self.carry_out(step, event, happened)))

    async def with_files(self, event: Wrote) -> Wrote:
        """The messages with what came with them fetched and stored, since Instagram's links expire (SPEC 6.5).

        Where the connector takes no attachments, nothing is fetched, and no link is kept.
        """
        if not any(message.attachments or message.story for message in event.messages):
            return event
        if not workflow.patched(FETCHES):  # what began before kept Instagram's links
            return event
        connector = self.the_graph.find(f"connectors/{self.conversation.connector}")
        if isinstance(connector, Connector) and connector.attachments == "none":
            return Wrote(messages=tuple(_without_links(message) for message in event.messages))
        state = self.conversation
        keeping = Keeping(
            conversation=state.name, account=state.account, customer=state.customer.id, messages=event.messages
        )
        try:
            kept: Kept = await workflow.execute_activity(
                "keep_attachments", keeping, result_type=Kept, summary=state.name, **FETCH
            )
        except ActivityError as error:
            workflow.logger.warning("attachments of %s were not kept: %s", state.name, error.cause or error)
            return Wrote(messages=tuple(_without_links(message) for message in event.messages))
        return Wrote(messages=kept.messages)

    async def carry_out(self, step: Step, event: Event, happened: Happened | None) -> list[Event]:
        """Deliver what the step says, then do the one thing that it waits for; what came of it is the next event."""
        events: list[Event] = []
        received = event.messages if isinstance(event, Wrote) else ()
        sends = tuple(command for command in step.commands if isinstance(command, Send))
        saves = {command.field: command.value for command in step.commands if isinstance(command, SaveContact)}
        if sends or saves or step.visited or received:
            delivered = await self.deliver(step, received, sends, saves, happened)
            if sends:
                events.append(delivered)
        for command in step.commands:
            outcome = await self.execute(command)
            if outcome is not None:
                events.append(outcome)
        return events

    async def deliver(
        self,
        step: Step,
        received: Sequence[CustomerMessage],
        sends: tuple[Send, ...],
        saves: dict[str, Any],
        happened: Happened | None,
    ) -> Delivered:
        state = step.conversation
        if happened is not None:
            self.taken += 1
        delivery = Delivery(
            conversation=state.name,
            account=state.account,
            customer=state.customer.id,
            at=workflow.now(),
            place=state.place,
            waiting=state.waiting.type,
            language=state.language,
            queue=explanation.queue_of(state),
            received=tuple(received),
            messages=sends,
            contact=saves,
            number=state.visits - len(step.visited) + 1,
            visited=step.visited,
            happened=happened,
            taken=self.taken,
        )
        return await self.local_first("deliver", delivery, Delivered, explanation.delivery(delivery))

    async def execute(self, command: Command) -> Event | None:
        """Carry out a command; its type is the activity's name. A failure for good is an event like any other."""
        match command:
            case Send() | SaveContact():
                return None  # went with the delivery
            case SendRequest():
                options = request_options(command.timeout, repeatable=command.method in ("GET", "PUT", "DELETE"))
                try:
                    return await self.activity(command, RequestAnswered, f"{command.method} {command.path}", options)
                except ActivityError as error:
                    return RequestAnswered(ok=False, error=f"the request was cut off: {error.cause or error}")
            case AskBot(farewell=True):
                if workflow.patched(FAREWELLS):  # what began before says nothing
                    self.part(command)
                return None
            case AskBot():
                if self.is_told_off(command.path):
                    await workflow.wait_condition(lambda: not self.is_told_off(command.path))
                try:
                    answer = await self.activity(command, dict[str, Any], command.path, bot_options(command.timeout))
                except ActivityError as error:
                    return BotFailed(error=f"the message to the chatbot was cut off: {error.cause or error}")
                failed = answer.get("type") == "bot_failed"
                return BotFailed.model_validate(answer) if failed else BotAccepted()
            case MakeTicket():
                name = self.conversation.name
                try:
                    return await self.local_first(command.type, command, TicketCreated, command.title, name)
                except ActivityError as error:
                    return TicketFailed(error=str(error.cause or error))
            case Enqueue():
                return await self.local_first(command.type, command, Enqueued, command.queue, self.conversation.name)
            case End():
                await self.local_first(command.type, command, type(None), command.cause, self.conversation.name)
                return None
            case _:
                assert_never(command)

    def part(self, command: AskBot) -> None:
        """Tell a chatbot, beside the conversation, that it has lost it: nobody waits for that, and nothing fails."""
        self.farewells[command.key] = command
        task = asyncio.create_task(self.parted(command))
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def parted(self, command: AskBot) -> None:
        try:
            summary = f"{command.path}: the end"
            answer = await self.activity(command, dict[str, Any], summary, bot_options(command.timeout))
            why = answer.get("error")
        except ActivityError as error:
            why = error.cause or error
        if why:
            workflow.logger.warning("%s was not told that it lost the conversation: %s", command.path, why)
        del self.farewells[command.key]

    def is_told_off(self, path: str) -> bool:
        """Whether this chatbot is still being told that it lost this conversation: what it gets next comes after."""
        mine = f"{self.conversation.name}/"
        return any(one.path == path and key.startswith(mine) for key, one in self.farewells.items())

    async def activity(self, command: Command, result: Any, summary: str, options: dict[str, Any]) -> Any:
        return await workflow.execute_activity(
            command.type, command, result_type=result, summary=summary[:200], **options
        )

    async def local_first(self, name: str, given: object, result: Any, summary: str, *more: object) -> Any:
        """Within the workflow task where that goes through quickly; else as an activity, as long as it takes."""
        arguments = [given, *more]
        try:
            return await workflow.execute_local_activity(
                name, args=arguments, result_type=result, summary=summary[:200], **SHORT
            )
        except FailureError as error:  # a local activity fails with its own error, not with an ActivityError
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("%s did not go through at once: %s", name, error.cause or error)
        return await workflow.execute_activity(
            name, args=arguments, result_type=result, summary=summary[:200], **PATIENT
        )

    # Another revision -------------------------------------------------------------------------------------------------

    async def move(self, asked: Move) -> None:
        """Go on with the revision, or say why that cannot be; what is asked twice happens once."""
        before = self.conversation
        if asked.conversation != before.name or asked.revision <= before.revision:
            return
        graph, why, refused = graph_of(asked.document), "", ""
        try:
            self.state = moved(self.the_graph, graph, before, asked.revision)
        except CannotMove as error:
            refused = str(error)
        else:
            why = f"moved from revision {before.revision} to {asked.revision}"
            self.graph = graph
            self.start = self.start.model_copy(update={"document": asked.document})
            self.explain(before)
        outcome = Moved(
            conversation=before.name,
            before=before.revision,
            revision=asked.revision,
            at=workflow.now(),
            path=before.place,
            number=self.conversation.visits,
            why=why,
            refused=refused,
        )
        await self.local_first("record_move", outcome, type(None), why or refused)

    # Beginning and going on -------------------------------------------------------------------------------------------

    async def open(self) -> str | None:
        """Open a conversation with what waits in the inbox; the reason where there is none to open."""
        while True:
            messages = [message for event in self.inbox if isinstance(event, Wrote) for message in event.messages]
            if not messages:
                return "nothing new"
            opening = Opening(
                account=self.start.account,
                customer=self.start.customer,
                workflow_id=workflow.info().workflow_id,
                at=workflow.now(),
                keys=tuple(message.key for message in messages),
            )
            found: Opened = await self.local_first("open", opening, Opened, self.start.account)
            if found.refused:
                return found.refused
            self.forget(found.known)
            if found.conversation is not None:
                self.state = found.conversation
                self.start = self.start.model_copy(update={"document": found.document})
                self.graph = graph_of(found.document)
                return None

    def forget(self, known: Sequence[str]) -> None:
        """Take out of the inbox what an earlier conversation has had already."""
        if not known:
            return
        kept: deque[Event] = deque()
        for event in self.inbox:
            if isinstance(event, Wrote):
                rest = tuple(message for message in event.messages if message.key not in known)
                if rest:
                    kept.append(Wrote(messages=rest))
            else:
                kept.append(event)
        self.inbox = kept

    def must_continue(self) -> bool:
        info = workflow.info()
        long = info.is_continue_as_new_suggested() or info.get_current_history_length() > self.start.limit
        busy = self.inbox or self.moves or self.farewells
        return long and not busy and not self.over

    def goes_on(self) -> bool:
        """Whether the customer wrote while the conversation ended: that opens the next one."""
        return any(isinstance(event, Wrote) for event in self.inbox)

    def continued(self, *, anew: bool = False) -> Start:
        """The input of the next run: the state alone, or (`anew`) the events that open another conversation."""
        # What people did to the conversation that ended is not meant for the next one.
        theirs = (event for event in self.inbox if not _is_of_people(event))
        return self.start.model_copy(
            update={
                "conversation": None if anew else self.state,
                "document": "" if anew else self.start.document,
                "events": tuple(theirs) if anew else tuple(self.inbox),
                "seen": tuple(self.seen),
                "taken": 0 if anew else self.taken,
                "farewells": tuple(self.farewells.values()),
            }
        )

    @property
    def over(self) -> bool:
        return isinstance(self.conversation.waiting, Ended)

    @property
    def conversation(self) -> State:
        assert self.state is not None
        return self.state

    @property
    def the_graph(self) -> Graph:
        assert self.graph is not None
        return self.graph

    def explain(self, before: State) -> None:
        """Say in Temporal UI where the conversation is."""
        after = self.conversation
        workflow.set_current_details(explanation.details(after))
        changed = explanation.changed_attributes(before, after, new=before.waiting.type == "unopened")
        if changed:
            workflow.upsert_search_attributes(changed)  # pyright: ignore[reportUnknownMemberType]  SDK's own typing


def _is_of_people(event: Event) -> bool:
    """Whether somebody here did this; what is typed in the Instagram app comes from there."""
    if isinstance(event, AgentWrote):
        return not event.sent
    return isinstance(event, AgentAccepted | AgentClosed | Transferred)


def _without_links(message: CustomerMessage) -> CustomerMessage:
    """A message that says what came with it, without the links to Instagram's copies."""
    story = None if message.story is None else message.story.model_copy(update={"url": None})
    attachments = tuple(one.model_copy(update={"url": None}) for one in message.attachments)
    return message.model_copy(update={"attachments": attachments, "story": story})


def _happened(event: Event, step: Step, now: datetime, question: Asked | None) -> Happened | None:
    """The event as it is recorded; None for what follows from what is recorded: times, and what our own store did."""
    if isinstance(event, TimeCame | Delivered | Enqueued):
        return None
    number = step.conversation.visits - len(step.visited) + 1
    return Happened(at=now, number=number, event=event, asked=question if isinstance(event, RequestAnswered) else None)
