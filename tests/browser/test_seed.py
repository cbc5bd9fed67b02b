"""What the owner's text describes, done on the pages by an administrator, a customer and an agent."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.content import add_people, asks, login
from tests.browser.person import Person, person
from tests.end_to_end.conftest import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(300)]
GARDEN = "17841400000000003"
SLOW = 60_000  # milliseconds for what goes through Instagram and back, however busy the machine is


@pytest.fixture(scope="module")
async def olga(system: System, browser: Browser) -> AsyncIterator[Person]:
    """The administrator, who logs in on the page once for the whole story."""
    with login(system) as client:
        add_people(client)
    somebody = await (await person(system, browser)).logs_in()
    yield somebody
    await somebody.context.close()


async def adds(who: Person, kind: str, one: str, title: str, description: str) -> None:
    """From the menu to the list, "Add new", and the details that open."""
    await who.page.get_by_role("navigation", name="Pages").get_by_role("link", name=kind, exact=True).click()
    await who.page.get_by_role("button", name="Add new").click()
    dialog = who.page.get_by_role("dialog", name=f"New {one}")
    await dialog.get_by_role("textbox", name="Title").fill(title)
    await dialog.get_by_role("button", name="Create").click()
    await expect(who.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    await who.complete()
    await who.field("Description").fill(description)


async def goes_to(who: Person, label: str, kind: str, which: str) -> None:
    """Choose a destination: its type, and which one."""
    await who.chooses(label, kind)
    await who.chooses(f"{label}: which one", which)


async def saved(who: Person) -> None:
    await who.page.get_by_role("button", name="Save", exact=True).click()
    await expect(who.page.get_by_text("not saved", exact=True)).to_have_count(0)


async def opened(who: Person, kind: str, title: str) -> None:
    """Click the title in the list."""
    await who.page.get_by_role("navigation", name="Pages").get_by_role("link", name=kind, exact=True).click()
    await who.page.get_by_role("table").get_by_role("link", name=title, exact=True).click()
    await expect(who.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    await who.complete()


# The administrator ------------------------------------------------------------------------------------------------


async def test_the_administrator_follows_the_text(olga: Person) -> None:
    await the_connector(olga)
    await a_terminate(olga)
    await a_chatbot(olga)
    await a_decision_tree_with_everything(olga)
    await an_automessage_with_two_messages(olga)
    await a_time_group_that_is_always_open(olga)
    await a_time_condition(olga)
    await the_connector_leads_there(olga)
    await the_changes_are_applied(olga)
    await the_account_is_authorised(olga)


async def the_connector(olga: Person) -> None:
    await adds(olga, "Connectors", "connector", "Garden studio", "Messages to the garden")
    await goes_to(olga, "Next destination", "Queue", "Advice")
    await olga.page.get_by_role("radiogroup", name="Allow attachments").get_by_text("Both directions").click()
    await expect(olga.page.get_by_text("Not in production yet", exact=True)).to_be_visible()
    await saved(olga)


async def a_terminate(olga: Person) -> None:
    await adds(olga, "Terminates", "terminate", "Until next time", "A friendly end")
    await olga.chooses("Disconnection cause", "user: ended by a person")
    await olga.chooses("Queue", "Advice")
    await olga.chooses("Auto response", "Thanks")
    await olga.page.get_by_role("switch", name="Answered").click()
    await saved(olga)


async def a_chatbot(olga: Person) -> None:
    await adds(olga, "Chatbots", "chatbot", "Garden robot", "Nobody listens there")
    await olga.field("Chatbot URL").fill(f"{olga.system.simulator}/nobody/listens")
    await goes_to(olga, "Fallback", "Queue", "Advice")
    await olga.page.get_by_role("switch", name="Send start message").click()
    await saved(olga)


async def a_decision_tree_with_everything(olga: Person) -> None:
    await adds(olga, "Decision trees", "decision tree", "Garden bot", "What the garden answers by itself")
    page = olga.page
    await olga.looks(width=1360, height=1600, dark=False)  # so high that nothing scrolls under what is dragged
    diagram = page.get_by_role("region", name="Decisions")
    # When creating a new tree, there is only the first step.
    await expect(diagram.get_by_role("button", name=re.compile(", decision[.] "))).to_have_count(1)
    await diagram.get_by_role("button", name="Welcome message").click()
    pane = page.get_by_role("region", name="Decision", exact=True)
    await expect(pane.get_by_role("heading", name="Welcome message")).to_be_visible()
    await pane.get_by_role("textbox", name="Description", exact=True).fill("Looks at who is there")

    request = await action(page, "Request")
    await request.get_by_role("textbox", name="URL").fill(f"{olga.system.simulator}/control/accounts")
    await request.get_by_role("textbox", name="Name of the answer").fill("shops")
    message = await action(page, "Send message")
    await message.get_by_role("textbox", name="Text (English)").fill("Welcome to the garden, {{ customer.name }}!")
    await message.get_by_role("tab", name="Czech").click()
    await message.get_by_role("textbox", name="Text (Czech)").fill("Vítejte v zahradě!")
    saving = await action(page, "Save data")
    await saving.get_by_role("textbox", name="Field").fill("season")
    await saving.get_by_role("textbox", name="Value").fill("spring")
    ticket = await action(page, "Create ticket")
    await ticket.get_by_role("textbox", name="Title").fill("{{ customer.name }} came to the garden")
    await pick(page, ticket, "Category", "Orders")
    await ticket.get_by_role("textbox", name="Comment").fill("In {{ data.season }}")

    condition = await action(page, "Condition")
    await condition.get_by_role("textbox", name="Value", exact=True).fill("shops.ok")
    await pick(page, condition, "Type of compared with", "Yes or no")
    await pick(page, condition, "Compared with", "Yes (true)")
    loop = await action(page, "Loop")
    await loop.get_by_role("textbox", name="Array").fill("shops.body")
    await loop.get_by_role("textbox", name="Name of an item").fill("shop")
    inner = await action(page, "Save data", "For each of Loop 6")
    await inner.get_by_role("textbox", name="Field").fill("last_shop")
    await inner.get_by_role("textbox", name="Value").fill("{{ shop.username }}")
    await message_dragged_into_the_condition(page)

    target = await action(page, "Target")
    await target.get_by_role("radiogroup", name="Execution").get_by_text("Immediately").click()
    await new_decision(page, target, "What can we do?")
    await target.get_by_role("button", name="Go to this decision").click()
    await expect(pane.get_by_role("heading", name="What can we do?")).to_be_visible()
    await the_question(page)
    await saved(olga)
    await expect(page.get_by_text("to mend before", exact=False)).to_have_count(0)


async def message_dragged_into_the_condition(page: Page) -> None:
    """ "Click Done and then drag and drop actions into the fields in the condition"."""
    await page.get_by_role("button", name="Save data", expanded=True).click()  # closed, so that all is in sight
    await page.wait_for_timeout(400)  # until nothing moves any more
    await page.get_by_role("button", name="Drag Send message 2").hover()
    await page.mouse.down()
    place = page.get_by_text("Nothing yet: add an action, or drag one here.").first
    for x in (4, 12, 20):  # the first move picks it up, and where it is over counts from the next on
        await place.hover(force=True, position={"x": x, "y": 8})  # under what is dragged
        await page.wait_for_timeout(100)
    await page.mouse.up()
    await expect(page.get_by_role("list", name="Then of Condition 4").get_by_role("listitem")).to_have_count(1)


async def the_question(page: Page) -> None:
    """A decision with every answer type; targets that are decisions, made with the blue plus, and apps."""
    message = await action(page, "Send message")
    await message.get_by_role("textbox", name="Text (English)").fill("What can we do for you?")

    generated = await action(page, "Target")
    await pick(page, generated, "Answer type", "Generated buttons")
    await generated.get_by_role("textbox", name="Array").fill("shops.body")
    await generated.get_by_role("textbox", name="Title of a button").fill("{{ item.username }}")
    await generated.get_by_role("textbox", name="Value of a button").fill("{{ item.id }}")
    await new_decision(page, generated, "Chosen")

    button = await action(page, "Target")
    await button.get_by_role("textbox", name="Title of the button (English)").fill("A person")
    await to_app(page, button, "Queue", "Advice")

    pattern = await action(page, "Target")
    await pick(page, pattern, "Answer type", "Pattern")
    await pattern.get_by_role("textbox", name="Pattern (English)").fill("/(?P<order>[0-9]{6})/")
    await pattern.get_by_role("textbox", name="Try an answer").fill("It is 123456")
    await expect(pattern.get_by_text("It fits: answer.order = 123456")).to_be_visible()
    await new_decision(page, pattern, "An order")

    similar = await action(page, "Target")
    await pick(page, similar, "Answer type", "Similar")
    await similar.get_by_role("textbox", name="Words (English)").fill("robot, machine")
    await to_app(page, similar, "Chatbot", "Garden robot")
    default = await action(page, "Target")
    await pick(page, default, "Answer type", "Similar")
    await default.get_by_role("textbox", name="Words (English)").fill("bye, good bye")
    await to_app(page, default, "Terminate", "Until next time")
    await default.get_by_role("radio", name="Default answer").click()

    for title, text in (
        ("Chosen", "You chose {{ answer.item.username }}."),
        ("An order", "Order {{ answer.order }} it is."),
    ):
        await page.get_by_role("combobox", name="Find a decision").fill(title)
        await page.get_by_role("option", name=title).click()
        await expect(
            page.get_by_role("region", name="Decision", exact=True).get_by_role("heading", name=title)
        ).to_be_visible()
        message = await action(page, "Send message")
        await message.get_by_role("textbox", name="Text (English)").fill(text)
        target = await action(page, "Target")
        await target.get_by_role("radiogroup", name="Execution").get_by_text("Immediately").click()
        await pick(page, target, "Next destination: decision", "What can we do?")


async def action(page: Page, kind: str, where: str = "Actions") -> Locator:
    """A new action at the end of a list; it opens, and is what the answer stands for."""
    await page.get_by_role("button", name=f"Add to {where}", exact=True).click()
    await page.get_by_role("menuitem", name=kind, exact=True).click()
    await expect(page.get_by_role("menu")).to_be_hidden()
    pane = page.get_by_role("region", name="Decision", exact=True)
    return pane.get_by_role("listitem").filter(has=page.get_by_role("button", name=kind, expanded=True)).last


async def pick(page: Page, place: Locator, label: str, option: str) -> None:
    """Choose in a list of a form."""
    await place.get_by_role("combobox", name=label, exact=True).last.click()
    await page.get_by_role("option", name=option, exact=True).click()


async def to_app(page: Page, place: Locator, kind: str, which: str) -> None:
    await place.get_by_role("radiogroup", name="Next destination").get_by_text("App", exact=True).click()
    await pick(page, place, "Destination", kind)
    await pick(page, place, "Destination: which one", which)


async def new_decision(page: Page, place: Locator, title: str) -> None:
    """The blue plus."""
    await place.get_by_role("button", name="New decision").click()
    await page.get_by_role("textbox", name="Name of the new decision").fill(title)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(place.get_by_role("button", name="Go to this decision")).to_be_visible()


async def an_automessage_with_two_messages(olga: Person) -> None:
    await olga.looks(width=1360, height=900, dark=False)
    await adds(olga, "Automessages", "automessage", "Garden greeting", "While somebody puts on boots")
    await goes_to(olga, "Next destination", "Decision tree", "Garden bot")
    await olga.page.get_by_role("textbox", name="Time", exact=True).fill("0")
    await olga.field("Text (English)").fill("Good day!")
    await olga.page.get_by_role("button", name="Add message").click()
    second = olga.page.get_by_role("textbox", name="Time", exact=True).last
    await olga.page.get_by_role("combobox", name="Unit of Time").last.click()
    await olga.page.get_by_role("option", name="seconds").last.click()
    await second.fill("2")
    await olga.page.get_by_role("textbox", name="Text (English)").last.fill("We put on our boots.")
    await saved(olga)


async def a_time_group_that_is_always_open(olga: Person) -> None:
    await adds(olga, "Time groups", "time group", "Garden hours", "At any hour")
    page = olga.page
    await page.get_by_role("button", name="Add definition").click()
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        await page.get_by_role("checkbox", name=day).locator("..").get_by_text(day).click()
    await olga.field("From").fill("00:00")
    await olga.field("To").fill("24:00")
    await expect(page.get_by_text("open", exact=True).first).to_be_visible()
    await expect(page.get_by_text("Nothing changes within 400 days.")).to_be_visible()
    await saved(olga)


async def a_time_condition(olga: Person) -> None:
    await adds(olga, "Time conditions", "time condition", "Is the garden open?", "It always is")
    await olga.chooses("Time group", "Garden hours")
    await goes_to(olga, "If it is open", "Automessage", "Garden greeting")
    await goes_to(olga, "If it is closed", "Terminate", "Until next time")
    await saved(olga)


async def the_connector_leads_there(olga: Person) -> None:
    await opened(olga, "Connectors", "Garden studio")
    await goes_to(olga, "Next destination", "Time condition", "Is the garden open?")
    await saved(olga)
    page = olga.page
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Connectors").click()
    await page.get_by_role("link", name="Diagram tree of Garden studio").click()
    await page.get_by_role("radiogroup", name="How it is shown").get_by_text("List").click()
    for title in ("Is the garden open?", "Garden greeting", "Garden bot", "Garden robot", "Until next time", "Advice"):
        await expect(page.get_by_role("main").get_by_text(title).first).to_be_visible()


async def the_changes_are_applied(olga: Person) -> None:
    page = olga.page
    await page.get_by_role("link", name="Apply configuration changes").click()
    await olga.complete()
    await page.get_by_role("textbox", name="Note").fill("The garden answers")
    await page.get_by_role("button", name="Apply configuration changes").click()
    await expect(page.get_by_role("heading", name="Revision 2 is current now")).to_be_visible()
    await expect(page.get_by_text("customers do not see")).to_have_count(0)


async def the_account_is_authorised(olga: Person) -> None:
    await opened(olga, "Connectors", "Garden studio")
    await olga.page.get_by_role("button", name="Authorise Instagram account").click()
    async with olga.context.expect_page() as coming:
        await olga.page.get_by_role("link", name="Open the page").click()
    meta = await coming.value
    await meta.get_by_test_id("continue-with-facebook").click()
    await meta.get_by_test_id("dialog-allow").click()
    await meta.get_by_test_id("choice").filter(has_text="Garden Studio").get_by_test_id("use").click()
    await expect(meta.get_by_test_id("token-state")).to_contain_text("filled in")
    await meta.close()
    await olga.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await opened(olga, "Connectors", "Garden studio")
    await expect(olga.page.get_by_role("button", name="Authorise again")).to_be_visible()
    assert olga.wrong == []


# The customer and the agent ---------------------------------------------------------------------------------------


async def test_the_customer_sees_it_and_an_agent_answers(system: System, browser: Browser) -> None:
    jana = system.customer(GARDEN)
    phone = (await person(system, browser)).page
    await phone.goto(f"{system.simulator}/?account={GARDEN}&customer={jana.id}")
    said = phone.get_by_test_id("message-text")
    await writes(phone, "hi")
    greeting = ["hi", "Good day!", "We put on our boots.", "Welcome to the garden, Jana!", "What can we do for you?"]
    await expect(said).to_have_text(greeting, timeout=SLOW)
    await expect(phone.get_by_test_id("quick-reply").last).to_have_text("A person")
    await phone.get_by_test_id("quick-reply").filter(has_text="garden.studio").click()
    await expect(said.nth(-2)).to_have_text("You chose garden.studio.", timeout=SLOW)
    await writes(phone, "my order is 123456")
    await expect(said.nth(-2)).to_have_text("Order 123456 it is.", timeout=SLOW)

    anna = await (await person(system, browser)).logs_in("anna", "/desk")
    await anna.page.get_by_role("button", name=re.compile("^You are .*: change it$")).click()
    await anna.page.get_by_role("menuitem", name="Ready for conversations").click()
    await expect(anna.page.get_by_role("button", name="You are ready: change it")).to_be_visible()
    # The robot cannot be reached, so that it is people's turn.
    await writes(phone, "the robot please")
    await expect(said.last).to_have_text("You are next. A colleague will be here within two minutes.", timeout=SLOW)
    offer = anna.page.get_by_role("group", name="Offered: Jana")
    await offer.get_by_role("button", name="Accept").click(timeout=SLOW)
    await anna.page.get_by_role("region", name="My conversations").get_by_role("link", name="Jana").click()
    await expect(anna.page.get_by_role("log").get_by_text("the robot please")).to_be_visible()
    box = anna.page.get_by_label("Reply to the customer")
    await box.fill("Hello Jana, this is Anna.")
    await box.press("Enter")
    await expect(said.last).to_have_text("Hello Jana, this is Anna.", timeout=SLOW)
    # That she has seen it is told to Instagram, as long as she has the conversation.
    async with anna.page.expect_response(lambda answer: answer.url.endswith("/seen"), timeout=SLOW):
        await writes(phone, "Thank you!")
        await expect(anna.page.get_by_role("log").get_by_text("Thank you!")).to_be_visible(timeout=SLOW)
    await anna.page.get_by_role("button", name="Close", exact=True).click()
    await anna.page.get_by_role("button", name="Close the conversation").click()
    await expect(said.last).to_have_text("How was it, from 1 (poor) to 5 (great)?", timeout=SLOW)
    await writes(phone, "5")
    await expect(said.last).to_have_text("Thank you, and greetings to your plants!", timeout=SLOW)
    assert anna.wrong == []
    with login(system) as client:
        [ticket] = [one for one in asks(client, "GET", "tickets")["items"] if "came to the garden" in one["title"]]
    assert ticket["title"] == "Jana came to the garden"
    await anna.context.close()
    await phone.context.close()


async def test_a_goodbye_ends_with_the_auto_response(system: System, browser: Browser) -> None:
    petr = system.customer(GARDEN)
    phone = (await person(system, browser)).page
    await phone.goto(f"{system.simulator}/?account={GARDEN}&customer={petr.id}")
    await writes(phone, "hello")
    said = phone.get_by_test_id("message-text")
    await expect(said.last).to_have_text("What can we do for you?", timeout=SLOW)
    await writes(phone, "nothing of this, really")  # the default answer
    await expect(said.last).to_have_text("Thank you, and greetings to your plants!", timeout=SLOW)
    await phone.context.close()


async def writes(phone: Page, text: str) -> None:
    """On the customer's phone."""
    await phone.get_by_test_id("composer-input").fill(text)
    await phone.get_by_test_id("send-button").click()
