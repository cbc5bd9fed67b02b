"""Everything that can arrive from Instagram has the outcome that the reference says (docs/reference/instagram.md)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from routing.messages import AgentWrote, Wrote
from store.messages import NewMessage, mark_sending, mark_sent, prepare, record_inbound

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs/reference/instagram.md").read_text()
SECTION = PAGE.partition("## Everything that can arrive")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| ([^|]+) \| `(\w+)` \|", SECTION, re.MULTILINE))
MID = "M1"
Items = Callable[[Any], list[dict[str, Any]]]


def said(**message: Any) -> Items:
    return lambda shop: [shop.message(MID, None, 9, **message)]


def does(**content: Any) -> Items:
    return lambda shop: [shop.item("anna", 9, **content)]


def attached(kind: str, **payload: Any) -> Items:
    return said(attachments=[{"type": kind, **({"payload": payload} if payload else {})}])


SENT = {
    "a text": said(text="hi"),
    "a picture, film, voice message or file": attached("image", url="https://cdn.example.com/a.jpg"),
    "a shared post, reel or story": attached("ig_reel", url="https://www.instagram.com/reel/1", reel_video_id="1"),
    "an attachment of a type that nobody knows": attached("hologram", url="https://cdn.example.com/a"),
    "a view-once picture": attached("ephemeral"),
    "something unsupported, with nothing inside": said(is_unsupported=True),
    "a quick reply": said(text="Red", quick_reply={"payload": "R"}),
    "a postback of a button": does(postback={"mid": MID, "title": "Yes", "payload": "Y"}),
    "an ice breaker": does(postback={"mid": MID, "title": "When are you open?", "payload": "HOURS"}),
    "a reply to a story": said(text="wow", reply_to={"story": {"id": "5", "url": "https://cdn.example.com/s"}}),
    "a mention in a story": attached("story_mention", url="https://cdn.example.com/s"),
    "a reply to a message": said(text="yes", reply_to={"mid": "M0"}),
    "an `ig.me` link": does(referral={"ref": "summer", "source": "https://ig.me/m/shop", "type": "OPEN_THREAD"}),
    "a message from an ad": said(text="hi", referral={"ad_id": "5", "source": "ADS", "type": "OPEN_THREAD"}),
    "a reaction, or its end": does(reaction={"mid": "M0", "action": "unreact"}),
    "seen": does(read={"mid": "M0"}),
    "an edit": does(message_edit={"mid": "M0", "text": "ho", "num_edit": 1}),
    "an edit number 0": lambda _: [{"timestamp": 1, "message_edit": {"mid": "M7", "num_edit": 0}}],
    "a message taken back": lambda shop: [shop.message("M0", None, 9, is_deleted=True)],
    "one of these while no conversation is open": lambda shop: [shop.item("eva", 9, read={"mid": "M0"})],
    "the echo of our message": lambda shop: [shop.echo("OUT1", "known", 9)],
    "the echo of a message that is in doubt": lambda shop: [shop.echo("OUT2", "in doubt", 9)],
    "the echo of what a person typed in the app": lambda shop: [shop.echo("APP1", "from my phone", 9, "carl")],
    "a hand-over to or from another app": does(pass_thread_control={"new_owner_app_id": "1"}),
    "an opt-in": does(optin={"ref": "x"}),
    "anything else": does(novelty={"of": "tomorrow"}),
    "a message of the account to itself": lambda shop: [shop.message(MID, "me", 9, shop.account, is_self=True)],
}
IN_OTHER_ENVELOPES = {
    "a message in standby",
    "a comment, also the account's own",
    "the dashboard's Test button",
    "a message to an account that no connector has",
}


def test_every_row_is_delivered() -> None:
    assert len(ROWS) > 25
    assert set(ROWS) == {*SENT, *IN_OTHER_ENVELOPES}


@pytest.fixture
async def talking(shop: Any) -> Any:
    """A conversation with a message of each kind that later events speak of."""
    name = await shop.open()
    await shop.start()
    await shop.open("carl")
    await shop.start("carl")
    async with shop.parts.database.begin() as session:
        hello = NewMessage(
            key="m:M0", conversation=name, author="customer", at=NOON, kind="message", text="a", mid="M0"
        )
        await record_inbound(session, [hello])
        for key, words in (("k1", "known"), ("k2", "in doubt")):
            row = NewMessage(key=key, conversation=name, author="graph", at=NOON, kind="message", text=words)
            await prepare(session, [row])
            await mark_sending(session, key, NOON)
        await mark_sent(session, "k1", "OUT1", NOON)
    return shop


@pytest.mark.parametrize("what", SENT)
async def test_it_has_its_outcome(talking: Any, what: str) -> None:
    [item] = SENT[what](talking)
    await talking.deliver(item)
    [outcome] = (await talking.settled()).values()
    assert outcome == ROWS[what]
    customer = "carl" if what.startswith("the echo of what a person") else "anna"
    told = [event for events in await talking.told(customer) for event in events]
    if outcome == "forwarded":
        assert isinstance(told[0], AgentWrote if customer == "carl" else Wrote)
    elif what == "a message taken back":
        assert [event.type for event in told] == ["unsent"]
    else:
        assert told == []


async def test_what_comes_in_other_envelopes(talking: Any) -> None:
    async with talking.parts.database.begin() as session:
        await session.execute(text("INSERT INTO accounts (id, flavour) SELECT id || '2', flavour FROM accounts"))
    test = {"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "message": {"mid": "T1", "text": "x"}}
    await talking.post(
        [
            {"id": talking.account, "standby": [talking.message("S1", "hi")]},
            {"id": talking.account, "changes": [{"field": "comments", "value": {"id": "C1", "text": "nice"}}]},
            {"id": "0", "changes": [{"field": "messages", "value": test}]},
            {"id": talking.account + "2", "messaging": [talking.message("N1", "hi")]},
        ]
    )
    outcomes = await talking.settled()
    assert sorted(str(outcome) for outcome in outcomes.values()) == sorted(ROWS[what] for what in IN_OTHER_ENVELOPES)
    assert await talking.told() == []
