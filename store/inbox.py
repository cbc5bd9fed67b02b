"""The durable inbox: every event from Instagram once, until it has reached its workflow (SPEC 6.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.columns import storable
from store.database import notify
from store.rows import columns, read
from store.tables import inbox

CHANNEL = "inbox"


@dataclass(frozen=True)
class InboxRow:
    """One event as parsed from a webhook. `at` is Instagram's time; `id` (order of arrival) and `attempts` are ours.

    `customer` is None for what belongs to no thread, such as account-wide changes; `received_at` is None until kept.
    """

    key: str
    account: str
    customer: str | None
    kind: str
    at: datetime
    event: dict[str, Any]
    id: int = 0
    attempts: int = 0
    last_error: str | None = None
    received_at: datetime | None = None


async def keep(session: AsyncSession, rows: Sequence[InboxRow]) -> int:
    """Insert the events whose key is not there yet and notify `inbox` if there are any; answers how many."""
    if not rows:
        return 0
    ids = await session.scalars(
        select(func.nextval(func.pg_get_serial_sequence("inbox", "id"))).select_from(
            func.generate_series(1, len(rows)).table_valued("number")
        )
    )
    values = [
        {
            "id": id,
            "key": row.key,
            "account": row.account,
            "customer": row.customer,
            "kind": row.kind,
            "mid": row.event.get("mid"),
            "at": row.at,
            "event": row.event,
        }
        for id, row in zip(ids, rows, strict=True)
    ]
    # Ids say the order of arrival, but keys are inserted sorted: two deliveries of the same events in
    # different order would otherwise wait for each other's keys for ever.
    values.sort(key=lambda value: value["key"])
    added = await session.scalars(insert(inbox).on_conflict_do_nothing().returning(inbox.c.id), values)
    count = len(added.all())
    if count:
        await notify(session, CHANNEL)
    return count


async def is_kept(session: AsyncSession, key: str) -> bool:
    """Whether an event of this key has ever come."""
    return await session.scalar(select(inbox.c.id).where(inbox.c.key == storable(key))) is not None


async def pending_threads(session: AsyncSession, limit: int) -> list[tuple[str, str | None]]:
    """(account, customer) of threads with pending events, longest waiting first, without those put off by a failure."""
    rows = await session.execute(
        select(inbox.c.account, inbox.c.customer)
        .where(inbox.c.forwarded_at.is_(None))
        .group_by(inbox.c.account, inbox.c.customer)
        .having(or_(func.max(inbox.c.retry_at).is_(None), func.max(inbox.c.retry_at) <= func.now()))
        .order_by(func.min(inbox.c.received_at), func.min(inbox.c.id))
        .limit(limit)
    )
    return [(account, customer) for account, customer in rows]


async def claim(session: AsyncSession, account: str, customer: str | None) -> bool:
    """Have a thread for this transaction alone; False when another has it. Read `pending` after, not before."""
    thread = storable(f"inbox {account} {customer or ''}")
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(thread, 0)))))


async def pending(session: AsyncSession, account: str, customer: str | None, limit: int) -> list[InboxRow]:
    """Events of one thread that are not forwarded, in the order of Instagram's times, then of arrival."""
    statement = (
        select(*columns(inbox, InboxRow))
        .where(_thread(account, customer), inbox.c.forwarded_at.is_(None))
        .order_by(inbox.c.at, inbox.c.id)
        .limit(limit)
    )
    return await read(session, statement, InboxRow)


async def mark_forwarded(session: AsyncSession, ids: Sequence[int], outcome: str) -> None:
    """Take events out of what is pending, with what became of them; those already marked keep their first outcome."""
    await session.execute(
        update(inbox)
        .where(inbox.c.id.in_(list(ids)), inbox.c.forwarded_at.is_(None))
        .values(forwarded_at=func.now(), outcome=outcome, last_error=None, retry_at=None)
    )


async def mark_failed(session: AsyncSession, ids: Sequence[int], error: str, retry_at: datetime | None = None) -> None:
    """Count a failed forwarding; `pending_threads` omits the thread until `retry_at`, so that it starves no other."""
    await session.execute(
        update(inbox)
        .where(inbox.c.id.in_(list(ids)), inbox.c.forwarded_at.is_(None))
        .values(attempts=inbox.c.attempts + 1, last_error=error, retry_at=retry_at)
    )


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many events by outcome, "pending" those that have none."""
    outcome = func.coalesce(inbox.c.outcome, text("'pending'"))
    rows = await session.execute(select(outcome, func.count()).group_by(outcome))
    return {str(name): number for name, number in rows}


async def redact(session: AsyncSession, mid: str) -> None:
    """Empty what a customer unsent, in every event about it; Meta's terms ask for this (webhooks, `is_deleted`)."""
    emptied = {"text": None, "title": None, "attachments": [], "story_url": None, "referral": None, "raw": {}}
    await session.execute(update(inbox).where(inbox.c.mid == mid).values(event=inbox.c.event.op("||")(emptied)))


def _thread(account: str, customer: str | None) -> ColumnElement[bool]:
    same_customer = inbox.c.customer.is_(None) if customer is None else inbox.c.customer == customer
    return (inbox.c.account == account) & same_customer
