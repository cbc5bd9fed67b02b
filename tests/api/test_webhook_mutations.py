"""Whatever a webhook's body is, the answer is never of the kind 5xx, and a sound event in it is kept once."""

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.dependencies import Parts
from local import ports
from store.database import Database
from store.secrets import Vault
from tests.api.conftest import SECRET, signed
from tests.instagram.mutations import written
from tests.instagram.test_mutations import CONTENTS, entry, envelope, mutated
from workflows.plugin import connect

ACCOUNT = "17841400000000042"


class Receiver:
    """An API in a thread of its own, so that Hypothesis can ask it without a loop."""

    def __init__(self, url: str, database_url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        self.database = psycopg.connect(database_url, autocommit=True)

    def receive(self, body: str) -> int:
        content = body.encode()
        headers = {"X-Hub-Signature-256": signed(content), "Content-Type": "application/json"}
        return self.http.post("/webhooks/instagram", content=content, headers=headers).status_code

    def kept(self, mid: str) -> int:
        query = "SELECT count(*) FROM inbox WHERE key = %s"
        [(count,)] = self.database.execute(query, [f"m:{mid}"]).fetchall()
        return count


@pytest.fixture
def receiver(database_url: str) -> Iterator[Receiver]:
    port = ports.free()
    server: list[uvicorn.Server] = []

    async def serve() -> None:
        database = Database(database_url)
        parts = Parts(
            database=database,
            temporal=await connect(f"127.0.0.1:{ports.free()}", lazy=True),
            vault=Vault([Fernet.generate_key().decode()]),
            task_queue="none",
            verify_token="none",
            app_secrets=(SECRET,),
            temporal_ui_url="http://127.0.0.1",
            now=lambda: datetime.now(UTC),
        )
        config = uvicorn.Config(create_app(parts), port=port, log_config=None, access_log=False, ws="none")
        server.append(uvicorn.Server(config))
        await server[0].serve()
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(f"{url}/healthz")
            break
        except httpx.TransportError:
            threading.Event().wait(0.05)
    made = Receiver(url, database_url)
    yield made
    made.http.close()
    made.database.close()
    server[0].should_exit = True
    thread.join(20)


@given(before=st.lists(mutated(), max_size=2), after=st.lists(mutated(), max_size=2))
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
)
def test_a_sound_event_is_kept_beside_anything(receiver: Receiver, before: list[Any], after: list[Any]) -> None:
    mid = uuid.uuid4().hex
    content = json.loads(json.dumps(CONTENTS["text"]).replace("m1", mid))
    body = written([*before, envelope(entry(content, "messaging", ACCOUNT)), *after])
    assert receiver.receive(body) == 200
    assert receiver.kept(mid) == 1


@given(mutated())
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
)
def test_no_body_is_a_mistake_of_ours(receiver: Receiver, value: Any) -> None:
    assert receiver.receive(written(value)) in (200, 400)
