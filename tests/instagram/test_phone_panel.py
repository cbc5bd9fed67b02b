"""Beside the phone in a real browser: clock, faults, tokens, webhooks, and accounts that no app is told of."""

import asyncio
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ACCOUNT = "17841400000000001"
TOKEN = "IGAA-simulated-1"


async def begin(phone: Page, simulator: Any) -> str:
    await phone.get_by_role("button", name="Start chatting").click()
    await phone.get_by_test_id("composer-input").fill("Hello")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello"])
    (customer,) = await simulator.control("GET", f"/accounts/{ACCOUNT}/customers")
    return customer["id"]


async def until(phone: Page, expression: str) -> None:
    """Waits for what the page's script says; the page forbids what Playwright's own waiting needs."""
    async with asyncio.timeout(10):
        while not await phone.evaluate(expression):  # noqa: ASYNC110  only the page says so
            await asyncio.sleep(0.05)


async def test_faults(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    add, waiting = phone.get_by_test_id("fault-add"), phone.get_by_test_id("fault")
    await phone.get_by_test_id("fault-kind").select_option("broken_answer")
    await add.click()
    await expect(waiting).to_have_text(["Arrives, connection breakssend · 1× · one customerRemove"])
    with pytest.raises(httpx.RemoteProtocolError):
        await simulator.text(ACCOUNT, customer, "lost?", TOKEN)
    await expect(phone.get_by_test_id("message-text")).to_have_text(["Hello", "lost?"])

    await phone.get_by_test_id("fault-kind").select_option("error")
    await phone.get_by_test_id("fault-code").fill("551")
    await phone.get_by_test_id("fault-subcode").fill("")
    await phone.get_by_test_id("fault-times").select_option("until removed")
    await phone.get_by_test_id("fault-whom").select_option("everybody")
    await add.click()
    await expect(waiting.last).to_contain_text("Error 551")
    assert (await simulator.text(ACCOUNT, customer, "no", TOKEN))["error"]["code"] == 551
    await phone.get_by_test_id("fault-kind").select_option("only")
    await expect(phone.get_by_test_id("fault-code")).to_be_hidden()
    await add.click()
    await phone.get_by_role("button", name="Remove: Empty edit").click()
    await expect(waiting).to_have_count(1)
    assert [fault["kind"] for fault in await simulator.control("GET", "/faults")] == ["error"]
    await phone.get_by_test_id("fault-remove").click()
    await expect(waiting).to_have_count(0)
    # What others let go wrong is shown too.
    await simulator.control("POST", "/faults", {"kind": "slow"})
    await expect(waiting).to_have_count(1)


async def test_tokens(phone: Page, simulator: Any) -> None:
    customer = await begin(phone, simulator)
    token = phone.get_by_test_id("token")
    await expect(token).to_contain_text("IGAA…ted-1alive for ever")
    for kill, subcode in (("token-kill", 460), ("token-expire", 463)):
        await phone.get_by_test_id(kill).click()
        await expect(token).to_contain_text(f"dead: 190/{subcode}")
        answer = await simulator.text(ACCOUNT, customer, "hi", TOKEN)
        assert answer["error"]["error_subcode"] == subcode
        await phone.get_by_test_id("token-revive").click()
        await expect(token).to_contain_text("alive for ever")
    assert "message_id" in await simulator.text(ACCOUNT, customer, "hi", TOKEN)


async def test_clock_and_webhooks(phone: Page, simulator: Any) -> None:
    await begin(phone, simulator)
    await phone.get_by_role("button", name="+7 days").click()
    offset = 7 * 86400
    ahead = "new Date(document.getElementById('clock').dateTime) - Date.now()"
    await until(phone, f"{ahead} > {(offset - 60) * 1000}")
    assert (await simulator.control("GET", "/clock"))["offset"] == offset
    await phone.get_by_role("button", name="Real time").click()
    await until(phone, f"{ahead} < 60000")
    await phone.get_by_text("Webhooks", exact=True).click()
    await expect(phone.get_by_test_id("counts")).to_contain_text("1 told or to be told, 1 of them still to be told")
    await phone.get_by_test_id("hold").check()
    await phone.reload()
    await expect(phone.get_by_test_id("hold")).to_be_checked()
    assert await simulator.control("GET", "/hold") == {"held": True}


async def test_accounts_that_no_app_is_told_of(phone: Page, simulator: Any) -> None:
    select, note = phone.get_by_test_id("account-select"), phone.get_by_test_id("account-note")
    await expect(select).to_have_value(ACCOUNT)
    await expect(note).to_be_hidden()
    groups = await select.locator("optgroup").all()
    assert [await group.get_attribute("label") for group in groups] == ["No app is told of these yet"]
    await select.select_option("17841400000000005")
    await expect(note).to_contain_text("Authorise the account")
    await expect(phone.get_by_test_id("token-list")).to_contain_text("None yet")
    await simulator.control("PATCH", "/accounts/17841400000000005", {"subscribed": True})
    await expect(note).to_be_hidden()
    await expect(select).to_have_value("17841400000000005")
