"""Rows of attachments, written twice and erased, and the links that are signed for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from store.attachments import (
    LINK_LIFE,
    NewAttachment,
    attachment,
    attachment_id,
    attachments_of,
    forget,
    forget_message,
    forget_pictures,
    keep,
    link_expiry,
    mark_stored,
    safe_title,
    signed_path,
)
from store.database import Database

pytestmark = pytest.mark.anyio
NEW = NewAttachment(
    id="one",
    account="shop",
    customer="anna",
    conversation="igdm_1",
    message="m:first",
    type="image",
    title="image.png",
    media_type="image/png",
    location="shop/one",
    reason="it is not stored yet",
)


def test_ids_are_the_same_each_time_and_of_one_place() -> None:
    assert attachment_id("m:1", 0) == attachment_id("m:1", 0)
    places = [("m:1", 0), ("m:1", 1), ("m:1", "story"), ("m:11", 0), ("m:1\ud800", 0)]
    assert len({attachment_id(*place) for place in places}) == len(places)
    assert all(len(attachment_id(*place)) == 32 for place in places)


async def test_a_row_before_and_after_its_file(database: Database) -> None:
    async with database.begin() as session:
        await keep(session, NEW)
        expected = await attachment(session, "one")
        assert await mark_stored(session, "one", 70)
        stored = await attachment(session, "one")
        assert await attachment(session, "two") is None
    assert expected is not None
    assert stored is not None
    assert (expected.size, expected.reason, expected.location) == (None, "it is not stored yet", "shop/one")
    assert stored == replace(expected, size=70, reason=None)


async def test_what_is_stored_is_not_overwritten(database: Database) -> None:
    async with database.begin() as session:
        await keep(session, NEW)
        await mark_stored(session, "one", 70)
        before = await attachment(session, "one")
        await keep(session, replace(NEW, title="other", location=None, reason="the link has expired"))
        assert await attachment(session, "one") == before


async def test_a_later_attempt_counts_and_a_file_that_may_be_there_stays_known(database: Database) -> None:
    async with database.begin() as session:
        await keep(session, NEW)
        await keep(session, replace(NEW, title="image", media_type=None, location=None, reason="the link has expired"))
        found = await attachment(session, "one")
    assert found is not None
    assert (found.title, found.reason, found.location) == ("image", "the link has expired", "shop/one")
    async with database.begin() as session:
        assert await forget_message(session, "m:first") == ["shop/one"]


async def test_attachments_of_messages(database: Database) -> None:
    async with database.begin() as session:
        for id, message in (("a", "m:1"), ("b", "m:2"), ("c", "m:3"), ("d", None)):
            await keep(session, replace(NEW, id=id, message=message))
        assert {one.id for one in await attachments_of(session, ["m:1", "m:2", "m:9"])} == {"a", "b"}
        assert await attachments_of(session, []) == []


async def test_a_customer_is_forgotten_and_nobody_else(database: Database) -> None:
    async with database.begin() as session:
        await keep(session, replace(NEW, id="a", location="shop/a"))
        await keep(session, replace(NEW, id="b", location=None))
        await keep(session, replace(NEW, id="p", message=None, type="picture", location="shop/p"))
        await keep(session, replace(NEW, id="c", customer="petr"))
        await keep(session, replace(NEW, id="d", account="other"))
    async with database.begin() as session:
        assert await forget(session, "shop", "anna") == ["shop/a", "shop/p"]
        assert await forget(session, "shop", "anna") == []
        assert await attachment(session, "a") is None
        assert await attachment(session, "c") is not None
        assert await attachment(session, "d") is not None
        assert not await mark_stored(session, "a", 1)


@pytest.mark.parametrize("named", ["m:MID", "MID"])
async def test_a_message_is_forgotten_by_its_key_or_mid(database: Database, named: str) -> None:
    async with database.begin() as session:
        await keep(session, replace(NEW, id="a", message="m:MID", location="shop/a"))
        await keep(session, replace(NEW, id="b", message="m:MIDDLE"))
        assert await forget_message(session, named) == ["shop/a"]
        assert await attachment(session, "b") is not None


async def test_the_pictures_before_the_newest_are_forgotten(database: Database) -> None:
    async with database.begin() as session:
        for id, customer in (("old", "anna"), ("new", "anna"), ("his", "petr")):
            await keep(session, replace(NEW, id=id, customer=customer, type="picture", location=f"shop/{id}"))
        await keep(session, NEW)
        assert await forget_pictures(session, "shop", "anna", "new") == ["shop/old"]
        assert await attachment(session, "one") is not None


# Links ----------------------------------------------------------------------------------------------------------------

KEY = "a-key-of-sixteen-or-more"
UNTIL = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


def parts(path: str) -> tuple[str, str, str, str]:
    """Id, title, expiry and signature of a link."""
    split = urlsplit(path)
    query = parse_qs(split.query)
    _, folder, id, title = split.path.split("/")
    assert folder == "attachments"
    return id, title, query["expires"][0], query["signature"][0]


def test_a_link_holds_until_it_says() -> None:
    path = signed_path(KEY, "ab12", "Žofie's  holiday/2026.png", UNTIL)
    assert path.startswith(f"/attachments/ab12/Zofie-s-holiday-2026.png?expires={int(UNTIL.timestamp())}&signature=")
    assert link_expiry(KEY, *parts(path)) == UNTIL
    assert timedelta(days=30) == LINK_LIFE
    assert KEY not in path


def test_whatever_is_changed_breaks_a_link() -> None:
    id, title, expires, signature = parts(signed_path(KEY, "ab12", "image.png", UNTIL))
    other = "0" if signature[0] != "0" else "1"
    for changed in [
        ("ab13", title, expires, signature),
        (id, "image.exe", expires, signature),
        (id, title, str(int(expires) + 1), signature),
        (id, title, expires + " ", signature),
        (id, title, "", signature),
        (id, title, expires, other + signature[1:]),
        (id, title, expires, signature[:-1]),
        (id, title, expires, signature.upper()),
        (id, title, expires, ""),
        (id, title, expires, "ž\ud800"),
        (f"{id}\n{title}", expires, "", signature),
    ]:
        assert link_expiry(KEY, *changed) is None, changed
    assert link_expiry("another-key-of-sixteen", id, title, expires, signature) is None


def test_nothing_is_signed_without_a_key() -> None:
    with pytest.raises(ValueError, match="without a key"):
        signed_path("", "ab12", "image.png", UNTIL)
    with pytest.raises(ValueError, match="without a key"):
        link_expiry("", "ab12", "image.png", "1", "")


@pytest.mark.parametrize(
    ("title", "safe"),
    [
        ("image.png", "image.png"),
        ("../../etc/passwd", "etc-passwd"),
        ('a"b\r\nc.pdf', "a-b-c.pdf"),
        ("žížala Ω.png", "zizala-.png"),
        ("写真", "file"),
        ("..", "file"),
        ("", "file"),
        ("x" * 200 + ".png", "x" * 96 + ".png"),
    ],
)
def test_titles_in_links(title: str, safe: str) -> None:
    assert safe_title(title) == safe
