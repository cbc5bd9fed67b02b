"""What is known about customers beyond one conversation: profile, language and custom fields."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.columns import storable
from store.rows import Page, columns, read, read_first, read_page


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
    updated_at: datetime | None

    @classmethod
    def unknown(cls, account: str, customer: str) -> "Contact":
        """One of whom nothing is kept but what they wrote."""
        return cls(account, customer, None, None, None, None, {}, None, None)


async def contact(session: AsyncSession, account: str, customer: str) -> Contact | None:
    return await read_first(session, _one(account, customer), Contact)


async def held(session: AsyncSession, account: str, customer: str) -> Contact | None:
    """The contact, which others cannot change until this transaction ends."""
    return await read_first(session, _one(account, customer).with_for_update(), Contact)


async def contacts_of(session: AsyncSession, who: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """What is known of these customers, each named by account and customer."""
    table = tables.contacts
    statement = select(*columns(table, Contact)).where(tuple_(table.c.account, table.c.customer).in_(set(who)))
    return {(one.account, one.customer): one for one in await read(session, statement, Contact)}


class Filters(TypedDict, total=False):
    """Which contacts; what is None or left out does not matter.

    `who` is a part of the name or username; `field` is a custom field that they have, with `value` as a part of what it
    holds, whatever the case.
    """

    account: str | None
    language: str | None
    who: str | None
    field: str | None
    value: str | None


async def contacts(
    session: AsyncSession, *, cursor: str | None = None, limit: int = 50, **filters: Unpack[Filters]
) -> Page[Contact]:
    """Those that agree with all that is given, of whom something was heard last first.

    Raises ValueError for a cursor that is not from here.
    """
    table = tables.contacts
    statement = select(*columns(table, Contact))
    for column in ("account", "language"):
        if (value := filters.get(column)) is not None:
            statement = statement.where(table.c[column] == value)
    if (who := filters.get("who")) is not None:
        statement = statement.where(or_(_has(table.c.name, who), _has(table.c.username, who)))
    if (field := filters.get("field")) is not None:
        held = table.c.fields[storable(field)]
        value = filters.get("value")
        statement = statement.where(held.is_not(None) if value is None else _has(held.astext, value))
    order = [table.c.updated_at, table.c.account, table.c.customer]
    return await read_page(session, statement, Contact, order=order, cursor=cursor, limit=limit)


async def languages(session: AsyncSession, account: str, customer: str) -> list[str]:
    """The languages of a customer's conversations, the newest first."""
    table = tables.conversations
    last = func.max(table.c.opened_at)
    statement = select(table.c.language).where(
        table.c.account == account, table.c.customer == customer, table.c.language.is_not(None)
    )
    return [one for one in await session.scalars(statement.group_by(table.c.language).order_by(last.desc())) if one]


def alias(key: str, account: str, customer: str) -> str:
    """What stands for a contact where nothing can be taken out again, such as the audit log.

    Without `key` (setting `hash_key`) nobody can tell from it who it was, also not by trying all ids.
    """
    derived = hmac.new(key.encode(), b"contacts", hashlib.sha256).digest()
    return hmac.new(derived, f"{account}-{customer}".encode(errors="replace"), hashlib.sha256).hexdigest()[:24]


async def meet(session: AsyncSession, account: str, customer: str) -> None:
    """A customer is here: from now on they are known, even if only by their id."""
    await _save(session, account, customer)


async def change(
    session: AsyncSession, account: str, customer: str, *, fields: Mapping[str, Any], language: str | None
) -> None:
    """Set these fields, where None takes one away and the others stay; and the language, of which None is none."""
    table = tables.contacts
    await meet(session, account, customer)
    kept = table.c.fields.op("||")(storable({name: value for name, value in fields.items() if value is not None}))
    for name in [name for name, value in fields.items() if value is None]:
        kept = kept.op("-")(storable(name))
    statement = update(table).where(table.c.account == account, table.c.customer == customer)
    await session.execute(statement.values(fields=kept, language=language))


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


def _one(account: str, customer: str) -> Select[Any]:
    table = tables.contacts
    return select(*columns(table, Contact)).where(table.c.account == account, table.c.customer == customer)


def _has(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    return text.icontains(storable(part), autoescape=True)
