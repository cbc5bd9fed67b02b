"""PostgreSQL and Temporal as children: usable, killable, and back with everything."""

import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client

from local import ports, postgres, temporal
from local.processes import StartError

pytestmark = pytest.mark.anyio


def test_postgres_keeps_everything_through_a_kill(tmp_path: Path):
    server = postgres.start(tmp_path / "data")
    try:
        url = server.create_database("shop")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        server.kill()
        server.start()
        assert server.create_database("shop") == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        server.stop()
        again = postgres.start(tmp_path / "data")
        with psycopg.connect(again.database_url("shop")) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        again.stop()
    finally:
        server.kill()


def test_postgres_works_in_a_folder_too_deep_for_a_socket(tmp_path: Path):
    server = postgres.start(tmp_path / ("a" * 60) / ("b" * 60) / "data")
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
    assert not server.socket_dir.exists()


def test_a_second_postgres_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path):
    first = postgres.start(tmp_path / "data")
    try:
        with pytest.raises(StartError, match="already exists"):
            postgres.start(tmp_path / "data")
        with psycopg.connect(first.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        first.stop()


def test_postgres_ends_with_the_process_that_started_it(tmp_path: Path):
    code = f"""
import time
from pathlib import Path
from local import postgres
postgres.start(Path({str(tmp_path / "data")!r}))
print("up", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        lock = tmp_path / "data" / "postmaster.pid"
        assert lock.exists()
        parent.kill()
    deadline = time.monotonic() + 10
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lock.exists()


def test_postgres_tells_why_it_does_not_start(tmp_path: Path):
    with pytest.raises(StartError, match="no_such_setting"):
        postgres.start(tmp_path / "data", options={"no_such_setting": "1"})


def test_databases_of_tests_are_fresh_and_migrated(database_url: str, postgres: postgres.Server):
    assert database_url != postgres.url
    with psycopg.connect(database_url) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        assert "inbox" in tables
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


async def test_temporal_keeps_everything_through_a_kill(tmp_path: Path):
    server = temporal.start(
        log=tmp_path / "temporal.log",
        port=ports.free(),
        database=tmp_path / "temporal.db",
        search_attributes={"Colour": "Keyword"},
    )
    try:
        client = await Client.connect(server.address)
        name = uuid.uuid4().hex
        await client.start_workflow("Waiting", id=name, task_queue="nobody")
        server.kill()
        server.start()
        client = await Client.connect(server.address)
        description = await client.get_workflow_handle(name).describe()
        assert description.workflow_type == "Waiting"
    finally:
        server.kill()


def test_temporal_on_a_taken_port_tells_so(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StartError, match="ended with code"):
            temporal.start(log=tmp_path / "temporal.log", port=other.getsockname()[1])


def test_a_task_queue_without_a_worker_is_not_polled(temporal_address: str):
    assert not temporal.polled(temporal_address, "default", uuid.uuid4().hex)
