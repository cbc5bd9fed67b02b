"""The connection is lost and comes back: the desk says so, catches up, and what was typed is sent once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.content import add_people, asks, login, open_the_shop
from tests.browser.person import Person, person
from tests.end_to_end.conftest import Customer, System, until

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
LOST = "Connection lost"
BACK = 60_000  # milliseconds until it must have caught up, however busy the machine is


@pytest.fixture(scope="module")
def shop(system: System) -> System:
    with login(system) as client:
        add_people(client)
        open_the_shop(client)
    return system


@pytest.fixture
async def anna(shop: System, browser: Browser) -> AsyncIterator[Person]:
    """An agent at the desk."""
    somebody = await (await person(shop, browser)).is_logged_in("anna")
    await somebody.opens("/desk")
    yield somebody
    await somebody.context.close()


async def at_the_desk(shop: System, anna: Person) -> Customer:
    """A customer whose conversation the agent has taken, and opened."""
    jana = shop.customer()
    await asyncio.to_thread(in_the_queue, jana)
    await anna.page.get_by_role("button", name="Advice", exact=False).click()
    await anna.page.get_by_role("button", name="Take Jana").click()
    await anna.page.get_by_role("region", name="My conversations").get_by_role("link", name="Jana").first.click()
    await expect(anna.page.get_by_label("Reply to the customer")).to_be_editable()
    return jana


def in_the_queue(jana: Customer) -> None:
    jana.writes("hi")
    until(lambda: len(jana.texts()) == 1, 40, lambda: str(jana.texts()))
    jana.writes("human")
    until(lambda: len(jana.texts()) == 3, 40, lambda: str(jana.texts()))


async def test_the_network_is_away_for_a_while(shop: System, anna: Person) -> None:
    jana = await at_the_desk(shop, anna)
    page, before = anna.page, jana.texts()
    await anna.context.set_offline(True)
    await expect(page.get_by_text(LOST)).to_be_visible(timeout=BACK)
    await asyncio.to_thread(jana.writes, "Are you there?")
    box = page.get_by_label("Reply to the customer")
    await box.fill("Yes, one moment")
    await box.press("Enter")
    await box.fill("And half a sentence")
    await anna.context.set_offline(False)
    await expect(page.get_by_text(LOST)).to_be_hidden(timeout=BACK)
    await expect(page.get_by_role("log").get_by_text("Are you there?")).to_be_visible(timeout=BACK)
    await expect(box).to_have_value("And half a sentence")
    await asyncio.to_thread(jana.sees, *before, "Yes, one moment")
    await closed(anna)


async def test_switchboard_itself_is_killed(shop: System, anna: Person) -> None:
    jana = await at_the_desk(shop, anna)
    page, before = anna.page, jana.texts()
    shop.kill("-m api")
    box = page.get_by_label("Reply to the customer")
    await box.fill("Typed while nobody answered")
    await box.press("Enter")
    await expect(page.get_by_text(LOST)).to_be_visible(timeout=BACK)
    await expect(page.get_by_text(LOST)).to_be_hidden(timeout=BACK)
    await asyncio.to_thread(jana.writes, "Still there?")
    await expect(page.get_by_role("log").get_by_text("Still there?")).to_be_visible(timeout=BACK)
    await asyncio.to_thread(jana.sees, *before, "Typed while nobody answered")
    # Nobody had to log in again, and nothing was sent twice.
    sent = page.get_by_role("log").get_by_text("Typed while nobody answered")
    await expect(sent).to_have_count(1)
    await closed(anna)


async def test_a_session_that_ends_elsewhere_loses_no_word(shop: System, anna: Person) -> None:
    await at_the_desk(shop, anna)
    page = anna.page
    await page.get_by_label("Reply to the customer").fill("A long answer, not sent yet")
    cookies = {one["name"]: one["value"] for one in await anna.context.cookies()}  # pyright: ignore[reportTypedDictNotRequiredAccess]
    with login(shop, "anna") as other:
        other.cookies.clear()
        other.cookies.update(cookies)
        other.headers["X-CSRF-Token"] = asks(other, "GET", "session")["csrf_token"]
        asks(other, "POST", "logout")
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible(timeout=BACK)
    await anna.logs_in("anna", page.url.removeprefix(f"{shop.api}/console"))
    await expect(page.get_by_label("Reply to the customer")).to_have_value("A long answer, not sent yet")
    await closed(anna)


async def closed(anna: Person) -> None:
    """Close what is open, so that the next test begins with an empty desk."""
    await anna.page.get_by_role("button", name="Close", exact=True).click()
    await anna.page.get_by_role("button", name="Close the conversation").click()
    await expect(anna.page.get_by_text("You have none.")).to_be_visible(timeout=BACK)
