"""E-mails about missed chats: at most one for each person, whatever is killed in between (SPEC 3, terminates)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read
from store.users import ROLES, at_least

State = Literal["waiting", "sending", "sent", "failed", "undecided"]


@dataclass(frozen=True)
class Mail:
    """`undecided`: the mail server may have taken it, and nobody will ever know; it is not sent again."""

    conversation: str
    person: str
    state: State
    reason: str | None
    attempts: int
    changed_at: datetime


async def addressees(session: AsyncSession, agents: Sequence[str]) -> list[str]:
    """Of these users, or of everybody who may be an agent if none are named, those who can be written to."""
    users = tables.users.c
    roles = [role for role in ROLES if at_least(role, "agent")]
    statement = select(users.name).where(users.active, users.role.in_(roles), users.email.is_not(None))
    if agents:
        statement = statement.where(users.name.in_(list(agents)))
    return list(await session.scalars(statement.order_by(users.name)))


async def address_of(session: AsyncSession, person: str) -> str | None:
    """Their address, while they are active."""
    users = tables.users.c
    return await session.scalar(select(users.email).where(users.name == person, users.active))


async def want(session: AsyncSession, conversation: str, people: Sequence[str], at: datetime) -> None:
    """Keep that these people are to be written to, once for each of them."""
    rows = [{"conversation": conversation, "person": person, "changed_at": at} for person in people]
    if rows:
        await session.execute(insert(tables.mails).values(rows).on_conflict_do_nothing())


async def begin(session: AsyncSession, conversation: str, person: str, at: datetime) -> State:
    """Commit this before the mail server hears of it: `sending` if the mail may be sent now, else what became of it.

    One that was being sent when a worker was killed may have arrived, so that one is `undecided` for ever.
    """
    table = tables.mails
    which = (table.c.conversation == conversation) & (table.c.person == person)
    state: State | None = await session.scalar(select(table.c.state).where(which).with_for_update())
    if state == "sending":
        await settle(session, conversation, person, "undecided", at, "the worker was killed while it was being sent")
        return "undecided"
    if state != "waiting":
        return state or "failed"
    await session.execute(
        update(table).where(which).values(state="sending", attempts=table.c.attempts + 1, changed_at=at)
    )
    return "sending"


async def settle(
    session: AsyncSession, conversation: str, person: str, state: State, at: datetime, reason: str | None = None
) -> None:
    """What became of it; that it was sent is true in any case, anything else only while it was being sent."""
    table = tables.mails
    statement = update(table).where(table.c.conversation == conversation, table.c.person == person)
    if state != "sent":
        statement = statement.where(table.c.state.in_(("waiting", "sending")))
    await session.execute(statement.values(state=state, reason=reason, changed_at=at))


async def mails_of(session: AsyncSession, conversation: str) -> list[Mail]:
    """By person."""
    table = tables.mails
    statement = select(*columns(table, Mail)).where(table.c.conversation == conversation).order_by(table.c.person)
    return await read(session, statement, Mail)
