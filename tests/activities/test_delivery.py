"""The ledger: what a step says is sent once and in order, whatever breaks in between (SPEC 6.4)."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from instagram.client import Instagram, Outbound
from routing.messages import Attachment, Button, CustomerMessage, QuickReply, Send
from store import contacts, conversations, messages, trace
from store.accounts import account, pause_account, resume_account
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio
PATH = "decision_trees/t/decisions/d/actions/0"


def send(number: int, text: str, **more: object) -> Send:
    return Send(key=f"k/{number}", text=text, path=PATH, **more)  # pyright: ignore[reportArgumentType]  fields of Send


async def test_messages_leave_in_order_and_are_known_as_sent(world: World) -> None:
    delivery = await world.delivery(send(1, "one"), send(2, "two"))
    delivered = await world.deliveries.deliver(delivery)
    assert await world.said() == ["one", "two"]
    rows = await world.ledger(delivery)
    assert [(row.text, row.state, row.attempts) for row in rows] == [("one", "sent", 1), ("two", "sent", 1)]
    assert all(row.mid for row in rows)
    assert delivered.blocked is None
    assert abs(delivered.at - world.now()) < timedelta(seconds=10)


async def test_run_again_it_sends_nothing_again(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    first = await world.deliveries.deliver(delivery)
    again = await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]
    assert again.at == first.at, "the question went out once, at one time"


async def test_a_long_text_is_cut_and_a_picture_goes_first(world: World) -> None:
    long = " ".join(["Привет"] * 200)
    delivery = await world.delivery(send(1, long, image="https://shop.example.com/a.png"))
    await world.deliveries.deliver(delivery)
    rows = await world.ledger(delivery)
    assert rows[0].content == {"image": "https://shop.example.com/a.png"}
    assert all(len((row.text or "").encode()) <= 1000 for row in rows)
    assert " ".join(row.text or "" for row in rows[1:]) == long


async def test_quick_replies_and_buttons_reach_the_phone_and_a_list_has_none(world: World) -> None:
    quick = (QuickReply(title="Tea", payload="p/1"),)
    delivery = await world.delivery(
        send(1, "Which?", quick_replies=quick),
        send(2, "See", buttons=(Button(text="Shop", url="https://shop.example.com"),)),
        send(3, "1. Tea", quick_replies=quick, listed=True),
    )
    await world.deliveries.deliver(delivery)
    thread = await world.control("GET", f"/accounts/{ACCOUNT}/customers/{world.customer}/thread")
    _, which, see, listed = thread["messages"] if isinstance(thread, dict) else thread
    assert which["quick_replies"] == [{"title": "Tea", "payload": "p/1"}]
    assert see["cards"][0]["buttons"][0]["title"] == "Shop"
    assert listed["text"] == "1. Tea"
    assert not listed.get("quick_replies")


async def test_cut_off_after_it_arrived_it_is_found_and_not_sent_again(world: World) -> None:
    """Killed between Instagram's answer and our note of it."""
    delivery = await world.delivery(send(1, "one"))
    await world.deliveries.record(delivery)
    async with world.database.begin() as session:
        assert await messages.mark_sending(session, "k/1.0", world.now())
        client = await world.accounts.client(session, ACCOUNT)
    mid = await client.send(world.customer, Outbound(text="one"))
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]
    [row] = await world.ledger(delivery)
    assert (row.state, row.mid, row.attempts) == ("sent", mid, 1)


async def test_cut_off_before_it_left_it_is_sent_once_that_is_sure(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await world.deliveries.record(delivery)
    async with world.database.begin() as session:
        await messages.mark_sending(session, "k/1.0", world.now())
    with pytest.raises(ApplicationError, match="not known yet"):
        await world.deliveries.deliver(delivery)
    assert await world.said() == []
    world.offset = timedelta(seconds=11)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]


async def test_the_same_words_said_before_do_not_count_as_the_one_that_is_looked_for(world: World) -> None:
    earlier = await world.delivery(send(1, "again"))
    await world.deliveries.deliver(earlier)
    later = await world.delivery(send(2, "again"))
    await world.deliveries.record(later)
    async with world.database.begin() as session:
        await messages.mark_sending(session, "k/2.0", world.now())
    world.offset = timedelta(seconds=11)
    await world.deliveries.deliver(later)
    assert await world.said() == ["again", "again"]


