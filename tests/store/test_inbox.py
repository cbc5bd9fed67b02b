"""The inbox keeps each event once, in order, for one forwarder at a time."""

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import text

from store.database import Database, listen
from store.inbox import (
    InboxRow,
    claim,
    counts,
    keep,
    mark_failed,
    mark_forwarded,
    pending,
    pending_threads,
    redact,
)

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def _event(key: str, second: int = 0, customer: str | None = "anna", **event: Any) -> InboxRow:
    at = NOON + timedelta(seconds=second)
    return InboxRow(key=key, account="shop", customer=customer, kind="message", at=at, event=event)


async def _keep(database: Database, *rows: InboxRow) -> int:
    async with database.begin() as session:
        return await keep(session, rows)


async def _pending(database: Database, customer: str | None = "anna", limit: int = 100) -> list[InboxRow]:
    async with database.begin() as session:
        return await pending(session, "shop", customer, limit)


async def test_an_event_is_kept_once(database: Database) -> None:
    assert await _keep(database) == 0
    assert await _keep(database, _event("a", text="first"), _event("b"), _event("a", text="again")) == 2
    assert await _keep(database, _event("b"), _event("c"), _event("a", text="later")) == 1
    assert {row.key: row.event for row in await _pending(database)} == {"a": {"text": "first"}, "b": {}, "c": {}}


async def test_order_is_instagrams_time_then_arrival(database: Database) -> None:
    await _keep(database, _event("late", 2), _event("z", 1), _event("y", 1), _event("x", 1))
    await _keep(database, _event("first", 0))
    assert [row.key for row in await _pending(database)] == ["first", "z", "y", "x", "late"]
    assert [row.key for row in await _pending(database, limit=2)] == ["first", "z"]
    assert (await _pending(database))[0].at == NOON


async def test_order_does_not_hang_on_an_index(database: Database) -> None:
    await _keep(database, _event("z"), _event("y"), _event("x"))
    async with database.begin() as session:
        for way in ("indexscan", "bitmapscan"):
            await session.execute(text(f"SET LOCAL enable_{way} = off"))
        assert [row.key for row in await pending(session, "shop", "anna", 10)] == ["z", "y", "x"]


async def test_the_same_events_in_opposite_order_at_once(database: Database) -> None:
    rows = [_event(f"{number:03}", number) for number in range(30)]
    kept: list[int] = []
    async with database.begin() as session:
        # Slow enough for both deliveries to be in the middle at the same time.
        await session.execute(
            text(
                "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN PERFORM pg_sleep(0.005); RETURN new; END'"
            )
        )
        await session.execute(
            text("CREATE TRIGGER dawdle BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION dawdle()")
        )

    async def deliver(rows: list[InboxRow]) -> None:
        kept.append(await _keep(database, *rows))

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(deliver, rows)
            group.start_soon(deliver, rows[::-1])
    assert sorted(kept) == [0, 30]
    assert [row.key for row in await _pending(database)] == [row.key for row in rows]


async def test_a_thousand_events_in_one_delivery(database: Database) -> None:
    assert await _keep(database, *(_event(str(number), number) for number in range(1000))) == 1000
    assert [row.key for row in await _pending(database, limit=1000)] == [str(number) for number in range(1000)]


async def test_new_events_are_notified_and_known_ones_not(database: Database) -> None:
    with anyio.fail_after(10):
        async with aclosing(listen(database.url, "inbox")) as payloads:
            await anext(payloads)
            await _keep(database, _event("a"))
            assert await anext(payloads) == ""
            await _keep(database, _event("a"))
            with anyio.move_on_after(0.2) as silence:
                await anext(payloads)
            assert silence.cancelled_caught


async def test_threads_longest_waiting_first(database: Database) -> None:
    await _keep(database, _event("1", customer="eva"))
    await _keep(database, _event("2", customer=None))
    await _keep(database, _event("3", customer="anna"), _event("4", customer="eva"))
    async with database.begin() as session:
        assert await pending_threads(session, 10) == [("shop", "eva"), ("shop", None), ("shop", "anna")]
        assert await pending_threads(session, 1) == [("shop", "eva")]
    assert [row.key for row in await _pending(database, None)] == ["2"]


async def test_forwarded_once(database: Database) -> None:
    await _keep(database, _event("a"), _event("b", 1))
    ids = [row.id for row in await _pending(database)]
    for outcome in ("started", "again"):
        async with database.begin() as session:
            await mark_forwarded(session, ids[:1], outcome)
    assert [row.key for row in await _pending(database)] == ["b"]
    async with database.begin() as session:
        assert await counts(session) == {"started": 1, "pending": 1}
        await mark_forwarded(session, ids, "signalled")
        assert await pending_threads(session, 10) == []
        assert await counts(session) == {"started": 1, "signalled": 1}


async def test_a_failure_is_counted_and_puts_its_thread_off(database: Database) -> None:
    await _keep(database, _event("a"), _event("b", 1), _event("c", customer="eva"))
    ids = [row.id for row in await _pending(database)]
    now = datetime.now(UTC)
    async with database.begin() as session:
        await mark_failed(session, ids[:1], "no server", now + timedelta(hours=1))
        assert await pending_threads(session, 10) == [("shop", "eva")]
        await mark_failed(session, ids[:1], "still none", now - timedelta(hours=1))
        assert await pending_threads(session, 10) == [("shop", "anna"), ("shop", "eva")]
    assert [(row.attempts, row.last_error) for row in await _pending(database)] == [(2, "still none"), (0, None)]
    async with database.begin() as session:
        await mark_forwarded(session, ids, "signalled")
        await mark_failed(session, ids, "too late")
        assert await session.scalar(text("SELECT max(attempts) FROM inbox")) == 2
        assert await session.scalar(text("SELECT last_error FROM inbox WHERE key = 'a'")) is None


@pytest.mark.parametrize("customer", ["anna", None, "nul\x00"])
async def test_of_two_that_claim_a_thread_one_has_it(database: Database, customer: str | None) -> None:
    async with database.begin() as first, database.begin() as second:
        assert await claim(first, "shop", customer)
        assert not await claim(second, "shop", customer)
        assert await claim(second, "shop", "somebody else")
        assert await claim(second, "other shop", customer)
    async with database.begin() as third:
        assert await claim(third, "shop", customer)


async def test_who_claims_after_another_sees_what_that_one_did(database: Database) -> None:
    await _keep(database, _event("a"))
    async with database.begin() as second:
        assert len(await pending(second, "shop", "anna", 10)) == 1
        async with database.begin() as first:
            assert await claim(first, "shop", "anna")
            await mark_forwarded(first, [row.id for row in await pending(first, "shop", "anna", 10)], "signalled")
        assert await claim(second, "shop", "anna")
        assert await pending(second, "shop", "anna", 10) == []


async def test_redacted_content_is_gone_and_the_rest_stays(database: Database) -> None:
    said = {"mid": "M1", "text": "secret", "attachments": [{"url": "secret"}], "raw": {"text": "secret"}, "kept": 1}
    await _keep(
        database, _event("m:M1", **said), _event("e:M1:1", 1, **said), _event("m:M2", 2, mid="M2", text="other")
    )
    async with database.begin() as session:
        await redact(session, "M1")
    first, edit, other = await _pending(database)
    assert first.event == edit.event
    assert first.event["mid"] == "M1"
    assert first.event["kept"] == 1
    assert "secret" not in str(first)
    assert other.event == {"mid": "M2", "text": "other"}
