"""What strangers write can always be kept."""

from datetime import datetime

import pytest
from sqlalchemy.exc import StatementError

from store.columns import storable
from store.contacts import contact, save_field, save_profile
from store.database import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("half \ud83d of it", "half \ufffd of it"),
        ("😀 ok", "😀 ok"),
        (
            {"k\x00": ["\x00", {"deep": "\udc00"}, 1, None, True]},
            {"k\ufffd": ["\ufffd", {"deep": "\ufffd"}, 1, None, True]},
        ),
        (("tuple", "\x00"), ["tuple", "\ufffd"]),
        (1.5, 1.5),
    ],
)
def test_characters_that_postgresql_refuses(value: object, kept: object) -> None:
    assert storable(value) == kept


async def test_they_are_replaced_on_the_way_in(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        await save_profile(session, "shop", "anna", username="an\x00na", name="\ud83d", picture=None, at=noon)
        await save_field(session, "shop", "anna", "note", ["a\x00b"])
        known = await contact(session, "shop", "anna")
    assert known is not None
    assert (known.username, known.name, known.fields) == ("an\ufffdna", "\ufffd", {"note": ["a\ufffdb"]})


async def test_a_time_without_a_zone_is_refused(database: Database, noon: datetime) -> None:
    naive = noon.replace(tzinfo=None)
    async with database.begin() as session:
        with pytest.raises(StatementError, match="has no time zone"):
            await save_profile(session, "shop", "anna", username=None, name=None, picture=None, at=naive)
