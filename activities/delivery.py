"""What a step leaves behind: recorded in the store, and sent to Instagram once and in order (SPEC 6.4).

Every message is in the ledger as `sending` before its call is made. One that is found there as `sending` or `unknown`
may have arrived: it is looked for in Instagram's own record before anything is sent again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import Accounts, Unavailable
from instagram.client import Button, Instagram, Outbound, QuickReply, parts
from instagram.errors import SendError
from routing.messages import Delivered, Send
from routing.records import Delivery
from store import accounts, contacts, conversations, messages, queues, trace
from store.database import Database
from store.messages import MessageRow, NewMessage

SETTLED = timedelta(seconds=10)
"""So long after an attempt Instagram's record of the conversation is taken to show whether it arrived."""
CLOCKS = timedelta(seconds=60)
"""By so much Instagram's clock may differ from ours."""


@dataclass
class Deliveries:
    """The activities `deliver` and `taken_steps`."""

    database: Database
    accounts: Accounts
    now: Callable[[], datetime]
    settled: timedelta = SETTLED
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
            await _record_received(session, delivery)
            rows = [
                trace.TraceRow(
                    delivery.conversation, delivery.number + index, visit.at, visit.path, visit.why, visit.changed
                )
                for index, visit in enumerate(delivery.visited)
            ]
            await trace.record_trace(session, rows)
            for name, value in delivery.contact.items():
                await contacts.save_field(session, delivery.account, delivery.customer, name, value)
            if delivery.waiting not in ("queue", "agent", "ended"):
                await queues.leave(session, delivery.conversation, delivery.at)
            prepared = [row for send in delivery.messages if not send.sent for row in _ledger(delivery, send)]
            await messages.prepare(session, prepared)
            return await messages.outbound(session, [row.key for row in prepared])

    async def send(self, delivery: Delivery, rows: Sequence[MessageRow]) -> Delivered:
        """Send what the ledger does not know as settled, one after the other; the last one is the question, if any."""
        try:
            async with self.database.begin() as session:
                client = await self.accounts.client(session, delivery.account)
        except Unavailable as error:
            raise not_yet(str(error)) from error
        left = delivery.at
        blocked = None
        for row in rows:
            if row.state in ("sending", "unknown"):
                row = await self.reconcile(client, delivery.customer, row)
            left = row.first_attempt_at or self.now()
            if row.state == "pending":
                blocked = await self.attempt(client, delivery.customer, row, left) or blocked
            elif row.state in ("blocked", "failed"):
                blocked = row.reason
        return Delivered(at=left, blocked=blocked)

    async def attempt(self, client: Instagram, customer: str, row: MessageRow, at: datetime) -> str | None:
        """One call for one message; the reason where it is refused for good."""
        async with self.database.begin() as session:
            if not await messages.mark_sending(session, row.key, at):
                return None
        try:
            mid = await client.send(customer, Outbound.model_validate(row.content))
        except SendError as error:
            return await self.failed(client, row, error)
        async with self.database.begin() as session:
            await messages.mark_sent(session, row.key, mid, self.now())
        return None

    async def failed(self, client: Instagram, row: MessageRow, error: SendError) -> str | None:
        """Write down what a failed call means; raises where it is to be repeated."""
        reason = str(error)
        async with self.database.begin() as session:
            match error.outcome:
                case "message" | "person":
                    settle = (
                        messages.mark_blocked if error.window or error.outcome == "person" else messages.mark_failed
                    )
                    await settle(session, row.key, reason)
                    return reason
                case "retry":
                    await messages.mark_pending(session, row.key, reason)
                case "account":
                    await messages.mark_pending(session, row.key, reason)
                    await accounts.pause_account(session, client.account, reason)
                case "unknown":
                    await messages.mark_unknown(session, row.key, reason)
                case _:
                    assert_never(error.outcome)
        delay = timedelta(seconds=error.retry_after) if error.retry_after is not None else None
        raise not_yet(f"not sent yet: {reason}", delay) from error

    async def reconcile(self, client: Instagram, customer: str, row: MessageRow) -> MessageRow:
        """Find out whether a message arrived whose attempt ended without an answer."""
        begun = row.first_attempt_at or self.now()
        async with self.database.begin() as session:
            await messages.mark_unknown(session, row.key, row.reason or "the attempt was cut off")
        try:
            found = await client.sent_since(customer, begun - CLOCKS)
        except SendError as error:
            raise not_yet(f"it is not known whether {row.key} arrived: {error}") from error
        text = row.content.get("text")
        async with self.database.begin() as session:
            for sent in sorted(found, key=lambda one: one.at):
                if (sent.text or None) == text and await messages.by_mid(session, sent.mid) is None:
                    await messages.mark_sent(session, row.key, sent.mid, sent.at)
                    break
            else:
                if self.now() - begun < self.settled:
                    raise not_yet(f"it is not known yet whether {row.key} arrived", self.settled)
                await messages.mark_pending(session, row.key, "Instagram's record shows that it did not arrive")
            return (await messages.outbound(session, [row.key]))[0]


def not_yet(reason: str, delay: timedelta | None = None) -> ApplicationError:
    """The error that has the delivery tried again, after `delay` where that is known.

    A local activity gives up at once instead, so that no workflow task waits for it: the ordinary one takes over.
    """
    if activity.in_activity() and activity.info().is_local:
        return ApplicationError(reason, non_retryable=True)
    return ApplicationError(reason, next_retry_delay=delay)


async def _record_received(session: AsyncSession, delivery: Delivery) -> None:
    written = [
        NewMessage(
            key=message.key,
            conversation=delivery.conversation,
            author="customer",
            at=message.at,
            kind=message.kind,
            text=message.text or None,
            content=message.model_dump(mode="json", include={"payload", "attachments"}, exclude_defaults=True)
            | {"step": delivery.number},
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
    await messages.record_inbound(session, [*written, *typed])
    changes: conversations.Changes = {
        "place": delivery.place,
        "waiting": delivery.waiting,
        "language": delivery.language,
        "queue": delivery.queue,
    }
    if delivery.received:
        changes["last_customer_at"] = max(message.at for message in delivery.received)
    await conversations.update_conversation(session, delivery.conversation, **changes)


def _ledger(delivery: Delivery, send: Send) -> list[NewMessage]:
    """The calls to Instagram that a message needs, as rows of the ledger."""
    quick = () if send.listed else send.quick_replies
    calls = parts(
        send.text,
        [QuickReply(title=reply.title, payload=reply.payload) for reply in quick],
        [Button(text=button.text, url=button.url, payload=button.payload) for button in send.buttons],
        send.image,
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
