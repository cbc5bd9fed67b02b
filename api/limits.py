"""How large a request may be (SPEC section 7)."""

import re
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refusal

WEBHOOK = 3_000_000
"""Bytes. Meta puts up to 1,000 updates into a delivery; one is rarely over 2 kB."""
OTHERWISE = 1_000_000
"""Bytes."""


class BodyLimit:
    """Refuses with 413 a body that says it is larger, or turns out to be while it is read.

    `exceptions` are by path; `{name}` in one stands for any part of a path.
    """

    def __init__(self, app: ASGIApp, limit: int, exceptions: Mapping[str, int]) -> None:
        self.app = app
        self.limit = limit
        self.exceptions = [(re.compile(_pattern(path)), most) for path, most in exceptions.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        limit = next((most for pattern, most in self.exceptions if pattern.fullmatch(path)), self.limit)
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        too_large = declared.isdigit() and int(declared) > limit
        read = 0

        async def counted() -> Message:
            nonlocal read
            message: Message = {} if too_large else await receive()
            read += len(message.get("body", b""))
            if too_large or read > limit:
                raise Refusal(413, f"The body is larger than {limit:,} bytes. Send less at once.")
            return message

        await self.app(scope, counted, send)


def _pattern(path: str) -> str:
    return "[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path))
