"""Chaos by one seed: nothing is lost, everything is counted, and webhooks come twice, late and swapped."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.simulator.chaos import Chaos, Plan, WebhookChances
from instagram.simulator.database import Settings, connect

pytestmark = pytest.mark.anyio
LOGIN = "17841400000000001"
TOKEN = "IGAA-simulated-1"
SENDS = {
    "lost_answer": 0.1,
    "broken_answer": 0.1,
    "lost_request": 0.1,
    "error_sent": 0.1,
    "error_unsent": 0.1,
    "odd_answer": 0.1,
    "throttled": 0.1,
}
DELIVERED = {None, "lost_answer", "broken_answer", "error_sent", "odd_answer"}


async def send(simulator: Any, customer: str, text: str) -> None:
    body = {"recipient": {"id": customer}, "message": {"text": text}}
    # What chaos is for: the record says what became of it.
    with suppress(httpx.RemoteProtocolError):
        await simulator.http.post("/me/messages", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


def texts(listener: Any) -> list[str]:
    return [json.loads(body)["entry"][0]["messaging"][0]["message"]["text"] for body, _ in listener.received]


async def settled(simulator: Any) -> dict[str, int]:
    """The counts, once nothing is to be told any more."""
    async with asyncio.timeout(20):
        while (counts := await simulator.control("GET", "/counts"))["pending"]:  # noqa: ASYNC110  only the counts say so
            await asyncio.sleep(0.02)
    return counts


async def test_sends_go_wrong_by_chance(simulator: Any) -> None:
    jana = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, jana, text="hi")
    assert await simulator.control("GET", "/chaos") == {"plan": None, "counters": {}}
    await simulator.control("PUT", "/chaos", {"seed": 7, "sends": SENDS, "hang": 0.01})
    wanted = [str(number) for number in range(100)]
    for text in wanted:
        await send(simulator, jana, text)
    records = await simulator.control("GET", "/sends")
    assert [record["body"]["message"]["text"] for record in records] == wanted
    assert {record["fault"] for record in records} == {None, *SENDS}
    assert all(record["delivered"] == (record["fault"] in DELIVERED) for record in records)
    shown = [message for message in (await simulator.thread(LOGIN, jana))["messages"] if message["author"] == "api"]
    assert [message["mid"] for message in shown] == [record["mid"] for record in records if record["delivered"]]
    counters = (await simulator.control("GET", "/chaos"))["counters"]
    assert counters["sends"] == 100
    for kind in SENDS:
        assert counters[f"sends.{kind}"] == sum(record["fault"] == kind for record in records)
    assert (await simulator.control("PUT", "/chaos", {})) == {"plan": None, "counters": {}}
    await send(simulator, jana, "calm")
    assert (await simulator.control("GET", f"/sends?after={records[-1]['number']}"))[0]["fault"] is None


async def test_webhooks_come_twice_late_and_swapped_but_all_come(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customers = [await simulator.customer(LOGIN, f"c{number}") for number in range(3)]
    webhooks = {"duplicate": 0.3, "delay": 0.2, "longest_delay": 0.3, "swap": 0.2}
    await simulator.control("PUT", "/chaos", {"seed": 7, "webhooks": webhooks})
    wanted = [f"{customer} {number}" for number in range(20) for customer in range(3)]
    for text in wanted:
        await simulator.say(LOGIN, customers[int(text[0])], text=text)
    assert (await settled(simulator))["webhooks"] == len(wanted)
    told = texts(listener)
    assert set(told) == set(wanted)
    counters = (await simulator.control("GET", "/chaos"))["counters"]
    assert counters["webhooks"] == len(wanted)
    assert len(told) == len(wanted) + counters["webhooks.duplicate"]
    assert counters["webhooks.delay"] > 0
    assert counters["webhooks.swap"] > 0
    first = [text for number, text in enumerate(told) if text not in told[:number] and text[0] == "0"]
    assert first != [text for text in wanted if text[0] == "0"]
    records = await simulator.control("GET", "/webhooks")
    assert {len(record["attempts"]) for record in records} == {1, 2}
    assert {record["state"] for record in records} == {"delivered"}


async def test_a_swapped_webhook_comes_after_its_successor(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    jana = await simulator.customer(LOGIN)
    await simulator.control("PUT", "/chaos", {"webhooks": {"swap": 1}})
    await simulator.say(LOGIN, jana, text="first")
    await simulator.control("PUT", "/chaos", {})
    await simulator.say(LOGIN, jana, text="second")
    await listener.until(2)
    assert texts(listener) == ["second", "first"]
    # With no successor it comes by itself.
    await simulator.control("PUT", "/chaos", {"webhooks": {"swap": 1}})
    await simulator.say(LOGIN, jana, text="alone")
    assert len(await simulator.control("GET", "/webhooks?undelivered=true")) == 1
    await listener.until(3)


async def test_late_webhooks_come_after_a_restart_too(running: Any, listener: Any, tmp_path: Path) -> None:
    data = tmp_path / "simulator.db"
    async with running(listener.url, data) as simulator:
        jana = await simulator.customer(LOGIN)
        plan = {"seed": 3, "webhooks": {"delay": 1, "longest_delay": 600}}
        await simulator.control("PUT", "/chaos", plan)
        await simulator.say(LOGIN, jana, text="late")
        (waiting,) = await simulator.control("GET", "/webhooks?undelivered=true")
        assert waiting["state"] == "late"
    async with running(listener.url, data) as simulator:
        assert (await simulator.control("GET", "/chaos"))["plan"]["webhooks"]["delay"] == 1
        assert (await simulator.control("GET", "/counts"))["pending"] == 1
    database = connect(data)
    database.execute("update webhooks set due = 0")
    database.close()
    async with running(listener.url, data):
        await listener.until(1)
    assert texts(listener) == ["late"]


def test_the_same_seed_gives_the_same_chaos(tmp_path: Path) -> None:
    def drawn(seed: int, *, interleaved: bool) -> list[Any]:
        chaos = Chaos(Settings(connect(None)))
        plan = Plan.model_validate({"seed": seed, "sends": SENDS})
        chaos.set(plan.model_copy(update={"webhooks": WebhookChances(duplicate=0.5, delay=0.5, swap=0.5)}))
        kinds: list[Any] = []
        fates: list[Any] = []
        for _ in range(50):
            fault = chaos.send()
            kinds.append(fault and fault.kind)
            if interleaved:
                fates.append(chaos.fate())
        fates += [chaos.fate() for _ in range(50 - len(fates))]
        return [kinds, fates]

    assert drawn(7, interleaved=False) == drawn(7, interleaved=True)
    assert drawn(7, interleaved=False) != drawn(8, interleaved=False)


def test_a_restart_goes_on_drawing(tmp_path: Path) -> None:
    database = connect(tmp_path / "simulator.db")
    chaos = Chaos(Settings(database))
    chaos.set(Plan.model_validate({"seed": 7, "sends": {"error_sent": 0.5}}))
    before = [chaos.send() is None for _ in range(40)]
    chaos = Chaos(Settings(database))
    assert chaos.counters["sends.error_sent"] == before.count(False)
    assert [chaos.send() is None for _ in range(40)] != before


@pytest.mark.parametrize(
    "wrong", [{"sends": {"lost_answer": 0.6, "error_sent": 0.6}}, {"sends": {"other": 1}}, {"webhooks": {"swap": 2}}]
)
async def test_wrong_chaos(simulator: Any, wrong: dict[str, Any]) -> None:
    await simulator.control("PUT", "/chaos", wrong, expect=422)
