"""Codes become tokens, tokens live and die by the simulator's clock, and Meta's callbacks reach the app."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
BOAT, LENA = "17841400000000005", "17841400000000006"
OLGA, PAUL = "10220000000000001", "10220000000000002"
GARDEN, NOTICEBOARD, BAKERY = "100000000000003", "100000000000004", "100000000000005"
SECRET, LOGIN_SECRET = "a-test-secret", "the-other-secret"
FACEBOOK = {"client_id": "100000000000001", "client_secret": SECRET}
INSTAGRAM = {"client_id": "200000000000002", "client_secret": LOGIN_SECRET, "grant_type": "authorization_code"}
BACK = "https://app.example/back"
ALL = "pages_show_list,instagram_basic,instagram_manage_messages,pages_manage_metadata"
HOUR, DAY = 3600, 86400


@pytest.fixture(scope="module")
async def shared(anyio_backend: str, running: Any) -> AsyncIterator[Any]:
    async with running(login_secret=LOGIN_SECRET) as simulator:
        yield simulator


async def facebook_token(simulator: Any, *, pages: list[str] | None = None, scopes: str = ALL) -> str:
    """A long-lived user token of Olga's, by a code of the dialog."""
    asked = {"app": "facebook", "owner": OLGA, "redirect_uri": BACK, "scopes": scopes.split(","), "pages": pages}
    code = (await simulator.control("POST", "/codes", asked))["code"]
    exchanged = {**FACEBOOK, "redirect_uri": BACK, "code": code}
    short = await simulator.graph("GET", "/v26.0/oauth/access_token", params=exchanged)
    assert (short["token_type"], short["expires_in"]) == ("bearer", 7200)
    longer = {**FACEBOOK, "grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    long = await simulator.graph("GET", "/v26.0/oauth/access_token", params=longer)
    assert long["expires_in"] == 5183944
    return long["access_token"]


async def instagram_code(simulator: Any, account: str = BOAT) -> str:
    made = await simulator.control("POST", "/codes", {"app": "instagram", "owner": account, "redirect_uri": BACK})
    return made["code"]


async def instagram_token(simulator: Any, account: str = BOAT) -> str:
    """A long-lived token of Instagram Login, by a code of the dialog."""
    form = {**INSTAGRAM, "redirect_uri": BACK, "code": await instagram_code(simulator, account)}
    (short,) = (await simulator.graph("POST", "/oauth/access_token", data=form))["data"]
    asked = {"grant_type": "ig_exchange_token", "client_secret": LOGIN_SECRET, "access_token": short["access_token"]}
    long = await simulator.graph("GET", "/access_token", params=asked)
    assert (long["token_type"], long["expires_in"]) == ("bearer", 5183944)
    return long["access_token"]


def numbers(answer: dict[str, Any]) -> tuple[int | None, int | None]:
    return answer["error"].get("code"), answer["error"].get("error_subcode")


async def test_facebook_pages_and_their_tokens(simulator: Any) -> None:
    token = await facebook_token(simulator, pages=[GARDEN, NOTICEBOARD, BAKERY])
    assert (await simulator.graph("GET", "/v26.0/me", token))["name"] == "Olga Owner"
    fields = "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}"
    listed = (await simulator.graph("GET", f"/v26.0/me/accounts?fields={fields}", token))["data"]
    garden, board, bakery = listed
    assert (garden["id"], garden["name"], board["id"], bakery["id"]) == (GARDEN, "Garden Studio", NOTICEBOARD, BAKERY)
    account = garden["instagram_business_account"]
    assert (account["id"], account["username"]) == ("17841400000000003", "garden.studio")
    assert set(account) == {"id", "username", "name", "profile_picture_url"}
    assert (await simulator.http.get(account["profile_picture_url"])).headers["content-type"] == "image/png"
    assert "instagram_business_account" not in board
    assert "MESSAGING" in garden["tasks"]
    assert "MESSAGING" not in bakery["tasks"]

    own = garden["access_token"]
    assert (await simulator.graph("GET", "/me", own))["id"] == GARDEN
    again = (await simulator.graph("GET", f"/v26.0/me/accounts?fields={fields}", token))["data"]
    assert again[0]["access_token"] == own
    subscribed = f"/v26.0/{GARDEN}/subscribed_apps"
    assert await simulator.graph("GET", subscribed, own) == {"data": []}
    assert await simulator.graph("POST", f"{subscribed}?subscribed_fields=feed", own) == {"success": True}
    (told,) = (await simulator.graph("GET", subscribed, own))["data"]
    assert (told["id"], told["subscribed_fields"]) == (FACEBOOK["client_id"], ["feed"])
    customer = await simulator.customer("17841400000000003")
    await simulator.say("17841400000000003", customer, text="hi")
    assert len(await simulator.control("GET", "/webhooks?account=17841400000000003")) == 1
    assert "message_id" in await simulator.text("17841400000000003", customer, "hello", own)

    bakers = await simulator.customer("17841400000000004")
    await simulator.say("17841400000000004", bakers, text="hi")
    refused = await simulator.text("17841400000000004", bakers, "hello", bakery["access_token"])
    assert numbers(refused) == (200, None)


async def test_fields_of_pages_as_asked(simulator: Any) -> None:
    token = await facebook_token(simulator)
    usual = (await simulator.graph("GET", "/me/accounts", token))["data"][0]
    assert set(usual) == {"id", "name", "category", "access_token", "tasks"}
    bare = (await simulator.graph("GET", "/me/accounts?fields=instagram_business_account", token))["data"][0]
    assert bare == {"id": "100000000000002", "instagram_business_account": {"id": PAGE}}
    one = await simulator.graph("GET", f"/{GARDEN}?fields=name,instagram_business_account{{username}}", token)
    assert one["instagram_business_account"] == {"id": "17841400000000003", "username": "garden.studio"}
    account = await simulator.graph("GET", "/17841400000000003?fields=username,account_type", token)
    assert account == {"id": "17841400000000003", "username": "garden.studio"}
    assert numbers(await simulator.graph("GET", "/me/accounts?fields=a{b", token)) == (100, None)
    unticked = await facebook_token(simulator, scopes="pages_show_list,instagram_manage_messages")
    listed = (await simulator.graph("GET", "/me/accounts?fields=id,instagram_business_account", unticked))["data"]
    assert all("instagram_business_account" not in page for page in listed)
    nothing = await facebook_token(simulator, scopes="instagram_basic")
    assert await simulator.graph("GET", "/me/accounts", nothing) == {"data": []}
    given = (await simulator.graph("GET", "/me/permissions", nothing))["data"]
    assert given == [{"permission": "instagram_basic", "status": "granted"}]


async def test_sixty_pages_come_in_pages(simulator: Any) -> None:
    made = await simulator.control("POST", "/pages", {"name": "Branch", "count": 60, "accounts": True}, expect=201)
    assert len(made) == 60
    assert made[7]["name"] == "Branch 8"
    token = await facebook_token(simulator)
    found: list[str] = []
    address, calls = f"{simulator.url}/v26.0/me/accounts?fields=id,name&limit=25", 0
    while address:
        answer = (await simulator.http.get(address, headers={"Authorization": f"Bearer {token}"})).json()
        found += [page["id"] for page in answer["data"]]
        address, calls = answer["paging"].get("next"), calls + 1
        assert not address or address.startswith(f"{simulator.url}/v26.0/me/accounts?")
    assert (calls, len(found), len(set(found))) == (3, 64, 64)
    first = await simulator.graph("GET", "/me/accounts?limit=2", token)
    after = first["paging"]["cursors"]["after"]
    second = await simulator.graph("GET", f"/me/accounts?limit=2&after={after}", token)
    assert [page["id"] for page in first["data"] + second["data"]] == found[:4]
    assert numbers(await simulator.graph("GET", "/me/accounts?limit=none", token)) == (100, None)
    assert numbers(await simulator.graph("GET", "/me/accounts?after=%21%21", token)) == (100, None)


async def test_people_and_roles(simulator: Any) -> None:
    made = await simulator.control("POST", "/people", {"name": "Rita"}, expect=201)
    await simulator.control("POST", "/people", {"name": "Rita", "id": made["id"]}, expect=409)
    await simulator.control("PUT", f"/pages/{GARDEN}/roles", {"person": made["id"], "tasks": ["MESSAGING"]})
    assert (await simulator.control("GET", "/people"))[-1] == {"id": made["id"], "name": "Rita", "pages": [GARDEN]}
    token = await simulator.control("POST", "/tokens", {"kind": "page", "subject": GARDEN, "person": made["id"]})
    customer = await simulator.customer("17841400000000003")
    await simulator.say("17841400000000003", customer, text="hi")
    assert "message_id" in await simulator.text("17841400000000003", customer, "hello", token["token"])
    await simulator.control("PUT", f"/pages/{GARDEN}/roles", {"person": made["id"], "tasks": []})
    assert numbers(await simulator.text("17841400000000003", customer, "hello", token["token"])) == (190, 492)
    pages = {page["id"]: page for page in await simulator.control("GET", "/pages")}
    assert (pages[NOTICEBOARD]["account"], list(pages[GARDEN]["roles"])) == (None, [OLGA])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"client_id": "5"}, (101, None)),
        ({"client_secret": LOGIN_SECRET}, (1, None)),
        ({"code": "nonsense"}, (100, None)),
        ({"redirect_uri": BACK + "/"}, (100, 36008)),
        ({"grant_type": "other"}, (100, None)),
    ],
)
async def test_what_facebook_refuses(simulator: Any, changed: dict[str, str], expected: tuple[int, int | None]) -> None:
    made = await simulator.control("POST", "/codes", {"app": "facebook", "owner": OLGA, "redirect_uri": BACK})
    asked = {**FACEBOOK, "redirect_uri": BACK, "code": made["code"]}
    assert numbers(await simulator.graph("GET", "/oauth/access_token", params={**asked, **changed})) == expected
    # What was refused used nothing up; what was used serves no second time, and neither does an old one.
    assert "access_token" in await simulator.graph("GET", "/oauth/access_token", params=asked)
    assert numbers(await simulator.graph("GET", "/oauth/access_token", params=asked)) == (100, 36009)
    late = await simulator.control("POST", "/codes", {"app": "facebook", "owner": OLGA, "redirect_uri": BACK})
    await simulator.control("POST", "/clock", {"advance": HOUR})
    asked["code"] = late["code"]
    assert numbers(await simulator.graph("GET", "/oauth/access_token", params=asked)) == (100, 36007)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": FACEBOOK["client_id"]},
        {"client_secret": SECRET},
        {"grant_type": "refresh"},
        {"redirect_uri": BACK + "/"},
        {"code": "nonsense"},
    ],
)
async def test_what_instagram_refuses(simulator: Any, changed: dict[str, str]) -> None:
    form = {**INSTAGRAM, "redirect_uri": BACK, "code": await instagram_code(simulator)}
    refused = await simulator.http.post("/oauth/access_token", data={**form, **changed})
    assert refused.status_code == 400
    assert refused.json() == {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": refused.json()["error_message"],
    }
    with_mark = await simulator.graph("POST", "/oauth/access_token", data={**form, "code": form["code"] + "#_"})
    assert with_mark["error_message"] == "Matching code was not found or was already used"
    # As a form with parts, too: Meta's own example sends it so.
    parts = {name: (None, value) for name, value in form.items()}
    assert "data" in (await simulator.http.post("/oauth/access_token", files=parts)).json()
    assert "error_message" in await simulator.graph("POST", "/oauth/access_token", data=form)
    late = {**form, "code": await instagram_code(simulator)}
    await simulator.control("POST", "/clock", {"advance": HOUR + 1})
    assert "error_message" in await simulator.graph("POST", "/oauth/access_token", data=late)


