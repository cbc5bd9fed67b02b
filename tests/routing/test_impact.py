"""The impact report: recorded conversations on another graph, at their times and with their recorded answers."""

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import detect
from routing.changes import Changes
from routing.configuration import OwnHours
from routing.conversation import Customer, Ended
from routing.graph import PLACES, Graph
from routing.impact import Impact, Moved, Reworded, Undecided, Unfaithful, compare, impact
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    BotFailed,
    BotQuickReply,
    BotReplied,
    CustomerMessage,
    RequestAnswered,
    TicketCreated,
    Transferred,
    Wrote,
)
from routing.recordings import Past, Recording, stops
from routing.rehearsal import Reply
from routing.replay import MOST_TIMES, Replay
from routing.scenarios import run, world_of
from tests.recorded import Recorder
from tests.routing.test_properties import RANDOM
from tests.scripts import Script, graph_at, scripts
from tests.strategies import BODIES, WORDS, graphs
from tests.talk import MONDAY, button, go, graph_of, say, tree

NOW = datetime.fromisoformat(MONDAY)
Document = dict[str, Any]


def recorded(
    document: Mapping[str, Any] | Graph,
    *lines: Callable[[Recorder], object],
    at: datetime = NOW,
    replies: Sequence[Reply] = (),
    until: timedelta = timedelta(0),
) -> Recording:
    graph = document if isinstance(document, Graph) else graph_of(document, checked=False)
    world = Recorder(graph, next(iter(graph.configuration.connectors)), at=at, replies=replies)
    for line in lines:
        line(world)
    return world.recording(until)


def user(*texts: str) -> Callable[[Recorder], object]:
    return lambda world: world.user(*texts)


def wait(duration: str | float) -> Callable[[Recorder], object]:
    return lambda world: world.wait(timedelta(seconds=float(duration)))


def tap(title: str) -> Callable[[Recorder], object]:
    def act(world: Recorder) -> None:
        assert world.conversation is not None
        waiting = world.conversation.waiting
        clicks = {click.title: payload for payload, click in getattr(waiting, "clicks", {}).items()}
        offers = {offer.title: offer.payload for offer in world.conversation.offers}
        world.user(title, payload={**offers, **clicks}[title])

    return act


def feed(event: Any) -> Callable[[Recorder], object]:
    return lambda world: world.feed(event)


def changed(document: Document, path: str, value: Any) -> Document:
    """The document with another value at a path; a path ending in `+` puts the value before that position."""
    found = copy.deepcopy(document)
    *way, last = path.split("/")
    inner: Any = found
    for step in way:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if last.endswith("+"):
        inner.insert(int(last[:-1]), value)
    elif value is None:
        del inner[int(last) if isinstance(inner, list) else last]
    else:
        inner[int(last) if isinstance(inner, list) else last] = value
    return found


def verdict(recording: Recording, document: Document, was: Document | None = None) -> Any:
    """What the changed document means for a conversation; `was` is the one on which it ran."""
    before = None if was is None else graph_of(was, checked=False)
    return compare(graph_of(document, checked=False), recording, None if before is None else lambda _: before)


START = "decision_trees/tree/decisions/start"
ASK = [say("Shall we?"), go("terminate/bye", button("Yes")), go("queue/people", button("No"))]


# Nothing changes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_each_scenario_comes_out_the_same_on_its_own_graph(script: Script) -> None:
    graph = graph_at(script.configuration)
    world = world_of(Recorder, graph, script.scenario, detect)
    run(graph, script.name, script.scenario, world=world)
    stored = Recording.model_validate_json(world.recording().model_dump_json())
    assert compare(graph, stored) is None
    assert compare(graph, stored, lambda _: graph) is None


@RANDOM
@given(graphs(), st.data())
def test_whatever_happened_comes_out_the_same_on_its_own_graph(graph: Graph, data: st.DataObject) -> None:
    assert compare(graph, anything(graph, data)) is None


