"""Somebody at the console: a window of a real browser, and what went wrong in it."""

import asyncio
import re
import time
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from local.environment import read
from tests.end_to_end.conftest import System

PASSWORD = "correct horse battery"
"""Of everybody but the first administrator."""
QUIET = 0.15
"""Seconds without a question to the API after which a page is taken to be complete."""


class Person:
    """Who sits there. `wrong` gathers errors of the page: thrown, written to its console, or stopped by its policy."""

    def __init__(self, system: System, context: BrowserContext, page: Page) -> None:
        self.system, self.context, self.page = system, context, page
        self.wrong: list[str] = []
        self.asked: set[Request] = set()
        page.on("console", self._says)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self.asked.add(request) if _matters(request) else None)
        page.on("requestfinished", lambda request: self.asked.discard(request))
        page.on("requestfailed", lambda request: self.asked.discard(request))

    async def logs_in(self, name: str = "admin", path: str = "/") -> "Person":
        """With name and password, on the page that asks for them."""
        await self.page.goto(f"{self.system.api}/console{path}")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("textbox", name="Password").fill(password(self.system, name))
        await self.page.get_by_role("button", name="Log in").click()
        await self.complete()
        self.wrong.clear()  # that nobody was logged in yet
        return self

    async def is_logged_in(self, name: str = "admin") -> "Person":
        """The same without the page for it."""
        given = {"name": name, "password": password(self.system, name)}
        done = await self.context.request.post(f"{self.system.api}/api/v1/login", data=given)
        assert done.ok, await done.text()
        return self

    async def opens(self, path: str) -> None:
        """Load a page of the console anew, and wait until it is complete."""
        self.asked.clear()
        await self.page.goto(f"{self.system.api}/console{path}")
        await self.complete()

    async def complete(self, seconds: float = 30) -> None:
        """Wait until the page has a heading, nothing loads, and nothing is asked of the API any more."""
        await expect(self.page.get_by_role("main").get_by_role("heading").first).to_be_visible(timeout=seconds * 1000)
        loading = self.page.get_by_label(re.compile("^(Loading|Running)")).filter(visible=True)
        quiet, end = 0.0, time.monotonic() + seconds
        while quiet < QUIET:
            parts = await loading.count()
            quiet = 0.0 if self.asked or parts else quiet + 0.05
            told = f"{self.page.url} still asks {[one.url for one in self.asked]}, and {parts} parts of it load"
            assert time.monotonic() < end, told
            await asyncio.sleep(0.05)

    async def looks(self, *, width: int, height: int, dark: bool) -> None:
        """Make the window so large, and choose its colours."""
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.emulate_media(color_scheme="dark" if dark else "light")

    def field(self, label: str) -> Locator:
        """Where one writes; where two sides are shown, the sandbox's comes first."""
        return self.page.get_by_role("textbox", name=label, exact=True).first

    async def chooses(self, label: str, option: str, place: Locator | None = None) -> None:
        """Open the list with this label, somewhere on the page, and click one of its options."""
        await (place or self.page).get_by_role("combobox", name=label, exact=True).last.click()
        await self.page.get_by_role("option", name=option, exact=True).click()

    def _says(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{self.page.url}: {message.text} {message.location.get('url', '')}")


async def person(
    system: System, browser: Browser, *, width: int = 1360, height: int = 900, dark: bool = False
) -> Person:
    """A window of its own for somebody; every address outside fails, as the console must need none."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    await context.route(lambda url: urlsplit(url).hostname not in ("127.0.0.1", None), lambda route: route.abort())
    page = await context.new_page()
    page.set_default_timeout(30_000)
    return Person(system, context, page)


def password(system: System, name: str) -> str:
    """The first administrator's was made up when the product started; the others' is that of the tests."""
    return read(system.data / "secrets.env")["SWITCHBOARD_ADMIN_PASSWORD"] if name == "admin" else PASSWORD


def _matters(request: Request) -> bool:
    """The stream of changes never ends."""
    path = urlsplit(request.url).path
    return path.startswith("/api/") and path != "/api/v1/events"
