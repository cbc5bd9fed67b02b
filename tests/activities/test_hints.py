"""An announced message is read from Instagram's record, unless it came by itself (facts 1.6, surprise 1)."""

import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities.hints import Hints
from instagram.events import Inbound
from store import inbox
from store.tables import inbox as table
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio


async def said(world: World, text: str) -> str:
    """The mid of a message that the customer wrote, and no webhook brought."""
    path = f"/accounts/{ACCOUNT}/customers/{world.customer}/messages"
    return (await world.control("POST", path, {"text": text}))["mid"]


async def kept(world: World) -> list[Inbound]:
    async with world.database.begin() as session:
        return [Inbound.model_validate(event) for event in await session.scalars(select(table.c.event))]


async def test_it_is_put_into_the_inbox_as_its_webhook_would_have_been(world: World) -> None:
    mid = await said(world, "only announced")
    hints = Hints(world.database, world.accounts)
    assert await hints.read_hint(ACCOUNT, mid) == "it was read"
    [event] = await kept(world)
    assert (event.key, event.kind, event.text, event.customer) == (f"m:{mid}", "message", "only announced", "4711")
    assert event.account == ACCOUNT
    assert event.starts
    assert await hints.read_hint(ACCOUNT, mid) == "it came by itself"
    assert len(await kept(world)) == 1


async def test_one_that_came_by_itself_is_not_read(world: World) -> None:
    await world.control("POST", "/faults", {"at": "read", "kind": "error_unsent", "times": None})
    event = Inbound(key="m:M1", kind="message", account=ACCOUNT, customer="4711", at=world.now(), raw={})
    async with world.database.begin() as session:
        row = inbox.InboxRow(event.key, ACCOUNT, "4711", "message", event.at, event.model_dump(mode="json"))
        await inbox.keep(session, [row])
    assert await Hints(world.database, world.accounts).read_hint(ACCOUNT, "M1") == "it came by itself"


async def test_one_that_was_taken_back_meanwhile_is_gone(world: World) -> None:
    mid = await said(world, "never mind")
    await world.control("DELETE", f"/accounts/{ACCOUNT}/customers/{world.customer}/messages/{mid}")
    assert await Hints(world.database, world.accounts).read_hint(ACCOUNT, mid) == "it was deleted meanwhile"
    assert await kept(world) == []


async def test_where_instagram_is_away_it_is_tried_again(world: World) -> None:
    mid = await said(world, "hello")
    await world.control("POST", "/faults", {"at": "read", "kind": "error_unsent"})
    hints = Hints(world.database, world.accounts)
    with pytest.raises(ApplicationError, match="cannot be read yet"):
        await hints.read_hint(ACCOUNT, mid)
    assert await hints.read_hint(ACCOUNT, mid) == "it was read"


async def test_one_that_is_not_there_is_not_asked_for_again(world: World) -> None:
    assert "cannot be read" in await Hints(world.database, world.accounts).read_hint(ACCOUNT, "nonsense")