@RANDOM
@given(graphs(), graphs(), st.data())
def test_what_met_no_change_comes_out_the_same(graph: Graph, other: Graph, data: st.DataObject) -> None:
    """Without being run again: each time that is claimed, running it again says so too."""
    kind = data.draw(st.sampled_from([*PLACES, "time_groups", "templates", "languages", "decisions"]))
    changed = Graph(graph.configuration.model_copy(update=_another(kind, graph, other, data)))
    for _ in range(2):
        recording = anything(graph, data)
        if not Changes(graph, changed).touch(Past(recording)):
            assert compare(changed, recording) is None
        assert not Changes(graph, Graph(graph.configuration)).touch(Past(recording))


def _another(kind: str, graph: Graph, other: Graph, data: st.DataObject) -> dict[str, Any]:
    """One entity, or decision, of another graph in place of this one's."""
    mine, yours = graph.configuration, other.configuration
    if kind == "languages":
        return {"languages": mine.languages.model_copy(update={"default": "cs"})}
    if kind == "decisions":
        name = data.draw(st.sampled_from(["t0", "t1"]))
        decision = data.draw(st.sampled_from(["d0", "d1", "d2"]))
        tree = mine.decision_trees[name]
        decisions = {**tree.decisions, decision: yours.decision_trees[name].decisions[decision]}
        return {"decision_trees": {**mine.decision_trees, name: tree.model_copy(update={"decisions": decisions})}}
    entities = getattr(mine, kind)
    name = data.draw(st.sampled_from(sorted(entities)))
    if kind == "time_groups":
        closed = OwnHours(type="closed", system="own", weekdays=("mon", "wed"))
        return {kind: {**entities, name: entities[name].model_copy(update={"definitions": (closed,)})}}
    return {kind: {**entities, name: getattr(yours, kind)[name]}}


def anything(graph: Graph, data: st.DataObject) -> Recording:
    """Whatever may happen to a conversation, recorded, and read from JSON again."""
    body = data.draw(st.sampled_from(BODIES))
    status = data.draw(st.sampled_from([200, 404, None]))
    world = Recorder(graph, "shop", at=NOW, replies=[Reply(url="~https://x.*", status=status, body=body)])
    world.user(data.draw(st.sampled_from(WORDS)))
    for number in range(data.draw(st.integers(0, 8))):
        world.wait(timedelta(seconds=data.draw(st.sampled_from([1, 31, 61, 4000]))))
        assert world.conversation is not None
        if isinstance(world.conversation.waiting, Ended):
            break
        titles = [offer.title for offer in world.conversation.offers if offer.title]
        events = [
            AgentAccepted(agent="anna"),
            AgentWrote(key=f"a{number}", text="Hello", at=world.now, sent=data.draw(st.booleans())),
            AgentClosed(agent="anna"),
            BotReplied(key=f"b{number}", text="Robot", quickreplies=(BotQuickReply(name="n", text="N"),)),
            BotReplied(key=f"b{number}", transfer=data.draw(st.sampled_from(["q1", "nobody"]))),
            BotFailed(error="down"),
            Transferred(to=data.draw(st.sampled_from(["queues/q1", "decision_trees/t1", "nowhere/x"]))),
        ]
        act = data.draw(st.sampled_from(["say", "say", "tap", "tap", "event"]))
        if act == "tap" and titles:
            tap(data.draw(st.sampled_from(titles)))(world)
        elif act == "event":
            world.feed(data.draw(st.sampled_from(events)))
        else:
            world.user(*data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2)))
    world.wait(timedelta(seconds=data.draw(st.sampled_from([0, 20_000]))))
    return Recording.model_validate_json(world.recording().model_dump_json())


ROBOT: Document = {
    "title": "Robot",
    "url": "https://bot.example.com",
    "fallback": {"type": "terminate", "name": "bye"},
}
SAYS_BYE = {"title": "Bye", "cause": "user", "auto_response": "bye"}


