"""The sandbox: the working copy that people edit, an entity a row, so that each knows who changed it and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.accounts import CONNECTORS, entities_with_known_accounts
from routing.entities import LANGUAGES, Change, Entities, Key, agree, document_of, entities_of
from store import tables
from store.rows import columns, read, read_first


@dataclass(frozen=True)
class Entity:
    """`document` is the entity as its author wrote it, right or wrong."""

    kind: str
    name: str
    document: dict[str, Any]
    author: str
    changed_at: datetime

    @property
    def key(self) -> Key:
        return Key(self.kind, self.name)


async def hold(session: AsyncSession) -> None:
    """Until this transaction ends nobody else changes the sandbox; those who read it are not held up.

    Whoever also holds the revisions takes those first.
    """
    await session.execute(text("LOCK TABLE sandbox IN SHARE ROW EXCLUSIVE MODE"))


async def entities(session: AsyncSession, kind: str | None = None) -> list[Entity]:
    """All of them or those of a kind, in the order of the document."""
    table = tables.sandbox
    statement = select(*columns(table, Entity)).order_by(table.c.position, table.c.kind, table.c.name)
    if kind is not None:
        statement = statement.where(table.c.kind == kind)
    return await read(session, statement, Entity)


async def entity(session: AsyncSession, key: Key) -> Entity | None:
    table = tables.sandbox
    statement = select(*columns(table, Entity)).where(table.c.kind == key.kind, table.c.name == key.name)
    return await read_first(session, statement, Entity)


async def document(session: AsyncSession) -> dict[str, Any]:
    """The whole of it: `{"format": 1}` when there is nothing in it."""
    return document_of({one.key: one.document for one in await entities(session)})


async def put(session: AsyncSession, key: Key, given: dict[str, Any], author: str) -> None:
    """Keep an entity; a new one comes last of its kind. The same words again leave author and time as they are.

    A connector without an account keeps the one that production has: that it was authorised is a fact, not a draft.
    """
    await hold(session)
    mine = await _written(session)
    if key.kind == CONNECTORS:
        given = entities_with_known_accounts({**mine, key: given}, await _production(session))[key]
    await _write(session, mine, {**mine, key: given}, author)


async def remove(session: AsyncSession, key: Key) -> bool:
    """False where there is no such entity."""
    table = tables.sandbox
    await hold(session)
    statement = delete(table).where(table.c.kind == key.kind, table.c.name == key.name).returning(table.c.name)
    return await session.scalar(statement) is not None


async def replace(session: AsyncSession, given: Mapping[str, Any], author: str) -> dict[Key, Change]:
    """Put a whole document in place of the sandbox; answers what that changed, which alone gets author and time.

    Accounts are kept as `put` says. What is no entity of `given` is left out.
    """
    await hold(session)
    found = entities_with_known_accounts(entities_of(given), await _production(session))
    return await _write(session, await _written(session), found, author)


async def restore(session: AsyncSession, revision: Mapping[str, Any], author: str) -> dict[Key, Change]:
    """Make the sandbox mean what a revision's document does; entities that do already stay as they are written.

    Accounts are kept as `put` says.
    """
    await hold(session)
    mine = await _written(session)
    theirs = entities_with_known_accounts(entities_of(revision), await _production(session))
    found = {key: mine[key] if key in mine and _agree(mine, theirs, key) else one for key, one in theirs.items()}
    languages = Key(LANGUAGES, "")
    if languages in mine and _agree(mine, theirs, languages):
        found[languages] = mine[languages]
    return await _write(session, mine, found, author)


async def restore_one(session: AsyncSession, key: Key, revision: Mapping[str, Any], author: str) -> dict[Key, Change]:
    """Make one entity mean what it does in a revision's document; one that was removed comes back at its place."""
    await hold(session)
    mine, theirs = await _written(session), entities_of(revision)
    if _agree(mine, theirs, key):
        return {}
    if key not in theirs:
        return await _write(session, mine, {other: one for other, one in mine.items() if other != key}, author)
    if key in mine:
        return await _write(session, mine, {**mine, key: theirs[key]}, author)
    before = [other for other in theirs if other in mine or other == key]
    place = before.index(key)
    behind = list(mine).index(before[place - 1]) + 1 if place else 0
    items = list(mine.items())
    return await _write(session, mine, dict([*items[:behind], (key, theirs[key]), *items[behind:]]), author)


async def fill_account(session: AsyncSession, connector: str, account: str, author: str) -> None:
    """Write into a connector which account it was authorised for; nothing where the sandbox has no such connector."""
    await hold(session)
    mine, key = await _written(session), Key(CONNECTORS, connector)
    if key in mine and mine[key].get("account") != account:
        await _write(session, mine, {**mine, key: {**mine[key], "account": account}}, author)


async def _written(session: AsyncSession) -> Entities:
    return {one.key: one.document for one in await entities(session)}


async def _production(session: AsyncSession) -> Entities:
    table = tables.revisions
    current = await session.scalar(select(table.c.document).order_by(table.c.number.desc()).limit(1))
    return entities_of(current or {})


def _agree(mine: Entities, theirs: Entities, key: Key) -> bool:
    return agree(key, mine.get(key), theirs.get(key))


async def _write(session: AsyncSession, before: Entities, after: Entities, author: str) -> dict[Key, Change]:
    """Make the rows from what they were to what they are to be, touching only what differs."""
    table = tables.sandbox
    found: dict[Key, Change] = {}
    for key, one in after.items():
        if key not in before:
            found[key] = "added"
        elif json.dumps(before[key]) != json.dumps(one):
            found[key] = "changed"
    gone = [key for key in before if key not in after]
    positions = {key: position for position, key in enumerate(after)}
    if gone:
        await session.execute(delete(table).where(tuple_(table.c.kind, table.c.name).in_(gone)))
    if found:
        rows = [
            {"kind": key.kind, "name": key.name, "position": positions[key], "document": after[key], "author": author}
            for key in found
        ]
        statement = insert(table)
        overwritten = {name: statement.excluded[name] for name in ("position", "document", "author")}
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "name"], set_=overwritten | {"changed_at": func.now()}
            ),
            rows,
        )
    stayed = [key for key in after if key not in found]
    if stayed and list(positions) != list(before):
        for key in stayed:
            where = (table.c.kind == key.kind) & (table.c.name == key.name)
            await session.execute(update(table).where(where).values(position=positions[key]))
    for key in gone:
        found[key] = "removed"
    return found
