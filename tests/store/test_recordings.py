"""What conversations took in is kept once, comes back as it was, and goes with what its writer takes back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as hooks

from routing.messages import (
    AgentWrote,
    Attachment,
    BotReplied,
    CustomerMessage,
    Event,
    RequestAnswered,
    Wrote,
)
from routing.recordings import Asked, Happened, Recording
from store import messages, recordings
from store.conversations import end_conversation, open_conversation, update_conversation
from store.database import Database
from store.deletions import erase
from store.messages import NewMessage
from store.recordings import UNDER_WAY, Period, record
from store.trace import TraceRow, record_trace

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
OPENING = {
    "customer": {"id": "anna", "username": "anna.n", "name": "Anna"},
    "title": "Anna",
    "contact": {"size": 38},
    "callback": "https://switchboard.example.com/callback",
}


async def opened(database: Database, name: str, at: datetime, **more: Any) -> str:
    values = {"account": "shop", "customer": "anna", "connector": "main", "opening": OPENING, "hash": f"hash of {name}"}
    async with database.begin() as session:
        await open_conversation(
            session, name=name, workflow_id="ig-shop-anna", revision=3, opened_at=at, **(values | more)
        )
    return name


async def took(database: Database, name: str, number: int, event: Event, at: datetime, **more: Any) -> None:
    async with database.begin() as session:
        await record(session, name, number, Happened(at=at, number=number, event=event, **more))


async def read(database: Database, now: datetime, limit: int = 10, **period: Any) -> list[Recording]:
    async with database.begin() as session:
        return await recordings.recordings(session, now=now, limit=limit, period=Period(**period))


def wrote(key: str, text: str, at: datetime, mid: str | None = None) -> CustomerMessage:
    files = (Attachment(type="image/jpeg", url="https://x.example.com/a", title="a.jpg"),)
    return CustomerMessage(key=key, at=at, text=text, mid=mid, payload="p", attachments=files, referral={"ref": "ad"})


async def test_the_same_step_twice_is_kept_once(database: Database, noon: datetime) -> None:
    name = await opened(database, "one", noon)
    await took(database, name, 1, Wrote(messages=(wrote("k1", "hi", noon),)), noon)
    await took(database, name, 1, Wrote(messages=(wrote("k2", "other words", noon),)), noon + MINUTE)
    [found] = await read(database, noon + MINUTE)
    assert [(one.at, one.event) for one in found.happened] == [(noon, Wrote(messages=(wrote("k1", "hi", noon),)))]


async def test_all_of_it_comes_back_as_it_was(database: Database, noon: datetime) -> None:
    name = await opened(database, "one", noon)
    asked = Asked(path="p/actions/0", at=noon, method="POST", url="https://x.example.com/?k=secrets.k", body={"b": 1})
    answer = RequestAnswered(ok=True, status=200, body={"z": [1.5, None], "a": {"y": "ž", "b": True}})
    reply = BotReplied(key="cb", text="Hello", transfer="people")
    await took(database, name, 10, reply, noon + 3 * MINUTE)
    await took(database, name, 2, answer, noon + MINUTE, asked=asked)
    await took(database, name, 1, Wrote(messages=(wrote("k1", "hi", noon),)), noon)
    async with database.begin() as session:
        rows = [
            TraceRow(name, 2, noon, "p/actions/0", "chosen", {"answer": {"text": "hi"}, "x": 1}),
            TraceRow(name, 1, noon, "connectors/main", "the customer wrote", {"x": "left out"}),
        ]
        await record_trace(session, rows)
        sends = [
            NewMessage("one/1.0", name, "graph", noon, "message", "out", "Long", {}, path="p"),
            NewMessage("one/1.1", name, "graph", noon, "message", "out", "er", {"quick_replies": [{"title": "Tea"}]}),
            NewMessage("one/2.0", name, "bot", noon, "message", "out", None, {"image": "https://x.example.com/i"}),
            NewMessage("one/3.0", name, "bot", noon, "message", "out", "See", {"buttons": [_link(), _back()]}),
            NewMessage("one/4.0", name, "agent", noon, "message", "out", "A person's", {}),
        ]
        await messages.prepare(session, sends)
        await messages.mark_sending(session, "one/1.0", noon + MINUTE)
        await messages.mark_sent(session, "one/1.0", "mid", noon + 2 * MINUTE)
        await end_conversation(session, name, at=noon + 5 * MINUTE, cause="user", terminate="bye", queue="q")
    [found] = await read(database, noon + 9 * MINUTE)
    assert [one.number for one in found.happened] == [1, 2, 10]
    assert (found.happened[1].event, found.happened[1].asked) == (answer, asked)
    assert isinstance(found.happened[1].event, RequestAnswered)
    assert list(found.happened[1].event.body["a"]) == ["y", "b"], "the order of an answer's names is part of it"
    assert (found.name, found.account, found.connector, found.revision) == (name, "shop", "main", 3)
    assert (found.customer.id, found.customer.name, found.title) == ("anna", "Anna", "Anna")
    assert (found.hash, found.callback, found.contact) == ("hash of one", OPENING["callback"], {"size": 38})
    assert [(one.path, one.why, list(one.changed)) for one in found.trace] == [
        ("connectors/main", "the customer wrote", []),
        ("p/actions/0", "chosen", ["answer"]),
    ]
    assert found.said is not None
    assert [(one.text, one.titles, one.links, one.images, one.left) for one in found.said] == [
        ("Long", (), (), (), noon + MINUTE),
        ("er", ("Tea",), (), (), None),
        ("", (), (), ("https://x.example.com/i",), None),
        ("See", (), ("Shop https://x.example.com", "More"), (), None),
    ]
    assert found.ended is not None
    assert (found.ended.at, found.ended.cause, found.ended.terminate) == (noon + 5 * MINUTE, "user", "bye")
    assert found.until == noon + 9 * MINUTE


def _link() -> dict[str, str]:
    return {"text": "Shop", "url": "https://x.example.com"}


def _back() -> dict[str, str]:
    return {"text": "More", "payload": "p"}


async def test_nothing_is_said_to_have_happened_until_the_next_conversation(database: Database, noon: datetime) -> None:
    await opened(database, "first", noon)
    await opened(database, "second", noon + MINUTE)
    await opened(database, "of another", noon + 2 * MINUTE, customer="bela")
    now = noon + 10 * MINUTE
    until = {one.name: one.until for one in await read(database, now)}
    assert until == {"first": noon + MINUTE, "second": now - UNDER_WAY, "of another": now - UNDER_WAY}
    async with database.begin() as session:
        await record_trace(session, [TraceRow("second", 1, now - timedelta(seconds=1), "connectors/main", "")])
        await end_conversation(session, "of another", at=noon + 3 * MINUTE, cause="user")
    until = {one.name: one.until for one in await read(database, now)}
    assert until["second"] == now - timedelta(seconds=1), "what it has done already is a part of it"
    assert until["of another"] == now


async def test_newest_first_by_account_connector_and_period(database: Database, noon: datetime) -> None:
    for number in range(4):
        await opened(database, f"talk {number}", noon + number * MINUTE, customer=f"customer {number}")
    await opened(database, "elsewhere", noon, account="other", connector="side")

    async def names(limit: int = 10, **period: Any) -> list[str]:
        return [one.name for one in await read(database, noon + 9 * MINUTE, limit, **period)]

    assert await names(2) == ["talk 3", "talk 2"]
    assert await names(account="other") == await names(connector="side") == ["elsewhere"]
    assert await names(since=noon + 2 * MINUTE) == ["talk 3", "talk 2"]
    assert await names(until=noon + 2 * MINUTE, account="shop") == ["talk 1", "talk 0"]


async def test_what_cannot_be_run_again_is_left_out(database: Database, noon: datetime) -> None:
    await opened(database, "from before", noon, opening=None)
    await opened(database, "is ending", noon)
    await opened(database, "erased", noon, customer="bela")
    async with database.begin() as session:
        await update_conversation(session, "is ending", waiting="ended")
        await erase(session, "shop", "bela", noon)
        assert await recordings.newest(session, 10) == []
        assert await recordings.recording(session, "from before", noon) is None
        assert await recordings.recording(session, "nobody's", noon) is None
        await end_conversation(session, "is ending", at=noon, cause="user")
        assert await recordings.newest(session, 10) == ["is ending"]


async def test_what_its_writer_takes_back_is_emptied(database: Database, noon: datetime) -> None:
    name = await opened(database, "one", noon)
    both = Wrote(messages=(wrote("k1", "keep this", noon, "m1"), wrote("k2", "the unforgettable words", noon, "m2")))
    await took(database, name, 1, both, noon)
    await took(database, name, 2, AgentWrote(key="k3", text="typed in the app", sent=True, mid="m3"), noon)
    rows = [NewMessage(one.key, name, "customer", noon, "message", text=one.text, mid=one.mid) for one in both.messages]
    typed = NewMessage("k3", name, "app", noon, "message", "out", "typed in the app", mid="m3")
    async with database.begin() as session:
        await messages.record_inbound(session, [*rows, typed])
        assert await messages.delete_content(session, "m2")
        assert await messages.delete_content(session, "m3")
        assert not await messages.delete_content(session, "m9")
        assert await messages.deleted(session, ["k1", "k2", "k3"]) == {"k2", "k3"}
    [found] = await read(database, noon)
    kept, gone = found.happened[0].event, found.happened[1].event
    assert isinstance(kept, Wrote)
    assert isinstance(gone, AgentWrote)
    assert kept.messages == (both.messages[0], CustomerMessage(key="k2", at=noon, mid="m2"))
    assert (gone.key, gone.text, gone.mid) == ("k3", "", "m3")
    assert "unforgettable" not in found.model_dump_json()
    assert found.said == (), "what people write is not what the graph said"


async def test_when_the_graph_s_own_words_were_taken_back_nobody_knows_what_it_said(
    database: Database, noon: datetime
) -> None:
    name = await opened(database, "one", noon)
    async with database.begin() as session:
        await messages.prepare(session, [NewMessage("one/1.0", name, "graph", noon, "message", "out", "Hello")])
        await messages.mark_sent(session, "one/1.0", "m1", noon)
        await messages.delete_content(session, "m1")
    [found] = await read(database, noon)
    assert found.said is None


async def test_hundreds_are_read_by_two_statements(database: Database, noon: datetime) -> None:
    for number in range(30):
        name = await opened(database, f"talk {number:02}", noon + number * MINUTE)
        await took(database, name, 1, Wrote(messages=(wrote(f"k{number}", "hi", noon),)), noon)
    async with database.begin() as session:
        statements = 0
        connection = await session.connection()

        def count(*_: Any) -> None:
            nonlocal statements
            statements += 1

        hooks.listen(connection.sync_connection, "before_cursor_execute", count)
        found = await recordings.recordings(session, now=noon, limit=30)
    assert (len(found), statements) == (30, 2)
    assert all(len(one.happened) == 1 for one in found)
