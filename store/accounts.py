"""Connected Instagram accounts with their tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read
from store.secrets import Vault

Flavour = Literal["page", "login"]


@dataclass(frozen=True)
class AccountSummary:
    """One connected account without its token; `id` is the one in webhooks (1784…)."""

    id: str
    flavour: Flavour
    username: str | None
    name: str | None
    page_id: str | None
    token_expires_at: datetime | None
    status: Literal["active", "paused"]
    paused_reason: str | None
    connected_at: datetime


@dataclass(frozen=True)
class Account(AccountSummary):
    """One connected account with its token in plain text, which `repr` leaves out."""

    token: str | None = field(repr=False)


async def connect_account(
    session: AsyncSession,
    vault: Vault,
    *,
    id: str,
    flavour: Flavour,
    username: str | None,
    name: str | None,
    page_id: str | None,
    token: str | None,
    token_expires_at: datetime | None,
) -> None:
    """Keep an account with its token; one that is there is overwritten and active again."""
    values: dict[str, Any] = {
        "flavour": flavour,
        "username": username,
        "name": name,
        "page_id": page_id,
        "token": None if token is None else vault.encrypt(token),
        "token_expires_at": token_expires_at,
        "status": "active",
        "paused_reason": None,
    }
    await session.execute(
        insert(tables.accounts)
        .values(id=id, **values)
        .on_conflict_do_update(index_elements=["id"], set_={**values, "connected_at": func.now()})
    )


async def account(session: AsyncSession, vault: Vault, id: str) -> Account | None:
    """Raises VaultError when the token cannot be decrypted."""
    table = tables.accounts
    row = (await session.execute(select(*columns(table, Account)).where(table.c.id == id))).first()
    if row is None:
        return None
    values = row._asdict()
    token = values.pop("token")
    return Account(**values, token=None if token is None else vault.decrypt(token))


async def accounts(session: AsyncSession) -> list[AccountSummary]:
    """All connected accounts, by id."""
    table = tables.accounts
    return await read(session, select(*columns(table, AccountSummary)).order_by(table.c.id), AccountSummary)


async def pause_account(session: AsyncSession, id: str, reason: str) -> bool:
    """Stop sending for an account until it is resumed or connected again; False when there is none."""
    return await _set_status(session, id, "paused", reason)


async def resume_account(session: AsyncSession, id: str) -> bool:
    return await _set_status(session, id, "active", None)


async def _set_status(session: AsyncSession, id: str, status: str, reason: str | None) -> bool:
    table = tables.accounts
    statement = update(table).where(table.c.id == id).values(status=status, paused_reason=reason).returning(table.c.id)
    return await session.scalar(statement) is not None
