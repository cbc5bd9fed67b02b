"""Which open conversations are to go on with a newer revision, and what came of each (SPEC 2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.moves import Moved
from store import tables
from store.conversations import update_conversation
from store.rows import Page, read, read_page
from store.trace import TraceRow, record_trace

State = Literal["waiting", "moved", "refused", "ended"]
STATES: tuple[State, ...] = get_args(State)
NOT_RUNNING = "its workflow does not run any more"


@dataclass(frozen=True)
class Asked:
    """An open conversation that is to be asked, and the workflow that runs it."""

    conversation: str
    workflow_id: str


@dataclass(frozen=True)
class Row:
    """A conversation that was open on revision `before`; `reason` says why it stayed there, `path` where it stood."""

    conversation: str
    before: int
    state: State
    reason: str | None
    path: str | None
    settled_at: datetime | None


async def open_conversations(session: AsyncSession) -> dict[int, int]:
    """How many conversations are open, by revision, the newest first."""
    table = tables.conversations.c
    statement = select(table.revision, func.count()).where(table.ended_at.is_(None)).group_by(table.revision)
    rows = await session.execute(statement.order_by(table.revision.desc()))
    return {int(row[0]): int(row[1]) for row in rows}


async def want(session: AsyncSession, revision: int) -> int:
    """Write down that all open conversations on older revisions are to move; those refused before are asked again.

    How many wait to be asked now.
    """
    table = tables.moves
    statement = _older(revision)
    again = {"state": "waiting", "reason": None, "asked_at": None, "settled_at": None}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["revision", "conversation"], set_=again, where=table.c.state == "refused"
        )
    )
    return await session.scalar(select(func.count()).where(*_waiting(revision))) or 0


async def is_wanted(session: AsyncSession, revision: int) -> bool:
    """Whether `want` was committed for this revision and wrote anything."""
    return (
        await session.scalar(select(tables.moves.c.revision).where(tables.moves.c.revision == revision).limit(1))
        is not None
    )


async def to_ask(session: AsyncSession, revision: int, limit: int) -> list[Asked]:
    """The next ones that nobody has asked; in the end also those that were only being opened when it was wanted."""
    found = await _to_ask(session, revision, limit)
    if not found:
        await session.execute(_older(revision).on_conflict_do_nothing())
        found = await _to_ask(session, revision, limit)
    return found


async def asked(session: AsyncSession, revision: int, conversations: Sequence[str], at: datetime) -> None:
    """Their workflows were told; each says itself what comes of it."""
    table = tables.moves
    which = (table.c.revision == revision) & table.c.conversation.in_(conversations)
    await session.execute(update(table).where(which).values(asked_at=at))


async def give_up(session: AsyncSession, revision: int, conversation: str, at: datetime) -> None:
    """There is no workflow to tell: the conversation has ended, or was ended by force."""
    moves, talks = tables.moves, tables.conversations
    which = (moves.c.revision == revision) & (moves.c.conversation == conversation) & (moves.c.state == "waiting")
    await session.execute(update(moves).where(which).values(asked_at=at))
    still_open = select(talks.c.name).where(talks.c.name == conversation, talks.c.ended_at.is_(None)).exists()
    refused = {"state": "refused", "reason": NOT_RUNNING, "settled_at": at}
    await session.execute(update(moves).where(which, still_open).values(refused))


async def settle(session: AsyncSession, moved: Moved) -> None:
    """Write down what came of a move: in the list, and where it moved, in the trace and on the conversation."""
    table = tables.moves
    if not moved.refused:
        await update_conversation(session, moved.conversation, revision=moved.revision)
        await record_trace(session, [TraceRow(moved.conversation, moved.number, moved.at, moved.path, moved.why)])
    values = {
        "state": "refused" if moved.refused else "moved",
        "reason": moved.refused or None,
        "path": moved.path,
        "settled_at": moved.at,
    }
    which = (table.c.revision == moved.revision) & (table.c.conversation == moved.conversation)
    await session.execute(update(table).where(which).values(values))


async def moves(
    session: AsyncSession, revision: int, *, state: State | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Row]:
    """Those of a revision, by the conversation's name; raises ValueError for a cursor that is not from here."""
    statement = _rows(revision)
    if state is not None:
        statement = statement.where(_state() == state)
    order = [tables.moves.c.conversation]
    return await read_page(session, statement, Row, order=order, cursor=cursor, limit=limit)


async def counts(session: AsyncSession, revision: int) -> dict[State, int]:
    """How many of a revision's moves are in which state."""
    rows = _rows(revision).subquery()
    counted = await session.execute(select(rows.c.state, func.count()).group_by(rows.c.state))
    found = {row[0]: int(row[1]) for row in counted}
    return {state: found.get(state, 0) for state in STATES}


async def _to_ask(session: AsyncSession, revision: int, limit: int) -> list[Asked]:
    moves, talks = tables.moves.c, tables.conversations.c
    statement: Any = (
        select(moves.conversation, talks.workflow_id)
        .join(tables.conversations, talks.name == moves.conversation)
        .where(*_waiting(revision))
        .order_by(moves.conversation)
        .limit(limit)
    )
    return await read(session, statement, Asked)


def _rows(revision: int) -> Any:
    moves, talks = tables.moves.c, tables.conversations.c
    return (
        select(moves.conversation, moves.before, _state().label("state"), moves.reason, moves.path, moves.settled_at)
        .join(tables.conversations, talks.name == moves.conversation)
        .where(moves.revision == revision)
    )


def _state() -> Any:
    """What the conversation itself does not come to say: that it went on to a yet newer revision, or ended first."""
    moves, talks = tables.moves.c, tables.conversations.c
    waiting = moves.state == "waiting"
    return case(
        (waiting & (talks.revision >= moves.revision), "moved"),
        (waiting & talks.ended_at.is_not(None), "ended"),
        else_=moves.state,
    )


def _waiting(revision: int) -> list[Any]:
    moves = tables.moves.c
    return [moves.revision == revision, moves.state == "waiting", moves.asked_at.is_(None)]


def _older(revision: int) -> Any:
    table = tables.conversations
    older = select(literal(revision), table.c.name, table.c.revision).where(
        table.c.ended_at.is_(None), table.c.revision < revision
    )
    return insert(tables.moves).from_select(["revision", "conversation", "before"], older)
