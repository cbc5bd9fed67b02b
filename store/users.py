"""The people who work here: their names, roles and passwords (SPEC 7)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import passwords, tables
from store.audit import SYSTEM, record
from store.rows import Page, columns, read_first, read_page

Role = Literal["viewer", "agent", "supervisor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""The least first; each may do what those before it may."""
NAME = r"[a-z0-9][a-z0-9._@+-]{0,99}"
"""How a login looks, as a regular expression; never changed, since transcripts and the audit log have it."""
FIRST = "admin"
"""The name of the first administrator."""


class NameTaken(ValueError):
    """Somebody has this name already."""


class LastAdmin(Exception):
    """Nobody could administer Switchboard any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the last active administrator: give another user the role admin first.")


@dataclass(frozen=True)
class User:
    """`issuer` is the OpenID provider of who signs on there, None for who has a password."""

    name: str
    display_name: str
    email: str | None
    role: Role
    active: bool
    issuer: str | None
    created_at: datetime
    last_seen_at: datetime | None


def at_least(role: Role, least: Role) -> bool:
    return ROLES.index(role) >= ROLES.index(least)


def lesser(one: Role, other: Role) -> Role:
    return one if at_least(other, one) else other


async def create_user(
    session: AsyncSession,
    *,
    name: str,
    role: Role,
    now: datetime,
    display_name: str = "",
    email: str | None = None,
    password: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> User:
    """A new, active user; `password` is a hash of `passwords.hashed`. Raises NameTaken."""
    if re.fullmatch(NAME, name) is None or name == SYSTEM:
        raise ValueError(f"a user's name is of the form {NAME}, and not {SYSTEM}")
    table = tables.users
    values = {"name": name, "display_name": display_name or name, "email": email, "role": role, "created_at": now}
    statement = insert(table).values(**values, password=password, issuer=issuer, subject=subject)
    returned = statement.on_conflict_do_nothing().returning(*columns(table, User))
    row = (await session.execute(returned)).first()
    if row is None:
        raise NameTaken(f"{name} is taken: choose another name.")
    return User(*row)


async def change_user(session: AsyncSession, name: str, **changes: Any) -> User | None:
    """Change `display_name`, `email`, `role` or `active`; None where there is nobody of this name.

    Who is deactivated loses every session and token at once. Raises LastAdmin, with nothing changed.
    """
    table = tables.users
    if changes.get("role", "admin") != "admin" or changes.get("active") is False:
        await _keep_an_admin(session, name)
    if changes:
        await session.execute(update(table).where(table.c.name == name).values(**changes))
    if changes.get("active") is False:
        await session.execute(delete(tables.sessions).where(tables.sessions.c.owner == name))
        await session.execute(delete(tables.tokens).where(tables.tokens.c.owner == name))
    return await user(session, name)


async def set_password(session: AsyncSession, name: str, hashed: str, keep: str | None = None) -> None:
    """A new password, as a hash, ends all sessions of this user but the one with the id `keep`."""
    await session.execute(update(tables.users).where(tables.users.c.name == name).values(password=hashed))
    sessions = tables.sessions
    await session.execute(delete(sessions).where(sessions.c.owner == name, sessions.c.id != (keep or "")))


async def renew_hash(session: AsyncSession, name: str, hashed: str) -> None:
    """Keep the same password under today's parameters; sessions go on."""
    await session.execute(update(tables.users).where(tables.users.c.name == name).values(password=hashed))


async def delete_user(session: AsyncSession, name: str) -> bool:
    """Forget a user with sessions and tokens; False where there is nobody of this name. Raises LastAdmin."""
    await _keep_an_admin(session, name)
    table = tables.users
    return await session.scalar(delete(table).where(table.c.name == name).returning(table.c.name)) is not None


async def user(session: AsyncSession, name: str) -> User | None:
    return await read_first(session, _users().where(tables.users.c.name == name), User)


async def user_of_subject(session: AsyncSession, issuer: str, subject: str) -> User | None:
    """Who signs on at that provider as this subject."""
    table = tables.users
    return await read_first(session, _users().where(table.c.issuer == issuer, table.c.subject == subject), User)


async def users(
    session: AsyncSession,
    *,
    role: Role | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[User]:
    """Newest first, those of one role or all; raises ValueError for a cursor that is not from here."""
    table = tables.users
    statement = _users()
    if role is not None:
        statement = statement.where(table.c.role == role)
    if active is not None:
        statement = statement.where(table.c.active == active)
    order = [table.c.created_at, table.c.name]
    return await read_page(session, statement, User, order=order, cursor=cursor, limit=limit)


async def password_of(session: AsyncSession, name: str) -> str | None:
    """The hash of an active user's password; held against changes until the transaction ends."""
    table = tables.users
    statement = select(table.c.password).where(table.c.name == name, table.c.active)
    return await session.scalar(statement.with_for_update(key_share=True))


async def ensure_admin(session: AsyncSession, password: str | None, now: datetime) -> str | None:
    """Where there is no user at all, make the administrator `admin`; the password, if it had to be thought up here.

    Print that one once: it is kept nowhere. Of several processes that start at once, one makes the user.
    Raises passwords.WeakPassword for a given one that is too short.
    """
    await session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
    if await session.scalar(select(tables.users.c.name).limit(1)) is not None:
        return None
    if password is not None:
        passwords.check(password)
    chosen = password or passwords.generated()
    await create_user(session, name=FIRST, role="admin", password=await passwords.hashed(chosen), now=now)
    await record(session, SYSTEM, "user.created", f"users/{FIRST}", {"role": "admin"})
    return None if password is not None else chosen


async def _keep_an_admin(session: AsyncSession, name: str) -> None:
    """Raises LastAdmin for the only active one; two that go at the same time are looked at one after the other."""
    table = tables.users
    admins = select(table.c.name).where(table.c.role == "admin", table.c.active).order_by(table.c.name)
    if list(await session.scalars(admins.with_for_update(key_share=True))) == [name]:
        raise LastAdmin(name)


def _users() -> Select[tuple[object, ...]]:
    return select(*columns(tables.users, User))
