"""Authorising by Facebook, through pages, over a socket, with every shape that its answers have."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.login import Candidate, LoginError
from tests.instagram.logins import (
    BACK,
    DEBUG,
    PAGES,
    SCOPES,
    SECRET,
    a_page,
    example,
    granted,
    page_login,
    query_of,
    with_pages,
)
from tests.instagram.mutations import ODD_NUMBERS, ODD_TEXTS, ODD_VALUES, changed, paths, written
from tests.instagram.scripted import ACCOUNT, Meta

pytestmark = pytest.mark.anyio


def test_dialog_of_facebook() -> None:
    login = page_login(httpx.AsyncClient(), "https://www.facebook.com/")
    url = login.dialog(BACK, "a state&more")
    assert url.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    query = query_of(url)
    assert set(SCOPES) <= set(query["scope"].split(","))
    assert {name: query[name] for name in ("client_id", "redirect_uri", "state", "response_type")} == {
        "client_id": "77",
        "redirect_uri": BACK,
        "state": "a state&more",
        "response_type": "code",
    }
    assert query["auth_type"] == "rerequest"  # else what was unticked once is never asked for again
    configured = query_of(page_login(httpx.AsyncClient(), "https://f", config_id="99").dialog(BACK, "s"))
    assert configured["config_id"] == "99"
    assert "scope" not in configured


async def test_every_page_is_a_candidate(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    with_pages(meta, examples, {"data": [a_page()]})
    (found,) = await page_login(http, meta.url).candidates("the-code#_=_", BACK)
    assert found == Candidate(
        account="17841400000000001",
        flavour="page",
        username="shop1",
        name="Shop 1",
        picture="https://cdn.example.org/1.jpg",
        page_id="1001",
        page_name="Page 1",
        token="EAA-page-1",
        token_expires_at=None,
        data_access_expires_at=datetime(2026, 5, 30, 12, tzinfo=UTC),
        authorised_by="122000000000001",
        kind="unknown",
        scopes=(*SCOPES, "public_profile"),
        refused=None,
    )
    short, long, debug, pages = meta.asked
    app = {"client_id": "77", "client_secret": SECRET}
    assert short.query == {**app, "redirect_uri": BACK, "code": "the-code"}
    assert long.query == {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": "EAA-short"}
    assert debug.query == {"input_token": "EAA_LONG_USER", "access_token": f"77|{SECRET}"}
    proof = hmac.new(SECRET.encode(), b"EAA_LONG_USER", hashlib.sha256).hexdigest()
    assert (pages.token, pages.query["appsecret_proof"]) == ("EAA_LONG_USER", proof)


async def test_pages_of_the_documentation(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    with_pages(meta, examples, example(examples, "api_me_accounts"))
    usable, without = await page_login(http, meta.url).candidates("c", BACK)
    assert (usable.account, usable.username, usable.token, usable.refused) == (ACCOUNT, None, "PAGE_TOKEN", None)
    assert (without.account, without.page_name) == ("", "Page without IG")
    assert without.refused is not None
    assert "has no Instagram account" in without.refused
    assert "the task Messages" in without.refused  # both reasons at once, so that nobody has to come twice


@pytest.mark.parametrize(
    ("page", "debug", "refused"),
    [
        ({"tasks": ["ANALYZE", "MODERATE", "MANAGE"]}, {}, "task Messages"),
        ({"tasks": None}, {}, None),
        ({"instagram_business_account": None}, {}, "no Instagram account"),
        ({"access_token": None}, {}, "no token for the page Page 1"),
        (
            {"instagram_business_account": None},
            {"granular_scopes": [{"scope": "instagram_basic", "target_ids": ["1784149"]}]},
            "^The page Page 1 has no Instagram account, or it was not chosen: [^:]*$",
        ),
        (
            {"instagram_business_account": None},
            {"scopes": [scope for scope in SCOPES if scope != "instagram_basic"]},
            "^The permission instagram_basic was not given: [^:]*$",
        ),
        ({}, {"scopes": [scope for scope in SCOPES if scope != "instagram_manage_messages"]}, "manage_messages was"),
        ({}, {"scopes": ["public_profile"]}, "permissions instagram_basic, .* were not given"),
        ({}, {"scopes": None}, "were not given"),
        ({}, {"granular_scopes": [{"scope": "instagram_basic", "target_ids": ["1784149"]}]}, "instagram_basic was"),
        ({}, {"granular_scopes": [{"scope": "instagram_basic", "target_ids": [int(ACCOUNT)]}]}, None),
        ({}, {"granular_scopes": [{"scope": "pages_show_list", "target_ids": ["1001"]}]}, None),
        ({}, {"granular_scopes": [{"scope": "pages_show_list"}]}, None),
    ],
)
async def test_why_a_page_is_refused(
    meta: Meta, http: httpx.AsyncClient, examples: Path, page: Any, debug: Any, refused: str | None
) -> None:
    with_pages(meta, examples, {"data": [a_page(**page)]}, debug=granted(**debug))
    (found,) = await page_login(http, meta.url).candidates("c", BACK)
    if refused is None:
        assert found.refused is None
    else:
        assert re.search(refused, found.refused or "")
        assert "begin again" in (found.refused or "")


async def test_what_facebook_does_not_say_of_a_token_is_not_held_against_anybody(
    meta: Meta, http: httpx.AsyncClient, examples: Path
) -> None:
    with_pages(meta, examples, {"data": [a_page()]}, debug={"data": {"is_valid": True, "data_access_expires_at": 0}})
    (found,) = await page_login(http, meta.url).candidates("c", BACK)
    assert (found.refused, found.data_access_expires_at, found.scopes) == (None, None, ())


async def test_all_pages_however_many(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    following = f"{meta.url}{PAGES}?access_token=x&after=two"
    with_pages(
        meta,
        examples,
        {"data": [a_page(1), a_page(2)], "paging": {"cursors": {"after": "two"}, "next": following}},
        {"data": [a_page(2), a_page(3)], "paging": {"next": f"{meta.url}{PAGES}?access_token=x&after=three"}},
        {"data": [a_page(4)], "paging": {"cursors": {"before": "b", "after": "the last page has one too"}}},
    )
    found = await page_login(http, meta.url).candidates("c", BACK)
    assert [candidate.page_id for candidate in found] == ["1001", "1002", "1003", "1004"]
    assert [asked.query.get("after") for asked in meta.of(PAGES)] == [None, "two", "three"]
    assert all("access_token" not in asked.query for asked in meta.of(PAGES))


@pytest.mark.parametrize("address", ["https://evil.example.org/me/accounts?after=2", "/me/accounts", "http://[", "x"])
async def test_the_list_of_pages_stays_with_its_host(
    meta: Meta, http: httpx.AsyncClient, examples: Path, address: str
) -> None:
    with_pages(meta, examples, {"data": [a_page()], "paging": {"next": address}})
    with pytest.raises(LoginError, match="another host") as error:
        await page_login(http, meta.url).candidates("c", BACK)
    assert not error.value.retry
    assert len(meta.of(PAGES)) == 1


async def test_a_list_of_pages_that_goes_in_circles_ends(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    circle = {"data": [a_page()], "paging": {"cursors": {"after": "same"}, "next": meta.url}}
    with_pages(meta, examples, circle)
    assert len(await page_login(http, meta.url).candidates("c", BACK)) == 1
    turns = [{"data": [], "paging": {"cursors": {"after": str(turn)}, "next": meta.url}} for turn in range(60)]
    with_pages(meta, examples, *turns)
    with pytest.raises(LoginError, match="more than 5000 pages"):
        await page_login(http, meta.url).candidates("c", BACK)


@pytest.mark.parametrize(
    ("told", "alive", "reason"),
    [
        ({"type": "PAGE", "expires_at": 0}, True, None),
        ({"is_valid": False, "error": {"code": 190, "subcode": 460, "message": "m"}}, False, "password was changed"),
        ({"is_valid": False}, False, "token is not valid: connect the account again"),
        ({"app_id": "12"}, False, r"another app \(12\)"),
        ({"scopes": ["pages_show_list"]}, False, "instagram_manage_messages was not given"),
    ],
)
async def test_the_state_of_a_page_token(
    meta: Meta, http: httpx.AsyncClient, told: Any, alive: bool, reason: str | None
) -> None:
    meta.answer("GET", DEBUG, granted(**told))
    state = await page_login(http, meta.url).inspect("EAA-page")
    assert state.alive is alive
    assert state.data_access_expires_at == datetime(2026, 5, 30, 12, tzinfo=UTC)
    assert state.expires_at == (None if "type" in told else datetime(2026, 4, 30, 12, tzinfo=UTC))
    if reason is None:
        assert state.reason is None
    else:
        assert re.search(reason, state.reason or "")


async def test_a_page_is_subscribed_and_unsubscribed(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    with_pages(meta, examples, {"data": [a_page()]})
    login = page_login(http, meta.url)
    (found,) = await login.candidates("c", BACK)
    meta.answer("POST", "/v26.0/1001/subscribed_apps", {"success": True})
    meta.answer("DELETE", "/v26.0/1001/subscribed_apps", {"success": True})
    await login.subscribe(found)
    assert meta.last().token == "EAA-page-1"
    assert "messages" in meta.last().query["subscribed_fields"].split(",")
    await login.unsubscribe(found)
    assert meta.last().method == "DELETE"
    meta.answer("POST", "/v26.0/1001/subscribed_apps", (403, {"error": {"message": "no", "code": 200}}))
    with pytest.raises(LoginError, match="page Page 1 was subscribed: no") as error:
        await login.subscribe(found)
    assert not error.value.retry
    with pytest.raises(LoginError, match="access token of the page: empty"):
        await login.subscribe(found.model_copy(update={"token": ""}))


async def test_any_list_of_pages_is_candidates_or_an_error(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    told = {"data": [a_page()], "paging": {"cursors": {"after": "a"}, "next": f"{meta.url}{PAGES}?after=b"}}
    login, found = page_login(http, meta.url), 0
    for path in paths(told):
        for odd in (*ODD_VALUES[::2], *ODD_NUMBERS[::3], *ODD_TEXTS[::2]):
            listed = written(changed(told, path, "retype", odd, "")).encode()
            with_pages(meta, examples, listed, {"data": []})
            try:
                candidates = await login.candidates("c", BACK)
            except LoginError:
                continue
            found += len(candidates)
            for candidate in candidates:
                assert Candidate.model_validate_json(candidate.model_dump_json()) == candidate
                assert candidate.refused or (candidate.account and candidate.token)
    assert found > 80
