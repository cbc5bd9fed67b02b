"""The seed's wire format, key by key (SPEC section 5)."""

import json
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
        "referer": "https://www.instagram.com/",
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


# The seed's own examples ----------------------------------------------------------------------------------------------

HASH = "b9f68fa377263e8f3018a405f25f44add10fab4c"
SEEDS = opened(
    name="web_62fe14acd567e380992326",
    connector="shop",
    account="1",
    customer=Customer(id="c"),
    at=datetime.fromisoformat("2022-08-18T12:30:04+00:00"),
    hash=HASH,
    callback="https://XXX.daktela.com/external/web/api/chatbotUpdate",
)
SENT_AT = datetime.fromisoformat("2022-08-18T12:31:52+00:00")
FILE = (
    "https://xxx.daktela.com/external/web/chat_file.php"
    "?accessToken=on87q29oq60q02nqo6nr3oo7s5r7r607&chat=web_62fe14acd567e380992326&mapper=chatsMessage&name=29"
)
TEXT_AND_FILES = """\
{
"name": "messages_62fe1518a9820077126134",
"time": "2022-08-18 12:31:52",
"direction": "IN",
"conversation": {
"name": "web_62fe14acd567e380992326",
"title": "",
"time": "2022-08-18 12:30:04",
"response_url": "https://XXX.daktela.com/external/web/api/chatbotUpdate?hash=b9f68fa377263e8f3018a405f25f44add10fab4c",
"customFields": [
{
"name": "number",
"title": "Number we want to know",
"value": "22"
}
]
},
"text": "xxx",
"attachments": [
{
"link": "%s",
"title": "Name of screenshot.png",
"type": "image/png",
"size": "122221"
}
],
"referer": "https://xxx.com/demo/chat.html"
}"""
QUICK_REPLY = """\
{
"name": "messages_62fe1518a9820077126134",
"time": "2022-08-18 12:31:52",
"direction": "IN",
"conversation": {
"name": "web_62fe14acd567e380992326",
"title": "",
"time": "2022-08-18 12:30:04",
"response_url": "https://XXX.daktela.com/external/web/api/chatbotUpdate?hash=b9f68fa377263e8f3018a405f25f44add10fab4c",
"customFields": []
},
"quickreply": {
"name": "quickReplyName1"
},
"referer": "https://xxx.com/demo/chat.html"
}"""


def as_the_seed_has_it(sent: dict[str, Any]) -> str:
    """The body as the seed prints bodies; only the message's name and the page, which are its own, are put in."""
    assert re.fullmatch(r"messages_\w{22}", sent["name"])
    theirs = {"name": "messages_62fe1518a9820077126134", "referer": "https://xxx.com/demo/chat.html"}
    return json.dumps(sent | theirs, indent=0)


def test_the_seeds_first_example_byte_for_byte() -> None:
    """Without its commas before `]`, and without the second elements, which stand for more of the same."""
    chatbot = bot(send_attachments=True, send_custom_fields=["number"])
    file = Attachment(type="image/png", url=FILE, title="Name of screenshot.png", size=122221)
    sent = body(chatbot, SEEDS, FIELDS, {"number": "22"}, key="m", at=SENT_AT, text="xxx", attachments=[file])
    assert as_the_seed_has_it(sent) == TEXT_AND_FILES % FILE


def test_the_seeds_second_example_byte_for_byte() -> None:
    """Without its comma before `}`, and with the brace after `quickreply` on the same line, as everywhere else."""
    click = Click(kind="quickreply", name="quickReplyName1", title="Quick reply Name 1")
    sent = body(bot(send_attachments=True), SEEDS, FIELDS, {}, key="m", at=SENT_AT, text="x", click=click)
    assert as_the_seed_has_it(sent) == QUICK_REPLY


ENVELOPE = ["name", "time", "direction", "conversation"]


@pytest.mark.parametrize("fields", [[], ["number"], ["other", "number"]])
@pytest.mark.parametrize("attachments", [False, True])
@pytest.mark.parametrize("start", [False, True])
@pytest.mark.parametrize("what", ["text", "quickreply", "button", "terminate"])
def test_every_combination_of_what_is_sent(fields: list[str], attachments: bool, start: bool, what: Any) -> None:
    chatbot = bot(send_attachments=attachments, send_custom_fields=fields)
    click = Click(kind=what, name="n", title="N") if what in ("quickreply", "button") else None
    key, at = (None, None) if start else ("m", AT)
    reason = "idle" if what == "terminate" else None
    sent = body(chatbot, CONVERSATION, FIELDS, {"number": 22}, key=key, at=at, click=click, terminate=reason)
    said = ["text", "attachments"] if what == "text" and attachments else [what]
    assert list(sent) == [*ENVELOPE, *said, "referer"]
    assert list(sent["conversation"]) == ["name", "title", "time", "response_url", "customFields"]
    assert [one["name"] for one in sent["conversation"]["customFields"]] == fields
    assert [list(one) for one in sent["conversation"]["customFields"]] == [["name", "title", "value"]] * len(fields)
    assert (sent["name"] is None, sent["time"] is None) == (start, start)


@pytest.mark.parametrize(
    ("saved", "sent"), [("22", "22"), (22, "22"), (True, "true"), (["ž", 1], '["ž", 1]'), (None, None), ("", "")]
)
def test_values_of_custom_fields_are_texts(saved: object, sent: str | None) -> None:
    told = body(bot(send_custom_fields=["number"]), CONVERSATION, FIELDS, {"number": saved}, key="m", at=AT)
    assert told["conversation"]["customFields"][0]["value"] == sent


def test_an_attachment_without_a_size_or_title_has_nulls() -> None:
    chatbot = bot(send_attachments=True)
    sent = body(chatbot, CONVERSATION, FIELDS, {}, key="m", at=AT, attachments=[Attachment(type="image")])
    assert sent["attachments"] == [{"link": None, "title": None, "type": "image", "size": None}]
