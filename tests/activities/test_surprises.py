"""What Instagram does that nobody would expect, as far as it takes activities to show it (facts, section 5)."""

from pathlib import Path

import pytest

from activities.attachments import Attachments
from activities.web import Web
from routing.messages import Attachment, CustomerMessage
from routing.records import Keeping, Opening
from store import contacts
from store.files import Files
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio


def stored(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


async def test_13_a_reel_whose_address_is_a_web_page(world: World, tmp_path: Path) -> None:
    """It is no video, and is not stored; people still have the link to Instagram's page."""
    attachments = Attachments(
        world.database,
        Files(tmp_path.as_uri()),
        Web(allow=[world.simulator.base_url.netloc.decode()]),
        lambda id, title: f"https://switchboard.example.com/{id}/{title}",
    )
    page = "https://www.instagram.com/reel/C1/"
    html = f"{world.simulator.base_url}docs"
    message = CustomerMessage(
        key="m:1",
        at=world.now(),
        attachments=(Attachment(type="ig_reel", url=page), Attachment(type="ig_reel", url=html)),
    )
    keeping = Keeping(conversation="c", account=ACCOUNT, customer="4711", messages=(message,))
    [kept] = (await attachments.keep_attachments(keeping)).messages
    assert [one.url for one in kept.attachments] == [page, None]
    assert kept.attachments[1].reason
    assert stored(tmp_path) == []


async def test_14_the_review_bot_has_no_profile_and_is_a_customer_all_the_same(world: World) -> None:
    await world.control("POST", "/faults", {"at": "profile", "kind": "error", "code": 9010, "status": 401})
    opened = await world.opened()
    assert opened.conversation is not None
    assert (opened.conversation.customer.name, opened.conversation.customer.username) == (None, None)
    async with world.database.begin() as session:
        known = await contacts.contact(session, ACCOUNT, world.customer)
    assert known is None or known.name is None


async def test_a_customer_s_picture_is_kept_itself(world: World, tmp_path: Path) -> None:
    """Its link dies within days (facts 2.5)."""
    files = Files(tmp_path.as_uri())
    web = Web(allow=[world.simulator.base_url.netloc.decode()])
    conversations = world.conversations
    conversations.keep_picture = Attachments(world.database, files, web, "{}/{}".format).keep_picture
    await conversations.open(
        Opening(account=ACCOUNT, customer=world.customer, workflow_id="w", at=world.now(), keys=("m:first",))
    )
    async with world.database.begin() as session:
        known = await contacts.contact(session, ACCOUNT, world.customer)
    assert known is not None
    assert known.username == "jana"
    assert (await files.read(f"{ACCOUNT}/{known.picture}")).startswith(b"\x89PNG")
