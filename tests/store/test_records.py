"""Trace, tickets, contacts, queue entries and notifications, each written twice."""

from datetime import datetime, timedelta

import anyio
import pytest

from store.contacts import contact, save_field, save_language, save_profile
from store.database import Database
from store.notifications import mark_read, notifications, notify
from store.queues import accept, enqueue, leave, stay, waiting
from store.tickets import create_ticket, ticket, tickets
from store.trace import TraceRow, record_trace, trace

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def test_trace(database: Database, talk: str, noon: datetime) -> None:
    first = TraceRow(talk, 1, noon, "connectors/main", "a message came", {"data": {"x": 1}})
    second = TraceRow(talk, 2, noon, "decision_trees/a", "next")
    async with database.begin() as session:
        await record_trace(session, [])
        await record_trace(session, [second])
        await record_trace(session, [first, TraceRow(talk, 2, noon + MINUTE, "other", "other")])
        assert await trace(session, talk) == [first, second]
        assert await trace(session, "nowhere") == []


async def test_tickets_of_one_key_have_one_number(database: Database, talk: str, noon: datetime) -> None:
    numbers: list[int] = []

    async def create(key: str) -> None:
        async with database.begin() as session:
            number = await create_ticket(session, key, at=noon, conversation=talk, title=f"T {key}", priority="high")
            await anyio.sleep(0.01)
            numbers.append(number)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(create, "raced")
    assert len(set(numbers)) == 1
    assert 1001 <= numbers[0] <= 1005  # those that lose the race use up a number each
    async with database.begin() as session:
        found = await ticket(session, numbers[0])
        assert await ticket(session, 1) is None
    assert found is not None
    assert (found.key, found.title, found.priority, found.stage) == ("raced", "T raced", "high", "open")
    assert (found.category, found.comment, found.conversation) == (None, "", talk)


async def test_a_ticket_written_again_uses_up_no_number(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        assert [await create_ticket(session, key, at=noon, conversation=None, title="T") for key in "aabab"] == [
            1001,
            1001,
            1002,
            1001,
            1002,
        ]
        page = await tickets(session, limit=1)
        assert [one.number for one in page.items] == [1002]
        rest = await tickets(session, cursor=page.cursor, limit=1)
        assert [one.number for one in rest.items] == [1001]
        assert rest.cursor is None
        assert (await tickets(session, conversation="x")).items == []


async def test_a_profile_keeps_what_was_known(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        assert await contact(session, "shop", "anna") is None
        await save_profile(session, "shop", "anna", username="an", name="Anna", picture=None, at=noon)
        await save_language(session, "shop", "anna", "cs")
        await save_profile(session, "shop", "anna", username="an2", name=None, picture="p", at=noon + MINUTE)
        known = await contact(session, "shop", "anna")
        assert await contact(session, "other", "anna") is None
    assert known is not None
    assert (known.username, known.name, known.picture, known.language) == ("an2", "Anna", "p", "cs")
    assert known.profile_at == noon + MINUTE


async def test_custom_fields_of_a_contact(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        await save_field(session, "shop", "anna", "size", 38)
        await save_field(session, "shop", "anna", "tags", ["a", {"b": None}])
        await save_field(session, "shop", "anna", "size", "XL")
        await save_profile(session, "shop", "anna", username=None, name=None, picture=None, at=noon)
        await save_field(session, "shop", "anna", "gone", None)
        known = await contact(session, "shop", "anna")
    assert known is not None
    assert known.fields == {"size": "XL", "tags": ["a", {"b": None}], "gone": None}
    assert known.username is None


async def test_fields_saved_at_once_are_all_there(database: Database) -> None:
    async def save(name: str) -> None:
        async with database.begin() as session:
            await save_field(session, "shop", "anna", name, name)

    async with anyio.create_task_group() as group:
        for name in "abcde":
            group.start_soon(save, name)
    async with database.begin() as session:
        known = await contact(session, "shop", "anna")
    assert known is not None
    assert known.fields == {name: name for name in "abcde"}


async def _talks(database: Database, noon: datetime, *names: str) -> None:
    from store.conversations import open_conversation

    async with database.begin() as session:
        for name in names:
            await open_conversation(
                session,
                name=name,
                account="shop",
                customer=name,
                connector="main",
                workflow_id=name,
                revision=1,
                opened_at=noon,
            )


async def test_queues_by_priority_then_arrival(database: Database, noon: datetime) -> None:
    await _talks(database, noon, "a", "b", "c", "d")
    async with database.begin() as session:
        await enqueue(session, "a", "support", 5, noon)
        await enqueue(session, "b", "support", 5, noon - MINUTE)
        await enqueue(session, "c", "support", 0, noon + MINUTE)
        await enqueue(session, "d", "sales", 0, noon)
        assert [one.conversation for one in await waiting(session, "support")] == ["c", "b", "a"]
        assert await accept(session, "b", "petr", noon)
        assert not await accept(session, "b", "anna", noon)
        assert await leave(session, "c", noon + MINUTE)
        assert not await leave(session, "c", noon + 2 * MINUTE)
        assert not await accept(session, "c", "petr", noon)
        assert [one.conversation for one in await waiting(session, "support")] == ["a"]
        taken = await stay(session, "b")
        assert await stay(session, "x") is None
    assert taken is not None
    assert (taken.agent, taken.accepted_at, taken.left_at) == ("petr", noon, None)


async def test_entering_again_is_a_new_stay_but_the_same_words_twice_are_not(
    database: Database, talk: str, noon: datetime
) -> None:
    async with database.begin() as session:
        await enqueue(session, talk, "support", 5, noon)
        await accept(session, talk, "petr", noon)
        await enqueue(session, talk, "support", 5, noon)
        same = await stay(session, talk)
        await enqueue(session, talk, "sales", 1, noon + MINUTE)
        await enqueue(session, talk, "support", 5, noon)
        assert not await leave(session, talk, noon)
        moved = await stay(session, talk)
    assert same is not None
    assert moved is not None
    assert same.agent == "petr"
    assert (moved.queue, moved.priority, moved.agent, moved.left_at) == ("sales", 1, None, None)


async def test_notifications(database: Database, talk: str, noon: datetime) -> None:
    async with database.begin() as session:
        assert await notify(session, "1", kind="missed", queue="support", conversation=talk, content={"a": 1})
        assert not await notify(session, "1", kind="other", content={})
        assert await notify(session, "2", kind="token", content={})
        both = (await notifications(session)).items
        assert [(one.key, one.kind, one.content) for one in both] == [("2", "token", {}), ("1", "missed", {"a": 1})]
        assert [one.key for one in (await notifications(session, queue="support")).items] == ["1"]
        assert await mark_read(session, both[0].id, noon, "eva")
        assert not await mark_read(session, both[0].id, noon + MINUTE, "petr")
        assert [one.key for one in (await notifications(session, unread=True)).items] == ["1"]
        first = (await notifications(session)).items[0]
        assert (first.read_at, first.read_by) == (noon, "eva")
        page = await notifications(session, limit=1)
        assert [one.key for one in (await notifications(session, cursor=page.cursor)).items] == ["1"]
