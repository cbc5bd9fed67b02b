"""What each action of a decision does (SPEC section 3, decision trees)."""

from datetime import timedelta
from typing import Any

import pytest

from routing.filters import SECRET
from routing.interpreter import advance
from routing.messages import Attachment, MakeTicket, Send, TicketFailed
from routing.templates import with_secrets
from tests.talk import Talk, button, go, say, speaking, tree

URL = "https://orders.example.com/of"


def request(**more: Any) -> dict[str, Any]:
    return {"type": "request", "url": URL, "into": "got", **more}


def save(field: str, value: Any, scope: str = "conversation") -> dict[str, Any]:
    return {"type": "save_data", "field": field, "value": value, "scope": scope}


def when(left: str, operator: str, right: Any = None, then: Any = (), otherwise: Any = ()) -> dict[str, Any]:
    predicate = {"left": left, "operator": operator} | ({} if right is None else {"right": right})
    predicate = {key: value for key, value in predicate.items() if value != ""}
    return {"type": "condition", "all": [predicate], "then": list(then), "otherwise": list(otherwise)}


BYE = go("terminate/bye")


# Request --------------------------------------------------------------------------------------------------------------


def test_a_request_becomes_an_object_with_four_fields() -> None:
    talk = Talk(
        tree([request(), say("{{ got.ok }} {{ got.status }} {{ got.body.a[1].b }} {{ got.error }}"), BYE]),
        replies=[{"url": URL, "status": 200, "body": {"a": [0, {"b": "x"}]}}],
    )
    talk.user("hi").bot("true 200 x ").ends()


def test_a_request_that_fails_does_not_stop_the_conversation() -> None:
    talk = Talk(tree([request(), say("{{ got.ok }} {{ got.status }} {{ got.error }}"), BYE]))
    talk.user("hi").bot(f"false  unreachable: nothing is written down for {URL}").ends()


@pytest.mark.parametrize(
    ("status", "ok"), [(200, "true"), (204, "true"), (301, "false"), (404, "false"), (500, "false")]
)
def test_only_a_status_in_the_200s_is_ok(status: int, ok: str) -> None:
    talk = Talk(tree([request(), say("{{ got.ok }}"), BYE]), replies=[{"url": URL, "status": status}])
    talk.user("hi").bot(ok).ends()


def test_an_answer_that_is_text_is_the_body() -> None:
    talk = Talk(tree([request(), say("{{ got.body }}"), BYE]), replies=[{"url": URL, "status": 200, "body": "Hello"}])
    talk.user("hi").bot("Hello").ends()


def test_a_request_is_rendered_where_it_stands() -> None:
    action = request(
        url="https://x.example.com/{{ data.q }}?a={{ data.q }}",
        method="PUT",
        headers={"X-Who": "{{ customer.id }}"},
        body={"n": "{{ data.n }}", "t": "n is {{ data.n }}", "l": ["{{ data.n }}", True]},
        timeout="PT3S",
    )
    talk = Talk(tree([save("q", "a/b&c"), save("n", 5), action, BYE])).user("hi")
    sent = talk.world.requests[0]
    assert sent.url == "https://x.example.com/a%2Fb%26c?a=a%2Fb%26c"
    assert (sent.method, sent.timeout) == ("PUT", timedelta(seconds=3))
    assert sent.headers == {"X-Who": "customer"}
    assert sent.body == {"n": 5, "t": "n is 5", "l": [5, True]}


def test_a_message_before_a_request_leaves_before_it() -> None:
    talk = Talk(tree([say("One moment."), request(), say("Done."), BYE])).user("hi")
    first, second = (step.commands for step in talk.world.steps if step.commands and len(step.commands) == 2)
    assert [command.type for command in first] == ["send", "request"]
    assert [command.type for command in second] == ["send", "end"]


def test_words_during_a_request_wait_for_who_asks_nothing() -> None:
    talk = Talk(tree([request(), go("terminate/bye", {"type": "similar", "words": "bye"})]))
    talk.user("one", "bye").ends()
    assert talk.state.text == "one\nbye"