@pytest.mark.parametrize(
    ("path", "value", "met"),
    [
        ("decision_trees/tree/title", "Another title", False),
        ("decision_trees/tree/start", "other", True),
        ("decision_trees/tree/decisions/start/actions/0/text", "Now?", True),
        ("decision_trees/tree/decisions/other/title", "Not visited", False),
        ("queues/people/title", "Not visited", False),
        ("queues/nobody", {"title": "Named by the chatbot"}, True),
        ("queues/anybody", {"title": "Named by nobody"}, False),
        ("templates/bye/text", "Farewell", True),
        ("templates/other", {"title": "Other", "text": "Not said"}, False),
        ("chatbots/robot/timeout", 20, True),
        ("connectors/shop/burst", {"answer": "each"}, True),
        ("connectors/second", {"title": "Second", "next": {"type": "queue", "name": "people"}}, False),
        ("languages", {"default": "en", "offered": ["en", "cs"]}, True),
        ("custom_fields/x", {"title": "X"}, True),
        ("categories/x", {"title": "X"}, False),
    ],
)
def test_what_a_conversation_meets(path: str, value: Any, met: bool) -> None:
    document = tree(
        [say("Shall we?"), go("chatbot/robot", button("Yes"))],
        chatbots={"robot": ROBOT},
        terminates={"bye": SAYS_BYE},
        templates={"bye": {"title": "Bye", "text": "Bye"}},
        decisions={"other": {"title": "Other", "actions": ASK}},
        languages={"default": "en", "offered": ["en"]},
        custom_fields={},
        categories={},
    )
    recording = recorded(document, user("hi"), tap("Yes"), feed(BotReplied(key="b", transfer="nobody")))
    other = changed(document, path, value)
    changes = Changes(graph_of(document, checked=False), graph_of(other, checked=False))
    assert changes.touch(Past(recording)) is met


# Opening hours --------------------------------------------------------------------------------------------------------

HOURS: Document = {
    **tree(ASK, connector={"next": {"type": "time_condition", "name": "hours"}}),
    "time_groups": {
        "week": {
            "title": "Week",
            "timezone": "Europe/Prague",
            "definitions": [
                {"type": "open", "system": "own", "weekdays": ["mon", "tue", "wed"], "from": "09:00", "to": "17:00"}
            ],
        }
    },
    "time_conditions": {
        "hours": {
            "title": "Hours",
            "time_group": "week",
            "open": {"type": "decision_tree", "name": "tree"},
            "closed": {"type": "queue", "name": "people"},
        }
    },
}


def test_a_changed_closing_hour_lists_exactly_the_conversations_that_it_would_have_moved() -> None:
    graph = graph_of(HOURS)
    recordings: list[Recording] = []
    wanted: set[datetime] = set()
    for half_hour in range(7 * 48):
        at = NOW.replace(hour=0) + half_hour * timedelta(minutes=30)
        recordings.append(recorded(graph, user("hi"), wait(1), tap_if_open, at=at))
        if at.weekday() < 3 and 16 <= at.hour < 17:
            wanted.add(at)
    earlier = changed(HOURS, "time_groups/week/definitions/0/to", "16:00")
    report = impact(graph_of(earlier), recordings, lambda _: graph)
    assert {one.conversation.opened_at for one in report.moved} == wanted
    assert len(wanted) == 6
    assert report.compared == report.same + len(wanted) == 7 * 48
    assert (report.texts_only, report.undecided, report.unfaithful) == ((), (), ())
    assert [flow.model_dump() for flow in report.flows] == [
        {"old": "decision_trees/tree", "new": "queues/people", "count": 6}
    ]
    assert [(flow.old, flow.new, flow.count) for flow in report.outcomes] == [("terminates/bye", "queues/people", 6)]
    turning = report.moved[0].turning
    assert turning.number == 3
    assert turning.old is not None
    assert turning.old.why == "open: mon-wed 09:00-17:00 of week"
    assert turning.new is not None
    assert turning.new.why == "closed: no definition of week matches"
    assert turning.before is not None
    assert turning.before.path == "time_conditions/hours"
    assert report.moved[0].old.terminate == "bye"
    assert report.moved[0].new.ended is False
    assert report.moved[0].unknown_from is not None
    assert report.moved[0].unknown_from.needs == "people"
    assert Impact.model_validate_json(report.model_dump_json()) == report


def tap_if_open(world: Recorder) -> None:
    assert world.conversation is not None
    if world.conversation.offers:
        tap("Yes")(world)


