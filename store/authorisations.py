"""Authorisations under way: from the first click until somebody chose which account to use (SPEC 6.2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.accounts import Flavour
from store.rows import columns, read_first
from store.secrets import Vault


@dataclass(frozen=True)
class Authorisation:
    """One way through Meta's dialog: for which connector, begun by whom, and in which browser (a hash of its cookie).

    `used_at` is when Meta sent the person back, `account` what was chosen in the end.
    """

    id: str
    connector: str
    flavour: Flavour
    author: str
    browser: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    account: str | None = None


async def begin(session: AsyncSession, authorisation: Authorisation) -> None:
    """Keep a new one, and forget those that ran out."""
    table = tables.authorisations
    await session.execute(delete(table).where(table.c.expires_at < authorisation.created_at))
    values = {name: getattr(authorisation, name) for name in ("id", "connector", "flavour", "author", "browser")}
    await session.execute(
        insert(table).values(**values, created_at=authorisation.created_at, expires_at=authorisation.expires_at)
    )


async def use(session: AsyncSession, id: str, at: datetime) -> Authorisation | None:
    """Take it for the person who comes back from Meta; None when it was taken before, ran out, or is not known."""
    table = tables.authorisations
    statement = (
        update(table)
        .where(table.c.id == id, table.c.used_at.is_(None), table.c.expires_at > at)
        .values(used_at=at)
        .returning(*columns(table, Authorisation))
    )
    row = (await session.execute(statement)).first()
    return None if row is None else Authorisation(*row)


async def authorisation(session: AsyncSession, id: str, at: datetime) -> Authorisation | None:
    """One that has not run out."""
    table = tables.authorisations
    statement = select(*columns(table, Authorisation)).where(table.c.id == id, table.c.expires_at > at)
    return await read_first(session, statement, Authorisation)


async def keep_candidates(session: AsyncSession, vault: Vault, id: str, candidates: Sequence[dict[str, Any]]) -> None:
    """Keep what can be connected, tokens included, encrypted until the choice is made."""
    table = tables.authorisations
    written = vault.encrypt(json.dumps(list(candidates)))
    await session.execute(update(table).where(table.c.id == id).values(candidates=written))


async def candidates(session: AsyncSession, vault: Vault, id: str) -> list[dict[str, Any]]:
    """What can be connected; nothing once the choice is made."""
    table = tables.authorisations
    written = await session.scalar(select(table.c.candidates).where(table.c.id == id).with_for_update())
    return [] if written is None else json.loads(vault.decrypt(written))


async def finish(session: AsyncSession, id: str, account: str) -> None:
    """The choice is made: the other tokens are forgotten."""
    table = tables.authorisations
    await session.execute(update(table).where(table.c.id == id).values(candidates=None, account=account))
