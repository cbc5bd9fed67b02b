"""A chatbot hears `terminate` once whenever it loses a conversation, and holds nothing up (SPEC section 5)."""

from collections.abc import Callable
from typing import Any

import pytest

from routing.chatbots import message_name, wire_time
from routing.interpreter import advance
from routing.messages import AgentClosed, AskBot, BotAccepted, End, TimeCame
from tests.talk import Talk, button, go, say, tree

URL = "https://bot.example.com/talk"


def robot(**more: Any) -> dict[str, Any]:
    chatbot = {"title": "Robot", "url": URL, "fallback": {"type": "terminate", "name": "bye"}, **more}
    connector = {"idle": {"after": 600, "to": {"type": "queue", "name": "people"}}}
    other = {**chatbot, "title": "Other", "url": "https://other.example.com/"}
    return tree(
        [go("chatbot/robot")],
        chatbots={"robot": chatbot, "other": other},
        connector=connector,
        queues={"again": {"title": "Again", "after_close": {"type": "chatbot", "name": "robot"}}},
    )


def farewells(talk: Talk) -> list[AskBot]:
    return [asked for asked in talk.world.asked if asked.farewell]


LEAVING: dict[str, Callable[[Talk], Any]] = {
    "transfer": lambda talk: talk.reply(transfer="people"),
    "fallback": lambda talk: talk.reply(transfer="nowhere"),
    "idle": lambda talk: talk.wait(601),
    "takeover": lambda talk: talk.takeover("I am a person"),
    "agent": lambda talk: talk.transfer("queues/people"),
    "closed": lambda talk: talk.close(),
}


@pytest.mark.parametrize("reason", LEAVING)
def test_each_way_to_lose_a_conversation_is_told_once(reason: str) -> None:
    talk = Talk(robot()).user("hello")
    LEAVING[reason](talk)
    [told] = farewells(talk)
    assert told.body["terminate"] == {"name": reason}
    assert (told.url, told.path) == (URL, "chatbots/robot")
    assert "text" not in told.body
    assert (told.body["name"], told.body["time"]) == (message_name(told.key), wire_time(talk.trace[-1].at))
    if talk.state.waiting.type != "ended":
        talk.close()
    assert len(farewells(talk)) == 1


def test_a_bot_that_fails_is_told_too() -> None:
    talk = Talk(robot(), replies=[{"url": URL, "error": "too slow"}]).user("hello").ends(terminate="bye")
    [told] = farewells(talk)
    assert told.body["terminate"] == {"name": "fallback"}


def test_the_farewell_carries_the_secret_and_the_custom_fields_and_another_key() -> None:
    document = robot(secret="secrets.bot", send_custom_fields=["size"], timeout=3)
    document["custom_fields"] = {"size": {"title": "Size"}}
    talk = Talk(document, contact={"size": "L"}).user("hello").close()
    asked, told = talk.world.asked
    assert (told.secret, told.timeout) == (asked.secret, asked.timeout)
    assert told.body["conversation"] == asked.body["conversation"]
    assert told.key != asked.key


def test_a_bot_that_was_never_asked_is_not_told() -> None:
    document = robot()
    document["decision_trees"]["tree"]["decisions"]["start"]["actions"] = [say("?"), go("chatbot/robot", button("Bot"))]
    talk = Talk(document).user("hello").bot("?").tap("Bot").wait(601).queue("people")
    assert talk.world.asked == []


def test_while_the_bot_has_the_conversation_it_is_told_nothing() -> None:
    talk = Talk(robot()).user("one").reply("Hi").bot("Hi").user("two").wait(30).user("three")
    assert farewells(talk) == []


def test_each_visit_ends_with_a_farewell_of_its_own() -> None:
    talk = Talk(robot()).user("hello").transfer("queues/again").accept().close().place("chatbots/robot")
    talk.user("me again").transfer("queues/people")
    told = farewells(talk)
    assert [one.body["terminate"]["name"] for one in told] == ["agent", "agent"]
    assert len({one.key for one in told}) == 2


def test_from_one_bot_to_another_only_the_first_is_told() -> None:
    talk = Talk(robot()).user("hello").transfer("chatbots/other").user("and now?")
    assert [one.url for one in farewells(talk)] == [URL]
    assert talk.world.asked[-1].url == "https://other.example.com/"


def test_the_farewell_is_the_first_command_and_what_comes_of_it_changes_nothing() -> None:
    talk = Talk(robot()).user("hello").reply("Hi").bot("Hi")
    step = advance(talk.graph, talk.state, AgentClosed(agent="anna"), talk.world.now)
    assert [type(command) for command in step.commands] == [AskBot, End]
    after = advance(talk.graph, step.conversation, BotAccepted(), talk.world.now)
    assert (after.commands, after.visited) == ((), ())


def test_a_time_that_has_not_come_leaves_the_bot_alone() -> None:
    talk = Talk(robot()).user("hello")
    assert advance(talk.graph, talk.state, TimeCame(), talk.world.now).commands == ()
