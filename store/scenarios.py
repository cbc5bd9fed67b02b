"""The scenarios that are kept with the configuration, in the order in which people wrote them (SPEC 9.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read


@dataclass(frozen=True)
class Kept:
    """`document` is the scenario as its author wrote it."""

    name: str
    position: int
    document: dict[str, Any]
    author: str
    changed_at: datetime


async def hold(session: AsyncSession) -> None:
    """Until this transaction ends nobody else changes the scenarios; those who read them are not held up."""
    await session.execute(text("LOCK TABLE scenarios IN SHARE ROW EXCLUSIVE MODE"))


async def scenarios(session: AsyncSession) -> list[Kept]:
    table = tables.scenarios
    return await read(session, select(*columns(table, Kept)).order_by(table.c.position, table.c.name), Kept)


async def replace(session: AsyncSession, given: Mapping[str, dict[str, Any]], author: str) -> list[str]:
    """Keep these instead of the present ones; answers the names of those that this changed, added or removed."""
    await hold(session)
    table = tables.scenarios
    before = {one.name: one for one in await scenarios(session)}
    gone = [name for name in before if name not in given]
    if gone:
        await session.execute(delete(table).where(table.c.name.in_(gone)))
    touched: list[str] = []
    for position, (name, document) in enumerate(given.items()):
        known = before.get(name)
        same = known is not None and json.dumps(known.document) == json.dumps(document)
        if known is not None and same and known.position == position:
            continue
        statement = insert(table).values(name=name, position=position, document=document, author=author)
        changes: dict[str, Any] = {"position": position}
        if not same:
            touched.append(name)
            changes |= {"document": statement.excluded.document, "author": author, "changed_at": func.now()}
        await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changes))
    return touched + gone
