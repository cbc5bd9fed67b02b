"""A customer's message travels the whole way: phone, webhook, workflow, core, Graph call, phone."""

import asyncio

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from tests.end_to_end.conftest import NUMBERS, System, until
from workflows.plugin import connect


def history(system: System, account: str, customer: str) -> WorkflowHistory:
    async def fetch() -> WorkflowHistory:
        client = await connect(system.temporal)
        return await client.get_workflow_handle(f"ig-{account}-{customer}").fetch_history()

    return asyncio.run(fetch())


def test_from_the_first_message_to_the_end(system: System) -> None:
    jana = system.customer()
    jana.writes("hi")
    jana.sees("Hello Jana!", "Tea or coffee?")
    jana.taps("Tea")
    until(lambda: len(jana.received()) >= 4, 30, lambda: str(jana.received()))
    *_, picture, text = jana.received()
    assert picture["attachments"][0]["url"] == "https://shop.example.com/tea.png"
    [(number, title, category)] = system.sql(
        "SELECT t.number, t.title, t.category FROM tickets t JOIN conversations c ON c.name = t.conversation"
        " WHERE c.customer = %s",
        jana.id,
    )
    assert (title, category) == ("Tea for Jana", "orders")
    assert text["text"] == f"Tea it is, order {number}."
    ended = "SELECT cause, terminate, answered, missed FROM conversations WHERE customer = %s AND ended_at IS NOT NULL"
    until(lambda: system.sql(ended, jana.id), 30)
    assert system.sql(ended, jana.id) == [("user", "served", True, False)]
    transcript = "SELECT m.author, m.state FROM messages m JOIN conversations c ON c.name = m.conversation"
    assert system.sql(f"{transcript} WHERE c.customer = %s ORDER BY m.seq", jana.id) == [
        ("customer", "received"),
        ("graph", "sent"),
        ("graph", "sent"),
        ("customer", "received"),
        ("graph", "sent"),
        ("graph", "sent"),
    ]
    jana.writes("hello again")
    until(lambda: len(jana.received()) >= 6, 30)
    assert jana.texts()[-2:] == ["Hello Jana!", "Tea or coffee?"]


def test_a_typed_title_counts_and_people_take_over(system: System) -> None:
    jana = system.customer()
    jana.writes("hi")
    jana.sees("Hello Jana!", "Tea or coffee?")
    jana.writes("coffee!")
    jana.sees("Hello Jana!", "Tea or coffee?", "A barista will write to you.")
    waiting = "SELECT e.queue FROM stays e JOIN conversations c ON c.name = e.conversation WHERE c.customer = %s"
    until(lambda: system.sql(waiting, jana.id) == [("baristas",)], 20)


def test_an_exchange_costs_at_most_six_events_and_one_workflow_task(system: System) -> None:
    """Counted from the real server's history (SPEC section 12)."""
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    until(lambda: _rests(history(system, NUMBERS, customer.id)), 20)
    before = len(history(system, NUMBERS, customer.id).events)
    customer.writes("one")
    customer.sees("Say anything", "one")
    until(lambda: _rests(history(system, NUMBERS, customer.id)), 20)
    exchange = history(system, NUMBERS, customer.id).events[before:]
    names = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in exchange]
    assert names.count("WORKFLOW_TASK_COMPLETED") == 1, names
    assert "WORKFLOW_EXECUTION_SIGNALED" in names
    assert len(names) <= 6, names


def test_it_explains_itself_in_temporal_ui(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")

    async def look() -> tuple[dict[str, object], str, str]:
        client = await connect(system.temporal)
        handle = client.get_workflow_handle(f"ig-{NUMBERS}-{customer.id}")
        described = await handle.describe()
        attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
        details = await handle.query("__temporal_workflow_metadata")
        return attributes, await described.static_summary() or "", str(details)

    attributes, summary, details = asyncio.run(look())
    assert attributes["SwitchboardConnector"] == "numbers"
    assert attributes["SwitchboardPlace"] == "decision_trees/echo/decisions/ask"
    assert attributes["SwitchboardAccount"] == NUMBERS
    [(revision,)] = system.sql("SELECT max(number) FROM revisions")
    assert attributes["SwitchboardRevision"] == revision
    assert NUMBERS in summary
    assert "Say anything" in details


def test_one_webhook_five_times_is_one_message(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    customer.writes("only once")
    customer.sees("Say anything", "only once")
    webhook = _webhooks(system, customer.id)[-1]
    again = {"webhooks": [webhook], "times": 5}
    system.http.post(f"{system.simulator}/control/redeliver", json=again).raise_for_status()
    customer.writes("after")
    customer.sees("Say anything", "only once", "after")


def test_swapped_webhooks_take_effect_in_the_order_they_were_written(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    known = set(_webhooks(system, customer.id))
    control = f"{system.simulator}/control"
    system.http.put(f"{control}/hold", json={"held": True}).raise_for_status()
    customer.writes("first")
    customer.writes("second")
    fresh = [number for number in _webhooks(system, customer.id) if number not in known]
    assert len(fresh) == 2
    together = {"webhooks": fresh[::-1], "joined": True}
    system.http.post(f"{control}/redeliver", json=together).raise_for_status()
    system.http.put(f"{control}/hold", json={"held": False}).raise_for_status()
    # Both came before the next question went out, so the first alone is an answer; both are in the transcript.
    customer.sees("Say anything", "first")
    heard = "SELECT m.text FROM messages m JOIN conversations c ON c.name = m.conversation WHERE c.customer = %s"
    rows = system.sql(f"{heard} AND m.author = 'customer' ORDER BY m.seq", customer.id)
    assert [text for (text,) in rows] == ["hi", "first", "second"]


def test_what_a_dead_token_holds_up_is_sent_after_it_is_mended(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    system.connect(NUMBERS, token="EAA-is-dead")
    customer.writes("held up")
    paused = "SELECT paused_reason FROM accounts WHERE id = %s AND status = 'paused'"
    until(lambda: system.sql(paused, NUMBERS), 30)
    assert customer.texts() == ["Say anything"]
    system.connect(NUMBERS, token="EAA-simulated-2")
    customer.sees("Say anything", "held up", seconds=100)
    customer.writes("and on")
    customer.sees("Say anything", "held up", "and on")


def _webhooks(system: System, customer: str) -> list[int]:
    """The numbers of the webhooks that told of this customer's own messages, oldest first."""
    told = system.http.get(f"{system.simulator}/control/webhooks").json()
    return [
        webhook["number"]
        for webhook in told
        for item in webhook["body"]["entry"][0]["messaging"]
        if item["sender"]["id"] == customer and "message" in item
    ]


def _rests(found: WorkflowHistory) -> bool:
    kinds = [event.event_type for event in found.events]
    # What a local activity says reaches the phone before its workflow task is completed, also the first.
    if EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED not in kinds:
        return False
    behind = kinds[len(kinds) - kinds[::-1].index(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) :]
    return EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED not in behind


pytestmark = pytest.mark.timeout(240)