async def test_an_answer_that_never_came_is_looked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call times out although Instagram has the message."""
    real = Instagram.send

    async def lost(self: Instagram, customer: str, message: Outbound) -> str:
        from instagram.errors import SendError

        await real(self, customer, message)
        raise SendError("unknown", "connection broke")

    delivery = await world.delivery(send(1, "one"), send(2, "two"))
    monkeypatch.setattr(Instagram, "send", lost)
    with pytest.raises(ApplicationError, match="connection broke"):
        await world.deliveries.deliver(delivery)
    assert [row.state for row in await world.ledger(delivery)] == ["unknown", "pending"]
    monkeypatch.undo()
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one", "two"]
    assert [row.state for row in await world.ledger(delivery)] == ["sent", "sent"]


async def test_outside_the_window_it_is_blocked_with_the_reason(world: World) -> None:
    await world.control("POST", "/clock", {"advance": 25 * 3600})
    delivery = await world.delivery(send(1, "too late"))
    delivered = await world.deliveries.deliver(delivery)
    assert delivered.blocked is not None
    assert "2534022" in delivered.blocked
    [row] = await world.ledger(delivery)
    assert row.state == "blocked"
    assert row.reason == delivered.blocked
    assert (await world.deliveries.deliver(delivery)).blocked == delivered.blocked
    assert await world.said() == []


async def test_a_paused_account_keeps_everything_for_later(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    async with world.database.begin() as session:
        await pause_account(session, ACCOUNT, "the token is dead")
    with pytest.raises(ApplicationError, match="paused: the token is dead"):
        await world.deliveries.deliver(delivery)
    async with world.database.begin() as session:
        await resume_account(session, ACCOUNT)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]


async def test_a_dead_token_pauses_the_account(world: World) -> None:
    from store.accounts import connect_account

    async with world.database.begin() as session:
        await connect_account(
            session,
            world.vault,
            id=ACCOUNT,
            flavour="login",
            username=None,
            name=None,
            page_id=None,
            token="IGAA-is-dead",
            token_expires_at=None,
        )
    delivery = await world.delivery(send(1, "one"))
    with pytest.raises(ApplicationError, match="not sent yet"):
        await world.deliveries.deliver(delivery)
    async with world.database.begin() as session:
        kept = await account(session, world.vault, ACCOUNT)
    assert kept is not None
    assert kept.status == "paused"
    assert [row.state for row in await world.ledger(delivery)] == ["pending"]


async def test_the_step_is_recorded_once(world: World) -> None:
    wrote = CustomerMessage(
        key="m:1", at=world.now(), text="hello", mid="mid-1", attachments=(Attachment(type="image", url="https://a/b"),)
    )
    delivery = await world.delivery(received=(wrote,), contact={"last_order": "7"}, language="cs")
    for _ in range(2):
        await world.deliveries.deliver(delivery)
    async with world.database.begin() as session:
        [row] = await messages.transcript(session, delivery.conversation)
        kept = await conversations.conversation(session, delivery.conversation)
        contact = await contacts.contact(session, ACCOUNT, world.customer)
        visits = await trace.trace(session, delivery.conversation)
    assert (row.author, row.text, row.mid) == ("customer", "hello", "mid-1")
    assert row.content["attachments"] == [{"type": "image", "url": "https://a/b"}]
    assert kept is not None
    assert (kept.place, kept.waiting, kept.language) == ("decision_trees/t/decisions/d", "answer", "cs")
    assert kept.last_customer_at == wrote.at
    assert contact is not None
    assert contact.fields == {"last_order": "7"}
    assert [(visit.number, visit.why) for visit in visits] == [(1, "for a test")]


async def test_what_was_typed_in_the_app_is_recorded_and_not_sent(world: World) -> None:
    delivery = await world.delivery(send(1, "from my phone", sent=True, mid="mid-app", author="agent"))
    await world.deliveries.deliver(delivery)
    assert await world.said() == []
    [row] = await world.ledger(delivery)
    assert (row.author, row.state, row.mid) == ("app", "sent", "mid-app")
