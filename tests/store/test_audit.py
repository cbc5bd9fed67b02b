"""The audit log keeps what a committed transaction told it, for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.audit import entries, record
from store.database import Database

pytestmark = pytest.mark.anyio


async def _record(database: Database, actor: str, action: str, object: str) -> None:
    async with database.begin() as session:
        await record(session, actor, action, object, {"n": 1})


async def test_an_entry_and_its_order(database: Database) -> None:
    await _record(database, "eva", "user.created", "users/petr")
    async with database.begin() as session:
        await record(session, "eva", "user.deleted", "users/petr")
        both = (await entries(session)).items
        page = await entries(session, limit=1)
        rest = await entries(session, cursor=page.cursor)
    assert [(one.actor, one.action, one.object, one.details) for one in both] == [
        ("eva", "user.deleted", "users/petr", {}),
        ("eva", "user.created", "users/petr", {"n": 1}),
    ]
    assert [one.action for one in page.items + rest.items] == ["user.deleted", "user.created"]
    assert abs(both[0].at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_what_is_rolled_back_did_not_happen(database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as session:
            await record(session, "eva", "user.created", "users/petr")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.begin() as session:
        assert (await entries(session)).items == []


async def test_filters(database: Database) -> None:
    await _record(database, "eva", "user.created", "users/petr")
    await _record(database, "eva", "username.odd", "users/pet")
    await _record(database, "petr", "user.changed", "users/petr/photo")
    await _record(database, "petr", "apply", "revisions/5")

    async def found(**filters: str | datetime) -> list[str]:
        async with database.begin() as session:
            page = await entries(session, **filters)  # pyright: ignore[reportArgumentType]
        return [f"{one.actor} {one.action}" for one in page.items]

    assert await found(actor="eva") == ["eva username.odd", "eva user.created"]
    assert await found(action="user") == ["petr user.changed", "eva user.created"]
    assert await found(action="user.created") == ["eva user.created"]
    assert await found(object="users/petr") == ["petr user.changed", "eva user.created"]
    assert await found(object="users") == ["petr user.changed", "eva username.odd", "eva user.created"]
    assert await found(object="users/%") == []
    assert await found(actor="petr", object="users") == ["petr user.changed"]
    async with database.begin() as session:
        third = (await entries(session)).items[1].at
    assert await found(since=third) == ["petr apply", "petr user.changed"]
    assert await found(until=third) == ["eva username.odd", "eva user.created"]
    assert await found(since=third, until=third) == []


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit", "DELETE FROM audit WHERE id = 99"]
)
async def test_a_change_is_refused(database: Database, change: str) -> None:
    await _record(database, "eva", "user.created", "users/petr")
    with pytest.raises(DBAPIError, match="table audit only appends"):
        async with database.begin() as session:
            await session.execute(text(change))
    async with database.begin() as session:
        assert [one.actor for one in (await entries(session)).items] == ["eva"]
