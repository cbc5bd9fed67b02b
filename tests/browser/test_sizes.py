"""How much a page loads before it can be used, and that large things stay small in the browser."""

import asyncio
import gzip
import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Response, expect

from tests.browser.content import asks, login
from tests.browser.person import Person, person
from tests.end_to_end.conftest import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
MOST = 300_000
"""Bytes of script, compressed, before a page is usable (SPEC 10)."""
DECISIONS, TALKS = 500, 10_000
FRAMES = """async (seconds) => {
    const times = [];
    const end = performance.now() + seconds * 1000;
    for (let before = performance.now(); before < end; ) {
        const now = await new Promise((next) => requestAnimationFrame(next));
        times.push(now - before);
        before = now;
    }
    return times;
}"""
LONG = """
    INSERT INTO conversations (name, account, customer, connector, workflow_id, revision, opened_at, ended_at, cause)
    SELECT 'igdm_' || lpad(to_hex(n), 24, '0'), '17841400000000001', 'c' || n, 'plants', 'w' || n, 1,
        now() - n * interval '1 minute', now() - n * interval '1 minute', 'user'
    FROM generate_series(1, %s) AS n RETURNING name
"""


async def test_the_login_and_the_overview_load_little_script(system: System, browser: Browser) -> None:
    somebody = await person(system, browser)
    scripts: dict[str, int] = {}

    async def weigh(response: Response) -> None:
        if response.ok and response.url.partition("?")[0].endswith(".js"):
            scripts[response.url.rpartition("/")[2]] = len(gzip.compress(await response.body()))

    somebody.page.on("response", weigh)
    await somebody.page.goto(f"{system.api}/console/")
    await expect(somebody.page.get_by_label("Name")).to_be_editable()
    login_bytes = sum(scripts.values())
    await somebody.logs_in()
    print(json.dumps(dict(sorted(scripts.items(), key=lambda one: -one[1])), indent=1))
    print(f"login {login_bytes:,} bytes, login and overview {sum(scripts.values()):,} bytes")
    assert scripts, "no script was seen"
    assert login_bytes <= MOST
    assert sum(scripts.values()) <= MOST
    await somebody.context.close()


def large_tree() -> dict[str, Any]:
    """A tree whose decisions lead to the next three."""

    def decision(number: int) -> dict[str, Any]:
        ways = [
            {
                "type": "target",
                "execution": "when_client_chooses",
                "answer": {"type": "button", "text": f"To {number + step}"},
                "to": {"type": "decision", "name": f"d{number + step}"}
                if number + step < DECISIONS
                else {"type": "terminate", "name": "helped"},
            }
            for step in (1, 2, 3)
        ]
        return {
            "title": f"Decision {number}",
            "actions": [{"type": "send_message", "text": f"Here is {number}"}, *ways],
        }

    return {
        "title": "Large",
        "start": "d0",
        "decisions": {f"d{number}": decision(number) for number in range(DECISIONS)},
    }


async def test_a_tree_of_500_decisions_is_drawn_in_part(system: System, admin: Person) -> None:
    with login(system) as client:
        asks(client, "POST", "sandbox/decision_trees", json={"name": "large", "document": large_tree()})
    await admin.opens("/routing/decision_trees/large")
    page = admin.page
    diagram = page.get_by_role("region", name="Decisions")
    await expect(diagram.get_by_role("button", name=re.compile("^Decision 0 "))).to_be_visible()
    await expect(page.get_by_placeholder(f"Find one of {DECISIONS}")).to_be_visible()
    assert await drawn(admin) < 150
    box = await diagram.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    frames = asyncio.create_task(page.evaluate(FRAMES, 1))
    for step in range(20):
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - step * 20)
    await page.mouse.up()
    print("moving: frames in ms", [round(one) for one in await frames])
    assert await drawn(admin) < 150

    # One that is far away is found, drawn, and edited.
    await page.get_by_role("combobox", name="Find a decision").fill("Decision 444")
    await page.get_by_role("option", name="Decision 444").click()
    await expect(admin.field("Title")).to_have_value("Decision 444")
    await expect(diagram.get_by_role("button", name=re.compile("^Decision 444 "))).to_be_visible()
    await admin.field("Title").press("End")
    await admin.field("Title").press("End")
    frames = asyncio.create_task(page.evaluate(FRAMES, 1))
    await admin.field("Title").press_sequentially(" far away")
    print("typing: frames in ms", [round(one) for one in await frames])
    await expect(diagram.get_by_role("button", name=re.compile("^Decision 444 far away"))).to_be_visible()
    assert await drawn(admin) < 150
    # Everything of the page, the pane and its fields included.
    assert await page.locator("*").count() < 6_000


async def drawn(who: Person) -> int:
    """How many decisions there are in the page."""
    return await who.page.get_by_role("region", name="Decisions").get_by_role("button", name="Decision ").count()


async def test_a_list_of_10_000_conversations_draws_only_what_is_in_sight(system: System, admin: Person) -> None:
    system.sql(LONG, TALKS)
    await admin.opens("/conversations")
    page = admin.page
    rows = page.get_by_role("list", name="Conversations").get_by_role("listitem")
    await expect(rows.first).to_be_visible()
    assert await rows.count() <= 60
    most, reached = 0, 0
    frames = asyncio.create_task(page.evaluate(FRAMES, 3))
    for _ in range(400):
        await page.mouse.wheel(0, 20_000)
        most = max(most, await rows.count())
        last = await rows.last.get_attribute("aria-posinset")
        reached = int(last or 0)
        if reached >= TALKS:
            break
        await page.wait_for_timeout(20)
    print("scrolling: frames in ms", [round(one) for one in await frames])
    assert reached >= TALKS
    assert most <= 60
    await expect(page.get_by_role("status").filter(has_text=re.compile("10,?000"))).to_be_visible()
    assert admin.wrong == []
