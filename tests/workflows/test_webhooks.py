"""Outgoing webhooks as durable work, from the announcement to the receiver, whatever is killed in between."""

import asyncio
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi import Response
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import api.sharer
from activities.web import Web
from activities.webhooks import Webhooks
from api.sharer import FORGOTTEN, Sharer
from api.signals import SignalError, tell_webhook
from store import announcements, notifications, webhook_deliveries, webhooks
from store.announcements import Kind, announce
from store.database import Database
from store.secrets import Vault
from tests.activities.servers import serving
from tests.durable import time_skipping_server
from tests.receiver import Received, Receiver, verify
from workflows.plugin import connect, data_converter, runner
from workflows.webhooks import TellWebhook, webhook_workflow

pytestmark = pytest.mark.anyio


class Outside:
    """A store with webhooks, their receivers, and a Temporal of one kind or the other."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self.database = Database(url)
        self.key = Fernet.generate_key().decode()
        self.vault = Vault([self.key])
        self.stack = stack
        self.ports: list[int] = []
        self.queue = f"webhooks-{uuid.uuid4().hex}"
        self.number = 0

    async def receiver(self, answer: Any = 204) -> tuple[Receiver, str]:
        receiver = Receiver(answer)
        port = await self.stack.enter_async_context(serving(receiver.app()))
        self.ports.append(port)
        return receiver, f"http://127.0.0.1:{port}/hook"

    async def webhook(self, url: str, at: datetime) -> tuple[int, str]:
        values: Any = {"title": "A CRM", "url": url, "kinds": ["chat.missed"], "author": "eva", "at": at}
        async with self.database.begin() as session:
            made, secret = await webhooks.create_webhook(session, self.vault, **values)
        return made.id, secret

    async def announce(self, at: datetime, kind: Kind = "chat.missed") -> None:
        self.number += 1
        async with self.database.begin() as session:
            told = {"number": self.number}
            await announce(session, f"k/{self.number}", kind=kind, conversation=None, at=at, content=told)

    def activities(self, now: Callable[[], datetime]) -> Webhooks:
        return Webhooks(self.database, self.vault, Web(allow=[f"127.0.0.1:{port}" for port in self.ports]), now)

    def worker(self, client: Client, *activities: Any) -> Worker:
        return Worker(
            client,
            task_queue=self.queue,
            workflows=[TellWebhook],
            activities=activities,
            workflow_runner=runner(),
            graceful_shutdown_timeout=timedelta(seconds=1),
        )

    @asynccontextmanager
    async def sharing(self, client: Client) -> AsyncIterator[None]:
        """Somebody who shares meanwhile, as an API process does."""
        task = asyncio.create_task(self.sharer(client, clock).run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def sharer(self, client: Client, now: Callable[[], datetime]) -> Sharer:
        return Sharer(self.database, client, self.queue, now, mail=False)


@pytest.fixture
async def outside(database_url: str) -> AsyncIterator[Outside]:
    async with AsyncExitStack() as stack:
        outside = Outside(database_url, stack)
        async with outside.database.begin() as session:  # all tests share one Temporal
            first = uuid.uuid4().int % 2**40
            await session.execute(text(f"ALTER TABLE webhooks ALTER COLUMN id RESTART WITH {first}"))
        yield outside
        await outside.database.close()


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await connect(temporal_address)


def clock() -> datetime:
    return datetime.now(UTC)


async def until(holds: Callable[[], bool | Awaitable[bool]], within: float = 30) -> None:
    end = time.monotonic() + within
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.02)


class Skipping:
    """The activity with the clock of a server that skips time."""

    def __init__(self, env: WorkflowEnvironment, outside: Outside) -> None:
        self.env = env
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.webhooks = outside.activities(lambda: self.time)

    @activity.defn(name="deliver_announcements")
    async def deliver(self, id: int) -> float:
        self.time = await self.env.get_current_time()
        return await self.webhooks.deliver_announcements(id)


async def test_a_receiver_that_is_away_for_two_days(outside: Outside) -> None:
    receiver, url = await outside.receiver(503)
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=time_skipping_server(), data_converter=data_converter()
    ) as env:
        skipping = Skipping(env, outside)
        sharer = outside.sharer(env.client, lambda: skipping.time)
        async with outside.worker(env.client, skipping.deliver):
            skipping.time = began = await env.get_current_time()
            id, secret = await outside.webhook(url, began)
            for hour in range(48):
                skipping.time = await env.get_current_time()
                if hour % 4 == 0:
                    await outside.announce(skipping.time)
                    await sharer.share()
                await env.sleep(timedelta(hours=1))
            # After a day it was paused, everybody was told, and nothing is lost.
            assert 12 < len(receiver.got) < 50
            async with outside.database.begin() as session:
                found = await webhooks.webhook(session, id)
                [told] = (await notifications.notifications(session)).items
                waiting = await webhook_deliveries.waiting(session, [id])
            assert found is not None
            assert (found.state, told.kind, waiting) == ("paused", "webhook_paused", {id: 12})
            assert timedelta(hours=24) <= _paused_at(told.key) - began < timedelta(hours=26)

            # It is back, and somebody resumes: all of it arrives, each once.
            receiver.answer = 204
            receiver.got.clear()
            skipping.time = await env.get_current_time()
            async with outside.database.begin() as session:
                assert await webhooks.resume(session, id, skipping.time)
            await tell_webhook(env.client, outside.queue, id)
            await env.client.get_workflow_handle(webhook_workflow(id)).result()
    assert sorted(one.told["data"]["number"] for one in receiver.got) == list(range(1, 13))
    for one in receiver.got:
        verify(secret, one.headers, one.body, skipping.time)


def _paused_at(key: str) -> datetime:
    return datetime.fromisoformat(key.split("/")[2])


async def test_a_slow_receiver_holds_up_no_other(outside: Outside, temporal: Client) -> None:
    async def slow(_: Received) -> Response:
        await asyncio.sleep(2)
        return Response()

    late, late_url = await outside.receiver(slow)
    quick, quick_url = await outside.receiver()
    for url in (late_url, quick_url):
        await outside.webhook(url, clock())
    async with (
        outside.worker(temporal, outside.activities(clock).deliver_announcements),
        outside.sharing(temporal),
    ):
        for _ in range(20):
            await outside.announce(clock())
        began = time.monotonic()
        await until(lambda: len(quick.got) == 20)
        assert time.monotonic() - began < 6
        assert len(late.got) < 20
        await until(lambda: len(late.got) == 20)
    assert len(set(quick.ids)) == len(set(late.ids)) == 20


async def test_what_was_announced_while_nobody_shared(outside: Outside, temporal: Client) -> None:
    """The API was killed, before it shared one thing, and before it told anybody that it had shared another."""
    receiver, url = await outside.receiver()
    await outside.webhook(url, clock())
    await outside.announce(clock() - 2 * FORGOTTEN)
    async with outside.database.begin() as session:
        new = await announcements.unshared(session)
        await announcements.share(session, [one.id for one in new], clock() - 2 * FORGOTTEN)
    async with outside.worker(temporal, outside.activities(clock).deliver_announcements):
        async with outside.sharing(temporal):
            await until(lambda: len(receiver.got) == 1)
        await outside.announce(clock())
        async with outside.sharing(temporal):
            await until(lambda: len(receiver.got) == 2)
            # And what is announced while somebody listens arrives at once.
            began = time.monotonic()
            await outside.announce(clock())
            await until(lambda: len(receiver.got) == 3)
            assert time.monotonic() - began < 5
    assert len(set(receiver.ids)) == 3


async def test_what_was_shared_while_temporal_was_away(
    outside: Outside, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as soon as Temporal is back, and not only when it looks forgotten."""
    receiver, url = await outside.receiver()
    await outside.webhook(url, clock())
    await outside.announce(clock())
    real = api.sharer.tell_webhook

    async def away(*_: object) -> None:
        raise SignalError("Temporal is away")

    sharer = outside.sharer(temporal, clock)
    async with outside.worker(temporal, outside.activities(clock).deliver_announcements):
        monkeypatch.setattr(api.sharer, "tell_webhook", away)
        with pytest.raises(SignalError):
            await sharer.share()
        monkeypatch.setattr(api.sharer, "tell_webhook", real)
        await sharer.share()
        await until(lambda: len(receiver.got) == 1)