async def test_the_three_shapes_of_a_token(simulator: Any) -> None:
    for shape in ("wrapped", "flat", "flat_array"):
        await simulator.control("PUT", "/shapes", {"token": shape})
        form = {**INSTAGRAM, "redirect_uri": BACK, "code": await instagram_code(simulator)}
        told = await simulator.graph("POST", "/oauth/access_token", data=form)
        flat = told["data"][0] if shape == "wrapped" else told
        me = await simulator.graph("GET", "/v26.0/me", flat["access_token"])
        assert flat["user_id"] == (int(me["id"]) if shape == "flat_array" else me["id"])
        assert (me["user_id"], me["id"] == me["user_id"]) == (BOAT, False)
        permissions = flat["permissions"]
        assert "instagram_business_manage_messages" in (
            permissions if shape == "flat_array" else permissions.split(",")
        )
    await simulator.control("PUT", "/shapes", {"expires_in": False, "me": "wrapped"})
    asked = {"grant_type": "ig_exchange_token", "client_secret": LOGIN_SECRET, "access_token": flat["access_token"]}
    long = await simulator.graph("GET", "/access_token", params=asked)
    assert set(long) == {"access_token", "token_type"}
    wrapped = await simulator.graph("GET", "/me?fields=user_id,account_type", long["access_token"])
    assert [one["account_type"] for one in wrapped["data"]] == ["BUSINESS"]
    assert await simulator.control("GET", "/shapes") == {
        **{"token": "flat_array", "expires_in": False, "me": "wrapped", "timestamps": "number"}
    }


