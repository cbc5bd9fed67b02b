"""Conversations as lists and searches see them; the truth about a running one is its workflow."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import messages, tables
from store.columns import storable
from store.rows import Page, columns, read_first, read_page


@dataclass(frozen=True)
class Conversation:
    """One customer's talk with one account; `place` is a path, `waiting` what it waits for there."""

    name: str
    account: str
    customer: str
    connector: str
    workflow_id: str
    revision: int
    place: str | None
    waiting: str | None
    language: str | None
    opened_at: datetime
    last_customer_at: datetime | None
    updated_at: datetime
    ended_at: datetime | None
    cause: str | None
    terminate: str | None
    queue: str | None
    answered: bool
    missed: bool


class Changes(TypedDict, total=False):
    """What `update_conversation` may write."""

    connector: str
    revision: int
    place: str | None
    waiting: str | None
    language: str | None
    last_customer_at: datetime | None
    queue: str | None
    answered: bool


async def open_conversation(
    session: AsyncSession,
    *,
    name: str,
    account: str,
    customer: str,
    connector: str,
    workflow_id: str,
    revision: int,
    opened_at: datetime,
    place: str | None = None,
    language: str | None = None,
    last_customer_at: datetime | None = None,
    hash: str | None = None,
    opening: dict[str, Any] | None = None,
) -> bool:
    """Keep a conversation that has begun; one of this name that is there is left alone, and False answered.

    `hash` is what a chatbot's callback names to reach it (`routing.chatbots.conversation_hash`). `opening` is what was
    known then, without which there is no recording of it: `customer`, `title`, `contact`, `language` and `callback`.
    """
    statement = insert(tables.conversations).values(
        name=name,
        account=account,
        customer=customer,
        connector=connector,
        workflow_id=workflow_id,
        revision=revision,
        place=place,
        language=language,
        opened_at=opened_at,
        last_customer_at=last_customer_at,
        hash=hash,
        opening=opening,
    )
    added = statement.on_conflict_do_nothing(index_elements=["name"]).returning(tables.conversations.c.name)
    return await session.scalar(added) is not None


async def update_conversation(session: AsyncSession, name: str, **columns: Unpack[Changes]) -> bool:
    """Write where a conversation is now; False when there is none of this name."""
    table = tables.conversations
    statement = update(table).where(table.c.name == name).values(**columns, updated_at=func.now())
    return await session.scalar(statement.returning(table.c.name)) is not None


async def end_conversation(
    session: AsyncSession,
    name: str,
    *,
    at: datetime,
    cause: str,
    terminate: str | None = None,
    queue: str | None = None,
    answered: bool = False,
    missed: bool = False,
) -> bool:
    """Book the end of a conversation; False, and nothing changed, when it has ended before or is not known."""
    table = tables.conversations
    statement = (
        update(table)
        .where(table.c.name == name, table.c.ended_at.is_(None))
        .values(
            ended_at=at,
            cause=cause,
            terminate=terminate,
            queue=queue,
            answered=answered,
            missed=missed,
            waiting=None,
            updated_at=func.now(),
        )
    )
    return await session.scalar(statement.returning(table.c.name)) is not None


async def conversation(session: AsyncSession, name: str) -> Conversation | None:
    return await read_first(session, _conversations().where(tables.conversations.c.name == name), Conversation)


async def is_recorded(session: AsyncSession, name: str) -> bool:
    """Whether it was recorded from its beginning on, so that it can be run again."""
    table = tables.conversations
    return bool(await session.scalar(select(table.c.opening.is_not(None)).where(table.c.name == name)))


async def conversation_by_hash(session: AsyncSession, hash: str) -> Conversation | None:
    """The conversation that a callback means; no row carries the hash, since whoever knows it may speak there."""
    table = tables.conversations
    found = (await session.execute(select(table.c.name, table.c.hash).where(table.c.hash == storable(hash)))).first()
    # The index has compared already, by its own rules and in its own time: this comparison is the one that counts.
    if found is None or not hmac.compare_digest(found.hash.encode(), hash.encode(errors="replace")):
        return None
    return await conversation(session, found.name)


async def open_conversation_of(session: AsyncSession, account: str, customer: str) -> Conversation | None:
    """The conversation with this customer that has not ended, as far as the store has been told."""
    table = tables.conversations
    statement = _conversations().where(
        table.c.account == account, table.c.customer == customer, table.c.ended_at.is_(None)
    )
    return await read_first(session, statement.order_by(table.c.opened_at.desc()), Conversation)


class Filters(TypedDict, total=False):
    """Which conversations; what is None or left out does not matter.

    `place` is a path that the conversation stands at or below, `who` a part of the customer's name or username, `words`
    are beginnings of words that one of its messages has.
    """

    account: str | None
    customer: str | None
    connector: str | None
    queue: str | None
    language: str | None
    cause: str | None
    terminate: str | None
    answered: bool | None
    missed: bool | None
    revision: int | None
    state: Literal["open", "ended"] | None
    place: str | None
    opened_after: datetime | None
    opened_before: datetime | None
    who: str | None
    words: str | None


async def conversations(
    session: AsyncSession, *, cursor: str | None = None, limit: int = 50, **filters: Unpack[Filters]
) -> Page[Conversation]:
    """Those that agree with all that is given, last opened first; raises ValueError for a cursor not from here."""
    statement = _conversations()
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(_agrees(name, value))
    order = [tables.conversations.c.opened_at, tables.conversations.c.name]
    return await read_page(session, statement, Conversation, order=order, cursor=cursor, limit=limit)


def _agrees(name: str, value: Any) -> ColumnElement[bool]:
    talk = tables.conversations.c
    match name:
        case "state":
            return talk.ended_at.is_(None) == (value == "open")
        case "place":
            return or_(talk.place == value, talk.place.startswith(f"{value}/", autoescape=True))
        case "opened_after":
            return talk.opened_at >= value
        case "opened_before":
            return talk.opened_at < value
        case "who":
            return _is_called(value)
        case "words":
            return messages.has_words(talk.name, value)
        case _:
            return talk[name] == value


def _is_called(part: str) -> ColumnElement[bool]:
    talk, contact = tables.conversations.c, tables.contacts.c
    named = or_(contact.name.icontains(part, autoescape=True), contact.username.icontains(part, autoescape=True))
    same = (contact.account == talk.account) & (contact.customer == talk.customer)
    return select(contact.customer).where(same, named).exists()


async def taken_keys(session: AsyncSession, keys: Iterable[str]) -> set[str]:
    """Which of these message keys are in the transcript of a conversation that has ended."""
    conversations, written = tables.conversations, tables.messages
    statement = (
        select(written.c.key)
        .join(conversations, conversations.c.name == written.c.conversation)
        .where(written.c.key.in_(list(keys)), conversations.c.ended_at.is_not(None))
    )
    return set(await session.scalars(statement))


def _conversations() -> Select[Any]:
    return select(*columns(tables.conversations, Conversation))
