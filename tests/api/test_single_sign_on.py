"""Single sign-on against an OpenID provider on a socket: people come in, and forged ones do not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.access import COOKIE
from api.claims import Reading, SignOnError, roles_of
from api.dependencies import Parts
from api.openid import SignOn
from api.single_sign_on import COOKIE as JOURNEY
from store.users import change_user, create_user, user
from tests.api.people import NOON, PASSWORD, Office, login, opened
from tests.api.provider import CLIENT, SECRET, Provider, by_shared_secret, without_signature

pytestmark = pytest.mark.anyio
BEGIN, CALLBACK = "/api/v1/sign-on", "/api/v1/sign-on/callback"


class Company:
    """An office whose people sign on at a provider."""

    def __init__(self, office: Office, provider: Provider, http: httpx.AsyncClient) -> None:
        self.office = office
        self.provider = provider
        self.http = http
        self.set_up()

    def set_up(self, **options: Any) -> None:
        client = {"client_id": CLIENT, "client_secret": options.pop("client_secret", SECRET)}
        title = options.pop("title", "Single sign-on")
        asked: dict[str, Any] = {"default_role": "agent"} | options
        reading = Reading(**asked)
        on = SignOn(self.http, issuer=self.provider.url, **client, title=title, reading=reading)
        self.office.app.state.parts = replace(self.office.parts, public_url=self.office.url, oidc=on)

    async def comes(self, browser: httpx.AsyncClient | None = None, next: str = "/") -> httpx.Response:
        """Somebody goes to the provider and back; the answer to the callback."""
        browser = browser or await self.office.browser()
        self.provider.now = int(self.office.time.timestamp())
        return await browser.get(await self.agreed(browser, next))

    async def agreed(self, browser: httpx.AsyncClient, next: str = "/") -> str:
        """The address to which the provider sends the browser back."""
        away = await browser.get(BEGIN, params={"next": next})
        assert away.status_code == 303, away.text
        back = await self.http.get(away.headers["location"])
        assert back.status_code == 303, back.text
        return back.headers["location"]

    def claims(self) -> dict[str, Any]:
        return {
            "iss": self.provider.url,
            "aud": CLIENT,
            "sub": "1",
            "iat": int(NOON.timestamp()),
            "exp": int(NOON.timestamp()) + 300,
        }


@pytest.fixture
async def company(parts: Parts, serve: Any) -> AsyncIterator[Company]:
    async with _company(parts, serve) as company:
        yield company


@asynccontextmanager
async def _company(parts: Parts, serve: Any) -> AsyncIterator[Company]:
    provider = Provider()
    async with opened(parts, serve) as office, serve(provider.app()) as url, httpx.AsyncClient(timeout=20) as http:
        provider.url = url
        yield Company(office, provider, http)


async def _let_in(answer: httpx.Response, browser: httpx.AsyncClient) -> dict[str, Any]:
    assert answer.status_code == 303, answer.text
    return (await browser.get("/api/v1/me")).json()


def _refused(answer: httpx.Response, status: int, *words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert COOKIE not in answer.cookies
    for some in words:
        assert some in answer.text


async def test_a_new_person_becomes_a_user(company: Company) -> None:
    browser = await company.office.browser()
    answer = await company.comes(browser, next="/conversations?queue=support")
    assert answer.headers["location"] == "/conversations?queue=support"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert JOURNEY not in browser.cookies
    assert await _let_in(answer, browser) == {
        "name": "eva@shop.example.com",
        "display_name": "Eva Nováková",
        "email": "Eva@shop.example.com",
        "role": "agent",
        "active": True,
        "issuer": company.provider.url,
        "created_at": "2026-11-02T12:00:00Z",
        "last_seen_at": "2026-11-02T12:00:00Z",
    }
    name, at = "users/eva@shop.example.com", company.provider.url
    assert [(one.actor, one.action, one.object, one.details) for one in await company.office.audit()] == [
        ("eva@shop.example.com", "user.created", name, {"role": "agent", "at": at}),
        ("eva@shop.example.com", "login.succeeded", name, {"address": "127.0.0.1", "at": at}),
    ]


async def test_who_comes_again_is_the_same_user(company: Company) -> None:
    first, second = await company.office.browser(), await company.office.browser()
    before = await _let_in(await company.comes(first), first)
    async with company.office.parts.database.begin() as session:
        await change_user(session, before["name"], role="supervisor", display_name="Eva")
    company.provider.person |= {"email": "eva@new.example.com", "preferred_username": "eva.n", "name": "Other"}
    after = await _let_in(await company.comes(second), second)
    assert (after["name"], after["email"]) == (before["name"], "eva@new.example.com")
    assert (after["role"], after["display_name"]) == ("supervisor", "Eva")  # which are changed here
    assert (await first.get("/api/v1/me")).status_code == 200
    # The provider's addresses and keys are asked for once.
    assert company.provider.asked == ["discovery", "token", "keys", "token"]


async def test_a_session_before_it_ends(company: Company) -> None:
    browser = await company.office.browser()
    await company.comes(browser)
    old = browser.cookies[COOKIE]
    await company.comes(browser)
    other = await company.office.browser()
    other.cookies.set(COOKIE, old)
    assert (await other.get("/api/v1/me")).status_code == 401


async def test_nobody_gets_anothers_user_by_name_or_address(company: Company) -> None:
    office = company.office
    await office.user("eva", "admin", email="eva@shop.example.com")
    company.provider.person["preferred_username"] = "Eva"
    browser = await office.browser()
    assert (await _let_in(await company.comes(browser), browser))["name"] == "eva-2"
    company.provider.person["sub"] = "2"
    browser = await office.browser()
    assert (await _let_in(await company.comes(browser), browser))["name"] == "eva-3"
    assert (await (await office.browser()).post("/api/v1/login", json=login())).status_code == 200


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Žofie Nová", "zofie-nova"),
        ("Eva (Sales)", "eva-sales"),
        ("system", "system-1"),
        ("../../etc", "etc"),
        ("…!?", "user"),
        ("   ", "eva@shop.example.com"),
        ("a" * 300, "a" * 90),
    ],
)
async def test_names_are_made_of_what_the_provider_tells(company: Company, told: str, expected: str) -> None:
    company.provider.person["preferred_username"] = told
    browser = await company.office.browser()
    assert (await _let_in(await company.comes(browser), browser))["name"] == expected


@pytest.mark.parametrize(
    ("options", "person", "expected"),
    [
        ({"role_claim": "roles"}, {"roles": ["viewer", "supervisor", "other"]}, "supervisor"),
        ({"role_claim": "roles"}, {"roles": "admin"}, "admin"),
        ({"role_claim": "roles"}, {"roles": ["other", 5, None]}, "agent"),
        ({"role_claim": "roles"}, {}, "agent"),
        ({"role_claim": "realm.roles"}, {"realm": {"roles": ["viewer"]}}, "viewer"),
        ({"role_claim": "https://x.example.com/roles"}, {"https://x.example.com/roles": ["viewer"]}, "viewer"),
        ({"role_claim": "groups", "roles": {"it": "admin", "sales": "agent"}}, {"groups": ["sales", "it"]}, "admin"),
        ({"role_claim": "groups", "roles": {"it": "admin"}}, {"groups": ["admin"]}, "agent"),
        ({"default_role": "viewer"}, {"roles": ["admin"]}, "viewer"),
    ],
)
async def test_the_role_of_a_claim(
    company: Company, options: dict[str, Any], person: dict[str, Any], expected: str
) -> None:
    company.set_up(**options)
    company.provider.person |= person
    browser = await company.office.browser()
    assert (await _let_in(await company.comes(browser), browser))["role"] == expected


async def test_a_role_follows_the_claim(company: Company) -> None:
    office = company.office
    await office.user("anna", "admin")
    company.set_up(role_claim="roles", default_role=None)
    company.provider.person["roles"] = ["admin"]
    browser = await office.browser()
    assert (await _let_in(await company.comes(browser), browser))["role"] == "admin"
    company.provider.person["roles"] = ["viewer"]
    assert (await _let_in(await company.comes(browser), browser))["role"] == "viewer"
    [entry] = await office.audit(action="user.changed")
    assert entry.details == {"role": ["admin", "viewer"], "at": company.provider.url}
    company.provider.person["roles"] = []
    _refused(await company.comes(), 403, "An administrator has to allow it.")
    assert (await office.audit())[-1].action == "login.refused"


async def test_the_last_administrator_stays_one(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    company.set_up(role_claim="roles")
    company.provider.person["roles"] = ["admin"]
    browser = await company.office.browser()
    await company.comes(browser)
    company.provider.person["roles"] = ["viewer"]
    assert (await _let_in(await company.comes(browser), browser))["role"] == "admin"
    assert "the last active administrator" in caplog.text


async def test_without_a_role_nobody_becomes_a_user(company: Company) -> None:
    company.set_up(default_role=None)
    _refused(await company.comes(), 403, "You are not let in")
    assert [(one.actor, one.action, one.object) for one in await company.office.audit()] == [
        ("", "login.refused", "users")
    ]
    async with company.office.parts.database.begin() as session:
        assert await user(session, "eva@shop.example.com") is None


async def test_who_is_deactivated_stays_out(company: Company) -> None:
    await company.comes()
    async with company.office.parts.database.begin() as session:
        await change_user(session, "eva@shop.example.com", active=False)
    _refused(await company.comes(), 403, "An administrator has to allow it.")
    last = (await company.office.audit())[-1]
    assert (last.action, last.object) == ("login.refused", "users/eva@shop.example.com")


@pytest.mark.parametrize(
    ("person", "let_in"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": False}, False),
        ({}, False),
        ({"email_verified": "true"}, False),
        ({"email_verified": True, "email": "eva@shop.example.com.evil.org"}, False),
        ({"email_verified": True, "email": "eva@evil.org"}, False),
        ({"email_verified": True, "email": "shop.example.com"}, False),
        ({"email_verified": True, "email": None}, False),
    ],
)
async def test_only_verified_addresses_of_allowed_domains(
    company: Company, person: dict[str, Any], let_in: bool
) -> None:
    company.set_up(domains=("@Shop.example.com",))
    company.provider.person |= person
    answer = await company.comes()
    if let_in:
        assert answer.status_code == 303
    else:
        _refused(answer, 403, "You are not let in")


async def test_what_the_id_token_lacks_is_asked_for(company: Company) -> None:
    company.provider.person = {"sub": "1"}
    company.provider.userinfo = {"sub": "1", "email": "eva@shop.example.com", "name": "Eva"}
    browser = await company.office.browser()
    me = await _let_in(await company.comes(browser), browser)
    assert (me["name"], me["display_name"], me["email"]) == ("eva@shop.example.com", "Eva", "eva@shop.example.com")
    company.set_up(role_claim="groups")
    company.provider.person |= {"email": "eva@shop.example.com"}
    company.provider.userinfo["groups"] = ["supervisor"]
    assert (await _let_in(await company.comes(browser), browser))["role"] == "supervisor"
    company.provider.person, company.provider.userinfo["sub"] = {"sub": "2"}, "1"  # of somebody else
    browser = await company.office.browser()
    me = await _let_in(await company.comes(browser), browser)
    assert (me["name"], me["email"], me["role"]) == ("2", None, "agent")


@pytest.mark.parametrize(
    "odd",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example.com"},
        {"exp": int(NOON.timestamp()) - 121},
        {"iat": int(NOON.timestamp()) + 121},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"at_hash": "another"},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_on(company: Company, odd: dict[str, Any]) -> None:
    company.provider.odd = odd
    _refused(await company.comes(), 403, "cannot be trusted")


async def test_signatures_that_others_could_make(company: Company) -> None:
    claims = company.claims()
    for made in (without_signature(claims), by_shared_secret(claims), "x", "a.b.c"):
        company.provider.unsigned = made
        _refused(await company.comes(), 403, "cannot be trusted")
    company.provider.unsigned = None
    company.provider.key = Provider().key  # of the same name, and another
    _refused(await company.comes(), 403, "cannot be trusted")


async def test_a_new_key_is_looked_up(company: Company) -> None:
    assert (await company.comes()).status_code == 303
    company.provider.turn_key()
    assert (await company.comes()).status_code == 303
    assert company.provider.asked.count("keys") == 2
    company.provider.key = Provider().key  # of a name that is not published any more
    _refused(await company.comes(), 403, "cannot be trusted")


async def test_a_provider_without_keys(company: Company) -> None:
    for keys in ({}, {"keys": "none"}, {"keys": []}, {"keys": [{"kty": "RSA"}]}):
        company.set_up()
        company.provider.key_set = keys
        _refused(await company.comes(), 403, "You are not let in")


async def test_somebody_in_many_groups(company: Company) -> None:
    company.set_up(role_claim="groups")
    company.provider.person["groups"] = [f"group number {number}" for number in range(1000)] + ["supervisor"]
    browser = await company.office.browser()
    assert (await _let_in(await company.comes(browser), browser))["role"] == "supervisor"


async def test_after_an_hour_the_provider_is_asked_anew(company: Company) -> None:
    await company.comes()
    company.office.later(timedelta(hours=1, seconds=1))
    await company.comes()
    assert company.provider.asked.count("discovery") == company.provider.asked.count("keys") == 2


async def test_a_client_that_sends_its_secret_in_the_form(company: Company) -> None:
    company.provider.auth_methods = ["client_secret_post"]
    assert (await company.comes()).status_code == 303


async def test_only_the_browser_that_began_comes_back(company: Company) -> None:
    browser, other = await company.office.browser(), await company.office.browser()
    company.provider.now = int(NOON.timestamp())
    back = await company.agreed(browser)
    _refused(await other.get(back), 400, "not known here")
    await other.get(BEGIN)  # which has begun another one
    _refused(await other.get(back), 400, "not known here")
    assert (await browser.get(back)).status_code == 303
    _refused(await browser.get(back), 400, "not known here")  # it counts once
    assert [one.action for one in await company.office.audit()] == ["user.created", "login.succeeded"]


async def test_a_sign_on_takes_ten_minutes_at_most(company: Company) -> None:
    browser = await company.office.browser()
    back = await company.agreed(browser)
    company.office.later(timedelta(minutes=10))
    _refused(await browser.get(back), 400, "too long ago")


async def test_a_changed_cookie_is_none(company: Company) -> None:
    browser = await company.office.browser()
    back = await company.agreed(browser)
    value = browser.cookies[JOURNEY]
    browser.cookies.clear()
    for wrong in (value[:-1], value[::-1], "x", ""):
        answer = await browser.get(back, headers={"Cookie": f"{JOURNEY}={wrong}"})
        _refused(answer, 400, "not known here")


async def test_a_code_of_another_sign_on_is_refused(company: Company) -> None:
    """Somebody else's code in my browser: PKCE binds it to the browser that asked for it."""
    mine, theirs = await company.office.browser(), await company.office.browser()
    company.provider.now = int(NOON.timestamp())
    state = parse_qs(urlsplit(await company.agreed(mine)).query)["state"][0]
    code = parse_qs(urlsplit(await company.agreed(theirs)).query)["code"][0]
    answer = await mine.get(CALLBACK, params={"state": state, "code": code})
    _refused(answer, 403, "invalid_grant")
    assert code not in answer.text


