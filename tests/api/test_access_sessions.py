"""Logging in and out, sessions and their ends, forged requests, and how often passwords may be tried."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import pytest
from sqlalchemy import text

from api import openid, single_sign_on
from api.access import COOKIE, CSRF, FOREIGN, FORGED
from api.dependencies import Parts
from store import attempts, passwords, sessions
from store.database import Database
from store.users import change_user, password_of, set_password
from tests.api.people import PASSWORD, Office, login, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


async def test_a_login_begins_a_session(office: Office) -> None:
    await office.user("eva", "supervisor", display_name="Eva N.")
    browser = await office.browser()
    answer = await browser.post("/api/v1/login", json=login(name=" Eva "))
    assert answer.status_code == 200
    told = answer.json()
    assert told == {
        "name": "eva",
        "display_name": "Eva N.",
        "role": "supervisor",
        "kind": "session",
        "expires_at": "2026-11-09T12:00:00Z",
        "csrf_token": told["csrf_token"],
        "chatbot_callback": "http://127.0.0.1:8000/external/web/api/chatbotUpdate",
    }
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Max-Age=604800",
        "Path=/",
        "SameSite=lax",
    }
    assert (await browser.get("/api/v1/session")).json() == told


async def test_the_cookie_is_secure_where_the_address_is(parts: Parts, serve: Any) -> None:
    async with opened(parts, serve, secure_cookies=True, public_url="https://desk.example.com") as office:
        await office.user("eva")
        answer = await (await office.browser()).post("/api/v1/login", json=login())
    assert "; Secure" in answer.headers["set-cookie"]


async def test_who_is_not_let_in(office: Office) -> None:
    await office.user("eva")
    await office.user("gone")
    async with office.parts.database.begin() as session:
        await change_user(session, "gone", active=False)
        await session.execute(text("INSERT INTO users SELECT 'sso', 'S', NULL, 'admin', true, NULL, 'i', 's', now()"))
    browser = await office.browser()
    answers = [
        await browser.post("/api/v1/login", json=given)
        for given in (login("wrong password"), login(name="nobody"), login(name="gone"), login(name="sso"), login(""))
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.text for answer in answers} == {answers[0].text}  # nothing tells which of them it was
    assert answers[0].json()["detail"] == "The name or the password is wrong."
    assert answers[0].headers["www-authenticate"].startswith("Bearer")
    assert not browser.cookies


@pytest.mark.parametrize("body", [{}, {"name": "eva"}, {"name": "eva", "password": 5}, login() | {"more": 1}, []])
async def test_what_is_no_login(office: Office, body: Any) -> None:
    assert (await (await office.browser()).post("/api/v1/login", json=body)).status_code == 422


async def test_a_login_ends_the_session_before_it(office: Office) -> None:
    await office.user("eva")
    browser, other = await office.browser(), await office.browser()
    await browser.post("/api/v1/login", json=login())
    first = browser.cookies[COOKIE]
    await browser.post("/api/v1/login", json=login())
    assert browser.cookies[COOKIE] != first
    other.cookies.set(COOKIE, first)
    assert (await other.get("/api/v1/session")).status_code == 401
    assert (await browser.get("/api/v1/session")).status_code == 200


async def test_logging_out(office: Office) -> None:
    browser = await office.person("eva")
    secret = browser.cookies[COOKIE]
    answer = await browser.post("/api/v1/logout")
    assert answer.status_code == 204
    assert not browser.cookies
    browser.cookies.set(COOKIE, secret)
    assert (await browser.get("/api/v1/me")).status_code == 401
    program = await office.program("eva")
    assert (await program.post("/api/v1/logout")).status_code == 409


async def test_a_session_ends_when_idle_and_when_old(office: Office) -> None:
    idle, busy = await office.person("eva"), await office.browser()
    await office.session(busy, "eva")
    for _ in range(14):
        office.later(timedelta(hours=11))
        assert (await busy.get("/api/v1/me")).status_code == 200
    assert (await idle.get("/api/v1/me")).status_code == 401
    office.later(timedelta(hours=14))
    answer = await busy.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Switchboard"'
    assert answer.json()["title"] == "Unauthorized"


async def test_a_change_needs_the_csrf_token_of_its_session(office: Office) -> None:
    eva, petr = await office.person("eva"), await office.person("petr")
    change = {"display_name": "Eva"}
    for wrong in ("", "x", "ž", petr.headers[CSRF]):
        answer = await eva.patch("/api/v1/me", json=change, headers=[(CSRF.encode(), wrong.encode())])
        assert (answer.status_code, answer.json()["detail"]) == (403, FORGED)
    del eva.headers[CSRF]
    assert (await eva.patch("/api/v1/me", json=change)).status_code == 403
    told = (await eva.get("/api/v1/session")).json()["csrf_token"]
    assert (await eva.patch("/api/v1/me", json=change, headers={CSRF: told})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "{url}"}, 200),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://desk.example.com"}, 200),
        ({"Origin": "https://desk.example.com", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_pages_of_other_sites_change_nothing(
    parts: Parts, serve: Any, headers: dict[str, str], status: int
) -> None:
    async with opened(parts, serve, public_url="https://desk.example.com") as office:
        eva = await office.person("eva")
        sent = {name: value.format(url=office.url) for name, value in headers.items()}
        answer = await eva.patch("/api/v1/me", json={"display_name": "E"}, headers=sent)
        assert answer.status_code == status
        assert status == 200 or answer.json()["detail"] == FOREIGN
        browser = await office.browser()
        assert (await browser.post("/api/v1/login", json=login(), headers=sent)).status_code == status
        assert (COOKIE in browser.cookies) == (status == 200)
        assert (await eva.get("/api/v1/me", headers=sent)).status_code == 200  # reading changes nothing


async def test_after_five_wrong_passwords_one_has_to_wait(office: Office) -> None:
    await office.user("eva")
    browser = await office.browser()
    for _ in range(5):
        assert (await browser.post("/api/v1/login", json=login("wrong password"))).status_code == 401
    answer = await browser.post("/api/v1/login", json=login())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert answer.json()["detail"] == "Too many wrong passwords. Try again in 5 seconds."
    office.later(timedelta(seconds=5))
    assert (await browser.post("/api/v1/login", json=login("wrong password"))).status_code == 401
    assert (await browser.post("/api/v1/login", json=login())).headers["retry-after"] == "10"
    office.later(timedelta(seconds=10))
    assert (await browser.post("/api/v1/login", json=login())).status_code == 200
    assert (await browser.post("/api/v1/login", json=login("wrong password"))).status_code == 401  # counted anew


async def test_all_processes_count_together(office: Office, serve: Any) -> None:
    await office.user("eva")
    async with opened(office.parts, serve) as second:
        browsers = [await office.browser(), await second.browser()]
        tries = [browsers[number % 2].post("/api/v1/login", json=login("wrong password")) for number in range(8)]
        statuses = sorted([answer.status_code for answer in await asyncio.gather(*tries)])
    assert statuses == [401] * 5 + [429] * 3


async def test_names_that_do_not_exist_are_counted_too(office: Office) -> None:
    browser = await office.browser()
    statuses = [
        (await browser.post("/api/v1/login", json=login("wrong password", "nobody"))).status_code for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]


async def test_an_old_hash_is_renewed_and_sessions_go_on(office: Office) -> None:
    eva = await office.person("eva")
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with office.parts.database.begin() as session:
        await set_password(session, "eva", weak)
    await office.session(eva, "eva")
    assert (await (await office.browser()).post("/api/v1/login", json=login())).status_code == 200
    async with office.parts.database.begin() as session:
        kept = await password_of(session, "eva")
    assert kept is not None
    assert kept != weak
    assert not passwords.outdated(kept)
    assert await passwords.verified(PASSWORD, kept)
    assert (await eva.get("/api/v1/me")).status_code == 200


async def test_logins_are_in_the_audit_log(office: Office) -> None:
    await office.user("eva")
    browser = await office.browser()
    await browser.post("/api/v1/login", json=login("wrong password"))
    await browser.post("/api/v1/login", json=login(name="my password, typed too early"))
    told = (await browser.post("/api/v1/login", json=login())).json()
    await browser.post("/api/v1/logout", headers={CSRF: told["csrf_token"]})
    assert [(one.actor, one.action, one.object, one.details) for one in await office.audit()] == [
        ("", "login.refused", "users/eva", {"address": "127.0.0.1"}),
        ("", "login.refused", "users", {"address": "127.0.0.1"}),
        ("eva", "login.succeeded", "users/eva", {"address": "127.0.0.1"}),
        ("eva", "login.ended", "users/eva", {}),
    ]


async def test_the_ways_to_log_in(office: Office) -> None:
    answer = await (await office.browser()).get("/api/v1/login")
    assert answer.json() == {"password": True, "sign_on": None, "sign_on_title": None}


async def test_without_the_database_nobody_is_let_in(parts: Parts, serve: Any, free_port: Callable[[], int]) -> None:
    async with opened(parts, serve) as office:
        eva = await office.person("eva")
        away = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
        office.app.state.parts = replace(office.parts, database=away)
        assert (await eva.get("/api/v1/me")).status_code == 503
        assert (await eva.post("/api/v1/login", json=login())).status_code == 503
        await away.close()


def test_the_page_says_what_the_code_does() -> None:
    page = " ".join((Path(__file__).parents[2] / "docs/reference/access.md").read_text().split())
    free, first = attempts.FREE, attempts.FIRST_DELAY.seconds
    longest, idle = attempts.LONGEST_DELAY.seconds // 60, sessions.IDLE.seconds // 3600
    remembered = {timedelta(hours=1): "an hour"}[openid.REMEMBERED]
    for said in (
        f"At least {passwords.SHORTEST} characters, at most {passwords.LONGEST:,}",
        f"after {idle} hours without a request, and after {sessions.LONGEST.days} days",
        f"After {free['name']} failures of a name, or {free['address']} of an address",
        f"`Retry-After`: {first} seconds, which each further failure doubles, up to {longest} minutes",
        f"signed cookie for {single_sign_on.LASTS.seconds // 60} minutes",
        f"its times must be right within {openid.LEEWAY // 60} minutes",
        f"asked for anew after {remembered}",
    ):
        assert said in page
