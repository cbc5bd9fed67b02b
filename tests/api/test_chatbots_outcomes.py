"""Each row of the table of outcomes in docs/reference/chatbots.md happens as it says."""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from instagram.outbound import Button, parts
from routing.messages import BotReplied
from store.conversations import end_conversation
from store.secrets import set_secret
from tests.talk import Talk

pytestmark = pytest.mark.anyio
PAGE = Path(__file__).parents[2] / "docs/reference/chatbots.md"
HASH = "b9f68fa377263e8f3018a405f25f44add10fab4c"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
IDLE = {"after": 600, "to": {"type": "queue", "name": "support"}}


def table() -> dict[str, str]:
    """The answer of each row of the page's last table."""
    section = PAGE.read_text().split("## What comes of a callback")[1]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", section, re.MULTILINE)
    return dict(rows[2:])


@dataclass
class Bot:
    """A bot that has a conversation; `then` takes what the API passed on through the core, to see what comes of it."""

    shop: Any
    name: str
    opened: Callable[[str, Parts], AbstractAsyncContextManager[Any]]
    parts: Parts

    async def says(self, body: Any, hash: str | None = HASH, shop: Any = None, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        path, params = "/external/web/api/chatbotUpdate", {"hash": hash} if hash else {}
        return await (shop or self.shop).http.post(path, params=params, content=content, headers=headers)

    async def then(self) -> Talk:
        """A conversation that the bot has, with all that was passed on."""
        bot = {"title": "B", "url": "https://bot.example.com", "fallback": {"type": "queue", "name": "support"}}
        talk = Talk(
            {
                "format": 1,
                "connectors": {"main": {"title": "M", "next": {"type": "chatbot", "name": "open"}, "idle": IDLE}},
                "queues": {"support": {"title": "S"}, "10001": {"title": "N"}},
                "chatbots": {"open": bot},
            }
        ).user("hello")
        for event in await self.shop.replied():
            self.feed(talk, event)
        return talk

    def feed(self, talk: Talk, event: BotReplied) -> None:
        talk.world.feed(event.model_copy(update={"conversation": None}))

    async def ends(self) -> None:
        await self.shop.end()
        async with self.shop.parts.database.begin() as session:
            await end_conversation(session, self.name, at=NOON, cause="user")


@pytest.fixture
async def bot(shop: Any, opened: Any, parts: Parts) -> Bot:
    await shop.start()
    return Bot(shop, await shop.open(hash=HASH, place="chatbots/open"), opened, parts)


Case = Callable[[Bot], Awaitable[httpx.Response | None]]
CASES: dict[str, Case] = {}


def row(name: str) -> Callable[[Case], Case]:
    def keep(case: Case) -> Case:
        CASES[name] = case
        return case

    return keep


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    assert list(table()) == list(CASES)


@pytest.mark.parametrize("name", table())
async def test_row(name: str, bot: Bot) -> None:
    wanted = re.fullmatch(r"(\d{3}|none)(?: `(.+)`)?", table()[name])
    assert wanted is not None, table()[name]
    answer = await CASES[name](bot)
    assert (str(answer.status_code) if answer is not None else "none") == wanted[1]
    if answer is None:
        return
    if answer.status_code == 200:
        assert answer.content == b'{"result":"OK"}'
        return
    assert answer.headers["content-type"] == "application/problem+json"
    if wanted[2]:
        assert [problem["path"] for problem in answer.json()["problems"]] == [wanted[2]]
    assert await bot.shop.replied() == []


@row("says something")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "Hello"})
    (await bot.then()).bot("Hello").place("chatbots/open")
    return answer


@row("says something and hands over")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "Bye", "transfer": "support"})
    (await bot.then()).bot("Bye").queue("support")
    return answer


@row("says nothing")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "", "button": None, "quickreply": [], "transfer": None})
    (await bot.then()).silence().place("chatbots/open")
    return answer


@row("names the queue by a number")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"queue": 10001})
    (await bot.then()).queue("10001")
    return answer


@row("repeated, with the same `Idempotency-Key`")
async def _(bot: Bot) -> httpx.Response:
    await bot.says({"text": "Hello"}, **{"Idempotency-Key": "one"})
    answer = await bot.says({"text": "Hello"}, **{"Idempotency-Key": "one"})
    # The workflow takes each key once: tests/workflows has that.
    assert len({event.key for event in await bot.shop.replied()}) == 1
    return answer


@row("repeated, without the header")
async def _(bot: Bot) -> httpx.Response:
    await bot.says({"text": "Hello"})
    answer = await bot.says({"text": "Hello"})
    assert len({event.key for event in await bot.shop.replied()}) == 2
    (await bot.then()).bot("Hello").bot("Hello")
    return answer


@row("for a conversation that has moved on")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "Late", "transfer": "support"})
    talk = (await bot.then()).bot("Late")
    [late] = await bot.shop.replied()
    talk.transfer("queues/10001")
    bot.feed(talk, late)
    talk.silence().queue("10001")
    assert talk.trace[-1].why == "the chatbot replied after the conversation had moved on"
    return answer


@row("for a conversation that has ended")
async def _(bot: Bot) -> httpx.Response:
    await bot.ends()
    return await bot.says({"text": "Late"})


@row("for one that has ended, while the customer has another")
async def _(bot: Bot) -> httpx.Response:
    await bot.ends()
    await bot.shop.start()
    await bot.shop.open(hash="0" * 40, place="chatbots/open")
    return await bot.says({"text": "Late"})


