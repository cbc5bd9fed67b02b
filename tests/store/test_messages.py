"""Transcript and ledger: written once, sent once, and what is in doubt can be found."""

from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.inbox import InboxRow, keep, pending
from store.messages import (
    MessageRow,
    NewMessage,
    by_mid,
    delete_content,
    in_doubt,
    mark_blocked,
    mark_failed,
    mark_pending,
    mark_sending,
    mark_sent,
    mark_unknown,
    outbound,
    prepare,
    record_inbound,
    steps_of,
    transcript,
)

pytestmark = pytest.mark.anyio
NOON = datetime.fromisoformat("2026-12-01T12:00:00+00:00")
LATER = NOON + timedelta(minutes=1)


def _in(talk: str, key: str, **more: Any) -> NewMessage:
    return NewMessage(key=key, conversation=talk, author="customer", at=NOON, kind="message", **more)


def _out(talk: str, key: str, **more: Any) -> NewMessage:
    return NewMessage(key=key, conversation=talk, author="graph", at=NOON, kind="message", **more)


async def _one(database: Database, key: str) -> MessageRow:
    async with database.begin() as session:
        (row,) = await outbound(session, [key])
    return row


async def test_inbound_is_recorded_once(database: Database, talk: str) -> None:
    async with database.begin() as session:
        assert await record_inbound(session, []) == 0
        assert await record_inbound(session, [_in(talk, "m:1", text="hi", mid="1"), _in(talk, "m:2", mid="2")]) == 2
    async with database.begin() as session:
        again = [_in(talk, "m:2", text="other", mid="2"), _in(talk, "via another link", mid="1"), _in(talk, "m:3")]
        assert await record_inbound(session, again) == 1
        rows = await transcript(session, talk)
    assert [(row.key, row.text, row.state, row.direction) for row in rows] == [
        ("m:1", "hi", "received", "in"),
        ("m:2", None, "received", "in"),
        ("m:3", None, "received", "in"),
    ]


