"""What both logins have in common: refusals, no answer, odd answers, and secrets that stay out of sight."""

import json
import logging
import re
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.login import Candidate, LoginError, Token, denied
from tests.instagram.logins import (
    BACK,
    DEBUG,
    EXCHANGE,
    NOW,
    PAGES,
    SECRET,
    a_page,
    example,
    instagram_login,
    page_login,
    with_account,
    with_pages,
)
from tests.instagram.scripted import Meta

pytestmark = pytest.mark.anyio


async def test_refusals_in_both_envelopes(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    meta.answer("POST", "/oauth/access_token", (400, example(examples, "err_oauth_code_exchange")))
    with pytest.raises(LoginError, match=r"code was not found or was already used\. Begin the login again") as error:
        await instagram_login(http, meta.url).candidates("c", BACK)
    assert not error.value.retry
    wrong = {"error_type": "OAuthException", "code": 400, "error_message": "Invalid platform app"}
    meta.answer("POST", "/oauth/access_token", (400, wrong))
    with pytest.raises(LoginError, match="app id and app secret belong together"):
        await instagram_login(http, meta.url).candidates("c", BACK)
    told = {"message": "Error validating verification code. Please make sure your redirect_uri is identical"}
    meta.answer("GET", EXCHANGE, (400, {"error": {**told, "type": "OAuthException", "code": 100}}))
    with pytest.raises(LoginError, match=f"redirect address {BACK}"):
        await page_login(http, meta.url).candidates("c", BACK)
    secret = {"error": {"message": "Error validating client secret.", "type": "OAuthException", "code": 1}}
    meta.answer("GET", EXCHANGE, (400, secret))
    with pytest.raises(LoginError, match=r"client secret \(1\)\. Check") as error:
        await page_login(http, meta.url).candidates("c", BACK)
    assert not error.value.retry


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_what_may_go_through_later(meta: Meta, http: httpx.AsyncClient, status: int) -> None:
    for answer in ((status, b"<html>"), (status, {"error": {"message": "m"}}, {"Retry-After": "120"})):
        meta.answer("GET", EXCHANGE, answer)
        meta.answer("POST", "/oauth/access_token", answer)
        for login in (page_login(http, meta.url), instagram_login(http, meta.url)):
            with pytest.raises(LoginError, match=r"Try again in (a few|2) minutes") as error:
                await login.candidates("c", BACK)
            assert error.value.retry


async def test_no_answer_may_be_asked_for_again() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with httpx.AsyncClient(timeout=0.2) as http:
            for login in (page_login(http, url), instagram_login(http, url)):
                with pytest.raises(LoginError, match="no connection") as error:
                    await login.candidates("c", BACK)
                assert error.value.retry
            silent.listen()
            for login in (page_login(http, url), instagram_login(http, url)):
                with pytest.raises(LoginError, match="connection to Instagram broke: ReadTimeout") as error:
                    await login.candidates("c", BACK)
                assert error.value.retry


ODD = [None, 7, "x", [], {}, [1], {"data": None}, {"data": [[]]}, {"data": {}}, {"data": 5}, {"access_token": 5}]


@pytest.mark.parametrize("odd", ODD, ids=[json.dumps(odd) for odd in ODD])
async def test_odd_answers_are_login_errors(meta: Meta, http: httpx.AsyncClient, examples: Path, odd: Any) -> None:
    for address in (EXCHANGE, DEBUG, PAGES):
        with_pages(meta, examples, {"data": []})
        meta.answer("GET", address, odd)
        # An object may be what debug_token answers of a token of which nothing is known.
        if address == DEBUG and odd == {"data": {}}:
            assert await page_login(http, meta.url).candidates("c", BACK) == []
            continue
        if address == PAGES and odd == {"data": [[]]}:
            assert await page_login(http, meta.url).candidates("c", BACK) == []
            continue
        with pytest.raises(LoginError):
            await page_login(http, meta.url).candidates("c", BACK)
    for method, address in (("POST", "/oauth/access_token"), ("GET", "/access_token"), ("GET", "/v26.0/me")):
        with_account(meta, examples)
        meta.answer(method, address, odd)
        with pytest.raises(LoginError):
            await instagram_login(http, meta.url).candidates("c", BACK)


async def test_odd_pages_and_accounts(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    odd_pages = [a_page(id=5, tasks="MESSAGING"), {"id": "6"}, {}, "?", a_page(7, name=None, tasks=[None, 5])]
    with_pages(meta, examples, {"data": [*odd_pages, a_page(8, instagram_business_account=[])]})
    found = await page_login(http, meta.url).candidates("c", BACK)
    assert [(one.page_id, one.refused is None) for one in found] == [
        ("5", True),
        ("6", False),
        (None, False),
        ("1007", False),
        ("1008", False),
    ]


async def test_a_candidate_survives_json_and_shows_no_token(
    meta: Meta, http: httpx.AsyncClient, examples: Path
) -> None:
    with_account(meta, examples)
    (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
    assert Candidate.model_validate_json(found.model_dump_json()) == found
    assert Candidate.model_validate(found.model_dump(mode="json")) == found
    assert "IGAA_LONG" not in f"{found!r} {found}"
    assert "IGAA_LONG" not in repr(Token(token="IGAA_LONG", expires_at=NOW))


async def test_secrets_are_in_no_log_no_message_and_no_repr(
    meta: Meta, http: httpx.AsyncClient, examples: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page, login = page_login(http, meta.url), instagram_login(http, meta.url)
    with_pages(meta, examples, {"data": [a_page()]})
    with_account(meta, examples)
    told = [repr(page), repr(login), str(await page.candidates("the-code", BACK))]
    told.append(str(await login.candidates("the-code", BACK)))
    quoting = {"error": {"message": f"bad {SECRET} the-code IGAA_SHORT EAA-short", "code": 100}}
    meta.answer("GET", EXCHANGE, (400, quoting))
    meta.answer("GET", "/access_token", (400, {"error": {"message": f"bad {SECRET} IGAA_SHORT", "code": 100}}))
    meta.answer("POST", "/oauth/access_token", (400, quoting), example(examples, "api_oauth_short_token_wrapped"))
    for again in (page, login, login):
        with pytest.raises(LoginError) as error:
            await again.candidates("the-code", BACK)
        told.append(f"{error.value} {error.value!r} {error.value.__cause__!r}")
    logged = [record for record in caplog.records if record.name.split(".")[0] in ("httpx", "httpcore", "instagram")]
    assert any("oauth/access_token?" in record.getMessage() for record in logged)  # it is logged, without secrets
    shown = "\n".join([*told, *(f"{record.getMessage()} {record.args}" for record in logged)])
    for secret in (SECRET, "the-code", "EAA-short", "EAA_LONG_USER", "EAA-page-1", "IGAA_SHORT", "IGAA_LONG"):
        assert secret not in shown, secret


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"code": "c", "state": "s"}, None),
        ({}, None),
        ({"error": "access_denied", "error_reason": "user_denied", "error_description": "…"}, "was cancelled"),
        ({"error": "server_error", "error_description": "It\nbroke."}, r"Meta ended the login: It broke\. Begin"),
        ({"error_code": "1349187", "error_message": "Invalid Scopes: x"}, "has these permissions"),
        ({"error": "<script>" * 100}, "^Meta ended the login: .{300}"),
    ],
)
def test_a_dialog_that_sends_nobody_back(query: dict[str, str], sentence: str | None) -> None:
    found = denied(query)
    if sentence is None:
        assert found is None
    else:
        assert re.search(sentence, found or "")
        assert len(found or "") < 500
