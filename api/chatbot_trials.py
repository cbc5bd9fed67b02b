"""A chatbot tried out: the start message is sent to it as it would be, and both bodies are shown (SPEC 10)."""

import asyncio
import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from api.access import Admin, record
from api.chatbots import CALLBACK
from api.dependencies import Given
from api.errors import Refusal, answers
from routing.chatbots import body
from routing.configuration import Chatbot, CustomField
from routing.conversation import Customer, opened
from routing.messages import AskBot
from routing.records import BotTried
from store import sandbox

router = APIRouter(tags=["configuration"])

PATIENCE = timedelta(seconds=15)
"""How much longer than the chatbot's own time an answer may take."""


class Trial(BaseModel):
    """A chatbot as it stands in a form, saved or not."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "document": {
                        "title": "Botanist",
                        "url": "https://bot.example.com/messages",
                        "fallback": {"type": "queue", "name": "support"},
                    },
                    "text": "Hello",
                }
            ]
        },
    )

    document: Annotated[Chatbot, Field(description="The chatbot.")]
    text: Annotated[str, StringConstraints(max_length=1000), Field(description="What the customer has written.")] = ""


class Tried(BaseModel):
    """Both bodies. The conversation is none: what the chatbot calls back is answered 404."""

    sent: dict[str, Any] = Field(description="What was sent, in the wire format of chatbots.")
    status: int | None = Field(description="Null where there was no answer.", examples=[200])
    answer: str = Field(description="What came back, as it came.")
    error: str | None = Field(description="Why there was no answer.")


@router.post(
    "/api/v1/chatbots/test", summary="Send a chatbot the start message", responses=answers(401, 403, 413, 422, 503)
)
async def try_chatbot(parts: Given, by: Admin, given: Trial) -> Tried:
    """Sent once, signed where a secret is named, under the same rules as to a chatbot in production."""
    chatbot = given.document
    mark = secrets.token_hex(12)
    conversation = opened(
        name=f"igdm_{mark}",
        connector="test",
        account="",
        customer=Customer(id="0", name="Test"),
        at=parts.now(),
        title="Test",
        hash=secrets.token_hex(20),
        callback=parts.public_url + CALLBACK,
    )
    async with parts.database.begin() as session:
        document = await sandbox.document(session)
        await record(session, by, "chatbot.tried", "chatbots", url=chatbot.url)
    fields = {name: CustomField(title=str(one.get("title", name))) for name, one in _fields(document).items()}
    sent = body(chatbot, conversation, fields, {}, key=None, at=None, text=given.text)
    command = AskBot(
        key=f"test/{mark}",
        path="chatbots/test",
        url=chatbot.url,
        body=sent,
        timeout=chatbot.timeout,
        secret=chatbot.secret,
    )
    limit = chatbot.timeout + PATIENCE
    try:
        async with asyncio.timeout(limit.total_seconds()):
            tried: BotTried = await parts.temporal.execute_workflow(
                "TryChatbot",
                command,
                id=f"try-chatbot-{mark}",
                task_queue=parts.task_queue,
                execution_timeout=limit,
                result_type=BotTried,
                static_summary=f"A test of {chatbot.url}"[:200],
            )
    except (RPCError, RuntimeError, WorkflowFailureError, TimeoutError) as error:
        raise Refusal(503, "What would send it cannot be reached. Look at Temporal and the worker.") from error
    return Tried(sent=sent, status=tried.status, answer=tried.answer, error=tried.error or None)


def _fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The custom fields of the sandbox, as far as they can be read."""
    found = document.get("custom_fields")
    return {name: one for name, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}
