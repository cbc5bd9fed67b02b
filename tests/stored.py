"""A rehearsal that runs as the real workflow and writes into the real store: so there are recordings to read."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
from cryptography.fernet import Fernet
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import Accounts
from activities.conversations import Conversations
from activities.delivery import Deliveries
from routing.accounts import with_account
from routing.graph import Graph, canonical, digest
from routing.messages import Delivered, End, Enqueue, Enqueued, MakeTicket, TicketCreated
from routing.recordings import Recording
from routing.records import Delivery, Opened, Opening
from routing.rehearsal import Detect
from routing.scenarios import Scenario, world_of
from store import contacts, messages, recordings, revisions
from store.database import Database
from store.secrets import Vault
from tests.durable import DurableRehearsal

ACCOUNT = "account"
"""The account of every durable rehearsal."""
ON_THE_WAY = timedelta(milliseconds=1)
"""So long after the step a message has left; customers of rehearsals are quick to answer."""


@contextmanager
def stored(
    url: str, graph: Graph, scenario: Scenario, detect: Detect | None = None, *, limit: int = 1000
) -> Generator["StoredRehearsal"]:
    """A scenario's world; `url` is that of a migrated database, in which the graph becomes the next revision.

    Histories are cut at `limit` events.
    """
    authorised = Graph(with_account(graph.configuration, scenario.connector, ACCOUNT))
    world = world_of(StoredRehearsal, authorised, scenario, detect)
    world.url = url
    world.begin(limit, False)
    try:
        yield world
    finally:
        world.close()


class StoredRehearsal(DurableRehearsal):
    """The activities that touch the store are the real ones; Instagram takes every message."""

    url = ""
    beside: asyncio.Task[None] | None = None
    """What else works on this server."""

    def recordings(self, limit: int = 100) -> list[Recording]:
        """The newest recordings, as they are now."""

        async def read() -> list[Recording]:
            async with self.database.begin() as session:
                return await recordings.recordings(session, now=self.now, limit=limit)

        return self.loop(read())

    async def _start(self) -> None:
        self.database = Database(self.url)
        self.http = httpx.AsyncClient()
        accounts = Accounts(Vault([Fernet.generate_key().decode()]), self.http, {}, "v26.0")
        self.deliveries = Deliveries(self.database, accounts, self._now)
        self.talks = Conversations(
            self.database, accounts, self._now, "a-key-of-sixteen-or-more", "https://x.example.com"
        )
        document = canonical(self.graph.configuration)
        async with self.database.begin() as session:
            current = await revisions.current_revision(session)
            if current is None or current.digest != digest(document):
                await revisions.append_revision(
                    session, digest=digest(document), document=json.loads(document), author="test", note=""
                )
            who = self.customer
            await contacts.save_profile(
                session, ACCOUNT, who.id, username=who.username, name=who.name, picture=None, at=self.now
            )
            for name, value in self.contact.items():
                await contacts.save_field(session, ACCOUNT, who.id, name, value)
        await super()._start()

    async def _stop(self) -> None:
        await super()._stop()
        await self.http.aclose()
        await self.database.close()

    def _now(self) -> datetime:
        return self.now

    # The activities ---------------------------------------------------------------------------------------------------

    @activity.defn(name="open")
    async def open(self, opening: Opening) -> Opened:
        return await self.talks.open(opening)

    @activity.defn(name="deliver")
    async def deliver(self, delivery: Delivery) -> Delivered:
        if self.away:
            self.away -= 1
            raise ApplicationError("Instagram is away")
        rows = await self.deliveries.record(delivery)
        left = delivery.at + ON_THE_WAY if rows else delivery.at
        async with self.database.begin() as session:
            for row in rows:
                await messages.mark_sending(session, row.key, left)
                await messages.mark_sent(session, row.key, f"mid/{row.key}", left)
        self.said += delivery.messages
        self.contact.update(delivery.contact)
        self.recorded.append(delivery)
        return Delivered(at=left)

    @activity.defn(name="taken_steps")
    async def taken_steps(self, conversation: str, keys: list[str]) -> dict[str, int]:
        return await self.deliveries.taken_steps(conversation, keys)

    @activity.defn(name="create_ticket")
    async def create_ticket(self, command: MakeTicket, conversation: str) -> TicketCreated:
        self.tickets.append(command)
        return await self.talks.create_ticket(command, conversation)

    @activity.defn(name="enqueue")
    async def enqueue(self, command: Enqueue, conversation: str) -> Enqueued:
        self.queued.append(command)
        return await self.talks.enqueue(command, conversation)

    @activity.defn(name="end")
    async def end(self, command: End, conversation: str) -> None:
        self.ends.append(command)
        self.ended.add(conversation)
        await self.talks.end(command, conversation)
