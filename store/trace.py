"""The trace: the paths a conversation visited, when, why, and what changed there."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read


@dataclass(frozen=True)
class TraceRow:
    """One visit of a path, the `number`th of its conversation; `changed` are the values that it set, by name."""

    conversation: str
    number: int
    at: datetime
    path: str
    why: str
    changed: dict[str, Any] = field(default_factory=dict)


async def record_trace(session: AsyncSession, rows: Sequence[TraceRow]) -> None:
    """Write down visits; a number that its conversation has already is left as it is."""
    if rows:
        await session.execute(insert(tables.trace).values([asdict(row) for row in rows]).on_conflict_do_nothing())


async def trace(session: AsyncSession, conversation: str) -> list[TraceRow]:
    """All visits of a conversation, in order."""
    table = tables.trace
    statement = select(*columns(table, TraceRow)).where(table.c.conversation == conversation).order_by(table.c.number)
    return await read(session, statement, TraceRow)
