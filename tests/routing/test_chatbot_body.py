"""The seed's wire format, key by key (SPEC section 5)."""

import re
from datetime import datetime
from typing import Any

import pytest

from routing.chatbots import body, message_name, wire_time
from routing.configuration import Chatbot, CustomField
from routing.conversation import Click, Customer, opened
from routing.messages import Attachment

AT = datetime.fromisoformat("2022-08-18T14:31:52.987+02:00")
CONVERSATION = opened(
    name="igdm_62fe14acd567e380992326aa",
    connector="shop",
    account="1",
    customer=Customer(id="c"),
    at=datetime.fromisoformat("2022-08-18T14:30:04+02:00"),
    title="Jana",
    hash="b9f6",
    callback="https://x.example.com/external/web/api/chatbotUpdate",
)
FIELDS = {"number": CustomField(title="Number we want to know"), "other": CustomField(title="Other")}


def bot(**more: Any) -> Chatbot:
    return Chatbot.model_validate(
        {"title": "B", "url": "https://b.example.com", "fallback": {"type": "queue", "name": "q"}, **more}
    )


def test_a_text_message_with_attachments() -> None:
    sent = body(
        bot(send_attachments=True, send_custom_fields=["number"]),
        CONVERSATION,
        FIELDS,
        {"number": "22"},
        key="m:1",
        at=AT,
        text="xxx",
        attachments=[Attachment(type="image/png", url="https://x.example.com/f", title="Screenshot.png", size=122221)],
    )
    assert sent == {
        "name": message_name("m:1"),
        "time": "2022-08-18 12:31:52",
        "direction": "IN",
        "conversation": {
            "name": "igdm_62fe14acd567e380992326aa",
            "title": "Jana",
            "time": "2022-08-18 12:30:04",
            "response_url": "https://x.example.com/external/web/api/chatbotUpdate?hash=b9f6",
            "customFields": [{"name": "number", "title": "Number we want to know", "value": "22"}],
        },
        "text": "xxx",
        "attachments": [
            {"link": "https://x.example.com/f", "title": "Screenshot.png", "type": "image/png", "size": "122221"}
        ],
    }


@pytest.mark.parametrize("kind", ["quickreply", "button"])
def test_a_click_has_its_name_and_no_text(kind: Any) -> None:
    click = Click(kind=kind, name="quickReplyName1", title="Shown")
    sent = body(bot(), CONVERSATION, FIELDS, {}, key="m:1", at=AT, text="Shown", click=click)
    assert sent[kind] == {"name": "quickReplyName1"}
    assert "text" not in sent
    assert sent["conversation"]["customFields"] == []


def test_what_is_empty_is_null() -> None:
    sent = body(bot(send_custom_fields=["other"], send_attachments=True), CONVERSATION, FIELDS, {}, key=None, at=None)
    assert (sent["name"], sent["time"], sent["text"], sent["attachments"]) == (None, None, "", [])
    assert sent["conversation"]["customFields"] == [{"name": "other", "title": "Other", "value": None}]


def test_without_send_attachments_none_are_told_of() -> None:
    sent = body(bot(), CONVERSATION, FIELDS, {}, key="m", at=AT, attachments=[Attachment(type="image")])
    assert "attachments" not in sent


def test_a_bot_that_reads_digits_tells_messages_apart() -> None:
    names = {message_name(f"m:{number}") for number in range(500)}
    assert len(names) == 500
    assert all(re.fullmatch(r"messages_[0-9]{22}", name) for name in names)
    assert message_name("m:1") == message_name("m:1")


def test_times_are_utc() -> None:
    assert wire_time(AT) == "2022-08-18 12:31:52"
