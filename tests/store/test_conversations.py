"""Conversations are written safely twice and listed in pages."""

from datetime import datetime, timedelta

import pytest

from store.conversations import (
    conversation,
    conversation_by_hash,
    conversations,
    end_conversation,
    open_conversation,
    open_conversation_of,
    taken_keys,
    update_conversation,
)
from store.database import Database
from store.messages import NewMessage, record_inbound

pytestmark = pytest.mark.anyio


async def _open(
    database: Database,
    name: str,
    at: datetime,
    customer: str = "anna",
    connector: str = "main",
    hash: str | None = None,
) -> bool:
    async with database.begin() as session:
        return await open_conversation(
            session,
            name=name,
            account="shop",
            customer=customer,
            connector=connector,
            workflow_id=f"ig-shop-{customer}",
            revision=3,
            opened_at=at,
            place="connectors/main",
            language="cs",
            last_customer_at=at,
            hash=hash,
        )


async def test_opened_once(database: Database, noon: datetime) -> None:
    assert await _open(database, "one", noon)
    assert not await _open(database, "one", noon + timedelta(hours=1), connector="other")
    async with database.begin() as session:
        known = await conversation(session, "one")
        assert await conversation(session, "two") is None
    assert known is not None
    assert (known.connector, known.opened_at, known.last_customer_at) == ("main", noon, noon)
    assert (known.place, known.language, known.revision) == ("connectors/main", "cs", 3)
    assert (known.ended_at, known.answered, known.missed) == (None, False, False)


async def test_found_by_its_hash(database: Database, noon: datetime) -> None:
    await _open(database, "one", noon, hash="a" * 40)
    await _open(database, "two", noon)
    async with database.begin() as session:
        found = await conversation_by_hash(session, "a" * 40)
        assert found is not None
        assert found.name == "one"
        for other in ("b" * 40, "", "a" * 39, "ä\ud800\x00"):
            assert await conversation_by_hash(session, other) is None


async def test_updated(database: Database, noon: datetime) -> None:
    await _open(database, "one", noon)
    async with database.begin() as session:
        before = await conversation(session, "one")
    async with database.begin() as session:
        assert await update_conversation(session, "one", place="queues/support", waiting="agent", queue="support")
        after = await conversation(session, "one")
        assert not await update_conversation(session, "two", place="x")
    assert before is not None
    assert after is not None
    assert (after.place, after.waiting, after.queue, after.language) == ("queues/support", "agent", "support", "cs")
    assert after.updated_at > before.updated_at


async def test_ended_once(database: Database, noon: datetime) -> None:
    await _open(database, "one", noon)
    async with database.begin() as session:
        await update_conversation(session, "one", waiting="agent")
        assert await end_conversation(
            session, "one", at=noon, cause="timeout", terminate="bye", queue="support", missed=True
        )
        assert not await end_conversation(session, "one", at=noon + timedelta(1), cause="user", answered=True)
        assert not await end_conversation(session, "two", at=noon, cause="user")
        ended = await conversation(session, "one")
    assert ended is not None
    assert (ended.ended_at, ended.cause, ended.terminate, ended.queue) == (noon, "timeout", "bye", "support")
    assert (ended.answered, ended.missed, ended.waiting) == (False, True, None)


async def test_the_open_one_of_a_customer(database: Database, noon: datetime) -> None:
    await _open(database, "old", noon)
    await _open(database, "hers", noon, customer="eva")
    async with database.begin() as session:
        await end_conversation(session, "old", at=noon, cause="user")
        assert await open_conversation_of(session, "shop", "anna") is None
    await _open(database, "new", noon + timedelta(hours=1))
    async with database.begin() as session:
        found = await open_conversation_of(session, "shop", "anna")
        assert await open_conversation_of(session, "other shop", "anna") is None
    assert found is not None
    assert found.name == "new"


async def test_pages_newest_first(database: Database, noon: datetime) -> None:
    for number in range(5):
        await _open(database, f"n{number}", noon + timedelta(minutes=number // 2))
    seen: list[list[str]] = []
    cursor = None
    async with database.begin() as session:
        while True:
            page = await conversations(session, cursor=cursor, limit=2)
            seen.append([one.name for one in page.items])
            cursor = page.cursor
            if cursor is None:
                break
        exact = await conversations(session, limit=5)
    assert seen == [["n4", "n3"], ["n2", "n1"], ["n0"]]
    assert exact.cursor is None


async def test_filters(database: Database, noon: datetime) -> None:
    await _open(database, "a", noon)
    await _open(database, "b", noon, customer="eva", connector="other")
    async with database.begin() as session:
        await end_conversation(session, "b", at=noon, cause="user", queue="support")

        async def names(**wanted: str) -> list[str]:
            return [one.name for one in (await conversations(session, **wanted)).items]  # type: ignore[arg-type]  # by name

        assert await names(state="open") == ["a"]
        assert await names(state="ended") == ["b"]
        assert await names(customer="eva") == ["b"]
        assert await names(connector="main") == ["a"]
        assert await names(queue="support") == ["b"]
        assert await names(account="shop") == ["b", "a"]
        assert await names(account="other") == []


@pytest.mark.parametrize(
    "cursor", ["junk", "ž", "W10=", "WyJhIiwgImIiXQ==", "WyIyMDI2LTEyLTAxVDEyOjAwOjAwIiwgMV0=", "MQ=="]
)
async def test_a_cursor_from_elsewhere_is_refused(database: Database, cursor: str) -> None:
    async with database.begin() as session:
        with pytest.raises(ValueError, match="cursor is not one that this list gave"):
            await conversations(session, cursor=cursor)


async def test_a_page_of_nothing_is_refused(database: Database) -> None:
    async with database.begin() as session:
        with pytest.raises(ValueError, match="at least 1"):
            await conversations(session, limit=0)


async def test_taken_keys_are_those_of_conversations_that_have_ended(
    database: Database, talk: str, noon: datetime
) -> None:
    async with database.begin() as session:
        await record_inbound(
            session, [NewMessage(key="m:1", conversation=talk, author="customer", at=noon, kind="message", text="hi")]
        )
        assert await taken_keys(session, ["m:1", "m:2"]) == set()
        await end_conversation(session, talk, at=noon, cause="user")
        assert await taken_keys(session, ["m:1", "m:2"]) == {"m:1"}
        assert await taken_keys(session, []) == set()
