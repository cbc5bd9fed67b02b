"""Lists in the order of an authored document, searched and in pages (SPEC 8)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import Query

from api.errors import Problem, Refusal


class Authored(Protocol):
    """What such lists hold."""

    name: str
    title: str | None
    description: str | None


Item = TypeVar("Item", bound=Authored)
Search = Annotated[str | None, Query(description="Only with this in the name, title or description.", max_length=200)]


def found(items: Sequence[Item], search: str | None) -> list[Item]:
    """Those that have the words, in whatever case."""
    wanted = (search or "").casefold()
    return [
        one
        for one in items
        if any(wanted in (text or "").casefold() for text in (one.name, one.title, one.description))
    ]


def page(items: Sequence[Item], cursor: str | None, limit: int) -> tuple[list[Item], str | None]:
    """A part of the list and what asks for the next one; raises 422 for a cursor that this list did not give.

    It names the last item before, and its place in case it is gone by then.
    """
    start = 0
    if cursor is not None:
        try:
            place, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition("/")
            names = [one.name for one in items]
            start = names.index(name) + 1 if name in names else max(int(place), 0)
        except (binascii.Error, ValueError) as error:
            told = Problem(path="query/cursor", code="unknown_cursor", message="leave it out to begin at the start")
            raise Refusal(422, "The cursor is not one that this list gave.", [told]) from error
    part = list(items[start : start + limit])
    if start + limit >= len(items):
        return part, None
    return part, base64.urlsafe_b64encode(f"{start + limit}/{part[-1].name}".encode()).decode()
