"""The page on outgoing webhooks: its verifier tells forgeries apart, its examples and numbers are those of the code."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities import webhooks as sending
from activities.webhooks import body_of, signature_headers
from api import outgoing, outgoing_deliveries, sharer
from routing.messages import End
from store import announcements, endings, tickets, webhook_deliveries
from store import webhooks as store
from store.announcements import KINDS, TEST, Announcement
from store.buckets import MOST
from tests.activities.conftest import World, world
from tests.docs.examples import block

pytestmark = pytest.mark.anyio
__all__ = ["world"]  # the fixture
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/outgoing-webhooks.md").read_text(encoding="utf-8")
REPORTS = (ROOT / "docs/reference/reports.md").read_text(encoding="utf-8")
SECRET = "whsec_" + "c3dpdGNoYm9hcmQtc3dpdGNoYm9hcmQtMTIzNDU2Nzg="
OTHER = "whsec_" + "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMTI="


def is_genuine(*given: Any) -> bool:
    """The page's function, run as it stands there."""
    names: dict[str, Any] = {}
    exec(compile(block(PAGE, "python verify.py"), "verify.py", "exec"), names)
    return names["is_genuine"](*given)


def test_the_verifier() -> None:
    announcement = Announcement(1, "k", "chat.missed", None, datetime.now(UTC), {"words": "Dobrý den"})
    body = body_of(announcement)

    def signed(*keys: str, late: float = 0) -> dict[str, str]:
        return signature_headers(keys, announcement.message, datetime.now(UTC) - timedelta(seconds=late), body)

    right = signed(SECRET)
    assert is_genuine(SECRET, right, body)
    assert is_genuine(SECRET, signed(OTHER, SECRET), body), "while the secret changes"
    assert not is_genuine(OTHER, right, body)
    assert not is_genuine(SECRET, right, body + b" ")
    assert not is_genuine(SECRET, right | {"webhook-id": "msg_0"}, body)
    assert not is_genuine(SECRET, right | {"webhook-timestamp": str(int(time.time()) + 1)}, body)
    assert not is_genuine(SECRET, signed(SECRET, late=301), body)


def test_every_kind_is_explained() -> None:
    named = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", PAGE, re.MULTILINE)
    assert named == [*KINDS, TEST]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (PAGE, f"Up to {sending.TOGETHER} are on the way"),
        (PAGE, f"within {sending.TIMEOUT.seconds} seconds"),
        (PAGE, f"After {webhook_deliveries.GIVEN_UP.days} days"),
        (PAGE, f"for {webhook_deliveries.FAILING // timedelta(hours=1)} hours and in at least"),
        (PAGE, f"at least {webhook_deliveries.FAILURES} attempts"),
        (PAGE, f"for {store.OVERLAP // timedelta(hours=1)} hours |"),
        (PAGE, f"At most {outgoing.MOST} |"),
        (PAGE, f"the newest {outgoing_deliveries.NEWEST} attempts"),
        (PAGE, f"after {sharer.KEPT.days} days"),
        (REPORTS, f"at most {MOST} buckets"),
    ],
)
def test_numbers_are_those_of_the_code(page: str, told: str) -> None:
    assert told in page


def test_the_pauses() -> None:
    words = {5: "5 s", 30: "30 s", 120: "2 min", 600: "10 min", 1800: "30 min", 3600: "every hour"}
    *first, last = (words[int(pause.total_seconds())] for pause in webhook_deliveries.PAUSES)
    assert f"after {', '.join(first)}, and then {last}" in PAGE


async def test_the_examples(world: World) -> None:
    """Each says what the code tells of such a thing: the same fields, of the same kinds."""
    opened = (await world.opened()).conversation
    assert opened is not None
    end = End(path="x", at=opened.opened_at, terminate="nobody", cause="timeout", queue="people")
    await world.conversations.end(end, opened.name)
    async with world.database.begin() as session:
        number = await tickets.create_ticket(session, "t", at=world.now(), conversation=opened.name, title="Mould")
        ticket = await tickets.held(session, number)
        assert ticket is not None
        await tickets.change_ticket(
            session, ticket, author="eva", at=world.now(), values={"stage": "wait"}, comment="?"
        )
        told = {one.kind: one for one in await announcements.unshared(session)}
        assert await endings.ending(session, opened.name) == told["conversation.ended"].content
    assert set(told) == set(KINDS)
    for kind, example in (("conversation.ended", "json ended"), ("ticket.changed", "json ticket")):
        shown, found = json.loads(block(PAGE, example)), json.loads(body_of(told[kind]))
        assert _shape(shown) == _shape(found), kind
        assert list(shown) == list(found)
    assert _shape(json.loads(body_of(told["chat.missed"]))["data"]) == _shape(
        json.loads(block(PAGE, "json ended"))["data"]
    )
    assert set(told["ticket.created"].content) == {"ticket"}


def _shape(found: Any) -> Any:
    """The names at every depth, but for those of a ticket's fields that changed."""
    if not isinstance(found, dict):
        return None
    return {name: None if name == "changes" else _shape(value) for name, value in found.items()}
