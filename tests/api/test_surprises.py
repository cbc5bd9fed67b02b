"""What Instagram does that nobody would expect, as far as it takes the API to show it (facts, section 5)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from store.messages import NewMessage, mark_sending, mark_sent, outbound, prepare, transcript
from workflows.hints import hint_id
from workflows.records import workflow_id

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


async def runs(shop: Any, customer: str = "anna") -> list[str]:
    query = f"WorkflowId = '{workflow_id(shop.account, customer)}'"
    return [run.id async for run in shop.temporal.list_workflows(query)]


async def notes(shop: Any, conversation: str) -> list[tuple[str, str | None]]:
    async with shop.parts.database.begin() as session:
        return [(row.kind, row.text) for row in await transcript(session, conversation) if row.direction == "note"]


async def test_1_an_announced_message_is_looked_after(shop: Any) -> None:
    hint = {"timestamp": 1, "message_edit": {"mid": "M1", "num_edit": 0}}
    for _ in range(2):
        await shop.deliver(hint)
    assert await shop.settled() == {"e:M1:0": "hint"}
    described = await shop.temporal.get_workflow_handle(hint_id(shop.account, "M1")).describe()
    assert described.workflow_type == "ReadHint"


async def test_2_the_dashboard_s_test_starts_no_conversation(shop: Any) -> None:
    value = {"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824"}
    value["message"] = {"mid": f"random_mid_{shop.account}", "text": "random_text"}
    for entry in ({"changes": [{"field": "messages", "value": value}]}, {"messaging": [value]}):
        assert (await shop.post([{"id": "0", "time": 1, **entry}])).status_code == 200
    assert set((await shop.settled()).values()) == {"unknown_account"}


async def test_3_the_echo_comes_before_the_answer_to_the_send(shop: Any) -> None:
    await shop.start()
    name = await shop.open()
    row = NewMessage(key=f"k{name}", conversation=name, author="graph", at=NOON, kind="message", text="Hello!")
    async with shop.parts.database.begin() as session:
        await prepare(session, [row])
        await mark_sending(session, row.key, NOON)
    await shop.deliver(shop.echo(f"OUT{name}", "Hello!"))
    assert await shop.settled() == {f"m:OUT{name}": "reconciled"}
    async with shop.parts.database.begin() as session:
        assert not await mark_sent(session, row.key, f"OUT{name}", NOON), "the answer finds it booked"
        [sent] = await outbound(session, [row.key])
    assert (sent.state, sent.mid) == ("sent", f"OUT{name}")
    assert await shop.typed() == [], "it is nobody's reply in the app"


async def test_4_one_message_through_two_connections_and_taken_back(shop: Any) -> None:
    message = shop.message("M1", "twice the same")
    await shop.post([{"id": shop.account, "standby": [message]}])
    await shop.deliver(message)
    await shop.deliver(message)
    await shop.until(lambda: _has(shop, "m:M1", "forwarded"))
    assert await shop.texts() == ["twice the same"]
    await shop.open()
    await shop.deliver(shop.message("M1", is_deleted=True, second=5))
    outcomes = await shop.settled()
    assert outcomes["d:M1"] == "recorded"
    async with shop.parts.database.begin() as session:
        kept = await session.scalar(text("SELECT event->>'text' FROM inbox WHERE key = 'm:M1'"))
    assert kept is None


async def test_9_either_secret_signs(shop: Any, sign: Any) -> None:
    for number, secret in enumerate(shop.parts.app_secrets):
        item = shop.message(f"M{number}", "hi", customer=f"c{number}")
        body = json.dumps({"object": "instagram", "entry": [{"id": shop.account, "messaging": [item]}]}).encode()
        headers = {"X-Hub-Signature-256": sign(body, secret)}
        assert (await shop.http.post("/webhooks/instagram", content=body, headers=headers)).status_code == 200
    assert set((await shop.settled()).values()) == {"forwarded"}


async def test_16_standby_is_noted_and_never_answered(shop: Any) -> None:
    await shop.post([{"id": shop.account, "standby": [shop.message("M1", "to the other app", customer="eva")]}])
    await shop.settled()
    assert await runs(shop, "eva") == []
    name = await shop.open("eva")
    handover = {"pass_thread_control": {"previous_owner_app_id": "1", "new_owner_app_id": "2"}}
    await shop.post(
        [
            {"id": shop.account, "standby": [shop.message("M2", "once more", customer="eva")]},
            {"id": shop.account, "messaging": [shop.item("eva", 3, **handover)]},
        ]
    )
    await shop.settled()
    assert await runs(shop, "eva") == []
    assert await notes(shop, name) == [("standby", "once more"), ("handover", None)]


async def test_17_what_the_account_does_itself_is_answered_by_nobody(shop: Any) -> None:
    comment = {"from": {"id": shop.account, "self_ig_scoped_id": "9"}, "id": "C1", "text": "thanks"}
    own = shop.message("M1", "to myself", customer=shop.account)
    marked = shop.message("M2", "to myself", customer="anna", is_self=True)
    await shop.post(
        [
            {"id": shop.account, "changes": [{"field": "comments", "value": comment}]},
            {"id": shop.account, "messaging": [own, marked, shop.echo("M3", "typed elsewhere", second=1)]},
        ]
    )
    outcomes = await shop.settled()
    assert sorted(str(outcome) for outcome in outcomes.values()) == ["change", "no_conversation", "self", "self"]
    assert await runs(shop) == []
    assert await shop.counter('switchboard_inbox_outcomes_total{outcome="change"}') == 1


async def _has(shop: Any, key: str, outcome: str) -> bool:
    return (await shop.outcomes()).get(key) == outcome
