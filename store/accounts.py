"""Connected Instagram accounts: their tokens, whether they may send, and how fast."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read, read_first
from store.secrets import Vault

Flavour = Literal["page", "login"]
Kind = Literal["business", "creator", "unknown"]

LONGEST_LIMIT = timedelta(minutes=5)
"""The longest pause that follows a rate limit for which Instagram names no time."""


@dataclass(frozen=True)
class AccountSummary:
    """One connected account without its token; `id` is the one in webhooks (1784…).

    `authorised_by` is the Meta user whose token it is, `limited_until` when sending may go on after a rate limit.
    """

    id: str
    flavour: Flavour
    username: str | None
    name: str | None
    page_id: str | None
    token_expires_at: datetime | None
    status: Literal["active", "paused"]
    paused_reason: str | None
    connected_at: datetime
    kind: Kind
    authorised_by: str | None
    token_refreshed_at: datetime | None
    token_checked_at: datetime | None
    data_access_expires_at: datetime | None
    limited_until: datetime | None
    limited_reason: str | None
    ice_breakers: Any


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
    kind: Kind = "unknown",
    authorised_by: str | None = None,
    data_access_expires_at: datetime | None = None,
) -> None:
    """Keep an account with its token; one that is there is overwritten and active again."""
    values: dict[str, Any] = {
        "kind": kind,
        "authorised_by": authorised_by,
        "data_access_expires_at": data_access_expires_at,
        "token_checked_at": None,
        "limited_until": None,
        "limited_reason": None,
        "limited_times": 0,
        "ice_breakers": None,
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
        .values(id=id, token_refreshed_at=func.now(), **values)
        .on_conflict_do_update(
            index_elements=["id"], set_={**values, "token_refreshed_at": func.now(), "connected_at": func.now()}
        )
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


async def account_summary(session: AsyncSession, id: str) -> AccountSummary | None:
    table = tables.accounts
    return await read_first(session, select(*columns(table, AccountSummary)).where(table.c.id == id), AccountSummary)


async def accounts_of(session: AsyncSession, authorised_by: str) -> list[AccountSummary]:
    """The accounts whose token is of this Meta user."""
    table = tables.accounts
    statement = select(*columns(table, AccountSummary)).where(table.c.authorised_by == authorised_by)
    return await read(session, statement.order_by(table.c.id), AccountSummary)


# Whether it may send --------------------------------------------------------------------------------------------------


async def pause_account(session: AsyncSession, id: str, reason: str) -> bool:
    """Stop sending for an account until it is resumed or connected again; False when there is none."""
    return await _set(session, id, status="paused", paused_reason=reason)


async def resume_account(session: AsyncSession, id: str) -> bool:
    return await _set(session, id, status="active", paused_reason=None)


async def disconnect_account(session: AsyncSession, id: str, reason: str) -> bool:
    """Forget the token and who gave it, and stop sending; what waits stays for the next authorisation."""
    return await _set(
        session,
        id,
        status="paused",
        paused_reason=reason,
        token=None,
        token_expires_at=None,
        data_access_expires_at=None,
        authorised_by=None,
    )


# The token ------------------------------------------------------------------------------------------------------------


async def renew_token(
    session: AsyncSession, vault: Vault, id: str, token: str, expires_at: datetime | None, at: datetime
) -> bool:
    """Keep the token that came in place of the old one."""
    return await _set(
        session, id, token=vault.encrypt(token), token_expires_at=expires_at, token_refreshed_at=at, token_checked_at=at
    )


async def token_checked(session: AsyncSession, id: str, at: datetime, **told: Any) -> bool:
    """Note that Meta was asked about the token, and what it told: `kind`, `token_expires_at` and the like."""
    return await _set(session, id, token_checked_at=at, **told)


async def encrypt_anew(session: AsyncSession, vault: Vault) -> int:
    """Encrypt every token with the vault's first key, so that an old key can be dropped; how many there are."""
    table = tables.accounts
    rows = await session.execute(select(table.c.id, table.c.token).where(table.c.token.is_not(None)).with_for_update())
    found = list(rows)
    for id, token in found:
        await _set(session, id, token=vault.encrypt(vault.decrypt(token)))
    return len(found)


# How fast -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """When a send may leave; `limited` says why where Instagram has asked for a pause."""

    at: datetime
    limited: str | None = None


async def reserve_send(session: AsyncSession, id: str, now: datetime, per_second: float) -> Slot:
    """The next moment at which this account may send, kept for the caller; the sends of all processes share them.

    A slot with `limited` is not reserved: nothing may leave before its time.
    """
    table = tables.accounts
    gap = timedelta(seconds=1 / per_second)
    statement = (
        update(table)
        .where(table.c.id == id, func.coalesce(table.c.limited_until, now) <= now)
        .values(next_send_at=func.greatest(func.coalesce(table.c.next_send_at, now), now) + gap)
    )
    after = await session.scalar(statement.returning(table.c.next_send_at))
    if after is not None:
        return Slot(after - gap)
    found = (await session.execute(select(table.c.limited_until, table.c.limited_reason).where(table.c.id == id))).one()
    return Slot(found.limited_until or now, found.limited_reason or "Instagram's rate limit")


async def limit_account(
    session: AsyncSession, id: str, now: datetime, reason: str, retry_after: timedelta | None
) -> datetime:
    """Let nothing leave for a while: as long as Instagram says, else twice as long each time; answers until when."""
    table = tables.accounts
    times = int(await session.scalar(select(table.c.limited_times).where(table.c.id == id).with_for_update()) or 0)
    pause = retry_after or min(timedelta(seconds=2) * 2 ** min(times, 10), LONGEST_LIMIT)
    until = now + pause
    later = func.greatest(func.coalesce(table.c.limited_until, until), until)
    await session.execute(
        update(table)
        .where(table.c.id == id)
        .values(limited_until=later, limited_reason=reason, limited_times=times + 1)
    )
    return until


async def unlimit_account(session: AsyncSession, id: str, now: datetime) -> None:
    """A send went through: the next rate limit begins with a short pause again."""
    table = tables.accounts
    over = (table.c.limited_times > 0) & (func.coalesce(table.c.limited_until, now) <= now)
    await session.execute(
        update(table).where(table.c.id == id, over).values(limited_until=None, limited_reason=None, limited_times=0)
    )


async def keep_ice_breakers(session: AsyncSession, id: str, published: list[dict[str, str]]) -> None:
    """Note which ice breakers Instagram shows."""
    await _set(session, id, ice_breakers=published)


async def _set(session: AsyncSession, id: str, **values: Any) -> bool:
    table = tables.accounts
    statement = update(table).where(table.c.id == id).values(**values).returning(table.c.id)
    return await session.scalar(statement) is not None