async def test_several_share_and_each_thing_is_told_once(outside: Outside, temporal: Client) -> None:
    receiver, url = await outside.receiver()
    await outside.webhook(url, clock())
    async with (
        outside.worker(temporal, outside.activities(clock).deliver_announcements),
        outside.sharing(temporal),
        outside.sharing(temporal),
        outside.sharing(temporal),
    ):
        for _ in range(30):
            await outside.announce(clock())
        await until(lambda: len(receiver.got) >= 30)
        await asyncio.sleep(0.5)
    assert sorted(one.told["data"]["number"] for one in receiver.got) == list(range(1, 31))


@pytest.mark.slow
async def test_a_worker_that_is_killed_before_it_could_write_down_that_it_arrived(
    outside: Outside, temporal: Client, temporal_address: str
) -> None:
    """The receiver has it, and nobody here knows: it comes once more, with the same id, and is told apart by that."""
    workers: list[asyncio.subprocess.Process] = []

    def kill(_: Received) -> Response:
        if len(receiver.got) == 1:
            os.kill(workers[0].pid, signal.SIGKILL)
        return Response()

    receiver, url = await outside.receiver(kill)
    id, secret = await outside.webhook(url, clock())
    await outside.announce(clock())
    given = [temporal_address, outside.queue, outside.url, outside.key, f"127.0.0.1:{outside.ports[0]}"]

    async def begin() -> None:
        command = [sys.executable, "-m", "tests.workflows.one_worker", *given]
        root = Path(__file__).parents[2]
        workers.append(await asyncio.create_subprocess_exec(*command, cwd=root))

    await begin()
    try:
        await outside.sharer(temporal, clock).share()
        await until(lambda: bool(receiver.got))
        assert await workers[0].wait() == -signal.SIGKILL
        async with outside.database.begin() as session:
            [delivery] = (await webhook_deliveries.deliveries(session, id)).items
        assert (delivery.state, delivery.attempts) == ("waiting", 0)
        await begin()
        await until(lambda: len(receiver.got) == 2, within=60)
        await temporal.get_workflow_handle(webhook_workflow(id)).result()
    finally:
        for worker in workers:
            with suppress(ProcessLookupError):
                worker.terminate()
            await worker.wait()
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.got[0].body == receiver.got[1].body
    verify(secret, receiver.got[1].headers, receiver.got[1].body, clock())
    async with outside.database.begin() as session:
        [delivery] = (await webhook_deliveries.deliveries(session, id)).items
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
