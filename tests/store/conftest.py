"""What every test of the store begins with: an open database, a vault, a conversation."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import make_url

from store.conversations import open_conversation
from store.database import Database
from store.secrets import Vault

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """The URL of a database without any table."""
    url = make_url(database_url)
    name = f"{url.database}_empty"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
async def talk(database: Database) -> str:
    """The name of an open conversation of customer `anna` with account `shop`."""
    name = "igdm_0123456789abcdef01234567"
    async with database.begin() as session:
        await open_conversation(
            session,
            name=name,
            account="shop",
            customer="anna",
            connector="main",
            workflow_id="ig-shop-anna",
            revision=1,
            opened_at=NOON,
        )
    return name
