"""Delivers webhooks as Meta does: signed, in order per thread, and again until they are taken."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress

import h11

from instagram.simulator.apps import AppName
from instagram.simulator.postman import Postman
from instagram.simulator.webhooks import wire
from instagram.simulator.world import World

FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # Seconds between attempts; Meta's grow to hours, nobody testing waits for that.
TIMEOUT = 20.0  # Seconds for the app under test to answer (facts 1.3).
TOGETHER = 50  # Deliveries at once.

Lane = tuple[str, AppName]  # A thread as told to one app: within it order is kept.


def signatures(body: bytes, secret: str) -> dict[str, str]:
    """Both headers that Meta sends with a body: the old sha1 one and the sha256 one."""
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


class Courier:
    """Brings every undelivered webhook of a world to one address; with no address it lets them lie."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._news: dict[Lane, asyncio.Event] = {}
        url = world.options.webhook
        self._postman = None if url is None else Postman(url, timeout=TIMEOUT, together=TOGETHER)

    async def run(self) -> None:
        """Delivers until cancelled; begins with what an earlier run left."""
        try:
            with self._world.changes.watching() as changes:
                self.wake()
                while (change := await changes.get()) is not None:
                    if "customer" in change:
                        self._wake(f"{change['account']}/{change['customer']}")
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._postman:
                await self._postman.close()

    def wake(self) -> None:
        """Looks after every thread, as after a time of holding back."""
        self._wake(None)

    async def deliver_again(
        self, numbers: Sequence[int], *, times: int, joined: bool, app: AppName | None
    ) -> list[int | None]:
        """Sends webhooks as they are, in this order, `times` over; `joined` puts them into one body.

        They are signed by the app that each is for, joined ones by the first's, or by `app`. Gives the HTTP status of
        each attempt, None where there was no answer. Raises Unknown for an unknown number.
        """
        found = [self._world.webhooks.get(number) for number in numbers]
        bodies: list[tuple[str, AppName]] = [(body, app or own) for body, own in found]
        if joined:
            entries = [entry for body, _ in bodies for entry in json.loads(body)["entry"]]
            bodies = [(wire({"object": "instagram", "entry": entries}), bodies[0][1])]
        statuses: list[int | None] = []
        for _ in range(times):
            for index, (body, signer) in enumerate(bodies):
                status, error = await self._post(body, signer)
                for number in numbers if joined else [numbers[index]]:
                    self._world.webhooks.record_attempt(number, status, error)
                statuses.append(status)
        return statuses

    def _wake(self, thread: str | None) -> None:
        if self._postman is None or self._world.held:
            return
        for lane in self._world.webhooks.lanes(thread):
            if lane in self._tasks:
                self._news[lane].set()
                continue
            self._news[lane] = asyncio.Event()
            self._tasks[lane] = asyncio.create_task(self._deliver(lane))

    async def _deliver(self, lane: Lane) -> None:
        try:
            await self._deliver_all(lane)
        finally:
            # Here and not in a callback: between the last look and that one, news would wake nobody.
            del self._tasks[lane]

    async def _deliver_all(self, lane: Lane) -> None:
        wait, news = FIRST_WAIT, self._news[lane]
        while not self._world.held:
            match self._world.webhooks.next(*lane):
                case None:
                    return
                case float(seconds):
                    # What comes to be meanwhile may be due at once.
                    news.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(seconds):
                            await news.wait()
                case (number, body):
                    status, error = await self._post(body, lane[1])
                    self._world.webhooks.record_attempt(number, status, error)
                    if status is not None and 200 <= status < 300:
                        wait = FIRST_WAIT
                        continue
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, LONGEST_WAIT)

    async def _post(self, body: str, app: AppName) -> tuple[int | None, str | None]:
        if not self._postman:
            return None, "no webhook address was given to the simulator"
        content = body.encode()
        secret = self._world.apps.named(app).secret
        headers = {"Content-Type": "application/json", **signatures(content, secret)}
        try:
            status, text = await self._postman.post(content, headers)
        except (OSError, h11.ProtocolError) as error:
            return None, f"{type(error).__name__}: {error}"
        return status, None if 200 <= status < 300 else text
