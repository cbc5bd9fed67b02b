"""One message of the ledger on its way: sent, refused, or looked for where nobody knows whether it arrived (SPEC 6.4).

Every message is in the ledger as `sending` before its call is made. One that is found there as `sending` or `unknown`
may have arrived: it is looked for in Instagram's own record before anything is sent again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import pause
from instagram.client import Instagram, Outbound, Record, Sent
from instagram.errors import SendError
from store import accounts, messages, notifications
from store.database import Database
from store.messages import MessageRow

SETTLED = timedelta(seconds=10)
"""So long after an attempt Instagram's record of the conversation is taken to show whether it arrived."""
CLOCKS = timedelta(seconds=60)
"""By so much Instagram's clock may differ from ours."""
GIVE_UP = timedelta(hours=1)
"""So long a reading that fails is repeated, before people are told that nobody knows."""
WINDOW = timedelta(hours=24)
"""So long after the customer's last message anybody may answer; later only people may, marked as such (facts 2.2)."""
TOKEN_DEAD = frozenset({102, 104, 190})
"""Codes that say so of the token itself; other refusals of a reading may mean that only reading is not allowed."""
SOON = timedelta(seconds=2)
"""A slot of the rate limit that comes within this time is waited for; for a later one the delivery is put off."""


@dataclass(frozen=True)
class Thread:
    """Whom a message goes to, by which client, and when the customer last wrote as far as we know."""

    client: Instagram
    customer: str
    conversation: str
    last_customer_at: datetime | None


