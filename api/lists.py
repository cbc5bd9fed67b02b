"""Lists in pages: `cursor` and `limit` of every route that answers one (SPEC 8)."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import Query

from api.errors import Problem, Refusal
from store.rows import Page

Row = TypeVar("Row")

Cursor = Annotated[
    str | None,
    Query(description="`cursor` of the page before; leave it out to begin with the newest.", max_length=1000),
]
Limit = Annotated[int, Query(ge=1, le=200, description="So many items at the most.")]
NEXT = "Asks for the next page; null at the end of the list."


async def paged(page: Awaitable[Page[Row]]) -> Page[Row]:
    """The page, or 422 where the cursor is none of this list."""
    try:
        return await page
    except ValueError as error:
        told = Problem(path="query/cursor", code="unknown_cursor", message=f"{error}.")
        raise Refusal(422, "The cursor is not one that this list gave.", [told]) from error
