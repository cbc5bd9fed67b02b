"""A rehearsal that runs as the real workflow, on Temporal's time-skipping server: the same scripts drive both."""

import asyncio
import itertools
import sys
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio import activity
from temporalio.api.enums.v1 import EventType, IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from routing.conversation import Ended
from routing.graph import Graph, canonical
from routing.messages import (
    AgentAccepted,
    AskBot,
    BotAccepted,
    BotFailed,
    CustomerMessage,
    Delivered,
    End,
    Enqueue,
    Enqueued,
    Event,
    MakeTicket,
    RequestAnswered,
    SendRequest,
    TicketCreated,
    Wrote,
)
from routing.records import Delivery, Keeping, Kept, Opened, Opening
from routing.rehearsal import Detect, Rehearsal
from routing.scenarios import Scenario, ScenarioStep, world_of
from routing.waits import Deadline, deadline
from workflows.attributes import SEARCH_ATTRIBUTES
from workflows.conversation import Conversation
from workflows.plugin import data_converter, runner
from workflows.records import Act, Received, Start

T = TypeVar("T")
QUEUE = "switchboard"
YEARS = 28
"""After so many years the calendar repeats, weekdays included, as long as no century lies between."""
KINDS = {"Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT}


@contextmanager
def durable(
    graph: Graph, scenario: Scenario, detect: Detect | None = None, *, limit: int = 1000, forgetful: bool = False
) -> Generator["DurableRehearsal"]:
    """A scenario's world in which the conversation is a workflow; histories are cut at `limit` events.

    A `forgetful` worker keeps no workflow in memory: each task begins with a replay of the whole history.
    """
    world = world_of(DurableRehearsal, graph, scenario, detect)
    world.begin(limit, forgetful)
    try:
        yield world
    finally:
        world.close()


def upcoming(scenario: Scenario, now: datetime) -> Scenario:
    """The scenario on the same days of the week in years to come, because a server's clock cannot be set back."""

    def later(at: datetime) -> datetime:
        return at.replace(year=at.year + YEARS)

    while scenario.at < now + timedelta(minutes=1):
        steps = tuple(step if step.at is None else ScenarioStep(at=later(step.at)) for step in scenario.steps)
        scenario = scenario.model_copy(update={"at": later(scenario.at), "steps": steps})
    return scenario


def time_skipping_server() -> str:
    """The path of the test server's program, which its wheel puts beside Python."""
    return str(Path(sys.executable).with_name("temporal-test-server"))


class Loop:
    """An event loop in a thread, so that a script without `await` can drive a workflow."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __call__(self, work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class DurableRehearsal(Rehearsal):
    """A rehearsal whose conversation is a workflow; `close` it. The written-down outside answers as activities."""

    away = 0
    """So many deliveries fail before one goes through."""

    def begin(self, limit: int, forgetful: bool) -> None:
        """Start the server and a worker; the server's clock is moved to the rehearsal's."""
        self.limit = limit
        self.ended: set[str] = set()
        self.forgetful = forgetful
        self.handle: WorkflowHandle[Any, str] | None = None
        self.loop = Loop()
        self.loop(self._start())

    def close(self) -> None:
        self.loop(self._stop())
        self.loop.close()

    # What people and the clock do -------------------------------------------------------------------------------------

    def user(self, *texts: str, payload: str | None = None, attachments: Any = (), at: datetime | None = None) -> None:
        self.now = self.loop(self.env.get_current_time())
        messages = tuple(self._message(text, payload, attachments, at) for text in texts)
        self.loop(self._signal(Wrote(messages=messages), start=True))

    def feed(self, *events: Event) -> None:
        for event in events:
            if isinstance(event, AgentAccepted) and event.key is not None:
                self.loop(self._act(event))
            else:
                self.loop(self._signal(event, start=False))

    def feed_together(self, *events: Event) -> None:
        """Several events in one signal, as they come after a while without a connection."""
        self.loop(self._signal(*events, start=False))

    def forward(self, *messages: CustomerMessage) -> None:
        """Messages as the forwarder tells them: a conversation that has ended is started anew."""
        self.loop(self._signal(Wrote(messages=messages), start=True))

    def move_to(self, at: datetime) -> None:
        while self.conversation is not None and not isinstance(self.conversation.waiting, Ended):
            due = deadline(self.graph, self.conversation)
            if due is None or due.at > at:
                break
            self.loop(self._until_past(due))
        self.loop(self._sleep_until(at))

    def restart_worker(self) -> None:
        """End the worker and start another, which knows nothing but the history."""
        self.loop(self._restart())

    def histories(self) -> list[WorkflowHistory]:
        """The histories of all runs so far, oldest first."""
        return self.loop(self._histories())

    async def _until_past(self, due: Deadline) -> None:
        """Sleep to a deadline, and until the workflow has seen that it came."""
        await self._sleep_until(due.at + timedelta(milliseconds=2))
        for _ in itertools.repeat(None, 500):
            assert self.conversation is not None
            if deadline(self.graph, self.conversation) != due:
                return
            await asyncio.sleep(0.01)
            await self._settle()
        raise AssertionError(f"{due} has come, and nothing happened")

    # The workflow -----------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        self.env = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=time_skipping_server(), data_converter=data_converter()
        )
        await self.env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace="default", search_attributes={name: KINDS[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
            )
        )
        await self._sleep_until(self.now)
        self._new_worker()
        await self.worker.__aenter__()

    def _new_worker(self) -> None:
        self.worker = Worker(
            self.env.client,
            task_queue=QUEUE,
            workflows=[Conversation],
            activities=[
                self.open,
                self.deliver,
                self.taken_steps,
                self.keep_attachments,
                self.request,
                self.create_ticket,
                self.ask_bot,
                self.enqueue,
                self.end,
            ],
            workflow_runner=runner(),
            graceful_shutdown_timeout=timedelta(seconds=1),
            max_cached_workflows=0 if self.forgetful else 100,
        )

    async def _restart(self) -> None:
        await self.worker.__aexit__(None, None, None)
        self._new_worker()
        await self.worker.__aenter__()

    async def _stop(self) -> None:
        await self.worker.__aexit__(None, None, None)
        await self.env.shutdown()

    async def _signal(self, *events: Event, start: bool) -> None:
        received = Received(events=events)
        if self.handle is None or start:
            self.handle = await self.env.client.start_workflow(
                "Conversation",
                Start(account="account", customer=self.customer.id, limit=self.limit),
                id="ig-account-customer",
                task_queue=QUEUE,
                start_signal="received",
                start_signal_args=[received],
                result_type=str,
            )
        else:
            try:
                await self.handle.signal("received", received)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
        await self._settle()

    async def _act(self, event: AgentAccepted) -> None:
        """As the API tells of an acceptance."""
        assert self.handle is not None
        assert self.conversation is not None
        await self.handle.execute_update("act", Act(conversation=self.conversation.name, event=event))
        await self._settle()

    async def _sleep_until(self, at: datetime) -> None:
        now = await self.env.get_current_time()
        if at > now:
            await self.env.sleep(at - now)
        if self.conversation is not None:
            await self._settle()
        self.now = await self.env.get_current_time()

    async def _settle(self) -> None:
        """Wait until the workflow has done everything that its history asks of it."""
        handle = self.env.client.get_workflow_handle("ig-account-customer")
        for _ in itertools.repeat(None, 3000):
            history = await handle.fetch_history()
            _raise_task_failure(history)
            if _rests(history):
                break
            await asyncio.sleep(0.005)
        else:
            raise AssertionError(f"the workflow does not rest: {history.to_json()[-3000:]}")
        self.conversation = await handle.query(Conversation.position)
        self.now = await self.env.get_current_time()

    async def _histories(self) -> list[WorkflowHistory]:
        found: list[WorkflowHistory] = []
        run: str | None = None
        handle = self.env.client.get_workflow_handle("ig-account-customer")
        run = (await handle.describe()).run_id
        while run:
            history = await self.env.client.get_workflow_handle("ig-account-customer", run_id=run).fetch_history()
            found.append(history)
            run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id or None
        return found[::-1]

    # The outside ------------------------------------------------------------------------------------------------------

    @activity.defn(name="open")
    async def open(self, opening: Opening) -> Opened:
        ended = [delivery for delivery in self.recorded if delivery.conversation in self.ended]
        taken = {message.key for delivery in ended for message in delivery.received}
        known = tuple(key for key in opening.keys if key in taken)
        if len(known) == len(opening.keys):
            return Opened(conversation=None, known=known)
        self._open()
        assert self.conversation is not None
        conversation = self.conversation.model_copy(update={"opened_at": opening.at})
        return Opened(conversation=conversation, document=canonical(self.graph.configuration), known=known)

    @activity.defn(name="deliver")
    async def deliver(self, delivery: Delivery) -> Delivered:
        if self.away:
            self.away -= 1
            raise ApplicationError("Instagram is away")
        self.said += delivery.messages
        self.contact.update(delivery.contact)
        self.recorded.append(delivery)
        return Delivered(at=delivery.at)

    @activity.defn(name="taken_steps")
    async def taken_steps(self, conversation: str, keys: list[str]) -> dict[str, int]:
        return {
            message.key: delivery.number
            for delivery in self.recorded
            for message in delivery.received
            if delivery.conversation == conversation and message.key in keys
        }

    @activity.defn(name="keep_attachments")
    async def keep_attachments(self, keeping: Keeping) -> Kept:
        """Nothing is fetched: the script says what the attachments are."""
        return Kept(messages=keeping.messages)

    @activity.defn(name="request")
    async def request(self, command: SendRequest) -> RequestAnswered:
        self.requests.append(command)
        return self._answer(command)

    @activity.defn(name="create_ticket")
    async def create_ticket(self, command: MakeTicket, conversation: str) -> TicketCreated:
        self.tickets.append(command)
        return TicketCreated(number=str(1000 + len(self.tickets)))

    @activity.defn(name="ask_bot")
    async def ask_bot(self, command: AskBot) -> BotAccepted | BotFailed:
        self.asked.append(command)
        return BotAccepted() if command.farewell else self._bot(command)

    @activity.defn(name="enqueue")
    async def enqueue(self, command: Enqueue, conversation: str) -> Enqueued:
        self.queued.append(command)
        return Enqueued()

    @activity.defn(name="end")
    async def end(self, command: End, conversation: str) -> None:
        self.ends.append(command)
        self.ended.add(conversation)

    @property
    def visited(self) -> list[Any]:
        return [visit for delivery in self.recorded for visit in delivery.visited]

    @property
    def recorded(self) -> list[Delivery]:
        return self.__dict__.setdefault("_recorded", [])


_WAKES = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_TIMER_FIRED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}


def _rests(history: WorkflowHistory) -> bool:
    """Whether nothing stands behind the last completed workflow task that would wake the workflow again."""
    scheduled = sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED for event in history.events)
    done = sum(
        event.event_type
        in (
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
        )
        for event in history.events
    )
    behind = list(
        itertools.takewhile(
            lambda event: event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, reversed(history.events)
        )
    )
    return scheduled == done and not any(event.event_type in _WAKES for event in behind)


def _raise_task_failure(history: WorkflowHistory) -> None:
    """A workflow task that fails is tried again for ever; a test wants to know why."""
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failure = event.workflow_task_failed_event_attributes.failure
            if failure.message:
                raise AssertionError(f"{failure.message}\n{failure.stack_trace}")
