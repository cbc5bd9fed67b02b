"""The console as it is built now, the whole product for each module, and a browser."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright

from local import chromium, console
from tests.browser.person import Person, person
from tests.end_to_end.conftest import System


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """Build it unless that is done; of several test processes one does, and the others wait."""
    with (console.CONSOLE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        console.build()


@pytest.fixture(scope="module")
def system(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = System(tmp_path_factory.mktemp("system"))
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.http.close()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    found = chromium.find()
    assert found is not None, "no Chromium on the PATH: run `make browser`"
    # Chromium's own sandbox does not start as root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        await browser.close()


@pytest.fixture
async def admin(system: System, browser: Browser) -> AsyncIterator[Person]:
    """The administrator, in a window of this test's own."""
    somebody = await (await person(system, browser)).is_logged_in()
    yield somebody
    await somebody.context.close()
