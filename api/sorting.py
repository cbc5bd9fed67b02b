"""What becomes of each event in the inbox: told to a workflow, recorded, or only kept."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import assert_never

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

import detection
from api import notes
from api.production import Known, Production
from api.signals import read_hint, start_or_tell, tell
from instagram.webhooks import Inbound
from routing.messages import AgentWrote, Attachment, CustomerMessage, Unsent, Wrote
from store.files import Files
from store.inbox import InboxRow
from store.messages import MessageRow, by_mid, in_doubt, mark_sent
from store.tables import accounts
from workflows.records import workflow_id

DOUBT = timedelta(seconds=15)
"""So long an event waits for what would explain it: an echo for the answer of a send, a deletion for its message."""


@dataclass(frozen=True)
class Arrived:
    """A row of the inbox with the event in it."""

    row: InboxRow
    event: Inbound


class Sorting:
    """Decides, acts, and names the outcome; the caller books it. Raises what the store and SignalError raise."""

    def __init__(
        self,
        temporal: Client,
        production: Production,
        *,
        task_queue: str,
        now: Callable[[], datetime],
        files: Files | None = None,
    ) -> None:
        self.temporal = temporal
        self.production = production
        self.task_queue = task_queue
        self.now = now
        self.files = files

    def first(self, rows: Sequence[InboxRow]) -> list[Arrived]:
        """The rows that are decided together: the messages that lead the list, or else its first row alone."""
        arrived = (Arrived(row, Inbound.model_validate(row.event)) for row in rows)
        together = list(takewhile(lambda one: one.event.starts, arrived))
        return together or [Arrived(row, Inbound.model_validate(row.event)) for row in rows[:1]]

    async def outcome(self, session: AsyncSession, together: Sequence[Arrived]) -> str | None:
        """What became of these rows of one thread; None where that is not known yet, so that they are to wait."""
        event, customer = together[0].event, together[0].event.customer
        if event.kind in ("optin", "change", "unknown"):
            return event.kind
        announced = event.kind == "edit" and event.num_edit == 0
        if customer is None and not announced:
            return "ignored"
        production = await self.production.current(session)
        if await session.scalar(select(accounts.c.id).where(accounts.c.id == event.account)) is None:
            return "unknown_account"
        if production is None or event.account not in production.accounts:
            return "no_connector"
        if event.standby:
            # Another app answers there; people see what was said, if a conversation is open here.
            if customer is not None:
                await notes.record(session, event, customer)
            return "standby"
        if announced:
            # A brand-new message, often without its sender; its own event may never come (facts 1.6).
            await read_hint(self.temporal, self.task_queue, event.account, event.mid)
            return "hint"
        if event.is_self or customer in (None, event.account):
            return "self"
        match event.kind:
            case "message" | "postback" | "referral":
                messages = [await _message(one.event, production) for one in together]
                wrote = Wrote(messages=tuple(messages))
                await start_or_tell(self.temporal, self.task_queue, event.account, customer, wrote)
                return "forwarded"
            case "echo":
                return await self._echo(session, together[0], customer)
            case "reaction" | "seen" | "edit":
                return "recorded" if await notes.record(session, event, customer) else "no_conversation"
            case "delete":
                if await notes.forget(session, event, customer, self.files):
                    # The running conversation remembers the words too.
                    unsent = Unsent(key=event.key, message=f"m:{event.mid}")
                    await tell(self.temporal, workflow_id(event.account, customer), unsent)
                    return "recorded"
                return None if self._is_fresh(together[0].row) else "no_conversation"
            case "handover":
                await notes.record(session, event, customer)
                return "handover"
            case _:
                assert_never(event.kind)

    async def _echo(self, session: AsyncSession, arrived: Arrived, customer: str) -> str | None:
        """Ours, if its mid is known or it is one of those that we do not know to have left; else typed by a person."""
        event = arrived.event
        # In this order: a send that is booked between the two reads is then in one of them at least.
        doubts = await in_doubt(session, event.account, customer)
        known = None if event.mid is None else await by_mid(session, event.mid)
        if known is not None and known.direction == "out":
            await mark_sent(session, known.key, event.mid, event.at)
            return "own"
        ours = next((message for message in doubts if _is_of(event, message)), None)
        if ours is not None:
            await mark_sent(session, ours.key, event.mid, event.at)
            return "reconciled"
        if doubts and self._is_fresh(arrived.row):
            return None
        wrote = AgentWrote(
            key=event.key, text=_words(event), image=_image(event), sent=True, mid=event.mid, at=event.at
        )
        told = await tell(self.temporal, workflow_id(event.account, customer), wrote)
        return "forwarded" if told else "no_conversation"

    def _is_fresh(self, row: InboxRow) -> bool:
        return row.received_at is not None and self.now() - row.received_at < DOUBT


async def _message(event: Inbound, production: Known) -> CustomerMessage:
    typed = event.text if event.kind == "message" and event.payload is None else None
    return CustomerMessage(
        key=event.key,
        at=event.at,
        text=(event.title if event.kind == "postback" else event.text) or "",
        # The `ref` of a link or ad that opens the thread says what was tapped, as a button's payload does.
        payload=_ref(event) if event.kind == "referral" else event.payload,
        attachments=tuple(Attachment(type=one.type, url=one.url, title=one.title) for one in event.attachments),
        kind=event.kind,
        mid=event.mid,
        story=Attachment(type="story", url=event.story_url) if event.story_url else None,
        reply_to=event.reply_to_mid,
        referral=event.referral,
        unsupported=event.unsupported,
        # It takes milliseconds of computing, which webhooks should not wait for.
        language=await asyncio.to_thread(detection.detect, typed, production.offered) if typed else None,
    )


def _ref(event: Inbound) -> str | None:
    ref = (event.referral or {}).get("ref")
    return ref if isinstance(ref, str) and ref else None


def _is_of(event: Inbound, message: MessageRow) -> bool:
    """Whether this echo may be of this message: the same text, an image, or a template, as which buttons are sent."""
    if event.text:
        return event.text.strip() == (message.text or "").strip()
    kinds = {one.type for one in event.attachments}
    return bool(
        ("image" in kinds and message.content.get("image")) or ("template" in kinds and message.content.get("buttons"))
    )


def _image(event: Inbound) -> str | None:
    return next((one.url for one in event.attachments if one.type == "image" and one.url), None)


def _words(event: Inbound) -> str:
    """What the person typed; where the transcript could show nothing, what it was that they sent."""
    if event.text or _image(event):
        return event.text or ""
    return (
        "\n".join(f"({one.type}) {one.url or one.title or ''}".strip() for one in event.attachments) or "(unsupported)"
    )
