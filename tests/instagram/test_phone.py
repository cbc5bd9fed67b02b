"""The phone page in a real browser."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from instagram.client import Button, Outbound, QuickReply
from local import chromium

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ACCOUNT = "17841400000000001"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00"
    b"\rIDATx\x9cc\xfc\xcf\xc0P\x0f\x00\x04\x85\x01\x80\x84\xa9\x8c!\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
async def page(simulator: Any) -> AsyncIterator[Page]:
    """The phone, with nobody invented yet; anything the page complains about fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        page = await browser.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto(simulator.url)
        yield page
        await browser.close()
    assert complaints == []


async def begin(page: Page, simulator: Any, text: str = "Hello") -> str:
    await page.get_by_label("Username").fill("jana.novak")
    await page.get_by_role("button", name="Start chatting").click()
    await page.get_by_label("Message", exact=True).fill(text)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-text")).to_have_text([text])
    (customer,) = await simulator.control("GET", f"/accounts/{ACCOUNT}/customers")
    return customer["id"]


async def test_chat(page: Page, simulator: Any) -> None:
    customer = await begin(page, simulator)
    client = simulator.client("login")
    await client.act(customer, "mark_seen")
    await client.act(customer, "typing_on")
    await expect(page.get_by_test_id("seen")).to_be_visible()
    await expect(page.get_by_test_id("typing")).to_be_visible()

    await client.send(
        customer,
        Outbound(text="Which?", quick_replies=tuple(QuickReply(title=word, payload=word) for word in ("Red", "Blue"))),
    )
    await expect(page.get_by_test_id("typing")).to_be_hidden()
    await expect(page.get_by_test_id("quick-reply")).to_have_text(["Red", "Blue"])
    await page.get_by_role("group", name="Quick replies").get_by_role("button", name="Blue").click()
    await expect(page.get_by_test_id("quick-replies")).to_be_hidden()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Hello", "Which?", "Blue"])
    directions = await page.get_by_test_id("message").evaluate_all("all => all.map(one => one.dataset.direction)")
    assert directions == ["sent", "received", "sent"]
    told = await simulator.control("GET", "/webhooks")
    assert any("read" in webhook["body"]["entry"][0]["messaging"][0] for webhook in told)


async def test_pictures_and_buttons(page: Page, simulator: Any) -> None:
    customer = await begin(page, simulator)
    client = simulator.client("login")
    await page.get_by_role("button", name="Send a picture").click()
    await page.get_by_label("A file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    await page.get_by_role("button", name="Send picture").click()
    await expect(page.get_by_alt_text("Picture you sent")).to_be_visible()
    await client.send(customer, Outbound(image=f"{simulator.url}/avatars/mug.svg"))
    await expect(page.get_by_alt_text("Picture you received")).to_be_visible()
    await client.send(
        customer,
        Outbound(
            text="Look", buttons=(Button(text="Shop", url="https://example.org/"), Button(text="Ask", payload="A"))
        ),
    )
    await expect(page.get_by_role("link", name="Shop")).to_have_attribute("href", "https://example.org/")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_test_id("message-text").last).to_have_text("Ask")
    thread = await simulator.thread(ACCOUNT, customer)
    assert thread["messages"][-1]["payload"] == "A"


async def test_nothing_written_becomes_markup(page: Page, simulator: Any) -> None:
    text = "<img src=x onerror=alert(1)> & <b>bold</b>"
    customer = await begin(page, simulator, text)
    await simulator.client("login").send(customer, Outbound(text=text))
    await expect(page.get_by_test_id("message-text")).to_have_text([text, text])


async def test_reload_and_phone_width(page: Page, simulator: Any) -> None:
    await begin(page, simulator)
    await page.set_viewport_size({"width": 375, "height": 700})
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Hello"])
    wide = "[document.documentElement, ...document.querySelectorAll('aside, #scroll')].filter(e => e.scrollWidth > 375)"
    assert await page.evaluate(f"{wide}.length") == 0
    await expect(page.get_by_test_id("send-button")).to_be_in_viewport()
