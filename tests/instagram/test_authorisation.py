"""Both logins against the simulator: from the code of a dialog to an account that sends, and to its token's end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from instagram.client import Instagram, Outbound
from instagram.login import Candidate, InstagramLogin, LoginError, PageLogin
from instagram.signed_requests import opened
from instagram.webhooks import parse, verified

pytestmark = pytest.mark.anyio

SECRET, LOGIN_SECRET = "a-test-secret", "the-instagram-secret"
BACK = "https://switchboard.example.org/back"
OLGA = "10220000000000001"
BOAT, CREATOR = "17841400000000005", "17841400000000006"
NOW = datetime.now(UTC)


@pytest.fixture
async def instagram(start: Any, listener: Any) -> Any:
    """A simulator with an app for each flavour, each with a secret of its own."""
    return await start(listener.url, login_secret=LOGIN_SECRET)


def page_login(simulator: Any, **changed: Any) -> PageLogin:
    options = {"app_id": "100000000000001", "app_secret": SECRET, **changed}
    return PageLogin(simulator.http, dialog_url=simulator.url, graph_url=simulator.url, version="v26.0", **options)


def instagram_login(simulator: Any, **changed: Any) -> InstagramLogin:
    options = {"app_id": "200000000000002", "app_secret": LOGIN_SECRET, **changed}
    urls = {"dialog_url": simulator.url, "token_url": simulator.url, "graph_url": simulator.url}
    return InstagramLogin(simulator.http, **urls, version="v26.0", **options)


async def code_for(simulator: Any, owner: str, **given: Any) -> str:
    app = "facebook" if owner == OLGA else "instagram"
    made = await simulator.control("POST", "/codes", {"app": app, "owner": owner, "redirect_uri": BACK, **given})
    return made["code"]


def client_of(simulator: Any, candidate: Candidate) -> Instagram:
    return Instagram(
        simulator.http,
        base_url=simulator.url,
        version="v26.0",
        flavour=candidate.flavour,
        account=candidate.account,
        sender=candidate.page_id or candidate.account,
        token=candidate.token,
        app_secret=SECRET,
    )


async def test_both_dialogs_show_themselves(instagram: Any) -> None:
    for login, heading in ((page_login(instagram), "Olga"), (instagram_login(instagram), "paper.boat")):
        shown = await instagram.http.get(login.dialog(BACK, "a state"))
        assert (shown.status_code, heading in shown.text) == (200, True)


async def test_pages_of_a_facebook_user(instagram: Any) -> None:
    found = await page_login(instagram).candidates(await code_for(instagram, OLGA), BACK)
    by_name = {candidate.page_name: candidate for candidate in found}
    garden = by_name["Garden Studio"]
    assert (garden.account, garden.username, garden.refused) == ("17841400000000003", "garden.studio", None)
    assert (garden.authorised_by, garden.token_expires_at, garden.kind) == (OLGA, None, "unknown")
    assert garden.data_access_expires_at is not None
    assert timedelta(days=89) < garden.data_access_expires_at - NOW < timedelta(days=91)
    assert garden.picture is not None
    assert "no Instagram account" in str(by_name["Old Noticeboard"].refused)
    assert "task Messages" in str(by_name["Night Bakery"].refused)


async def test_sixty_pages_and_more(instagram: Any) -> None:
    await instagram.control("POST", "/pages", {"count": 130, "accounts": True})
    found = await page_login(instagram).candidates(await code_for(instagram, OLGA), BACK)
    assert len({candidate.page_id for candidate in found}) == len(found) == 134
    assert sum(candidate.refused is None for candidate in found) == 132


async def test_what_was_unticked_is_said(instagram: Any) -> None:
    scopes = ["pages_show_list", "instagram_basic", "pages_manage_metadata"]
    code = await code_for(instagram, OLGA, scopes=scopes)
    found = await page_login(instagram).candidates(code, BACK)
    assert {candidate.refused is None for candidate in found} == {False}
    assert "instagram_manage_messages was not given" in str(found[0].refused)
    code = await code_for(instagram, BOAT, scopes=["instagram_business_basic"])
    (boat,) = await instagram_login(instagram).candidates(code, BACK)
    assert "instagram_business_manage_messages was not given" in str(boat.refused)


async def test_a_page_is_connected_and_answers(instagram: Any, listener: Any) -> None:
    login = page_login(instagram)
    found = await login.candidates(await code_for(instagram, OLGA), BACK)
    garden = next(candidate for candidate in found if candidate.page_name == "Garden Studio")
    client = client_of(instagram, garden)
    assert await client.subscribed() == ()
    await login.subscribe(garden)
    assert "messages" in await client.subscribed()
    customer = await instagram.customer(garden.account, "jana")
    await instagram.say(garden.account, customer, text="hi")
    ((body, headers),) = await listener.until(1)
    assert verified(body, headers["x-hub-signature-256"], [LOGIN_SECRET, SECRET])
    assert not verified(body, headers["x-hub-signature-256"], [LOGIN_SECRET])
    (event,) = parse(body)
    assert (event.account, event.customer, event.text) == (garden.account, customer, "hi")
    assert await client.send(customer, Outbound(text="Hello"))
    assert (await login.inspect(garden.token)).alive
    await login.unsubscribe(garden)
    assert await client.subscribed() == ()


@pytest.mark.parametrize("shape", ["wrapped", "flat", "flat_array"])
@pytest.mark.parametrize("me", ["flat", "wrapped"])
async def test_an_account_is_connected_and_answers(instagram: Any, listener: Any, shape: str, me: str) -> None:
    await instagram.control("PUT", "/shapes", {"token": shape, "me": me, "expires_in": shape != "flat"})
    login = instagram_login(instagram)
    (boat,) = await login.candidates(f"{await code_for(instagram, BOAT)}#_", BACK)
    assert (boat.account, boat.username, boat.kind, boat.refused) == (BOAT, "paper.boat", "business", None)
    assert boat.authorised_by not in (BOAT, None)
    assert boat.token_expires_at is not None
    assert timedelta(days=59) < boat.token_expires_at - NOW < timedelta(days=61)
    await login.subscribe(boat)
    client = client_of(instagram, boat)
    assert {"messages", "messaging_postbacks"} <= set(await client.subscribed())
    customer = await instagram.customer(BOAT, "jana")
    await instagram.say(BOAT, customer, text="hi")
    ((body, headers),) = await listener.until(1)
    assert verified(body, headers["x-hub-signature-256"], [LOGIN_SECRET])
    assert parse(body)[0].account == BOAT
    assert await client.send(customer, Outbound(text="Hello"))


async def test_creators_are_refused(instagram: Any) -> None:
    (lena,) = await instagram_login(instagram).candidates(await code_for(instagram, CREATOR), BACK)
    assert (lena.kind, lena.username) == ("creator", "lena.draws")
    assert "switch it to a business account" in str(lena.refused)


async def test_codes_addresses_and_secrets_are_checked(instagram: Any) -> None:
    for login, owner in ((page_login(instagram), OLGA), (instagram_login(instagram), BOAT)):
        code = await code_for(instagram, owner)
        with pytest.raises(LoginError, match=f"redirect address {BACK}/"):
            await login.candidates(code, f"{BACK}/")
        assert await login.candidates(code, BACK)
        with pytest.raises(LoginError, match="Begin the login again") as error:
            await login.candidates(code, BACK)
        assert not error.value.retry
    for login, owner in (
        (page_login(instagram, app_secret="another"), OLGA),
        (instagram_login(instagram, app_secret="another"), BOAT),
        (instagram_login(instagram, app_id="100000000000001"), BOAT),
    ):
        with pytest.raises(LoginError, match="belong together") as error:
            await login.candidates(await code_for(instagram, owner), BACK)
        assert not error.value.retry


async def test_a_token_is_refreshed_after_a_day(instagram: Any) -> None:
    login = instagram_login(instagram)
    (boat,) = await login.candidates(await code_for(instagram, BOAT), BACK)
    with pytest.raises(LoginError):
        await login.refreshed(boat.token)
    await instagram.control("POST", "/clock", {"advance": 25 * 3600})
    token = await login.refreshed(boat.token)
    assert token.token != boat.token
    assert (await login.inspect(token.token)).alive
    await instagram.control("POST", "/clock", {"advance": 61 * 24 * 3600})
    with pytest.raises(LoginError, match="Connect the account again") as error:
        await login.refreshed(token.token)
    assert not error.value.retry
    state = await login.inspect(token.token)
    assert (state.alive, "Session has expired" in str(state.reason)) == (False, True)


async def test_tokens_die(instagram: Any) -> None:
    for login, token in ((instagram_login(instagram), "IGAA-simulated-1"), (page_login(instagram), "EAA-simulated-2")):
        assert (await login.inspect(token)).alive
        for subcode in (458, 459, 460, 464, 467, 492):
            await instagram.control("PATCH", f"/tokens/{token}", {"revoked": subcode})
            state = await login.inspect(token)
            assert not state.alive
            assert state.reason is not None
            assert state.reason.endswith(("onnect the account again.", "onnect with a login that has one."))
        await instagram.control("PATCH", f"/tokens/{token}", {"revoked": None})
        assert (await login.inspect(token)).alive


async def test_what_inspection_reads_anew(instagram: Any) -> None:
    login = instagram_login(instagram)
    (boat,) = await login.candidates(await code_for(instagram, BOAT), BACK)
    assert (await login.inspect(boat.token)).kind == "business"
    await instagram.control("PATCH", f"/accounts/{BOAT}", {"account_type": "MEDIA_CREATOR"})
    state = await login.inspect(boat.token)
    assert (state.alive, state.kind, state.username) == (True, "creator", "paper.boat")


async def test_who_removes_the_app_is_who_authorised_it(instagram: Any, listener: Any) -> None:
    """Meta's callback names the person as `authorised_by` does, so that their accounts can be found."""
    (boat,) = await instagram_login(instagram).candidates(await code_for(instagram, BOAT), BACK)
    found = await page_login(instagram).candidates(await code_for(instagram, OLGA), BACK)
    for person, app, secret in ((boat.authorised_by, "instagram", LOGIN_SECRET), (OLGA, "facebook", SECRET)):
        for call in ("deauthorise", "data-deletion"):
            before = len(listener.received)
            body = {"user_id": person, "url": listener.url, "app": app}
            await instagram.control("POST", f"/{call}", body)
            content, _ = listener.received[before]
            (request,) = parse_qs(content.decode())["signed_request"]
            asked = opened(request, ["another", secret])
            assert asked.user_id == person
            assert asked.issued_at is not None
            with pytest.raises(ValueError, match="none of the app secrets"):
                opened(request, ["another"])
    assert {candidate.authorised_by for candidate in found} == {OLGA}
    assert not (await instagram_login(instagram).inspect(boat.token)).alive