def test_the_order_and_the_counts_are_those_of_the_recordings() -> None:
    graph = graph_of(HOURS)
    days = [recorded(graph, user("hi"), at=NOW.replace(day=day, hour=16, minute=30)) for day in (25, 24, 26)]
    report = impact(graph_of(changed(HOURS, "time_groups/week/definitions/0/to", "16:00")), days)
    assert [one.conversation.opened_at.day for one in report.moved] == [25, 24]
    assert report.same == 1


# Words, buttons and booking -------------------------------------------------------------------------------------------


def test_other_words_on_the_same_way_are_listed_apart() -> None:
    document = tree(ASK)
    found = verdict(
        recorded(document, user("hi"), tap("Yes")), changed(document, f"{START}/actions/0/text", "Shall we now?")
    )
    assert isinstance(found, Reworded)
    assert found.messages == 1
    assert found.old is not None
    assert found.new is not None
    assert (found.old.text, found.new.text) == ("Shall we?", "Shall we now?")


def test_a_new_message_counts_once() -> None:
    document = tree([say("One"), say("Two"), *ASK])
    found = verdict(recorded(document, user("hi")), changed(document, f"{START}/actions/0+", say("Zero")))
    assert isinstance(found, Reworded)
    assert (found.messages, found.old) == (1, None)
    assert found.new is not None
    assert found.new.text == "Zero"


def test_parts_of_a_long_message_count_as_one() -> None:
    document = tree([say("one two"), go("queue/people")])
    recording = recorded(document, user("hi"))
    assert recording.said is not None
    [whole] = recording.said
    halves = [
        whole.model_copy(update={"key": f"{whole.key}.{n}", "text": text}) for n, text in enumerate(("one", "two"))
    ]
    assert verdict(recording.model_copy(update={"said": tuple(halves)}), document) is None


def test_words_that_are_no_longer_known_are_not_compared() -> None:
    document = tree(ASK)
    recording = recorded(document, user("hi")).model_copy(update={"said": None})
    assert verdict(recording, changed(document, f"{START}/actions/0/text", "Other")) is None


def test_an_action_before_the_others_moves_nobody() -> None:
    document = tree(ASK)
    saves = {"type": "save_data", "field": "x", "value": 1}
    assert verdict(recorded(document, user("hi"), tap("No")), changed(document, f"{START}/actions/0+", saves)) is None


def test_a_tap_goes_where_its_title_leads_although_the_buttons_changed_places() -> None:
    document = tree(ASK)
    swapped = tree([ASK[0], ASK[2], ASK[1]])
    found = verdict(recorded(document, user("hi"), tap("No")), swapped)
    assert isinstance(found, Reworded), "the buttons stand in another order, and nobody goes elsewhere"


def test_a_button_with_another_title_is_the_same_button() -> None:
    document = tree(ASK)
    renamed = changed(document, f"{START}/actions/1/answer/text", "Yes, please")
    found = verdict(recorded(document, user("hi"), tap("Yes")), renamed)
    assert isinstance(found, Reworded)


def test_nobody_knows_what_a_customer_would_tap_whose_button_is_gone() -> None:
    document = tree(ASK)
    found = verdict(recorded(document, user("hi"), tap("No")), changed(document, f"{START}/actions/2", None), document)
    assert isinstance(found, Undecided)
    assert found.unknown_from.needs == "tap"
    assert "“No”" in found.unknown_from.why
    assert found.unknown_from.path == START


def test_a_button_that_leads_elsewhere_moves_who_tapped_it() -> None:
    document = tree(ASK)
    other = changed(document, f"{START}/actions/1/to", {"type": "queue", "name": "people"})
    found = verdict(recorded(document, user("hi"), tap("Yes")), other, document)
    assert isinstance(found, Moved)
    assert (found.turning.old_to, found.turning.new_to) == ("terminates/bye", "queues/people")
    assert verdict(recorded(document, user("hi"), tap("No")), other, document) is None


