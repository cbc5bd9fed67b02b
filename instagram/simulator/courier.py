"""Delivers webhooks as Meta does: signed, in order per thread, and again until they are taken."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence

import httpx

from instagram.simulator.records import wire
from instagram.simulator.world import World

FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # Seconds between attempts; Meta's grow to hours, nobody testing waits for that.
TIMEOUT = 20.0  # Seconds for the app under test to answer (facts 1.3).


def signatures(body: bytes, secret: str) -> dict[str, str]:
    """Both headers that Meta sends with a body: the old sha1 one and the sha256 one."""
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


class Courier:
    """Brings every undelivered webhook of a world to one address; with no address it lets them lie."""

    def __init__(self, world: World, url: str | None, secret: str) -> None:
        self._world = world
        self._url = url
        self._secret = secret
        self._tasks: dict[str, asyncio.Task[None]] = {}
        limits = httpx.Limits(max_connections=50)
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(TIMEOUT, pool=None), limits=limits)

    async def run(self) -> None:
        """Delivers until cancelled; begins with what an earlier run left."""
        try:
            with self._world.watching() as changes:
                self.wake()
                while (change := await changes.get()) is not None:
                    if "customer" in change:
                        self._wake(f"{change['account']}/{change['customer']}")
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await self._http.aclose()

    def wake(self) -> None:
        """Looks after every thread, as after a time of holding back."""
        for thread in self._world.records.undelivered_threads():
            self._wake(thread)

    async def deliver_again(self, numbers: Sequence[int], *, times: int, joined: bool) -> list[int | None]:
        """Sends webhooks as they are, in this order, `times` over; `joined` puts them into one body.

        Gives the HTTP status of each attempt, None where there was no answer. Raises Unknown for an unknown number.
        """
        bodies = [self._world.records.webhook_body(number) for number in numbers]
        if joined:
            entries = [entry for body in bodies for entry in json.loads(body)["entry"]]
            bodies = [wire({"object": "instagram", "entry": entries})]
        statuses: list[int | None] = []
        for _ in range(times):
            for index, body in enumerate(bodies):
                status, error = await self._post(body)
                for number in numbers if joined else [numbers[index]]:
                    self._world.records.record_attempt(number, status, error)
                statuses.append(status)
        return statuses

    def _wake(self, thread: str) -> None:
        if self._url is not None and thread not in self._tasks:
            task = asyncio.create_task(self._deliver(thread))
            self._tasks[thread] = task
            task.add_done_callback(lambda _: self._tasks.pop(thread, None))

    async def _deliver(self, thread: str) -> None:
        wait = FIRST_WAIT
        while not self._world.held and (webhook := self._world.records.next_undelivered(thread)) is not None:
            number, body = webhook
            status, error = await self._post(body)
            self._world.records.record_attempt(number, status, error)
            if status is not None and 200 <= status < 300:
                wait = FIRST_WAIT
                continue
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _post(self, body: str) -> tuple[int | None, str | None]:
        if self._url is None:
            return None, "no webhook address was given to the simulator"
        content = body.encode()
        headers = {"Content-Type": "application/json", **signatures(content, self._secret)}
        try:
            response = await self._http.post(self._url, content=content, headers=headers)
        except httpx.HTTPError as error:
            return None, f"{type(error).__name__}: {error}"
        return response.status_code, None if response.is_success else response.text[:500]