@row("with an unknown hash")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Hello"}, hash="1" * 40)


@row("without a hash")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Hello"}, hash=None)


async def _signed(bot: Bot, secret: str | None) -> None:
    await bot.ends()
    await bot.shop.start()
    await bot.shop.open(hash="5" * 40, place="chatbots/signed")
    if secret is not None:
        async with bot.shop.parts.database.begin() as session:
            await set_secret(session, bot.shop.parts.vault, "bot_key", secret)


@row("without a signature, or with a wrong one, where the bot has a secret")
async def _(bot: Bot) -> httpx.Response:
    await _signed(bot, "the bot's key")
    missing = await bot.says({"text": "Hello"}, hash="5" * 40)
    wrong = await bot.says({"text": "Hello"}, hash="5" * 40, **{"X-Switchboard-Signature": "sha256=" + "0" * 64})
    assert missing.json()["detail"] == wrong.json()["detail"]
    assert missing.status_code == wrong.status_code
    return wrong


@row("signed, but nobody has entered the secret here")
async def _(bot: Bot) -> httpx.Response:
    await _signed(bot, None)
    return await bot.says({"text": "Hello"}, hash="5" * 40, **{"X-Switchboard-Signature": "sha256=" + "0" * 64})


@row("to a queue that is not there")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Bye", "transfer": "nobody"})


@row("with a number as text")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": 5, "quickreply": []})


@row("with a button that leads nowhere")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Look", "button": [{"text": "Here"}]})


@row("with a link to something else than the web")
async def _(bot: Bot) -> httpx.Response:
    for link in ("tel:+420123456789", "javascript:alert(1)", "/sizes", "ftp://x.example.com", "two words"):
        answer = await bot.says({"text": "Look", "button": [{"text": "Here", "url": link}]})
        assert answer.status_code == 422, link
    return answer


@row("with a quick reply without a name")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Which?", "quickreply": [{"name": "a", "text": "A"}, {"text": "B"}]})


@row("with no JSON")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says(b"text=Hello")


def _buttons(number: int) -> list[dict[str, str]]:
    return [{"text": f"Button {one}", "name": f"b{one}"} for one in range(number)]


def _quick(number: int) -> list[dict[str, str]]:
    return [{"text": f"Choice {one}", "name": f"q{one}"} for one in range(number)]


@row("with 100 buttons")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "Many", "button": _buttons(100)})
    talk = (await bot.then()).bot("Many")
    shown = [Button(text=one.text, url=one.url, payload=one.payload) for one in talk.newest.buttons]
    sent = parts(talk.newest.text, buttons=shown)
    assert [len(one.buttons) for one in sent] == [3] * 33 + [1]
    for title, name in (("Button 0", "b0"), ("Button 99", "b99")):
        talk.tap(title)
        assert talk.world.asked[-1].body["button"] == {"name": name}
    return answer


@row("with 200 buttons")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Too many", "button": _buttons(200)})


@row("with 14 quick replies")
async def _(bot: Bot) -> httpx.Response:
    answer = await bot.says({"text": "Which?", "quickreply": _quick(14)})
    talk = (await bot.then()).bot("~Which\\?\n\n1\\. Choice 0\n.*\n14\\. Choice 13")
    assert talk.newest.listed
    talk.user("14")
    assert talk.world.asked[-1].body["quickreply"] == {"name": "q13"}
    return answer


@row("with 200 quick replies")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Too many", "quickreply": _quick(200)})


@row("with a name of 2,000 characters")
async def _(bot: Bot) -> httpx.Response:
    names = [base64.b64encode(bytes([one]) * 1_500).decode() for one in (1, 2)]
    assert [len(name) for name in names] == [2_000, 2_000]
    said = {"button": [{"text": "A", "name": names[0]}], "quickreply": [{"text": "B", "name": names[1]}]}
    answer = await bot.says({"text": "Which?", **said})
    talk = (await bot.then()).bot("Which?")
    assert all(len(one.payload or "") < 100 for one in (*talk.newest.buttons, *talk.newest.quick_replies))
    talk.tap("B")
    assert talk.world.asked[-1].body["quickreply"] == {"name": names[1]}
    talk.tap("A")
    assert talk.world.asked[-1].body["button"] == {"name": names[0]}
    return answer


@row("with a text of over 10,000 characters")
async def _(bot: Bot) -> httpx.Response:
    assert (await bot.says({"text": "ž" * 10_001})).status_code == 422
    return await bot.says({"text": "a" * 10_001})


@row("with an `Idempotency-Key` of over 500 characters")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says({"text": "Hello"}, **{"Idempotency-Key": "k" * 501})


@row("of over 1,000,000 bytes")
async def _(bot: Bot) -> httpx.Response:
    return await bot.says(b'{"text": "Hello"}' + b" " * 1_000_000)


@row("while Temporal is away")
async def _(bot: Bot) -> httpx.Response:
    async with bot.opened("away", bot.parts) as lonely:
        return await bot.says({"text": "Hello"}, shop=lonely)


@row("none at all")
async def _(bot: Bot) -> None:
    talk = (await bot.then()).wait(599).place("chatbots/open").wait(2).queue("support")
    assert talk.world.asked[-1].body["terminate"] == {"name": "idle"}