def test_an_old_tap_stays_no_answer() -> None:
    """A tap on a button of an earlier question did nothing then, and does nothing now."""
    document = tree(
        [say("First"), go("next", button("On")), go("terminate/bye", button("Off"))],
        decisions={"next": {"title": "Next", "actions": [say("Second"), go("terminate/bye", button("Done"))]}},
    )

    def old_tap(world: Recorder) -> None:
        assert world.conversation is not None
        world.user("On", payload=f"{world.conversation.name[-6:]}/1/0")

    assert verdict(recorded(document, user("hi"), tap("On"), old_tap, tap("Done")), document, document) is None


def test_an_ice_breaker_is_what_it_was() -> None:
    document = tree([go("terminate/bye", {"type": "pattern", "pattern": "/care/"})])
    recording = recorded(document, lambda world: world.user("How do I care?", payload="care"))
    [first] = recording.happened
    assert isinstance(first.event, Wrote)
    assert first.event.messages[0].payload == "care"
    assert verdict(recording, document) is None


def test_an_end_that_is_booked_otherwise_is_another_outcome() -> None:
    document = tree(ASK)
    missed = changed(document, "terminates/bye/queue", "people")
    found = verdict(recorded(document, user("hi"), tap("Yes")), missed, document)
    assert isinstance(found, Moved)
    assert (found.old.missed, found.new.missed) == (False, True)
    assert found.turning.old_to == found.turning.new_to == "terminates/bye"
    assert found.turning.old is found.turning.new is None


# What was never recorded ----------------------------------------------------------------------------------------------

REQUEST = {"type": "request", "url": "https://x.example.com/{{ message.text }}", "into": "got"}
LOOKS = {
    "type": "condition",
    "all": [{"left": "got.body.known", "operator": "equals", "right": True}],
    "then": [go("terminate/bye")],
    "otherwise": [go("queue/people")],
}
KNOWN = [Reply(url="~.*", status=200, body={"known": True})]


def test_a_request_is_answered_as_it_was_wherever_it_stands_now() -> None:
    document = tree([REQUEST, LOOKS])
    recording = recorded(document, user("jana"), replies=KNOWN)
    moved = tree([go("later")], decisions={"later": {"title": "Later", "actions": [say("Hm"), REQUEST, LOOKS]}})
    found = verdict(recording, moved, document)
    assert isinstance(found, Moved), "another decision is visited"
    assert found.new.place == "terminates/bye"
    assert found.unknown_from is None


def test_an_answer_is_not_given_to_another_question() -> None:
    document = tree([REQUEST, LOOKS])
    other = changed(document, f"{START}/actions/0/url", "https://x.example.com/v2/{{ message.text }}")
    found = verdict(recorded(document, user("jana"), replies=KNOWN), other, document)
    assert isinstance(found, Undecided)
    assert found.unknown_from.needs == "request"
    assert found.unknown_from.path == f"{START}/actions/0"
    assert "GET https://x.example.com/v2/jana" in found.unknown_from.why


def test_another_body_is_another_question() -> None:
    posts = {**REQUEST, "method": "POST", "body": {"a": ["{{ message.text }}"]}}
    document = tree([posts, LOOKS])
    recording = recorded(document, user("jana"), replies=KNOWN)
    assert verdict(recording, document) is None
    assert isinstance(verdict(recording, changed(document, f"{START}/actions/0/body", {"a": []})), Undecided)


def test_each_answer_is_given_once() -> None:
    document = tree([REQUEST, say("{{ got.body }}"), go("terminate/bye", {"type": "pattern", "pattern": "/never/"})])
    recording = recorded(document, user("jana"), replies=KNOWN)
    found = verdict(recording, changed(document, f"{START}/actions/1+", REQUEST))
    assert isinstance(found, Undecided)
    assert found.unknown_from.path == f"{START}/actions/1"


def test_without_what_was_asked_an_answer_is_known_by_its_place() -> None:
    document = tree([REQUEST, LOOKS])
    recording = recorded(document, user("jana"), replies=KNOWN)
    bare = recording.model_copy(
        update={"happened": tuple(one.model_copy(update={"asked": None}) for one in recording.happened)}
    )
    assert verdict(bare, document) is None
    assert isinstance(verdict(bare, changed(document, f"{START}/actions/0+", say("Hm"))), Undecided)


