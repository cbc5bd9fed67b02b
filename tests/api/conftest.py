"""A real API on a socket, with real PostgreSQL and Temporal behind it, and a workflow that records what it is told."""

import asyncio
import hashlib
import hmac
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI
from sqlalchemy import text
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api import webhooks
from api.app import create_app
from api.dependencies import Parts
from routing.messages import AgentWrote, BotReplied, CustomerMessage, Event, Wrote
from store.accounts import connect_account
from store.conversations import open_conversation
from store.database import Database
from store.revisions import append_revision
from store.secrets import Vault
from workflows.plugin import connect
from workflows.records import Received, Start, workflow_id

SECRET = "the app secret of the tests"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@workflow.defn(name="Conversation")
class Recorder:
    """Stands in for the conversation's workflow: keeps what it is told, until it is told to end."""

    def __init__(self) -> None:
        self.told: list[Received] = []
        self.ended = False

    @workflow.run
    async def run(self, start: Start) -> str:
        await workflow.wait_condition(lambda: self.ended)
        return start.customer

    @workflow.signal
    def received(self, received: Received) -> None:
        self.told.append(received)

    @workflow.signal
    def end(self) -> None:
        self.ended = True

    @workflow.query
    def signals(self) -> list[Received]:
        return self.told


@workflow.defn(dynamic=True)
class Other:
    """Stands in for every other workflow, and ends at once."""

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        return "done"


