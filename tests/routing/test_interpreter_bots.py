"""What a third-party chatbot is told, and what its callbacks do (SPEC section 5)."""

import base64
from typing import Any

import pytest

from routing.filters import SECRET
from routing.interpreter import advance
from routing.messages import AskBot, Attachment, BotAccepted, BotFailed, BotReplied, CustomerMessage, Wrote
from tests.talk import Talk, button, go, say, tree

URL = "https://bot.example.com/talk"


def robot(**more: Any) -> dict[str, Any]:
    chatbots = {"robot": {"title": "Robot", "url": URL, "fallback": {"type": "terminate", "name": "bye"}, **more}}
    fields = {"size": {"title": "Size"}, "colour": {"title": "Colour"}}
    return tree([go("chatbot/robot")], chatbots=chatbots, custom_fields=fields, queues={"10001": {"title": "Ten"}})


def test_what_the_customer_wrote_is_forwarded() -> None:
    talk = Talk(robot()).user("hello").silence()
    assert [asked.body["text"] for asked in talk.world.asked] == ["hello"]
    assert talk.world.asked[0].url == URL


def test_messages_are_forwarded_in_order_one_at_a_time() -> None:
    talk = Talk(robot()).user("one")
    state = talk.state
    told: list[str] = []

    def feed(event: Any) -> list[str]:
        nonlocal state
        step = advance(talk.graph, state, event, talk.world.now)
        state = step.conversation
        return [command.body["text"] for command in step.commands if isinstance(command, AskBot)]

    def wrote(*texts: str) -> Wrote:
        return Wrote(messages=tuple(CustomerMessage(key=text, text=text, at=talk.world.now) for text in texts))

    told += feed(wrote("two"))
    assert feed(wrote("three", "four")) == []
    told += feed(BotAccepted()) + feed(BotAccepted()) + feed(BotAccepted())
    assert told == ["two", "three", "four"]


def test_the_start_event_has_no_name_and_no_time() -> None:
    talk = Talk(robot(send_start_message=True)).user("hello")
    (asked,) = talk.world.asked
    assert (asked.body["name"], asked.body["time"], asked.body["text"]) == (None, None, "hello")


def test_the_start_event_comes_also_when_nothing_was_written() -> None:
    document = robot(send_start_message=True)
    document["decision_trees"]["tree"]["decisions"]["start"]["actions"] = [say("?"), go("chatbot/robot", button("Bot"))]
    talk = Talk(document).user("hello").bot("?").tap("Bot")
    assert [asked.body["text"] for asked in talk.world.asked] == [""]


def test_custom_fields_attachments_and_the_secret_go_along_where_asked_for() -> None:
    document = robot(send_attachments=True, send_custom_fields=["size", "colour"], secret="secrets.bot", timeout=3)
    picture = Attachment(type="image/png", url="https://cdn.example.com/a", title="a.png", size=12)
    talk = Talk(document, contact={"size": "L"}).user("look", attachments=[picture])
    (asked,) = talk.world.asked
    assert asked.body["conversation"]["customFields"] == [
        {"name": "size", "title": "Size", "value": "L"},
        {"name": "colour", "title": "Colour", "value": None},
    ]
    assert asked.body["attachments"] == [
        {"link": "https://cdn.example.com/a", "title": "a.png", "type": "image/png", "size": "12"}
    ]
    assert (asked.secret, asked.timeout.total_seconds()) == ("secrets.bot", 3)


def test_a_bot_that_fails_goes_to_its_fallback_once() -> None:
    talk = Talk(robot(), replies=[{"url": URL, "error": "connection refused"}]).user("hello").ends(terminate="bye")
    assert "the chatbot failed: connection refused" in talk.why
    talk.event("again", BotFailed(error="again")).silence().ends(terminate="bye")
    assert len(talk.world.ends) == 1


def test_a_bot_that_fails_later_takes_its_fallback_too() -> None:
    replies = [{"url": URL, "status": 200}, {"url": URL, "status": 500}]
    Talk(robot(), replies=replies).user("one").user("two").ends(terminate="bye")


# Callbacks ------------------------------------------------------------------------------------------------------------


def test_a_callback_says_something() -> None:
    talk = Talk(robot()).user("hello").reply("Hi!").bot("Hi!", buttons=[]).place("chatbots/robot")
    assert talk.newest.author == "bot"


def test_every_callback_counts() -> None:
    Talk(robot()).user("hello").reply("Hi!").bot("Hi!").reply("Hi!").bot("Hi!")


LONG = base64.b64encode(b'{"action": "choose", "of": "' + b"x" * 400 + b'"}').decode()


def test_opaque_long_names_come_back_uncut() -> None:
    quick = [{"name": LONG, "text": "First"}, {"name": LONG + "2", "text": "Second"}]
    talk = Talk(robot()).user("hello").reply("Which?", quickreplies=quick).bot("Which?", buttons=["First", "Second"])
    assert all(len(one.payload) < 100 for one in talk.newest.quick_replies)
    talk.tap("Second")
    body = talk.world.asked[-1].body
    assert body["quickreply"] == {"name": LONG + "2"}
    assert "text" not in body