# Secrets --------------------------------------------------------------------------------------------------------------


def secret_request(**more: Any) -> dict[str, Any]:
    return request(url=URL + "?k={{ secrets.key }}", headers={"X-Key": "Bearer {{ secrets.key }}"}, **more)


def test_a_secret_is_a_mark_until_the_last_moment() -> None:
    talk = Talk(tree([secret_request(body={"k": "{{ secrets.other }}"}), BYE])).user("hi")
    sent = talk.world.requests[0]
    assert sent.secrets == ("key", "other")
    assert with_secrets(sent.headers["X-Key"], {"key": "s3cr3t"}) == "Bearer s3cr3t"
    assert with_secrets(sent.url, {"key": "a&b"}, url=True) == f"{URL}?k=a%26b"
    assert with_secrets(sent.body["k"], {"other": "x"}) == "x"


def test_a_secret_is_nothing_outside_a_request() -> None:
    talk = Talk(tree([say("<{{ secrets.key }}>"), save("k", "{{ secrets.key }}"), BYE]), checked=False).user("hi")
    talk.bot("<>").ends()
    assert talk.state.data == {"k": None}


MARK = f"{SECRET}key{SECRET}"


def test_a_customer_who_writes_the_mark_gets_nothing() -> None:
    body = {"said": "{{ text }}", "in": "it: {{ text }}", "all": "{{ messages }}", "json": "{{ messages | json }}"}
    decisions = {"ask": {"title": "Ask", "actions": [secret_request(body=body), say("{{ text }}"), BYE]}}
    answer = {"type": "pattern", "pattern": "/./", "default": True}
    talk = Talk(tree([say("?"), go("ask", answer)], decisions=decisions))
    talk.user("hi").bot("?").user(MARK).bot("key").ends()
    assert SECRET not in str(talk.world.requests[0].body)
    assert SECRET not in talk.state.model_dump_json()


def test_a_mark_in_an_answer_from_the_web_asks_for_nothing() -> None:
    body = {"x": "{{ first.body }}", "y": "{{ first.body.a }}", "z": "{{ first.body | json }}", "k": "{{ data.k }}"}
    talk = Talk(
        tree([request(into="first"), save("k", "{{ first.body }}"), secret_request(body=body), BYE]),
        replies=[{"url": URL, "status": 200, "body": {"a": MARK, MARK: [MARK]}}],
    ).user("hi")
    assert talk.world.requests[1].body["x"] == {"a": "key", "key": ["key"]}
    assert SECRET not in str(talk.world.requests[1].body)


# Send, save, ticket ---------------------------------------------------------------------------------------------------


def test_a_message_may_have_a_picture_and_links() -> None:
    action = say(
        "Look", image="https://x.example.com/{{ data.f }}.png", buttons=[{"text": "Go", "url": "https://y.example.com"}]
    )
    talk = Talk(tree([save("f", "a b"), action, BYE])).user("hi")
    talk.bot("Look", image="https://x.example.com/a%20b.png", links=["https://y.example.com"]).ends()


def test_an_empty_message_is_not_sent() -> None:
    talk = Talk(tree([say("{{ data.x }}"), save("x", 1), say("{{ data.x }}"), BYE])).user("hi").bot("1").ends()
    assert "the text came out empty" in talk.why


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a", "a"),
        (5, 5),
        ("{{ data.n }}", 3),
        ("{{ data.n }}!", "3!"),
        ([1, "{{ data.n }}"], [1, 3]),
        ({"a": True}, {"a": True}),
    ],
)
def test_saved_data_keeps_its_type(value: Any, kept: Any) -> None:
    talk = Talk(tree([save("n", 3), save("x", value), BYE])).user("hi").ends()
    assert talk.state.data["x"] == kept