class Shop:
    """One connected account: its API on a socket, its database, its customers and their workflows."""

    def __init__(self, account: str, parts: Parts, temporal: Client, http: httpx.AsyncClient) -> None:
        self.account = account
        self.parts = parts
        self.temporal = temporal
        self.http = http

    async def deliver(self, *items: dict[str, Any], account: str | None = None) -> httpx.Response:
        """A signed webhook with these items."""
        return await self.post([{"id": account or self.account, "time": 1, "messaging": list(items)}])

    async def post(self, entries: list[dict[str, Any]]) -> httpx.Response:
        return await self.send(json.dumps({"object": "instagram", "entry": entries}).encode())

    async def send(self, body: bytes) -> httpx.Response:
        headers = {"X-Hub-Signature-256": signed(body), "Content-Type": "application/json"}
        return await self.http.post("/webhooks/instagram", content=body, headers=headers)

    def message(self, mid: str, words: str | None = None, second: int = 0, customer: str = "anna", **more: Any) -> Any:
        said = {"text": words} if words is not None else {}
        return self.item(customer, second, message={"mid": mid, **said, **more})

    def echo(self, mid: str, words: str | None = None, second: int = 0, customer: str = "anna", **more: Any) -> Any:
        item = self.message(mid, words, second, customer, is_echo=True, **more)
        return item | {"sender": item["recipient"], "recipient": item["sender"]}

    def item(self, customer: str = "anna", second: int = 0, **content: Any) -> dict[str, Any]:
        at = int((NOON + timedelta(seconds=second)).timestamp() * 1000)
        return {"sender": {"id": customer}, "recipient": {"id": self.account}, "timestamp": at, **content}

    async def outcomes(self) -> dict[str, str | None]:
        """Of each event in the inbox, by key."""
        async with self.parts.database.begin() as session:
            rows = await session.execute(text("SELECT key, outcome FROM inbox"))
            return {row.key: row.outcome for row in rows}

    async def settled(self, within: float = 20) -> dict[str, str | None]:
        """The outcomes, once nothing is pending any more."""
        deadline = time.monotonic() + within
        while None in (found := await self.outcomes()).values():
            assert time.monotonic() < deadline, f"still pending: {found}"
            await asyncio.sleep(0.02)
        return found

    async def until(self, holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
        deadline = time.monotonic() + within
        while not await holds():
            assert time.monotonic() < deadline, f"it never came to that: {await self.outcomes()}"
            await asyncio.sleep(0.02)

    async def told(self, customer: str = "anna") -> list[list[Event]]:
        """The events of each signal that the customer's workflow got, in order."""
        handle = self.temporal.get_workflow_handle(workflow_id(self.account, customer))
        return [list(received.events) for received in await handle.query(Recorder.signals)]

    async def wrote(self, customer: str = "anna") -> list[list[CustomerMessage]]:
        """The customer's messages, by signal."""
        signals = await self.told(customer)
        return [list(event.messages) for events in signals for event in events if isinstance(event, Wrote)]

    async def texts(self, customer: str = "anna") -> list[str]:
        return [message.text for messages in await self.wrote(customer) for message in messages]

    async def typed(self, customer: str = "anna") -> list[AgentWrote]:
        signals = await self.told(customer)
        return [event for events in signals for event in events if isinstance(event, AgentWrote)]

    async def replied(self, customer: str = "anna") -> list[BotReplied]:
        signals = await self.told(customer)
        return [event for events in signals for event in events if isinstance(event, BotReplied)]

    async def open(self, customer: str = "anna", **more: Any) -> str:
        """A conversation of this customer in the store, without a workflow; its name."""
        name = f"igdm_{uuid.uuid4().hex[:24]}"
        async with self.parts.database.begin() as session:
            await open_conversation(
                session,
                name=name,
                account=self.account,
                customer=customer,
                connector="main",
                workflow_id=workflow_id(self.account, customer),
                revision=1,
                opened_at=NOON,
                **more,
            )
        return name

    async def start(self, customer: str = "anna") -> None:
        """A workflow of this customer, without a conversation in the store."""
        await self.temporal.start_workflow(
            "Conversation",
            Start(account=self.account, customer=customer),
            id=workflow_id(self.account, customer),
            task_queue=self.parts.task_queue,
        )

    async def end(self, customer: str = "anna") -> None:
        handle = self.temporal.get_workflow_handle(workflow_id(self.account, customer))
        await handle.signal(Recorder.end)
        await handle.result()

    async def counter(self, line: str) -> float:
        """The value of a counter in /metrics."""
        lines = (await self.http.get("/metrics")).text.splitlines()
        return next((float(found.rsplit(" ", 1)[1]) for found in lines if found.startswith(line + " ")), 0.0)


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


Serve = Callable[[FastAPI], AbstractAsyncContextManager[str]]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How fast a busy machine keeps events is nothing that these tests ask; one of test_webhooks does."""
    monkeypatch.setattr(webhooks, "PATIENCE", 15)


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    # asyncio turns Nagle's delay off only for sockets that say they are TCP: 40 ms an answer otherwise.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            assert not task.done(), "the server ended at once"
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def serve() -> Serve:
    """Runs an application on a free port; gives its address."""
    return _served


@pytest.fixture
def sign() -> Callable[..., str]:
    """`sha256=` and the HMAC of a body, under the app secret or another one."""
    return signed


@pytest.fixture
def account() -> str:
    """An account of this test's own, since all tests share one Temporal server."""
    return f"1784{uuid.uuid4().int % 10**13:013d}"


def document(account: str) -> dict[str, Any]:
    return {
        "format": 1,
        "languages": {"default": "en", "offered": ["en", "cs"]},
        "connectors": {
            "main": {"title": "Main", "account": account, "next": {"type": "queue", "name": "support"}},
            "unconnected": {"title": "Not yet", "next": {"type": "queue", "name": "support"}},
        },
        "queues": {"support": {"title": "Support"}, "10001": {"title": "By number"}},
        "chatbots": {
            "open": {
                "title": "Unsigned",
                "url": "https://bot.example.com",
                "fallback": {"type": "queue", "name": "support"},
            },
            "signed": {
                "title": "Signed",
                "url": "https://bot.example.com",
                "fallback": {"type": "queue", "name": "support"},
                "secret": "secrets.bot_key",
            },
        },
    }


@pytest.fixture
async def parts(database_url: str, free_port: Callable[[], int], account: str) -> AsyncIterator[Parts]:
    """The API's parts with one connected account at revision 1, and with a Temporal that is not there."""
    database = Database(database_url)
    vault = Vault([Fernet.generate_key().decode()])
    async with database.begin() as session:
        await connect_account(
            session,
            vault,
            id=account,
            flavour="login",
            username="shop",
            name=None,
            page_id=None,
            token="token",
            token_expires_at=None,
        )
        await append_revision(session, digest="1", document=document(account), author="test", note="")
    yield Parts(
        database=database,
        temporal=await connect(f"127.0.0.1:{free_port()}", lazy=True),
        vault=vault,
        task_queue=f"api-{uuid.uuid4().hex}",
        verify_token="meatyhamhock",
        app_secrets=("another secret", SECRET),
        temporal_ui_url="http://temporal.example.com",
        now=lambda: datetime.now(UTC),
    )
    await database.close()


@asynccontextmanager
async def _opened(account: str, parts: Parts) -> AsyncIterator[Shop]:
    async with _served(create_app(parts)) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield Shop(account, parts, parts.temporal, http)


@pytest.fixture
async def lonely(account: str, parts: Parts) -> AsyncIterator[Shop]:
    """A shop whose API has no Temporal."""
    async with _opened(account, parts) as shop:
        yield shop


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await connect(temporal_address)


@pytest.fixture
def recording() -> Callable[[Client, str], Worker]:
    """A worker that runs the recording workflow."""

    def worker(temporal: Client, task_queue: str) -> Worker:
        return Worker(
            temporal, task_queue=task_queue, workflows=[Recorder, Other], workflow_runner=UnsandboxedWorkflowRunner()
        )

    return worker


@pytest.fixture
async def shop(
    account: str, parts: Parts, temporal: Client, recording: Callable[[Client, str], Worker]
) -> AsyncIterator[Shop]:
    """A shop with all of it."""
    whole = replace(parts, temporal=temporal)
    async with recording(temporal, parts.task_queue), _opened(account, whole) as shop:
        yield shop


@pytest.fixture
def opened() -> Callable[[str, Parts], AbstractAsyncContextManager[Shop]]:
    """Runs one more API for an account, on these parts."""
    return _opened
