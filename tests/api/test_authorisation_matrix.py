"""Every route answers every role, and nobody, as api/roles.py says; a route without a row there fails."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

from api.access import CSRF, NOBODY, lacking
from api.dependencies import Parts
from api.roles import ANYONE, ROLES
from store.users import ROLES as LADDER
from store.users import Role, at_least
from tests.api.people import Office, opened

pytestmark = pytest.mark.anyio
ASKING: tuple[Role | None, ...] = (None, *LADDER)


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        await office.user("boss", "admin")  # so that the others may go
        for role in LADDER:
            await office.user(role, role)
        yield office


def _routes(routes: list[BaseRoute]) -> Iterator[str]:
    """`METHOD /path` of everything that an application answers."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(route, Mount):
            yield f"MOUNT {route.path}"
        else:
            assert isinstance(route, Route), f"a route of another kind: {route}"
            # GET brings HEAD along, with the same answer.
            methods = set(route.methods or ())
            yield from (f"{method} {route.path}" for method in methods - ({"HEAD"} if "GET" in methods else set()))


async def test_every_route_has_a_row_and_every_row_a_route(office: Office) -> None:
    routes = list(_routes(office.app.routes))
    assert len(routes) > 20
    assert set(routes) - set(ROLES) == set(), "say in api/roles.py what these need"
    assert set(ROLES) - set(routes) == set(), "these are no routes any more: take them out of api/roles.py"


async def test_every_route_in_the_document_says_how_to_be_let_in(office: Office) -> None:
    document = (await (await office.browser()).get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            row = f"{method.upper()} {path}"
            if ROLES[row] is ANYONE:
                assert "security" not in operation, row
            else:
                assert operation["security"] == [{"token": []}, {"session": []}], row
                assert "401" in operation["responses"], row
                if ROLES[row] != "viewer" or method != "get":
                    assert "403" in operation["responses"], row
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}


@pytest.mark.parametrize("kind", ["session", "token"])
async def test_every_route_with_every_role_and_none(office: Office, kind: Literal["session", "token"]) -> None:
    wrong: list[str] = []
    client = await office.browser()
    for row, least in ROLES.items():
        method, path = row.split(" ")
        address = re.sub(r"\{[^}]+\}", "1", path)
        if method == "MOUNT":
            method, address = "GET", f"{path}/nothing"
        for role in ASKING:
            status, detail = await _asked(office, client, role, kind, method, address)
            expected = _expected(role, least)
            let_in = detail not in (NOBODY, *(lacking(have, want) for have in LADDER for want in LADDER))
            if (expected is None and not (let_in and (status < 500 or status in (502, 503)))) or (
                expected is not None and (status, detail) != expected
            ):
                wrong.append(
                    f"{row} for {role or 'nobody'}: {status} {detail!r} instead of {expected or 'being let in'}"
                )
    assert wrong == []


def _let_in(status: int, detail: str) -> bool:
    """Neither refused for want of a role nor broken; parts of the world that are away here are no mistake."""
    refusals = {NOBODY, *(lacking(have, want) for have in LADDER for want in LADDER)}
    return detail not in refusals and (status < 500 or status in (502, 503))


def _expected(role: Role | None, least: Role | None) -> tuple[int, str] | None:
    """The refusal, or None for being let in; what the route makes of the empty request is its own matter."""
    if least is None:
        return None
    if role is None:
        return 401, NOBODY
    return None if at_least(role, least) else (403, lacking(role, least))


async def _asked(
    office: Office,
    client: httpx.AsyncClient,
    role: Role | None,
    kind: Literal["session", "token"],
    method: str,
    address: str,
) -> tuple[int, str]:
    """The status and, of a problem, what it says; each time in a session of its own, which the route may end."""
    client.cookies.clear()
    client.headers.pop(CSRF, None)
    client.headers.pop("Authorization", None)
    if role is not None and kind == "token":
        client.headers["Authorization"] = f"Bearer {await office.token(role, role)}"
    elif role is not None:
        await office.session(client, role)
    # Some answers never end, so that only a problem is read.
    response = await client.send(client.build_request(method, address), stream=True)
    try:
        if response.headers.get("content-type") != "application/problem+json" or method == "HEAD":
            return response.status_code, ""
        await response.aread()
        return response.status_code, response.json()["detail"]
    finally:
        await response.aclose()


async def test_the_table_would_notice(office: Office) -> None:
    """A route that forgets to ask, and one that asks for too little, are told apart from what the table says."""
    assert _expected(None, "viewer") == (401, NOBODY)
    assert _expected("agent", "admin") == (403, "This needs the role admin; yours is agent.")
    assert _expected("admin", "admin") is None
    client = await office.browser()
    assert not _let_in(401, NOBODY)
    assert not _let_in(500, "")
    assert await _asked(office, client, None, "session", "GET", "/healthz") != _expected(None, "viewer")
    assert await _asked(office, client, "viewer", "session", "GET", "/api/v1/me") != _expected("viewer", "agent")

    @office.app.get("/new")
    async def new() -> None: ...

    assert "GET /new" in set(_routes(office.app.routes)) - set(ROLES)
