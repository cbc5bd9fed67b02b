"""The tutorial in the console, done as it stands there: every step is read from the page and done in a browser."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.person import Person, person
from tests.end_to_end.conftest import System

PAGE = (Path(__file__).parents[2] / "docs/tutorial/first-routing-in-the-console.md").read_text(encoding="utf-8")
STEP = re.compile(r"^\d+\. (.+(?:\n {3}.+)*)", re.MULTILINE)
PART = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>.+?)`|\*(?P<seen>.+?)\*|<(?P<link>http.+?)>")
KEYS = ("Enter", "Escape")
PATIENCE, SLOW = 30, 60
"""Seconds for what the console does, and for what goes through Instagram and back, however busy the machine is."""

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(300)]


async def test_the_tutorial(system: System, browser: Browser) -> None:
    olga = await person(system, browser, height=1600)  # what the check tells moves nothing out of sight
    reader = Reader(olga)
    steps = [re.sub(r"\s+", " ", step) for step in STEP.findall(PAGE)]
    assert set(OWN) <= set(steps)
    for step in steps:
        await (OWN[step](olga) if step in OWN else reader.does(step))
    assert reader.done > 80
    assert olga.wrong == []
    with pytest.raises(AssertionError, match="there is no Nobody's button"):
        await reader.clicks("Nobody's button", patience=1)
    await olga.context.close()


# Steps that say more than what to click and to write ----------------------------------------------------------------


async def logs_in(olga: Person) -> None:
    await olga.logs_in()


async def jumps(olga: Person) -> None:
    await olga.page.get_by_role("button", name="Start anew").click()
    await olga.page.get_by_label("Jump to", exact=True).fill("2030-01-01T12:00")
    await olga.page.get_by_role("button", name="Jump there").click()
    await olga.complete()


OWN = {
    "Open <http://127.0.0.1:8000/console/>. As **Name** write `admin`, as **Password** what the terminal shows, and "
    "click **Log in**.": logs_in,
    "**Start anew**. As **Jump to** choose 1 January 2030, 12:00, and click **Jump there**.": jumps,
}

# All others ---------------------------------------------------------------------------------------------------------


class Reader:
    """Clicks what is bold, writes code into the field before it, waits for italics, and opens addresses."""

    def __init__(self, olga: Person) -> None:
        self.olga = olga
        self.page = olga.page
        """The tab that is looked at: the newest, unless a step says where it takes place."""
        self.tabs = {"In the console": olga.page}
        self.list: tuple[str, Locator] | None = None
        """The list that is open, and its label."""
        self.done = 0
        olga.context.on("page", self._turns_to)

    async def does(self, step: str) -> None:
        """One step of the page. Raises AssertionError where it names what is not there."""
        for words, tab in self.tabs.items():
            if step.startswith(words):
                self._turns_to(tab)
        parts = [(found.lastgroup, found[str(found.lastgroup)]) for found in PART.finditer(step)]
        while parts:
            kind, text = parts.pop(0)
            if kind == "bold" and parts and parts[0][0] == "code":
                await self.writes(text, parts.pop(0)[1])
            elif kind == "bold":
                await self.clicks(text)
            elif kind == "seen":
                words = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
                seen = self.page.get_by_text(words).filter(visible=True)
                await expect(seen.last, step).to_be_visible(timeout=SLOW * 1000)
            else:
                assert kind == "link", f"no field is named before `{text}`: {step}"
                await self.opens(text)
            await self.olga.complete()
            self.done += 1

    async def clicks(self, name: str, patience: float = PATIENCE) -> None:
        """A key, what a list that is open offers, or whatever has this name."""
        if name in KEYS:
            return await self.page.keyboard.press(name)
        if self.list is not None:
            return await self._chooses(name, *self.list)
        found = await self._finds(name, _clickable, patience)
        if await found.and_(self.page.get_by_role("combobox")).count():
            self.list = name, found
        return await found.click(timeout=patience * 1000)

    async def writes(self, label: str, text: str) -> None:
        await (await self._finds(label, _writable)).fill(text)

    async def opens(self, address: str) -> None:
        """The phone, on a tab of its own and at the port of this test."""
        shown, here = "http://127.0.0.1:8090", self.olga.system.simulator
        assert address == shown, address
        self.tabs["On the phone"] = await self.olga.context.new_page()
        await self.page.goto(here)

    async def _chooses(self, option: str, label: str, box: Locator) -> None:
        """Beside a list of types another one says which one of them: that is what a step names next."""
        self.list = None
        if await box.and_(self.page.locator("select")).count():
            await box.select_option(label=option)
            return
        await self.page.get_by_role("option", name=option, exact=True).filter(visible=True).click()
        which = f"{label}: which one"
        if beside := await self.page.get_by_role("combobox", name=which, exact=True).filter(visible=True).all():
            await beside[-1].click()
            self.list = which, beside[-1]

    async def _finds(
        self, name: str, ways: Callable[[Page | Locator, str], list[Locator]], patience: float = PATIENCE
    ) -> Locator:
        """The last of its name that is in sight; in the window over the page, where one is open."""
        end = time.monotonic() + patience
        while True:
            window = self.page.get_by_role("dialog").filter(visible=True)
            for way in ways(window.last if await window.count() else self.page, name):
                seen = way.filter(visible=True)
                if await seen.count():
                    return seen.last
            assert time.monotonic() < end, f"there is no {name} at {self.page.url}"
            await asyncio.sleep(0.1)

    def _turns_to(self, tab: Page) -> None:
        self.page = tab


def _clickable(place: Page | Locator, name: str) -> list[Locator]:
    """Where several things have a name, those come first that people would click."""
    return [
        place.get_by_role("menuitem", name=name, exact=True),
        place.get_by_role("button", name=name, exact=True),
        place.get_by_role("link", name=name, exact=True),
        place.get_by_role("combobox", name=name, exact=True),
        place.get_by_role("switch", name=re.compile(rf"^{re.escape(name)}\b")),  # what is said about it comes after
        place.locator("label").filter(has_text=re.compile(rf"^{re.escape(name)}$")),
        place.get_by_text(name, exact=True),
    ]


def _writable(place: Page | Locator, label: str) -> list[Locator]:
    """By its label, to which texts in several languages add theirs, or by what stands in it while it is empty."""
    named = re.compile(rf"^{re.escape(label)}( \(English\))?$")
    return [place.get_by_role("textbox", name=named), place.get_by_placeholder(label, exact=True)]