def test_secrets_are_compared_by_their_names() -> None:
    keyed = {**REQUEST, "url": "https://x.example.com/{{ secrets.key }}", "body": {"k": "{{ secrets.key }}"}}
    document = tree([keyed, LOOKS])
    recording = recorded(document, user("jana"), replies=KNOWN)
    [answered] = [one for one in recording.happened if isinstance(one.event, RequestAnswered)]
    assert answered.asked is not None
    assert (answered.asked.url, answered.asked.body) == ("https://x.example.com/secrets.key", {"k": "secrets.key"})
    assert verdict(recording, document) is None


def test_an_answer_takes_its_time_and_the_customer_may_write_meanwhile() -> None:
    """Two seconds passed until the answer; words that came within them were unread, and answer what asks nothing."""
    pattern = {"type": "pattern", "pattern": "/later/"}
    document = tree(
        [
            REQUEST,
            go("terminate/bye", pattern),
            go("queue/people", {"type": "pattern", "pattern": "/./", "default": True}),
        ]
    )
    recording = recorded(document, user("jana"), replies=KNOWN)
    opened, answered = recording.happened
    written = CustomerMessage(key="m:2", at=NOW + timedelta(seconds=1), text="later")
    slow = recording.model_copy(
        update={
            "happened": (
                opened,
                opened.model_copy(update={"at": written.at, "number": 5, "event": Wrote(messages=(written,))}),
                answered.model_copy(update={"at": NOW + timedelta(seconds=2)}),
            ),
            "until": NOW + timedelta(seconds=3),
        }
    )
    replay = Replay(graph_of(document), slow).run()
    assert replay.now == NOW + timedelta(seconds=2)
    assert stops(replay.visited)[-1].path == "terminates/bye"


def test_a_ticket_keeps_its_number_and_a_new_one_has_none_yet() -> None:
    ticket = {"type": "create_ticket", "title": "T", "category": "c"}
    document = tree([ticket, say("Ticket {{ ticket.number }}"), *ASK], categories={"c": {"title": "C"}})
    recording = recorded(document, user("hi"))
    assert [one.event for one in recording.happened if isinstance(one.event, TicketCreated)]
    assert verdict(recording, document) is None
    again = verdict(recording, changed(document, f"{START}/actions/1+", ticket))
    assert isinstance(again, Reworded)
    assert again.new is not None
    assert again.new.text == "Ticket new"


# People and chatbots --------------------------------------------------------------------------------------------------

ACCEPTED = (feed(AgentAccepted(agent="anna")), feed(AgentWrote(key="a", agent="anna", text="Hello")))
CLOSED = feed(AgentClosed(agent="anna"))
QUEUE: Document = {
    "title": "People",
    "max_wait": 600,
    "overflow": {"type": "terminate", "name": "bye"},
    "after_close": {"type": "terminate", "name": "bye"},
}


def test_what_people_did_in_the_same_queue_they_do_again() -> None:
    document = tree([say("One moment"), go("queue/people")], queues={"people": QUEUE})
    recording = recorded(document, user("hi"), wait(60), *ACCEPTED, user("thanks"), CLOSED)
    found = verdict(recording, changed(document, "queues/people/after_close", None), document)
    assert isinstance(found, Moved)
    assert (found.turning.old_to, found.turning.new_to) == ("terminates/bye", "queues/people")
    assert (found.new.cause, found.new.answered) == ("user", True)


def test_what_other_people_would_do_is_not_known() -> None:
    document = tree([go("queue/people")], queues={"people": QUEUE, "others": QUEUE})
    recording = recorded(document, user("hi"), wait(60), *ACCEPTED, CLOSED)
    found = verdict(recording, changed(document, f"{START}/actions/0/to/name", "others"), document)
    assert isinstance(found, Moved)
    assert found.new.place == "queues/others"
    assert not found.new.ended
    assert found.unknown_from is not None
    assert (found.unknown_from.needs, found.unknown_from.path) == ("people", "queues/others")