async def test_kinds_of_accounts(simulator: Any) -> None:
    token = await instagram_token(simulator, LENA)
    assert (await simulator.graph("GET", "/me?fields=account_type", token))["account_type"] == "MEDIA_CREATOR"
    await simulator.control("PATCH", f"/accounts/{LENA}", {"account_type": "BUSINESS"})
    assert (await simulator.graph("GET", "/me?fields=account_type", token))["account_type"] == "BUSINESS"
    # The other flavour does not say (facts 3.3).
    assert "account_type" not in await simulator.graph("GET", f"/{PAGE}", "EAA-simulated-2")


async def test_a_login_token_is_refreshed_when_a_day_old(simulator: Any) -> None:
    token = await instagram_token(simulator)
    asked = {"grant_type": "ig_refresh_token", "access_token": token}
    assert numbers(await simulator.graph("GET", "/refresh_access_token", params=asked)) == (100, None)
    await simulator.control("POST", "/clock", {"advance": DAY})
    fresh = await simulator.graph("GET", "/refresh_access_token", params=asked)
    assert fresh["access_token"] != token
    assert (fresh["token_type"], fresh["expires_in"]) == ("bearer", 5183944)
    assert "instagram_business_basic" in fresh["permissions"].split(",")
    assert (await simulator.graph("GET", "/me", token))["user_id"] == BOAT
    await simulator.control("POST", "/clock", {"advance": 59.5 * DAY})
    assert numbers(await simulator.graph("GET", "/me", token)) == (190, 463)
    assert numbers(await simulator.graph("GET", "/refresh_access_token", params=asked)) == (190, 463)
    assert (await simulator.graph("GET", "/me", fresh["access_token"]))["user_id"] == BOAT
    wrong = {**asked, "grant_type": "ig_exchange_token"}
    assert numbers(await simulator.graph("GET", "/refresh_access_token", params=wrong)) == (100, None)


