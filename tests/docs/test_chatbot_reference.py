"""The page about chatbots on the wire says what the code does; its table of outcomes is tested with the API."""

import json
import re
from datetime import UTC, datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Any

from activities.chatbots import Chatbots
from api.chatbots import Callback
from api.limits import OTHERWISE
from routing.chatbots import REFERER, body, why_it_left
from routing.configuration import Chatbot, CustomField
from routing.conversation import Click, Customer, opened
from routing.messages import (
    AgentClosed,
    AgentWrote,
    Attachment,
    BotFailed,
    BotReplied,
    TimeCame,
    Transferred,
    Unsent,
)
from routing.replies import CLICKS_KEPT

PAGE = (Path(__file__).parents[2] / "docs/reference/chatbots.md").read_text()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BOT = Chatbot.model_validate(
    {
        "title": "B",
        "url": "https://b.example.com",
        "fallback": {"type": "queue", "name": "q"},
        "send_attachments": True,
        "send_custom_fields": ["size"],
    }
)
CONVERSATION = opened(name="igdm_1", connector="c", account="1", customer=Customer(id="c"), at=NOW, title="Jana")


def sent(**more: Any) -> dict[str, Any]:
    file = Attachment(type="image/png", url="https://x.example.com/1", title="shoe.png", size=1)
    fields = {"size": CustomField(title="Size")}
    return body(BOT, CONVERSATION, fields, {"size": "42"}, key="m", at=NOW, text="?", attachments=[file], **more)


def names(heading: str) -> list[str]:
    """What stands in the first column of the table under a heading, as code."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_every_key_that_is_sent_is_in_the_table_in_its_order() -> None:
    keys: list[str] = []
    clicks = [{"click": Click(kind=kind, name="n", title="N")} for kind in ("quickreply", "button")]
    for found in (sent(), *(sent(**click) for click in clicks), sent(terminate="idle")):
        for key, value in found.items():
            nested = [f"{key}.{one}" for one in value] if key == "conversation" else [key]
            keys += [one for one in nested if one not in keys and one != "referer"]
    assert names("What the bot is sent") == [*keys, "referer"]
    assert f"`{REFERER}`" in PAGE


def test_the_example_has_the_keys_of_a_real_message() -> None:
    [shown] = [json.loads(found) for found in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
    real = sent()
    assert list(shown) == list(real)
    assert list(shown["conversation"]) == list(real["conversation"])
    for key in ("conversation.customFields", "attachments"):
        theirs, ours = (
            one["conversation"]["customFields"] if "." in key else one["attachments"] for one in (shown, real)
        )
        assert list(theirs[0]) == list(ours[0])


def test_every_reason_of_terminate_is_in_the_table() -> None:
    events = [
        BotReplied(key="k", transfer="q"),
        BotFailed(error="away"),
        TimeCame(),
        AgentWrote(key="k"),
        Transferred(to="queues/q"),
        AgentClosed(),
        Unsent(key="k", message="m"),
    ]
    assert names("Terminate") == [why_it_left(event, {"q"}) for event in events]


def test_every_key_that_is_read_is_in_the_table() -> None:
    assert set(names("What the bot sends back")) == set(Callback.model_fields)


def test_the_numbers_are_those_of_the_code() -> None:
    schema = Callback.model_json_schema()["properties"]
    assert f"of over {OTHERWISE:,} bytes" in PAGE
    assert f"newest {CLICKS_KEPT} names" in PAGE
    assert f"with {schema['button']['maxItems']} buttons | 200" in PAGE
    assert "up to 10,000 characters" in PAGE
    assert schema["text"]["anyOf"][0]["maxLength"] == 10_000
    assert signature(Chatbots).parameters["pause"].default == timedelta(seconds=0.5)
    assert "a pause of half a second and then of a\n  second" in PAGE
