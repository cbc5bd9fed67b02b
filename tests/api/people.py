"""An API on a socket with a clock that can be moved, and the people who use it: in browsers, and with programs."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from api.access import COOKIE, CSRF
from api.app import create_app
from api.dependencies import Parts
from store import passwords
from store.audit import Entry, entries
from store.sessions import begin, csrf_token
from store.tokens import create_token
from store.users import Role, create_user

PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_hashes: dict[str, str] = {}


class Office:
    """One running API; `parts` are its own."""

    url: str

    def __init__(self, app: FastAPI, parts: Parts, stack: AsyncExitStack) -> None:
        self.app = app
        self.parts = parts
        self.time = NOON
        self._stack = stack

    async def user(self, name: str, role: Role = "agent", password: str = PASSWORD, **more: Any) -> str:
        """Somebody in the store, with a password."""
        if password not in _hashes:
            _hashes[password] = await passwords.hashed(password)
        async with self.parts.database.begin() as session:
            await create_user(session, name=name, role=role, now=self.time, password=_hashes[password], **more)
        return name

    async def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser in which nobody is logged in."""
        return await self._stack.enter_async_context(httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20))

    async def person(self, name: str, role: Role = "agent") -> httpx.AsyncClient:
        """A new user who has logged in, in a browser whose page knows the CSRF token."""
        await self.user(name, role)
        browser = await self.browser()
        await self.session(browser, name)
        return browser

    async def session(self, browser: httpx.AsyncClient, name: str) -> str:
        """Begin a session in this browser, without asking for a password; the secret of its cookie."""
        async with self.parts.database.begin() as session:
            secret = await begin(session, name, self.time)
        browser.cookies.set(COOKIE, secret, domain="127.0.0.1")
        browser.headers[CSRF] = csrf_token(secret)
        return secret

    async def program(self, owner: str, role: Role = "agent") -> httpx.AsyncClient:
        """A program with a token of this user."""
        return await self.browser(Authorization=f"Bearer {await self.token(owner, role)}")

    async def token(self, owner: str, role: Role) -> str:
        """A new token of this user."""
        async with self.parts.database.begin() as session:
            values = {"owner": owner, "name": "program", "expires_at": None}
            _, secret = await create_token(session, **values, role=role, now=self.time)
        return secret

    def later(self, by: timedelta) -> None:
        self.time += by

    async def audit(self, **filters: Any) -> list[Entry]:
        """The entries, oldest first."""
        async with self.parts.database.begin() as session:
            return (await entries(session, limit=200, **filters)).items[::-1]


@asynccontextmanager
async def opened(parts: Parts, serve: Any, **changes: Any) -> AsyncIterator[Office]:
    """An office on these parts; the clock stands still until it is moved."""
    whole = replace(parts, hash_key="a hash key of the tests", now=lambda: office.time, **changes)
    app = create_app(whole)
    async with AsyncExitStack() as stack:
        # Before it is served: what works in the background asks for the time at once.
        office = Office(app, whole, stack)
        served: AbstractAsyncContextManager[str] = serve(app)
        office.url = await stack.enter_async_context(served)
        yield office


def login(password: str = PASSWORD, name: str = "eva") -> dict[str, str]:
    return {"name": name, "password": password}


def problems(answer: httpx.Response) -> list[tuple[str, str]]:
    """The path and the code of each problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [(one["path"], one["code"]) for one in answer.json().get("problems", [])]