async def test_an_expired_user_token_cannot_be_exchanged_and_page_tokens_outlive_it(simulator: Any) -> None:
    token = await facebook_token(simulator, pages=[GARDEN])
    page = (await simulator.graph("GET", "/me/accounts", token))["data"][0]["access_token"]
    await simulator.control("POST", "/clock", {"advance": 61 * DAY})
    asked = {**FACEBOOK, "grant_type": "fb_exchange_token", "fb_exchange_token": token}
    assert numbers(await simulator.graph("GET", "/oauth/access_token", params=asked)) == (190, 463)
    assert (await simulator.graph("GET", "/me", page))["id"] == GARDEN


async def test_debug_token(simulator: Any) -> None:
    token = await facebook_token(simulator, pages=[GARDEN])
    page = (await simulator.graph("GET", "/me/accounts", token))["data"][0]["access_token"]
    app = f"{FACEBOOK['client_id']}|{SECRET}"

    async def debug(written: str) -> dict[str, Any]:
        asked = {"input_token": written, "access_token": app}
        return (await simulator.graph("GET", "/v26.0/debug_token", params=asked))["data"]

    told = await debug(page)
    assert (told["type"], told["is_valid"], told["expires_at"], told["profile_id"]) == ("PAGE", True, 0, GARDEN)
    assert (told["app_id"], told["user_id"]) == (FACEBOOK["client_id"], OLGA)
    assert 89 * DAY < told["data_access_expires_at"] - told["issued_at"] < 91 * DAY
    assert told["scopes"] == ALL.split(",")
    granular = {one["scope"]: one.get("target_ids") for one in told["granular_scopes"]}
    assert granular["instagram_manage_messages"] == ["17841400000000003"]
    assert granular["pages_show_list"] == [GARDEN]
    assert (await debug(token))["type"] == "USER"
    assert (await debug(token))["expires_at"] > 0
    await simulator.control("PATCH", f"/tokens/{page}", {"revoked": 460})
    told = await debug(page)
    assert (told["is_valid"], told["error"]["code"], told["error"]["subcode"]) == (False, 190, 460)
    assert (await debug("nonsense"))["is_valid"] is False
    refused = await simulator.graph("GET", "/debug_token", params={"input_token": page, "access_token": page})
    assert numbers(refused) == (190, None)
    granted = await simulator.graph(
        "GET", "/oauth/access_token", params={**FACEBOOK, "grant_type": "client_credentials"}
    )
    assert granted["access_token"] == app


