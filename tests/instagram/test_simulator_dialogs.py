"""Both OAuth dialogs in a real browser: allowed, denied, in part, and by the keyboard, without any script."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
FACEBOOK, INSTAGRAM = "100000000000001", "200000000000002"
GARDEN = "100000000000003"
SCOPES = {
    FACEBOOK: "pages_show_list,instagram_basic,instagram_manage_messages,pages_manage_metadata",
    INSTAGRAM: "instagram_business_basic,instagram_business_manage_messages",
}
SECRET = "a-test-secret"


class Back:
    """The app under test, as far as the dialogs lead to it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/back"
        self.told: list[dict[str, str]] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readline()).decode().split()[1]
        if target.startswith("/back"):
            query = parse_qs(target.partition("?")[2], keep_blank_values=True)
            self.told.append({name: values[0] for name, values in query.items()})
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\nback"
        )
        await writer.drain()
        writer.close()


@pytest.fixture
async def back(anyio_backend: str, free_port: Callable[[], int]) -> AsyncIterator[Back]:
    made = Back(free_port())
    server = await asyncio.start_server(made.answer, "127.0.0.1", int(made.url.split(":")[2].split("/")[0]))
    async with server:
        yield made


@pytest.fixture
async def plain(browser: Browser) -> AsyncIterator[Page]:
    """A page that runs no script."""
    page = await browser.new_page(java_script_enabled=False)
    yield page
    await page.close()


def dialog(simulator: Any, app: str, back: Back, **more: str) -> str:
    path = "/v26.0/dialog/oauth" if app == FACEBOOK else "/oauth/authorize"
    asked = {"client_id": app, "redirect_uri": back.url, "response_type": "code", "scope": SCOPES[app], "state": "s&1"}
    return f"{simulator.url}{path}?{urlencode({**asked, **more})}"


async def test_facebook_for_chosen_pages(simulator: Any, back: Back, plain: Page) -> None:
    await plain.goto(dialog(simulator, FACEBOOK, back))
    await expect(plain.get_by_test_id("dialog-person")).to_contain_text("Olga Owner")
    pages = plain.get_by_test_id("dialog-page")
    assert await pages.count() == 4
    for place in (0, 2, 3):
        await pages.nth(place).uncheck()
    await plain.get_by_text("What Switchboard may do").click()
    await plain.get_by_label("Be told of what happens on your pages").uncheck()
    await expect(plain.get_by_label("See your name and picture")).to_be_disabled()
    await plain.get_by_role("button", name="Continue as Olga").click()
    await expect(plain.get_by_text("back")).to_be_visible()
    (told,) = back.told
    assert told["state"] == "s&1"
    asked = {"client_id": FACEBOOK, "client_secret": SECRET, "redirect_uri": back.url, "code": told["code"]}
    token = (await simulator.graph("GET", "/v26.0/oauth/access_token", params=asked))["access_token"]
    assert [page["id"] for page in (await simulator.graph("GET", "/me/accounts", token))["data"]] == [GARDEN]
    given = {one["permission"] for one in (await simulator.graph("GET", "/me/permissions", token))["data"]}
    assert given == {*SCOPES[FACEBOOK].split(","), "public_profile"} - {"pages_manage_metadata"}


async def test_facebook_as_somebody_else(simulator: Any, back: Back, plain: Page) -> None:
    await plain.goto(dialog(simulator, FACEBOOK, back))
    await plain.get_by_role("link", name="Log in as Paul Pageless").click()
    await expect(plain.get_by_test_id("dialog-no-pages")).to_have_text("Paul Pageless has no pages.")
    await plain.get_by_role("button", name="Continue as Paul").click()
    await expect(plain.get_by_text("back")).to_be_visible()
    asked = {"client_id": FACEBOOK, "client_secret": SECRET, "redirect_uri": back.url, "code": back.told[0]["code"]}
    token = (await simulator.graph("GET", "/oauth/access_token", params=asked))["access_token"]
    assert await simulator.graph("GET", "/me/accounts", token) == {"data": []}


async def test_instagram_by_the_keyboard(simulator: Any, back: Back, plain: Page) -> None:
    await plain.goto(dialog(simulator, INSTAGRAM, back, enable_fb_login="0"))
    await plain.keyboard.press("Tab")
    await expect(plain.get_by_label("@paper.boat")).to_be_focused()
    await plain.keyboard.press("ArrowDown")
    await expect(plain.get_by_label("@lena.draws")).to_be_checked()
    await plain.keyboard.press("Tab")
    await plain.keyboard.press("Tab")
    await expect(plain.get_by_test_id("dialog-cancel")).to_be_focused()
    await plain.keyboard.press("Tab")
    await plain.keyboard.press("Enter")
    await plain.wait_for_url("**/back**")
    assert plain.url.endswith("#_")
    (told,) = back.told
    form = {"client_id": INSTAGRAM, "client_secret": SECRET, "grant_type": "authorization_code"}
    form |= {"redirect_uri": back.url, "code": told["code"]}
    answer = await simulator.graph("POST", "/oauth/access_token", data=form)
    me = await simulator.graph("GET", "/me", answer["data"][0]["access_token"])
    assert (me["username"], told["state"]) == ("lena.draws", "s&1")


@pytest.mark.parametrize("app", [FACEBOOK, INSTAGRAM])
async def test_denied(simulator: Any, back: Back, plain: Page, app: str) -> None:
    await plain.goto(dialog(simulator, app, back))
    await plain.get_by_role("button", name="Cancel").click()
    await expect(plain.get_by_text("back")).to_be_visible()
    assert back.told == [
        {
            "error": "access_denied",
            "error_reason": "user_denied",
            "error_description": "The user denied your request",
            "state": "s&1",
        }
    ]


async def test_what_is_wrong_is_said(simulator: Any, back: Back, plain: Page) -> None:
    await plain.goto(dialog(simulator, INSTAGRAM, back, scope="business_manage_messages"))
    await expect(plain.get_by_test_id("dialog-problem")).to_contain_text("Invalid scopes: business_manage_messages")
    await expect(plain.get_by_test_id("dialog-allow")).to_have_count(0)


async def test_the_dialogs_fit_a_phone(simulator: Any, back: Back, plain: Page) -> None:
    await simulator.control("POST", "/pages", {"count": 60, "name": "A branch with quite a long name indeed"})
    await plain.set_viewport_size({"width": 360, "height": 700})
    for app in (FACEBOOK, INSTAGRAM):
        await plain.goto(dialog(simulator, app, back))
        for part in await plain.locator("main, form, ul, label").all():
            box = await part.bounding_box()
            assert box is None or box["x"] + box["width"] <= 360
        await plain.get_by_test_id("dialog-allow").scroll_into_view_if_needed()
        await expect(plain.get_by_test_id("dialog-allow")).to_be_in_viewport()
