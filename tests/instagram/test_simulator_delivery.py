"""Webhooks reach whatever server the app under test runs, and those that fail are told with their reason."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from instagram.simulator import create_app
from instagram.simulator.postman import Postman

pytestmark = pytest.mark.anyio
LOGIN = "17841400000000001"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Answers:
    """A server that gives these raw answers in turn, closing the connection after those that end with b"!"."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                (length,) = (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                self.bodies.append(await reader.readexactly(int(length.split(b":")[1])))
                answer = self.answers.pop(0) if self.answers else GOOD
                writer.write(answer.removesuffix(b"!"))
                await writer.drain()
                if answer.endswith(b"!"):
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The simulator has gone.
        finally:
            writer.close()


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[Answers]:
    made = Answers(*answers)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    async with server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?x=1"
        yield made


async def attempts(simulator: Any, count: int) -> list[dict[str, Any]]:
    """Those of the only webhook, once there are so many."""
    async with asyncio.timeout(10):
        while True:
            (webhook,) = await simulator.control("GET", "/webhooks")
            if len(webhook["attempts"]) >= count:
                return webhook["attempts"]
            await asyncio.sleep(0.02)


async def test_answers_of_every_sort(start: Any) -> None:
    chunked = b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlater\r\n0\r\n\r\n"
    old = b"HTTP/1.0 401 No\r\n\r\nwho are you?!"
    async with answering(
        b"!", b"nonsense\r\n\r\n!", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal!", chunked, old
    ) as app:
        simulator = await start(app.url)
        await simulator.say(LOGIN, await simulator.customer(LOGIN), text="hi")
        told = await attempts(simulator, 6)
    assert [attempt["status"] for attempt in told] == [None, None, None, 503, 401, 200]
    assert told[0]["error"] == "ConnectionError: the connection ended without an answer"
    assert told[1]["error"].startswith("RemoteProtocolError: ")
    assert told[2]["error"]
    assert [attempt["error"] for attempt in told[3:]] == ["later", "who are you?", None]
    assert len(set(app.bodies)) == 1


async def test_connections_are_kept(start: Any) -> None:
    async with answering() as app:
        simulator = await start(app.url)
        jana = await simulator.customer(LOGIN)
        for text in ("one", "two", "three"):
            await simulator.say(LOGIN, jana, text=text)
            async with asyncio.timeout(10):
                while (await simulator.control("GET", "/counts"))["pending"]:  # noqa: ASYNC110  only the counts say so
                    await asyncio.sleep(0.01)
        assert (len(app.bodies), app.connections) == (3, 1)


async def test_many_threads_at_once_lose_nothing(start: Any) -> None:
    async with answering() as app:
        simulator = await start(app.url)
        customers = [await simulator.customer(LOGIN, f"c{number}") for number in range(20)]
        for _ in range(3):
            await asyncio.gather(*(simulator.say(LOGIN, customer, text="hi") for customer in customers))
        async with asyncio.timeout(20):
            while (await simulator.control("GET", "/counts"))["pending"]:  # noqa: ASYNC110  only the counts say so
                await asyncio.sleep(0.02)
        assert (len(app.bodies), len(set(app.bodies))) == (60, 60)
        assert app.connections <= 50


async def test_an_app_that_is_too_slow(anyio_backend: str) -> None:
    async with answering(b"") as app:
        postman = Postman(app.url, timeout=0.1, together=1)
        with pytest.raises(TimeoutError):
            await postman.post(b"{}", {})
        assert await postman.post(b"{}", {}) == (200, "ok")
        await postman.close()


@pytest.mark.parametrize("url", ["127.0.0.1:8000/hook", "ftp://127.0.0.1/", "http:///hook"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="write it whole"):
        create_app(url)
