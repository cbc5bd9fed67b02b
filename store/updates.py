"""What changed, in an order in which nothing that is committed late is jumped over: where live updates come from.

Triggers write the rows. Transactions commit in another order than they begin, so a reader goes by the transaction, and
only as far as all transactions before it have ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import BigInteger, ColumnElement, cast, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from store.columns import Words
from store.rows import columns, read
from store.tables import updates

Kind = Literal["conversations", "messages", "stays", "offers", "agents", "tickets", "notifications"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The tables that are watched."""
KEPT = timedelta(hours=24)
"""Whoever has read up to here less than this long ago can go on from there."""
SPARED = KEPT + timedelta(hours=1)
"""Rows are deleted when they are older: `at` is when their transaction began, which may commit later."""
PRUNED = 10_000
"""So many rows are deleted at once, at the most."""


class Position(NamedTuple):
    """How far somebody has read: everything up to here, by transaction and then by row."""

    transaction: int
    id: int


@dataclass(frozen=True)
class Update:
    """A row of a watched table was written; `name` is what its table calls it, of messages their conversation's."""

    transaction: int
    id: int
    at: datetime
    kind: Kind
    name: str

    @property
    def position(self) -> Position:
        return Position(self.transaction, self.id)


async def head(session: AsyncSession) -> Position:
    """The position of whoever wants only what is still to come."""
    horizon = await session.scalar(select(_horizon()))
    assert horizon is not None
    return Position(horizon, 0)


async def updates_after(session: AsyncSession, position: Position, limit: int) -> list[Update]:
    """The next updates, in the one order that there is; what is not here yet comes behind them."""
    order = tuple_(updates.c.transaction, updates.c.id)
    horizon = select(_horizon()).scalar_subquery()
    statement = (
        select(*columns(updates, Update))
        .where(order > tuple_(*position), updates.c.transaction < horizon)
        .order_by(updates.c.transaction, updates.c.id)
        .limit(limit)
    )
    return await read(session, statement, Update)


async def prune(session: AsyncSession) -> int:
    """Delete some of what is too old, by the database's clock; answers how many rows. Several may do so at once."""
    old: Any = (
        select(updates.c.id)
        .where(updates.c.at < func.now() - SPARED)
        .order_by(updates.c.at)
        .limit(PRUNED)
        .with_for_update(skip_locked=True)
    )
    gone = await session.scalars(delete(updates).where(updates.c.id.in_(old)).returning(updates.c.id))
    return len(gone.all())


def of_kinds(found: Sequence[Update], kinds: frozenset[Kind]) -> list[Update]:
    """Those of these kinds; of all where none is named."""
    return [one for one in found if not kinds or one.kind in kinds]


def _horizon() -> ColumnElement[int]:
    """All transactions before this one have ended, and what they wrote can be seen."""
    snapshot = func.pg_snapshot_xmin(func.pg_current_snapshot())
    return cast(cast(snapshot, Words), BigInteger).label("horizon")
