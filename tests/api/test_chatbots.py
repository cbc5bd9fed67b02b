"""Chatbots' callbacks take effect whole or not at all, once per Idempotency-Key (SPEC section 5)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from routing.messages import BotButton, BotQuickReply
from store.conversations import end_conversation
from store.secrets import set_secret

pytestmark = pytest.mark.anyio
PATH = "/external/web/api/chatbotUpdate"
HASH = "b9f68fa377263e8f3018a405f25f44add10fab4c"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


async def _with_a_bot(shop: Any, place: str = "chatbots/open") -> str:
    await shop.start()
    return await shop.open(hash=HASH, place=place)


async def _says(shop: Any, body: Any, hash: str | None = HASH, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await shop.http.post(PATH, params={"hash": hash} if hash else {}, content=content, headers=headers)


async def test_all_that_a_bot_can_say(shop: Any) -> None:
    await _with_a_bot(shop)
    long = "eyJhIjoi" * 100
    body = {
        "conversation": {"name": "igdm_anything"},
        "text": "Which size?",
        "button": [
            {"text": "Sizes", "url": "https://shop.example.com/sizes"},
            {"text": "Both", "url": "https://shop.example.com", "name": long},
            {"text": "Help", "name": long},
            {"text": "Empty link", "url": "", "name": "n"},
        ],
        "quickreply": [{"name": long, "text": "M"}],
        "queue": "10001",
        "novelty": 1,
    }
    answer = await _says(shop, body)
    assert (answer.status_code, answer.json()) == (200, {"result": "OK"})
    [replied] = await shop.replied()
    assert (replied.text, replied.transfer) == ("Which size?", "10001")
    assert replied.buttons == (
        BotButton(text="Sizes", url="https://shop.example.com/sizes"),
        BotButton(text="Both", url="https://shop.example.com", name=long),
        BotButton(text="Help", name=long),
        BotButton(text="Empty link", name="n"),
    )
    assert replied.quickreplies == (BotQuickReply(name=long, text="M"),)
    assert await shop.counter('switchboard_chatbot_callbacks_total{status="200"}') == 1


@pytest.mark.parametrize(
    ("body", "transfer"),
    [
        ({"transfer": 10001, "text": None, "quickreply": [], "button": None}, "10001"),
        ({"transfer": 10001.0}, "10001"),
        ({"transfer": " support "}, "support"),
        ({"transfer": "", "queue": "support"}, "support"),
        ({"transfer": "support", "queue": "10001"}, "support"),
        ({"transfer": None, "queue": None}, None),
        ({}, None),
    ],
)
async def test_handing_over(shop: Any, body: dict[str, Any], transfer: str | None) -> None:
    await _with_a_bot(shop)
    assert (await _says(shop, body)).json() == {"result": "OK"}
    [replied] = await shop.replied()
    assert (replied.transfer, replied.text, replied.buttons, replied.quickreplies) == (transfer, "", (), ())


async def test_the_hash_in_the_body_and_any_content_type(shop: Any) -> None:
    await _with_a_bot(shop)
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        answer = await _says(shop, {"hash": HASH, "text": kind}, hash=None, **{"Content-Type": kind})
        assert answer.json() == {"result": "OK"}
    assert [replied.text for replied in await shop.replied()] == [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
    ]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"text": 5}, ["text"]),
        ({"text": "a" * 10_001}, ["text"]),
        ({"button": {"text": "x", "name": "y"}}, ["button"]),
        ({"button": [{"text": "x", "name": "y"}, {"text": "z"}]}, ["button/1"]),
        ({"button": [{"name": "y"}]}, ["button/0/text"]),
        ({"button": [{"text": "x", "url": "javascript:alert(1)"}]}, ["button/0/url"]),
        ({"quickreply": [{"text": "x"}, "y"]}, ["quickreply/0/name", "quickreply/1"]),
        ({"transfer": True}, ["transfer"]),
        ({"transfer": ["support"]}, ["transfer"]),
        ({"transfer": 1.5}, ["transfer"]),
        ({"text": "fine", "transfer": "nobody"}, ["transfer"]),
        ({"text": "fine", "queue": 7}, ["queue"]),
        ({"text": 5, "button": 6, "transfer": {}}, ["text", "button", "transfer"]),
        (b"text=hello", [""]),
        (b"[1]", [""]),
        (b"[" * 100_000, [""]),
        (b"\xff", [""]),
    ],
)
async def test_a_bad_body_names_each_field_and_nothing_takes_effect(shop: Any, body: Any, paths: list[str]) -> None:
    await _with_a_bot(shop)
    answer = await _says(shop, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [problem["path"] for problem in answer.json()["problems"]] == paths
    assert await shop.replied() == []


async def test_whose_conversation(shop: Any) -> None:
    name = await _with_a_bot(shop)
    for unknown in (HASH[:-1], HASH.upper(), name, "ä"):
        assert (await _says(shop, {"text": "x"}, hash=unknown)).status_code == 404
    for body in ({"text": "x"}, {"hash": 5}, {"hash": None}, {"hash": ""}):
        answer = await _says(shop, body, hash=None)
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "hash")
    assert await shop.replied() == []


async def test_after_the_end(shop: Any) -> None:
    name = await _with_a_bot(shop)
    await shop.end()
    assert (await _says(shop, {"text": "before the store knows"})).status_code == 410
    async with shop.parts.database.begin() as session:
        await end_conversation(session, name, at=NOON, cause="user")
    await shop.start()  # the customer's next conversation, which is not this bot's
    answer = await _says(shop, {"text": "after"})
    assert (answer.status_code, answer.json()["title"]) == (410, "Gone")
    assert await shop.replied() == []


async def test_idempotency(shop: Any) -> None:
    await _with_a_bot(shop)
    for key in ("one", "one", "two"):
        assert (await _says(shop, {"text": "x"}, **{"Idempotency-Key": key})).status_code == 200
    for _ in range(2):
        assert (await _says(shop, {"text": "x"})).status_code == 200
    keys = [replied.key for replied in await shop.replied()]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert all(key.startswith("b:") for key in keys)
    other = "0" * 40
    await shop.start("eva")
    await shop.open("eva", hash=other, place="chatbots/open")
    await _says(shop, {"text": "x"}, hash=other, **{"Idempotency-Key": "one"})
    assert (await shop.replied("eva"))[0].key != keys[0]


async def test_a_bot_with_a_secret_must_sign(shop: Any, sign: Callable[..., str]) -> None:
    await _with_a_bot(shop, place="chatbots/signed")
    body = b'{"text": "x"}'
    right = {"X-Switchboard-Signature": sign(body, "the bot's key")}
    assert (await _says(shop, body, **right)).status_code == 401  # nobody has entered the secret
    async with shop.parts.database.begin() as session:
        await set_secret(session, shop.parts.vault, "bot_key", "the bot's key")
    for headers in ({}, {"X-Switchboard-Signature": sign(body, "guessed")}, {"X-Switchboard-Signature": sign(b"{}")}):
        answer = await _says(shop, body, **headers)
        assert answer.status_code == 401
    assert (await _says(shop, b'{"text": 5}')).status_code == 401
    assert await shop.replied() == []
    assert (await _says(shop, body, **right)).json() == {"result": "OK"}
    assert len(await shop.replied()) == 1


async def test_a_late_reply_needs_no_signature_while_one_bot_needs_none(shop: Any) -> None:
    await _with_a_bot(shop, place="queues/support")
    assert (await _says(shop, {"text": "late"})).status_code == 200


async def test_without_temporal_the_bot_is_asked_to_repeat(lonely: Any) -> None:
    await lonely.open(hash=HASH, place="chatbots/open")
    answer = await _says(lonely, {"text": "x"})
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")


async def test_characters_that_no_database_takes(shop: Any) -> None:
    await _with_a_bot(shop)
    assert (await _says(shop, b'{"text": "a\\u0000b\\ud800c"}')).status_code == 200
    assert [replied.text for replied in await shop.replied()] == ["a\ufffdb\ufffdc"]


async def test_an_oversized_body(lonely: Any) -> None:
    assert (await _says(lonely, b" " * 1_000_001)).status_code == 413
    assert await lonely.counter('switchboard_chatbot_callbacks_total{status="413"}') == 1
