"""A store with a connected account, the simulator, and the activities that work with both."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from activities.accounts import Accounts
from activities.conversations import Conversations
from activities.delivery import Deliveries
from instagram.simulator import create_app, serving
from routing.messages import CustomerMessage, Send, Visit
from routing.records import Delivery, Opened, Opening
from store import messages
from store.accounts import connect_account
from store.database import Database
from store.messages import MessageRow
from store.revisions import append_revision
from store.secrets import Vault

ACCOUNT = "17841400000000001"
CONFIGURATION = {
    "format": 1,
    "connectors": {"shop": {"title": "Shop", "account": ACCOUNT, "next": {"type": "queue", "name": "people"}}},
    "queues": {"people": {"title": "People"}},
}


@dataclass
class World:
    """What a test needs: the activities, the store, a customer who wrote, and a clock that can be moved."""

    database: Database
    vault: Vault
    simulator: httpx.AsyncClient
    accounts: Accounts
    offset: timedelta = field(default_factory=timedelta)
    customer: str = "4711"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(database=self.database, accounts=self.accounts, now=self.now)

    @property
    def conversations(self) -> Conversations:
        return Conversations(
            database=self.database,
            accounts=self.accounts,
            now=self.now,
            hash_key="a-key-of-sixteen-or-more",
            callback="https://switchboard.example.com/external/web/api/chatbotUpdate",
        )

    async def control(self, method: str, path: str, json: Any = None) -> Any:
        response = await self.simulator.request(method, f"/control{path}", json=json)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def opened(self, *keys: str) -> Opened:
        opening = Opening(
            account=ACCOUNT,
            customer=self.customer,
            workflow_id=f"ig-{ACCOUNT}-{self.customer}",
            at=self.now(),
            keys=keys or ("m:first",),
        )
        return await self.conversations.open(opening)

    async def delivery(self, *sends: Send, received: tuple[CustomerMessage, ...] = (), **more: Any) -> Delivery:
        """A delivery of the open conversation."""
        opened = await self.opened()
        assert opened.conversation is not None
        return Delivery(
            conversation=opened.conversation.name,
            account=ACCOUNT,
            customer=self.customer,
            at=self.now(),
            place="decision_trees/t/decisions/d",
            waiting="answer",
            messages=sends,
            received=received,
            visited=(Visit(path="decision_trees/t/decisions/d", at=self.now(), why="for a test"),),
            **more,
        )

    async def said(self) -> list[str]:
        """What the customer's phone shows from the shop."""
        thread = await self.control("GET", f"/accounts/{ACCOUNT}/customers/{self.customer}/thread")
        shown = thread["messages"] if isinstance(thread, dict) else thread
        return [message.get("text") or "(no text)" for message in shown if message["author"] == "api"]

    async def ledger(self, delivery: Delivery) -> list[MessageRow]:
        async with self.database.begin() as session:
            rows = await messages.transcript(session, delivery.conversation)
        return [row for row in rows if row.direction == "out"]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    database = Database(database_url)
    vault = Vault([Fernet.generate_key().decode()])
    async with (
        serving(create_app()) as url,
        httpx.AsyncClient(base_url=url) as simulator,
        httpx.AsyncClient(timeout=5) as http,
    ):
        accounts = Accounts(vault=vault, http=http, graph_urls={"page": url, "login": url}, version="v26.0")
        made = World(database, vault, simulator, accounts)
        async with database.begin() as session:
            await connect_account(
                session,
                vault,
                id=ACCOUNT,
                flavour="login",
                username="cornershop",
                name=None,
                page_id=None,
                token="IGAA-simulated-1",
                token_expires_at=None,
            )
            await append_revision(session, digest="d", document=CONFIGURATION, author="test", note="")
        customers = f"/accounts/{ACCOUNT}/customers"
        await made.control("POST", customers, {"id": made.customer, "username": "jana", "name": "Jana"})
        await made.control("POST", f"{customers}/{made.customer}/messages", {"text": "hi"})
        yield made
        await database.close()
