"""Who is logged in: sessions that end when they are idle, or old (SPEC 7)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import read_first
from store.users import Role

IDLE = timedelta(hours=12)
"""A session that nobody used for so long ends."""
LONGEST = timedelta(days=7)
"""So long it lasts at the most."""
NOTED = timedelta(minutes=1)
"""A use is written down at most so often."""


@dataclass(frozen=True)
class Session:
    """A session that holds: whose it is, and what they may do now. `id` is a hash, and no secret."""

    id: str
    owner: str
    display_name: str
    role: Role
    last_used_at: datetime
    expires_at: datetime


async def begin(session: AsyncSession, owner: str, now: datetime) -> str:
    """A new session of a user who is there; answers the secret that its cookie holds, which is kept nowhere else."""
    table = tables.sessions
    await session.execute(delete(table).where(table.c.expires_at <= now))
    secret = secrets.token_urlsafe(32)
    times = {"created_at": now, "last_used_at": now, "expires_at": now + LONGEST}
    await session.execute(insert(table).values(id=_id(secret), owner=owner, **times))
    await seen(session, owner, now)
    return secret


async def session_of(session: AsyncSession, secret: str, now: datetime) -> Session | None:
    """The session of this secret, if it has not ended and its user is active; its use is noted."""
    table, users = tables.sessions, tables.users
    told = [table.c.id, table.c.owner, users.c.display_name, users.c.role, table.c.last_used_at, table.c.expires_at]
    statement = (
        select(*told)
        .join(users, users.c.name == table.c.owner)
        .where(table.c.id == _id(secret), table.c.expires_at > now, table.c.last_used_at > now - IDLE, users.c.active)
    )
    found = await read_first(session, statement, Session)
    if found is not None and found.last_used_at <= now - NOTED:
        await seen(session, found.owner, now)
        await session.execute(update(table).where(table.c.id == found.id).values(last_used_at=now))
    return found


async def those_that_hold(session: AsyncSession, ids: Iterable[str], now: datetime) -> set[str]:
    """Which of these sessions have not ended, by their ids; that is no use of them."""
    table, users = tables.sessions, tables.users
    statement = (
        select(table.c.id)
        .join(users, users.c.name == table.c.owner)
        .where(table.c.id.in_(list(ids)), table.c.expires_at > now, table.c.last_used_at > now - IDLE, users.c.active)
    )
    return set(await session.scalars(statement))


async def end(session: AsyncSession, id: str) -> bool:
    """End a session by its id; False where there is none."""
    table = tables.sessions
    return await session.scalar(delete(table).where(table.c.id == id).returning(table.c.id)) is not None


async def end_of(session: AsyncSession, secret: str) -> bool:
    """End the session of this secret; False where there is none."""
    return await end(session, _id(secret))


def csrf_token(secret: str) -> str:
    """What a page must say beside the cookie of this session: who can read neither cannot make it up."""
    return hmac.new(secret.encode(), b"switchboard csrf", hashlib.sha256).hexdigest()


async def seen(session: AsyncSession, name: str, now: datetime) -> None:
    """Note when a user was here last, at most once a minute."""
    table = tables.users
    stale = or_(table.c.last_seen_at.is_(None), table.c.last_seen_at <= now - NOTED)
    await session.execute(update(table).where(table.c.name == name, stale).values(last_seen_at=now))


def _id(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
