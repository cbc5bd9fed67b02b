"""The phone page in a real browser."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from instagram.client import Button, Outbound, QuickReply

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ACCOUNT = "17841400000000001"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00"
    b"\rIDATx\x9cc\xfc\xcf\xc0P\x0f\x00\x04\x85\x01\x80\x84\xa9\x8c!\x00\x00\x00\x00IEND\xaeB`\x82"
)


async def begin(phone: Page, simulator: Any, text: str = "Hello") -> str:
    await phone.get_by_label("Username").fill("jana.novak")
    await phone.get_by_role("button", name="Start chatting").click()
    await phone.get_by_label("Message", exact=True).fill(text)
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_test_id("message-text")).to_have_text([text])
    (customer,) = await simulator.control("GET", f"/accounts/{ACCOUNT}/customers")
    return customer["id"]


async def test_chat(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    client = simulator.client("login")
    await client.act(customer, "mark_seen")
    await client.act(customer, "typing_on")
    await expect(phone.get_by_test_id("seen")).to_be_visible()
    await expect(phone.get_by_test_id("typing")).to_be_visible()

    await client.send(
        customer,
        Outbound(text="Which?", quick_replies=tuple(QuickReply(title=word, payload=word) for word in ("Red", "Blue"))),
    )
    await expect(phone.get_by_test_id("typing")).to_be_hidden()
    await expect(phone.get_by_test_id("quick-reply")).to_have_text(["Red", "Blue"])
    await phone.get_by_role("group", name="Quick replies").get_by_role("button", name="Blue").click()
    await expect(phone.get_by_test_id("quick-replies")).to_be_hidden()
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello", "Which?", "Blue"])
    directions = await phone.get_by_test_id("message").evaluate_all("all => all.map(one => one.dataset.direction)")
    assert directions == ["sent", "received", "sent"]
    told = await simulator.control("GET", "/webhooks")
    assert any("read" in webhook["body"]["entry"][0]["messaging"][0] for webhook in told)


async def test_pictures_and_buttons(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    client = simulator.client("login")
    await phone.get_by_role("button", name="Attach something").click()
    await phone.get_by_label("A file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    await phone.get_by_role("button", name="Attach", exact=True).click()
    await expect(phone.get_by_alt_text("Picture you sent")).to_be_visible()
    await client.send(customer, Outbound(image=f"{simulator.url}/avatars/mug.svg"))
    await expect(phone.get_by_alt_text("Picture you received")).to_be_visible()
    await client.send(
        customer,
        Outbound(
            text="Look", buttons=(Button(text="Shop", url="https://example.org/"), Button(text="Ask", payload="A"))
        ),
    )
    await expect(phone.get_by_role("link", name="Shop")).to_have_attribute("href", "https://example.org/")
    await phone.get_by_role("button", name="Ask").click()
    await expect(phone.get_by_test_id("message-text").last).to_have_text("Ask")
    thread = await simulator.thread(ACCOUNT, customer)
    assert thread["messages"][-1]["payload"] == "A"


async def until(phone: Page, expression: str) -> None:
    """Waits for what the page's script says; the page forbids what Playwright's own waiting needs."""
    async with asyncio.timeout(10):
        while not await phone.evaluate(expression):  # noqa: ASYNC110  only the page says so
            await asyncio.sleep(0.05)


async def thread(simulator: Any, customer: str) -> list[dict[str, Any]]:
    return (await simulator.thread(ACCOUNT, customer))["messages"]


async def webhook_items(simulator: Any) -> list[dict[str, Any]]:
    told = await simulator.control("GET", f"/webhooks?account={ACCOUNT}")
    return [item for one in told for item in one["body"]["entry"][0].get("messaging", [])]


async def test_editing_answering_reacting_and_unsending(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    sent = await simulator.client("login").send(customer, Outbound(text="Which one?"))
    mine, theirs = phone.get_by_test_id("message").nth(0), phone.get_by_test_id("message").nth(1)
    await expect(theirs).to_be_visible()
    # By the keyboard: the button shows itself when it is reached.
    await theirs.get_by_test_id("message-more").focus()
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_test_id("action-edit")).to_be_hidden()
    await expect(phone.get_by_test_id("action-unsend")).to_be_hidden()
    await phone.get_by_role("button", name="wow").click()
    await expect(theirs.get_by_test_id("reactions")).to_have_text("😮")
    await theirs.get_by_test_id("message-more").click()
    await expect(phone.get_by_role("button", name="wow")).to_have_attribute("aria-pressed", "true")
    await phone.get_by_role("button", name="wow").click()
    await expect(theirs.get_by_test_id("reactions")).to_be_hidden()

    await theirs.get_by_test_id("message-more").click()
    await phone.get_by_test_id("action-reply").click()
    await expect(phone.get_by_test_id("composer-about")).to_contain_text("Answering “Which one?”")
    await phone.get_by_test_id("composer-input").fill("The red one")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_test_id("message-context").last).to_have_text("in reply to “Which one?”")
    await expect(phone.get_by_test_id("composer-about")).to_be_hidden()

    await mine.hover()
    await mine.get_by_test_id("message-more").click()
    await phone.get_by_test_id("action-edit").click()
    await expect(phone.get_by_test_id("composer-input")).to_have_value("Hello")
    await phone.get_by_test_id("composer-input").fill("Hello there")
    await phone.keyboard.press("Enter")
    await expect(mine.get_by_test_id("message-text")).to_have_text("Hello there")
    await expect(mine.get_by_test_id("message-context")).to_have_text("edited")
    await mine.get_by_test_id("message-more").click()
    await phone.get_by_test_id("action-unsend").click()
    await expect(mine.get_by_test_id("message-text")).to_have_text("Message unsent")
    await expect(mine.get_by_test_id("message-more")).to_have_count(0)

    items = await webhook_items(simulator)
    assert [item["reaction"]["action"] for item in items if "reaction" in item] == ["react", "unreact"]
    assert [item["message_edit"]["text"] for item in items if "message_edit" in item] == ["Hello there"]
    assert items[-1]["message"]["is_deleted"] is True
    assert (await thread(simulator, customer))[2]["reply_to"] == sent


async def test_leaving_an_edit(phone: Page, simulator: Any) -> None:
    await begin(phone, simulator)
    for leave in ("click", "key"):
        await phone.get_by_test_id("message").hover()
        await phone.get_by_test_id("message-more").click()
        await phone.get_by_test_id("action-edit").click()
        if leave == "click":
            await phone.get_by_test_id("composer-about-cancel").click()
            await expect(phone.get_by_test_id("composer-input")).to_have_value("")
        else:
            await phone.keyboard.press("Escape")
        await expect(phone.get_by_test_id("composer-about")).to_be_hidden()
    await phone.get_by_test_id("composer-input").fill("New")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello", "New"])


async def attach(phone: Page, kind: str) -> None:
    await phone.get_by_test_id("attach-button").click()
    await phone.get_by_test_id("attachment-kind").select_option(kind)
    await phone.get_by_test_id("image-send").click()


async def test_attachments_of_each_type(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    kinds = ("image", "video", "audio", "file", "story_mention", "ig_post", "share", "both", "ig_reel", "page")
    kinds += ("sticker", "ephemeral", "unsupported_type", "unsupported", "other")
    for number, kind in enumerate(kinds, 2):
        await attach(phone, kind)
        await expect(phone.get_by_test_id("message")).to_have_count(number)
    sent = [message.get("attachments") for message in await thread(simulator, customer)][1:]
    told = ["+".join(one["type"] for one in attachments) if attachments else "unsupported" for attachments in sent]
    assert told == [
        *(
            "image",
            "video",
            "audio",
            "file",
            "story_mention",
            "ig_post",
            "share",
            "share+ig_post",
            "ig_reel",
            "ig_reel",
        ),
        *("sticker", "ephemeral", "unsupported_type", "unsupported", "hologram"),
    ]
    # What is shown really loads: the video and the sound play, and a reel that is a web page is a link.
    media = "Array.from(document.querySelectorAll('video, audio')).map(one => one.duration > 0)"
    await until(phone, f"{media}.join() === 'true,true,true'")
    await expect(phone.locator("[data-type=ig_reel] a")).to_have_attribute("href", f"{simulator.url}/samples/reel.html")
    await expect(phone.get_by_test_id("message-text").last).to_have_text("Something the API does not show")
    loaded = "Array.from(document.querySelectorAll('#thread img')).every(one => one.complete && one.naturalWidth > 0)"
    await until(phone, loaded)


async def test_coming_from_somewhere(phone: Page, simulator: Any) -> None:
    await begin(phone, simulator)
    await phone.get_by_text("Come from a story or ad").click()
    await expect(phone.get_by_test_id("arrive-ref")).to_be_hidden()
    await phone.get_by_test_id("arrive-text").fill("Lovely")
    await phone.get_by_test_id("arrive-go").click()
    await expect(phone.get_by_test_id("message-context")).to_have_text("replied to a story")
    await phone.get_by_test_id("arrive-from").select_option("link")
    await expect(phone.get_by_test_id("arrive-text")).to_be_hidden()
    await phone.get_by_test_id("arrive-ref").fill("flyer")
    await phone.get_by_test_id("arrive-go").click()
    await phone.get_by_test_id("arrive-from").select_option("ad")
    await phone.get_by_test_id("arrive-go").click()
    await expect(phone.get_by_test_id("message-context").last).to_have_text("came from an ad")
    items = await webhook_items(simulator)
    assert items[1]["message"]["reply_to"]["story"]["url"].endswith("/samples/image.png")
    assert items[2]["referral"]["ref"] == "flyer"
    assert items[3]["message"]["referral"]["source"] == "ADS"


async def test_ice_breakers(phone: Page, simulator: Any) -> None:
    call = [{"question": "When are you open?", "payload": "HOURS"}]
    published = {"ice_breakers": [{"call_to_actions": call, "locale": "default"}]}
    await simulator.graph("POST", "/me/messenger_profile", "IGAA-simulated-1", json=published)
    await phone.get_by_role("button", name="Start chatting").click()
    await phone.get_by_role("group", name="Suggested questions").get_by_role("button").click()
    await expect(phone.get_by_test_id("message-text")).to_have_text(["When are you open?"])
    await expect(phone.get_by_test_id("ice-breakers")).to_be_hidden()
    (item,) = await webhook_items(simulator)
    assert (item["postback"]["title"], item["postback"]["payload"]) == ("When are you open?", "HOURS")


async def test_blocking_seen_and_other_apps(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    await phone.get_by_text("Seen, block, control").click()
    await phone.get_by_test_id("tell-seen").uncheck()
    await simulator.client("login").send(customer, Outbound(text="Hi"))
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello", "Hi"])
    assert not any("read" in item for item in await webhook_items(simulator))
    async with phone.expect_response(lambda answer: answer.url.endswith("/seen")):
        await phone.get_by_test_id("seen-now").click()
    assert "read" in (await webhook_items(simulator))[-1]
    await phone.get_by_test_id("thread-control").click()
    await expect(phone.get_by_test_id("control-note")).to_be_visible()
    await phone.get_by_role("button", name="Give the thread back").click()
    await expect(phone.get_by_test_id("control-note")).to_be_hidden()
    await phone.get_by_test_id("block").click()
    await expect(phone.get_by_test_id("composer-input")).to_be_disabled()
    await phone.get_by_role("button", name="Unblock the business").click()
    await expect(phone.get_by_test_id("composer-input")).to_be_enabled()


async def test_nothing_written_becomes_markup(phone: Page, simulator: Any) -> None:
    text = "<img src=x onerror=alert(1)> & <b>bold</b>"
    customer = await begin(phone, simulator, text)
    await simulator.client("login").send(customer, Outbound(text=text))
    await expect(phone.get_by_test_id("message-text")).to_have_text([text, text])


async def test_reload_and_phone_width(phone: Page, simulator: Any) -> None:
    await begin(phone, simulator)
    await phone.set_viewport_size({"width": 375, "height": 700})
    await phone.reload()
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello"])
    parts = "[document.documentElement, ...document.querySelectorAll('aside, details, #scroll')]"
    assert await phone.evaluate(f"{parts}.filter(part => part.scrollWidth > 375).length") == 0
    await expect(phone.get_by_test_id("send-button")).to_be_in_viewport()