async def test_tokens_are_killed_and_come_back(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, customer, text="hi")
    (known,) = await simulator.control("GET", f"/tokens?account={LOGIN}")
    assert (known["token"], known["alive"], known["expires"]) == ("IGAA-simulated-1", True, None)
    for change, expected in (
        ({"revoked": 458}, (190, 458)),
        ({"revoked": 460}, (190, 460)),
        ({"revoked": None, "expires_in": 0}, (190, 463)),
    ):
        await simulator.control("PATCH", "/tokens/IGAA-simulated-1", change)
        assert numbers(await simulator.text(LOGIN, customer, "hello", "IGAA-simulated-1")) == expected
    answer = await simulator.http.get("/me", headers={"Authorization": "Bearer IGAA-simulated-1"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "OAuthException")
    await simulator.control("PATCH", "/tokens/IGAA-simulated-1", {"expires_in": None})
    assert "message_id" in await simulator.text(LOGIN, customer, "hello", "IGAA-simulated-1")
    await simulator.control("PATCH", "/tokens/404", {"revoked": 458}, expect=404)
    made = await simulator.control("POST", "/tokens", {"kind": "login", "subject": LOGIN, "expires_in": 60})
    assert (made["subject"], made["alive"]) == (LOGIN, True)
    await simulator.control("POST", "/clock", {"advance": 61})
    assert (await simulator.control("GET", f"/tokens?account={LOGIN}"))[-1]["trouble"] == "190/463"
    await simulator.control("POST", "/tokens", {"kind": "page", "subject": "404"}, expect=404)


async def test_tokens_survive_a_restart(running: Any, tmp_path: Any) -> None:
    data = tmp_path / "simulator.db"
    async with running(data=data, login_secret=LOGIN_SECRET) as simulator:
        token, code = await instagram_token(simulator), await instagram_code(simulator)
        await simulator.control("PATCH", "/tokens/EAA-simulated-2", {"revoked": 460})
        await simulator.control("PUT", "/shapes", {"token": "flat"})
    async with running(data=data, login_secret=LOGIN_SECRET) as simulator:
        assert (await simulator.graph("GET", "/me", token))["user_id"] == BOAT
        assert numbers(await simulator.graph("GET", "/me", "EAA-simulated-2")) == (190, 460)
        form = {**INSTAGRAM, "redirect_uri": BACK, "code": code}
        assert "access_token" in await simulator.graph("POST", "/oauth/access_token", data=form)


async def test_permissions_bound_what_a_token_may_do(simulator: Any) -> None:
    scopes = ["instagram_business_basic"]
    made = await simulator.control("POST", "/tokens", {"kind": "login", "subject": LOGIN, "scopes": scopes})
    customer = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, customer, text="hi")
    assert numbers(await simulator.text(LOGIN, customer, "hello", made["token"])) == (10, None)
    assert (await simulator.graph("GET", "/me", made["token"]))["user_id"] == LOGIN
    token = await facebook_token(simulator, pages=[GARDEN])
    await simulator.graph("DELETE", "/me/permissions/instagram_basic", token)
    given = (await simulator.graph("GET", f"/{OLGA}/permissions", token))["data"]
    assert "instagram_basic" not in {one["permission"] for one in given}
    assert await simulator.graph("DELETE", f"/{OLGA}/permissions", token) == {"success": True}
    assert numbers(await simulator.graph("GET", "/me", token)) == (190, 458)
    assert numbers(await simulator.graph("GET", "/me", "EAA-simulated-2")) == (190, 458)
    assert "user_id" in await simulator.graph("GET", "/me", "IGAA-simulated-1")
    assert await simulator.graph("DELETE", "/me/permissions", "IGAA-simulated-1") == {"success": True}
    assert numbers(await simulator.graph("GET", "/me", "IGAA-simulated-1")) == (190, 458)


