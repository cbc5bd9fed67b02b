"""Echoes are told apart: ours, one we were not sure of, or a person's in the Instagram app (SPEC 2.8, 6.4)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import sorting
from store.messages import MessageRow, NewMessage, in_doubt, mark_sending, mark_sent, mark_unknown, outbound, prepare

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


async def _sending(shop: Any, conversation: str, key: str, words: str | None, **content: Any) -> None:
    """A message of ours whose send has begun, and nobody knows yet how it went."""
    row = NewMessage(
        key=key, conversation=conversation, author="graph", at=NOON, kind="message", text=words, content=content
    )
    async with shop.parts.database.begin() as session:
        await prepare(session, [row])
        await mark_sending(session, key, NOON)


async def _state(shop: Any, key: str) -> MessageRow:
    async with shop.parts.database.begin() as session:
        [row] = await outbound(session, [key])
        return row


async def test_an_echo_of_ours_is_told_to_nobody(shop: Any) -> None:
    await shop.start()
    name = await shop.open()
    await _sending(shop, name, "k1", "Hello!")
    async with shop.parts.database.begin() as session:
        await mark_sent(session, "k1", "OUT1", NOON)
    await shop.deliver(shop.echo("OUT1", "Hello!"))
    assert await shop.settled() == {"m:OUT1": "own"}
    assert await shop.told() == []


@pytest.mark.parametrize("unknown", [False, True])
async def test_an_echo_before_the_answer_of_its_send_settles_it(shop: Any, unknown: bool) -> None:
    await shop.start()
    name = await shop.open()
    await _sending(shop, name, "k1", "Hello!")
    await _sending(shop, name, "k2", "Which size?")
    if unknown:
        async with shop.parts.database.begin() as session:
            await mark_unknown(session, "k2", "time-out")
    await shop.deliver(shop.echo("OUT2", " Which size? ", second=3))
    assert await shop.settled() == {"m:OUT2": "reconciled"}
    row = await _state(shop, "k2")
    assert (row.state, row.mid, row.sent_at) == ("sent", "OUT2", NOON + timedelta(seconds=3))
    assert (await _state(shop, "k1")).state == "sending"
    assert await shop.told() == []


async def test_a_send_that_is_booked_while_its_echo_is_looked_at_is_ours(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each read of the store sees a newer moment: the message must not slip through between two of them."""
    await shop.start()
    await _sending(shop, await shop.open(), "k1", "Hello!")

    async def booked_meanwhile(*arguments: Any) -> list[MessageRow]:
        async with shop.parts.database.begin() as session:
            await mark_sent(session, "k1", "OUT1", NOON)
        return await in_doubt(*arguments)

    monkeypatch.setattr(sorting, "in_doubt", booked_meanwhile)
    await shop.deliver(shop.echo("OUT1", "Hello!"))
    assert await shop.settled() == {"m:OUT1": "own"}
    assert await shop.told() == []


@pytest.mark.parametrize(
    ("kind", "text", "content"),
    [
        ("image", None, {"image": "https://shop.example.com/a.jpg"}),
        ("template", "Look here", {"text": "Look here", "buttons": [{"text": "Go"}]}),
    ],
)
async def test_an_echo_without_text_is_of_the_message_that_looks_like_it(
    shop: Any, kind: str, text: str | None, content: dict[str, Any]
) -> None:
    name = await shop.open()
    await _sending(shop, name, "k1", "words alone")
    await _sending(shop, name, "k2", text, **content)
    await shop.deliver(shop.echo("OUT1", attachments=[{"type": kind, "payload": {"url": "https://cdn.example.com/x"}}]))
    assert await shop.settled() == {"m:OUT1": "reconciled"}
    assert (await _state(shop, "k2")).mid == "OUT1"
    assert (await _state(shop, "k1")).state == "sending"


async def test_a_persons_photo_is_not_a_message_with_buttons(shop: Any) -> None:
    await _sending(shop, await shop.open(), "k1", "Look here", text="Look here", buttons=[{"text": "Go"}])
    await shop.deliver(
        shop.echo("A1", attachments=[{"type": "image", "payload": {"url": "https://cdn.example.com/x"}}])
    )
    await asyncio.sleep(0.3)
    assert (await _state(shop, "k1")).state == "sending"
    assert await shop.outcomes() == {"m:A1": None}


async def test_a_person_in_the_app(shop: Any) -> None:
    await shop.start()
    picture = {"type": "image", "payload": {"url": "https://cdn.example.com/x"}}
    video = {"type": "video", "payload": {"url": "https://cdn.example.com/v"}}
    await shop.deliver(
        shop.echo("A1", "I am a person"),
        shop.echo("A2", attachments=[picture], second=1),
        shop.echo("A3", attachments=[video], second=2),
        shop.echo("A4", is_unsupported=True, second=3),
    )
    assert set((await shop.settled()).values()) == {"forwarded"}
    first, second, third, fourth = await shop.typed()
    assert (first.key, first.mid, first.text, first.sent, first.agent) == ("m:A1", "A1", "I am a person", True, None)
    assert first.at == NOON
    assert (second.text, second.image) == ("", "https://cdn.example.com/x")
    assert (third.text, third.image) == ("(video) https://cdn.example.com/v", None)
    assert fourth.text == "(unsupported)"


async def test_a_person_writes_where_no_conversation_is(shop: Any) -> None:
    await shop.deliver(shop.echo("A1", "We write first"))
    assert await shop.settled() == {"m:A1": "no_conversation"}
    assert [found async for found in shop.temporal.list_workflows(f"WorkflowId = 'ig-{shop.account}-anna'")] == []


async def test_while_a_send_is_in_doubt_another_echo_waits_and_customers_do_not(shop: Any) -> None:
    name = await shop.open()
    await _sending(shop, name, "k1", "Hello!")
    await shop.deliver(shop.echo("A1", "Something else"), shop.message("M1", "hi", second=1))

    async def told() -> bool:
        return (await shop.outcomes())["m:M1"] is not None

    await shop.until(told)
    assert await shop.outcomes() == {"m:A1": None, "m:M1": "forwarded"}
    async with shop.parts.database.begin() as session:
        await mark_sent(session, "k1", "OUT1", NOON)
    assert await shop.settled() == {"m:A1": "forwarded", "m:M1": "forwarded"}
    assert [wrote.text for wrote in await shop.typed()] == ["Something else"]


async def test_an_echo_does_not_wait_for_ever(
    account: str, parts: Any, temporal: Any, recording: Any, opened: Any
) -> None:
    later = replace(parts, temporal=temporal, now=lambda: datetime.now(UTC) + timedelta(seconds=16))
    async with recording(temporal, parts.task_queue), opened(account, later) as shop:
        await shop.start()
        await _sending(shop, await shop.open(), "k1", "Hello!")
        await shop.deliver(shop.echo("A1", "Something else"))
        assert await shop.settled() == {"m:A1": "forwarded"}
        assert [wrote.text for wrote in await shop.typed()] == ["Something else"]
        assert (await _state(shop, "k1")).state == "sending"
