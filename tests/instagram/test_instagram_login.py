"""Authorising by Instagram's own login, over a socket, with every shape that its answers have."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.login import Candidate, LoginError, Token
from tests.instagram.logins import (
    BACK,
    NOW,
    SECRET,
    example,
    instagram_login,
    query_of,
    with_account,
)
from tests.instagram.scripted import ACCOUNT, Meta

pytestmark = pytest.mark.anyio


def test_dialog_of_instagram() -> None:
    url = instagram_login(httpx.AsyncClient(), "https://www.instagram.com").dialog(BACK, "s")
    assert url.startswith("https://www.instagram.com/oauth/authorize?")
    assert query_of(url) == {
        "client_id": "88",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "instagram_business_basic,instagram_business_manage_messages",
        "state": "s",
        "force_reauth": "true",
    }


async def test_an_account_by_instagram_login(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    with_account(meta, examples)
    (found,) = await instagram_login(http, meta.url).candidates("the-code#_", BACK)
    assert found == Candidate(
        account=ACCOUNT,
        flavour="login",
        username="test_user",
        name="Test User",
        picture="https://example.com/profile.jpg",
        token="IGAA_LONG",
        token_expires_at=NOW + timedelta(seconds=5183944),
        authorised_by="12345",
        kind="business",
        scopes=("instagram_business_basic", "instagram_business_manage_messages"),
    )
    short, long, me = meta.asked
    assert short.form == {
        "client_id": "88",
        "client_secret": SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": "the-code",
    }
    assert long.query == {"grant_type": "ig_exchange_token", "client_secret": SECRET, "access_token": "IGAA_SHORT"}
    assert me.token == "IGAA_LONG"


@pytest.mark.parametrize(
    "short",
    [
        {"data": [{"access_token": "T", "user_id": "1", "permissions": "instagram_business_basic,extra"}]},
        {"access_token": "T", "user_id": 17841400000000001, "permissions": "instagram_business_basic, extra"},
        {"access_token": "T", "user_id": 1, "permissions": ["instagram_business_basic", "extra"]},
    ],
    ids=["wrapped", "flat with a text", "flat with a list"],
)
async def test_three_shapes_of_the_first_token(meta: Meta, http: httpx.AsyncClient, examples: Path, short: Any) -> None:
    with_account(meta, examples, short=short)
    (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
    assert meta.of("/access_token")[0].query["access_token"] == "T"
    assert found.scopes == ("instagram_business_basic", "extra")
    assert found.refused is not None
    assert "instagram_business_manage_messages was not given" in found.refused


async def test_the_account_is_the_user_id_and_not_the_id(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    me = {"id": 998877, "user_id": int(ACCOUNT), "username": "shop", "account_type": "Business"}
    with_account(meta, examples, me=me)
    (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
    assert (found.account, found.authorised_by, found.kind) == (ACCOUNT, "998877", "business")
    with_account(meta, examples, me={"id": "998877", "username": "shop"})
    with pytest.raises(LoginError, match="no user_id"):
        await instagram_login(http, meta.url).candidates("c", BACK)


@pytest.mark.parametrize("spelt", ["MEDIA_CREATOR", "Media_Creator", "media_creator"])
async def test_creators_are_refused(meta: Meta, http: httpx.AsyncClient, examples: Path, spelt: str) -> None:
    wrapped = example(examples, "api_me_ig_login_data_wrapped")
    wrapped["data"][0]["account_type"] = spelt
    with_account(meta, examples, me=wrapped)
    (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
    assert found.kind == "creator"
    assert found.refused is not None
    assert "@test_user is a creator account" in found.refused
    assert "switch it to a business account" in found.refused


async def test_other_kinds(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    kinds = {}
    for spelt in ("PERSONAL", "SOMETHING_NEW", None):
        me = {"user_id": ACCOUNT, "id": "1", "username": "x", "account_type": spelt}
        with_account(meta, examples, me=me)
        (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
        kinds[spelt] = (found.kind, bool(found.refused))
    assert kinds == {"PERSONAL": ("unknown", True), "SOMETHING_NEW": ("unknown", False), None: ("unknown", False)}


async def test_a_token_without_an_end_lasts_sixty_days(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    with_account(meta, examples, long={"access_token": "IGAA_LONG", "token_type": "bearer"})
    (found,) = await instagram_login(http, meta.url).candidates("c", BACK)
    assert found.token_expires_at == NOW + timedelta(days=60)


async def test_a_token_is_refreshed(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    login = instagram_login(http, meta.url)
    meta.answer("GET", "/refresh_access_token", example(examples, "api_oauth_refresh"), {"access_token": "NEW"})
    assert await login.refreshed("IGAA_OLD") == Token(
        token="IGAA_REFRESHED",
        expires_at=NOW + timedelta(seconds=5127758),
        scopes=("instagram_business_basic", "instagram_business_manage_messages"),
    )
    assert meta.last().query == {"grant_type": "ig_refresh_token", "access_token": "IGAA_OLD"}
    assert (await login.refreshed("IGAA_OLD")).scopes == ()
    meta.answer("GET", "/refresh_access_token", (400, example(examples, "err_190_expired")))
    with pytest.raises(LoginError, match="Connect the account again") as error:
        await login.refreshed("IGAA_OLD")
    assert not error.value.retry


async def test_the_state_of_an_instagram_token(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    login = instagram_login(http, meta.url)
    meta.answer("GET", "/v26.0/me", example(examples, "api_me_ig_login_data_wrapped"))
    state = await login.inspect("IGAA")
    assert (state.alive, state.kind, state.username, state.reason) == (True, "creator", "test_user", None)
    for name in ("err_190_session_invalidated", "err_100_unsupported_request_no_role"):
        meta.answer("GET", "/v26.0/me", (400, example(examples, name)))
        state = await login.inspect("IGAA")
        assert not state.alive
        assert state.reason is not None
        assert state.reason.endswith(("Connect the account again.", "or have the app approved."))
    meta.answer("GET", "/v26.0/me", (500, example(examples, "err_2_transient")))
    with pytest.raises(LoginError) as error:
        await login.inspect("IGAA")
    assert error.value.retry


async def test_an_account_is_subscribed_with_or_without_echoes(
    meta: Meta, http: httpx.AsyncClient, examples: Path
) -> None:
    with_account(meta, examples)
    login = instagram_login(http, meta.url)
    (found,) = await login.candidates("c", BACK)
    address = f"/v26.0/{ACCOUNT}/subscribed_apps"
    refused = {"error": {"message": "Param subscribed_fields[9] must be one of {…}", "code": 100}}
    meta.answer("POST", address, (400, refused), {"success": True})
    await login.subscribe(found)
    first, second = (asked.query["subscribed_fields"].split(",") for asked in meta.of(address))
    assert set(first) - set(second) == {"message_echoes"}
    assert {"messages", "messaging_postbacks", "message_reactions", "messaging_seen", "standby"} <= set(second)
    meta.answer("DELETE", address, (400, {"error": {"message": "gone", "code": 190}}))
    with pytest.raises(LoginError, match="account test_user was unsubscribed: gone"):
        await login.unsubscribe(found)