async def test_the_owner_may_close_the_messages(simulator: Any) -> None:
    customers = {account: await simulator.customer(account) for account in (LOGIN, PAGE)}
    tokens = {LOGIN: "IGAA-simulated-1", PAGE: "EAA-simulated-2"}
    for account, subcode in ((LOGIN, None), (PAGE, 2534041)):
        await simulator.say(account, customers[account], text="hi")
        await simulator.control("PATCH", f"/accounts/{account}", {"message_access": False})
        answer = await simulator.text(account, customers[account], "hello", tokens[account])
        assert numbers(answer) == (200, subcode)
        await simulator.control("PATCH", f"/accounts/{account}", {"message_access": True})
        assert "message_id" in await simulator.text(account, customers[account], "hello", tokens[account])


async def test_appsecret_proof(simulator: Any) -> None:
    proof = hmac.new(SECRET.encode(), b"EAA-simulated-2", hashlib.sha256).hexdigest()
    assert "id" in await simulator.graph("GET", f"/me?appsecret_proof={proof}", "EAA-simulated-2")
    assert numbers(await simulator.graph("GET", "/me?appsecret_proof=0", "EAA-simulated-2")) == (100, None)


def opened(body: bytes, secret: str) -> dict[str, Any]:
    """The signed_request of a form, if the signature is right."""
    (form,) = parse_qs(body.decode())["signed_request"]
    signature, content = form.split(".")
    expected = base64.urlsafe_b64encode(hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest())
    assert signature == expected.decode().rstrip("=")
    return json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))


async def test_callbacks_about_a_user(simulator: Any, listener: Any) -> None:
    token = await instagram_token(simulator)
    scoped = (await simulator.graph("GET", "/me", token))["id"]
    wanted = {"user_id": BOAT, "url": listener.url, "app": "instagram"}
    told = await simulator.control("POST", "/deauthorise", wanted)
    assert (told["status"], told["revoked"], told["user_id"]) == (200, 2, scoped)
    request = opened(listener.received[-1][0], LOGIN_SECRET)
    assert (request["algorithm"], request["user_id"]) == ("HMAC-SHA256", scoped)
    assert isinstance(request["issued_at"], int)
    assert numbers(await simulator.graph("GET", "/me", token)) == (190, 458)

    wanted = {"user_id": OLGA, "url": listener.url, "app": "facebook"}
    told = await simulator.control("POST", "/data-deletion", wanted)
    assert (told["status"], told["body"]) == (200, "")
    assert opened(listener.received[-1][0], SECRET)["user_id"] == OLGA
    assert "id" in await simulator.graph("GET", "/me", "EAA-simulated-2")
    await simulator.control("POST", "/deauthorise", wanted)
    assert numbers(await simulator.graph("GET", "/me", "EAA-simulated-2")) == (190, 458)
    await simulator.control("POST", "/deauthorise", {**wanted, "user_id": "404"}, expect=404)
    await simulator.control("POST", "/deauthorise", {**wanted, "app": "instagram"}, expect=404)
    nobody = {"user_id": scoped, "url": "http://127.0.0.1:1/", "app": "instagram"}
    await simulator.control("POST", "/data-deletion", nobody, expect=502)


