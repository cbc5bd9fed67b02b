"""Transactions, readiness, migrations that race, and notifications."""

import sys
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from store.database import Database, listen, migrate, notify

pytestmark = pytest.mark.anyio


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as session:
            await session.execute(text("INSERT INTO secrets (name, value) VALUES ('a', '')"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM secrets")) == 0


async def test_times_come_back_in_utc(database: Database) -> None:
    async with database.begin() as session:
        noon = await session.scalar(text("SELECT timestamptz '2026-07-01 12:00:00+02'"))
    assert noon is not None
    assert noon.utcoffset() == timedelta(0)
    assert noon.isoformat() == "2026-07-01T10:00:00+00:00"


async def test_options_of_the_url_stay(database_url: str) -> None:
    separator = "&" if "?" in database_url else "?"
    database = Database(f"{database_url}{separator}options=-c%20statement_timeout%3D4321")
    async with database.begin() as session:
        assert await session.scalar(text("SHOW statement_timeout")) == "4321ms"
        assert await session.scalar(text("SHOW timezone")) == "UTC"
    await database.close()


def test_another_kind_of_url_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin with postgresql://"):
        Database("sqlite:///x.db")


async def test_ready_only_with_all_migrations(database: Database, empty_url: str) -> None:
    assert await database.is_ready()
    empty = Database(empty_url)
    assert await empty.current_schema() is None
    assert not await empty.is_ready()
    await anyio.to_thread.run_sync(migrate, empty_url)
    assert await empty.is_ready()
    assert await empty.current_schema() == await database.current_schema()
    await empty.close()


async def test_a_newer_schema_is_ready(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'of a later release'"))
    assert await database.is_ready()


async def test_a_database_that_does_not_answer_is_not_ready(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(f"postgresql://postgres@/postgres?host={tmp_path}")
    assert not await database.is_ready()
    assert "does not answer" in caplog.text
    await database.close()


async def test_three_processes_migrate_at_once(empty_url: str) -> None:
    code = "import sys; from store.database import migrate; migrate(sys.argv[1])"
    root = Path(__file__).parents[2]
    answers: list[int] = []

    async def run() -> None:
        done = await anyio.run_process([sys.executable, "-c", code, empty_url], cwd=root, check=False)
        assert done.returncode == 0, done.stderr.decode()
        answers.append(done.returncode)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(run)
    assert answers == [0, 0, 0]
    database = Database(empty_url)
    assert await database.is_ready()
    await database.close()


async def test_listeners_hear_what_is_committed_and_nothing_else(database: Database) -> None:
    heard: list[str] = []

    async def rolled_back() -> None:
        async with database.begin() as session:
            await notify(session, "inbox", "rolled back")
            raise LookupError

    with anyio.fail_after(10):
        async with aclosing(listen(database.url, "inbox")) as payloads:
            async for payload in payloads:
                heard.append(payload)
                if payload == "":
                    with pytest.raises(LookupError):
                        await rolled_back()
                    async with database.begin() as session:
                        await notify(session, "other", "elsewhere")
                        await notify(session, "inbox", "committed")
                else:
                    break
    assert heard == ["", "committed"]
