"""Two people change the same thing at the same time: the second is told, sees both versions, and loses nothing."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.content import asks, login
from tests.browser.person import PASSWORD, Person, person
from tests.end_to_end.conftest import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
TOLD = "Somebody else has saved this meanwhile"


@pytest.fixture
async def ada(system: System, browser: Browser) -> AsyncIterator[Person]:
    """A second administrator, in a browser of her own."""
    with login(system) as client:
        if not any(one["name"] == "ada" for one in asks(client, "GET", "users")["items"]):
            made = {"name": "ada", "display_name": "Ada", "role": "admin", "password": PASSWORD}
            asks(client, "POST", "users", json=made)
    somebody = await (await person(system, browser)).is_logged_in("ada")
    yield somebody
    await somebody.context.close()


def kept(system: System, path: str) -> dict[str, Any]:
    """The sandbox's version of an entity."""
    with login(system) as client:
        return asks(client, "GET", f"sandbox/{path}")["sandbox"]["document"]


def newest(system: System) -> int:
    """The number of the revision that is current."""
    with login(system) as client:
        return asks(client, "GET", "revisions")["items"][0]["number"]


async def saves(who: Person, label: str, text: str) -> None:
    """Write into a field of the sandbox's side, and press Save."""
    await who.field(label).fill(text)
    await who.page.get_by_role("button", name="Save", exact=True).click()


async def test_the_second_sees_both_versions_and_chooses(system: System, admin: Person, ada: Person) -> None:
    for who in (admin, ada):
        await who.opens("/routing/terminates/helped")
    await saves(admin, "Description", "As the administrator wants it")
    await expect(admin.page.get_by_text("Saved in the sandbox")).to_be_visible()
    await saves(ada, "Description", "As Ada wants it")

    dialog = ada.page.get_by_role("dialog", name=TOLD)
    await expect(dialog).to_contain_text("admin saved it")
    await expect(dialog).to_contain_text("As Ada wants it")
    await expect(dialog).to_contain_text("As the administrator wants it")
    assert kept(system, "terminates/helped")["description"] == "As the administrator wants it"

    # Whoever goes on editing has what they wrote, and is told again at the next try.
    await dialog.get_by_role("button", name="Go on editing").click()
    await expect(dialog).to_be_hidden()
    await expect(ada.field("Description")).to_have_value("As Ada wants it")
    await saves(ada, "Title", "Helped by Ada")
    await expect(dialog).to_contain_text("Helped by Ada")

    # Theirs is taken, and what was written before is one step back.
    await dialog.get_by_role("button", name="Take theirs").click()
    await expect(ada.field("Description")).to_have_value("As the administrator wants it")
    await saves(ada, "Title", "Helped well")
    await expect(ada.page.get_by_text("Saved in the sandbox")).to_be_visible()
    saved = kept(system, "terminates/helped")
    assert (saved["title"], saved["description"]) == ("Helped well", "As the administrator wants it")


async def test_the_second_may_save_over_it(system: System, admin: Person, ada: Person) -> None:
    for who in (admin, ada):
        await who.opens("/routing/templates/sorry")
    await saves(admin, "Title", "So sorry")
    await expect(admin.page.get_by_text("Saved in the sandbox")).to_be_visible()
    await saves(ada, "Description", "For when everybody is watering")
    await ada.page.get_by_role("button", name="Save mine over it").click()
    await expect(ada.page.get_by_role("dialog", name=TOLD)).to_be_hidden()
    await expect(ada.page.get_by_text("Saved in the sandbox")).to_be_visible()
    saved = kept(system, "templates/sorry")
    assert (saved["title"], saved["description"]) == ("Sorry", "For when everybody is watering")


async def test_a_tree_is_guarded_as_well_and_undo_brings_mine_back(system: System, admin: Person, ada: Person) -> None:
    for who in (admin, ada):
        await who.opens("/routing/decision_trees/feedback?decision=stars")
    await admin.field("Title").fill("Five stars")
    await admin.page.keyboard.press("Control+s")
    await expect(admin.page.get_by_text("Saved in the sandbox")).to_be_visible()
    await ada.field("Title").fill("Ada's stars")
    await ada.page.keyboard.press("Control+s")
    dialog = ada.page.get_by_role("dialog", name=TOLD)
    await expect(dialog).to_contain_text("Five stars")
    await expect(dialog).to_contain_text("Ada's stars")
    await dialog.get_by_role("button", name="Take theirs").click()
    await expect(ada.field("Title")).to_have_value("Five stars")
    await ada.page.get_by_role("button", name="Undo").click()
    await expect(ada.field("Title")).to_have_value("Ada's stars")
    await ada.page.get_by_role("button", name="Save", exact=True).click()
    await expect(ada.page.get_by_text("Saved in the sandbox")).to_be_visible()
    assert kept(system, "decision_trees/feedback")["decisions"]["stars"]["title"] == "Ada's stars"


async def test_what_was_looked_at_is_what_is_applied(system: System, admin: Person, ada: Person) -> None:
    await ada.opens("/routing/categories/orders")
    await saves(ada, "Description", "What people have ordered")
    await expect(ada.page.get_by_text("Saved in the sandbox")).to_be_visible()
    await admin.opens("/apply")
    await saves(ada, "Description", "What people have ordered, and when")
    await expect(ada.page.get_by_text("Saved in the sandbox").last).to_be_visible()
    before = newest(system)
    await admin.page.get_by_label("Note").fill("Only what I have seen")
    button = admin.page.get_by_role("button", name="Apply configuration changes")
    await button.click()
    told = admin.page.get_by_text("Somebody has changed the sandbox since you opened this page.")
    await expect(told).to_be_visible()
    assert newest(system) == before
    await admin.page.get_by_role("button", name="Look at it as it is now").click()
    await expect(told).to_be_hidden()
    await expect(admin.page.get_by_text("What people have ordered, and when")).to_be_visible()
    await expect(admin.page.get_by_label("Note")).to_have_value("Only what I have seen")
    await admin.complete()
    await button.click()
    await expect(
        admin.page.get_by_role("heading", name=re.compile(f"Revision {before + 1} is current"))
    ).to_be_visible()


async def test_nobody_leaves_unsaved_work_by_mistake(admin: Person) -> None:
    await admin.opens("/routing/terminates/spam")
    await admin.field("Title").fill("Spam and worse")
    await admin.page.get_by_role("link", name="Terminates").first.click()
    dialog = admin.page.get_by_role("dialog", name="Leave without saving?")
    await dialog.get_by_role("button", name="Stay here").click()
    await expect(admin.field("Title")).to_have_value("Spam and worse")
    await admin.page.get_by_role("link", name="Terminates").first.click()
    await dialog.get_by_role("button", name="Leave", exact=True).click()
    await expect(admin.page.get_by_role("heading", name="Terminates", level=1)).to_be_visible()