@pytest.mark.parametrize(("limit", "kind"), [(300, "known"), (1200, "unknown")])
def test_nobody_accepts_sooner_but_perhaps_later(limit: int, kind: str) -> None:
    document = tree([go("queue/people")], queues={"people": QUEUE})
    recording = recorded(document, user("hi"), wait(600), until=timedelta(hours=1))
    found = verdict(recording, changed(document, "queues/people/max_wait", limit), document)
    if kind == "known":
        assert found is None, "nobody accepted within 10 minutes, so nobody does within 5"
    else:
        assert isinstance(found, Undecided)
        assert found.unknown_from.needs == "people"


def test_what_a_chatbot_said_it_says_again() -> None:
    document = tree([go("chatbot/robot")], chatbots={"robot": ROBOT})
    reply = BotReplied(key="b", text="Which?", quickreplies=(BotQuickReply(name="x", text="Red"),))
    recording = recorded(
        document, user("hi"), feed(reply), tap("Red"), feed(BotReplied(key="c", transfer="people")), CLOSED
    )
    assert verdict(recording, document, document) is None
    longer = changed(document, f"{START}/actions/0+", say("A moment"))
    assert isinstance(verdict(recording, longer, document), Reworded)


def test_a_chatbot_that_failed_fails_again() -> None:
    document = tree([go("chatbot/robot")], chatbots={"robot": ROBOT})
    recording = recorded(document, user("hi"), replies=[Reply(url="~.*", error="down")])
    assert recording.ended is not None
    found = verdict(
        recording, changed(document, "chatbots/robot/fallback", {"type": "queue", "name": "people"}), document
    )
    assert isinstance(found, Moved)
    assert found.turning.new is not None
    assert found.turning.new.why == "the chatbot failed: down"


def test_what_another_chatbot_would_say_is_not_known() -> None:
    document = tree([go("chatbot/robot")], chatbots={"robot": ROBOT, "other": ROBOT})
    recording = recorded(document, user("hi"), feed(BotReplied(key="b", transfer="people")))
    found = verdict(recording, changed(document, f"{START}/actions/0/to/name", "other"), document)
    assert isinstance(found, Moved)
    assert found.unknown_from is not None
    assert found.unknown_from.needs == "chatbot"


def test_a_chatbot_may_say_more_when_it_is_waited_for_longer() -> None:
    idle = {"after": 60, "to": {"type": "terminate", "name": "bye"}}
    document = tree([go("chatbot/robot")], chatbots={"robot": ROBOT}, connector={"idle": idle})
    recording = recorded(document, user("hi"), wait(60), until=timedelta(days=1))
    assert verdict(recording, changed(document, "connectors/shop/idle/after", 30)) is None
    later = verdict(recording, changed(document, "connectors/shop/idle/after", 90))
    assert isinstance(later, Undecided)
    assert later.unknown_from.needs == "chatbot"


def test_a_takeover_happens_where_the_person_saw_the_same() -> None:
    document = tree(ASK, connector={"takeover_queue": "people"})
    takes = feed(AgentWrote(key="app", text="I do that", sent=True))
    recording = recorded(document, user("hi"), takes)
    assert verdict(recording, document, document) is None
    elsewhere = changed(document, f"{START}/actions/0+", go("terminate/bye"))
    found = verdict(recording, elsewhere, document)
    assert isinstance(found, Moved)
    assert found.new.terminate == "bye"


# Time -----------------------------------------------------------------------------------------------------------------


def test_a_longer_patience_moves_nobody_who_stays_silent() -> None:
    document = tree(ASK, no_answer={"after": 3600, "to": {"type": "terminate", "name": "bye"}})
    recording = recorded(document, user("hi"), wait(3600), until=timedelta(days=1))
    longer = changed(document, f"{START}/no_answer/after", 7200)
    assert verdict(recording, longer, document) is None
    soon = recording.model_copy(update={"until": NOW + timedelta(seconds=5400)})
    found = verdict(soon, longer, document)
    assert isinstance(found, Moved), "as far as it is known, the conversation still waits"
    assert found.turning.new_to == START


def test_words_after_an_earlier_end_would_open_another_conversation() -> None:
    document = tree(ASK, no_answer={"after": 3600, "to": {"type": "terminate", "name": "bye"}})
    recording = recorded(document, user("hi"), wait(1800), user("hm", "well"), tap("No"))
    found = verdict(recording, changed(document, f"{START}/no_answer/after", 60), document)
    assert isinstance(found, Moved)
    assert found.new.terminate == "bye"
    assert found.left == 3


