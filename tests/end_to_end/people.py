"""People at the desk, by API tokens: they do over HTTP what the console does."""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from store.database import Database
from store.tokens import create_token
from store.users import Role, create_user
from tests.end_to_end.conftest import Customer, System, until


class Colleague:
    """Somebody with a token of their own."""

    def __init__(self, system: System, name: str, role: Role = "agent") -> None:
        self.system = system
        self.name = f"{name}-{os.getpid()}-{time.time_ns() % 10**9}"
        self.token = asyncio.run(self._made(role))

    async def _made(self, role: Role) -> str:
        database = Database(self.system.environment["SWITCHBOARD_DATABASE_URL"])
        now = datetime.now(UTC)
        async with database.begin() as session:
            await create_user(session, name=self.name, role=role, now=now, password="nobody logs in with this")
            values: Any = {"owner": self.name, "name": "desk", "role": role, "expires_at": None, "now": now}
            _, token = await create_token(session, **values)
        await database.close()
        return token

    def asks(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        signed = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.system.http.request(method, f"{self.system.api}/api/v1/{path}", headers=signed, **more)

    def does(self, talk: str, what: str, expect: int, **body: Any) -> Any:
        """POST to a conversation."""
        done = self.asks("POST", f"conversations/{talk}/{what}", **body)
        assert done.status_code == expect, done.text
        return done.json() if done.content else None

    def reads(self, path: str) -> Any:
        found = self.asks("GET", path)
        assert found.status_code == 200, found.text
        return found.json()

    def transcript(self, talk: str) -> list[dict[str, Any]]:
        """The oldest first."""
        return self.reads(f"conversations/{talk}/messages?limit=200")["items"][::-1]

    def is_ready(self) -> None:
        done = self.asks("PATCH", "agents/me", json={"state": "ready"})
        assert done.status_code == 200, done.text


def waiting(system: System, customer: Customer, seconds: float = 40) -> str:
    """The customer's conversation, once it waits for people."""
    query = (
        "SELECT c.name FROM stays s JOIN conversations c ON c.name = s.conversation"
        " WHERE c.customer = %s AND c.account = %s AND s.agent IS NULL AND s.left_at IS NULL"
    )
    until(lambda: system.sql(query, customer.id, customer.account), seconds)
    [(name,)] = system.sql(query, customer.id, customer.account)
    return name
