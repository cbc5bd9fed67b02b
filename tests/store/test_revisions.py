"""Revisions only append, without gaps, also when several are appended at once."""

import json
from contextlib import aclosing

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.database import Database, listen
from store.revisions import append_revision, current_revision, revision

pytestmark = pytest.mark.anyio


async def _append(database: Database, digest: str) -> int:
    async with database.begin() as session:
        return await append_revision(session, digest=digest, document={"format": 1}, author="eva", note="why")


async def test_the_highest_number_is_current(database: Database) -> None:
    async with database.begin() as session:
        assert await current_revision(session) is None
    assert [await _append(database, digest) for digest in ("aa", "bb", "aa")] == [1, 2, 3]
    async with database.begin() as session:
        current = await current_revision(session)
        second = await revision(session, 2)
        assert await revision(session, 4) is None
    assert current is not None
    assert second is not None
    assert (current.number, current.author, current.note, current.document) == (3, "eva", "why", {"format": 1})
    assert second.digest == "bb"


async def test_the_order_of_names_is_kept(database: Database) -> None:
    """People order a configuration's names on purpose, and its digest is made of them in that order."""
    document = {"queues": {"second": {"title": "B"}, "first": {"title": "A"}}, "format": 1}
    async with database.begin() as session:
        await append_revision(session, digest="x", document=document, author="eva", note="")
        kept = await current_revision(session)
    assert kept is not None
    assert json.dumps(kept.document) == json.dumps(document)


async def test_raced_appends_and_a_rollback_leave_no_gap(database: Database) -> None:
    numbers: list[int] = []

    async def append(number: int) -> None:
        numbers.append(await _append(database, str(number)))

    async def give_up() -> None:
        async with database.begin() as session:
            await append_revision(session, digest="x", document={}, author="eva", note="")
            raise LookupError

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(append, number)
    with pytest.raises(LookupError):
        await give_up()
    await append(5)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE revisions SET note = 'other'",
        "DELETE FROM revisions",
        "TRUNCATE revisions",
        "DELETE FROM revisions WHERE number = 9",
    ],
)
async def test_a_change_is_refused(database: Database, change: str) -> None:
    await _append(database, "aa")
    with pytest.raises(DBAPIError, match="table revisions only appends"):
        async with database.begin() as session:
            await session.execute(text(change))
    async with database.begin() as session:
        first = await revision(session, 1)
    assert first is not None
    assert first.note == "why"


async def test_an_append_is_notified(database: Database) -> None:
    with anyio.fail_after(10):
        async with aclosing(listen(database.url, "revisions")) as payloads:
            assert await anext(payloads) == ""
            await _append(database, "aa")
            assert await anext(payloads) == "1"
