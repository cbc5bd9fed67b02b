"""Reactions, seen, edits and deletions are recorded on the open conversation and start none (SPEC 2.1)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from store.messages import MessageRow, NewMessage, record_inbound, transcript

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
async def later(account: str, parts: Any, temporal: Any, opened: Any) -> AsyncIterator[Any]:
    """A shop whose clock says that every event came long ago, so that none waits for what would explain it."""
    async with opened(account, replace(parts, temporal=temporal, now=lambda: datetime.now(UTC) + timedelta(1))) as shop:
        yield shop


async def _wrote(shop: Any, conversation: str, mid: str, words: str) -> None:
    row = NewMessage(
        key=f"m:{mid}", conversation=conversation, author="customer", at=NOON, kind="message", text=words, mid=mid
    )
    async with shop.parts.database.begin() as session:
        await record_inbound(session, [row])


async def _transcript(shop: Any, conversation: str) -> list[MessageRow]:
    async with shop.parts.database.begin() as session:
        return await transcript(session, conversation)


def _edit(shop: Any, mid: str, words: str, number: int) -> dict[str, Any]:
    return shop.item(second=number, message_edit={"mid": mid, "text": words, "num_edit": number})


def _deletion(shop: Any, mid: str) -> dict[str, Any]:
    return shop.item(second=9, message={"mid": mid, "is_deleted": True})


async def test_notes_in_the_transcript(shop: Any) -> None:
    name = await shop.open()
    await shop.deliver(
        shop.item(reaction={"mid": "OUT1", "action": "react", "reaction": "love", "emoji": "❤"}),
        shop.item(second=1, reaction={"mid": "OUT1", "action": "unreact"}),
        shop.item(second=2, read={"mid": "OUT1"}),
        _edit(shop, "M1", "I meant blue", 3),
    )
    assert set((await shop.settled()).values()) == {"recorded"}
    lines = await _transcript(shop, name)
    assert {(line.direction, line.author) for line in lines} == {("note", "customer")}
    assert [(line.kind, line.text, line.content) for line in lines] == [
        ("reaction", "❤", {"mid": "OUT1", "action": "react", "reaction": "love", "emoji": "❤"}),
        ("reaction", None, {"mid": "OUT1", "action": "unreact"}),
        ("seen", None, {"mid": "OUT1"}),
        ("edit", "I meant blue", {"mid": "M1", "num_edit": 3}),
    ]


async def test_none_of_them_starts_a_conversation(later: Any) -> None:
    await later.deliver(
        later.item(reaction={"mid": "OUT1", "action": "react", "reaction": "love"}),
        later.item(second=1, read={"mid": "OUT1"}),
        _edit(later, "M1", "I meant blue", 2),
        _deletion(later, "M1"),
    )
    assert set((await later.settled()).values()) == {"no_conversation"}
    assert [found async for found in later.temporal.list_workflows(f"WorkflowId = 'ig-{later.account}-anna'")] == []


async def test_a_deletion_empties_message_edits_and_inbox(shop: Any) -> None:
    name = await shop.open()
    await _wrote(shop, name, "M1", "my address")
    await _wrote(shop, name, "M2", "stays")
    await shop.deliver(
        shop.message("M1", "my address"), _edit(shop, "M1", "my new address", 1), _edit(shop, "M2", "x", 2)
    )
    await shop.settled()
    await shop.deliver(_deletion(shop, "M1"))
    assert (await shop.settled())["d:M1"] == "recorded"
    lines = [(line.kind, line.text, line.state) for line in await _transcript(shop, name)]
    assert lines == [
        ("message", None, "deleted"),
        ("message", "stays", "received"),
        ("edit", None, "deleted"),
        ("edit", "x", "sent"),
    ]
    async with shop.parts.database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM inbox WHERE event::text LIKE '%address%'")) == 0


async def test_a_deletion_that_overtakes_the_transcript(shop: Any) -> None:
    name = await shop.open()
    await shop.deliver(shop.message("M1", "my address"), _deletion(shop, "M1"))
    assert (await shop.settled())["d:M1"] == "recorded"
    await _wrote(shop, name, "M1", "my address")
    assert [(line.text, line.state) for line in await _transcript(shop, name)] == [(None, "deleted")]


async def test_a_deletion_waits_for_a_conversation_that_is_being_opened(shop: Any) -> None:
    await shop.deliver(shop.message("M1", "my address"), _deletion(shop, "M1"))

    async def told() -> bool:
        return (await shop.outcomes())["m:M1"] is not None

    await shop.until(told)
    await asyncio.sleep(0.2)
    assert (await shop.outcomes())["d:M1"] is None
    name = await shop.open()
    assert (await shop.settled())["d:M1"] == "recorded"
    assert [(line.key, line.state) for line in await _transcript(shop, name)] == [("m:M1", "deleted")]
