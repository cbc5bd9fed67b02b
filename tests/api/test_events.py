"""Listening over HTTP: what changes arrives at once, in order, once, and only as long as one may listen."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api import broadcast, events
from api.broadcast import Broadcast
from api.dependencies import Parts
from store.sessions import end_of
from store.tokens import revoke, tokens
from store.users import change_user
from tests.api.listening import PATH, Ear, until
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


def broadcast_of(office: Office) -> Broadcast:
    return office.app.state.broadcast


async def happens(office: Office, *names: str, kind: str = "tickets") -> None:
    """Updates as the triggers write them, each in a transaction of its own."""
    for name in names:
        async with office.parts.database.begin() as session:
            statement = (
                "INSERT INTO updates (transaction, kind, name) VALUES (pg_current_xact_id()::text::bigint, :k, :n)"
            )
            await session.execute(text(statement), {"k": kind, "n": name})


@asynccontextmanager
async def listening(http: httpx.AsyncClient, ear: Ear | None = None, **query: Any) -> AsyncIterator[Ear]:
    """Somebody who has begun to listen."""
    ear = ear or Ear()
    told = len(ear.statuses)
    task = asyncio.create_task(ear.listen(http, query))
    await ear.until(lambda one: len(one.statuses) > told and one.last is not None)
    try:
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def gone(office: Office) -> None:
    await until(lambda: broadcast_of(office).listeners == 0)


async def test_what_changes_arrives(office: Office) -> None:
    eva = await office.person("eva", "viewer")
    await happens(office, "before")
    async with listening(eva) as ear:
        assert ear.retry == events.RETRY
        await happens(office, "1", "2")
        await happens(office, "igdm_a", kind="conversations")
        await ear.until(lambda one: len(one.heard) == 3)
    assert ear.names == [("tickets", "1"), ("tickets", "2"), ("conversations", "igdm_a")]
    assert all(one.data["kind"] == one.event for one in ear.heard)
    assert set(ear.heard[0].data) == {"kind", "name", "at"}
    assert len({one.id for one in ear.heard}) == 3
    await gone(office)


async def test_some_kinds_alone(office: Office) -> None:
    eva = await office.person("eva", "viewer")
    async with listening(eva, kinds=["agents", "offers"]) as ear:
        await happens(office, "1")
        await happens(office, "eva", kind="agents")
        await happens(office, "igdm_a", kind="messages")
        await happens(office, "igdm_a", kind="offers")
        await ear.until(lambda one: len(one.heard) == 2)
    assert ear.names == [("agents", "eva"), ("offers", "igdm_a")]
    answer = await eva.get(PATH, params={"kinds": "everything"})
    assert (answer.status_code, problems(answer)) == (422, [("query/kinds/0", "literal_error")])
    assert (await (await office.browser()).get(PATH)).status_code == 401


async def test_it_resumes_without_gaps_and_without_repetitions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "TOGETHER", 3)
    eva = await office.person("eva", "viewer")
    ear = Ear()
    async with listening(eva, ear):
        pass
    # Nothing has happened yet, and yet it is known from where on.
    await happens(office, *"abcdefgh")
    async with listening(eva, ear):
        await ear.until(lambda one: len(one.heard) == 8)
        await happens(office, "i")
        await ear.until(lambda one: len(one.heard) == 9)
    assert [name for _, name in ear.names] == list("abcdefghi")
    # From the middle; a word of the filter's does not matter to the place.
    ear.last = ear.heard[4].id
    await happens(office, "igdm_a", kind="messages")
    async with listening(eva, ear, kinds="tickets"):
        await happens(office, "j")
        await ear.until(lambda one: len(one.heard) == 14)
    assert [name for _, name in ear.names[9:]] == list("fghij")


async def test_what_two_processes_know(parts: Parts, serve: Any) -> None:
    """One that has not looked for a while sends nothing again that the other one has sent."""
    async with opened(parts, serve) as one, opened(parts, serve) as other:
        eva = await one.person("eva", "viewer")
        elsewhere = await other.browser()
        await other.session(elsewhere, "eva")
        ear = Ear()
        async with listening(elsewhere):
            async with broadcast_of(other)._reading:  # it looks no more
                async with listening(eva, ear):
                    await happens(one, "1", "2")
                    await ear.until(lambda one: len(one.heard) == 2)
                joining = asyncio.create_task(ear.listen(elsewhere))
                await asyncio.sleep(0.3)
            await ear.until(lambda one: len(one.statuses) == 2)
            await happens(one, "3")
            await ear.until(lambda one: len(one.heard) == 3)
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)
    assert [name for _, name in ear.names] == ["1", "2", "3"]


@pytest.mark.parametrize("last", ["", "nonsense", "1-2", "1-2-3-4", "99999999999999999-1-1795572000", "-1-2-3"])
async def test_an_id_from_elsewhere_resets(office: Office, last: str) -> None:
    eva = await office.person("eva", "viewer")
    async with listening(eva, Ear(last=last)) as ear:
        await ear.until(lambda one: len(one.heard) == 1)
        await happens(office, "1")
        await ear.until(lambda one: len(one.heard) == 2)
    assert ear.names == [("reset", ""), ("tickets", "1")]


async def test_an_id_older_than_what_is_kept_resets(office: Office) -> None:
    eva = await office.person("eva", "viewer")
    ear = Ear()
    async with listening(eva, ear):
        pass
    first = ear.last
    office.later(timedelta(hours=23))
    await office.session(eva, "eva")
    async with listening(eva, ear):
        assert ear.heard == []
    ear.last = first
    office.later(timedelta(hours=1, seconds=1))
    await office.session(eva, "eva")
    async with listening(eva, ear):
        await ear.until(lambda one: len(one.heard) == 1)
    assert ear.names == [("reset", "")]
    assert ear.last != first


async def test_who_only_listens_to_what_does_not_happen_is_kept_up_to_date(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.1)
    eva = await office.person("eva", "viewer")
    async with listening(eva, kinds="agents") as ear:
        first = ear.last
        await happens(office, *"abc")
        await ear.until(lambda one: one.comments > 2 and one.last != first)
        assert ear.heard == []
        async with office.parts.database.begin() as session:
            newest = await session.scalar(text("SELECT transaction || '-' || id FROM updates ORDER BY id DESC LIMIT 1"))
        await ear.until(lambda one: (one.last or "").startswith(f"{newest}-"))


@pytest.mark.parametrize("how", ["logout", "revoked", "deactivated"])
async def test_it_ends_with_the_session_and_with_the_token(
    parts: Parts, serve: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(broadcast, "ASKED", 0.1)
    async with opened(parts, serve) as office:
        await office.user("eva", "agent")
        browser = await office.browser()
        secret = await office.session(browser, "eva")
        if how == "revoked":
            browser = await office.program("eva")
        async with listening(browser) as ear, listening(await office.person("karl")) as other:
            async with office.parts.database.begin() as session:
                if how == "logout":
                    assert await end_of(session, secret)
                elif how == "revoked":
                    [token] = (await tokens(session, owner="eva")).items
                    assert await revoke(session, token.id)
                else:
                    await change_user(session, "eva", active=False)
            await until(lambda: broadcast_of(office).listeners == 1)
            await happens(office, "later")
            await other.until(lambda one: one.names == [("tickets", "later")])
            assert ear.names == []
            await ear.listen(browser)
            assert ear.statuses == [200, 401]
        await gone(office)


async def test_fifty_listeners_cost_one_query(office: Office) -> None:
    eva = await office.person("eva", "viewer")
    async with AsyncExitStack() as stack:
        ears = [await stack.enter_async_context(listening(eva)) for _ in range(50)]
        before = broadcast_of(office).looks
        started = asyncio.get_running_loop().time()
        for number in range(20):
            await happens(office, str(number))
            await asyncio.sleep(0.05)
        for ear in ears:
            await ear.until(lambda one: len(one.heard) == 20)
        took = asyncio.get_running_loop().time() - started
        looks = broadcast_of(office).looks - before
        assert looks <= took / broadcast.EVERY + 1
        assert all([name for _, name in ear.names] == [str(number) for number in range(20)] for ear in ears)
    await gone(office)
    # With nobody there, nobody looks.
    quiet = broadcast_of(office).looks
    await asyncio.sleep(3 * broadcast.EVERY)
    assert broadcast_of(office).looks == quiet


async def test_who_does_not_read_is_dropped_and_resumes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others hear everything meanwhile; the one who was asleep hears all of it later."""
    monkeypatch.setattr(events, "SLOW", 0.5)
    eva = await office.person("eva", "viewer")
    cookie = "; ".join(f"{name}={value}" for name, value in eva.cookies.items())
    host, port = office.url.removeprefix("http://").split(":")
    with socket.socket() as asleep:
        asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().run_in_executor(None, asleep.connect, (host, int(port)))
        asleep.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
        async with listening(eva) as awake:
            await until(lambda: broadcast_of(office).listeners == 2)
            first = awake.last
            async with office.parts.database.begin() as session:
                await session.execute(
                    text(
                        "INSERT INTO updates (transaction, kind, name)"
                        " SELECT pg_current_xact_id()::text::bigint, 'tickets', n::text || repeat('x', 500)"
                        " FROM generate_series(1, 20000) AS n"
                    )
                )
            await until(lambda: broadcast_of(office).listeners == 1, 30)
            await awake.until(lambda one: len(one.heard) == 20_000, within=30)
    ear = Ear(last=first)
    async with listening(eva, ear):
        await ear.until(lambda one: len(one.heard) == 20_000, within=30)
    assert [one.id for one in ear.heard] == [one.id for one in awake.heard]


async def test_while_the_store_does_not_answer_listeners_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    eva = await office.person("eva", "viewer")
    failing = True

    class Broken:
        def begin(self) -> Any:
            return office.parts.database.begin() if not failing else self._fails()

        @asynccontextmanager
        async def _fails(self) -> AsyncIterator[Any]:
            async with office.parts.database.begin() as session:
                await session.execute(text("SELECT nothing FROM nowhere"))
                yield session

    async with listening(eva) as ear:
        monkeypatch.setattr(broadcast_of(office), "_database", Broken())
        await happens(office, "1")
        await asyncio.sleep(2 * broadcast.EVERY)
        assert ear.heard == []
        failing = False
        await ear.until(lambda one: one.names == [("tickets", "1")])
