"""The browser that tests drive."""

from pathlib import Path

import pytest
from playwright.async_api import Error, Page

from local import chromium

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_a_page_shows_what_it_is_given(page: Page):
    await page.set_content("<h1>Hello</h1>")
    assert await page.get_by_role("heading").inner_text() == "Hello"


async def test_a_page_reaches_nothing_outside(page: Page):
    with pytest.raises(Error, match="ERR_FAILED"):
        await page.goto("https://example.com/")


def test_without_a_browser_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="Install one, such as Debian's `chromium`"):
        chromium.install()
