"""Reading rows into frozen dataclasses whose fields are named as the columns, and lists in pages."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Table, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from store.columns import Time

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A part of a list, newest first; `cursor` asks for what follows it, None at the end."""

    items: list[Row]
    cursor: str | None


def columns(table: Table, row: type[Any]) -> list[ColumnElement[Any]]:
    """The columns that a row's fields name, in their order."""
    return [table.c[field.name] for field in fields(row)]


async def read(session: AsyncSession, statement: Select[Any], row: type[Row]) -> list[Row]:
    return [row(*values) for values in await session.execute(statement)]


async def read_first(session: AsyncSession, statement: Select[Any], row: type[Row]) -> Row | None:
    values = (await session.execute(statement.limit(1))).first()
    return None if values is None else row(*values)


async def read_page(
    session: AsyncSession,
    statement: Select[Any],
    row: type[Row],
    *,
    order: Sequence[ColumnElement[Any]],
    cursor: str | None,
    limit: int,
) -> Page[Row]:
    """Up to `limit` rows, greatest `order` first, from where `cursor` says; raises ValueError for one not from here."""
    if limit < 1:
        raise ValueError(f"limit is {limit}, it must be at least 1")
    if cursor is not None:
        statement = statement.where(tuple_(*order) < tuple_(*_parsed(cursor, order)))
    rows = await read(session, statement.order_by(*(column.desc() for column in order)).limit(limit + 1), row)
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], _cursor([getattr(last, str(column.key)) for column in order]))


def _cursor(values: list[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def _parsed(cursor: str, order: Sequence[ColumnElement[Any]]) -> list[Any]:
    refusal = ValueError("the cursor is not one that this list gave: leave it out to begin at the start")
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        raise refusal from None
    if not isinstance(plain, list) or len(plain) != len(order):
        raise refusal
    try:
        return [_parsed_value(column, value) for column, value in zip(order, plain, strict=True)]
    except (TypeError, ValueError):
        raise refusal from None


def _parsed_value(column: ColumnElement[Any], value: Any) -> Any:
    if isinstance(column.type, Time):
        at = datetime.fromisoformat(value)
        if at.utcoffset() is None:
            raise ValueError("a time without a zone")
        return at
    if isinstance(column.type, Integer):
        bits = 64 if isinstance(column.type, BigInteger) else 32
        if type(value) is not int or value.bit_length() >= bits:
            raise ValueError(f"not a number of {bits} bits")
        return value
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
