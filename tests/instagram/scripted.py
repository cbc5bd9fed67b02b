"""A server on a real socket that answers in Meta's place what a test tells it to, and remembers what it was asked."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from instagram.client import Instagram

ACCOUNT = "17841400000000001"


@dataclass(frozen=True)
class Asked:
    """One request; `token` is the one of its Authorization header."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    json: Any
    token: str | None


@dataclass
class Meta:
    """`answer("GET", "/v26.0/me", {...})`: what that address answers from now on, or in turn if there are several.

    An answer is JSON for status 200, or a status and JSON (or raw bytes), or these and headers.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _answers: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def forget(self) -> None:
        """Every answer and everything that was asked."""
        self.asked.clear()
        self._answers.clear()

    def answer(self, method: str, path: str, *answers: Any) -> None:
        self._answers[method, path] = list(answers)

    def client(self, http: httpx.AsyncClient, flavour: Literal["page", "login"] = "login") -> Instagram:
        """A client of the account; its page has the id 1001."""
        sender = "1001" if flavour == "page" else ACCOUNT
        options: dict[str, Any] = {"base_url": self.url, "version": "v26.0", "token": "a-token"}
        return Instagram(http, flavour=flavour, account=ACCOUNT, sender=sender, **options)

    def last(self) -> Asked:
        return self.asked[-1]

    def of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        kind = request.headers.get("content-type", "")
        asked = Asked(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            form=dict(parse_qsl(body.decode())) if "urlencoded" in kind else {},
            json=json.loads(body) if "json" in kind else None,
            token=request.headers.get("authorization", "").removeprefix("Bearer ") or None,
        )
        self.asked.append(asked)
        answers = self._answers.get((asked.method, asked.path), [(404, b"nothing was scripted here")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        status, content, headers = _whole(answer)
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Response(raw, status, {"Content-Type": "application/json", **headers})


def _whole(answer: Any) -> tuple[int, Any, Mapping[str, str]]:
    match answer:
        case (int(status), content):
            return status, content, {}
        case (int(status), content, headers):
            return status, content, headers
        case _:
            return 200, answer, {}


@asynccontextmanager
async def scripted() -> AsyncIterator[Meta]:
    meta = Meta()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        response = await meta.take(Request(scope, receive))
        await response(scope, receive, send)

    # asyncio turns Nagle's delay off only for sockets that say they are TCP: 40 ms an answer otherwise.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        options = {"log_level": "critical", "lifespan": "off", "timeout_graceful_shutdown": 0}
        server = uvicorn.Server(uvicorn.Config(app, **options))
        task = asyncio.create_task(server.serve([listener]))
        meta.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
            yield meta
        finally:
            server.should_exit = True
            await task