# The dialogs as forms; in a browser they are in test_simulator_dialogs.py.


async def decide(simulator: Any, path: str, **form: Any) -> httpx.Response:
    return await simulator.http.post(path, data={"redirect_uri": BACK, "response_type": "code", **form})


async def test_what_the_dialogs_are_told(simulator: Any) -> None:
    form = {
        "client_id": INSTAGRAM["client_id"],
        "scope": "instagram_business_basic",
        "state": "s s",
        "decision": "allow",
    }
    answer = await decide(simulator, "/oauth/authorize", **form, account=BOAT)
    parts = urlsplit(answer.headers["location"])
    assert (answer.status_code, parts.fragment) == (302, "_")
    told = dict(parse_qsl(parts.query))
    assert told["state"] == "s s"
    exchanged = {**INSTAGRAM, "redirect_uri": BACK, "code": told["code"]}
    assert "data" in await simulator.graph("POST", "/oauth/access_token", data=exchanged)

    form = {"client_id": FACEBOOK["client_id"], "scope": "pages_show_list instagram_basic", "decision": "allow"}
    chosen = {"person": OLGA, "pages": [GARDEN, "404"], "permissions": ["pages_show_list"]}
    answer = await decide(simulator, "/v26.0/dialog/oauth", **form, **chosen)
    parts = urlsplit(answer.headers["location"])
    assert (parts.fragment, set(dict(parse_qsl(parts.query)))) == ("", {"code"})
    exchanged = {**FACEBOOK, "redirect_uri": BACK, "code": dict(parse_qsl(parts.query))["code"]}
    token = (await simulator.graph("GET", "/oauth/access_token", params=exchanged))["access_token"]
    assert [page["id"] for page in (await simulator.graph("GET", "/me/accounts", token))["data"]] == [GARDEN]
    given = {one["permission"] for one in (await simulator.graph("GET", "/me/permissions", token))["data"]}
    assert given == {"pages_show_list", "public_profile"}

    denied = await decide(simulator, "/dialog/oauth", **{**form, "decision": "deny"}, state="x", person=OLGA)
    assert dict(parse_qsl(urlsplit(denied.headers["location"]).query)) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request",
        "state": "x",
    }


@pytest.mark.parametrize("path", ["/v26.0/dialog/oauth", "/oauth/authorize"])
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"client_id": "5"}, "Invalid app ID"),
        ({"redirect_uri": "app.example/back"}, "Invalid redirect_uri"),
        ({"redirect_uri": "https://other.example/"}, "URL blocked"),
        ({"response_type": "token"}, "Invalid response_type"),
        ({"scope": "business_basic"}, "Invalid scopes: business_basic"),
    ],
)
async def test_wrong_dialogs(simulator: Any, path: str, changed: dict[str, str], reason: str) -> None:
    name, app = ("facebook", FACEBOOK) if "dialog" in path else ("instagram", INSTAGRAM)
    await simulator.control("PATCH", f"/apps/{name}", {"redirect_uris": [BACK]})
    scope = "pages_show_list" if name == "facebook" else "instagram_business_basic"
    right = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code", "scope": scope}
    assert (await simulator.http.get(path, params=right)).status_code == 200
    shown = await simulator.http.get(path, params={**right, **changed})
    assert (shown.status_code, reason in shown.text) == (400, True)
    posted = await simulator.http.post(path, data={**right, **changed, "decision": "allow", "account": BOAT})
    assert (posted.status_code, "location" in posted.headers) == (400, False)


async def test_a_configuration_stands_for_every_permission(simulator: Any) -> None:
    asked = {"client_id": FACEBOOK["client_id"], "redirect_uri": BACK, "response_type": "code", "config_id": "7"}
    shown = await simulator.http.get("/v26.0/dialog/oauth", params=asked)
    assert "instagram_manage_messages" in shown.text
    missing = await simulator.http.get("/v26.0/dialog/oauth", params={**asked, "person": "404"})
    assert missing.status_code == 400
