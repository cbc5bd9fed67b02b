"""Scenarios in the store: their order, and who changed which."""

from typing import Any

import pytest

from store.database import Database
from store.scenarios import replace, scenarios

pytestmark = pytest.mark.anyio


async def test_order_authors_and_what_changed(database: Database) -> None:
    async def kept(author: str, **given: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
        async with database.begin() as session:
            changed = await replace(session, given, author)
            return changed, [(one.name, one.author) for one in await scenarios(session)]

    assert await kept("eva", b={"title": "B"}, a={"title": "A"}) == (["b", "a"], [("b", "eva"), ("a", "eva")])
    assert await kept("petr", a={"title": "A"}, b={"title": "B"}) == ([], [("a", "eva"), ("b", "eva")])
    assert await kept("petr", a={"title": "AA"}, c={"title": "C"}) == (["a", "c", "b"], [("a", "petr"), ("c", "petr")])
    assert await kept("anna") == (["a", "c"], [])
