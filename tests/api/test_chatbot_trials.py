"""A chatbot is tried out over HTTP: a real worker sends the start message to a real bot, and both bodies come back."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from temporalio.client import Client
from temporalio.worker import Worker

from activities.chatbots import Chatbots, signature
from activities.web import Web
from api.dependencies import Parts
from store.secrets import set_secret
from tests.activities.servers import serving
from tests.api.people import Office, opened
from workflows.plugin import runner
from workflows.trials import TryChatbot

pytestmark = pytest.mark.anyio
TEST = "/api/v1/chatbots/test"
NOWHERE = {"type": "queue", "name": "people"}


@pytest.fixture
async def office(parts: Parts, serve: Any, temporal: Client) -> AsyncIterator[Office]:
    async with opened(parts, serve, temporal=temporal) as office:
        yield office


class Bot:
    """What a chatbot was sent; it answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.app = FastAPI()
        self.app.post("/messages")(self._messages)
        self.app.post("/broken")(self._broken)

    async def _messages(self, request: Request) -> dict[str, str]:
        self.heard.append((dict(request.headers), await request.body()))
        return {"result": "heard"}

    async def _broken(self) -> Any:
        raise RuntimeError("broken")


@pytest.fixture
async def bot(office: Office) -> AsyncIterator[tuple[Bot, str]]:
    one = Bot()
    parts = office.parts
    async with serving(one.app) as port:
        chatbots = Chatbots(parts.database, parts.vault, Web(allow=[f"127.0.0.1:{port}"]))
        worker = Worker(
            parts.temporal,
            task_queue=parts.task_queue,
            workflows=[TryChatbot],
            activities=[chatbots.try_chatbot],
            workflow_runner=runner(),
        )
        async with worker:
            yield one, f"http://127.0.0.1:{port}"


async def tried(eva: httpx.AsyncClient, url: str, **more: Any) -> dict[str, Any]:
    document = {"title": "Bot", "url": url, "fallback": NOWHERE, **more}
    answer = await eva.post(TEST, json={"document": document, "text": "Hello"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_both_bodies_are_shown(office: Office, bot: tuple[Bot, str]) -> None:
    one, url = bot
    eva = await office.person("eva", "admin")
    async with office.parts.database.begin() as session:
        await set_secret(session, office.parts.vault, "bot", "hush")
    told = await tried(eva, f"{url}/messages", secret="secrets.bot")
    [(headers, content)] = one.heard
    assert json.loads(content) == told["sent"]
    assert (told["sent"]["name"], told["sent"]["text"]) == (None, "Hello")
    assert headers["x-switchboard-signature"] == signature("hush", content)
    assert (told["status"], json.loads(told["answer"]), told["error"]) == (200, {"result": "heard"}, None)
    called_back = told["sent"]["conversation"]["response_url"].split("?")[1]
    answer = await eva.post(f"/external/web/api/chatbotUpdate?{called_back}", json={"text": "hi"})
    assert answer.status_code == 404, "it is nobody's conversation"


async def test_what_goes_wrong_is_told(office: Office, bot: tuple[Bot, str]) -> None:
    _, url = bot
    eva = await office.person("eva", "admin")
    assert (await tried(eva, f"{url}/broken"))["status"] == 500
    private = await tried(eva, "http://127.0.0.1:1/messages")
    assert (private["status"], "127.0.0.1" in private["error"]) == (None, True)
    assert "secrets.gone" in (await tried(eva, f"{url}/messages", secret="secrets.gone"))["error"]


async def test_only_a_chatbot_that_can_be_read_is_tried(office: Office) -> None:
    eva = await office.person("eva", "admin")
    answer = await eva.post(TEST, json={"document": {"title": "Bot", "url": "nowhere", "fallback": NOWHERE}})
    assert answer.status_code == 422
    assert {one["path"] for one in answer.json()["problems"]} == {"document/url"}
    petr = await office.person("petr", "supervisor")
    assert (await petr.post(TEST, json={})).status_code == 403