async def test_what_the_provider_says_no_to(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    company.provider.denies = "access_denied"
    _refused(await company.comes(), 403, "You are not logged in.")
    assert "access_denied" in caplog.text
    browser = await company.office.browser()
    back = await company.agreed(browser)
    _refused(await browser.get(back.replace("access_denied", "%0Aforged+line<b>")), 403, "You are not logged in.")
    assert "forged line" not in caplog.text


async def test_an_answer_of_another_provider(company: Company) -> None:
    browser = await company.office.browser()
    back = await company.agreed(browser)
    parsed = urlsplit(back)
    query = {name: values[0] for name, values in parse_qs(parsed.query).items()}
    _refused(await browser.get(CALLBACK, params=query | {"iss": "https://evil.example.com"}), 403)


async def test_a_provider_that_is_away_or_another(company: Company, serve: Any) -> None:
    browser = await company.office.browser()
    for metadata, words in (
        ({"issuer": "https://evil.example.com"}, "says that it is another one"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"jwks_uri": None}, "jwks_uri"),
    ):
        company.set_up()
        company.provider.metadata = metadata
        _refused(await browser.get(BEGIN), 502, words)
    company.provider.url = "http://127.0.0.1:1"
    company.set_up()
    _refused(await browser.get(BEGIN), 502, "does not answer as it should: ConnectError")


