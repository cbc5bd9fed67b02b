"""Chatbots of the docs talk with customers through the whole product, and a worker is killed while one thinks."""

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from runpy import run_path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from local import ports
from tests.docs.test_tutorial import BLOCK, followed
from tests.end_to_end.conftest import SHOP, Customer, System, until

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial/connect-your-bot.md"
HOW_TO = ROOT / "docs/how-to/connect-a-chatbot.md"
WELCOME = "Somebody will write to you."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A product of this file's own, since it may post to bots on this machine."""
    made = System(tmp_path_factory.mktemp("chatbots"))
    before = os.environ.get("SWITCHBOARD_ALLOW_PRIVATE_HOSTS")
    os.environ["SWITCHBOARD_ALLOW_PRIVATE_HOSTS"] = "127.0.0.1"
    try:
        made.start()
    finally:
        if before is None:
            del os.environ["SWITCHBOARD_ALLOW_PRIVATE_HOSTS"]
    yield made
    made.stop()
    made.http.close()


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[None]:
    """The app on a port of this machine, until the end of the block."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive(), 20)
        assert thread.is_alive()
        yield
    finally:
        server.should_exit = True
        thread.join()


def test_the_tutorial(shop: System, tmp_path: Path) -> None:
    """Everything on the page is done, on another port; `make run` applied the demo as the first revision."""
    port = ports.free()
    page = tmp_path / "page.md"
    page.write_text(TUTORIAL.read_text().replace("127.0.0.1:9000", f"127.0.0.1:{port}"))
    folder = tmp_path / "shoes"
    folder.mkdir()
    done = list(followed(str(page), folder, shop.environment))
    assert {command.line.split()[1] for command, _ in done} == {"check", "scenarios", "apply"}
    for command, printed in done:
        assert printed == command.prints, command.line
    assert re.findall(r'account: "(\d+)"', page.read_text()) == [SHOP]
    bot = run_path(str(folder / "bot.py"))
    with serving(bot["app"], port):
        jana = asks_for_a_shoe(shop)
        until(lambda: not bot["models"], 20, lambda: f"the bot was not told: {bot['models']}")
        jana.writes("still there?")
    # Now the bot is away.
    eva = shop.customer()
    eva.writes("hello")
    eva.sees(WELCOME, seconds=60)
    why = (
        "SELECT why FROM trace t JOIN conversations c ON c.name = t.conversation WHERE c.customer = %s"
        " AND why LIKE 'the chatbot failed%%'"
    )
    assert shop.sql(why, eva.id) == [
        (
            "the chatbot failed: `127.0.0.1` cannot be reached three times:"
            " check that it runs and that the port is right",
        )
    ]
    assert len(jana.texts()) == 5


def asks_for_a_shoe(shop: System) -> Customer:
    """What section 6 of the tutorial says."""
    jana = shop.customer()
    jana.writes("hello")
    jana.sees("Which shoe?")
    jana.taps("Trail")
    jana.sees("Which shoe?", "Which size?")
    jana.taps("42")
    jana.sees("Which shoe?", "Which size?", "Trail is there in 42.")
    jana.writes("a person, please")
    jana.sees("Which shoe?", "Which size?", "Trail is there in 42.", "I call somebody.", WELCOME)
    return jana


def apply(shop: System, folder: Path, port: int, secret: str | None = None) -> None:
    """The tutorial's configuration with the bot at this port."""
    [content] = [content for _, file, content in BLOCK.findall(TUTORIAL.read_text()) if file == "configuration.yaml"]
    content = content.replace("127.0.0.1:9000", f"127.0.0.1:{port}")
    if secret is not None:
        content = content.replace("    fallback:", f"    secret: {secret}\n    fallback:")
    file = folder / "configuration.yaml"
    file.write_text(content)
    shop.apply(file)


def test_the_bot_on_a_framework(shop: System, tmp_path: Path) -> None:
    [content] = [content for _, file, content in BLOCK.findall(HOW_TO.read_text()) if file == "agents_bot.py"]
    file = tmp_path / "agents_bot.py"
    file.write_text(content)
    bot = run_path(str(file))
    kept: dict[str, Any] = bot["shoes"].storage._memory
    port = ports.free()
    apply(shop, tmp_path, port)
    with serving(bot["app"], port):
        jana = asks_for_a_shoe(shop)
        until(lambda: not kept, 20, lambda: f"the bot has not forgotten: {kept}")
        jana.writes("still there?")


def test_the_signed_bot(shop: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_SECRET", "a secret of the tests")
    shop.switchboard("secret", "bot", input="a secret of the tests")
    content = next(
        content for kind, file, content in BLOCK.findall(HOW_TO.read_text()) if kind == "python" and not file
    )
    file = tmp_path / "bot.py"
    file.write_text(content)
    port = ports.free()
    apply(shop, tmp_path, port, "secrets.bot")
    with serving(run_path(str(file))["app"], port):
        jana = shop.customer()
        jana.writes("hello")
        jana.sees("Which size?")
        jana.taps("M")
        jana.sees("Which size?", "M is in stock.")
        jana.writes("a person")
        jana.sees("Which size?", "M is in stock.", "I call somebody.", WELCOME)


class Thinker:
    """A bot that keeps what it was sent, and speaks only when the test lets it."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.app = FastAPI()
        self.app.post("/talk")(self.talk)

    async def talk(self, request: Request) -> dict[str, str]:
        self.messages.append(await request.json())
        return {"result": "OK"}

    def says(self, said: dict[str, Any], key: str) -> None:
        """Call back as a careful bot does: with a key, until it is taken."""
        url = self.messages[-1]["conversation"]["response_url"]
        end = time.monotonic() + 120
        while True:
            try:
                answer = httpx.post(url, json=said, headers={"Idempotency-Key": key}, timeout=30)
                if answer.json() == {"result": "OK"}:
                    return
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, "the callback was never taken"
            time.sleep(0.5)


@pytest.mark.parametrize("program", ["-m worker", "-m api", "start-dev"], ids=["worker", "api", "temporal"])
def test_killed_between_request_and_callback(shop: System, tmp_path: Path, program: str) -> None:
    bot, port = Thinker(), ports.free()
    apply(shop, tmp_path, port)
    with serving(bot.app, port):
        jana = shop.customer()
        jana.writes("hello")
        until(lambda: bot.messages, 60)
        shop.kill(program)
        bot.says({"text": "Which?", "quickreply": [{"name": "long" * 100, "text": "This"}]}, "one")
        bot.says({"text": "Which?", "quickreply": [{"name": "long" * 100, "text": "This"}]}, "one")
        jana.sees("Which?", seconds=150)
        jana.taps("This")
        until(lambda: len(bot.messages) == 2, 150)
        assert bot.messages[1]["quickreply"] == {"name": "long" * 100}
        bot.says({"text": "Bye", "queue": "people"}, "two")
        shop.kill(program)
        jana.sees("Which?", "Bye", WELCOME, seconds=150)
        until(lambda: bot.messages[-1].get("terminate"), 150)
        assert [list(message)[4] for message in bot.messages] == ["text", "quickreply", "terminate"]
