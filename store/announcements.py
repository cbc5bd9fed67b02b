"""What the outside is told: rows written in the transaction of the change itself, so that none is forgotten."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import cast, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.columns import Time
from store.database import notify
from store.rows import columns, read

Kind = Literal["ticket.created", "ticket.changed", "chat.missed", "conversation.ended"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Everything that outgoing webhooks can be told (SPEC 8)."""
TEST = "webhook.test"
"""The kind of what an administrator sends to one webhook to try it out."""
ERASED = "erased"
"""All that is left of what was announced about a customer whose data was erased."""
CHANNEL = "announcements"
"""Where whoever shares announcements is woken."""


@dataclass(frozen=True)
class Announcement:
    """`key` is unique for ever; `content` is the `data` of what webhooks get, plain JSON."""

    id: int
    key: str
    kind: str
    conversation: str | None
    at: datetime
    content: dict[str, Any]

    @property
    def message(self) -> str:
        """The id under which receivers know it, the same at every attempt and for every webhook.

        Not the number of the row: a store that was put back from a backup would give that once more.
        """
        return message_id(self.key, self.at)


def message_id(key: str, at: datetime) -> str:
    return f"msg_{hashlib.sha256(f'{key} {at.timestamp()}'.encode()).hexdigest()[:32]}"


async def announce(
    session: AsyncSession, key: str, *, kind: Kind, conversation: str | None, at: datetime, content: dict[str, Any]
) -> bool:
    """Tell the outside, once for each key; False when this was told before. It leaves when the transaction commits."""
    table = tables.announcements
    statement = insert(table).values(key=key, kind=kind, conversation=conversation, at=at, content=content)
    if await session.scalar(statement.on_conflict_do_nothing().returning(table.c.id)) is None:
        return False
    await notify(session, CHANNEL)
    return True


async def unshared(session: AsyncSession, limit: int = 500) -> list[Announcement]:
    """Announcements of which no webhook knows yet, held until the transaction ends; each process gets others."""
    table = tables.announcements
    statement = select(*columns(table, Announcement)).where(table.c.shared_at.is_(None)).order_by(table.c.id)
    return await read(session, statement.limit(limit).with_for_update(skip_locked=True), Announcement)


async def share(session: AsyncSession, announcements: Sequence[int], at: datetime) -> None:
    """Give every webhook that wants them these announcements to deliver."""
    table, hooks, deliveries = tables.announcements, tables.webhooks, tables.webhook_deliveries
    ids = list(announcements)
    wanted = (
        select(hooks.c.id, table.c.id, literal(at, Time), literal(at, Time))
        .select_from(table.join(hooks, cast(hooks.c.kinds, JSONB).op("?")(table.c.kind)))
        .where(table.c.id.in_(ids), hooks.c.state != "removed")
    )
    names = ["webhook", "announcement", "since", "due_at"]
    await session.execute(insert(deliveries).from_select(names, wanted).on_conflict_do_nothing())
    await session.execute(update(table).where(table.c.id.in_(ids)).values(shared_at=at))


async def forget(session: AsyncSession, conversations: Sequence[str], at: datetime) -> int:
    """Empty what was announced about these conversations, so that it says nothing of a customer; how many there were.

    What has not been delivered never is.
    """
    table, deliveries = tables.announcements, tables.webhook_deliveries
    about = table.c.conversation.in_(list(conversations))
    full = about & func.json_extract_path(table.c.content, ERASED).is_(None)
    values = {"content": {ERASED: True}, "shared_at": func.coalesce(table.c.shared_at, at)}
    emptied = update(table).where(full).values(values)
    ids = list(await session.scalars(emptied.returning(table.c.id)))
    waiting = (deliveries.c.announcement.in_(ids)) & (deliveries.c.state == "waiting")
    await session.execute(update(deliveries).where(waiting).values(state="failed", settled_at=at))
    return len(ids)


async def prune(session: AsyncSession, before: datetime, limit: int = 1000) -> int:
    """Delete announcements of that time which wait for nobody, with their deliveries and attempts; how many."""
    table, deliveries, attempts = tables.announcements, tables.webhook_deliveries, tables.webhook_attempts
    waits = exists().where(deliveries.c.announcement == table.c.id, deliveries.c.state == "waiting")
    old = select(table.c.id).where(table.c.at < before, table.c.shared_at.is_not(None), ~waits).limit(limit)
    ids = list(await session.scalars(old.with_for_update(skip_locked=True)))
    await session.execute(delete(attempts).where(attempts.c.announcement.in_(ids)))
    await session.execute(delete(deliveries).where(deliveries.c.announcement.in_(ids)))
    await session.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)
