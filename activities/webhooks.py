"""Tells outgoing webhooks what was announced: signed as Standard Webhooks says, and every attempt written down."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from temporalio import activity

from activities.web import Answer, Web, WebError
from store import webhook_deliveries
from store.announcements import Announcement
from store.database import Database
from store.secrets import Vault, VaultError
from store.webhook_deliveries import Attempt, Due, next_due, nothing_arrived, record
from store.webhooks import SECRET, Webhook, pause, signing_keys, webhook

TIMEOUT = timedelta(seconds=15)
"""So long a receiver may take to answer."""
TOGETHER = 5
"""So many are under way to one webhook at once."""
MOST = 20
"""So many are delivered in one round at the most."""
LONGEST = timedelta(hours=1)
"""The longest wait that a receiver may ask for with `Retry-After`."""
NOTHING = -1.0
"""Nothing waits."""


@dataclass(frozen=True)
class _Outcome:
    """What came of an attempt; `gone`: the receiver wants to hear nothing more. `after`: how long it asks to wait."""

    attempt: Attempt
    delivered: bool
    gone: bool = False
    after: timedelta | None = None


@dataclass
class Webhooks:
    """The activity `deliver_announcements`."""

    database: Database
    vault: Vault
    web: Web
    now: Callable[[], datetime]

    @activity.defn(name="deliver_announcements")
    async def deliver_announcements(self, id: int) -> float:
        """Deliver what is due to a webhook; answers in how many seconds there is more, 0 for now, -1 for nothing.

        An attempt counts when its answer is written down: a worker that is killed before has it made again, with the
        same `webhook-id`. While nothing arrives there, one announcement at a time is tried.
        """
        async with self.database.begin() as session:
            found = await webhook(session, id)
            at = self.now()
            if found is None or found.state != "active":
                return NOTHING
            waits = found.retry_at is not None and found.retry_at > at
            limit = 1 if found.failing_since else MOST
            todo = [] if waits else await webhook_deliveries.due(session, id, at, limit)
            try:
                keys = await signing_keys(session, self.vault, id, at) if todo else []
            except VaultError as error:
                await pause(session, id, str(error), at)
                return NOTHING
        if todo:
            await self._round(found, keys, todo)
        return await self._rest(id)

    async def _round(self, to: Webhook, keys: Sequence[str], todo: Sequence[Due]) -> None:
        """Several at once, until something fails; what is under way then is finished."""
        slots = asyncio.Semaphore(TOGETHER)
        outcomes: list[_Outcome] = []

        async def deliver(one: Due) -> None:
            async with slots:
                if any(not outcome.delivered for outcome in outcomes):
                    return
                activity.heartbeat()
                outcome = await self._attempt(to, keys, one.announcement)
                outcomes.append(outcome)
                async with self.database.begin() as session:
                    await record(session, to.id, one, outcome.attempt, delivered=outcome.delivered, after=outcome.after)

        async with asyncio.TaskGroup() as group:
            for one in todo:
                group.create_task(deliver(one))
        failed = [outcome for outcome in outcomes if not outcome.delivered]
        async with self.database.begin() as session:
            if any(outcome.gone for outcome in failed):
                await pause(session, to.id, "it answered 410 Gone: nothing is wanted there any more", self.now())
            elif failed and len(failed) == len(outcomes):
                await nothing_arrived(session, to.id, self.now(), failed[-1].attempt.error or "")

    async def _rest(self, id: int) -> float:
        async with self.database.begin() as session:
            at = await next_due(session, id)
        return NOTHING if at is None else max((at - self.now()).total_seconds(), 0.0)

    async def _attempt(self, to: Webhook, keys: Sequence[str], announcement: Announcement) -> _Outcome:
        at, began = self.now(), time.monotonic()
        body = body_of(announcement)
        headers = {
            "Content-Type": "application/json",
            "X-Switchboard-Event": announcement.kind,
            **signature_headers(keys, announcement.message, at, body),
        }

        def told(status: int | None, error: str | None) -> Attempt:
            return Attempt(at, status, error, round((time.monotonic() - began) * 1000))

        try:
            # Another host must not get what is meant for this one, so the body counts as secret.
            answer = await self.web.send("POST", to.url, headers, body, timeout=TIMEOUT, secret_content=True)
        except WebError as error:
            return _Outcome(told(None, str(error)), delivered=False)
        error = _error(answer)
        if error is None:
            return _Outcome(told(answer.status, None), delivered=True)
        after = _retry_after(answer, at)
        return _Outcome(told(answer.status, error), delivered=False, gone=answer.status == 410, after=after)


def body_of(announcement: Announcement) -> bytes:
    """What a receiver gets: the same bytes at every attempt."""
    told = {
        "id": announcement.message,
        "type": announcement.kind,
        "timestamp": announcement.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": announcement.content,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signature_headers(keys: Sequence[str], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks: a signature by each key over id, time (Unix seconds) and body."""
    stamp = str(int(at.timestamp()))
    content = f"{message}.{stamp}.".encode() + body
    signatures = (hmac.new(base64.b64decode(key.removeprefix(SECRET)), content, hashlib.sha256) for key in keys)
    signed = " ".join(f"v1,{base64.b64encode(one.digest()).decode()}" for one in signatures)
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": signed}


def _error(answer: Answer) -> str | None:
    """Why this answer does not say that the announcement has arrived."""
    if answer.method != "POST" or 300 <= answer.status < 400:
        return "it redirects to another address: write that one down"
    return None if 200 <= answer.status < 300 else f"it answered {answer.status}"


def _retry_after(answer: Answer, at: datetime) -> timedelta | None:
    """How long the receiver asks to be left alone, in seconds or until a time (RFC 9110, 10.2.3)."""
    asked = answer.headers.get("retry-after", "").strip()
    if answer.status not in (429, 503) or not asked:
        return None
    if asked.isdecimal():
        return min(timedelta(seconds=min(int(asked), 10**6)), LONGEST)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return min(max(until.replace(tzinfo=until.tzinfo or UTC) - at, timedelta()), LONGEST)