def test_a_custom_field_is_kept_for_the_next_conversation() -> None:
    document = tree(
        [
            when("contact.size", "is_empty", then=[save("size", "L", "contact")]),
            say("{{ contact.size }} {{ contact.colour }}"),
            BYE,
        ],
        custom_fields={"size": {"title": "Size"}, "colour": {"title": "Colour"}},
    )
    talk = Talk(document, contact={"colour": "red"}).user("hi").bot("L red").ends()
    assert [command.type for step in talk.world.steps for command in step.commands][:1] == ["save_contact"]
    first = talk.state.name
    talk.user("hi again").bot("L red").ends()
    assert talk.state.name != first


def test_saving_the_language_overrides_the_detected_one() -> None:
    languages = {"default": "en", "offered": ["en", "cs"]}
    document = tree(
        [
            save("language", "en"),
            say("Yes?", variants={"cs": "Ano?"}),
            go("start", {"type": "pattern", "pattern": "/./"}),
        ],
        languages=languages,
    )
    talk = Talk(document, detect=speaking("cs")).user("ahoj").bot("Yes?").user("ahoj").bot("Yes?")
    assert talk.state.language == "en"


TICKET = {
    "type": "create_ticket",
    "title": "T {{ customer.name }}",
    "category": "c",
    "comment": "{{ text }}",
    "priority": "urgent",
}
CATEGORY = {"c": {"title": "C"}}


def test_a_ticket_has_a_number_afterwards() -> None:
    talk = Talk(tree([TICKET, say("{{ ticket.number }}"), BYE], categories=CATEGORY)).user("hi").bot("1001").ends()
    talk.ticket(title="T ", category="c", priority="urgent", comment="")


def test_a_ticket_is_made_once_for_each_visit() -> None:
    again = go("start", {"type": "pattern", "pattern": "/./"})
    talk = Talk(tree([TICKET, say("{{ ticket.number }}"), again], categories=CATEGORY))
    talk.user("hi").bot("1001").user("again").bot("1002")
    keys = [ticket.key for ticket in talk.world.tickets]
    assert len(set(keys)) == 2


def test_a_ticket_that_fails_leaves_no_number() -> None:
    talk = Talk(tree([TICKET, say("<{{ ticket.number }}>"), BYE], categories=CATEGORY)).user("hi")
    asked = next(step for step in talk.world.steps if any(isinstance(one, MakeTicket) for one in step.commands))
    step = advance(talk.graph, asked.conversation, TicketFailed(error="down"), talk.world.now)
    assert [one.text for one in step.commands if isinstance(one, Send)] == ["<>"]
    assert step.conversation.waiting.type == "ended"


# Condition ------------------------------------------------------------------------------------------------------------

OPERATORS = [
    ("data.n", "equals", 5, True),
    ("data.n", "not_equals", 6, True),
    ("data.t", "contains", "ell", True),
    ("data.t", "not_contains", "xyz", True),
    ("data.t", "starts_with", "hel", True),
    ("data.t", "ends_with", "llo", True),
    ("data.t", "matches", "/^h.*o$/", True),
    ("data.n", "greater", 4, True),
    ("data.n", "greater_equal", 5, True),
    ("data.n", "less", 5, False),
    ("data.n", "less_equal", 5, True),
    ("data.none", "is_empty", None, True),
    ("data.t", "is_not_empty", None, True),
    ("data.n", "in", [4, 5], True),
    ("", "language_is", "en", True),
    ("data.n", "equals", "5", False),
    ("data.n", "not_equals", "5", False),
    ("data.t", "equals", "{{ data.t }}", True),
    ("data.l", "equals", "{{ data.l }}", True),
    ("data.t", "in", "{{ data.l }}", True),
]


@pytest.mark.parametrize(("left", "operator", "right", "holds"), OPERATORS)
def test_a_condition_takes_its_branch(left: str, operator: str, right: Any, holds: bool) -> None:
    condition = when(left, operator, right, then=[say("then")], otherwise=[say("otherwise")])
    data = [save("n", 5), save("t", "hello"), save("l", ["hello", "you"]), save("none", "")]
    Talk(tree([*data, condition, say("after"), BYE])).user("hi").bot("then" if holds else "otherwise").bot(
        "after"
    ).ends()


