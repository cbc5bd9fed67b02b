"""Tokens live: renewed weekly, checked, people warned in time, and a dead one pauses its account (SPEC 6.2)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.tokens import Tokens
from instagram.login import InstagramLogin, PageLogin
from store import accounts, notifications
from store.accounts import Account, connect_account
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio
PAGE_ACCOUNT, PAGE = "17841400000000002", "100000000000002"
DAY = timedelta(days=1)


@pytest.fixture
async def tokens(world: World) -> AsyncIterator[Tokens]:
    url = str(world.simulator.base_url).rstrip("/")
    async with httpx.AsyncClient(timeout=5) as http:
        page = PageLogin(
            http,
            dialog_url=url,
            graph_url=url,
            version="v26.0",
            app_id="100000000000001",
            app_secret="simulator-secret",
        )
        login = InstagramLogin(
            http,
            dialog_url=url,
            token_url=url,
            graph_url=url,
            version="v26.0",
            app_id="200000000000002",
            app_secret="simulator-secret",
            now=world.now,
        )
        yield Tokens(world.database, world.vault, page, login, world.now)


async def given(world: World, *, expires_in: timedelta | None = 60 * DAY, **more: Any) -> str:
    """A token of the account that lives so long, and is the account's."""
    seconds = None if expires_in is None else int(expires_in.total_seconds())
    made = await world.control("POST", "/tokens", {"kind": "login", "subject": ACCOUNT, "expires_in": seconds})
    async with world.database.begin() as session:
        await connect_account(
            session,
            world.vault,
            id=ACCOUNT,
            flavour="login",
            username="cornershop",
            name=None,
            page_id=None,
            token=made["token"],
            token_expires_at=None if expires_in is None else world.now() + expires_in,
            **more,
        )
    return made["token"]


async def pass_by(world: World, time: timedelta) -> None:
    world.offset += time
    await world.control("POST", "/clock", {"advance": time.total_seconds()})


async def known(world: World, id: str = ACCOUNT) -> Account:
    async with world.database.begin() as session:
        found = await accounts.account(session, world.vault, id)
    assert found is not None
    return found


async def told(world: World) -> list[dict[str, Any]]:
    async with world.database.begin() as session:
        found = (await notifications.notifications(session)).items
    return [{"kind": one.kind, **one.content} for one in reversed(found)]


async def test_a_young_token_is_only_checked(world: World, tokens: Tokens) -> None:
    token = await given(world)
    assert await tokens.check_account(ACCOUNT) == "its token is alive"
    account = await known(world)
    assert account.token == token
    assert account.token_checked_at is not None
    assert (account.kind, account.username) == ("business", "cornershop")
    assert await told(world) == []


async def test_after_a_week_it_is_renewed(world: World, tokens: Tokens) -> None:
    token = await given(world)
    await pass_by(world, 7 * DAY)
    await tokens.check_account(ACCOUNT)
    account = await known(world)
    assert account.token not in (None, token)
    assert account.token_expires_at is not None
    assert account.token_expires_at - world.now() > 58 * DAY
    assert account.token_refreshed_at is not None
    assert world.now() - account.token_refreshed_at < DAY


async def test_one_that_ends_soon_is_renewed_as_soon_as_instagram_allows(world: World, tokens: Tokens) -> None:
    token = await given(world, expires_in=10 * DAY)
    await tokens.check_account(ACCOUNT)
    assert (await known(world)).token == token, "younger than a day: Instagram renews no such token"
    await pass_by(world, DAY + timedelta(minutes=1))
    await tokens.check_account(ACCOUNT)
    assert (await known(world)).token != token


async def test_people_are_warned_once_for_each_of_the_days(world: World, tokens: Tokens) -> None:
    """Of what nobody but they can renew: a person's data access through a page."""
    end = world.now() + 20 * DAY
    days: list[int] = []
    for _ in range(21):
        async with world.database.begin() as session:
            await tokens._warn(session, PAGE_ACCOUNT, end, world.now())  # pyright: ignore[reportPrivateUsage]  the rule itself
            await tokens._warn(session, PAGE_ACCOUNT, end, world.now())  # pyright: ignore[reportPrivateUsage]
        days = [one["days"] for one in await told(world)]
        world.offset += DAY
    assert len(days) == 4
    assert days == sorted(days, reverse=True)
    assert all(day <= limit for day, limit in zip(days, (14, 7, 3, 1), strict=True))


