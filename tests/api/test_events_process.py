"""Fifty listeners to a real API process that is killed, told to stop, and started again: nothing missed or doubled."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet

from store.database import Database
from store.tokens import create_token
from store.users import create_user
from tests.api.listening import Ear, Heard

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]
LISTENERS = 50
WRITERS = 8
STARTING = 60


class Process:
    """`python -m api`, on the same port each time."""

    def __init__(self, environment: dict[str, str], port: int, log: Path) -> None:
        self.environment, self.port, self.log = environment, port, log
        self.running: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "api"]
            started = partial(subprocess.Popen, command, cwd=ROOT, env=self.environment, stderr=output)
            self.running = await asyncio.to_thread(started)
        deadline = time.monotonic() + STARTING
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as http:
            while True:
                assert self.running.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                try:
                    if (await http.get("/healthz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals) -> float:
        """End it; answers how many seconds that took."""
        assert self.running is not None
        begun = time.monotonic()
        self.running.send_signal(how)
        await asyncio.to_thread(self.running.wait, 30)
        return time.monotonic() - begun


async def writes(url: str, number: int, over: asyncio.Event) -> None:
    """Conversations that change, each change committed a little later than it began, or not at all."""
    chance = random.Random(number)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "INSERT INTO conversations (name, account, customer, connector, workflow_id, revision, opened_at)"
            " VALUES (%s, 'a', 'c', 'main', 'w', 1, now())",
            [f"igdm_{number}"],
        )
        await connection.commit()
        turn = 0
        while not over.is_set():
            turn += 1
            change = "UPDATE conversations SET place = %s WHERE name = %s"
            await connection.execute(change, [f"queues/{turn}", f"igdm_{number}"])
            await asyncio.sleep(chance.random() * 0.3)
            await (connection.rollback() if chance.random() < 0.2 else connection.commit())


async def test_nothing_is_missed_and_nothing_comes_twice(
    database_url: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    port = free_port()
    environment = os.environ | {
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SWITCHBOARD_HASH_KEY": "a hash key of the tests",
        "SWITCHBOARD_APP_SECRETS": "the app secret",
        "SWITCHBOARD_WEBHOOK_VERIFY_TOKEN": "the verify token",
        "SWITCHBOARD_API_PORT": str(port),
        "SWITCHBOARD_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    process = Process(environment, port, tmp_path / "api.log")
    now = datetime.now(UTC)
    database = Database(database_url)
    async with database.begin() as session:
        await create_user(session, name="eva", role="agent", now=now, password="no hash, so nobody logs in")
        _, token = await create_token(session, owner="eva", name="desk", role="viewer", expires_at=None, now=now)
    await process.start()
    try:
        async with AsyncExitStack() as stack:
            http = httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {token}"},
                limits=httpx.Limits(max_connections=LISTENERS),
            )
            await stack.enter_async_context(http)
            ears = [Ear() for _ in range(LISTENERS)]
            listening = [asyncio.create_task(ear.listen_for_ever(http)) for ear in ears]
            for task in listening:
                stack.callback(task.cancel)
            for ear in ears:
                await ear.until(lambda one: one.last is not None, 30)
            over = asyncio.Event()
            writing = asyncio.gather(*(writes(database_url, number, over) for number in range(WRITERS)))
            await asyncio.sleep(2)
            await process.stop(signal.SIGKILL)
            await asyncio.sleep(1)
            await process.start()
            for ear in ears:
                await ear.until(lambda one: one.statuses[-1] == 200, 30)
            await asyncio.sleep(2)
            # Fifty open streams hold nothing up.
            assert await process.stop(signal.SIGTERM) < 5
            await process.start()
            await asyncio.sleep(2)
            over.set()
            await writing
            with psycopg.connect(database_url) as connection:
                order = "SELECT transaction || '-' || id, name FROM updates ORDER BY transaction, id"
                rows = connection.execute(order).fetchall()
            for ear in ears:
                await ear.until(lambda one: len(one.heard) >= len(rows), 30)
            # A moment in which one too many would come.
            await asyncio.sleep(0.5)
            expected = [(id, name) for id, name in rows]
            for ear in ears:
                assert heard_exactly(ear, expected)
                # Twice it was away, and twice everybody came back.
                assert ear.statuses.count(200) >= 3
            assert len(rows) > 100
    finally:
        if process.running is not None:
            process.running.kill()
            process.running.wait()
        await database.close()
    assert "Traceback" not in process.log.read_text()


def heard_exactly(ear: Ear, expected: list[tuple[str, str]]) -> bool:
    """Whether these updates were heard, by position and name, in this order, each once, and no others."""
    return [(one.id.rpartition("-")[0], one.data["name"]) for one in ear.heard] == expected


@pytest.mark.parametrize(
    ("heard", "exactly"),
    [(["1-1", "1-2"], True), (["1-1"], False), (["1-1", "1-1", "1-2"], False), (["1-2", "1-1"], False)],
)
def test_the_check_would_notice(heard: list[str], exactly: bool) -> None:
    ear = Ear(heard=[Heard("conversations", {"name": "a"}, f"{position}-9") for position in heard])
    assert heard_exactly(ear, [("1-1", "a"), ("1-2", "a")]) == exactly
