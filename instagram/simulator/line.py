"""The line between the app and the local Instagram, on which answers get lost."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

from instagram.simulator.changes import Changes
from instagram.simulator.errors import GraphError, envelope
from instagram.simulator.faults import Fault

Json = dict[str, Any]

TRANSPORT = "simulator.transport"  # Where the server puts a request's connection (server.py).


class Line:
    """Gives answers, and fails to where a fault says so."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def answer(
        self,
        request: Request,
        fault: Fault | None,
        act: Callable[[], Json],
        undone: Callable[[Fault], None] = lambda _: None,
    ) -> Response:
        """Does `act` and answers with what it gives, or with its GraphError; `undone` is told where it is not done."""
        if fault is None:
            return JSONResponse(act())
        if fault.kind == "slow":
            await self._wait(request, fault.seconds)
        answer: Json = {}
        refusal: GraphError | None = None
        if fault.does:
            try:
                answer = act()
            except GraphError as error:
                refusal = error
        else:
            undone(fault)
        if fault.kind in ("lost_answer", "lost_request"):
            await self._wait(request, fault.hang)
            return await _cut(request)
        if fault.kind == "broken_answer":
            return await _cut(request)
        error = _error(fault) or refusal
        headers = _headers(fault, getattr(request.state, "account", "0"))
        if error is None:
            return JSONResponse(answer, headers=headers)
        return JSONResponse(envelope(error, request), error.status, headers={**error.headers, **headers})

    async def _wait(self, request: Request, seconds: float) -> None:
        """So long, or until the caller has gone or the simulator stops."""
        ends = [asyncio.ensure_future(self._changes.stopping.wait()), asyncio.ensure_future(_gone(request))]
        _, pending = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cut(request: Request) -> Response:
    """Ends the connection without an answer."""
    transport = request.scope.get(TRANSPORT)
    if transport is None:
        raise RuntimeError("a connection can only be cut by the simulator's own server: run it with `serving`")
    transport.close()
    # The server must have noticed before it sees an answer.
    await _gone(request)
    return Response()


def _error(fault: Fault) -> GraphError | None:
    match fault.kind:
        case "error_sent":
            return GraphError(1, None, "An unknown error occurred", 500)
        case "error_unsent":
            return GraphError(2, None, "Service temporarily unavailable", 503, transient=True)
        case "odd_answer":
            return GraphError(1, 1357046, "Received invalid JSON reply.")
        case "throttled" if fault.code == 80002:
            return GraphError(80002, None, "There have been too many calls to this Instagram account.")
        case "throttled":
            return GraphError(613, 2534040, "Calls to this api have exceeded the rate limit.")
        case "error":
            status = 200 if fault.in_200 else fault.status
            return GraphError(fault.code, fault.subcode, fault.message, status, transient=fault.transient)
        case _:
            return None


def _headers(fault: Fault, account: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    if fault.minutes is not None or fault.kind == "usage":
        percentage = fault.percentage if fault.kind == "usage" else 100
        use = {"type": "instagram", "call_count": percentage, "total_cputime": percentage, "total_time": percentage}
        use["estimated_time_to_regain_access"] = fault.minutes or 0
        headers["X-Business-Use-Case-Usage"] = json.dumps({account: [use]})
        app = {"call_count": percentage, "total_time": percentage, "total_cputime": percentage}
        headers["X-App-Usage"] = json.dumps(app)
    return headers