def test_buttons_are_links_or_come_back_by_name_however_late() -> None:
    buttons = [
        {"text": "Site", "url": "https://x.example.com", "name": "ignored"},
        {"text": "Again", "name": LONG},
        {"text": "Nothing"},
    ]
    talk = Talk(robot()).user("hello").reply("Look", buttons=buttons).bot("Look")
    assert [(one.text, one.url) for one in talk.newest.buttons] == [("Site", "https://x.example.com"), ("Again", None)]
    talk.reply("More", quickreplies=[{"name": "a", "text": "A"}]).bot("More").tap("Again")
    assert talk.world.asked[-1].body["button"] == {"name": LONG}


def test_empty_quick_replies_clear_the_old_ones() -> None:
    talk = Talk(robot()).user("hello").reply("Which?", quickreplies=[{"name": "a", "text": "A"}]).bot("Which?")
    payload = talk.newest.quick_replies[0].payload
    talk.reply("Never mind", quickreplies=[]).bot("Never mind")
    talk.world.user("A", payload=payload)
    assert talk.world.asked[-1].body["text"] == "A"


@pytest.mark.parametrize("said", ["3", "3.", "choice number three in the list"])
def test_too_long_choices_are_a_numbered_list_of_the_bot(said: str) -> None:
    quick = [
        {"name": f"n{number}", "text": f"Choice number {word} in the list"}
        for number, word in enumerate(("one", "two", "three"), 1)
    ]
    talk = (
        Talk(robot()).user("hello").reply("Which?", quickreplies=quick).bot("~Which\\?\n\n1\\. .*\n3\\. .*").user(said)
    )
    assert talk.world.asked[-1].body["quickreply"] == {"name": "n3"}


def test_choices_without_a_text_stand_under_the_bots_title() -> None:
    Talk(robot()).user("hello").reply("", quickreplies=[{"name": "a", "text": "A"}]).bot("Robot", buttons=["A"])


def test_a_callback_may_say_something_and_then_hand_over() -> None:
    talk = Talk(robot()).user("hello").reply("Bye!", transfer="10001").bot("Bye!").queue("10001")
    assert "the chatbot handed over" in talk.why


def test_handing_over_to_a_queue_that_is_not_there_goes_to_the_fallback() -> None:
    talk = Talk(robot()).user("hello").reply(transfer="77").ends(terminate="bye")
    assert "a queue 77 that is not there" in talk.why


def test_a_late_callback_takes_no_effect() -> None:
    talk = Talk(robot()).user("hello").transfer("queues/10001").reply("Hi!", transfer="people").silence().queue("10001")
    assert "the chatbot replied after the conversation had moved on" in talk.why


def test_a_bot_cannot_ask_for_secrets() -> None:
    talk = Talk(robot()).user("hello").event("reply", BotReplied(key="k", text=f"{SECRET}key{SECRET}")).bot("key")
    assert SECRET not in talk.state.model_dump_json()


def test_a_takeover_stops_the_bot() -> None:
    talk = Talk(robot()).user("hello").takeover("I am a person").reply("Hi!").silence()
    assert talk.state.waiting.type == "agent"
    talk.user("ok")
    assert [asked.farewell for asked in talk.world.asked] == [False, True]


# What is sent along ---------------------------------------------------------------------------------------------------

PICTURE = Attachment(type="image/png", url="https://cdn.example.com/a", title="a.png", size=12)
SENT = {"link": "https://cdn.example.com/a", "title": "a.png", "type": "image/png", "size": "12"}


@pytest.mark.parametrize("fields", [[], ["size"]])
@pytest.mark.parametrize("attachments", [False, True])
@pytest.mark.parametrize("start", [False, True])
def test_the_options_go_together(start: bool, attachments: bool, fields: list[str]) -> None:
    """The start event is told everything that was written before, and then each message comes by itself."""
    document = robot(send_start_message=start, send_attachments=attachments, send_custom_fields=fields)
    talk = Talk(document, contact={"size": "L"}).user("one", "two", attachments=[PICTURE]).user("three")
    told = [asked.body for asked in talk.world.asked]
    assert [one["text"] for one in told] == (["one\ntwo", "three"] if start else ["one", "two", "three"])
    assert [one["name"] is None for one in told] == [start and number == 0 for number in range(len(told))]
    assert [one["time"] is None for one in told] == [start and number == 0 for number in range(len(told))]
    files = [file for one in told for file in one.get("attachments", [])]
    assert files == ([SENT] * 2 if attachments else [])
    assert all(("attachments" in one) is attachments for one in told)
    custom = [{"name": "size", "title": "Size", "value": "L"}] if fields else []
    assert all(one["conversation"]["customFields"] == custom for one in told)
    assert len({one["name"] for one in told}) == len(told)
