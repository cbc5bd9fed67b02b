"""The API is killed between its own transaction and the conversation's workflow: the acceptance arrives anyway."""

import asyncio
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

import worker
from routing.conversation import AwaitsAgent
from routing.messages import CustomerMessage, Wrote
from settings import Settings
from store import queues
from store.accounts import connect_account
from store.database import Database
from store.queues import Stay
from store.revisions import append_revision
from store.secrets import Vault
from store.tokens import create_token
from store.trace import trace
from store.users import create_user
from workflows.conversation import Conversation
from workflows.desk import AT_LEAST, desk_id
from workflows.plugin import connect
from workflows.records import Received, Start, workflow_id

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
ROOT = Path(__file__).parents[2]
KEY = Fernet.generate_key().decode()


async def until(holds: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """What it answers once that is something."""
    deadline = time.monotonic() + seconds
    while not (found := await holds()):
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.05)
    return found


async def furnish(database: Database, account: str) -> str:
    """An account whose customers come into a queue at once, and eva; the secret of her API token."""
    document = {
        "format": 1,
        "connectors": {"main": {"title": "Main", "account": account, "next": {"type": "queue", "name": "support"}}},
        "queues": {"support": {"title": "Support"}},
    }
    now = datetime.now(UTC)
    about: dict[str, Any] = {"username": "shop", "name": None, "page_id": None, "token_expires_at": None}
    async with database.begin() as session:
        await connect_account(session, Vault([KEY]), id=account, flavour="login", token="token", **about)
        await append_revision(session, digest="1", document=document, author="test", note="")
        await create_user(session, name="eva", role="agent", now=now)
        _, secret = await create_token(session, owner="eva", name="t", role="agent", expires_at=None, now=now)
    return secret


async def test_an_acceptance_survives_the_api(
    database_url: str, temporal_address: str, free_port: Callable[[], int], account: str, tmp_path: Path
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    given: dict[str, Any] = {
        "database_url": database_url,
        "encryption_keys": KEY,
        "hash_key": "a hash key of the tests",
        "app_secrets": "secret",
        "webhook_verify_token": "token",
        "attachments_url": f"file://{tmp_path}/attachments",
        "login_graph_url": nowhere,
        "page_graph_url": nowhere,
        "task_queue": f"killed-{uuid.uuid4().hex}",
    }
    config = Settings(**given)
    database, temporal = Database(database_url), await connect(temporal_address)
    secret = await furnish(database, account)
    name = workflow_id(account, "anna")
    handle = temporal.get_workflow_handle_for(Conversation.run, name)

    async def stay() -> Stay | None:
        async with database.begin() as session:
            rows = await queues.waiting(session, "support")
            return rows[0] if rows else None

    async with httpx.AsyncClient(timeout=2) as http:
        async with worker.worker(temporal, database, http, config):
            wrote = Wrote(messages=(CustomerMessage(key="m:1", at=datetime.now(UTC), text="hi"),))
            await temporal.start_workflow(
                "Conversation",
                Start(account=account, customer="anna"),
                id=name,
                task_queue=config.task_queue,
                start_signal="received",
                start_signal_args=[Received(events=(wrote,))],
            )
            waiting: Stay = await until(stay)
        await _accepted_and_killed(database, config, secret, waiting.conversation, free_port())
        async with worker.worker(temporal, database, http, config):

            async def confirmed() -> Stay | None:
                async with database.begin() as session:
                    found = await queues.stay(session, waiting.conversation)
                return found if found is not None and found.confirmed_at is not None else None

            # Where it had looked just before, the desk looks again after this time.
            assert (await until(confirmed, 2 * AT_LEAST.total_seconds())).agent == "eva"
            state = await handle.query(Conversation.position)
            async with database.begin() as session:
                visits = [row.why for row in await trace(session, waiting.conversation)]
    assert state is not None
    assert isinstance(state.waiting, AwaitsAgent)
    assert state.waiting.agent == "eva"
    assert visits.count("accepted by eva") == 1
    for id in (name, desk_id(config.task_queue)):
        await temporal.get_workflow_handle(id).terminate()
    await database.close()


async def _accepted_and_killed(database: Database, config: Settings, secret: str, name: str, port: int) -> None:
    """An API whose Temporal takes connections and never says a word accepts, and is killed before it could tell."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = os.environ | {
            "SWITCHBOARD_DATABASE_URL": config.database_url.get_secret_value(),
            "SWITCHBOARD_ENCRYPTION_KEYS": KEY,
            "SWITCHBOARD_HASH_KEY": "a hash key of the tests",
            "SWITCHBOARD_APP_SECRETS": "secret",
            "SWITCHBOARD_WEBHOOK_VERIFY_TOKEN": "token",
            "SWITCHBOARD_ATTACHMENTS_URL": config.attachments_url,
            "SWITCHBOARD_API_PORT": str(port),
            "SWITCHBOARD_TEMPORAL_ADDRESS": f"127.0.0.1:{silent.getsockname()[1]}",
            "SWITCHBOARD_TASK_QUEUE": config.task_queue,
        }
        api = await asyncio.create_subprocess_exec(sys.executable, "-m", "api", cwd=ROOT, env=environment)
        try:
            headers = {"Authorization": f"Bearer {secret}"}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:

                async def serves() -> bool:
                    try:
                        return (await http.get("/healthz")).is_success
                    except httpx.TransportError:
                        return False

                await until(serves)
                asking = asyncio.create_task(http.post(f"/api/v1/conversations/{name}/accept"))

                async def written() -> bool:
                    async with database.begin() as session:
                        found = await queues.stay(session, name)
                    return found is not None and found.agent == "eva"

                await until(written)
                assert not asking.done(), "nobody was told yet"
                api.send_signal(signal.SIGKILL)
                with pytest.raises(httpx.TransportError):
                    await asking
        finally:
            if api.returncode is None:
                with suppress(ProcessLookupError):
                    api.kill()
            await api.wait()
