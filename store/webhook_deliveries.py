"""Announcements on their way to outgoing webhooks: who is to hear what, every attempt, and when the next one is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.announcements import ERASED, TEST, Announcement
from store.columns import Time
from store.rows import Page, columns, read_page
from store.webhooks import pause

State = Literal["waiting", "delivered", "failed"]
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)
"""How long to wait after the first failure, the second and so on; then always the last."""
GIVEN_UP = timedelta(days=3)
"""A delivery that has been tried for so long is given up."""
FAILING, FAILURES = timedelta(hours=24), 10
"""A webhook at which nothing arrived for so long, in so many rounds at least, is paused."""


@dataclass(frozen=True)
class Due:
    """An announcement that is to be delivered now, for the `tries`th time since `since`."""

    announcement: Announcement
    since: datetime
    tries: int


@dataclass(frozen=True)
class Attempt:
    """One try: what was answered, or the error where nothing was; an answer other than 2xx is an error too."""

    at: datetime
    status: int | None
    error: str | None
    milliseconds: int


@dataclass(frozen=True)
class Delivery:
    """An announcement for a webhook, and how far it has come; `due_at` is when it is tried next, if it waits."""

    announcement: int
    key: str
    kind: str
    conversation: str | None
    at: datetime
    content: dict[str, Any]
    state: State
    attempts: int
    since: datetime
    due_at: datetime
    settled_at: datetime | None


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


async def add_test(session: AsyncSession, webhook: int, *, key: str, content: dict[str, Any], at: datetime) -> int:
    """Something for this webhook alone, to try it out; the announcement's id."""
    table = tables.announcements
    values = {"key": key, "kind": TEST, "at": at, "content": content, "shared_at": at}
    id = (await session.execute(insert(table).values(**values).returning(table.c.id))).scalar_one()
    given = {"webhook": webhook, "announcement": id, "since": at, "due_at": at}
    await session.execute(insert(tables.webhook_deliveries).values(**given))
    await session.execute(update(tables.webhooks).where(tables.webhooks.c.id == webhook).values(retry_at=None))
    return id


async def due(session: AsyncSession, webhook: int, at: datetime, limit: int) -> list[Due]:
    """What is to be delivered now: tests, for which somebody waits, then what has waited longest."""
    table, deliveries = tables.announcements, tables.webhook_deliveries
    statement: Any = (
        select(*columns(table, Announcement), deliveries.c.since, deliveries.c.tries)
        .join(deliveries, deliveries.c.announcement == table.c.id)
        .where(deliveries.c.webhook == webhook, deliveries.c.state == "waiting", deliveries.c.due_at <= at)
        .order_by((table.c.kind == TEST).desc(), deliveries.c.due_at, table.c.id)
        .limit(limit)
    )
    rows = [tuple(row) for row in await session.execute(statement)]
    return [Due(Announcement(*row[:-2]), *row[-2:]) for row in rows]


async def next_due(session: AsyncSession, webhook: int) -> datetime | None:
    """When something is to be delivered there next; None where nothing waits, or the webhook is paused or gone."""
    hooks, deliveries = tables.webhooks, tables.webhook_deliveries
    statement = (
        select(func.greatest(func.min(deliveries.c.due_at), func.min(hooks.c.retry_at)))
        .join(hooks, hooks.c.id == deliveries.c.webhook)
        .where(deliveries.c.webhook == webhook, deliveries.c.state == "waiting", hooks.c.state == "active")
    )
    return await session.scalar(statement)


async def record(
    session: AsyncSession, webhook: int, one: Due, attempt: Attempt, *, delivered: bool, after: timedelta | None = None
) -> None:
    """Write down an attempt and what comes of it: delivered, tried again (not before `after`), or given up."""
    deliveries, hooks = tables.webhook_deliveries, tables.webhooks
    # The webhook first, as everybody does who changes both: nobody waits for another in a circle.
    if delivered:
        fresh = {"failing_since": None, "failures": 0, "retry_at": None}
        await session.execute(update(hooks).where(hooks.c.id == webhook).values(**fresh))
    which = (deliveries.c.webhook == webhook) & (deliveries.c.announcement == one.announcement.id)
    values: dict[str, Any] = {"attempts": deliveries.c.attempts + 1}
    if delivered:
        values |= {"state": "delivered", "settled_at": attempt.at}
    elif one.announcement.kind == TEST or attempt.at >= one.since + GIVEN_UP:
        values |= {"state": "failed", "settled_at": attempt.at}
    else:
        pause = max(pause_after(one.tries + 1), after or timedelta())
        values |= {"tries": deliveries.c.tries + 1, "due_at": attempt.at + pause}
    # What was settled meanwhile stays so, but that it arrived is true in any case.
    open_ = or_(deliveries.c.state == "waiting", literal(delivered))
    changed = await session.scalar(
        update(deliveries).where(which, open_).values(**values).returning(deliveries.c.webhook)
    )
    if changed is None:
        await session.execute(update(deliveries).where(which).values(attempts=deliveries.c.attempts + 1))
    table = tables.webhook_attempts
    told = {"at": attempt.at, "status": attempt.status, "error": attempt.error, "milliseconds": attempt.milliseconds}
    await session.execute(insert(table).values(webhook=webhook, announcement=one.announcement.id, **told))