def test_what_was_written_before_the_question_left_is_no_answer() -> None:
    document = tree([say("?"), go("terminate/bye", {"type": "pattern", "pattern": "/yes/"})])
    recording = recorded(document, user("hi"), wait(1), user("yes"))
    assert recording.ended is not None
    assert recording.said is not None
    late = tuple(one.model_copy(update={"left": NOW + timedelta(seconds=2)}) for one in recording.said)
    found = verdict(recording.model_copy(update={"said": late}), document)
    assert isinstance(found, Moved), "the question left two seconds later, so the words of the first are no answer"
    assert found.new.place == START


def test_going_round_for_ever_stops() -> None:
    again = {"title": "A", "messages": [{"time": 1}], "next": {"type": "automessage", "name": "a"}}
    document = tree(ASK, automessages={"a": again})
    recording = recorded(document, user("hi"), until=timedelta(days=1))
    found = verdict(recording, changed(document, "connectors/shop/next", {"type": "automessage", "name": "a"}))
    assert isinstance(found, Moved)
    assert found.unknown_from is not None
    assert found.unknown_from.needs == "rest"
    assert str(MOST_TIMES) in found.unknown_from.why


# Recordings that say too little ---------------------------------------------------------------------------------------


def test_what_does_not_come_out_on_its_own_revision_is_blamed_on_nothing() -> None:
    document = tree(ASK)
    recording = recorded(document, user("hi"), tap("Yes"))
    # The tap was lost, and so the recording cannot tell why the conversation ended.
    lost = recording.model_copy(update={"happened": recording.happened[:1]})
    other = changed(document, "terminates/bye/title", "Goodbye")
    assert isinstance(verdict(lost, other), Moved)
    assert isinstance(verdict(lost, other, document), Unfaithful)
    graph = graph_of(document)
    report = impact(graph_of(other), [lost, recording], lambda _: graph)
    assert [one.conversation.name for one in report.unfaithful] == [lost.name]
    assert (report.compared, report.same) == (2, 1)


def test_a_revision_that_is_no_longer_known_is_no_hindrance() -> None:
    document = tree(ASK)
    recording = recorded(document, user("hi"), tap("Yes"))
    other = changed(document, f"{START}/actions/1/to", {"type": "queue", "name": "people"})
    assert isinstance(compare(graph_of(other), recording, lambda _: None), Moved)


def test_a_connector_that_is_gone_moves_everybody() -> None:
    document = tree(ASK)
    gone = copy.deepcopy(document)
    gone["connectors"] = {"other": gone["connectors"]["shop"]}
    found = verdict(recorded(document, user("hi")), gone)
    assert isinstance(found, Moved)
    assert (found.turning.new_to, found.new.cause) == ("connectors/shop", "system")


# Any step can be opened -----------------------------------------------------------------------------------------------


def test_a_recording_runs_up_to_any_step() -> None:
    document = tree(ASK, queues={"people": {"title": "People"}})
    recording = recorded(document, user("hi"), wait(5), tap("No"), wait(5), *ACCEPTED, CLOSED)
    graph = graph_of(document)
    for number in range(1, len(recording.trace) + 1):
        replay = Replay(graph, recording).run(number)
        assert len(replay.visited) >= number
        assert replay.visited == list(recording.trace[: len(replay.visited)])
    assert Replay(graph, recording).run(1).conversation.waiting.type == "answer"
    assert Replay(graph, recording).run(len(recording.trace)).conversation.waiting.type == "ended"


def test_the_customer_and_the_fields_are_those_of_then() -> None:
    document = tree([say("{{ customer.name }} {{ contact.plant }}"), *ASK], custom_fields={"plant": {"title": "Plant"}})
    graph = graph_of(document)
    world = Recorder(graph, "shop", at=NOW, customer=Customer(id="7", name="Jana"), contact={"plant": "Fern"})
    world.user("hi")
    assert Replay(graph, world.recording()).run().said[0].text == "Jana Fern"