async def test_the_transcript_is_in_the_order_of_writing(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await record_inbound(session, [_in(talk, "m:9", text="hi")])
        await prepare(session, [_out(talk, "s:5", text="hello", path="a/b"), _out(talk, "s:4", text="there")])
        note = NewMessage(
            key="n:1", conversation=talk, author="agent", agent="petr", at=NOON, kind="note", direction="note", text="!"
        )
        await record_inbound(session, [note])
        await record_inbound(
            session,
            [NewMessage(key="m:e", conversation=talk, author="app", at=LATER, kind="echo", direction="out", mid="e")],
        )
        rows = await transcript(session, talk)
    assert [(row.key, row.state) for row in rows] == [
        ("m:9", "received"),
        ("s:5", "pending"),
        ("s:4", "pending"),
        ("n:1", "sent"),
        ("m:e", "sent"),
    ]
    assert rows[1].path == "a/b"
    assert rows[3].agent == "petr"
    assert rows[4].sent_at == LATER


async def test_prepared_once_and_never_reset(database: Database, talk: str) -> None:
    content = {"quick_replies": [{"title": "Yes", "payload": "y"}], "image": None}
    async with database.begin() as session:
        assert await prepare(session, [_out(talk, "s:1", text="a", content=content)]) == 1
        await mark_sending(session, "s:1", NOON)
        await mark_sent(session, "s:1", "M1", LATER)
    async with database.begin() as session:
        assert await prepare(session, [_out(talk, "s:1", text="b"), _out(talk, "s:2")]) == 1
    row = await _one(database, "s:1")
    assert (row.state, row.text, row.content, row.mid, row.sent_at) == ("sent", "a", content, "M1", LATER)
    async with database.begin() as session:
        await record_inbound(session, [_in(talk, "m:1")])
        assert [row.key for row in await outbound(session, ["s:2", "m:1", "s:1", "none"])] == ["s:1", "s:2"]


async def test_a_conversation_must_be_there(database: Database) -> None:
    with pytest.raises(IntegrityError, match="messages_conversation_fkey"):
        async with database.begin() as session:
            await prepare(session, [_out("nowhere", "s:1")])


async def test_of_two_senders_one_takes_a_message(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await prepare(session, [_out(talk, "s:1")])
    taken: list[bool] = []

    async def take() -> None:
        async with database.begin() as session:
            taken.append(await mark_sending(session, "s:1", NOON))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(take)
    assert sorted(taken) == [False, False, False, True]
    assert (await _one(database, "s:1")).attempts == 1


async def test_attempts_are_counted_from_the_first(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await prepare(session, [_out(talk, "s:1")])
        assert await mark_sending(session, "s:1", NOON)
        assert await mark_unknown(session, "s:1", "timed out")
        assert await mark_unknown(session, "s:1", "timed out again")
    unknown = await _one(database, "s:1")
    assert (unknown.state, unknown.reason) == ("unknown", "timed out again")
    async with database.begin() as session:
        assert await mark_sending(session, "s:1", LATER)
        assert await mark_pending(session, "s:1", "refused")
    back = await _one(database, "s:1")
    assert (back.state, back.reason, back.attempts, back.first_attempt_at) == ("pending", "refused", 2, NOON)
    async with database.begin() as session:
        assert await mark_sending(session, "s:1", LATER)
        assert await mark_sent(session, "s:1", "M1", LATER)
        assert not await mark_sent(session, "s:1", "M2", LATER)
    sent = await _one(database, "s:1")
    assert (sent.state, sent.reason, sent.attempts, sent.mid) == ("sent", None, 3, "M1")


MOVES = {
    "sending": lambda session: mark_sending(session, "s:1", NOON),
    "sent": lambda session: mark_sent(session, "s:1", "M1", NOON),
    "unknown": lambda session: mark_unknown(session, "s:1", "why"),
    "pending": lambda session: mark_pending(session, "s:1", "why"),
    "blocked": lambda session: mark_blocked(session, "s:1", "why"),
    "failed": lambda session: mark_failed(session, "s:1", "why"),
}
ALLOWED = {
    "pending": {"sending", "sent", "blocked", "failed"},
    "sending": {"sent", "unknown", "pending", "blocked", "failed"},
    "unknown": {"sending", "sent", "unknown", "pending", "blocked", "failed"},
    "sent": set[str](),
    "blocked": {"sent"},
    "failed": {"sent"},
    "deleted": set[str](),
}
WAYS = {
    "pending": (),
    "sending": ("sending",),
    "unknown": ("sending", "unknown"),
    "sent": ("sending", "sent"),
    "blocked": ("blocked",),
    "failed": ("failed",),
    "deleted": ("sending", "sent", "delete"),
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", ALLOWED)
async def test_which_state_follows_which(database: Database, talk: str, state: str, move: str) -> None:
    async with database.begin() as session:
        await prepare(session, [_out(talk, "s:1")])
        for step in WAYS[state]:
            assert await (delete_content(session, "M1") if step == "delete" else MOVES[step](session))
        assert await MOVES[move](session) == (move in ALLOWED[state])
    assert (await _one(database, "s:1")).state == (move if move in ALLOWED[state] else state)


async def test_what_came_in_is_not_in_the_ledger(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await record_inbound(session, [_in(talk, "s:1")])
        for move in MOVES.values():
            assert not await move(session)


async def test_an_echo_that_came_before_the_answer_becomes_one_message(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await prepare(session, [_out(talk, "s:1", text="hello")])
        await mark_sending(session, "s:1", NOON)
        echo = NewMessage(
            key="m:M1", conversation=talk, author="app", at=NOON, kind="echo", direction="out", text="hello", mid="M1"
        )
        await record_inbound(session, [echo])
    async with database.begin() as session:
        assert await mark_sent(session, "s:1", "M1", LATER)
        assert [(row.key, row.mid) for row in await transcript(session, talk)] == [("s:1", "M1")]
        assert await record_inbound(session, [echo]) == 0


async def test_a_reply_typed_in_the_app_stays_when_there_is_nothing_of_ours_to_settle(
    database: Database, talk: str
) -> None:
    typed = NewMessage(key="m:M1", conversation=talk, author="app", at=NOON, kind="echo", direction="out", mid="M1")
    async with database.begin() as session:
        await record_inbound(session, [typed])
        assert not await mark_sent(session, "s:unknown", "M1", LATER)
        assert not await mark_sent(session, "m:M1", "M1", LATER)
        assert [row.key for row in await transcript(session, talk)] == ["m:M1"]


async def test_found_by_mid(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await record_inbound(session, [_in(talk, "m:1", mid="M1")])
        found = await by_mid(session, "M1")
        assert await by_mid(session, "M2") is None
    assert found is not None
    assert found.key == "m:1"


async def test_in_doubt_of_one_thread(database: Database, talk: str) -> None:
    async with database.begin() as session:
        await prepare(session, [_out(talk, f"s:{number}") for number in range(5)])
        for number in (3, 1, 2):
            await mark_sending(session, f"s:{number}", NOON)
        await mark_unknown(session, "s:1", "timed out")
        await mark_sent(session, "s:2", "M2", NOON)
        assert [row.key for row in await in_doubt(session, "shop", "anna")] == ["s:1", "s:3"]
        assert await in_doubt(session, "shop", "eva") == []
        assert await in_doubt(session, "other", "anna") == []


async def test_unsent_content_is_gone_everywhere(database: Database, talk: str) -> None:
    event = InboxRow("m:M1", "shop", "anna", "message", NOON, {"mid": "M1", "text": "my address", "raw": {"a": "my"}})
    async with database.begin() as session:
        await keep(session, [event])
        await record_inbound(session, [_in(talk, "m:M1", mid="M1", text="my address", content={"image": "my"})])
    for _ in range(2):
        async with database.begin() as session:
            assert await delete_content(session, "M1")
    async with database.begin() as session:
        (row,) = await transcript(session, talk)
        (kept,) = await pending(session, "shop", "anna", 10)
        assert not await delete_content(session, "M2")
    assert (row.state, row.text, row.content) == ("deleted", None, {})
    assert "my" not in str(kept.event)


async def test_steps_of_the_messages_that_were_taken(database: Database, talk: str, noon: datetime) -> None:
    def heard(key: str, content: dict[str, Any]) -> NewMessage:
        return NewMessage(key=key, conversation=talk, author="customer", at=noon, kind="message", content=content)

    async with database.begin() as session:
        await record_inbound(session, [heard("m:1", {"step": 3}), heard("m:2", {"step": 7}), heard("m:3", {})])
        assert await steps_of(session, talk, ["m:1", "m:2", "m:3", "m:4"]) == {"m:1": 3, "m:2": 7}
        assert await steps_of(session, "another", ["m:1"]) == {}
