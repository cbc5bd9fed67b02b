"""Passwords, sessions and tokens show nowhere: not in logs, errors, the audit log, the database, or OpenAPI."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.access import COOKIE, CSRF
from api.dependencies import Parts
from store.tables import metadata
from tests.api.people import Office, login, opened

pytestmark = pytest.mark.anyio
FIRST, WRONG, NEXT = "my first password", "my wrong password", "my next password"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


class Seen:
    """Everything that was answered, and the secrets that must not be in it."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.secrets: list[str] = [FIRST, WRONG, NEXT]

    def keep(self, answer: httpx.Response, *hidden: str) -> httpx.Response:
        """`hidden` are what this one answer is there to tell."""
        told = answer.text
        for one in hidden:
            assert one in told
            told = told.replace(one, "")
            self.secrets.append(one)
        self.answers.append(told)
        return answer


async def _busy(office: Office) -> Seen:
    """A day with all that can go right and wrong."""
    seen = Seen()
    await office.user("eva", "admin", FIRST)
    eva, other = await office.browser(), await office.browser()
    for password, name in ((WRONG, "eva"), (FIRST, WRONG), (FIRST, FIRST), ("", FIRST)):
        seen.keep(await other.post("/api/v1/login", json=login(password, name)))
    for odd in ({"name": "eva", "password": [FIRST]}, {"name": [FIRST], "password": FIRST, "more": FIRST}, FIRST):
        seen.keep(await other.post("/api/v1/login", json=odd))
    begun = await eva.post("/api/v1/login", json=login(FIRST))
    csrf = begun.json()["csrf_token"]
    seen.keep(begun, csrf)
    seen.secrets.append(eva.cookies[COOKIE])
    seen.keep(await eva.post("/api/v1/tokens", json={"name": "t"}, headers={CSRF: eva.cookies[COOKIE]}))
    eva.headers[CSRF] = csrf
    seen.keep(await eva.get("/api/v1/session"), csrf)
    made = await eva.post("/api/v1/tokens", json={"name": "t"})
    token = made.json()["token"]
    seen.keep(made, token)
    for header in (f"Bearer {token}", f"Bearer {token}x", f"Basic {token}"):
        seen.keep(await other.get("/api/v1/me", headers={"Authorization": header}))
    seen.keep(await other.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={token}"}))
    for given in (
        {"name": "petr", "role": "agent", "password": NEXT},
        {"name": "petr", "role": "agent", "password": NEXT},
        {"name": NEXT, "role": NEXT, "password": NEXT, "more": NEXT},
    ):
        seen.keep(await eva.post("/api/v1/users", json=given))
    seen.keep(await eva.patch("/api/v1/users/petr", json={"password": WRONG}))
    seen.keep(await eva.patch("/api/v1/me", json={"password": NEXT, "current_password": WRONG}))
    seen.keep(await eva.patch("/api/v1/me", json={"password": NEXT, "current_password": FIRST}))
    for path in ("me", "users", "users/petr", "tokens", "audit"):
        seen.keep(await eva.get(f"/api/v1/{path}"))
    seen.keep(await eva.post("/api/v1/logout"))
    for _ in range(7):
        seen.keep(await other.post("/api/v1/login", json=login(WRONG)))
    return seen


async def test_nothing_tells_a_secret(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen = await _busy(office)
    assert len(seen.secrets) >= 6
    async with office.parts.database.begin() as session:
        kept = [
            f"{name}: {await session.scalar(text(f'SELECT string_agg({name}::text, chr(10)) FROM {name}'))}"
            for name in ("users", "sessions", "tokens", "attempts", "audit")
        ]
        everything = [
            str(await session.scalar(text(f"SELECT string_agg(t::text, chr(10)) FROM {table.name} t")))
            for table in metadata.sorted_tables
        ]
    assert len(kept) == 5
    # After the tables are gone, the store's own errors are told and logged.
    async with office.parts.database.begin() as session:
        await session.execute(text("ALTER TABLE sessions RENAME TO gone"))
    browser = await office.browser()
    broken = seen.keep(await browser.post("/api/v1/login", json=login(NEXT, "petr")))
    assert broken.status_code in (401, 503)
    await office.user("anna", "admin", FIRST)
    assert seen.keep(await browser.post("/api/v1/login", json=login(FIRST, "anna"))).status_code == 503
    # What the test's own client logs of its requests is none of the product's.
    logged = [
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        if record.name.split(".")[0] not in ("httpx", "httpcore")
    ]
    assert any("the store failed" in line for line in logged)
    for secret in seen.secrets:
        for place, lines in (("answers", seen.answers), ("database", everything + kept), ("log", logged)):
            assert not [line for line in lines if secret in line or secret.removeprefix("sb_") in line], place


async def test_a_hash_is_told_to_nobody(office: Office) -> None:
    seen = await _busy(office)
    async with office.parts.database.begin() as session:
        hashes = list(await session.scalars(text("SELECT password FROM users UNION SELECT digest FROM tokens")))
    assert len(hashes) >= 3
    for hash in hashes:
        assert not [answer for answer in seen.answers if hash in answer]
    assert not [answer for answer in seen.answers if "argon2" in answer]


async def test_openapi_has_no_example_of_one(office: Office) -> None:
    answer = await (await office.browser()).get("/openapi.json")
    assert re.findall(r"sb_[\w-]{8,}|argon2id|\b[0-9a-f]{64}\b|Bearer [\w-]{8,}", answer.text) == []
    schemas = answer.json()["components"]["schemas"]
    passwords = [
        (name, field, schema)
        for name, model in schemas.items()
        for field, schema in model.get("properties", {}).items()
        if "password" in field and name != "Ways"
    ]
    assert {(name, field) for name, field, _ in passwords} == {
        ("Login", "password"),
        ("NewUser", "password"),
        ("UserChanges", "password"),
        ("MyChanges", "password"),
        ("MyChanges", "current_password"),
    }
    for _, _, schema in passwords:
        assert "writeOnly" in str(schema), "no answer shows it"
