"""What a step leaves behind: recorded in the store, and sent to Instagram once and in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.accounts import Accounts, Unavailable
from activities.sending import SETTLED, Sending, Thread, not_yet
from instagram.client import Button, QuickReply, parts
from routing.messages import AgentAccepted, Delivered, Send
from routing.records import Delivery
from store import contacts, conversations, messages, queues, recordings, trace
from store.database import Database
from store.messages import MessageRow, NewMessage

Wake = Callable[[], Awaitable[None]]
"""Has the desk look at who can be given what; called after a commit, and fails with nothing but a line in the log."""


@dataclass
class Deliveries:
    """The activities `deliver` and `taken_steps`."""

    database: Database
    accounts: Accounts
    now: Callable[[], datetime]
    per_second: float = 50
    settled: timedelta = SETTLED
    wake: Wake | None = None
    _one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @activity.defn(name="deliver")
    async def deliver(self, delivery: Delivery) -> Delivered:
        """Record the step, then send its messages; safe to run again at any point.

        Raises ApplicationError while Instagram cannot be reached or the account is paused: nothing is lost by that,
        the attempt is repeated. What is refused for good comes back as `blocked`.
        """
        # A local activity that timed out may still be running when the ordinary one takes over.
        lock = self._one_at_a_time.setdefault(delivery.conversation, asyncio.Lock())
        async with lock:
            rows = await self.record(delivery)
            if not rows:
                return Delivered(at=delivery.at)
            return await self.send(delivery, rows)

    @activity.defn(name="taken_steps")
    async def taken_steps(self, conversation: str, keys: list[str]) -> dict[str, int]:
        """In which step each of these messages was taken, by a worker that was killed before Temporal knew of it."""
        async with self.database.begin() as session:
            return await messages.steps_of(session, conversation, keys)

    async def record(self, delivery: Delivery) -> list[MessageRow]:
        """Write down the step; answers its outgoing messages as the ledger has them."""
        async with self.database.begin() as session:
            new = await _record_received(session, delivery)
            if delivery.happened is not None:
                # One that is not new may have been taken back before it came here: then its words are not kept.
                taken_back = set() if new else await messages.deleted(session, _keys(delivery))
                happened = recordings.without(delivery.happened, taken_back)
                await recordings.record(session, delivery.conversation, delivery.taken, happened)
            rows = [
                trace.TraceRow(
                    delivery.conversation, delivery.number + index, visit.at, visit.path, visit.why, visit.changed
                )
                for index, visit in enumerate(delivery.visited)
            ]
            await trace.record_trace(session, rows)
            for name, value in delivery.contact.items():
                await contacts.save_field(session, delivery.account, delivery.customer, name, value)
            left = False
            if delivery.waiting not in ("queue", "agent", "ended"):
                left = await queues.leave(session, delivery.conversation, delivery.at)
            elif delivery.waiting == "agent" and delivery.queue is None:
                await queues.unassign(session, delivery.conversation, delivery.at)
            await _confirm(session, delivery)
            prepared = [row for send in delivery.messages if not send.sent for row in _ledger(delivery, send)]
            await messages.prepare(session, prepared)
            ledger = await messages.outbound(session, [row.key for row in prepared])
        if left and self.wake is not None:
            await self.wake()
        return ledger

    async def send(self, delivery: Delivery, rows: Sequence[MessageRow]) -> Delivered:
        """Send what the ledger does not know as settled, one after the other; the last one is the question, if any."""
        sending = Sending(self.database, self.now, self.per_second, self.settled)
        thread = await self.thread(delivery, rows)
        left, blocked, gone = delivery.at, None, None
        for row in rows:
            if gone is not None and row.state == "pending":
                await sending.block(row, gone)
                continue
            settled = await sending.settle(thread, row)
            left, blocked = settled.at, settled.blocked or blocked
            gone = settled.blocked if settled.gone else gone
        return Delivered(at=left, blocked=blocked)

    async def thread(self, delivery: Delivery, rows: Sequence[MessageRow]) -> Thread:
        """Whom the messages go to, by which client; raises where the account cannot send for now."""
        last_customer_at = None
        try:
            async with self.database.begin() as session:
                client = await self.accounts.client(session, delivery.account)
                if any(row.author == "agent" for row in rows):
                    found = await conversations.conversation(session, delivery.conversation)
                    last_customer_at = None if found is None else found.last_customer_at
        except Unavailable as error:
            raise not_yet(str(error)) from error
        return Thread(client, delivery.customer, delivery.conversation, last_customer_at)


SHOWN = {"payload", "attachments", "story", "reply_to", "referral", "unsupported"}
"""What the transcript keeps of a customer's message beside its words."""


async def _record_received(session: AsyncSession, delivery: Delivery) -> bool:
    """Write down what came in; whether all of it is new."""
    written = [
        NewMessage(
            key=message.key,
            conversation=delivery.conversation,
            author="customer",
            at=message.at,
            kind=message.kind,
            text=message.text or None,
            content=message.model_dump(mode="json", include=SHOWN, exclude_defaults=True) | {"step": delivery.number},
            mid=message.mid,
        )
        for message in delivery.received
    ]
    typed = [
        NewMessage(
            key=send.key,
            conversation=delivery.conversation,
            author="app",
            direction="out",
            at=delivery.at,
            kind="message",
            text=send.text or None,
            mid=send.mid,
        )
        for send in delivery.messages
        if send.sent
    ]
    recorded = await messages.record_inbound(session, [*written, *typed])
    changes: conversations.Changes = {
        "place": delivery.place,
        "waiting": delivery.waiting,
        "language": delivery.language,
        "queue": delivery.queue,
    }
    if delivery.received:
        changes["last_customer_at"] = max(message.at for message in delivery.received)
    await conversations.update_conversation(session, delivery.conversation, **changes)
    return recorded == len(written) + len(typed)


async def _confirm(session: AsyncSession, delivery: Delivery) -> None:
    """An acceptance that the workflow has taken need not be told it again."""
    event = delivery.happened.event if delivery.happened is not None else None
    if isinstance(event, AgentAccepted) and event.entered is not None:
        await queues.confirm(session, delivery.conversation, event.entered, event.agent, delivery.at)


def _keys(delivery: Delivery) -> list[str]:
    return [*(message.key for message in delivery.received), *(send.key for send in delivery.messages if send.sent)]


def _ledger(delivery: Delivery, send: Send) -> list[NewMessage]:
    """The calls to Instagram that a message needs, as rows of the ledger."""
    quick = () if send.listed else send.quick_replies
    calls = parts(
        send.text,
        [QuickReply(title=reply.title, payload=reply.payload) for reply in quick],
        [Button(text=button.text, url=button.url, payload=button.payload) for button in send.buttons],
        send.image,
        images=send.images,
    )
    return [
        NewMessage(
            key=f"{send.key}.{number}",
            conversation=delivery.conversation,
            author=send.author,
            agent=send.agent,
            direction="out",
            at=delivery.at,
            kind="message",
            text=call.text,
            content=call.model_dump(mode="json", exclude_defaults=True),
            path=send.path,
        )
        for number, call in enumerate(calls)
    ]
