"""Wrong passwords cost time: more with each one, for the name and for the address, however many are tried at once."""

from datetime import datetime, timedelta

import anyio
import pytest
from sqlalchemy import text

from store.attempts import FIRST_DELAY, FREE, LONGEST_DELAY, attempt, delay, forgive, succeeded
from store.database import Database

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


async def _try(database: Database, at: datetime, name: str = "eva", address: str = "192.0.2.1") -> timedelta | None:
    async with database.begin() as session:
        return await attempt(session, name, address, at)


def test_delays_double_up_to_a_quarter_of_an_hour() -> None:
    delays = [delay(failures, 5).seconds for failures in range(5, 15)]
    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert delay(10**6, 5) == LONGEST_DELAY


async def test_after_five_failures_of_a_name(database: Database, noon: datetime) -> None:
    for number in range(FREE["name"]):
        assert await _try(database, noon, address=f"192.0.2.{number}") is None
    assert await _try(database, noon, address="192.0.2.99") == FIRST_DELAY
    assert await _try(database, noon + 2 * SECOND) == 3 * SECOND  # asking too early makes it no longer
    assert await _try(database, noon, name="petr") is None
    at = noon + FIRST_DELAY
    assert await _try(database, at) is None
    assert await _try(database, at) == 2 * FIRST_DELAY


async def test_after_twenty_failures_of_an_address(database: Database, noon: datetime) -> None:
    for number in range(FREE["address"]):
        assert await _try(database, noon, name=f"user{number}") is None
    assert await _try(database, noon, name="one more") == FIRST_DELAY
    assert await _try(database, noon, name="one more", address="192.0.2.2") is None


async def test_the_addresses_of_one_connection_count_together(database: Database, noon: datetime) -> None:
    for number in range(FREE["address"]):
        assert await _try(database, noon, name=f"user{number}", address=f"2001:db8:0:1::{number:x}") is None
    assert await _try(database, noon, name="one more", address="2001:db8:0:1:ffff::") is not None
    assert await _try(database, noon, name="one more", address="2001:db8:0:2::1") is None
    assert await _try(database, noon, name="one more", address="::ffff:192.0.2.1") is None


async def test_many_at_once_gain_nothing(database: Database, noon: datetime) -> None:
    told: list[timedelta | None] = []

    async def one() -> None:
        told.append(await _try(database, noon))

    async with anyio.create_task_group() as group:
        for _ in range(15):
            group.start_soon(one)
    assert told.count(None) == FREE["name"]


async def test_the_right_password_forgets_the_name_and_not_the_address(database: Database, noon: datetime) -> None:
    for number in range(FREE["address"] - 1):
        await _try(database, noon, name=f"user{number}")
    for _ in range(3):
        assert await _try(database, noon, name="eva") is None
        async with database.begin() as session:
            await succeeded(session, "eva", "192.0.2.1")
    assert await _try(database, noon, name="petr") is None
    assert await _try(database, noon, name="eva") == FIRST_DELAY
    async with database.begin() as session:
        await succeeded(session, "eva", "192.0.2.1")
        await succeeded(session, "nobody", "192.0.2.50")
    assert await _try(database, noon, name="eva") is None  # nineteen are left of the address


async def test_an_administrator_forgives(database: Database, noon: datetime) -> None:
    for _ in range(FREE["name"]):
        await _try(database, noon)
    assert await _try(database, noon) is not None
    async with database.begin() as session:
        await forgive(session, "eva")
    assert await _try(database, noon) is None


async def test_after_a_day_without_failures_they_are_forgotten(database: Database, noon: datetime) -> None:
    for _ in range(4):
        await _try(database, noon)
    assert await _try(database, noon + timedelta(days=1, seconds=1)) is None
    assert await _try(database, noon + timedelta(days=1, seconds=2)) is None
    async with database.begin() as session:
        assert list(await session.scalars(text("SELECT failures FROM attempts"))) == [2, 2]


async def test_what_was_typed_as_a_name_is_not_kept(database: Database, noon: datetime) -> None:
    await _try(database, noon, name="my secret password")
    async with database.begin() as session:
        kept = await session.scalar(text("SELECT string_agg(attempts::text, '') FROM attempts"))
    assert kept
    assert "secret" not in kept
    assert "192.0.2.1" not in kept
