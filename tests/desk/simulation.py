"""A day at the desk in seconds: customers who come and leave, and agents who accept, ignore, pause, vanish and close.

The clock is moved; everything else is the product's own: the activities, the routes' functions, PostgreSQL.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import select
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.conversations import Conversations
from activities.desk import Desk, Told
from api import agents, offers
from api.access import Principal
from api.dependencies import Parts
from api.errors import Refusal
from routing.configuration import Queue
from routing.messages import AgentAccepted, End, Enqueue
from store import desk, queues, tables
from store.agents import BEAT, at_work, set_distribution
from store.conversations import open_conversation
from store.database import Database
from store.revisions import append_revision
from store.users import create_user

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
USUAL = (3, 2, 1)
OWN: dict[int, list[int]] = {0: [1], 1: [6, 6, 6, 6, 6, 6], 2: [0, 3], 3: [2, 0]}
"""Distributions that some agents have for themselves, by their number."""
TEAM = ("agent03", "agent04", "agent05", "agent06")
QUEUES: dict[str, dict[str, Any]] = {
    "urgent": {"title": "Urgent", "strategy": "least_recent", "priority": 0, "ring_time": 20},
    "normal": {"title": "Normal", "strategy": "least_recent", "last_agent": "PT1H"},
    "team": {"title": "Team", "strategy": "least_recent", "priority": 3, "agents": list(TEAM), "ring_time": 15},
    "by-hand": {"title": "By hand", "strategy": "pull", "priority": 2},
}
PLACES = ("urgent", "normal", "normal", "normal", "team", "by-hand", queues.UNASSIGNED)


@dataclass
class Agent:
    """Somebody at work, with what their screen shows; who is away sends no heartbeat until `away_until`."""

    principal: Principal
    chance: random.Random
    beat_at: datetime = NOON
    away_until: datetime | None = None
    back_at: datetime | None = None
    has: list[str] = field(default_factory=list[str])
    state: str = "offline"
    ringing: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        return self.principal.name


class Simulation:
    """One run; `counted` says how often what happened, so that a test can see that everything did."""

    def __init__(self, database: Database, *, seed: int, conversations: int, people: int) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.time = NOON
        self.ticks = 0
        self.parts = Parts(
            database=database,
            temporal=cast(Client, None),
            vault=cast(Any, None),
            task_queue="",
            verify_token="",
            app_secrets=(),
            temporal_ui_url="",
            now=self.now,
            distribution=USUAL,
        )
        self.conversations = Conversations(
            database=database, accounts=cast(Any, None), now=self.now, hash_key="", callback="", wake=self.wake
        )
        self.desk = Desk(database, self.tell, self.now, USUAL)
        self.wanted = True
        self.again_at = NOON
        self.people = [self._agent(number, seed) for number in range(people)]
        self.to_come = [f"igdm_{number:024x}" for number in range(conversations)]
        self.places: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}
        self.counted: Counter[str] = Counter()
        self.queues = {name: Queue.model_validate(one) for name, one in QUEUES.items()}

    def now(self) -> datetime:
        """The clock; no two readings are the same."""
        self.time += timedelta(microseconds=1)
        return self.time

    async def wake(self) -> None:
        self.wanted = True

    async def tell(self, workflow: str, conversation: str, event: AgentAccepted) -> Told:
        """The workflow takes an acceptance, or is told of it again later; what it does then is what deliveries do."""
        if self.chance.random() < 0.1:
            return "unreachable"
        assert event.entered is not None
        async with self.database.begin() as session:
            await queues.confirm(session, conversation, event.entered, event.agent, self.now())
        return "taken"

    # A run ------------------------------------------------------------------------------------------------------------

    async def run(self, most: int = 1500) -> None:
        """Until everybody was served or has left; raises AssertionError when that takes too long."""
        await self._furnish()
        while self.to_come or await self._open():
            self.ticks += 1
            assert self.ticks < most, f"{len(self.to_come)} to come, {await self._open()} open: it never ends"
            self.time += timedelta(seconds=self.chance.choice((1, 2, 5)))
            await self._world()
            await self._screens()
            acts = [self._acts(agent) for agent in self.people]
            self.chance.shuffle(acts)
            # The desk looks while people act, as it does in reality.
            await asyncio.gather(*acts, self._look())
            await self._look()

    async def _open(self) -> int:
        async with self.database.begin() as session:
            return await desk.count(session) + sum(len(agent.has) for agent in self.people)

    async def _look(self) -> None:
        """As the desk's workflow does: when it was signalled, and when something is due."""
        if not self.wanted and self.time < self.again_at:
            return
        self.wanted = False
        looked = await self.desk.look()
        self.counted["offers"] += looked.made
        if looked.untold:
            self.counted["told again"] += await ActivityEnvironment().run(self.desk.tell_accepted)
        self.again_at = self.time + (looked.again_in or timedelta(minutes=1))

    # The world --------------------------------------------------------------------------------------------------------

    async def _world(self) -> None:
        """Customers come, and some do not wait for ever."""
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 6))):
            if self.to_come:
                await self._comes(self.to_come.pop(0))
        if self.chance.random() < 0.1:
            await self._leaves()

    async def _comes(self, name: str) -> None:
        queue = self.places[name] = self.chance.choice(PLACES)
        wanted = self.chance.choice(self.people).name if self.chance.random() < 0.1 else None
        priority = QUEUES[queue].get("priority", 5) if queue else queues.LAST
        async with self.database.begin() as session:
            await open_conversation(
                session,
                name=name,
                account="shop",
                customer=f"customer{self.chance.randrange(40)}",
                connector="main",
                workflow_id=name,
                revision=1,
                opened_at=self.time,
            )
        command = Enqueue(
            key=name, path=f"queues/{queue}", queue=queue, priority=priority, at=self.now(), wanted=wanted
        )
        await self.conversations.enqueue(command, name)
        self.counted["came"] += 1

    async def _leaves(self) -> None:
        """Somebody who waits, offered or not, leaves the queue: the longest wait is over, or a supervisor closed it."""
        async with self.database.begin() as session:
            waiting = [one.conversation for name in PLACES for one in await queues.line(session, name, 100)]
        if waiting:
            await self._end(self.chance.choice(sorted(set(waiting))))
            self.counted["left"] += 1

    async def _end(self, name: str) -> None:
        await self.conversations.end(End(path="p", at=self.now(), cause="user"), name)

    # People -----------------------------------------------------------------------------------------------------------

    async def _screens(self) -> None:
        """What everybody sees now, and acts upon a moment later, when it may be different."""
        async with self.database.begin() as session:
            states = {one.name: one.state for one in await at_work(session)}
            rows = await session.execute(
                select(tables.offers.c.agent, tables.offers.c.conversation)
                .where(tables.offers.c.outcome.is_(None))
                .order_by(tables.offers.c.id)
            )
            ringing = [(str(agent), str(conversation)) for agent, conversation in rows]
            self.lines = {
                queue: [one.conversation for one in await queues.line(session, queue, 1)]
                for queue in ("by-hand", queues.UNASSIGNED, "team")
            }
        for agent in self.people:
            agent.state = states[agent.name]
            agent.ringing = [conversation for name, conversation in ringing if name == agent.name]

    async def _acts(self, agent: Agent) -> None:
        """What one agent does in a moment."""
        if agent.away_until is not None:
            if self.time < agent.away_until:
                return
            agent.away_until = None
            self.counted["came back"] += 1
        if self.time - agent.beat_at >= BEAT:
            agent.beat_at = self.time
            await agents.heartbeat(self.parts, agent.principal)
        chance = agent.chance.random()
        ending = not self.to_come
        if agent.back_at is not None and self.time < agent.back_at:
            return
        if agent.state != "ready":
            agent.back_at = None
            await self._becomes(agent, "ready")
        elif chance < 0.02 and not ending:
            agent.away_until = self.time + timedelta(seconds=agent.chance.randrange(20, 200))
            self.counted["vanished"] += 1
            return
        elif chance < 0.04 and not ending:
            agent.back_at = self.time + timedelta(seconds=agent.chance.randrange(5, 100))
            await self._becomes(agent, "paused", "Lunch")
            return
        await self._answers(agent)
        if agent.chance.random() < (0.6 if ending else 0.2):
            await self._takes(agent)
        for name in list(agent.has):
            if agent.chance.random() < 0.15:
                agent.has.remove(name)
                await self._end(name)
                self.counted["closed"] += 1

    async def _becomes(self, agent: Agent, state: Any, reason: str | None = None) -> None:
        await agents.change_my_state(self.parts, agent.principal, agents.MyState(state=state, reason=reason))
        self.counted[state] += 1

    async def _answers(self, agent: Agent) -> None:
        """Accept, decline or ignore what rings."""
        for name in agent.ringing:
            chance = agent.chance.random()
            if chance < 0.3:
                await self._accepts(agent, name)
            elif chance < 0.35:
                with suppress(Refusal):
                    await offers.decline(self.parts, agent.principal, name)
                    self.counted["declined"] += 1

    async def _takes(self, agent: Agent) -> None:
        """Take the first of a line by hand; several do that at once, and not all of them may."""
        for name in self.lines[agent.chance.choice(("by-hand", queues.UNASSIGNED, "team"))]:
            await self._accepts(agent, name)

    async def _accepts(self, agent: Agent, name: str) -> None:
        try:
            await offers.accept(self.parts, agent.principal, name)
        except Refusal as refusal:
            self.counted[f"refused {refusal.status_code}"] += 1
        else:
            agent.has.append(name)
            self.counted["accepted"] += 1

    # The beginning ----------------------------------------------------------------------------------------------------

    def _agent(self, number: int, seed: int) -> Agent:
        name = f"agent{number:02}"
        return Agent(Principal(name, name, "agent", "session", "", None), random.Random(f"{seed}/{name}"))

    async def _furnish(self) -> None:
        document = {"format": 1, "queues": QUEUES}
        async with self.database.begin() as session:
            await append_revision(session, digest="1", document=document, author="test", note="")
            for number, agent in enumerate(self.people):
                await create_user(session, name=agent.name, role="agent", now=NOON)
                if number in OWN:
                    await set_distribution(session, agent.name, OWN[number])