async def test_a_token_that_ends_soon_is_told_of(world: World, tokens: Tokens) -> None:
    await given(world, expires_in=timedelta(days=2, hours=12))
    await tokens.check_account(ACCOUNT)
    [warning] = await told(world)
    assert (warning["kind"], warning["account"], warning["days"]) == ("token_expires", ACCOUNT, 2)
    assert datetime.fromisoformat(warning["expires_at"]) > world.now()


async def test_a_dead_token_pauses_its_account_and_says_why(world: World, tokens: Tokens) -> None:
    token = await given(world)
    await world.control("PATCH", f"/tokens/{token}", {"revoked": 460})
    assert "dead" in await tokens.check_account(ACCOUNT)
    account = await known(world)
    assert account.status == "paused"
    assert "Authorise the account again" in str(account.paused_reason)
    assert token not in str(account.paused_reason)
    await tokens.check_account(ACCOUNT)
    assert [one["kind"] for one in await told(world)] == ["account_paused"], "once"


async def test_an_expired_token_cannot_be_renewed(world: World, tokens: Tokens) -> None:
    await given(world)
    await pass_by(world, 61 * DAY)
    assert "dead" in await tokens.check_account(ACCOUNT)
    assert (await known(world)).status == "paused"


async def test_where_meta_is_away_nothing_is_concluded(world: World, tokens: Tokens) -> None:
    await given(world)
    await world.control("POST", "/faults", {"at": "any", "kind": "error_unsent", "times": None})
    with pytest.raises(ApplicationError, match="could not be checked"):
        await tokens.check_account(ACCOUNT)
    assert (await known(world)).status == "active"


async def test_a_page_s_token_is_looked_up(world: World, tokens: Tokens) -> None:
    async with world.database.begin() as session:
        await connect_account(
            session,
            world.vault,
            id=PAGE_ACCOUNT,
            flavour="page",
            username="cornershop.page",
            name=None,
            page_id=PAGE,
            token="EAA-simulated-2",
            token_expires_at=None,
        )
    assert await tokens.check_account(PAGE_ACCOUNT) == "its token is alive"
    account = await known(world, PAGE_ACCOUNT)
    assert account.token_expires_at is None
    assert account.kind == "unknown", "Meta does not tell it for pages"
    await world.control("PATCH", "/tokens/EAA-simulated-2", {"revoked": 458})
    assert "dead" in await tokens.check_account(PAGE_ACCOUNT)
    assert (await known(world, PAGE_ACCOUNT)).status == "paused"


async def test_a_mistake_in_our_own_settings_pauses_nobody(world: World, tokens: Tokens) -> None:
    async with world.database.begin() as session:
        await connect_account(
            session,
            world.vault,
            id=PAGE_ACCOUNT,
            flavour="page",
            username="cornershop.page",
            name=None,
            page_id=PAGE,
            token="EAA-simulated-2",
            token_expires_at=None,
        )
    url = str(world.simulator.base_url).rstrip("/")
    wrong = PageLogin(
        world.simulator,
        dialog_url=url,
        graph_url=url,
        version="v26.0",
        app_id="100000000000001",
        app_secret="another app's secret",
    )
    mistaken = Tokens(world.database, world.vault, wrong, tokens.login, world.now)
    for _ in range(2):
        assert "not checked" in await mistaken.check_account(PAGE_ACCOUNT)
    assert (await known(world, PAGE_ACCOUNT)).status == "active"
    assert [one["kind"] for one in await told(world)] == ["token_unchecked"]


async def test_without_a_token_there_is_nothing_to_check(world: World, tokens: Tokens) -> None:
    async with world.database.begin() as session:
        await accounts.disconnect_account(session, ACCOUNT, "for a test")
    assert await tokens.check_account(ACCOUNT) == "it has no token"
    assert await tokens.accounts_with_tokens() == [ACCOUNT]
