"""Tickets of conversations and of people: what they are about, where they stand, when they are due, what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from sqlalchemy import BigInteger, ColumnElement, Select, cast, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.sla import DONE, Promise, Stage, due, promised
from store import tables
from store.announcements import Kind, announce
from store.columns import Document
from store.rows import Page, columns, read, read_first, read_page
from store.words import having

GRAPH = "graph"
"""The author of what the configuration had created; no user's, since it says nothing of a person."""
ERASED = "(erased)"
Order = Literal["newest", "due"]


@dataclass(frozen=True)
class Ticket:
    """`due_at` as `routing.sla.due` has it, by the categories and opening hours of `revision`.

    `closed_at` is when it was closed or, without that, archived; None again once it is open.
    """

    number: int
    key: str
    conversation: str | None
    title: str
    category: str | None
    comment: str
    priority: str | None
    stage: Stage
    created_at: datetime
    author: str
    assignee: str | None
    due_at: datetime | None
    closed_at: datetime | None
    changed_at: datetime
    revision: int | None


@dataclass(frozen=True)
class Change:
    """What somebody did to a ticket: `changes` by field as [before, after], and what they wrote about it."""

    id: int
    ticket: int
    at: datetime
    author: str
    changes: dict[str, list[Any]]
    comment: str


class Values(TypedDict, total=False):
    """What people change of a ticket."""

    title: str
    category: str | None
    comment: str
    priority: str | None
    stage: Stage
    assignee: str | None


async def create_ticket(
    session: AsyncSession,
    key: str,
    *,
    at: datetime,
    conversation: str | None,
    title: str,
    category: str | None = None,
    comment: str = "",
    priority: str | None = None,
    author: str = GRAPH,
    assignee: str | None = None,
    revision: int | None = None,
) -> int:
    """The number of the ticket with this key, which is created if there is none; numbers begin at 1001.

    When it is due is what its category promises in the revision; a new ticket is announced.
    """
    table = tables.tickets
    existing = select(table.c.number).where(table.c.key == key)
    # Looked up first, since an insert that ends in a conflict uses up a number.
    number = await session.scalar(existing)
    if number is None:
        promise = await _promise(session, revision, category)
        values = {
            "key": key,
            "conversation": conversation,
            "title": title,
            "category": category,
            "comment": comment,
            "priority": priority,
            "author": author,
            "assignee": assignee,
            "revision": revision,
            "created_at": at,
            "changed_at": at,
            "due_at": None if promise is None else due(promise, at, ()),
        }
        number = await session.scalar(insert(table).values(values).on_conflict_do_nothing().returning(table.c.number))
        if number is not None:
            made = await ticket(session, number)
            assert made is not None, "it was created in this transaction"
            await _announce(session, "ticket.created", f"ticket/{number}", made, at)
    if number is None:
        number = await session.scalar(existing)
    assert number is not None, "a conflict means that the ticket is there, and tickets are never deleted"
    return number


async def change_ticket(
    session: AsyncSession,
    before: Ticket,
    *,
    author: str,
    at: datetime,
    values: Values,
    comment: str = "",
    revision: int | None = None,
) -> Ticket:
    """Change a ticket that `held` gave, write down who did and what they say about it, and announce it.

    A new category promises what it does in `revision`; any other change leaves the ticket with its own. What is the
    same as before is no change; without any, and without a comment, nothing happens.
    """
    new: dict[str, Any] = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not new and not comment:
        return before
    if "stage" in new:
        new["closed_at"] = _closed_at(before, new["stage"], at)
    if "category" in new:
        new["revision"] = revision
    if "stage" in new or "category" in new:
        new["due_at"] = await _due(session, before, at, new)
    shown = ("title", "category", "comment", "priority", "stage", "assignee", "due_at")
    told = {
        name: [_plain(getattr(before, name)), _plain(new[name])]
        for name in shown
        if name in new and new[name] != getattr(before, name)
    }
    change = {"ticket": before.number, "at": at, "author": author, "changes": told, "comment": comment}
    table = tables.ticket_changes
    [made] = await read(session, insert(table).values(change).returning(*columns(table, Change)), Change)
    statement = update(tables.tickets).where(tables.tickets.c.number == before.number)
    await session.execute(statement.values(**new, changed_at=at))
    after = await ticket(session, before.number)
    assert after is not None, "tickets are never deleted"
    await _announce(session, "ticket.changed", f"ticket/{before.number}/{made.id}", after, at, made)
    return after


async def ticket(session: AsyncSession, number: int) -> Ticket | None:
    return await read_first(session, _tickets().where(tables.tickets.c.number == number), Ticket)


async def held(session: AsyncSession, number: int) -> Ticket | None:
    """The ticket, which others cannot change until this transaction ends."""
    return await read_first(session, _tickets().where(tables.tickets.c.number == number).with_for_update(), Ticket)


async def history(session: AsyncSession, number: int) -> list[Change]:
    """What was done to a ticket, the oldest first."""
    table = tables.ticket_changes
    statement = select(*columns(table, Change)).where(table.c.ticket == number).order_by(table.c.id)
    return await read(session, statement, Change)


