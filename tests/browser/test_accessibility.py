"""Every page can be used by everybody: axe finds nothing serious, light and dark, wide and as narrow as a phone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from local.console import CONSOLE
from tests.browser.content import Content, fill
from tests.browser.pages import PLACES, Place, kinds, routes
from tests.browser.person import Person, person
from tests.end_to_end.conftest import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
AXE = CONSOLE / "node_modules/axe-core/axe.min.js"
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
LOOKS = [
    (WIDE, "light", None),
    (WIDE, "dark", ["color-contrast"]),
    (PHONE, "dark", None),
    (PHONE, "light", ["color-contrast"]),
]
"""Each width with every rule, and once more in the other colours with the rule that reads them."""
SETTLED = """async () => {
    const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
    await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
}"""
SERIOUS = """async (rules) => {
    const options = rules ? { runOnly: rules } : {};
    const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
    return violations.filter((one) => ["serious", "critical"].includes(one.impact)).flatMap((one) =>
        one.nodes.slice(0, 5).map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""
ASIDE = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const sticksOut = (one) => one.getBoundingClientRect().right > innerWidth + 1;
    const out = [...document.querySelectorAll("body *")].filter(sticksOut);
    return out.slice(0, 5).map((one) => one.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def content(system: System) -> Content:
    return fill(system)


@pytest.fixture(scope="module")
async def visitor(system: System, content: Content, browser: Browser) -> AsyncIterator[Person]:
    """The administrator, who sees every page, in one window for all of them."""
    somebody = await (await person(system, browser)).is_logged_in()
    yield somebody
    await somebody.context.close()


def test_every_page_and_every_kind_is_visited() -> None:
    assert routes() == {place.route for place in PLACES}
    forms = {place.path.split("/")[2] for place in PLACES if place.route == "routing/:kind/:name"}
    assert forms == kinds()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_a_page_is_for_everybody(visitor: Person, content: Content, place: Place) -> None:
    visitor.wrong.clear()
    await visitor.looks(**WIDE, dark=False)
    await visitor.opens(content.address(place.path))
    await visitor.page.evaluate(AXE.read_text())
    found = await violations(visitor)
    assert found == []
    assert visitor.wrong == []


async def violations(visitor: Person) -> list[str]:
    """What axe finds in each look, and what sticks out sideways on a phone."""
    found: list[str] = []
    for size, colours, rules in LOOKS:
        await visitor.looks(**size, dark=colours == "dark")
        await asyncio.sleep(0.1)  # transitions begin with the next frame
        await visitor.page.evaluate(SETTLED)
        look = f"{size['width']} px, {colours}"
        found += [f"{look}: {one}" for one in await visitor.page.evaluate(SERIOUS, rules)]
        found += [f"{look}: sticks out: {one}" for one in await visitor.page.evaluate(ASIDE)]
    return found


async def test_the_login_is_for_everybody(system: System, browser: Browser) -> None:
    somebody = await person(system, browser)
    await somebody.page.goto(f"{system.api}/console/desk")
    await somebody.page.get_by_role("heading", name="Log in").wait_for()
    await somebody.page.get_by_label("Name").fill("admin")
    await somebody.page.get_by_role("textbox", name="Password").fill("wrong")
    await somebody.page.get_by_role("button", name="Log in").click()
    await somebody.page.get_by_role("alert").wait_for()
    await somebody.page.evaluate(AXE.read_text())
    assert await violations(somebody) == []
    # Twice the browser itself writes down that the API refused: who this is, and the wrong password.
    assert [one for one in somebody.wrong if "401" not in one] == []
    await somebody.context.close()