async def nothing_arrived(session: AsyncSession, webhook: int, at: datetime, error: str) -> None:
    """Book a round in which every attempt failed: the whole webhook waits, and is paused after a long time of that."""
    hooks = tables.webhooks
    statement = (
        update(hooks)
        .where(hooks.c.id == webhook, hooks.c.state == "active")
        .values(failures=hooks.c.failures + 1, failing_since=func.coalesce(hooks.c.failing_since, literal(at, Time)))
        .returning(hooks.c.failures, hooks.c.failing_since)
    )
    found = (await session.execute(statement)).first()
    if found is None:
        return
    await session.execute(update(hooks).where(hooks.c.id == webhook).values(retry_at=at + pause_after(found.failures)))
    if found.failures >= FAILURES and at >= found.failing_since + FAILING:
        hours = int(FAILING / timedelta(hours=1))
        await pause(session, webhook, f"nothing arrived there for {hours} hours, and last {error}", at)


async def again(session: AsyncSession, webhook: int, announcement: int, at: datetime) -> bool:
    """Deliver something once more, whatever came of it before; False when there is no such delivery.

    Nor is there one of what was erased.
    """
    hooks, deliveries, table = tables.webhooks, tables.webhook_deliveries, tables.announcements
    await session.execute(update(hooks).where(hooks.c.id == webhook).values(retry_at=None))
    erased = select(table.c.id).where(func.json_extract_path(table.c.content, ERASED).is_not(None))
    which = (deliveries.c.webhook == webhook) & (deliveries.c.announcement == announcement)
    which &= deliveries.c.announcement.not_in(erased.where(table.c.id == announcement))
    values = {"state": "waiting", "since": at, "due_at": at, "tries": 0, "settled_at": None}
    return (
        await session.scalar(update(deliveries).where(which).values(**values).returning(deliveries.c.webhook))
        == webhook
    )


async def deliveries(
    session: AsyncSession, webhook: int, *, state: State | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Delivery]:
    """What this webhook has been told, or is to be, the newest first; raises ValueError for a foreign cursor."""
    table, given = tables.announcements, tables.webhook_deliveries
    statement: Any = (
        select(
            *(given.c.announcement, table.c.key, table.c.kind, table.c.conversation, table.c.at, table.c.content),
            *(given.c.state, given.c.attempts, given.c.since, given.c.due_at, given.c.settled_at),
        )
        .join(table, table.c.id == given.c.announcement)
        .where(given.c.webhook == webhook)
    )
    if state is not None:
        statement = statement.where(given.c.state == state)
    return await read_page(session, statement, Delivery, order=[given.c.announcement], cursor=cursor, limit=limit)


async def attempts(
    session: AsyncSession, webhook: int, announcements: Sequence[int], newest: int
) -> dict[int, list[Attempt]]:
    """Of each of these deliveries the newest attempts, the newest first."""
    table = tables.webhook_attempts
    number = func.row_number().over(partition_by=table.c.announcement, order_by=table.c.id.desc()).label("number")
    ranked = (
        select(table.c.announcement, *columns(table, Attempt), number)
        .where(table.c.webhook == webhook, table.c.announcement.in_(list(announcements)))
        .subquery()
    )
    statement = select(ranked).where(ranked.c.number <= newest).order_by(ranked.c.announcement, ranked.c.number)
    found: dict[int, list[Attempt]] = {}
    for row in await session.execute(statement):
        announcement, *values = tuple(row)[:-1]
        found.setdefault(announcement, []).append(Attempt(*values))
    return found


async def waiting(session: AsyncSession, webhooks: Sequence[int]) -> dict[int, int]:
    """How many deliveries wait, by webhook; those for which none waits are left out."""
    table = tables.webhook_deliveries
    statement = (
        select(table.c.webhook, func.count())
        .where(table.c.webhook.in_(list(webhooks)), table.c.state == "waiting")
        .group_by(table.c.webhook)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def to_wake(session: AsyncSession, at: datetime) -> list[int]:
    """Webhooks that could be given something at `at`; at a time in the past, those that somebody has forgotten."""
    hooks, deliveries = tables.webhooks, tables.webhook_deliveries
    due = (
        select(deliveries.c.webhook)
        .where(deliveries.c.webhook == hooks.c.id, deliveries.c.state == "waiting", deliveries.c.due_at <= at)
        .exists()
    )
    rested = or_(hooks.c.retry_at.is_(None), hooks.c.retry_at <= at)
    return list(await session.scalars(select(hooks.c.id).where(hooks.c.state == "active", rested, due)))