async def erase(session: AsyncSession, conversations: Sequence[str]) -> int:
    """Take every word out of these conversations' tickets, and what leads back to them; answers how many those are.

    That there was a ticket, its category, who had it and when it was done stay for reports.
    """
    table, changes = tables.tickets, tables.ticket_changes
    emptied = update(table).where(table.c.conversation.in_(conversations))
    values = {"title": ERASED, "comment": "", "conversation": None}
    numbers = (await session.scalars(emptied.values(values).returning(table.c.number))).all()
    theirs = changes.c.ticket.in_(numbers)
    left = changes.c.changes.op("-")("title").op("-")("comment")
    await session.execute(update(changes).where(theirs).values(comment="", changes=left))
    await session.execute(delete(changes).where(theirs, changes.c.changes == {}))
    return len(numbers)


# Lists ----------------------------------------------------------------------------------------------------------------


class Filters(TypedDict, total=False):
    """Which tickets; what is None or left out does not matter.

    `assignee` is empty for nobody's. `overdue` and `in_time` are the time at which they are that, or at which they were
    when they were closed. `account` and `customer` are those of the conversation. `words` are beginnings of words that
    stand in it, or its number.
    """

    conversation: str | None
    category: str | None
    priority: str | None
    stage: str | None
    stages: Sequence[str] | None
    assignee: str | None
    overdue: datetime | None
    in_time: datetime | None
    account: str | None
    customer: str | None
    words: str | None


@dataclass(frozen=True)
class _Ranked(Ticket):
    urgency: int


async def tickets(
    session: AsyncSession,
    *,
    order: Order = "newest",
    cursor: str | None = None,
    limit: int = 50,
    **filters: Unpack[Filters],
) -> Page[Ticket]:
    """Those that agree with all that is given: newest first, or first due first and then those that are not due.

    Raises ValueError for a cursor that is not from a list in this order.
    """
    table = tables.tickets
    statement = _tickets()
    if order == "due":
        statement = statement.add_columns(_URGENCY)
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(_agrees(name, value))
    if order == "newest":
        return await read_page(session, statement, Ticket, order=[table.c.number], cursor=cursor, limit=limit)
    page = await read_page(session, statement, _Ranked, order=[_URGENCY, table.c.number], cursor=cursor, limit=limit)
    names = [one.name for one in fields(Ticket)]
    return Page([Ticket(**{name: getattr(one, name) for name in names}) for one in page.items], page.cursor)


_EPOCH = cast(func.extract("epoch", tables.tickets.c.due_at) * 1_000_000, BigInteger)
_URGENCY = func.coalesce(-_EPOCH, literal_column("-9223372036854775807")).label("urgency")
"""Greater for what is due sooner: lists show the greatest first."""


def _agrees(name: str, value: Any) -> ColumnElement[bool]:
    table, talk = tables.tickets.c, tables.conversations.c
    late = table.due_at < func.coalesce(table.closed_at, value)
    match name:
        case "stages":
            return table.stage.in_(value)
        case "assignee" if value == "":
            return table.assignee.is_(None)
        case "overdue":
            return late
        case "in_time":
            return func.coalesce(late, False).is_(False)
        case "account" | "customer":
            return table.conversation.in_(select(talk.name).where(talk[name] == value))
        case "words":
            return _has_words(value)
        case _:
            return table[name] == value


def _has_words(words: str) -> ColumnElement[bool]:
    table, changes = tables.tickets.c, tables.ticket_changes.c
    found = [
        having(table.title.op("||")(literal_column("' '::text")).op("||")(table.comment), words),
        table.number.in_(select(changes.ticket).where(having(changes.comment, words))),
    ]
    number = words.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) < 2**63:
        found.append(table.number == int(number))
    return or_(*found)


def _tickets() -> Select[Any]:
    return select(*columns(tables.tickets, Ticket))


# When it is due -------------------------------------------------------------------------------------------------------


async def _due(session: AsyncSession, before: Ticket, at: datetime, new: Mapping[str, Any]) -> datetime | None:
    promise = await _promise(session, new.get("revision", before.revision), new.get("category", before.category))
    if promise is None:
        return None
    past = await history(session, before.number)
    stages: list[tuple[datetime, Stage]] = [(one.at, one.changes["stage"][1]) for one in past if "stage" in one.changes]
    if "stage" in new:
        stages.append((at, new["stage"]))
    return due(promise, before.created_at, stages)


async def _promise(session: AsyncSession, revision: int | None, category: str | None) -> Promise | None:
    """What the category promises in the revision, None for nothing; only that part of the document is read."""
    if revision is None or category is None:
        return None
    table = tables.revisions

    def part(*path: str) -> Any:
        return func.json_extract_path(table.c.document, *path, type_=Document())

    statement = select(part("categories", category, "sla"), part("time_groups")).where(table.c.number == revision)
    found = (await session.execute(statement)).first()
    return None if found is None or found[0] is None else promised(found[0], found[1] or {})


def _closed_at(before: Ticket, stage: Stage, at: datetime) -> datetime | None:
    if stage not in DONE:
        return None
    return before.closed_at if before.stage in DONE else at


# What the outside is told ---------------------------------------------------------------------------------------------


async def _announce(
    session: AsyncSession, kind: Kind, key: str, about: Ticket, at: datetime, change: Change | None = None
) -> None:
    content: dict[str, Any] = {"ticket": _told(about, "key", "revision")}
    if change is not None:
        content["change"] = _told(change, "ticket")
    await announce(session, key, kind=kind, conversation=about.conversation, at=at, content=content)


def _told(row: Ticket | Change, *but: str) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(row).items() if name not in but}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
