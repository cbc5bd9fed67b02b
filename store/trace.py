"""The trace: the paths a conversation visited, when, why, and what changed there."""

import re
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


@dataclass(frozen=True)
class Change:
    """At the step `number` a conversation that followed the revision `before` went on with `revision`."""

    number: int
    before: int
    revision: int


_MOVED = re.compile(r"moved from revision (\d+) to (\d+)")


async def record_trace(session: AsyncSession, rows: Sequence[TraceRow]) -> None:
    """Write down visits; a number that its conversation has already is left as it is."""
    if rows:
        await session.execute(insert(tables.trace).values([asdict(row) for row in rows]).on_conflict_do_nothing())


async def trace(
    session: AsyncSession, conversation: str, *, after: int = 0, limit: int | None = None
) -> list[TraceRow]:
    """The visits of a conversation in order: all of them, or so many behind the number `after`."""
    table = tables.trace
    statement = select(*columns(table, TraceRow)).where(table.c.conversation == conversation, table.c.number > after)
    return await read(session, statement.order_by(table.c.number).limit(limit), TraceRow)


async def changes_of(session: AsyncSession, conversation: str) -> list[Change]:
    """When a conversation moved to another revision, in order, as its workflow has written it into the trace."""
    table = tables.trace.c
    statement = select(table.number, table.why).where(
        table.conversation == conversation, table.why.startswith("moved from revision ")
    )
    found: list[Change] = []
    for number, why in await session.execute(statement.order_by(table.number)):
        moved = _MOVED.fullmatch(why)
        if moved is not None:
            found.append(Change(number, int(moved[1]), int(moved[2])))
    return found
