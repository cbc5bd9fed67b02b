"""Conversations as lists and searches see them; the truth about a running one is its workflow."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
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
) -> bool:
    """Keep a conversation that has begun; one of this name that is there is left alone, and False answered.

    `hash` is what a chatbot's callback names to reach it (`routing.chatbots.conversation_hash`).
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


async def conversations(
    session: AsyncSession,
    *,
    cursor: str | None = None,
    limit: int = 50,
    account: str | None = None,
    customer: str | None = None,
    connector: str | None = None,
    queue: str | None = None,
    state: Literal["open", "ended"] | None = None,
) -> Page[Conversation]:
    """Those that agree with all that is given, last opened first; raises ValueError for a cursor not from here."""
    table = tables.conversations
    statement = _conversations()
    wanted = {"account": account, "customer": customer, "connector": connector, "queue": queue}
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(table.c[column] == value)
    if state is not None:
        statement = statement.where(table.c.ended_at.is_(None) == (state == "open"))
    order = [table.c.opened_at, table.c.name]
    return await read_page(session, statement, Conversation, order=order, cursor=cursor, limit=limit)


async def taken_keys(session: AsyncSession, keys: Iterable[str]) -> set[str]:
    """Which of these message keys are in the transcript of a conversation that has ended."""
    conversations, messages = tables.conversations, tables.messages
    statement = (
        select(messages.c.key)
        .join(conversations, conversations.c.name == messages.c.conversation)
        .where(messages.c.key.in_(list(keys)), conversations.c.ended_at.is_not(None))
    )
    return set(await session.scalars(statement))


def _conversations() -> Select[Any]:
    return select(*columns(tables.conversations, Conversation))
