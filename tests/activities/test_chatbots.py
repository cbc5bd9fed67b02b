"""The chatbots: the bytes they get, their signature, and how often they are tried."""

import asyncio
import hashlib
import hmac
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.chatbots import Chatbots
from activities.web import Web
from routing.messages import AskBot, BotAccepted, BotFailed
from store.database import Database
from store.secrets import Vault, set_secret
from tests.activities.servers import serving

pytestmark = pytest.mark.anyio
BODY = {"name": None, "time": "2026-12-01 12:00:00", "text": "žluťoučký 🐎", "attachments": [{"size": "12"}]}
BYTES = '{"name":null,"time":"2026-12-01 12:00:00","text":"žluťoučký 🐎","attachments":[{"size":"12"}]}'.encode()
WEB = Web(["127.0.0.1"])


@dataclass
class Bot:
    """A third-party chatbot that answers with `statuses` in turn, then with 200; status 0 is silence."""

    chatbots: Chatbots
    port: int = 0
    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append((request.method, dict(request.headers), await request.body()))
        if request.url.path == "/moved":
            return RedirectResponse("/", int(request.query_params["status"]))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            await asyncio.sleep(30)
        return Response("no JSON", status)

    async def ask(self, path: str = "/", **changed: Any) -> BotAccepted | BotFailed:
        plain = {"key": "igdm_1/bot/1", "path": "chatbots/care", "body": BODY, "timeout": timedelta(seconds=5)}
        command = AskBot(**{"url": f"http://127.0.0.1:{self.port}{path}", **plain, **changed})
        return await ActivityEnvironment().run(self.chatbots.ask_bot, command)


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture(scope="module")
async def away(anyio_backend: str, free_port: Callable[[], int]) -> AsyncIterator[Database]:
    """A database that nobody answers for: without a secret none is needed."""
    database = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def server(anyio_backend: str, vault: Vault, away: Database) -> AsyncIterator[Bot]:
    found = Bot(Chatbots(away, vault, WEB, pause=timedelta(milliseconds=10)))
    async with serving(Starlette(routes=[Route("/{path:path}", found.answer, methods=["GET", "POST"])])) as found.port:
        yield found


@pytest.fixture
def bot(server: Bot) -> Iterator[Bot]:
    server.statuses, server.asked = [], []
    chatbots = server.chatbots
    yield server
    server.chatbots = chatbots


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def signed(bot: Bot, database: Database, vault: Vault) -> Bot:
    """The same chatbot, with a secret in the database."""
    async with database.begin() as session:
        await set_secret(session, vault, "care", "hush ž")
    bot.chatbots = Chatbots(database, vault, WEB)
    return bot


async def test_the_bytes_of_the_body(bot: Bot) -> None:
    assert await bot.ask() == BotAccepted()
    [(method, headers, content)] = bot.asked
    assert (method, content) == ("POST", BYTES)
    assert (headers["content-type"], headers["idempotency-key"]) == ("application/json", "igdm_1/bot/1")
    assert headers["user-agent"] == "Switchboard"
    assert "x-switchboard-signature" not in headers


async def test_the_signature_is_of_these_bytes(signed: Bot) -> None:
    assert await signed.ask(secret="secrets.care") == BotAccepted()
    [(_, headers, content)] = signed.asked
    expected = hmac.new("hush ž".encode(), content, hashlib.sha256).hexdigest()
    assert content == BYTES
    assert headers["x-switchboard-signature"] == f"sha256={expected}"
    assert "hush" not in str(headers)


async def test_a_missing_secret_asks_nobody(signed: Bot) -> None:
    assert await signed.ask(secret="secrets.gone") == BotFailed(
        error="the chatbot needs `secrets.gone`: enter a secret of that name"
    )
    assert signed.asked == []


async def test_a_secret_that_no_key_opens(signed: Bot, database: Database) -> None:
    signed.chatbots = Chatbots(database, Vault([Fernet.generate_key().decode()]), WEB)
    outcome = await signed.ask(secret="secrets.care")
    assert isinstance(outcome, BotFailed)
    assert outcome.error.startswith("the chatbot's `secrets.care` cannot be read")
    assert signed.asked == []


@pytest.mark.parametrize("statuses", [[201], [204], [500, 200], [503, 502, 202], [0, 200]])
async def test_it_is_asked_until_it_accepts(bot: Bot, statuses: list[int]) -> None:
    bot.statuses = list(statuses)
    assert await bot.ask(timeout=timedelta(seconds=0.4)) == BotAccepted()
    assert len(bot.asked) == len(statuses)
    assert len({(headers["idempotency-key"], content) for _, headers, content in bot.asked}) == 1


@pytest.mark.parametrize(
    ("statuses", "error"),
    [
        ([500, 500, 500], "`127.0.0.1` answered 500 three times"),
        ([0, 0, 0], "`127.0.0.1` did not answer within 0.3 s three times"),
        (
            [500, 0, 503],
            "`127.0.0.1` answered 500; then `127.0.0.1` did not answer within 0.3 s; then `127.0.0.1` answered 503",
        ),
    ],
)
async def test_three_tries_and_no_more(bot: Bot, statuses: list[int], error: str) -> None:
    bot.statuses = list(statuses)
    assert await bot.ask(timeout=timedelta(seconds=0.3)) == BotFailed(error=error)
    assert len(bot.asked) == 3


@pytest.mark.parametrize("status", [304, 400, 401, 404, 410, 429])
async def test_a_refusal_fails_at_once(bot: Bot, status: int) -> None:
    bot.statuses = [status]
    assert await bot.ask() == BotFailed(error=f"`127.0.0.1` answered {status}")
    assert len(bot.asked) == 1


async def test_nobody_listens(bot: Bot, free_port: Callable[[], int]) -> None:
    outcome = await bot.ask(url=f"http://127.0.0.1:{free_port()}/")
    assert outcome == BotFailed(
        error="`127.0.0.1` cannot be reached three times: check that it runs and that the port is right"
    )


async def test_a_private_address_is_refused_at_once(bot: Bot, away: Database, vault: Vault) -> None:
    bot.chatbots = Chatbots(away, vault, Web(), pause=timedelta(seconds=60))
    outcome = await bot.ask()
    assert isinstance(outcome, BotFailed)
    assert "not public" in outcome.error
    assert bot.asked == []


async def test_redirects(signed: Bot) -> None:
    assert await signed.ask("/moved?status=308", secret="secrets.care") == BotAccepted()
    first, last = signed.asked
    assert (last[0], last[2]) == ("POST", BYTES)
    assert last[1]["x-switchboard-signature"] == first[1]["x-switchboard-signature"]
    outcome = await signed.ask("/moved?status=302")
    assert isinstance(outcome, BotFailed)
    assert "redirects in a way that loses the message" in outcome.error


async def test_the_pauses_grow(bot: Bot, away: Database, vault: Vault) -> None:
    bot.chatbots = Chatbots(away, vault, WEB, pause=timedelta(seconds=0.2))
    bot.statuses = [500, 500]
    began = asyncio.get_running_loop().time()
    assert await bot.ask() == BotAccepted()
    assert 0.6 <= asyncio.get_running_loop().time() - began < 3


@pytest.mark.parametrize("outcome", [BotAccepted(), BotFailed(error="so")])
async def test_the_outcome_survives_temporal(outcome: BotAccepted | BotFailed) -> None:
    hint = typing.get_type_hints(Chatbots.ask_bot, include_extras=True)["return"]
    payloads = await pydantic_data_converter.encode([outcome])
    assert await pydantic_data_converter.decode(payloads, [hint]) == [outcome]