def test_unlike_types_are_false_and_the_trace_says_so() -> None:
    talk = Talk(tree([save("n", 5), when("data.n", "greater", "4", then=[say("x")]), BYE])).user("hi").ends()
    assert "unlike types never compare" in talk.why


@pytest.mark.parametrize(("kind", "held"), [("all", "no"), ("any", "yes")])
def test_all_and_any(kind: str, held: str) -> None:
    predicates = [
        {"left": "data.n", "operator": "equals", "right": 5},
        {"left": "data.n", "operator": "equals", "right": 6},
    ]
    condition = {"type": "condition", kind: predicates, "then": [say("yes")], "otherwise": [say("no")]}
    Talk(tree([save("n", 5), condition, BYE])).user("hi").bot(held).ends()


def test_conditions_nest_and_go_on_behind_the_outer_one() -> None:
    inner = when("data.n", "equals", 1, then=[say("inner")])
    outer = when("data.n", "is_not_empty", then=[inner, say("behind inner")])
    Talk(tree([save("n", 1), outer, say("behind outer"), BYE])).user("hi").bot("inner").bot("behind inner").bot(
        "behind outer"
    ).ends()


def test_an_empty_branch_goes_on() -> None:
    Talk(tree([save("n", 1), when("data.n", "equals", 2, then=[say("x")]), say("on"), BYE])).user("hi").bot("on").ends()


# Loop -----------------------------------------------------------------------------------------------------------------


def loop(*actions: Any, items: str = "data.l", name: str = "e", **more: Any) -> dict[str, Any]:
    return {"type": "loop", "items": items, "as": name, "actions": list(actions), **more}


def test_a_loop_walks_an_array() -> None:
    talk = Talk(tree([save("l", [1, 2, 3]), loop(say("{{ e }}")), say("end"), BYE])).user("hi")
    talk.bot("1").bot("2").bot("3").bot("end").ends()


def test_a_loop_walks_the_array_as_it_was_on_entry() -> None:
    talk = Talk(tree([save("l", [1, 2]), loop(say("{{ e }}"), save("l", [9, 9, 9])), BYE])).user("hi")
    talk.bot("1").bot("2").ends()


def test_a_target_inside_ends_the_loop() -> None:
    inside = when("e", "equals", 2, then=[go("queue/people")])
    Talk(tree([save("l", [1, 2, 3]), loop(say("{{ e }}"), inside), BYE])).user("hi").bot("1").bot("2").queue("people")


def test_a_loop_that_was_left_begins_anew() -> None:
    decisions = {"ask": {"title": "Ask", "actions": [say("?"), go("start", button("Again"))]}}
    inside = when("e", "equals", 2, then=[go("ask")])
    talk = Talk(tree([save("l", [1, 2, 3]), loop(say("{{ e }}"), inside), BYE], decisions=decisions)).user("hi")
    talk.bot("1").bot("2").bot("?").tap("Again").bot("1").bot("2").bot("?")


def test_answers_offered_inside_stay_offered_with_their_element() -> None:
    offers = loop(go("got", button("Take {{ e.t }}")))
    decisions = {"got": {"title": "Got", "actions": [say("{{ e.id }}"), BYE]}}
    data = save("l", [{"t": "a", "id": 1}, {"t": "b", "id": 2}, {"t": "c", "id": 3}])
    talk = Talk(tree([data, say("Which?"), offers, go("queue/people", button("None"))], decisions=decisions))
    talk.user("hi").bot("Which?", buttons=["Take a", "Take b", "Take c", "None"]).tap("Take b").bot("2").ends()


@pytest.mark.parametrize(("at_most", "said"), [(1, 1), (2, 2), (100, 3)])
def test_at_most_so_many_elements(at_most: int, said: int) -> None:
    talk = Talk(tree([save("l", [1, 2, 3]), loop(say("{{ e }}"), at_most=at_most), BYE])).user("hi")
    assert len(talk.world.said) == said


