"""The tree editor from an empty tree to a saved one, by keyboard only: the mouse is never used."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.content import asks, login
from tests.browser.person import Person
from tests.end_to_end.conftest import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]


async def reaches(page: Page, target: Locator, key: str = "Tab", most: int = 90) -> None:
    """Press a key until the focus is there."""
    for _ in range(most):
        if await target.and_(page.locator(":focus")).count():
            return
        await page.keyboard.press(key)
    focus = await page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
    raise AssertionError(f"{key} never reaches {target}; the focus is at {focus}")


async def presses(page: Page, name: str, key: str = "Tab", role: str = "button") -> None:
    """Go to a button or link, and press Enter on it."""
    await reaches(page, page.get_by_role(role, name=name, exact=True), key)  # pyright: ignore[reportArgumentType]
    await page.keyboard.press("Enter")


async def adds(page: Page, kind: str, back: bool = False) -> None:
    """A new action at the end of the decision."""
    await presses(page, "Add to Actions", "Shift+Tab" if back else "Tab")
    await reaches(page, page.get_by_role("menuitem", name=kind), "ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu")).to_be_hidden()


async def writes(page: Page, label: str, text: str, key: str = "Shift+Tab") -> None:
    """Go to a field, and type over what is in it."""
    await reaches(page, page.get_by_role("textbox", name=label, exact=True), key)
    await page.keyboard.press("Control+a")
    await page.keyboard.type(text)


async def test_a_tree_is_drawn_without_a_mouse(system: System, admin: Person) -> None:
    page = admin.page
    await admin.opens("/routing/decision_trees")
    await presses(page, "Skip to the content", role="link")
    await presses(page, "Add new")
    await expect(page.get_by_role("dialog", name="New decision tree")).to_be_visible()
    await reaches(page, page.get_by_role("textbox", name="Title"), most=5)
    await page.keyboard.type("By keys")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="By keys", level=1)).to_be_visible()
    await admin.complete()

    # The first decision, from the diagram.
    await presses(page, "Skip to the content", "Shift+Tab", "link")
    node = page.get_by_role("region", name="Decisions").get_by_role("button", name="Welcome message")
    await reaches(page, node)
    await page.keyboard.press("Enter")
    pane = page.get_by_role("region", name="Decision", exact=True)
    await expect(pane.get_by_role("heading", name="Welcome message")).to_be_focused()

    # A message, with a value that is chosen from those that are offered.
    await adds(page, "Send message")
    await writes(page, "Text (English)", "Hello {{ customer.na")
    await expect(page.get_by_role("option", name="customer.name")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("!")
    text = page.get_by_role("textbox", name="Text (English)")
    await expect(text).to_have_value("Hello {{ customer.name }}!")

    # A button that leads to a decision which is made on the way.
    await adds(page, "Target")
    await writes(page, "Title of the button (English)", "Go on")
    await presses(page, "New decision", "Shift+Tab")
    await expect(page.get_by_role("textbox", name="Name of the new decision")).to_be_focused()
    await page.keyboard.type("Second step")
    await page.keyboard.press("Enter")
    await expect(pane.get_by_text("→ Second step")).to_be_visible()

    # Dragged by keyboard to the top, and taken back.
    grip = page.get_by_role("button", name="Drag Target 2")
    await reaches(page, grip, "Shift+Tab")
    await page.keyboard.press("Space")
    for _ in range(3):
        await page.wait_for_timeout(150)  # what is dragged is measured anew after each key
        await page.keyboard.press("ArrowUp")
    await page.wait_for_timeout(150)
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Drag Target 1")).to_be_visible()
    await page.keyboard.press("Control+z")
    await expect(grip).to_be_visible()

    # The second decision goes to a queue at once.
    await reaches(page, pane.get_by_role("button", name=re.compile("^Target")), "Shift+Tab")
    await page.keyboard.press("Enter")
    await presses(page, "Go to this decision")
    await expect(pane.get_by_role("heading", name="Second step")).to_be_focused()
    await adds(page, "Target")
    await reaches(
        page,
        page.get_by_role("radio", name="When client chooses it"),
        "Shift+Tab",
    )
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("radio", name="Immediately")).to_be_checked()
    await reaches(
        page, page.get_by_role("radiogroup", name="Next destination").get_by_role("radio", name="Decision"), "Shift+Tab"
    )
    await page.keyboard.press("ArrowRight")
    which = page.get_by_role("combobox", name="Destination: which one")
    await reaches(page, which)
    await page.keyboard.type("Advi")
    await expect(page.get_by_role("option", name="Advice")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(which).to_have_value("Advice")

    # Back to the diagram, about it with the arrows, and saved.
    await presses(page, "Close this decision", "Shift+Tab")
    second = page.get_by_role("region", name="Decisions").get_by_role("button", name="Second step")
    await expect(second).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(node).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(second).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Saved in the sandbox")).to_be_visible()
    with login(system) as client:
        tree = asks(client, "GET", "sandbox/decision_trees/by-keys")["sandbox"]["document"]
    first, *others = tree["decisions"].values()
    assert first["actions"] == [
        {"type": "send_message", "text": "Hello {{ customer.name }}!"},
        {
            "type": "target",
            "execution": "when_client_chooses",
            "answer": {"type": "button", "text": "Go on"},
            "to": {"type": "decision", "name": "second-step"},
        },
    ]
    [other] = others
    assert other["actions"] == [
        {"type": "target", "execution": "immediately", "to": {"type": "queue", "name": "advice"}}
    ]


async def test_the_search_leads_anywhere(admin: Person) -> None:
    page = admin.page
    await admin.opens("/")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("shop hours")
    await expect(page.get_by_role("dialog").get_by_text("Shop hours")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Shop hours", level=1)).to_be_visible()
