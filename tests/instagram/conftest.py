"""A simulator on a real socket, somebody its webhooks are told to, and clients of both flavours."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from playwright.async_api import Browser, Page, async_playwright
from starlette.responses import Response

from instagram.client import Instagram
from instagram.simulator import create_app, serving
from local import chromium
from tests.instagram.scripted import Meta, scripted

SECRET = "a-test-secret"
LOGIN, PAGE = "17841400000000001", "17841400000000002"


@pytest.fixture(scope="session")
def examples() -> Path:
    return Path(__file__).parent / "examples"


@dataclass
class Listener:
    """Somebody who receives webhooks and answers with `statuses` in turn, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        self.received.append((await request.body(), dict(request.headers)))
        self._news.set()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def until(self, count: int) -> list[tuple[bytes, dict[str, str]]]:
        """What came, once there is so much of it."""
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self._news.clear()
                await self._news.wait()
        return self.received


@pytest.fixture
async def listener(anyio_backend: str) -> AsyncIterator[Listener]:
    found = Listener()
    app = FastAPI()
    app.add_route("/webhooks/instagram", found.take, methods=["POST"])
    with socket.socket(proto=socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        found.url = f"http://127.0.0.1:{taken.getsockname()[1]}/webhooks/instagram"
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        task = asyncio.create_task(server.serve([taken]))
        yield found
        server.should_exit = True
        await task


class Simulated:
    """A running simulator, as a test speaks to it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.url = str(http.base_url).rstrip("/")

    async def control(self, method: str, path: str, json: Any = None, expect: int | None = None) -> Any:
        response = await self.http.request(method, f"/control{path}", json=json)
        assert response.status_code == expect if expect else response.is_success, response.text
        return response.json() if response.content else None

    async def customer(self, account: str, username: str = "jana", name: str | None = "Jana") -> str:
        made = await self.control("POST", f"/accounts/{account}/customers", {"username": username, "name": name})
        return made["id"]

    async def say(self, account: str, customer: str, **said: Any) -> Any:
        return await self.control("POST", f"/accounts/{account}/customers/{customer}/messages", said)

    async def thread(self, account: str, customer: str) -> Any:
        return await self.control("GET", f"/accounts/{account}/customers/{customer}/thread")

    async def graph(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """A Graph or login call: the decoded answer, whatever its status."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return (await self.http.request(method, path, headers=headers, **options)).json()

    async def text(self, account: str, customer: str, text: str, token: str) -> Any:
        """The business sends a text: the decoded answer, whatever its status."""
        body = {"recipient": {"id": customer}, "message": {"text": text}}
        return await self.graph("POST", "/v26.0/me/messages", token, json=body)

    def client(self, flavour: Literal["login", "page"], **changed: Any) -> Instagram:
        account, sender, token = {
            "login": (LOGIN, LOGIN, "IGAA-simulated-1"),
            "page": (PAGE, "100000000000002", "EAA-simulated-2"),
        }[flavour]
        options: dict[str, Any] = {
            "base_url": self.url,
            "version": "v26.0",
            "flavour": flavour,
            "account": account,
            "sender": sender,
            "token": token,
            "app_secret": SECRET,
        }
        return Instagram(self.http, **{**options, **changed})


Starter = Callable[..., Awaitable[Simulated]]


@pytest.fixture
async def start(anyio_backend: str) -> AsyncIterator[Starter]:
    """Starts a simulator that stops with the test."""
    async with AsyncExitStack() as stack:

        async def begin(webhook: str | None = None, data: Path | None = None, **options: Any) -> Simulated:
            return await stack.enter_async_context(simulated(webhook, data, **options))

        yield begin


@asynccontextmanager
async def simulated(webhook: str | None = None, data: Path | None = None, **options: Any) -> AsyncIterator[Simulated]:
    app = create_app(webhook, SECRET, data, **options)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        yield Simulated(http)


@pytest.fixture(scope="session")
def running() -> Callable[..., Any]:
    """`async with running(webhook, data)`: a simulator that stops where the test wants it to."""
    return simulated


@pytest.fixture(scope="module")
async def shared(anyio_backend: str) -> AsyncIterator[Simulated]:
    """One simulator that tells nobody, for all tests of a file."""
    async with simulated() as running:
        yield running


@pytest.fixture
async def simulator(shared: Simulated) -> Simulated:
    """The simulator of this file as at its first start; only the numbers of its records go on."""
    await shared.control("POST", "/reset")
    return shared


@pytest.fixture(scope="module")
async def meta_server(anyio_backend: str) -> AsyncIterator[Meta]:
    async with scripted() as found:
        yield found


@pytest.fixture
def meta(meta_server: Meta) -> Meta:
    """A server that answers in Meta's place what the test tells it to."""
    meta_server.forget()
    return meta_server


@pytest.fixture
async def http(anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5) as client:
        yield client


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """A real browser for all tests of a file, for it takes a second to start."""
    found = chromium.find()
    assert found is not None, "no Chromium on the PATH: run `make browser`"
    # Chromium's own sandbox does not start as root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        await browser.close()


@pytest.fixture
async def phone(simulator: Simulated, browser: Browser) -> AsyncIterator[Page]:
    """The simulator's phone, with nobody invented yet; anything it complains about fails the test.

    Addresses outside fail, as the page must need none.
    """
    page = await browser.new_page()
    await page.route(lambda url: urlsplit(url).hostname != "127.0.0.1", lambda route: route.abort())
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(simulator.url)
    yield page
    await page.close()
    assert complaints == []