@dataclass
class Sending:
    """Sends single messages; `per_second` bounds what one account sends, over all processes."""

    database: Database
    now: Callable[[], datetime]
    per_second: float = 50
    settled: timedelta = SETTLED
    give_up: timedelta = GIVE_UP

    async def settle(self, thread: Thread, row: MessageRow) -> "Settled":
        """Bring a message to its end, as far as it goes: sent, refused for good, or undecided.

        Raises ApplicationError where it is to be tried again, now or later; nothing is lost by that.
        """
        if row.state in ("sending", "unknown"):
            row = await self.reconcile(thread, row)
        begun = row.first_attempt_at or self.now()
        match row.state:
            case "pending":
                return await self.attempt(thread, row)
            case "blocked" | "failed" | "undecided":
                return Settled(begun, row.reason)
            case _:
                return Settled(begun)

    async def block(self, row: MessageRow, reason: str) -> None:
        """Give a message up that has not been tried."""
        async with self.database.begin() as session:
            await messages.mark_blocked(session, row.key, reason)

    # Sending ----------------------------------------------------------------------------------------------------------

    async def attempt(self, thread: Thread, row: MessageRow) -> "Settled":
        """One call for one message."""
        left = await self.begin(thread, row)
        if left is None:
            return Settled(row.first_attempt_at or self.now())
        message = Outbound.model_validate(row.content)
        late = thread.last_customer_at is not None and self.now() - thread.last_customer_at > WINDOW
        if row.author == "agent" and late:
            message = message.model_copy(update={"tag": "HUMAN_AGENT"})
        try:
            mid = await self.call(thread, row, message)
        except SendError as error:
            return Settled(left, *await self.failed(thread, row, error))
        usage = thread.client.usage
        async with self.database.begin() as session:
            await messages.mark_sent(session, row.key, mid, self.now())
            await accounts.unlimit_account(session, thread.client.account, self.now())
            if usage is not None and usage.percentage >= 100:
                rest = timedelta(seconds=usage.regain_access) if usage.regain_access else None
                await accounts.limit_account(session, thread.client.account, self.now(), "its usage is at 100 %", rest)
        return Settled(left)

    async def begin(self, thread: Thread, row: MessageRow) -> datetime | None:
        """Take the message and a slot of the rate limit, and wait for that; None where somebody else has settled it."""
        now = self.now()
        async with self.database.begin() as session:
            slot = await accounts.reserve_send(session, thread.client.account, now, self.per_second)
            wait = slot.at - now
            if slot.limited is not None or wait > SOON:
                raise not_yet(f"account {thread.client.account} has to wait: {slot.limited or 'many messages'}", wait)
            if not await messages.mark_sending(session, row.key, slot.at):
                return None
        await asyncio.sleep(max(wait.total_seconds(), 0))
        return row.first_attempt_at or slot.at

    async def call(self, thread: Thread, row: MessageRow, message: Outbound) -> str:
        """The call itself; a person's message that comes after the window is sent once more, marked as a person's."""
        try:
            mid = await thread.client.send(thread.customer, message)
        except SendError as error:
            if not error.window or row.author != "agent" or message.tag is not None:
                raise
            message = message.model_copy(update={"tag": "HUMAN_AGENT"})
            mid = await thread.client.send(thread.customer, message)
        if message.tag is not None:
            async with self.database.begin() as session:
                await messages.note_tag(session, row.key, message.tag)
        return mid

    async def failed(self, thread: Thread, row: MessageRow, error: SendError) -> tuple[str, bool]:
        """Write down what a failed call means: the reason, and whether nothing reaches this person; or raise."""
        reason = str(error)
        account = thread.client.account
        async with self.database.begin() as session:
            match error.outcome:
                case "message" | "person":
                    gone = error.outcome == "person"
                    settle = messages.mark_blocked if error.window or gone else messages.mark_failed
                    await settle(session, row.key, reason)
                    return reason, gone
                case "retry":
                    await messages.mark_pending(session, row.key, reason)
                    if error.throttled:
                        rest = None if error.retry_after is None else timedelta(seconds=error.retry_after)
                        await accounts.limit_account(session, account, self.now(), reason, rest)
                case "account":
                    await messages.mark_pending(session, row.key, reason)
                    await pause(session, account, reason, self.now())
                case "unknown":
                    await messages.mark_unknown(session, row.key, reason, error.most_tries)
                case _:
                    assert_never(error.outcome)
        delay = timedelta(seconds=error.retry_after) if error.retry_after is not None else None
        raise not_yet(f"not sent yet: {reason}", delay) from error

    # Looking for what may have arrived -------------------------------------------------------------------------------

    async def reconcile(self, thread: Thread, row: MessageRow) -> MessageRow:
        """Find out whether a message arrived whose attempt ended without an answer."""
        begun = row.first_attempt_at or self.now()
        newest = row.last_attempt_at or begun
        async with self.database.begin() as session:
            await messages.mark_unknown(session, row.key, row.reason or "the attempt was cut off")
        try:
            record = await thread.client.record_since(thread.customer, begun - CLOCKS)
        except SendError as error:
            return await self.unreadable(thread, row, error)
        async with self.database.begin() as session:
            found = await _found(session, record, row)
            if found is not None:
                await messages.mark_sent(session, row.key, found.mid, found.at)
            elif self.now() - newest < self.settled:
                raise not_yet(f"it is not known yet whether {row.key} arrived", self.settled)
            elif row.most_tries is not None and row.attempts >= row.most_tries:
                await self.undecided(session, thread, row, "Instagram does not show it, and it may not be tried again")
            elif record.complete or await messages.any_before(session, row, record.mids):
                await messages.mark_pending(session, row.key, "Instagram's record shows that it did not arrive")
            else:
                await self.undecided(session, thread, row, "Instagram's record does not reach back so far")
            return (await messages.outbound(session, [row.key]))[0]

    async def unreadable(self, thread: Thread, row: MessageRow, error: SendError) -> MessageRow:
        """The record cannot be read: wait where that may pass, else leave the decision to people."""
        newest = row.last_attempt_at or row.first_attempt_at or self.now()
        if error.code in TOKEN_DEAD:
            async with self.database.begin() as session:
                await pause(session, thread.client.account, str(error), self.now())
        elif (error.outcome != "retry" and self.now() - newest >= self.settled) or self.now() - newest >= self.give_up:
            async with self.database.begin() as session:
                await self.undecided(session, thread, row, f"Instagram's record cannot be read ({error})")
                return (await messages.outbound(session, [row.key]))[0]
        raise not_yet(f"it is not known whether {row.key} arrived: {error}") from error

    async def undecided(self, session: AsyncSession, thread: Thread, row: MessageRow, why: str) -> None:
        """Show people what nobody can find out; it is not guessed, and not sent again."""
        reason = f"it is not known whether this message arrived: {row.reason or 'the attempt was cut off'}; {why}"
        await messages.mark_undecided(session, row.key, reason)
        await notifications.notify(
            session,
            f"undecided/{row.key}",
            kind="undecided_message",
            conversation=thread.conversation,
            content={"message": row.key, "text": row.text, "reason": reason},
        )


@dataclass(frozen=True)
class Settled:
    """A message at its end: when it began to leave, why it did not, and whether nothing reaches this person."""

    at: datetime
    blocked: str | None = None
    gone: bool = False


def not_yet(reason: str, delay: timedelta | None = None) -> ApplicationError:
    """The error that has the delivery tried again, after `delay` where that is known.

    A local activity gives up at once instead, so that no workflow task waits for it: the ordinary one takes over.
    """
    if activity.in_activity() and activity.info().is_local:
        return ApplicationError(reason, non_retryable=True)
    return ApplicationError(reason, next_retry_delay=delay)


async def _found(session: AsyncSession, record: Record, row: MessageRow) -> Sent | None:
    """The oldest message of Instagram's record that this one may be, and no other of the ledger is."""
    text = row.content.get("text")
    for sent in sorted(record.sent, key=lambda one: one.at):
        # A template shows its buttons and no text, a picture neither.
        alike = (
            (sent.text or None) == text if sent.text or not sent.attachments else not text or "buttons" in row.content
        )
        if alike and await messages.by_mid(session, sent.mid) is None:
            return sent
    return None
