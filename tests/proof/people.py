"""The customers of the proof: each writes, waits for the answer where one is due, and writes again."""

import asyncio
import json
import random
from collections import defaultdict
from contextlib import suppress
from typing import Any

import httpx

ANSWERS, LISTENS = "17841400000000001", "17841400000000002"


class Phones:
    """Everybody's phones: one stream tells which thread changed. An answer may take `patience` seconds."""

    def __init__(self, http: httpx.AsyncClient, patience: float) -> None:
        self.http = http
        self.patience = patience
        self.changed: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self.wrote = asyncio.Event()

    async def watch(self) -> None:
        """Follow the simulator's stream until cancelled."""
        async with self.http.stream("GET", "/control/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    change: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    if "customer" in change:
                        self.changed[change["account"], change["customer"]].set()


class Person:
    """One customer of one account."""

    def __init__(self, phones: Phones, account: str, number: int, messages: int, chance: random.Random) -> None:
        self.phones = phones
        self.account = account
        self.id = str(4_000_000_000 + number)
        self.chance = chance
        self.words = [f"message {number}-{index}" for index in range(messages)]
        self.wrote = 0

    @property
    def path(self) -> str:
        return f"/control/accounts/{self.account}/customers/{self.id}"

    async def live(self) -> None:
        """Say everything; raises TimeoutError where an answer does not come."""
        made = {"id": self.id, "username": f"c{self.id}"}
        (await self.phones.http.post(f"/control/accounts/{self.account}/customers", json=made)).raise_for_status()
        for index, word in enumerate(self.words):
            await asyncio.sleep(self.chance.uniform(0, 1.5))
            (await self.phones.http.post(f"{self.path}/messages", json={"text": word})).raise_for_status()
            self.wrote = index + 1
            self.phones.wrote.set()
            if self.account == ANSWERS:
                async with asyncio.timeout(self.phones.patience):
                    await self._answered(len(expected(self.account, self.words[: self.wrote])))

    async def _answered(self, count: int) -> None:
        news = self.phones.changed[self.account, self.id]
        while True:
            news.clear()
            found = (await self.phones.http.get(f"{self.path}/thread")).json()
            if sum(message["from"] == "business" for message in found["messages"]) >= count:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), 5)


def expected(account: str, words: list[str]) -> list[str]:
    """What the account says to these words; `#` stands for a ticket's number."""
    if account == LISTENS:
        return ["Somebody will read it."] if words else []
    said = ["What after nothing?"] if words else []
    for word in words[1:]:
        said += [f"{word} is ticket #", f"What after {word}?"]
    return said
