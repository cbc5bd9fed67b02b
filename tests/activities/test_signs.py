"""What the customer sees besides messages, and what becomes of it where that does not go through."""

from datetime import timedelta
from typing import Any

import pytest

from activities.signs import Signs
from routing.records import Sign
from store import accounts
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio


def sign(world: World, action: Any) -> Sign:
    return Sign(account=ACCOUNT, customer=world.customer, action=action)


async def phone(world: World) -> tuple[bool, bool]:
    """Whether somebody is seen to type, and whether the message was seen."""
    thread = await world.control("GET", f"/accounts/{ACCOUNT}/customers/{world.customer}/thread")
    return bool(thread["typing"]), bool(thread["seen_at"])


async def test_the_phone_shows_it(world: World) -> None:
    signs = Signs(world.database, world.accounts, world.now)
    assert await phone(world) == (False, False)
    assert await signs.show_sign(sign(world, "mark_seen")) == ""
    assert await signs.show_sign(sign(world, "typing_on")) == ""
    assert await phone(world) == (True, True)
    assert await signs.show_sign(sign(world, "typing_off")) == ""
    assert await phone(world) == (False, True)


async def test_what_instagram_says_against_it_is_told(world: World) -> None:
    signs = Signs(world.database, world.accounts, world.now)
    await world.control("POST", "/faults", {"at": "action", "kind": "error_unsent"})
    assert await signs.show_sign(sign(world, "typing_on")) != ""
    await world.control("PUT", f"/accounts/{ACCOUNT}/customers/{world.customer}/block", {"blocked": True})
    assert await signs.show_sign(sign(world, "typing_on")) != ""
    assert await phone(world) == (False, False)


async def test_an_account_that_cannot_send_shows_nothing(world: World) -> None:
    signs = Signs(world.database, world.accounts, world.now)
    async with world.database.begin() as session:
        await accounts.limit_account(session, ACCOUNT, world.now(), "slow down", timedelta(minutes=5))
    assert "slow down" in await signs.show_sign(sign(world, "mark_seen"))
    async with world.database.begin() as session:
        await accounts.pause_account(session, ACCOUNT, "its token died")
    assert "its token died" in await signs.show_sign(sign(world, "mark_seen"))
    assert await phone(world) == (False, False)
