"""API tokens, with which programs say who they are (SPEC 7)."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import Page, columns, read_first, read_page
from store.sessions import NOTED, seen
from store.users import Role, lesser

PREFIX = "sb_"


@dataclass(frozen=True)
class Token:
    """What is known of a token, without the token itself; `role` is the most that it may, if its owner may as much."""

    id: int
    owner: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class Bearer:
    """Who sent a token that holds: its owner, and the lesser of the token's role and of theirs."""

    id: int
    owner: str
    display_name: str
    role: Role
    expires_at: datetime | None


async def create_token(
    session: AsyncSession, *, owner: str, name: str, role: Role, expires_at: datetime | None, now: datetime
) -> tuple[Token, str]:
    """A new token, and what the program has to send, which is kept nowhere else."""
    table = tables.tokens
    secret = PREFIX + secrets.token_urlsafe(32)
    values = {"owner": owner, "name": name, "role": role, "created_at": now, "expires_at": expires_at}
    statement = insert(table).values(digest=_digest(secret), **values).returning(*columns(table, Token))
    return Token(*(await session.execute(statement)).one()), secret


async def bearer(session: AsyncSession, secret: str, now: datetime) -> Bearer | None:
    """Who sent this, if the token has not expired and its owner is active; its use is noted at most once a minute."""
    table, users = tables.tokens, tables.users
    statement = (
        select(table.c.id, table.c.owner, users.c.display_name, table.c.role, table.c.expires_at, users.c.role)
        .join(users, users.c.name == table.c.owner)
        .where(table.c.digest == _digest(secret), users.c.active)
        .where(or_(table.c.expires_at.is_(None), table.c.expires_at > now))
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    id, owner, display_name, role, expires_at, owners = row
    await seen(session, owner, now)
    stale = or_(table.c.last_used_at.is_(None), table.c.last_used_at <= now - NOTED)
    await session.execute(update(table).where(table.c.id == id, stale).values(last_used_at=now))
    return Bearer(id, owner, display_name, lesser(role, owners), expires_at)


async def those_that_hold(session: AsyncSession, ids: Iterable[int], now: datetime) -> set[int]:
    """Which of these tokens somebody is let in with, by their ids; that is no use of them."""
    table, users = tables.tokens, tables.users
    statement = (
        select(table.c.id)
        .join(users, users.c.name == table.c.owner)
        .where(table.c.id.in_(list(ids)), users.c.active)
        .where(or_(table.c.expires_at.is_(None), table.c.expires_at > now))
    )
    return set(await session.scalars(statement))


async def token(session: AsyncSession, id: int) -> Token | None:
    return await read_first(session, select(*columns(tables.tokens, Token)).where(tables.tokens.c.id == id), Token)


async def tokens(
    session: AsyncSession, *, owner: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Token]:
    """Newest first, those of one user or all; raises ValueError for a cursor that is not from here."""
    table = tables.tokens
    statement = select(*columns(table, Token))
    if owner is not None:
        statement = statement.where(table.c.owner == owner)
    return await read_page(session, statement, Token, order=[table.c.id], cursor=cursor, limit=limit)


async def revoke(session: AsyncSession, id: int) -> bool:
    """From now on nobody is let in with it; False where there is none."""
    table = tables.tokens
    return await session.scalar(delete(table).where(table.c.id == id).returning(table.c.id)) is not None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
