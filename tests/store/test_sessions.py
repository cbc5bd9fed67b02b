"""Sessions end: when idle, when old, and when somebody ends them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from store import sessions
from store.database import Database
from store.users import change_user, create_user, user

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def _begun(database: Database, at: datetime) -> str:
    async with database.begin() as session:
        if await user(session, "eva") is None:
            await create_user(session, name="eva", display_name="Eva", role="agent", now=at)
        return await sessions.begin(session, "eva", at)


async def _holds(database: Database, secret: str, at: datetime) -> bool:
    async with database.begin() as session:
        return await sessions.session_of(session, secret, at) is not None


async def test_whose_it_is(database: Database, noon: datetime) -> None:
    secret = await _begun(database, noon)
    assert len(secret) >= 43  # 256 bits
    async with database.begin() as session:
        found = await sessions.session_of(session, secret, noon)
        assert await sessions.session_of(session, secret[:-1], noon) is None
        assert await sessions.session_of(session, "", noon) is None
        await change_user(session, "eva", role="viewer")
        later = await sessions.session_of(session, secret, noon)
        known = await user(session, "eva")
    assert found is not None
    assert later is not None
    assert known is not None
    assert (found.owner, found.display_name, found.role, found.expires_at) == (
        "eva",
        "Eva",
        "agent",
        noon + timedelta(days=7),
    )
    assert later.role == "viewer"
    assert known.last_seen_at == noon
    assert secret not in found.id


async def test_idle_sessions_end(database: Database, noon: datetime) -> None:
    secret = await _begun(database, noon)
    assert await _holds(database, secret, noon + 11 * HOUR)
    assert await _holds(database, secret, noon + 22 * HOUR)
    assert not await _holds(database, secret, noon + 34 * HOUR)


async def test_old_sessions_end_however_busy(database: Database, noon: datetime) -> None:
    secret = await _begun(database, noon)
    for hours in range(0, 7 * 24, 6):
        assert await _holds(database, secret, noon + hours * HOUR)
    assert not await _holds(database, secret, noon + timedelta(days=7))
    await _begun(database, noon + timedelta(days=7))
    async with database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM sessions")) == 1  # the old one is forgotten


async def test_a_use_is_noted_once_a_minute(database: Database, noon: datetime) -> None:
    secret = await _begun(database, noon)
    times: list[datetime] = []
    for seconds in (30, 59, 60, 90, 120):
        assert await _holds(database, secret, noon + timedelta(seconds=seconds))
        async with database.begin() as session:
            noted = "SELECT last_used_at FROM sessions UNION SELECT last_seen_at FROM users"
            times.extend(await session.scalars(text(noted)))
    assert [(at - noon).seconds for at in times] == [0, 0, 60, 60, 120]


async def test_one_is_ended_and_the_others_go_on(database: Database, noon: datetime) -> None:
    one, other = await _begun(database, noon), await _begun(database, noon)
    async with database.begin() as session:
        assert await sessions.end_of(session, one)
        assert not await sessions.end_of(session, one)
        assert not await sessions.end(session, other)  # an id is not the secret
    assert not await _holds(database, one, noon)
    assert await _holds(database, other, noon)


def test_the_csrf_token_belongs_to_its_session() -> None:
    assert sessions.csrf_token("one") == sessions.csrf_token("one")
    assert sessions.csrf_token("one") != sessions.csrf_token("other")
    assert "one" not in sessions.csrf_token("one")
