"""Ice breakers are published when they changed, and only then (SPEC 3)."""

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.ice_breakers import IceBreakers
from store import notifications
from store.accounts import pause_account, resume_account
from store.revisions import append_revision
from tests.activities.conftest import ACCOUNT, CONFIGURATION, World

pytestmark = pytest.mark.anyio
HOURS = {"question": "When are you open?", "payload": "hours"}
ORDER = {"question": "Where is my order?", "payload": "order"}


async def applied(world: World, *ice_breakers: dict[str, str]) -> None:
    shop = {**CONFIGURATION["connectors"]["shop"], "ice_breakers": list(ice_breakers)}
    async with world.database.begin() as session:
        document = {**CONFIGURATION, "connectors": {"shop": shop}}
        await append_revision(session, digest=str(ice_breakers), document=document, author="test", note="")


async def shown(world: World) -> Any:
    """What somebody sees who has not written yet."""
    someone = await world.control("POST", f"/accounts/{ACCOUNT}/customers", {"username": "curious"})
    thread = await world.control("GET", f"/accounts/{ACCOUNT}/customers/{someone['id']}/thread")
    return thread["ice_breakers"]


async def test_instagram_shows_what_was_applied(world: World) -> None:
    activity = IceBreakers(world.database, world.accounts)
    assert await activity.publish_ice_breakers() == [], "there are none, as before"
    await applied(world, HOURS, ORDER)
    assert await activity.publish_ice_breakers() == [ACCOUNT]
    assert await shown(world) == [HOURS, ORDER]
    assert await activity.publish_ice_breakers() == [], "nothing changed"
    await applied(world, ORDER)
    await activity.publish_ice_breakers()
    assert await shown(world) == [ORDER]
    await applied(world)
    assert await activity.publish_ice_breakers() == [ACCOUNT]
    assert await shown(world) == []


async def test_a_paused_account_is_told_later(world: World) -> None:
    activity = IceBreakers(world.database, world.accounts)
    await applied(world, HOURS)
    async with world.database.begin() as session:
        await pause_account(session, ACCOUNT, "the token is dead")
    with pytest.raises(ApplicationError, match="the token is dead"):
        await activity.publish_ice_breakers()
    async with world.database.begin() as session:
        await resume_account(session, ACCOUNT)
    assert await activity.publish_ice_breakers() == [ACCOUNT]


async def test_what_instagram_refuses_is_put_before_people_once(world: World) -> None:
    activity = IceBreakers(world.database, world.accounts)
    await applied(world, HOURS)
    await world.control("POST", "/faults", {"at": "login", "kind": "error", "code": 100, "message": "bad question"})
    assert await activity.publish_ice_breakers() == []
    async with world.database.begin() as session:
        [told] = (await notifications.notifications(session)).items
    assert told.kind == "ice_breakers_refused"
    assert "bad question" in told.content["reason"]
    assert await activity.publish_ice_breakers() == [], "not again until they change"


async def test_where_instagram_is_away_it_is_tried_again(world: World) -> None:
    activity = IceBreakers(world.database, world.accounts)
    await applied(world, HOURS)
    await world.control("POST", "/faults", {"at": "login", "kind": "error_unsent"})
    with pytest.raises(ApplicationError, match="not published yet"):
        await activity.publish_ice_breakers()
    assert await activity.publish_ice_breakers() == [ACCOUNT]
