"""API tokens let in until they expire or are revoked, and never with more than their owner may."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from store.database import Database
from store.tokens import bearer, create_token, revoke, token, tokens
from store.users import Role, change_user, create_user, delete_user

pytestmark = pytest.mark.anyio


async def _make(
    database: Database,
    noon: datetime,
    owner: str = "eva",
    role: Role = "supervisor",
    expires_at: datetime | None = None,
) -> tuple[int, str]:
    async with database.begin() as session:
        made, secret = await create_token(
            session, owner=owner, name="pipeline", role=role, expires_at=expires_at, now=noon
        )
    return made.id, secret


@pytest.fixture
async def _eva(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        await create_user(session, name="eva", display_name="Eva", role="supervisor", now=noon)
        await create_user(session, name="petr", role="admin", now=noon)


@pytest.mark.usefixtures("_eva")
async def test_it_lets_in_as_its_owner(database: Database, noon: datetime) -> None:
    id, secret = await _make(database, noon, role="agent")
    assert secret.startswith("sb_")
    assert len(secret) >= 46  # 256 bits
    async with database.begin() as session:
        found = await bearer(session, secret, noon)
        for wrong in (secret[:-1], secret.removeprefix("sb_"), "", "sb_"):
            assert await bearer(session, wrong, noon) is None
    assert found is not None
    assert (found.id, found.owner, found.display_name, found.role) == (id, "eva", "Eva", "agent")


@pytest.mark.usefixtures("_eva")
async def test_it_never_may_more_than_its_owner(database: Database, noon: datetime) -> None:
    _, secret = await _make(database, noon)
    for owners, expected in (("admin", "supervisor"), ("viewer", "viewer"), ("supervisor", "supervisor")):
        async with database.begin() as session:
            await change_user(session, "eva", role=owners)
            found = await bearer(session, secret, noon)
        assert found is not None
        assert found.role == expected


@pytest.mark.usefixtures("_eva")
async def test_it_expires_and_is_revoked(database: Database, noon: datetime) -> None:
    id, secret = await _make(database, noon, expires_at=noon + timedelta(hours=1))
    async with database.begin() as session:
        assert await bearer(session, secret, noon + timedelta(minutes=59)) is not None
        assert await bearer(session, secret, noon + timedelta(hours=1)) is None
        assert await revoke(session, id)
        assert not await revoke(session, id)
        assert await bearer(session, secret, noon) is None
        assert await token(session, id) is None


@pytest.mark.usefixtures("_eva")
async def test_a_deleted_owner_takes_it_along(database: Database, noon: datetime) -> None:
    _, secret = await _make(database, noon)
    async with database.begin() as session:
        assert await delete_user(session, "eva")
        assert await bearer(session, secret, noon) is None


@pytest.mark.usefixtures("_eva")
async def test_a_use_is_noted_once_a_minute(database: Database, noon: datetime) -> None:
    id, secret = await _make(database, noon)
    noted: list[datetime | None] = []
    versions: list[str] = []
    for seconds in (0, 59, 60, 100):
        async with database.begin() as session:
            await bearer(session, secret, noon + timedelta(seconds=seconds))
            known = await token(session, id)
            # PostgreSQL's own mark of who wrote the row last.
            versions.append(str(await session.scalar(text("SELECT xmin::text FROM tokens"))))
        assert known is not None
        noted.append(known.last_used_at)
    assert noted == [noon, noon, noon + timedelta(minutes=1), noon + timedelta(minutes=1)]
    assert versions[0] == versions[1] != versions[2] == versions[3]


@pytest.mark.usefixtures("_eva")
async def test_lists(database: Database, noon: datetime) -> None:
    first, _ = await _make(database, noon)
    second, _ = await _make(database, noon)
    other, _ = await _make(database, noon, owner="petr")
    async with database.begin() as session:
        assert [one.id for one in (await tokens(session)).items] == [other, second, first]
        page = await tokens(session, owner="eva", limit=1)
        assert [one.id for one in page.items] == [second]
        assert [one.id for one in (await tokens(session, owner="eva", cursor=page.cursor)).items] == [first]
