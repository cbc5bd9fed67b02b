"""A listener to server-sent events, as the HTML standard describes one: it resumes by the last id that it was told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

PATH = "/api/v1/events"


@dataclass(frozen=True)
class Heard:
    event: str
    data: dict[str, Any]
    id: str


@dataclass
class Ear:
    """What somebody has heard so far. `last` is what a browser would send to go on from."""

    heard: list[Heard] = field(default_factory=list)
    last: str | None = None
    retry: int | None = None
    comments: int = 0
    statuses: list[int] = field(default_factory=list)

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(one.event, one.data["name"]) for one in self.heard]

    async def listen(self, http: httpx.AsyncClient, query: Mapping[str, Any] | None = None) -> None:
        """One connection, to its end."""
        headers = {} if self.last is None else {"Last-Event-ID": self.last}
        async with http.stream("GET", PATH, headers=headers, params=query, timeout=60) as answer:
            self.statuses.append(answer.status_code)
            if answer.status_code != 200:
                return
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            async for block in _blocks(answer):
                self._take(block)

    async def listen_for_ever(self, http: httpx.AsyncClient, query: Mapping[str, Any] | None = None) -> None:
        """Connect again whenever a connection ends, as browsers do."""
        while True:
            try:
                await self.listen(http, query)
            except httpx.TransportError:
                self.statuses.append(0)
            await asyncio.sleep(0.1)

    async def until(self, holds: Callable[["Ear"], bool], within: float = 10) -> "Ear":
        await until(lambda: holds(self), within, lambda: f"{len(self.heard)} heard, {self.statuses}")
        return self

    def _take(self, block: list[str]) -> None:
        event, data, id = "message", [], self.last
        for line in block:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            match name:
                case "":
                    self.comments += 1
                case "event":
                    event = value
                case "data":
                    data.append(value)
                case "id":
                    id = value
                case "retry":
                    self.retry = int(value)
                case _:
                    raise AssertionError(f"no field of an event: {line!r}")
        self.last = id
        if data:
            assert id is not None
            self.heard.append(Heard(event, json.loads("\n".join(data)), id))


async def until(holds: Callable[[], bool], within: float = 10, told: Callable[[], str] = lambda: "") -> None:
    """Wait until something holds; fails after so many seconds with what `told` says."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, told() or f"it did not happen within {within} s"
        await asyncio.sleep(0.02)


async def _blocks(answer: httpx.Response) -> AsyncIterator[list[str]]:
    """What stands between empty lines; what was cut off does not count."""
    block: list[str] = []
    async for line in answer.aiter_lines():
        if line:
            block.append(line)
        elif block:
            yield block
            block = []
