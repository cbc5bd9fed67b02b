"""Both logins, and Meta as it answers them when nothing is odd."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from instagram.login import InstagramLogin, PageLogin
from tests.instagram.scripted import Meta

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BACK = "https://switchboard.example.org/back/"
SECRET = "app-s3cret"
SCOPES = ["instagram_basic", "instagram_manage_messages", "pages_manage_metadata", "pages_show_list"]
EXCHANGE, DEBUG, PAGES = "/v26.0/oauth/access_token", "/v26.0/debug_token", "/v26.0/me/accounts"


def page_login(http: httpx.AsyncClient, url: str, **changed: Any) -> PageLogin:
    options = {"dialog_url": url, "graph_url": url, "version": "v26.0", "app_id": "77", "app_secret": SECRET}
    return PageLogin(http, **{**options, **changed})


def instagram_login(http: httpx.AsyncClient, url: str) -> InstagramLogin:
    return InstagramLogin(
        http,
        dialog_url=url,
        token_url=url,
        graph_url=url,
        version="v26.0",
        app_id="88",
        app_secret=SECRET,
        now=lambda: NOW,
    )


def example(examples: Path, name: str) -> Any:
    return json.loads((examples / f"{name}.json").read_text())


def granted(**changed: Any) -> dict[str, Any]:
    told = {
        "app_id": "77",
        "type": "USER",
        "is_valid": True,
        "expires_at": 1777550400,
        "data_access_expires_at": 1780142400,
        "scopes": [*SCOPES, "public_profile"],
        "user_id": "122000000000001",
    }
    return {"data": {**told, **changed}}


def a_page(number: int = 1, **changed: Any) -> dict[str, Any]:
    account = {
        "id": f"1784140000000000{number}",
        "username": f"shop{number}",
        "name": f"Shop {number}",
        "profile_picture_url": "https://cdn.example.org/1.jpg",
    }
    page = {
        "id": f"100{number}",
        "name": f"Page {number}",
        "access_token": f"EAA-page-{number}",
        "tasks": ["ANALYZE", "MESSAGING"],
        "instagram_business_account": account,
    }
    return {name: value for name, value in {**page, **changed}.items() if value is not None}


def with_pages(meta: Meta, examples: Path, *answers: Any, debug: Any = None) -> None:
    meta.answer("GET", EXCHANGE, {"access_token": "EAA-short"}, example(examples, "api_fb_long_user_token"))
    meta.answer("GET", DEBUG, debug or granted())
    meta.answer("GET", PAGES, *answers)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def with_account(meta: Meta, examples: Path, short: Any = None, long: Any = None, me: Any = None) -> None:
    meta.answer("POST", "/oauth/access_token", short or example(examples, "api_oauth_short_token_wrapped"))
    meta.answer("GET", "/access_token", long or example(examples, "api_oauth_long_token"))
    meta.answer("GET", "/v26.0/me", me or example(examples, "api_me_ig_login"))
