"""A person on the phone page, in a real browser: every reply comes the whole way round."""

import pytest
from playwright.async_api import Page, expect

from tests.end_to_end.conftest import SHOP, System
from tests.end_to_end.pictures import png

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]


async def test_a_customer_chats_on_the_phone(system: System, page: Page) -> None:
    customer = system.customer(SHOP)
    await page.goto(f"{system.simulator}/?account={SHOP}&customer={customer.id}")
    await page.get_by_test_id("composer-input").fill("hi")
    await page.get_by_test_id("send-button").click()
    said = page.get_by_test_id("message-text")
    await expect(said).to_have_text(["hi", "Hello Jana!", "Tea or coffee?"], timeout=40_000)
    await expect(page.get_by_test_id("quick-reply")).to_have_text(["Tea", "Coffee"])
    await page.get_by_test_id("quick-reply").filter(has_text="Coffee").click()
    await expect(said.last).to_have_text("A barista will write to you.", timeout=40_000)
    await expect(page.get_by_test_id("quick-replies")).to_be_hidden()


async def test_a_picture_arrives(system: System, page: Page) -> None:
    await page.route(
        "https://shop.example.com/tea.png", lambda route: route.fulfill(body=png(), content_type="image/png")
    )
    customer = system.customer(SHOP)
    await page.goto(f"{system.simulator}/?account={SHOP}&customer={customer.id}")
    await page.get_by_test_id("composer-input").fill("hi")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("quick-reply").filter(has_text="Tea").click(timeout=40_000)
    await expect(page.get_by_test_id("picture")).to_be_visible(timeout=40_000)
    await expect(page.get_by_test_id("message-text").last).to_contain_text("Tea it is, order", timeout=40_000)