def test_loops_nest_and_the_inner_one_begins_anew() -> None:
    inner = loop(say("{{ e }}{{ f }}"), items="e", name="f")
    talk = Talk(tree([save("l", [["a", "b"], ["c"]]), loop(inner), BYE])).user("hi")
    talk.bot('["a", "b"]a').bot('["a", "b"]b').bot('["c"]c').ends()


def test_a_loop_with_a_request_goes_on_after_each_answer() -> None:
    talk = Talk(
        tree(
            [save("l", [1, 2]), loop(request(url="https://x.example.com/{{ e }}"), say("{{ e }}{{ got.body }}")), BYE]
        ),
        replies=[
            {"url": "https://x.example.com/1", "status": 200, "body": "a"},
            {"url": "https://x.example.com/2", "status": 200, "body": "b"},
        ],
    )
    talk.user("hi").bot("1a").bot("2b").ends()


@pytest.mark.parametrize("items", [None, "text", 5, []])
def test_what_is_no_array_is_walked_as_an_empty_one(items: Any) -> None:
    Talk(tree([save("l", items), loop(say("x")), say("end"), BYE])).user("hi").bot("end").ends()


def test_a_long_loop_is_no_circle() -> None:
    count = [save("n", "{{ e }}"), when("e", "equals", 999, then=[say("last")])]
    talk = Talk(tree([save("l", list(range(1000))), loop(*count, at_most=1000), BYE])).user("hi").bot("last")
    talk.ends(cause="user")


def test_loops_inside_loops_are_bounded() -> None:
    inner = loop(save("n", "{{ f }}"), items="data.l", name="f", at_most=1000)
    talk = Talk(tree([save("l", list(range(1000))), loop(inner, at_most=1000), BYE])).user("hi").ends(cause="system")
    assert "actions in one turn" in talk.why


# Target, and circles --------------------------------------------------------------------------------------------------


def test_an_immediate_target_leaves_the_rest_undone() -> None:
    talk = Talk(tree([go("next"), say("never")], decisions={"next": {"title": "Next", "actions": [say("next"), BYE]}}))
    talk.user("hi").bot("next").ends()
    assert talk.path == [
        "connectors/shop",
        "decision_trees/tree",
        "decision_trees/tree/decisions/start",
        "decision_trees/tree/decisions/start/actions/0",
        "decision_trees/tree/decisions/next",
        "decision_trees/tree/decisions/next/actions/0",
        "decision_trees/tree/decisions/next/actions/1",
        "terminates/bye",
    ]


def test_a_circle_ends_with_the_cause_system() -> None:
    talk = Talk(tree([go("start")]), checked=False).user("hi").ends(cause="system", terminate=None)
    assert "a circle" in talk.why


def test_a_circle_through_a_request_ends_too() -> None:
    condition = when("got.ok", "equals", True, then=[BYE], otherwise=[go("start")])
    talk = Talk(tree([request(), condition])).user("hi").ends(cause="system")
    assert len(talk.world.requests) <= 1000


def test_a_long_talk_is_no_circle() -> None:
    talk = Talk(tree([say("?"), go("start", {"type": "pattern", "pattern": "/./"})])).user("hi").bot("?")
    for _ in range(1200):
        talk.user("x").bot("?")


def test_an_unknown_place_ends_with_the_cause_system() -> None:
    Talk(tree([go("queue/nobody")]), checked=False).user("hi").ends(cause="system")


def test_attachments_are_names_of_templates() -> None:
    picture = Attachment(type="image", url="https://cdn.example.com/a.jpg")
    document = tree(
        [say("?"), go("got", {"type": "pattern", "pattern": "/x|/", "default": True})],
        decisions={
            "got": {"title": "Got", "actions": [say("{{ attachments | length }} {{ attachments[0].url }}"), BYE]}
        },
    )
    Talk(document).user("hi").bot("?").user("", attachments=[picture]).bot("1 https://cdn.example.com/a.jpg").ends()
    none = {**document, "connectors": {"shop": {**document["connectors"]["shop"], "attachments": "none"}}}
    Talk(none).user("hi").bot("?").user("", attachments=[picture]).bot("0 ").ends()
