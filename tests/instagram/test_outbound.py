"""One logical message becomes the Graph calls that Instagram takes, in the order in which people see them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from instagram.client import Button, Media, Outbound, QuickReply, parts


def test_parts() -> None:
    replies = [QuickReply(title=str(number), payload=f"P{number}") for number in range(13)]
    buttons = [Button(text=f"Button {number}", url="https://example.org") for number in range(4)]
    assert parts() == []
    assert parts("hi") == [Outbound(text="hi")]
    assert parts("  ") == []

    image, first, last = parts("word " * 300, replies, image="https://i", tag="HUMAN_AGENT")
    assert image == Outbound(image="https://i", tag="HUMAN_AGENT")
    assert (first.quick_replies, last.quick_replies) == ((), tuple(replies))
    assert {image.tag, first.tag, last.tag} == {"HUMAN_AGENT"}

    shown = parts("x" * 700, buttons=buttons)
    assert [(len(part.text or ""), len(part.buttons)) for part in shown] == [(640, 0), (60, 3), (1, 1)]
    assert [len(part.quick_replies) for part in parts("Both", replies, buttons)] == [0, 0, 13]
    assert [part.text for part in parts(None, replies)] == ["…"]
    assert parts("t", [QuickReply(title="x" * 30, payload="p")])[0].quick_replies[0].title == "x" * 19 + "…"
    assert parts("a\ud800b")[0].text == "a�b"
    with pytest.raises(ValidationError, match="14 quick replies"):
        parts("t", [*replies, QuickReply(title="x", payload="p")])


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({}, "either a text, images or one medium"),
        ({"text": "t", "image": "https://i"}, "either a text, images or one medium"),
        ({"text": "я" * 501}, "1002 is over Instagram's 1000"),
        ({"text": "x" * 641, "buttons": [{"text": "b", "url": "https://b"}]}, "641 is over Instagram's 640"),
        ({"text": "t", "buttons": [{"text": "b", "url": "https://b"}] * 4}, "3 at most"),
        ({"text": "t", "buttons": [{"text": "b"}]}, "a url or a payload"),
        ({"image": "i", "quick_replies": [{"title": "a", "payload": "b"}]}, "need a text"),
        ({"images": ["i"], "buttons": [{"text": "b", "url": "https://b"}]}, "need a text"),
        ({"image": "i", "images": ["i"]}, "either a text, images or one medium"),
        ({"text": "t", "media": {"type": "audio", "url": "https://a"}}, "either a text, images or one medium"),
        ({"images": ["i"] * 11}, "11 images: Instagram takes 10"),
        ({"media": {"type": "image", "url": "https://a"}}, "'audio', 'video' or 'file'"),
    ],
)
def test_outbound_is_one_call(message: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Outbound.model_validate(message)


def test_many_images() -> None:
    urls = [f"https://example.org/{number}.png" for number in range(21)]
    assert parts(image=urls[0]) == parts(images=urls[:1]) == [Outbound(image=urls[0])]
    calls = parts("Our shop", image=urls[0], images=urls[1:], tag="HUMAN_AGENT")
    assert [len(call.images) for call in calls] == [10, 10, 0, 0]
    assert [url for call in calls for url in (*call.images, call.image) if url] == urls
    assert [call.text for call in calls] == [None, None, None, "Our shop"]
    assert {call.tag for call in calls} == {"HUMAN_AGENT"}
    assert parts(images=["", "https://example.org/1.png"]) == [Outbound(image="https://example.org/1.png")]


def test_other_media_come_before_the_words() -> None:
    media = [Media(type="audio", url="https://a"), Media(type="video", url="https://v")]
    calls = parts("Listen", image="https://i", media=media)
    assert calls == [
        Outbound(image="https://i"),
        Outbound(media=media[0]),
        Outbound(media=media[1]),
        Outbound(text="Listen"),
    ]
    assert calls[1].content() == {"attachment": {"type": "audio", "payload": {"url": "https://a"}}}


def test_only_the_first_call_answers_a_message() -> None:
    calls = parts("word " * 400, image="https://i", reply_to="m0")
    assert [call.reply_to for call in calls] == ["m0", None, None]
    assert parts(reply_to="m0") == []


def test_what_the_ledger_keeps_is_read_back() -> None:
    for call in parts("word " * 400, [QuickReply(title="a", payload="b")], images=["https://i"] * 12, reply_to="m0"):
        assert Outbound.model_validate(call.model_dump(mode="json", exclude_defaults=True)) == call


_texts = st.text(st.characters(categories=None), max_size=2000) | st.integers(0, 3000).map(lambda size: "aя " * size)


@given(
    _texts,
    st.lists(st.builds(QuickReply, title=st.text(max_size=40), payload=st.text(min_size=1)), max_size=13),
    st.lists(st.builds(Button, text=st.text(max_size=40), url=st.just("https://b")), max_size=7),
    st.lists(st.just("https://i"), max_size=25),
)
def test_parts_are_always_calls_that_instagram_takes(text: str, replies: Any, buttons: Any, images: Any) -> None:
    calls = parts(text, replies, buttons, images=images)
    assert sum(len(call.images) or bool(call.image) for call in calls) == len(images)
    assert sum(len(call.buttons) for call in calls) == len(buttons)
    assert [len(call.quick_replies) for call in calls][:-1].count(0) == max(len(calls) - 1, 0)
    for call in calls:
        assert Outbound.model_validate(call.model_dump()) == call
        assert call.content()