async def test_who_is_known_by_https_is_reached_by_https() -> None:
    """Over a transport that answers for the provider, since its certificate is not what this is about."""
    told = {"issuer": "https://id.example.com", "authorization_endpoint": "https://id.example.com/a"}
    told |= {"token_endpoint": "http://id.example.com/t", "jwks_uri": "https://id.example.com/k"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=told))
    async with httpx.AsyncClient(transport=transport) as http:
        on = SignOn(http, issuer="https://id.example.com/", client_id=CLIENT, client_secret=SECRET, reading=Reading())
        with pytest.raises(SignOnError, match="does not tell its token_endpoint"):
            await on.begin("https://desk.example.com/back", NOON)
        told["token_endpoint"] = "https://id.example.com/t"
        assert (await on.begin("https://desk.example.com/back", NOON)).address.startswith("https://id.example.com/a?")


async def test_a_wrong_client_secret_is_told_and_not_shown(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    company.set_up(client_secret="some wrong secret")
    answer = await company.comes()
    _refused(answer, 403, "401 and invalid_client")
    assert "some wrong secret" not in answer.text + caplog.text
    assert "some wrong secret" not in repr(company.office.app.state.parts)


@pytest.mark.parametrize(
    "next",
    [
        "//evil.example.com",
        "https://evil.example.com",
        "/\\evil.example.com",
        "\\\\evil.example.com",
        "/\t/evil.example.com",
        "javascript:alert(1)",
        "/\nSet-Cookie:x",
        "/a b",
        "evil",
        "",
    ],
)
async def test_nobody_is_sent_to_another_site(company: Company, next: str) -> None:
    assert (await company.comes(next=next)).headers["location"] == "/"


async def test_the_login_page_knows_of_it(company: Company) -> None:
    browser = await company.office.browser()
    company.set_up(title="Corner Shop account")
    assert (await browser.get("/api/v1/login")).json() == {
        "password": True,
        "sign_on": BEGIN,
        "sign_on_title": "Corner Shop account",
    }


async def test_where_it_is_not_set_up(parts: Parts, serve: Any) -> None:
    async with opened(parts, serve) as office:
        for path in (BEGIN, CALLBACK):
            answer = await (await office.browser()).get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_the_cookies_are_secure_where_the_address_is(company: Company) -> None:
    company.office.parts = replace(company.office.parts, secure_cookies=True)
    company.set_up()
    away = await (await company.office.browser()).get(BEGIN)
    cookie = away.headers["set-cookie"]
    assert cookie.startswith(f"{JOURNEY}=")
    for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/api/v1/sign-on", "Max-Age=600"):
        assert part in cookie


async def test_people_with_a_password_and_of_a_provider_live_side_by_side(company: Company) -> None:
    async with company.office.parts.database.begin() as session:
        await create_user(session, name="local", role="viewer", now=NOON)
    await company.office.user("eva", "admin")
    browser = await company.office.browser()
    assert (await browser.post("/api/v1/login", json=login(PASSWORD))).status_code == 200
    await company.comes()
    names = [one["name"] for one in (await browser.get("/api/v1/users")).json()["items"]]
    assert set(names) == {"eva", "local", "eva@shop.example.com"}


def test_roles_as_settings_write_them() -> None:
    assert roles_of(["it=admin", " cn=support,ou=x = agent "]) == {"it": "admin", "cn=support,ou=x": "agent"}
    for wrong in ("admin", "it=boss", "=admin", "it="):
        with pytest.raises(ValueError, match="no pair of a claim's value and a role"):
            roles_of([wrong])
