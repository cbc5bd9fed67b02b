"""The preview: a conversation tried out with a clock that is given, and the same way as in reality."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from detection import detect
from routing.acts import Act, At, Script, Tap, User
from routing.conversation import Conversation
from routing.graph import Graph
from routing.messages import RequestAnswered, Visit
from routing.positions import misfit, rest
from routing.preview import Previewed, PreviewStep, preview, words
from routing.recordings import Asked, Happened
from routing.rehearsal import Reply
from routing.scenarios import Scenario, ScenarioStep, rehearsal, run
from routing.stage import MOST_TIMES
from tests.durable import durable, upcoming
from tests.routing.test_properties import RANDOM
from tests.scripts import Script as Written
from tests.scripts import graph_at, scripts
from tests.strategies import BODIES, WORDS, graphs
from tests.talk import MONDAY, button, go, graph_of, say, tree

START = "decision_trees/tree/decisions/start"
ASK = [say("Shall we?"), go("terminate/bye", button("Yes")), go("queue/people", button("No"))]


def play(document: dict[str, Any] | Graph, *steps: dict[str, Any], **more: Any) -> Previewed:
    graph = document if isinstance(document, Graph) else graph_of(document)
    found = preview(graph, Script.model_validate({"at": MONDAY, "steps": steps, **more}), detect)
    assert Previewed.model_validate_json(found.model_dump_json()) == found
    return found


def user(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "user", "text": text, **more}


def texts(found: Previewed) -> list[str]:
    return [one.message.text for step in found.steps for one in step.effects.shown]


def path(found: Previewed) -> list[Visit]:
    return [visit for step in found.steps for visit in step.visited]


def only(found: Previewed) -> PreviewStep:
    [step] = found.steps
    return step


# As in reality --------------------------------------------------------------------------------------------------------

HOURS: dict[str, Any] = {
    **tree(
        [say("We are open, {{ now }}"), *ASK[1:]],
        connector={"next": {"type": "automessage", "name": "patience"}},
        queues={"people": {"title": "People", "welcome": {"text": "One moment"}}},
    ),
    "automessages": {
        "patience": {
            "title": "Patience",
            "messages": [{"time": 60, "text": "We are looking"}, {"time": "PT23H", "text": "Thank you for waiting"}],
            "next": {"type": "time_condition", "name": "hours"},
        }
    },
    "time_groups": {
        "week": {
            "title": "Week",
            "timezone": "Europe/Prague",
            "definitions": [
                {"type": "open", "system": "own", "from": "11:00", "to": "17:00"},
                {"type": "closed", "system": "public_holidays", "countries": ["CZ"]},
            ],
        }
    },
    "time_conditions": {
        "hours": {
            "title": "Hours",
            "time_group": "week",
            "open": {"type": "decision_tree", "name": "tree"},
            "closed": {"type": "terminate", "name": "bye"},
        }
    },
    "terminates": {"bye": {"title": "Bye", "cause": "user", "auto_response": "bye"}},
    "templates": {"bye": {"title": "Bye", "text": "Come back on another day"}},
}
# 23 hours after the afternoon of 23 December it is a holiday. 23 hours after 11:00 it is 10:00, and too early, but when
# the clocks are set forward in March it is 11:00 again; when they are set back in October it takes until 13:00.
DAYS = [
    ("2026-12-23T17:00:00+01:00", "closed: public holiday of CZ (Christmas Eve) of week"),
    ("2026-12-21T17:01:00+01:00", "open: 11:00-17:00 of week"),
    ("2027-03-27T11:00:00+01:00", "open: 11:00-17:00 of week"),
    ("2027-03-26T11:00:00+01:00", "closed: no definition of week matches"),
    ("2027-10-30T12:59:59+02:00", "closed: no definition of week matches"),
    ("2027-10-30T13:00:00+02:00", "open: 11:00-17:00 of week"),
]


def acts_of(scenario: Scenario) -> list[Act]:
    """The steps of a scenario that act, as steps of a preview: they are called the same."""
    found: list[Act] = []
    for step in scenario.steps:
        if step.acts:
            value: Any = step.model_dump(mode="json", exclude_unset=True)[step.key]
            given: dict[str, Any]
            match step.key:
                case "user" if isinstance(value, dict):
                    given = {
                        "sent_at" if name == "at" else name: inner
                        for name, inner in cast("dict[str, Any]", value).items()
                    }
                case "reply":
                    names = {"button": "buttons", "quickreply": "quickreplies", "queue": "transfer"}
                    given = {str(names.get(name, name)): inner for name, inner in value.items()}
                    given = {name: str(inner) if name == "transfer" else inner for name, inner in given.items()}
                case key:
                    field = {"user": "text", "tap": "title", "unsend": "text", "wait": "duration", "at": "at"}
                    field |= {
                        "accept": "agent",
                        "agent": "text",
                        "takeover": "text",
                        "close": "cause",
                        "transfer": "to",
                    }
                    given = {field[key]: value}
                    if key in ("close", "transfer"):
                        given["agent"] = None
            found.append(TypeAdapter[Act](Act).validate_python({"type": step.key, **given}))
    return found


def script_of(scenario: Scenario) -> Script:
    return Script.model_validate(
        {
            "at": scenario.at,
            "start": {"connector": scenario.connector, "customer": scenario.customer, "contact": scenario.contact},
            "replies": scenario.requests,
            "requests": "unreachable",
            "steps": [act.model_dump() for act in acts_of(scenario)],
        }
    )


@pytest.mark.parametrize(("at", "why"), DAYS)
def test_the_same_way_as_a_real_run_over_23_hours_holidays_and_changed_clocks(at: str, why: str) -> None:
    graph = graph_of(HOURS)
    steps = ({"user": "hi"}, {"wait": 3600}, {"user": "hello?"}, {"wait": "PT24H"})
    scenario = upcoming(
        Scenario(
            title="Over night",
            connector="shop",
            at=datetime.fromisoformat(at),
            steps=tuple(ScenarioStep.model_validate(step) for step in steps),
        ),
        datetime.now(UTC),
    )
    found = preview(graph, script_of(scenario), detect)
    assert why in [visit.why for visit in path(found)]
    with durable(graph, scenario, detect) as world:
        run(graph, "over-night", scenario, world=world)
        assert [(visit.path, visit.why) for visit in path(found)] == [(one.path, one.why) for one in world.visited]
        assert texts(found) == [send.text for send in world.said]
        late = [real.at - one.at for one, real in zip(path(found), world.visited, strict=True)]
    assert max(late) < timedelta(minutes=1), "each thing happened at its own time"


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_each_scenario_goes_the_same_way_in_the_preview(script: Written) -> None:
    graph = graph_at(script.configuration)
    world = rehearsal(graph, script.scenario, detect)
    run(graph, script.name, script.scenario, world=world)
    found = preview(graph, script_of(script.scenario), detect)
    assert [(visit.path, visit.at) for visit in path(found)] == [(visit.path, visit.at) for visit in world.visited]
    shown = [one.message for step in found.steps for one in step.effects.shown]
    assert [(one.text, one.quick_replies) for one in shown] == [(one.text, one.quick_replies) for one in world.said]
    if world.conversation is not None:
        assert found.position is not None
        assert found.position.waiting == world.conversation.waiting


@RANDOM
@given(graphs(), st.data())
def test_any_script_can_be_played_on_any_graph_and_taken_up_at_any_step(graph: Graph, data: st.DataObject) -> None:
    acts = st.sampled_from(
        [
            *(user(text) for text in WORDS),
            {"type": "wait", "duration": 70},
            {"type": "wait", "duration": "P1D"},
            {"type": "request", "answer": "unreachable"},
            {"type": "reply", "text": "Robot", "quickreplies": [{"name": "n", "text": "N"}]},
            {"type": "reply", "transfer": "q1"},
            {"type": "bot_fails"},
            {"type": "accept"},
            {"type": "agent", "text": "Hello"},
            {"type": "takeover", "text": "I do that"},
            {"type": "close"},
            {"type": "transfer", "to": "decision_trees/t1"},
            {"type": "transfer", "to": "nowhere/x"},
            {"type": "unsend", "text": "yes"},
            *({"type": "tap", "title": title} for title in ("Yes", "On", "N", "Never")),
            *({"type": "request", "body": body} for body in BODIES[:4]),
        ]
    )
    places = st.sampled_from([None, *graph.paths()])
    steps = data.draw(st.lists(acts, max_size=8))
    whole = play(graph, *steps, start={"place": data.draw(places), "text": data.draw(st.sampled_from(["", "yes"]))})
    assert whole.problems == ()
    at = whole.steps[0].at if whole.steps else None
    for step in whole.steps:
        assert step.began == at
        at = step.at
        if step.position is None:
            continue
        stored = Conversation.model_validate_json(step.position.model_dump_json())
        assert misfit(graph, stored) is None
        rests = rest(graph, stored)
        assert step.rests == rests
        assert (rests.waits_for == "request") is (step.pending is not None)
        again = play(graph, position=stored, at=step.at.isoformat())
        assert only(again).position == stored, "a position that is taken up is where it was"


def test_it_takes_milliseconds() -> None:
    graph = graph_at(scripts()[-1].configuration)
    step = {"type": "at", "at": "2026-12-24T17:01:00+01:00"}
    found = play(graph, user("hello"), step, start={"connector": "plants"})
    assert found.at == datetime(2026, 12, 24, 16, 1, tzinfo=UTC)
    took = min(_seconds(lambda: play(graph, user("hello"), step, start={"connector": "plants"})) for _ in range(5))
    assert took < 0.1


def _seconds(work: Any) -> float:
    from time import perf_counter

    begun = perf_counter()
    work()
    return perf_counter() - begun


# The clock ------------------------------------------------------------------------------------------------------------


def test_times_without_an_offset_are_those_on_the_wall() -> None:
    found = play(
        HOURS, user("hi"), {"type": "at", "at": "2026-12-24T17:01"}, at="2026-12-24T16:50", timezone="Europe/Prague"
    )
    assert [(step.began, step.at) for step in found.steps] == [
        (datetime(2026, 12, 24, 15, 50, tzinfo=UTC), datetime(2026, 12, 24, 15, 50, tzinfo=UTC)),
        (datetime(2026, 12, 24, 15, 50, tzinfo=UTC), datetime(2026, 12, 24, 16, 1, tzinfo=UTC)),
    ]
    assert [one.at for one in found.steps[1].effects.shown] == [datetime(2026, 12, 24, 15, 51, tzinfo=UTC)]


def test_a_wait_over_the_changed_clocks_is_as_long_as_it_says() -> None:
    found = play(tree(ASK), {"type": "wait", "duration": "P1D"}, at="2027-03-27T12:00", timezone="Europe/Prague")
    assert found.at == datetime(2027, 3, 28, 11, 0, tzinfo=UTC)


def test_the_clock_does_not_go_back() -> None:
    found = play(tree(ASK), user("hi"), {"type": "at", "at": "2026-11-22T23:00:00Z"})
    assert found.steps[1].problems == ("the clock goes forward only: it is 2026-11-23 09:00:00 UTC already",)
    assert found.steps[1].at == found.steps[0].at


def test_a_circle_of_times_stops_the_clock() -> None:
    again = {"title": "A", "messages": [{"time": 1}], "next": {"type": "automessage", "name": "a"}}
    document = tree(ASK, automessages={"a": again}, connector={"next": {"type": "automessage", "name": "a"}})
    found = preview(
        graph_of(document, checked=False),
        Script.model_validate({"at": MONDAY, "steps": [user("hi"), {"type": "wait", "duration": "P300D"}]}),
    )
    assert found.at == datetime.fromisoformat(MONDAY) + timedelta(seconds=MOST_TIMES)
    assert f"{MOST_TIMES} times have come" in found.steps[1].problems[0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"at": "1999-01-01T00:00:00Z"}, "takes place in the years"),
        ({"at": MONDAY, "steps": [{"type": "at", "at": "2400-01-01T00:00:00Z"}]}, "takes place in the years"),
        ({"at": MONDAY, "timezone": "Mars/Base"}, "there is no time zone 'Mars/Base'"),
        ({"at": MONDAY, "timezone": "../etc"}, "there is no time zone"),
        ({"at": MONDAY, "steps": [{"type": "tap"}]}, "names a button"),
        ({"at": MONDAY, "steps": [{"type": "jump"}]}, "type"),
    ],
)
def test_what_cannot_be_played_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Script.model_validate(wrong)


def test_the_clock_stops_at_the_last_year() -> None:
    found = play(tree(ASK), *[{"type": "wait", "duration": "P366D"}] * 10, at="2190-01-01T00:00:00Z")
    assert any("takes place in the years" in problem for step in found.steps for problem in step.problems)
    assert found.at.year <= 2199


def test_instagram_refuses_what_comes_too_late() -> None:
    late = {
        "title": "A",
        "messages": [{"time": "PT23H", "text": "In time"}, {"time": "PT24H", "text": "Late"}],
        "next": {"type": "queue", "name": "people"},
    }
    document = tree(ASK, automessages={"a": late}, connector={"next": {"type": "automessage", "name": "a"}})
    found = preview(
        graph_of(document, checked=False),
        Script.model_validate(
            {
                "at": MONDAY,
                "steps": [
                    user("hi"),
                    {"type": "wait", "duration": "P2D"},
                    {"type": "agent", "text": "People may"},
                    {"type": "wait", "duration": "P6D"},
                    {"type": "agent", "text": "but not for ever"},
                ],
            }
        ),
    )
    shown = {one.message.text: one.blocked for step in found.steps for one in step.effects.shown}
    why = "the customer wrote last at 2026-11-23 09:00 UTC, more than {} hours ago"
    assert shown == {
        "In time": None,
        "Late": why.format(24),
        "People may": None,
        "but not for ever": why.format(168),
    }
    assert f"not sent: {why.format(24)}" in [visit.why for visit in path(found)]


# The customer ---------------------------------------------------------------------------------------------------------


def test_a_step_tells_everything() -> None:
    found = play(
        tree([say("Hello"), *ASK], no_answer={"after": 7200, "to": {"type": "queue", "name": "people"}}), user("hi")
    )
    step = only(found)
    assert (step.number, step.did, step.problems) == (1, "the customer sends “hi”", ())
    assert texts(found) == ["Hello", "Shall we?"]
    assert [reply.title for reply in step.effects.shown[1].message.quick_replies] == ["Yes", "No"]
    assert [visit.path for visit in step.visited][:3] == ["connectors/shop", "decision_trees/tree", START]
    assert step.rests is not None
    assert (step.rests.waits_for, step.rests.place, step.rests.reason) == ("answer", START, "no_answer")
    assert step.rests.until == step.at + timedelta(hours=2)
    assert step.rests.then == "queues/people"
    assert "until 2026-11-23 11:00:00 UTC" in step.rests.words
    assert [(one.title, one.to) for one in step.rests.choices] == [("Yes", "terminates/bye"), ("No", "queues/people")]
    assert found.position == step.position


def test_a_tap_by_title_or_payload() -> None:
    by_title = play(tree(ASK), user("hi"), {"type": "tap", "title": "No"})
    payload = by_title.steps[0].rests.choices[1].payload if by_title.steps[0].rests else ""
    by_payload = play(tree(ASK), user("hi"), {"type": "tap", "payload": payload})
    assert by_title.position == by_payload.position
    assert by_title.position is not None
    assert by_title.position.place == "queues/people"


def test_only_what_is_offered_can_be_tapped() -> None:
    found = play(tree(ASK), user("hi"), {"type": "tap", "title": "Perhaps"}, {"type": "tap", "payload": "x"})
    assert found.steps[1].problems == ("no such button is offered: “Perhaps”; there is “Yes”, “No”",)
    assert found.steps[2].problems == ("no such button is offered: “x”; there is “Yes”, “No”",)
    assert found.steps[2].position == found.steps[0].position
    assert found.steps[1].visited == ()


def test_a_numbered_list_has_no_buttons() -> None:
    long = tree([say("?"), go("terminate/bye", button("A title that is rather long"))])
    found = play(long, user("hi"), {"type": "tap", "title": "A title that is rather long"}, user("1"))
    assert "numbered list" in found.steps[1].problems[0]
    assert found.position is not None
    assert found.position.waiting.type == "ended"


def test_an_ice_breaker_opens_a_conversation() -> None:
    breakers = [{"question": "How do I care?", "payload": "care"}]
    document = tree([say("{{ message.text }}"), *ASK], connector={"ice_breakers": breakers})
    assert texts(play(document, {"type": "tap", "title": "How do I care?"})) == ["How do I care?", "Shall we?"]
    found = play(document, user("hi"), {"type": "tap", "payload": "care"})
    assert "no such button" in found.steps[1].problems[0]


def test_several_texts_attachments_and_languages() -> None:
    document = tree([say("{{ text }}")], languages={"default": "en", "offered": ["en", "cs"]})
    document["decision_trees"]["tree"]["decisions"]["start"]["actions"] = [
        say("?", variants={"cs": "Co?"}),
        go("next", {"type": "pattern", "pattern": "/./s"}),
    ]
    document["decision_trees"]["tree"]["decisions"]["next"] = {
        "title": "Next",
        "actions": [say("{{ text }} {{ attachments | length }}"), go("terminate/bye")],
    }
    image = {"type": "image", "url": "https://x.example.com/i.png"}
    found = play(
        document,
        user("ahoj", language="cs"),
        {"type": "user", "text": ["one", "two"], "attachments": [image]},
    )
    assert texts(found) == ["Co?", "one\ntwo 2"]
    assert found.steps[1].did == "the customer sends “one” “two” and 1 attachments"
    detected = play(document, user("Dobrý den, potřebuji pomoc s objednávkou"))
    assert texts(detected) == ["Co?"]


def test_what_was_written_earlier_is_no_answer() -> None:
    document = tree([say("?"), go("terminate/bye", {"type": "pattern", "pattern": "/./"})])
    found = play(document, user("hi"), {"type": "wait", "duration": 9}, user("x", sent_at="2026-11-23T08:59:59Z"))
    assert found.position is not None
    assert found.position.waiting.type == "answer"
    later = play(document, user("hi", sent_at="2026-11-23T09:00:01Z"))
    assert "nothing can have been written after now" in later.steps[0].problems[0]


def test_words_taken_back() -> None:
    document = tree(ASK, connector={"burst": {"quiet": 30}})
    found = play(
        document,
        user("hi"),
        user("yes"),
        {"type": "unsend", "text": "yes"},
        {"type": "wait", "duration": 60},
        {"type": "unsend", "text": "never said"},
    )
    assert found.position is not None
    assert found.position.waiting.type == "answer"
    assert found.steps[4].problems == ("the customer wrote no “never said”",)


def test_after_the_end_the_next_words_open_another_conversation() -> None:
    found = play(tree(ASK), user("hi"), {"type": "tap", "title": "Yes"}, {"type": "close"}, user("again"))
    assert found.steps[1].effects.end is not None
    assert found.steps[1].effects.end.terminate == "bye"
    assert found.steps[1].rests is not None
    assert (found.steps[1].rests.waits_for, found.steps[1].rests.until) == ("nothing", None)
    assert "has ended" in found.steps[2].problems[0]
    assert found.steps[3].position is not None
    assert found.steps[2].position is not None
    assert found.steps[3].position.name != found.steps[2].position.name


def test_nobody_can_act_before_the_customer_writes() -> None:
    found = play(tree(ASK), {"type": "accept"}, {"type": "wait", "duration": 60})
    assert "the customer has not written yet" in found.steps[0].problems[0]
    assert found.steps[1].problems == ()
    assert found.position is None


# Requests, chatbots and people ----------------------------------------------------------------------------------------

REQUEST = {"type": "request", "url": "https://x.example.com/{{ secrets.key }}", "into": "got"}
SHOWS = tree([REQUEST, say("{{ got.status }} {{ got.body }} {{ got.error }}"), *ASK])


def test_a_request_waits_until_somebody_says_what_it_would_answer() -> None:
    found = play(SHOWS, user("hi"), user("hello?"), {"type": "request", "status": 404, "body": "none"})
    pending = found.steps[1].pending
    assert pending is not None
    assert (pending.asked.method, pending.asked.url) == ("GET", "https://x.example.com/secrets.key")
    assert pending.asked.path == f"{START}/actions/0"
    assert pending.answer is None
    assert found.steps[0].effects.requests == (pending,)
    assert found.steps[0].rests is not None
    assert found.steps[0].rests.waits_for == "request"
    assert found.steps[2].pending is None
    assert [one.answer for one in found.steps[2].effects.requests] == [
        RequestAnswered(ok=False, status=404, body="none", error="answered 404")
    ]
    assert texts(found) == ["404 none answered 404", "Shall we?"]


def test_a_position_that_waits_for_a_request_says_so_again() -> None:
    found = play(SHOWS, user("hi"))
    assert found.position is not None
    again = play(SHOWS, {"type": "request", "body": "later"}, position=found.position)
    assert again.steps[0].pending is not None
    assert again.steps[0].pending.asked.url == "https://x.example.com/secrets.key"
    assert texts(again) == ["200 later ", "Shall we?"]


def test_requests_that_were_answered_beforehand() -> None:
    replies = [Reply(url="~https://x.*", status=200, body=body) for body in ("one", "two")]
    assert texts(play(SHOWS, user("hi"), replies=replies))[0] == "200 one "
    down = [Reply(url="~https://x.*", error="no route")]
    assert texts(play(SHOWS, user("hi"), replies=down))[0].strip() == "no route"
    assert texts(play(SHOWS, user("hi"), requests="unreachable"))[0].strip() == "unreachable"


def test_requests_as_they_were_recorded() -> None:
    answer = RequestAnswered(ok=True, status=200, body="as then")
    asks = Asked(path="elsewhere", at=datetime.fromisoformat(MONDAY), url="https://x.example.com/secrets.key")
    recorded = [Happened(at=datetime.fromisoformat(MONDAY), number=4, event=answer, asked=asks)]
    assert texts(play(SHOWS, user("hi"), recorded=recorded, requests="recorded"))[0] == "200 as then "
    by_step = play(SHOWS, user("hi"), {"type": "request", "answer": "recorded"}, recorded=recorded)
    assert texts(by_step)[0] == "200 as then "
    none = play(SHOWS, user("hi"), {"type": "request", "answer": "recorded"}, requests="recorded")
    assert "no answer to GET https://x.example.com/secrets.key was recorded" in none.steps[1].problems[0]
    assert none.steps[1].pending is not None


def test_no_answer_is_wanted_where_nothing_was_asked() -> None:
    assert play(tree(ASK), user("hi"), {"type": "request"}).steps[1].problems == ("no request waits for an answer",)
    gone = play(SHOWS, user("hi"), {"type": "transfer", "to": "queues/people"}, {"type": "request"})
    assert gone.steps[1].pending is None
    assert gone.steps[2].problems == ("no request waits for an answer",)


@pytest.mark.parametrize(("tickets", "said"), [("created", "Ticket 1001"), ("failed", "Ticket ")])
def test_tickets(tickets: str, said: str) -> None:
    ticket = {"type": "create_ticket", "title": "T", "category": "c"}
    document = tree([ticket, say("Ticket {{ ticket.number }}"), *ASK], categories={"c": {"title": "C"}})
    found = play(document, user("hi"), tickets=tickets)
    assert texts(found)[0] == said
    [made] = found.steps[0].effects.tickets
    assert (made.ticket.title, made.number) == ("T", "1001" if tickets == "created" else None)


BOT = tree(
    [go("chatbot/robot")],
    chatbots={
        "robot": {
            "title": "Robot",
            "url": "https://bot.example.com",
            "fallback": {"type": "terminate", "name": "bye"},
        }
    },
)


def test_a_chatbot() -> None:
    quick = {"type": "reply", "text": "Which?", "quickreplies": [{"name": "r", "text": "Red"}]}
    found = play(BOT, user("hi"), quick, {"type": "tap", "title": "Red"}, {"type": "reply", "transfer": "people"})
    assert [one.body.get("text") for one in found.steps[0].effects.bots] == ["hi"]
    assert [one.body["quickreply"] for one in found.steps[2].effects.bots] == [{"name": "r"}]
    assert found.steps[3].position is not None
    assert found.steps[3].position.place == "queues/people"
    failed = play(BOT, user("hi"), {"type": "bot_fails", "error": "silent"})
    assert [visit.why for visit in path(failed)][-1] == "the chatbot failed: silent"
    wrong = play(tree(ASK), user("hi"), {"type": "reply", "text": "x"})
    assert "no chatbot has the conversation: waits for an answer" in wrong.steps[1].problems[0]
    assert texts(wrong) == ["Shall we?"]


def test_people() -> None:
    found = play(
        tree(ASK),
        user("hi"),
        {"type": "accept", "agent": "anna"},
        {"type": "tap", "title": "No"},
        {"type": "accept", "agent": "anna"},
        {"type": "agent", "text": "Hello", "agent": "anna"},
        {"type": "transfer", "to": "queues/nobody"},
        {"type": "close", "agent": "anna"},
    )
    assert "waits for no agent" in found.steps[1].problems[0]
    assert found.steps[3].rests is not None
    assert found.steps[3].rests.words == "is with anna"
    assert found.steps[4].effects.shown[0].message.author == "agent"
    assert "there is no place queues/nobody" in found.steps[5].problems[0]
    assert found.steps[6].effects.end is not None
    assert found.steps[6].effects.end.answered is True
    taken = play(tree(ASK), user("hi"), {"type": "takeover", "text": "I do that"})
    assert taken.position is not None
    assert taken.position.waiting.type == "agent"


# Beginnings -----------------------------------------------------------------------------------------------------------


def test_it_begins_at_any_place() -> None:
    document = tree(
        [go("queue/people")],
        decisions={"order": {"title": "Order", "actions": [say("{{ data.order }} {{ got.body }}"), *ASK]}},
    )
    document["decision_trees"]["tree"]["decisions"]["start"]["actions"] = [
        {"type": "save_data", "field": "order", "value": 1},
        {"type": "request", "url": "https://x.example.com", "into": "got"},
        go("order"),
    ]
    place = "decision_trees/tree/decisions/order"
    begins = {"place": place, "data": {"order": 7}, "objects": {"got": {"body": "b"}}, "language": "cs"}
    found = play(document, user("yes"), start=begins)
    assert found.steps[0].number == 0
    assert found.steps[0].did == f"begins at {place}"
    assert found.steps[0].visited[0].why == "the preview begins here"
    assert texts(found) == ["7 b", "Shall we?"]
    assert found.steps[1].effects.end is not None
    assert found.position is not None
    assert (found.position.language, found.position.language_fixed) == ("cs", True)


def test_words_on_arrival_are_what_a_place_decides_on() -> None:
    document = tree([go("terminate/bye", {"type": "pattern", "pattern": "/yes/"})])
    arrived = only(play(document, start={"place": START, "text": "yes"}))
    assert arrived.effects.end is not None
    assert only(play(document, start={"place": START})).effects.end is None


def test_it_goes_on_from_every_step() -> None:
    whole = play(tree(ASK), user("hi"), {"type": "wait", "duration": 60}, {"type": "tap", "title": "No"})
    middle = whole.steps[1]
    rest_of_it = play(tree(ASK), {"type": "tap", "title": "No"}, position=middle.position, at=middle.at.isoformat())
    assert rest_of_it.steps[0].visited == ()
    assert rest_of_it.steps[1].visited == whole.steps[2].visited
    assert rest_of_it.position is not None
    assert whole.position is not None
    assert rest_of_it.position.model_copy(update={"lines": ()}) == whole.position.model_copy(update={"lines": ()})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"start": {"connector": "other"}}, "there is no connector other: known are shop"),
        ({"start": {"place": "queues/nobody"}}, "there is no place queues/nobody"),
    ],
)
def test_it_cannot_begin_where_nothing_is(more: dict[str, Any], told: str) -> None:
    found = play(tree(ASK), user("hi"), **more)
    assert found.steps == ()
    assert told in found.problems[0]


def test_without_a_connector_it_begins_at_places() -> None:
    document = {**tree(ASK), "connectors": {}}
    graph = graph_of(document, checked=False)
    assert "there is no connector" in play(graph, user("hi")).problems[0]
    assert texts(play(graph, start={"place": "decision_trees/tree"})) == ["Shall we?"]


BAD_PATTERN = go("terminate/bye", {"type": "pattern", "pattern": "/(/"})


@pytest.mark.parametrize(
    ("authored", "told"),
    [
        ({**HOURS, "time_groups": {}}, "time_groups/week: no such time group"),
        (tree([say("?"), BAD_PATTERN]), "is refused by RE2"),
        (
            {**HOURS, "time_groups": {"week": {"title": "Week", "timezone": "Mars/Base", "definitions": []}}},
            "Mars/Base",
        ),
    ],
)
def test_a_mistake_in_the_sandbox_is_told_where_the_conversation_meets_it(authored: Any, told: str) -> None:
    graph = graph_of(authored, checked=False)
    found = play(
        graph, user("hi"), {"type": "wait", "duration": "P1D"}, user("x"), {"type": "transfer", "to": "queues/people"}
    )
    assert told in "".join(problem for step in found.steps for problem in step.problems)
    assert found.position is not None
    assert found.position.place == "queues/people"


def test_the_models_describe_themselves() -> None:
    for model in (Script, Previewed):
        schema = model.model_json_schema()
        assert len(schema["$defs"]) > 10
        assert [name for name, field in schema["properties"].items() if not field.get("description")] == []


def test_a_position_that_no_longer_fits_is_refused() -> None:
    position = play(tree(ASK), user("hi")).position
    assert position is not None
    other = graph_of({**tree(ASK), "decision_trees": {}}, checked=False)
    found = preview(other, Script(at=datetime.fromisoformat(MONDAY), position=position))
    assert found.problems == (f"the conversation stands at {START}, which is no longer there: begin at another place",)
    shorter = graph_of(tree([say("?"), go("terminate/bye", button("Yes"))]))
    assert f"{START}/actions/2 is no longer there" in (misfit(shorter, position) or "")
    assert misfit(shorter, position.model_copy(update={"offers": position.offers[:1]})) is None


def test_an_automessage_that_became_shorter_no_longer_fits() -> None:
    def auto(count: int) -> Graph:
        messages = [{"time": 60 * number, "text": f"{number}"} for number in range(1, count + 1)]
        entity = {"title": "A", "messages": messages, "next": {"type": "queue", "name": "people"}}
        return graph_of(tree([go("automessage/a")], automessages={"a": entity}))

    found = play(auto(3), user("hi"), {"type": "wait", "duration": 121})
    assert found.position is not None
    assert found.steps[1].rests is not None
    assert found.steps[1].rests.then == "queues/people"
    assert found.steps[0].rests is not None
    assert found.steps[0].rests.then is None
    assert misfit(auto(3), found.position) is None
    assert "no longer a place that waits for this" in (misfit(auto(2), found.position) or "")


def test_every_step_has_words() -> None:
    at = datetime.fromisoformat(MONDAY)
    assert words(At(type="at", at=at)) == "time passes until 2026-11-23 10:00:00"
    assert words(User(type="user")) == "the customer sends an empty message"
    assert words(Tap(type="tap", payload="x")) == "the customer taps “x”"
    assert {act.type: words(act) for script in scripts() for act in acts_of(script.scenario)}.keys() >= {
        "user",
        "tap",
        "unsend",
        "wait",
        "at",
        "reply",
        "accept",
        "agent",
        "close",
        "transfer",
        "takeover",
    }
