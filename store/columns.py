"""The column types of all tables: text and JSON from strangers in a form that PostgreSQL can keep, and aware times."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """A `text` column whose values pass through `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return storable(value)


class Json(TypeDecorator[Any]):
    """A `jsonb` column whose values pass through `storable`; None is SQL NULL."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        # `->>` and `||` must treat their right side as JSONB itself does, not as another document.
        return self.impl_instance.coerce_compared_value(op, value)


class Document(TypeDecorator[Any]):
    """A `json` column: unlike `jsonb` it keeps the order in which people wrote a configuration's names."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable(value)


class Time(TypeDecorator[datetime]):
    """A `timestamptz` column that refuses naive times with a ValueError, since PostgreSQL would guess their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"{value.isoformat()} has no time zone: hand over an aware datetime, best in UTC")
        return value


def storable(value: Any) -> Any:
    """The same value with NUL and lone surrogates replaced by U+FFFD, in JSON values at any depth, keys included.

    PostgreSQL refuses both, and one message with such a character must not block every delivery behind it.
    """
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list() | tuple():
            return [storable(item) for item in value]
        case _:
            return value
