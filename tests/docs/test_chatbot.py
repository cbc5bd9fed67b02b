"""The chatbot of the how-to page, as it stands there, talks with the core over sockets."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from runpy import run_path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from activities.chatbots import SIGNATURE, signature
from api.chatbots import Callback
from instagram.webhooks import verified
from routing.conversation import Customer
from routing.messages import BotButton, BotQuickReply
from tests.talk import Talk

PAGE = (Path(__file__).parents[2] / "docs/how-to/connect-a-chatbot.md").read_text()
SECRET = "a secret of the tests"


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}[^\n]*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, kind
    return found[1]


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[str]:
    """The app on a socket of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Place:
    """Where the bot calls back: it checks what the API checks, and keeps what was said."""

    def __init__(self) -> None:
        self.said: Queue[Callback] = Queue()
        self.keys: list[str] = []
        self.app = FastAPI()
        self.app.post("/external/web/api/chatbotUpdate")(self.called)

    async def called(self, request: Request) -> dict[str, str]:
        body = await request.body()
        assert verified(body, request.headers.get(SIGNATURE), [SECRET])
        assert parse_qs(request.url.query) == {"hash": ["hash"]}
        self.keys.append(request.headers["Idempotency-Key"])
        self.said.put(Callback.model_validate_json(body))
        return {"result": "OK"}


@pytest.fixture
def bot(tmp_path: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("BOT_SECRET", SECRET)
    file = tmp_path / "bot.py"
    file.write_text(block("python"))
    with serving(run_path(str(file))["app"], free_port()) as address:
        yield address


def test_the_bot_talks(bot: str, free_port: Callable[[], int]) -> None:
    place = Place()
    talk = Talk(block("yaml"), customer=Customer(id="c", name="Jana"))

    with serving(place.app, free_port()) as callback, httpx.Client() as http:

        def exchange() -> None:
            """Hand the bot what the core asked it last, and the core what the bot says."""
            asked = talk.world.asked[-1]
            written = json.dumps(asked.body).replace("https://switchboard.example.com", callback).encode()
            headers = {SIGNATURE: signature(SECRET, written), "Idempotency-Key": asked.key}
            answer = http.post(f"{bot}/talk", content=written, headers=headers)
            assert answer.status_code == 200
            try:
                said = place.said.get(timeout=10)
            except Empty:
                pytest.fail("the bot did not call back")
            talk.reply(
                said.text or "",
                buttons=[BotButton(text=one.text, url=one.url, name=one.name) for one in said.button],
                quickreplies=[BotQuickReply(name=one.name, text=one.text) for one in said.quickreply],
                transfer=said.transfer or said.queue,
            )

        talk.user("Which size do I need?")
        exchange()
        talk.bot("Which size?", buttons=["S", "M"]).tap("M")
        exchange()
        talk.bot("M is in stock.").user("I want a person")
        exchange()
        talk.bot("I call somebody.").queue("people")
        farewell = talk.world.asked[-1]
        assert farewell.body["terminate"] == {"name": "transfer"}
        written = json.dumps(farewell.body).encode()
        headers = {SIGNATURE: signature(SECRET, written), "Idempotency-Key": farewell.key}
        assert http.post(f"{bot}/talk", content=written, headers=headers).status_code == 200
        unsigned = http.post(f"{bot}/talk", content=b"{}", headers={"Idempotency-Key": "1"})
        assert unsigned.status_code == 401
    assert place.keys == [asked.key for asked in talk.world.asked if not asked.farewell]


def test_the_body_on_the_page_has_the_keys_of_a_real_one() -> None:
    talk = Talk(block("yaml"), customer=Customer(id="c", name="Jana"))
    talk.user("Which size do I need?")
    [asked] = talk.world.asked
    shown: dict[str, Any] = json.loads(block("json"))
    assert list(asked.body) == list(shown)
    assert list(asked.body["conversation"]) == list(shown["conversation"])
    assert re.fullmatch(r"messages_\d{22}", shown["name"])
    assert asked.url == talk.graph.configuration.chatbots["sizes"].url
