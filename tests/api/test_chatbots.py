"""Chatbots' callbacks take effect whole or not at all, once per Idempotency-Key (SPEC section 5)."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from routing.messages import BotButton, BotQuickReply
from store.conversations import end_conversation
from store.secrets import set_secret
from tests.talk import Talk

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
        ({"button": [{"text": "x", "url": "//x.example.com"}]}, ["button/0/url"]),
        ({"button": [{"text": "x", "url": "x.example.com/a b"}]}, ["button/0/url"]),
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


# The seed's example, and bots that were written for its protocol ------------------------------------------------------

SEEDS_EXAMPLE = b"""
{
"conversation": {
"name": "web_62fe14acd567e380992326"
},
"text": "textMessage",
"button": [
{
"text": "xxx.com",
"url": "https://xxx.com/api/"
},
{
"text": "...",
"url": "...."
}
],
"quickreply": [
{
"name": "quickReplyName1",
"text": "Quick reply Name 1"
},
{
"name": "....",
"text": "...."
}
],
"queue": "10001",
"hash": "b9f68fa377263e8f3018a405f25f44add10fab4c"
}
"""
"""The seed's response example, with the comma that it lacks and without the one too many: no parser takes those two."""


@pytest.mark.parametrize("hash", [None, HASH], ids=["hash-in-the-body", "hash-in-both"])
async def test_the_seeds_response_example(shop: Any, hash: str | None) -> None:
    await _with_a_bot(shop)
    answer = await _says(shop, SEEDS_EXAMPLE, hash=hash)
    assert (answer.status_code, answer.content) == (200, b'{"result":"OK"}')
    [replied] = await shop.replied()
    assert (replied.text, replied.transfer) == ("textMessage", "10001")
    assert replied.buttons == (
        BotButton(text="xxx.com", url="https://xxx.com/api/"),
        BotButton(text="...", url="https://...."),
    )
    assert replied.quickreplies == (
        BotQuickReply(name="quickReplyName1", text="Quick reply Name 1"),
        BotQuickReply(name="....", text="...."),
    )


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("shop.example.com", "https://shop.example.com"),
        (" shop.example.com/a?b=c ", "https://shop.example.com/a?b=c"),
        ("shop.example.com:8080/a", "https://shop.example.com:8080/a"),
        ("http://shop.example.com", "http://shop.example.com"),
    ],
)
async def test_links_without_https(shop: Any, written: str, link: str) -> None:
    await _with_a_bot(shop)
    assert (await _says(shop, {"button": [{"text": "Shop", "url": written}]})).status_code == 200
    assert (await shop.replied())[0].buttons == (BotButton(text="Shop", url=link),)


class RealBot:
    """A bot as they were written for this protocol (SPEC section 5, last point): all it knows is `response_url`."""

    def __init__(self, shop: Any, message: dict[str, Any]) -> None:
        self.shop = shop
        self.response_url: str = message["conversation"]["response_url"]

    async def says(self, **said: Any) -> None:
        """Sends `quickreply` every time, also empty; another answer than the one it knows is a failure."""
        path = self.response_url.removeprefix("https://dm.example.com")
        answer = await self.shop.http.post(path, json={"quickreply": [], **said})
        assert answer.json() == {"result": "OK"}, answer.text


def _robot() -> dict[str, Any]:
    bot = {"title": "B", "url": "https://bot.example.com", "fallback": {"type": "queue", "name": "support"}}
    return {
        "format": 1,
        "connectors": {"main": {"title": "M", "next": {"type": "chatbot", "name": "open"}}},
        "queues": {"support": {"title": "S"}, "10001": {"title": "N"}},
        "chatbots": {"open": bot},
    }


OPAQUE = base64.b64encode(json.dumps({"intent": "size", "context": "x" * 500}).encode()).decode()


async def _a_real_bot(shop: Any) -> tuple[RealBot, Talk]:
    """The bot with a conversation, and the core's side of it."""
    await _with_a_bot(shop)
    talk = Talk(_robot()).user("hello")
    message = talk.world.asked[-1].body
    message["conversation"]["response_url"] = f"https://dm.example.com{PATH}?hash={HASH}"
    return RealBot(shop, message), talk


async def _heard(shop: Any, talk: Talk) -> None:
    """Hand what the bot said last to the core."""
    talk.world.feed((await shop.replied())[-1].model_copy(update={"conversation": None}))


async def test_it_keeps_the_hash_only_in_the_response_url(shop: Any) -> None:
    bot, talk = await _a_real_bot(shop)
    await bot.says(text="Hello")
    await _heard(shop, talk)
    talk.bot("Hello")


async def test_an_empty_list_of_quick_replies_clears_the_old_ones(shop: Any) -> None:
    bot, talk = await _a_real_bot(shop)
    await bot.says(text="Which?", quickreply=[{"name": "a", "text": "A"}])
    await _heard(shop, talk)
    old = talk.bot("Which?", buttons=["A"]).newest.quick_replies[0].payload
    await bot.says(text="Never mind")
    await _heard(shop, talk)
    talk.bot("Never mind", buttons=[])
    talk.world.user("A", payload=old)
    assert talk.world.asked[-1].body["text"] == "A"


async def test_buttons_with_a_url_and_a_name_are_links_and_those_with_a_name_come_back(shop: Any) -> None:
    bot, talk = await _a_real_bot(shop)
    both = {"text": "Shop", "url": "https://shop.example.com", "name": "shop"}
    await bot.says(text="Look", button=[both, {"text": "Help", "name": "help"}])
    await _heard(shop, talk)
    talk.bot("Look", links=["https://shop.example.com", None]).tap("Help")  # pyright: ignore[reportArgumentType]  a button without a link
    assert talk.world.asked[-1].body["button"] == {"name": "help"}


async def test_names_are_opaque_long_and_never_cut(shop: Any) -> None:
    bot, talk = await _a_real_bot(shop)
    assert len(OPAQUE) > 600
    await bot.says(text="Which?", quickreply=[{"name": OPAQUE, "text": "M"}], button=[{"name": OPAQUE, "text": "L"}])
    await _heard(shop, talk)
    talk.bot("Which?", buttons=["M"]).tap("M")
    assert talk.world.asked[-1].body["quickreply"] == {"name": OPAQUE}
    talk.tap("L")
    assert talk.world.asked[-1].body["button"] == {"name": OPAQUE}


async def test_it_hands_over_with_transfer_as_an_integer(shop: Any) -> None:
    bot, talk = await _a_real_bot(shop)
    await bot.says(transfer=10001)
    await _heard(shop, talk)
    talk.silence().queue("10001")


async def test_the_answer_is_nothing_but_the_result(shop: Any) -> None:
    await _with_a_bot(shop)
    answer = await _says(shop, {"text": "Hello"})
    assert answer.content == b'{"result":"OK"}'
    assert answer.headers["content-type"] == "application/json"


async def test_a_repeated_message_has_the_same_time_and_digits() -> None:
    first, again = (Talk(_robot()).user("hello").world.asked[0].body for _ in range(2))
    assert (first["time"], first["name"]) == (again["time"], again["name"])
    talk = Talk(_robot()).user("hello").user("hello")
    names = [asked.body["name"] for asked in talk.world.asked]
    digits = [int("".join(one for one in name if one.isdigit())) for name in names]
    assert len(set(digits)) == 2
