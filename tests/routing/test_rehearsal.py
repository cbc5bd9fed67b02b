"""The rehearsed world: its clock, its customer and what it answers."""

from datetime import datetime, timedelta

import pytest

from routing.conversation import Customer
from routing.messages import BotAccepted, BotFailed, Transferred
from routing.rehearsal import Rehearsal, Reply, matches
from tests.talk import MONDAY, Talk, button, go, graph_of, say, tree

NOW = datetime.fromisoformat(MONDAY)
ASK = [say("?"), go("terminate/bye", button("Bye"))]


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        ("a.c", "a.c", True),
        ("a.c", "abc", False),
        ("~a.c", "abc", True),
        ("~a.c", "abcd", False),
        ("~a.*d", "a\nd", True),
    ],
)
def test_a_text_after_a_tilde_is_a_pattern(wanted: str, found: str, fits: bool) -> None:
    assert matches(wanted, found) is fits


def test_of_several_replies_each_is_used_once_and_the_last_for_ever() -> None:
    again = [{"type": "request", "url": "https://x.example.com", "into": "got"}, say("{{ got.body }}")]
    replies = [{"url": "https://x.example.com", "status": 200, "body": body} for body in "abc"]
    talk = Talk(tree([*again, go("start", {"type": "pattern", "pattern": "/./"})]), replies=replies)
    for body in "abcc":
        talk.user("x").bot(body)


def test_a_reply_may_be_for_one_method_only() -> None:
    reply = Reply(url="https://x.example.com", method="POST", status=200)
    assert reply.fits("POST", "https://x.example.com")
    assert not reply.fits("GET", "https://x.example.com")


def test_a_reply_is_written_with_the_secrets_names() -> None:
    request = {"type": "request", "url": "https://x.example.com/{{ secrets.key }}", "into": "got"}
    replies = [{"url": "https://x.example.com/secrets.key", "status": 200}]
    Talk(tree([request, say("{{ got.ok }}"), go("terminate/bye")]), replies=replies).user("hi").bot("true").ends()


@pytest.mark.parametrize(
    ("reply", "event"),
    [
        (None, BotAccepted()),
        ({"status": 200}, BotAccepted()),
        ({"status": 503}, BotFailed(error="answered 503")),
        ({"error": "no route"}, BotFailed(error="no route")),
    ],
)
def test_a_chatbot_accepts_unless_a_reply_is_written_down(reply: dict[str, object] | None, event: object) -> None:
    robot = {"title": "R", "url": "https://b.example.com", "fallback": {"type": "queue", "name": "people"}}
    replies = [] if reply is None else [{"url": "https://b.example.com", **reply}]
    talk = Talk(tree([go("chatbot/robot")], chatbots={"robot": robot}), replies=replies).user("hi")
    accepted = isinstance(event, BotAccepted)
    talk.place("chatbots/robot" if accepted else "queues/people")
    if isinstance(event, BotFailed):
        assert event.error in talk.why


def test_time_passes_through_everything_that_comes_due() -> None:
    auto = {
        "title": "A",
        "messages": [{"time": hour * 3600, "text": f"{hour}"} for hour in (1, 2, 3)],
        "next": {"type": "terminate", "name": "bye"},
    }
    talk = Talk(tree([go("automessage/a")], automessages={"a": auto})).user("hi")
    talk.wait("P1D").bot("1").bot("2").bot("3").ends()
    assert [visit.at - NOW for visit in talk.trace if visit.path == "automessages/a"][1:] == [
        timedelta(hours=1),
        timedelta(hours=2),
        timedelta(hours=3),
    ]
    assert talk.world.now == NOW + timedelta(days=1)


def test_time_may_pass_before_anybody_writes() -> None:
    talk = Talk(tree(ASK)).wait("P1D").user("hi").bot("?")
    assert talk.state.opened_at == NOW + timedelta(days=1)


def test_a_conversation_knows_its_customer() -> None:
    world = Rehearsal(
        graph_of(tree([say("{{ customer.name }} {{ interaction.title }} {{ customer.id }}"), *ASK])),
        "shop",
        at=NOW,
        customer=Customer(id="7", name="Jana"),
    )
    world.user("hi")
    assert world.said[0].text == "Jana Jana 7"


def test_a_talk_fails_with_the_transcript() -> None:
    talk = Talk(tree(ASK)).user("hi").bot("?")
    with pytest.raises(AssertionError, match=r"expected 'What\?'.*\n.*\n  user: hi\n  bot: \?\n  user: x"):
        talk.user("x").bot("What?")


@pytest.mark.parametrize(
    "line",
    [
        lambda talk: talk.silence(),
        lambda talk: talk.user("x"),
        lambda talk: talk.wait(1),
        lambda talk: talk.bot("x"),
        lambda talk: talk.bot("?", buttons=["No"]),
        lambda talk: talk.bot("?", links=["https://x.example.com"]),
        lambda talk: talk.bot("?", image="https://x.example.com"),
        lambda talk: talk.bot("?").ends(),
        lambda talk: talk.bot("?").queue("people"),
        lambda talk: talk.bot("?").place("queues/people"),
        lambda talk: talk.bot("?").ticket(),
        lambda talk: talk.bot("?").tap("No"),
        lambda talk: talk.bot("?").tap("Bye").ends(cause="system"),
        lambda talk: talk.bot("?").event("transfer", Transferred(to="decision_trees/tree")).ends(),
    ],
)
def test_every_line_of_a_talk_can_fail(line: object) -> None:
    talk = Talk(tree(ASK)).user("hi")
    with pytest.raises(AssertionError, match="after:"):
        line(talk)  # type: ignore[operator]  the parametrized lambdas
