"""One run of the proof: the local stack, customers, faults, and a hand that kills."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from local.environment import read
from local.processes import Program, StartError
from local.stack import Stack
from settings import PREFIX, LocalSettings
from tests.proof.people import ANSWERS, LISTENS, Person, Phones
from tests.proof.verdict import Verdict, judge

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("configuration.yaml")
VICTIMS = ("worker", "worker", "api", "api", "Temporal", "PostgreSQL")
"""The API's process holds the forwarder. Worker and API come twice: they are killed twice as often."""
CHAOS: dict[str, Any] = {
    "sends": {
        "lost_answer": 0.01,
        "broken_answer": 0.02,
        "lost_request": 0.005,
        "error_sent": 0.01,
        "error_unsent": 0.01,
        "odd_answer": 0.01,
        "throttled": 0.002,
    },
    "hang": 6.0,
    "webhooks": {"duplicate": 0.1, "delay": 0.1, "longest_delay": 2.0, "swap": 0.1},
}
SETTLES_WITHIN = 180.0
PATIENCE = 240.0
"""Seconds that an answer may take, over every kill that falls into them."""


class Proof:
    """Everything of one run; `careless` runs a worker that sends again without looking."""

    def __init__(
        self,
        local: LocalSettings,
        *,
        seed: int,
        conversations: int,
        messages: int,
        kills: int,
        together: int,
        careless: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self.seed = seed
        self.patience = patience
        self.chance = random.Random(seed)
        self.kills = kills
        self.killed: Counter[str] = Counter()
        self.together = asyncio.Semaphore(together)
        self.stack = Stack(ROOT, local, worker="tests.proof.careless" if careless else "worker")
        self.stuck: list[str] = []
        self.conversations, self.messages = conversations, messages
        self.people: list[Person] = []

    async def run(self) -> Verdict:
        """Start, let people write while programs die, and judge."""
        try:
            await asyncio.to_thread(self.stack.start)
            self._apply()
            limits = httpx.Limits(max_connections=200)
            async with httpx.AsyncClient(base_url=self.stack.simulator, timeout=60, limits=limits) as http:
                return await self._run(http)
        finally:
            await asyncio.to_thread(self.stack.stop)

    async def _run(self, http: httpx.AsyncClient) -> Verdict:
        began = time.monotonic()
        chaos = CHAOS | {"seed": self.seed}
        (await http.put("/control/chaos", json=chaos)).raise_for_status()
        phones = Phones(http, self.patience)
        watching = asyncio.create_task(phones.watch())
        for number in range(self.conversations):
            account = LISTENS if number % 5 == 4 else ANSWERS
            chance = random.Random(f"{self.seed}/{number}")
            self.people.append(Person(phones, account, number, self.messages, chance))
        killing = asyncio.create_task(self._kill(phones.wrote))
        await asyncio.gather(*(self._live(person) for person in self.people))
        await killing
        counted = (await http.get("/control/chaos")).json()
        (await http.put("/control/chaos", json={})).raise_for_status()
        await self._settle(http)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        verdict = Verdict(self.seed, time.monotonic() - began, self.killed, self.kills, stuck=self.stuck)
        verdict.figures["faults"] = json.dumps(counted["counters"])
        await judge(verdict, self.people, http, self._database())
        return verdict

    async def _live(self, person: Person) -> None:
        async with self.together:
            try:
                await person.live()
            except TimeoutError:
                self.stuck.append(f"customer {person.id} of {person.account} at {person.words[person.wrote - 1]}")

    # Killing ----------------------------------------------------------------------------------------------------------

    async def _kill(self, wrote: asyncio.Event) -> None:
        """Kill at random moments, spread over all that people have to say."""
        total = self.conversations * self.messages
        moments = sorted(self.chance.uniform(0.02, 0.95) * total for _ in range(self.kills))
        for moment in moments:
            while sum(person.wrote for person in self.people) < moment and self._goes_on():
                wrote.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(wrote.wait(), 5)
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            name = self.chance.choice(VICTIMS)
            program = next(one for one in self.stack.programs if one.child.name == name)
            await asyncio.to_thread(program.kill)
            self.killed[name] += 1
            print(f"kill {sum(self.killed.values())} of {self.kills}: {name}, {self._progress()}", flush=True)
            await asyncio.sleep(self.chance.uniform(0, 1.5))
            await asyncio.to_thread(_started, program)

    def _goes_on(self) -> bool:
        return any(person.wrote < len(person.words) for person in self.people) and not self.stuck

    def _progress(self) -> str:
        wrote = sum(person.wrote for person in self.people)
        return f"{wrote} of {self.conversations * self.messages} messages written"

    # Before and after -------------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        command = [sys.executable, "-m", "cli", "apply", str(CONFIGURATION), "--direct", "--note", "The proof"]
        subprocess.run(command, cwd=ROOT, env=self._environment(), check=True, capture_output=True)

    def _environment(self) -> dict[str, str]:
        return os.environ | read(self.stack.data / "switchboard.env")

    def _database(self) -> str:
        return self._environment()[f"{PREFIX}DATABASE_URL"]

    async def _settle(self, http: httpx.AsyncClient) -> None:
        """Wait until nothing is under way any more, or long enough to say that something hangs."""
        deadline = time.monotonic() + SETTLES_WITHIN
        while time.monotonic() < deadline:
            counts = (await http.get("/control/counts")).json()
            if not counts["pending"] and not await asyncio.to_thread(self._open_ends):
                return
            await asyncio.sleep(0.5)

    def _open_ends(self) -> int:
        query = (
            "SELECT (SELECT count(*) FROM messages WHERE state IN ('pending', 'sending', 'unknown'))"
            " + (SELECT count(*) FROM inbox WHERE forwarded_at IS NULL)"
        )
        with psycopg.connect(self._database()) as connection:
            [(count,)] = connection.execute(query).fetchall()
        return count


def _started(program: Program) -> None:
    """Start it again, as what watches it would: some tries, since what it held is freed only after a while."""
    for _ in range(20):
        try:
            program.start()
        except StartError:
            time.sleep(0.5)
        else:
            return
    program.start()
