"""A receiver of webhooks on a real socket, which answers as a test says and checks signatures by itself."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response

TOLERANCE = 300
"""Seconds by which the time of a signature may differ from now."""
Answering = Callable[["Received"], Awaitable[Response] | Response]


class Forged(Exception):
    """A request that is not what the owner of the secret sent just now."""


@dataclass(frozen=True)
class Received:
    """One request; the names of `headers` are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Keeps every request, and answers it with `answer`: a status, or a function of the request."""

    answer: int | Answering = 204
    got: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def receive(request: Request) -> Response:
            headers = {name.lower(): value for name, value in request.headers.items()}
            received = Received(request.method, request.url.path, headers, await request.body())
            self.got.append(received)
            self.came.set()
            if isinstance(self.answer, int):
                return Response(status_code=self.answer)
            answered = self.answer(received)
            return answered if isinstance(answered, Response) else await answered

        return app

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.got]


def verify(secret: str, headers: dict[str, str], body: bytes, now: datetime) -> None:
    """As the specification of Standard Webhooks has it, written from that alone; raises Forged."""
    try:
        stamp = int(headers["webhook-timestamp"])
        signatures = headers["webhook-signature"].split(" ")
        signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    except (KeyError, ValueError) as error:
        raise Forged("a header is missing") from error
    if abs(now.timestamp() - stamp) > TOLERANCE:
        raise Forged("it is not from now")
    right = hmac.digest(base64.b64decode(secret.split("_", 1)[1]), signed, hashlib.sha256)
    for one in signatures:
        version, _, value = one.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(value), right):
            return
    raise Forged("no signature is right")
