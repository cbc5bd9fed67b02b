"""What is known about customers beyond one conversation: profile, language and custom fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read, read_first


@dataclass(frozen=True)
class Contact:
    """A customer of one account; all is None for an anonymous one. `profile_at` is when Instagram was last asked.

    `picture` is the id of a stored attachment.
    """

    account: str
    customer: str
    username: str | None
    name: str | None
    picture: str | None
    language: str | None
    fields: dict[str, Any]
    profile_at: datetime | None
    updated_at: datetime


async def contact(session: AsyncSession, account: str, customer: str) -> Contact | None:
    table = tables.contacts
    statement = select(*columns(table, Contact)).where(table.c.account == account, table.c.customer == customer)
    return await read_first(session, statement, Contact)


async def contacts_of(session: AsyncSession, who: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """What is known of these customers, each named by account and customer."""
    table = tables.contacts
    statement = select(*columns(table, Contact)).where(tuple_(table.c.account, table.c.customer).in_(set(who)))
    return {(one.account, one.customer): one for one in await read(session, statement, Contact)}


async def save_profile(
    session: AsyncSession,
    account: str,
    customer: str,
    *,
    username: str | None,
    name: str | None,
    picture: str | None,
    at: datetime,
) -> None:
    """Keep what Instagram answered at `at`; what it leaves out now stays as it was known before."""
    await _save(session, account, customer, username=username, name=name, picture=picture, profile_at=at)


async def save_language(session: AsyncSession, account: str, customer: str, language: str) -> None:
    await _save(session, account, customer, language=language)


async def save_field(session: AsyncSession, account: str, customer: str, name: str, value: Any) -> None:
    """Set one custom field to any JSON value, the others stay."""
    await _save(session, account, customer, fields={name: value})


async def _save(session: AsyncSession, account: str, customer: str, **values: Any) -> None:
    table = tables.contacts
    statement = insert(table).values(account=account, customer=customer, **values)
    merged = {
        column: table.c.fields.op("||")(statement.excluded.fields)
        if column == "fields"
        else func.coalesce(statement.excluded[column], table.c[column])
        for column in values
    }
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "customer"], set_={**merged, "updated_at": func.now()}
        )
    )
