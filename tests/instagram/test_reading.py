"""Messages as the API reads them back: what of ours arrived, and one message as its webhook would have told it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.client import Button, Outbound, Read, Record
from instagram.errors import SendError
from instagram.webhooks import Inbound, parse
from tests.instagram.mutations import ODD_NUMBERS, ODD_TEXTS, ODD_VALUES, changed, paths, written
from tests.instagram.scripted import ACCOUNT, Meta

pytestmark = pytest.mark.anyio


def thread(*messages: dict[str, Any], following: bool = False) -> dict[str, Any]:
    paging = {"cursors": {"after": "a"}, **({"next": "https://graph.example.org/next"} if following else {})}
    return {"messages": {"data": list(messages), "paging": paging}, "id": "t"}


def told(number: int, minute: int, author: str = ACCOUNT, **members: Any) -> dict[str, Any]:
    at = f"2026-03-01T12:{minute:02}:00+0000"
    return {"id": f"m{number}", "created_time": at, "from": {"id": author}, "message": f"text {number}", **members}


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("messages", "following", "minute", "texts", "complete"),
    [
        ([], False, 0, [], True),
        ([told(2, 9), told(1, 5)], False, 0, ["text 2", "text 1"], True),
        ([told(2, 9), told(1, 5)], False, 7, ["text 2"], True),
        ([told(2, 9), told(1, 5)], True, 0, ["text 2", "text 1"], False),
        ([told(2, 9), told(1, 5)], True, 7, ["text 2"], True),
        ([told(n, 59 - n) for n in range(20)], False, 0, [f"text {n}" for n in range(20)], False),
        ([told(n, 59 - n) for n in range(20)], True, 55, [f"text {n}" for n in range(5)], True),
        ([told(n, 59 - n) for n in range(20)], True, 40, [f"text {n}" for n in range(20)], False),
        ([told(1, 5, author="7")], False, 0, [], True),
    ],
    ids=[
        *("empty", "all", "some", "there is more", "reaches back", "twenty", "twenty and back", "to the minute"),
        "not ours",
    ],
)
async def test_a_record_says_whether_it_is_complete(
    meta: Meta, http: httpx.AsyncClient, messages: Any, following: bool, minute: int, texts: Any, complete: bool
) -> None:
    meta.answer("GET", f"/v26.0/{ACCOUNT}/conversations", {"data": [{"id": "t"}]})
    meta.answer("GET", "/v26.0/t", thread(*messages, following=following))
    since = NOON + timedelta(minutes=minute, seconds=0.9)
    record = await meta.client(http).record_since("7", since)
    assert [sent.text for sent in record.sent] == texts
    assert record.complete is complete
    assert record.mids == tuple(message["id"] for message in messages)  # of both parties, and of any time
    assert await meta.client(http).sent_since("7", since) == list(record.sent)


async def test_a_thread_that_is_not_listed_proves_nothing(meta: Meta, http: httpx.AsyncClient) -> None:
    meta.answer("GET", f"/v26.0/{ACCOUNT}/conversations", {"data": []})
    assert await meta.client(http).record_since("7", NOON) == Record(sent=(), complete=False)


async def test_messages_that_are_only_listed_are_asked_for(meta: Meta, http: httpx.AsyncClient) -> None:
    meta.answer("GET", f"/v26.0/{ACCOUNT}/conversations", {"data": [{"id": "t"}]})
    listed = [
        {name: message[name] for name in ("id", "created_time")} for message in (told(3, 9), told(2, 8), told(1, 1))
    ]
    meta.answer("GET", "/v26.0/t", thread(*listed))
    image = {"data": [{"image_data": {"url": "https://cdn.example.org/1.jpg"}}]}
    meta.answer("GET", "/v26.0/m3", told(3, 9, message="", attachments=image))
    meta.answer("GET", "/v26.0/m2", (400, {"error": {"message": "The message was deleted.", "code": 9000001}}))
    record = await meta.client(http).record_since("7", NOON + timedelta(minutes=5))
    (sent,) = record.sent
    assert (sent.mid, sent.text, sent.wordless, sent.attachments) == ("m3", None, True, ("image",))
    assert record.complete
    assert meta.of("/v26.0/m1") == []  # too old, so nobody has to ask


async def test_what_a_wordless_message_was_of(meta: Meta, http: httpx.AsyncClient) -> None:
    template = {"data": [{"generic_template": {"title": "Card"}}]}
    film = {"data": [{"video_data": {"url": "https://v"}}, {"image_data": {"preview_url": "https://i"}}]}
    meta.answer("GET", f"/v26.0/{ACCOUNT}/conversations", {"data": [{"id": "t"}]})
    meta.answer("GET", "/v26.0/t", thread(told(2, 2, message=None, attachments=template), told(1, 1, attachments=film)))
    two, one = (await meta.client(http).record_since("7", NOON)).sent
    assert (two.attachments, two.wordless) == (("template",), True)
    assert (one.attachments, one.wordless) == (("video", "image"), False)


async def test_one_message(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    raw = json.loads((examples / "api_message.json").read_text())
    meta.answer("GET", f"/v26.0/{raw['id']}", raw)
    read = await meta.client(http).message(raw["id"])
    assert read is not None
    assert read == Read(
        id=raw["id"],
        at=datetime(2025, 7, 28, 22, 44, 49, tzinfo=UTC),
        author="1000000000000001",
        recipient=ACCOUNT,
        text="hi",
        raw=raw,
    )
    assert {"attachments", "shares", "story", "reply_to", "is_unsupported"} <= set(
        meta.last().query["fields"].split(",")
    )
    event = read.inbound(ACCOUNT)
    assert (event.kind, event.key, event.customer, event.text, event.starts) == (
        *("message", f"m:{raw['id']}", "1000000000000001", "hi"),
        True,
    )


async def test_a_message_that_is_gone(meta: Meta, http: httpx.AsyncClient) -> None:
    meta.answer("GET", "/v26.0/m1", (400, {"error": {"message": "The message was deleted.", "code": 9000001}}))
    assert await meta.client(http).message("m1") is None
    meta.answer("GET", "/v26.0/m1", (400, {"error": {"message": "?", "code": 100, "error_subcode": 33}}))
    with pytest.raises(SendError) as error:
        await meta.client(http).message("m1")
    assert error.value.outcome == "message"
    for odd in ({"id": "m1"}, {"id": "m1", "created_time": "2026-03-01T12:00:00+0000"}, told(1, 1, author="")):
        meta.answer("GET", "/v26.0/m1", odd)
        with pytest.raises(SendError, match="cannot be understood") as error:
            await meta.client(http).message("m1")
        assert error.value.outcome == "retry"


ATTACHED: list[tuple[dict[str, Any], list[tuple[str, str | None]]]] = [
    ({"attachments": {"data": [{"image_data": {"url": "https://i"}}]}}, [("image", "https://i")]),
    ({"attachments": {"data": [{"video_data": {"url": "https://v"}}]}}, [("video", "https://v")]),
    ({"attachments": {"data": [{"mime_type": "audio/mp4", "file_url": "https://a"}]}}, [("audio", "https://a")]),
    ({"attachments": {"data": [{"mime_type": "application/pdf", "file_url": "https://f"}]}}, [("file", "https://f")]),
    ({"attachments": {"data": [{"id": "1"}, {"type": "ephemeral"}]}}, [("unsupported", None), ("ephemeral", None)]),
    (
        {"shares": {"data": [{"link": "https://www.instagram.com/p/1/"}]}},
        [("ig_post", "https://www.instagram.com/p/1/")],
    ),
    (
        {"shares": {"data": [{"link": "https://www.instagram.com/reel/1/"}]}},
        [("ig_reel", "https://www.instagram.com/reel/1/")],
    ),
    ({"story": {"mention": {"link": "https://s", "id": "5"}}}, [("story_mention", "https://s")]),
    ({"attachments": "odd", "shares": [7], "story": []}, []),
]


@pytest.mark.parametrize(("members", "attachments"), ATTACHED)
async def test_attachments_as_they_are_read(
    meta: Meta, http: httpx.AsyncClient, members: Any, attachments: list[tuple[str, str | None]]
) -> None:
    meta.answer("GET", "/v26.0/m1", told(1, 1, author="7", message="", to={"data": [{"id": ACCOUNT}]}, **members))
    read = await meta.client(http).message("m1")
    assert read is not None
    assert [(one.type, one.url) for one in read.attachments] == attachments
    event = read.inbound(ACCOUNT)
    assert event.attachments == read.attachments
    assert event.unsupported is (attachments == [])
    assert (event.mention is not None) is ("mention" in members.get("story", {}))


async def test_story_replies_and_answers_as_they_are_read(meta: Meta, http: httpx.AsyncClient) -> None:
    members = {
        "story": {"reply_to": {"link": "https://s", "id": 18}},
        "reply_to": {"mid": "m0"},
        "is_unsupported": True,
    }
    meta.answer("GET", "/v26.0/m1", told(1, 1, author="7", **members))
    read = await meta.client(http).message("m1")
    assert read is not None
    event = read.inbound(ACCOUNT)
    assert (event.story_url, event.story_id, event.reply_to_mid, event.unsupported) == ("https://s", "18", "m0", True)
    assert event.attachments == ()


@pytest.mark.parametrize(
    ("author", "recipient", "kind", "customer"),
    [
        ("7", ACCOUNT, "message", "7"),
        ("7", None, "message", "7"),
        (ACCOUNT, "7", "echo", "7"),
        ("1001", "7", "echo", "7"),  # the page's own id stands for the account
        ("7", "1001", "message", "7"),
        ("7", "8", "unknown", None),
    ],
)
async def test_whose_message_it_was(
    meta: Meta, http: httpx.AsyncClient, author: str, recipient: str | None, kind: str, customer: str | None
) -> None:
    to = {"data": [{"id": author}, {"id": recipient}]} if recipient else None
    meta.answer("GET", "/v26.0/m1", told(1, 1, author=author, to=to))
    read = await meta.client(http, "page").message("m1")
    assert read is not None
    event = read.inbound(ACCOUNT)
    assert (event.kind, event.customer, event.account) == (kind, customer, ACCOUNT)
    assert event.starts is (kind == "message")
    assert (event.key == "m:m1") is (kind != "unknown")  # it must not stand in the way of the real one


async def test_any_answer_is_a_message_or_an_error(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    raw = json.loads((examples / "api_message.json").read_text())
    raw |= {"attachments": {"data": [{"image_data": {"url": "u"}}]}, "story": {"reply_to": {"link": "u", "id": "1"}}}
    client, understood = meta.client(http), 0
    for path in paths(raw):
        for odd in (*ODD_VALUES, *ODD_NUMBERS, *ODD_TEXTS):
            meta.answer("GET", "/v26.0/m1", written(changed(raw, path, "retype", odd, "")).encode())
            try:
                read = await client.message("m1")
            except SendError:
                continue
            assert read is not None
            understood += 1
            event = read.inbound(ACCOUNT)
            assert Inbound.model_validate_json(event.model_dump_json()) == event
            assert event.kind in ("message", "echo", "unknown")
    assert understood > 100


# What the API reads and what the webhook told, of the same messages

SAID: dict[str, dict[str, Any]] = {
    "text": {"text": "Привет 🥰"},
    "image": {"attachments": [{"type": "image"}]},
    "video": {"attachments": [{"type": "video"}]},
    "audio": {"attachments": [{"type": "audio"}]},
    "file": {"attachments": [{"type": "file"}]},
    "several": {"attachments": [{"type": "image"}, {"type": "image"}]},
    "post": {"attachments": [{"type": "ig_post", "url": "https://www.instagram.com/p/1/", "title": "Shoes"}]},
    "reel": {"attachments": [{"type": "ig_reel", "url": "https://www.instagram.com/reel/1/", "title": "Reel"}]},
    "mention": {"attachments": [{"type": "story_mention"}]},
    "story reply": {"text": "nice", "story": {"id": "18000000000000007"}},
    "unsupported": {"unsupported": True},
}


@pytest.mark.parametrize("flavour", ["login", "page"])
async def test_what_is_read_is_what_the_webhook_told(start: Any, listener: Any, flavour: Any) -> None:
    simulator = await start(listener.url)
    client = simulator.client(flavour)
    customer = await simulator.customer(client.account)
    for said in SAID.values():
        await simulator.say(client.account, customer, **said)
    first = parse((await listener.until(1))[0][0])[0]
    await simulator.say(client.account, customer, text="an answer", reply_to=first.mid)
    await client.send(customer, Outbound(text="ours"))
    await client.send(customer, Outbound(images=("https://example.org/1.png", "https://example.org/2.png")))
    await client.send(customer, Outbound(text="Look", buttons=(Button(text="Shop", url="https://example.org/"),)))
    told = [event for body, _ in await listener.until(len(SAID) + 4) for event in parse(body)]
    assert [event.kind for event in told] == ["message"] * (len(SAID) + 1) + ["echo"] * 3
    for event in told:
        assert event.mid is not None
        read = await client.message(event.mid)
        assert read is not None
        same = read.inbound(client.account)
        # Only the second is told, and neither title nor id of everything that is shared.
        assert abs(same.at - event.at) < timedelta(seconds=1)
        assert [(one.type, one.url) for one in same.attachments] == _seen(event)
        left_out = {"at": event.at, "attachments": event.attachments, "raw": event.raw}
        assert same.model_copy(update=left_out) == event
    record = await client.record_since(customer, told[0].at)
    assert record.complete
    assert sorted(sent.mid for sent in record.sent) == sorted(str(event.mid) for event in told if event.kind == "echo")
    assert {sent.attachments for sent in record.sent} == {(), ("image", "image"), ("template",)}


def _seen(event: Inbound) -> list[tuple[str, str | None]]:
    return [(one.type, one.url) for one in event.attachments]


async def test_a_message_that_is_too_old_or_was_unsent(simulator: Any) -> None:
    client = simulator.client("login")
    customer = await simulator.customer(client.account)
    said = [await simulator.say(client.account, customer, text=str(number)) for number in range(21)]
    mids = [message["mid"] for message in said]
    assert await client.message(mids[0]) is None
    assert await client.message(mids[1]) is not None
    await simulator.control("DELETE", f"/accounts/{client.account}/customers/{customer}/messages/{mids[20]}")
    assert await client.message(mids[20]) is None
    with pytest.raises(SendError):
        await client.message("no such message")


async def test_a_record_that_does_not_reach_back_says_so(simulator: Any) -> None:
    client = simulator.client("login")
    customer = await simulator.customer(client.account)
    await simulator.say(client.account, customer, text="hi")
    since = datetime.now(UTC)
    await client.send(customer, Outbound(text="ours"))
    assert (await client.record_since(customer, since)).complete
    for number in range(20):
        await simulator.say(client.account, customer, text=str(number))
    record = await client.record_since(customer, since)
    assert (record.sent, record.complete) == ((), False)
    await simulator.control("POST", "/clock", {"advance": 60})
    await client.send(customer, Outbound(text="later"))
    later = await client.record_since(customer, since + timedelta(seconds=60))
    assert ([sent.text for sent in later.sent], later.complete) == (["later"], True)
