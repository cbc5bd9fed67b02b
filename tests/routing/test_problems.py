"""check(): one planted mistake for every code, many at once, and never an exception."""

import copy
import cProfile
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.documents import read
from routing.graph import Graph
from routing.problems import CODES, check, names
from routing.templates import inspect

ROOT = Path(__file__).parents[2]
GOOD: Any = read((ROOT / "tests/configurations/everything.yaml").read_text())
GONE = object()
"""Stands for a value that is taken out."""

WELCOME = "decision_trees/reception/decisions/welcome"
COURSES = "decision_trees/reception/decisions/courses"
BOOKED = "decision_trees/reception/decisions/booked"
GEAR = "decision_trees/reception/decisions/gear"
SIZES = "decision_trees/lending/decisions/sizes"
TO_DESK = {"type": "target", "to": {"type": "queue", "name": "desk"}}
SAY = {"type": "send_message", "text": "42"}


def button(text: str, **more: Any) -> dict[str, Any]:
    answer = {"type": "button", "text": text, "variants": {"de": text}, **more}
    return {**TO_DESK, "execution": "when_client_chooses", "answer": answer}


def written(sort: str, text: str, **more: Any) -> dict[str, Any]:
    field = {"pattern": "pattern", "similar": "words"}[sort]
    return {**TO_DESK, "execution": "when_client_chooses", "answer": {"type": sort, field: text, **more}}


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


class Planted(NamedTuple):
    """Set the value at `at`; then there is exactly one problem, `code`, at `path` (default: `at`)."""

    code: str
    at: str
    value: Any
    path: str | None = None
    cure: str = ""
    severity: str = "error"


TABLE = [
    # Shape
    Planted("wrong-type", "queues/desk/title", 5, cure="put it in quotes"),
    Planted("wrong-type", "queues/desk/agents", "mia", cure="write a list"),
    Planted("wrong-type", "queues", [], cure="a mapping"),
    Planted("wrong-type", f"{WELCOME}/actions/0", "say hello", cure="a mapping whose `type` is one of"),
    Planted("wrong-type", f"{BOOKED}/actions/0/value", {1, 2}, cure="in quotes"),
    Planted("unknown-field", "queues/desk/prioritty", 1, cure="did you mean `priority`?"),
    Planted("unknown-field", "time_groups/desk/definitions/0/from_", "10:00", cure="did you mean `from`?"),
    Planted("missing-field", "queues/desk/title", GONE, cure="add it (a text)"),
    Planted("missing-field", f"{GEAR}/actions/1/type", GONE, cure="`send_message`"),
    Planted("missing-field", "format", GONE),
    Planted(
        "unknown-type", f"{COURSES}/actions/1/otherwise/1/type", "send_mesage", cure="did you mean `send_message`?"
    ),
    Planted("unknown-type", f"{WELCOME}/actions/1/answer/type", "buton", cure="did you mean `button`?"),
    Planted(
        "unknown-type", "time_groups/holidays/definitions/0/system", "holiday", cure="did you mean `public_holidays`?"
    ),
    Planted("unknown-type", "connectors/gym/next/type", "time_conditon", cure="did you mean `time_condition`?"),
    Planted("unknown-value", f"{COURSES}/actions/1/all/0/operator", "equal", cure="did you mean `equals`?"),
    Planted("unknown-value", f"{COURSES}/actions/0/method", "SEND", cure="`POST`"),
    Planted("bad-name", "queues/Big Desk", {"title": "Big"}, cure="small letters"),
    Planted("bad-name", f"{COURSES}/actions/0/into", "of-fer", cure="letters, digits and `_`"),
    Planted("bad-duration", "queues/desk/ring_time", "soon", cure="`PT2M`"),
    Planted("bad-duration", "queues/desk/ring_time", [1], cure="`PT2M`"),
    Planted("bad-clock", "time_groups/desk/definitions/0/from", "9:00", cure="`09:30`"),
    Planted("bad-date", "time_groups/holidays/definitions/1/dates/first", "24.12.", cure="`2026-12-24`"),
    Planted("bad-date", "time_groups/holidays/definitions/1/dates/last", 20270101, cure="`2026-12-24`"),
    Planted("bad-url", "chatbots/coach/url", "bot.example.com", cure="https://"),
    Planted("bad-url", f"{COURSES}/actions/0/url", "ftp://gym.example.com", cure="https://"),
    Planted("bad-url", f"{WELCOME}/actions/0/image", "wall.png", cure="https://"),
    Planted("bad-url", f"{WELCOME}/actions/0/buttons/0/url", "gym.example.com/{{ text }}", cure="https://"),
    Planted("bad-secret", "chatbots/coach/secret", "hunter2", cure="`secrets.<name>`"),
    Planted("bad-character", "queues/desk/title", "De\0sk", cure="remove it"),
    Planted("bad-character", "queues/desk/title", "De\ud800sk", cure="remove it"),
    Planted("out-of-range", "queues/desk/priority", 11, cure="at most 10"),
    Planted("out-of-range", "chatbots/coach/timeout", 500, cure="at most 2 minutes"),
    Planted("out-of-range", "queues/desk/max_wait", 0, cure="more than 0 seconds"),
    Planted(
        "too-long", "connectors/gym/ice_breakers", [{"question": str(n), "payload": "x"} for n in range(5)], cure="4"
    ),
    Planted("too-long", "queues/desk/title", "x" * 201, cure="200"),
    Planted("too-short", "queues/desk/title", "", cure="at least 1"),
    Planted("too-short", "automessages/greeting/messages", [], cure="at least 1"),
    Planted(
        "all-and-any",
        f"{BOOKED}/actions/2/all",
        [{"left": "text", "operator": "is_empty"}],
        f"{BOOKED}/actions/2",
        "keep one",
    ),
    Planted("all-and-any", f"{BOOKED}/actions/2/any", GONE, f"{BOOKED}/actions/2", "keep one"),
    Planted("answer-and-execution", f"{GEAR}/actions/1/answer", GONE, f"{GEAR}/actions/1", "needs an `answer`"),
    Planted("answer-and-execution", f"{GEAR}/actions/1/execution", GONE, f"{GEAR}/actions/1", "`when_client_chooses`"),
    Planted("too-deep", f"{BOOKED}/actions/0/value", deep(200), "", "split"),
    Planted("too-many-actions", f"{GEAR}/actions", [SAY] * 50 + [TO_DESK], "decision_trees", "split"),
    # Names
    Planted("unknown-destination", "connectors/gym/next/name", "desk-hour", cure="did you mean `desk-hours`?"),
    Planted("unknown-destination", "connectors/gym/idle/to/name", "quiet", cure="known: "),
    Planted("unknown-destination", f"{SIZES}/actions/2/to/name", "coachs", cure="did you mean `coaches`?"),
    Planted("unknown-decision", f"{WELCOME}/actions/1/to/name", "coures", cure="did you mean `courses`?"),
    Planted("unknown-decision", "decision_trees/reception/start", "wellcome", cure="did you mean `welcome`?"),
    Planted("unknown-time-group", "time_conditions/desk-hours/time_group", "desks", cure="did you mean `desk`?"),
    Planted("unknown-time-group", "time_groups/desk/groups/0", "holiday", cure="did you mean `holidays`?"),
    Planted("unknown-time-group", "categories/technical/sla/time_group", "dask", cure="did you mean `desk`?"),
    Planted("unknown-template", "terminates/night/auto_response", "close", cure="did you mean `closed`?"),
    Planted(
        "unknown-category", f"{COURSES}/actions/1/otherwise/0/category", "tecnical", cure="did you mean `technical`?"
    ),
    Planted(
        "unknown-custom-field", "chatbots/coach/send_custom_fields/0", "last_curse", cure="did you mean `last_course`?"
    ),
    Planted(
        "unknown-custom-field",
        f"{GEAR}/actions/0",
        {"type": "save_data", "field": "size", "value": 1, "scope": "contact"},
        f"{GEAR}/actions/0/field",
    ),
    Planted("unknown-queue", "connectors/gym/takeover_queue", "desc", cure="did you mean `desk`?"),
    Planted("unknown-queue", "terminates/night/queue", "dsk", cure="did you mean `desk`?"),
    Planted("unknown-cause", "terminates/silent/cause", "time_out", cure="did you mean `timeout`?"),
    Planted("no-connector", "connectors", {}, cure="add a connector", severity="warning"),
    Planted(
        "unreachable", "automessages/lost", {**GOOD["automessages"]["greeting"]}, cure="remove it", severity="warning"
    ),
    Planted("unreachable", "categories/lost", {"title": "Lost"}, cure="remove it", severity="warning"),
    Planted(
        "unreachable-decision",
        "decision_trees/lending/decisions/lost",
        {"title": "Lost", "actions": [TO_DESK]},
        cure="lead a target",
        severity="warning",
    ),
    # Flow
    Planted("never-run", f"{SIZES}/actions/3", SAY, cure="move it before", severity="warning"),
    Planted("never-run", f"{COURSES}/actions/1/otherwise/3", SAY, cure="move it before", severity="warning"),
    Planted("dead-end", f"{SIZES}/actions/2", GONE, SIZES, "add one taken immediately"),
    Planted("dead-end", f"{BOOKED}/actions/2/then", GONE, BOOKED, "add one taken immediately"),
    Planted("dead-end", f"{COURSES}/actions/1/otherwise/2", GONE, COURSES, "an answer"),
    Planted(
        "dead-end",
        f"{GEAR}/actions",
        [SAY, {"type": "condition", "all": [{"left": "text", "operator": "is_empty"}]}],
        GEAR,
    ),
    Planted("may-dead-end", f"{COURSES}/actions/1/then/1", GONE, COURSES, "`no_answer`", "warning"),
    Planted(
        "may-dead-end",
        f"{GEAR}/actions",
        [{"type": "loop", "items": "attachments", "as": "one", "actions": [button("{{ one.title }}")]}],
        GEAR,
        "`no_answer`",
        "warning",
    ),
    Planted(
        "never-waits", f"{SIZES}/no_answer", {"after": 5, "to": TO_DESK["to"]}, cure="remove it", severity="warning"
    ),
    Planted(
        "circle",
        f"{GEAR}/actions",
        [{"type": "target", "to": {"type": "decision", "name": "gear"}}],
        GEAR,
        "lead one of them elsewhere",
    ),
    Planted(
        "may-circle",
        f"{BOOKED}/actions/2/then/0/to",
        {"type": "decision", "name": "booked"},
        BOOKED,
        "let one of them wait",
        "warning",
    ),
    Planted(
        "circle",
        "time_conditions/desk-hours/open",
        {"type": "time_condition", "name": "desk-hours"},
        "time_conditions/desk-hours",
        "while `desk` is open",
    ),
    Planted("fallback-circle", "chatbots/coach/fallback", {"type": "chatbot", "name": "coach"}, cure="a queue"),
    Planted("time-group-circle", "time_groups/holidays/groups", ["desk"], cure="remove one of the links"),
    Planted(
        "overflow-to-itself",
        "queues/coaches",
        {**GOOD["queues"]["coaches"], "max_wait": 60, "overflow": {"type": "queue", "name": "coaches"}},
        "queues/coaches/overflow",
        "another destination",
        "warning",
    ),
    Planted(
        "outside-window",
        "queues/desk/after_close",
        {"type": "terminate", "name": "night"},
        "terminates/night/auto_response",
        "send nothing here",
        "warning",
    ),
    # Answers
    Planted(
        "duplicate-button",
        f"{WELCOME}/actions/4",
        button("a COURSE", variants={"de": "Kurs 2"}),
        f"{WELCOME}/actions/4/answer/text",
        "another title",
    ),
    Planted(
        "duplicate-button",
        f"{WELCOME}/actions/4",
        button("Course 2", variants={"de": "Ein Kurs"}),
        f"{WELCOME}/actions/4/answer/variants/de",
        "another title",
    ),
    Planted(
        "never-wins",
        f"{WELCOME}/actions/4",
        written("similar", "Rope, shoes", variants={"de": "Karte"}),
        f"{WELCOME}/actions/4/answer/words",
        "before it",
    ),
    Planted(
        "never-wins",
        f"{WELCOME}/actions/4",
        written("pattern", "/(?P<grade>[3-9][abc])/i", variants={"de": "/x/"}),
        f"{WELCOME}/actions/4/answer/pattern",
    ),
    Planted(
        "never-wins",
        f"{GEAR}/actions/2",
        written("pattern", "/[0-9]/"),
        f"{GEAR}/actions/2/answer/pattern",
        "move this before",
    ),
    Planted(
        "never-wins", f"{GEAR}/actions/2", button("Gear"), f"{GEAR}/actions/2/answer/text", "only a tap", "warning"
    ),
    Planted(
        "two-defaults",
        f"{COURSES}/actions/1/then/2",
        written("similar", "42", default=True),
        f"{COURSES}/actions/1/then/2/answer/default",
        "keep one",
    ),
    Planted(
        "no-match-never-used", f"{GEAR}/no_match", {"attempts": 2}, GEAR + "/no_match", "remove `no_match`", "warning"
    ),
    Planted("bad-pattern", f"{GEAR}/actions/1/answer/pattern", "[0-9]", cure="write /[0-9]/"),
    Planted("bad-pattern", f"{GEAR}/actions/1/answer/pattern", r"/(?=[0-9])/", cure="RE2"),
    Planted("bad-pattern", f"{WELCOME}/actions/3/answer/variants/de", "/(/", cure="correct it"),
    Planted("bad-pattern", f"{BOOKED}/actions/2/any/1/right", "again", cure="write /again/"),
    # Predicates
    Planted(
        "left-missing", f"{COURSES}/actions/1/all/0/left", GONE, f"{COURSES}/actions/1/all/0/left", "add an expression"
    ),
    Planted("left-superfluous", f"{BOOKED}/actions/2/any/2/left", "text", cure="remove `left`"),
    Planted(
        "right-missing", f"{COURSES}/actions/1/all/0/right", GONE, f"{COURSES}/actions/1/all/0/right", "add a value"
    ),
    Planted("right-superfluous", f"{COURSES}/actions/1/all/1/right", 1, cure="remove `right`"),
    Planted("in-needs-list", f"{BOOKED}/actions/2/any/0/right", "a, b", cure="[a, b]"),
    # Templates
    Planted("template", f"{COURSES}/actions/1/otherwise/0/title", "{{ offer.ok", cure="braces"),
    Planted("template", f"{COURSES}/actions/1/otherwise/0/comment", "{{ text | uper }}", cure="did you mean `upper`?"),
    Planted(
        "template",
        f"{COURSES}/actions/1/otherwise/0/comment",
        "{% for x in messages %}{% endfor %}",
        cure="not allowed",
    ),
    Planted("template", f"{SIZES}/actions/1/items", "{{ shoes.body }}", cure="without braces"),
    Planted("template", f"{COURSES}/actions/0/body/said/0", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"),
    Planted("unknown-variable", "templates/closed/text", "{{ custmer.name }}", cure="did you mean `customer`?"),
    Planted("unknown-variable", "templates/closed/text", "{{ customer.nam }}", cure="did you mean `name`?"),
    Planted("unknown-variable", "templates/closed/variants/de", "{{ customer.name.first }}", cure="no parts"),
    Planted("unknown-variable", f"{WELCOME}/no_match/text", "{{ data.curse }}", cure="did you mean `course`?"),
    Planted("unknown-variable", f"{WELCOME}/actions/0/text", "{{ contact.last }}", cure="custom_fields"),
    Planted("unknown-variable", f"{COURSES}/actions/0/body/level", "{{ answer.grad }}", cure="did you mean `grade`?"),
    Planted("unknown-variable", f"{COURSES}/actions/1/all/1/left", "offer.boddy.courses", cure="did you mean `body`?"),
    Planted("unknown-variable", f"{COURSES}/actions/1/then/0/answer/items", "ofer.body", cure="did you mean `offer`?"),
    Planted(
        "unknown-variable",
        "automessages/greeting/messages/1/text",
        "{{ interactionhash }}",
        cure="did you mean `interactionHash`?",
    ),
    Planted("unknown-variable", "queues/desk/welcome/text", "{{ qeue }}"),
    Planted(
        "unknown-variable",
        f"{WELCOME}/actions/0/buttons/0/url",
        "https://gym.example.com/{{ interaction.languag }}",
        cure="did you mean `language`?",
    ),
    Planted(
        "variable-of-other-tree", f"{GEAR}/actions/0/value", "{{ shoes.ok }}", cure="define it here", severity="warning"
    ),
    Planted("item-out-of-place", f"{COURSES}/actions/1/then/0/answer/items", "item.list", cure="`answer.item`"),
    Planted("secret-out-of-place", f"{COURSES}/actions/1/otherwise/1/text", "{{ secrets.gym }}", cure="remove it"),
    Planted(
        "secret-out-of-place", f"{COURSES}/actions/0/headers/Authorization", "{{ secrets }}", cure="`secrets.<name>`"
    ),
    Planted(
        "reserved-name",
        f"{SIZES}/actions/1",
        {"type": "loop", "items": "shoes.body", "as": "item", "actions": [{**SAY, "text": "{{ item }}"}]},
        f"{SIZES}/actions/1/as",
        "another name",
    ),
    Planted("reserved-name", f"{GEAR}/actions/1/answer/pattern", "/(?P<text>.)/", cure="another name"),
    # Languages
    Planted("unknown-language", "languages/offered/2", "xq", cure="ISO 639-1"),
    Planted("unknown-language", f"{BOOKED}/actions/2/any/2/right", "fr", cure="no offered language"),
    Planted("unknown-language", "templates/closed/variants/xq", "Zzz", cure="known: "),
    Planted("default-not-offered", "languages/default", "cs", cure="add it there"),
    Planted("variant-not-offered", "templates/closed/variants/cs", "Do zítřka!", cure="offer it", severity="warning"),
    Planted("variant-missing", "templates/closed/variants", {}, "templates/closed/text", "`de`", "warning"),
    Planted(
        "variant-missing",
        f"{WELCOME}/actions/2/answer/variants",
        {},
        f"{WELCOME}/actions/2/answer/words",
        "`de`",
        "warning",
    ),
    # Instagram
    Planted("text-too-long", "templates/closed/text", "ž" * 501, cure="shorten", severity="warning"),
    Planted(
        "button-title-too-long",
        f"{WELCOME}/actions/1/answer/text",
        "A course for beginners",
        cure="shorten",
        severity="warning",
    ),
    Planted(
        "too-many-buttons", f"{GEAR}/actions", [button(f"B{n}") for n in range(14)], GEAR, "numbered list", "warning"
    ),
    Planted(
        "link-title-too-long",
        f"{WELCOME}/actions/0/buttons/0/variants/de",
        "Preise für alle Kurse",
        cure="shorten",
        severity="warning",
    ),
    Planted(
        "too-many-links",
        f"{WELCOME}/actions/0/buttons",
        [{"text": str(n), "url": "https://x.example"} for n in range(4)],
        cure="use fewer",
        severity="warning",
    ),
    Planted("link-message-too-long", f"{WELCOME}/actions/0/text", "x" * 641, cure="shorten", severity="warning"),
    Planted("duplicate-ice-breaker", "connectors/gym/ice_breakers/1/question", "When are you open?", cure="change one"),
    # Times
    Planted("unknown-timezone", "time_groups/desk/timezone", "Europe/Belin", cure="did you mean `Europe/Berlin`?"),
    Planted(
        "unknown-holidays",
        "time_groups/holidays/definitions/0/countries",
        ["de"],
        "time_groups/holidays/definitions/0/countries/0",
        "did you mean 'DE'?",
    ),
    Planted("unknown-holidays", "time_groups/holidays/definitions/0/subdivisions/0", "BX", cure="BX"),
    Planted(
        "dates-reversed",
        "time_groups/holidays/definitions/1",
        {"type": "closed", "system": "own", "dates": {"first": "2026-12-24", "last": "2026-01-02"}},
        "time_groups/holidays/definitions/1/dates",
        "swap",
    ),
    Planted(
        "yearly-without-dates",
        "time_groups/holidays/definitions/1/dates",
        GONE,
        "time_groups/holidays/definitions/1/yearly",
        "add them",
    ),
    Planted("same-times", "time_groups/desk/definitions/0/to", "10:00", cure="leave both out"),
    Planted("never-holds", "time_groups/desk/definitions/0/weekdays", [], cure="name the days", severity="warning"),
    Planted(
        "always-closed", "time_groups/holidays/definitions", [], "time_groups/holidays", "add a definition", "warning"
    ),
    # Entities
    Planted(
        "same-time", "automessages/greeting/messages/1/time", "PT0S", cure="counts from the arrival", severity="warning"
    ),
    Planted("duplicate-account", "connectors/school/account", "17840000000000001", cure="one connector"),
    Planted(
        "takeover-queue-unused", "connectors/school/takeover_queue", "desk", cure="`takeover: true`", severity="warning"
    ),
    Planted(
        "overflow-without-max-wait", "queues/desk/max_wait", GONE, "queues/desk/overflow", "add `max_wait`", "warning"
    ),
    Planted(
        "max-wait-without-overflow", "queues/desk/overflow", GONE, "queues/desk/max_wait", "add `overflow`", "warning"
    ),
]


def plant(document: Any, at: str, value: Any) -> None:
    """Set, append or take out what lies at a path."""
    *steps, last = at.split("/")
    for step in steps:
        document = document[int(step) if isinstance(document, list) else step]
    if isinstance(document, list):
        if value is GONE:
            del document[int(last)]
        else:
            document[int(last) : int(last) + 1] = [value]
    elif value is GONE:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize("planted", TABLE, ids=[f"{one.code}:{one.at.rsplit('/', 2)[-1]}" for one in TABLE])
def test_a_planted_mistake_is_the_only_problem(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    if planted.code == "too-many-actions":
        monkeypatch.setattr(names, "ACTIONS", 50)  # the real limit would take a minute to reach
    document = copy.deepcopy(GOOD)
    plant(document, planted.at, planted.value)
    before = copy.deepcopy(document) if planted.code != "too-deep" else document
    checked = check(document)
    found = [(one.code, one.path, one.severity) for one in checked.problems]
    assert found == [(planted.code, planted.at if planted.path is None else planted.path, planted.severity)]
    assert planted.cure in checked.problems[0].message
    assert (checked.graph is None) == (planted.severity == "error")
    assert document == before


def test_every_code_is_planted() -> None:
    assert {one.code for one in TABLE} == set(CODES)


def test_the_good_configuration_has_no_problem_and_a_graph() -> None:
    checked = check(GOOD)
    assert checked.problems == ()
    assert isinstance(checked.graph, Graph)
    assert checked.errors == ()


# Many mistakes at once ------------------------------------------------------------------------------------------------

TEN = """
format: 1
languages: {default: en, offered: [en]}
connectors:
  shop:
    title: Shop
    tittle: Shop                                        # 1 no such field
    next: {type: decision_tree, name: helo}             # 2 misspelt tree
decision_trees:
  hello:
    title: Hello
    start: ask
    decisions:
      ask:
        title: Ask
        actions:
          - {type: send_mesage, text: "Hi {{ nobody }}"}  # 3 unknown type, 4 unknown variable inside it
          - type: condition
            all: [{left: text, operator: matches, right: "/(?!a)/"}]  # 5 RE2 has no lookahead
            then:
              - type: loop
                items: "{{ data.list }}"                # 6 an expression has no braces
                as: one
                actions:
                  - type: condition
                    any: [{left: one.x, operator: larger, right: 1}]  # 7 unknown operator
                    then:
                      - {type: target, to: {type: queue, name: peple}}  # 8 misspelt queue, four levels down
          - {type: save_data, field: list}              # 9 no value
        # 10 after all that the decision can end with no target
queues:
  people: {title: People}
"""


def test_ten_mistakes_of_all_sorts_are_ten_problems() -> None:
    actions = "decision_trees/hello/decisions/ask/actions"
    inner = f"{actions}/1/then/0/actions/0"
    document: Any = read(TEN)
    found = [(one.code, one.path) for one in check(document).problems]
    assert found == [
        ("unknown-field", "connectors/shop/tittle"),
        ("unknown-destination", "connectors/shop/next/name"),
        ("dead-end", "decision_trees/hello/decisions/ask"),
        ("unknown-type", f"{actions}/0/type"),
        ("unknown-variable", f"{actions}/0/text"),
        ("bad-pattern", f"{actions}/1/all/0/right"),
        ("template", f"{actions}/1/then/0/items"),
        ("unknown-value", f"{inner}/any/0/operator"),
        ("unknown-destination", f"{inner}/then/0/to/name"),
        ("missing-field", f"{actions}/2/value"),
    ]
    assert all(one.severity == "error" for one in check(document).problems)


def problems(document: Any) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in check(document).problems]


def changed(*changes: tuple[str, Any]) -> Any:
    document = copy.deepcopy(GOOD)
    for at, value in changes:
        plant(document, at, value)
    return document


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # A hole where a target may have been hides the dead end, and all that might be reached through it.
        ([(f"{SIZES}/actions/2", {"type": "nonsense"})], [("unknown-type", f"{SIZES}/actions/2/type")]),
        ([(f"{BOOKED}/actions/2/otherwise/0", None)], [("wrong-type", f"{BOOKED}/actions/2/otherwise/0")]),
        # A misspelt field is told once, not as a missing one too.
        ([("queues/desk/title", GONE), ("queues/desk/titel", "Desk")], [("unknown-field", "queues/desk/titel")]),
        # A misspelt name still counts as the way to what was meant.
        ([("terminates/night/auto_response", "closd")], [("unknown-template", "terminates/night/auto_response")]),
        # An unreadable entity still has its name.
        ([("queues/coaches", "ada")], [("wrong-type", "queues/coaches")]),
        ([("time_groups/desk", [])], [("wrong-type", "time_groups/desk")]),
        # So has one with a bad name, and what names it is not blamed.
        (
            [("queues/Big Desk", {"title": "Big", "priority": 12}), ("queues/desk/overflow/name", "Big Desk")],
            [("bad-name", "queues/Big Desk"), ("out-of-range", "queues/Big Desk/priority")],
        ),
        # What an unreadable action would have defined is not unknown.
        ([(f"{COURSES}/actions/0/url", GONE)], [("missing-field", f"{COURSES}/actions/0/url")]),
        ([(f"{COURSES}/actions/0/type", "rq")], [("unknown-type", f"{COURSES}/actions/0/type")]),
        ([(f"{COURSES}/actions/0/into", "of-fer")], [("bad-name", f"{COURSES}/actions/0/into")]),
        ([(f"{BOOKED}/actions/0/field", 5)], [("wrong-type", f"{BOOKED}/actions/0/field")]),
        (
            [(f"{WELCOME}/actions/3/answer/pattern", "/(?P<grade>/"), (f"{WELCOME}/actions/3/answer/variants", {})],
            [
                ("bad-pattern", f"{WELCOME}/actions/3/answer/pattern"),
                ("unknown-variable", f"{COURSES}/actions/0/body/level"),
            ],
        ),
        # A rule about two fields is quiet while one of them cannot be read.
        ([(f"{COURSES}/actions/1/all", 5)], [("wrong-type", f"{COURSES}/actions/1/all")]),
        ([(f"{GEAR}/actions/1/answer", 5)], [("wrong-type", f"{GEAR}/actions/1/answer")]),
        ([(f"{GEAR}/actions/1/execution", "whenever")], [("unknown-value", f"{GEAR}/actions/1/execution")]),
        ([("queues/desk/max_wait", "long")], [("bad-duration", "queues/desk/max_wait")]),
        ([("languages/offered", "en")], [("wrong-type", "languages/offered")]),
        # Mistakes in one entry do not make the list too short.
        (
            [(f"{SIZES}/actions/1/actions/0/all/0/operator", "bigger")],
            [("unknown-value", f"{SIZES}/actions/1/actions/0/all/0/operator")],
        ),
        # A badly written variant's language is told once.
        ([("templates/closed/variants/german", "Zu")], [("bad-name", "templates/closed/variants/german")]),
        # Two problems come in the order of the document, not of the checks.
        (
            [
                ("time_groups/desk/timezone", "Mars"),
                ("connectors/gym/takeover_queue", "desc"),
                ("templates/closed/text", "{{ x"),
            ],
            [
                ("unknown-queue", "connectors/gym/takeover_queue"),
                ("unknown-timezone", "time_groups/desk/timezone"),
                ("template", "templates/closed/text"),
            ],
        ),
    ],
)
def test_nothing_that_only_follows_is_told(changes: list[tuple[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert problems(changed(*changes)) == expected


CHOOSE = {"execution": "when_client_chooses"}
GENERATED = {
    **TO_DESK,
    **CHOOSE,
    "answer": {"type": "generated_buttons", "items": "attachments", "title": "{{ item.title }}", "value": "1"},
}
IF = {"type": "condition", "all": [{"left": "text", "operator": "is_empty"}]}
EACH = {"type": "loop", "items": "attachments", "as": "one"}
DE, OF = {"de": "da"}, {"de": "von"}
DAS, VON = {"de": "/^das$/"}, {"de": "/^von$/"}
"""Variants that have nothing to do with each other."""


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([], ["dead-end"]),
        ([SAY], ["dead-end"]),
        ([TO_DESK], []),
        ([button("1")], []),
        ([GENERATED], ["may-dead-end"]),
        ([GENERATED, TO_DESK], []),
        ([GENERATED, button("1")], []),
        ([{**IF, "then": [TO_DESK]}], ["dead-end"]),
        ([{**IF, "then": [TO_DESK], "otherwise": [button("1")]}], []),
        ([{**IF, "then": [TO_DESK], "otherwise": [TO_DESK]}, SAY], ["never-run"]),
        ([{**IF, "then": [TO_DESK, SAY]}, TO_DESK], ["never-run"]),
        ([{**IF, "then": [button("1")], "otherwise": [GENERATED]}], ["may-dead-end"]),
        ([{**EACH, "actions": [TO_DESK]}], ["may-dead-end"]),
        ([{**EACH, "actions": [TO_DESK]}, SAY], ["may-dead-end"]),
        ([{**EACH, "actions": [{**IF, "then": [TO_DESK]}]}], ["dead-end"]),
        ([{**EACH, "actions": [button("1")]}, button("2")], []),
        ([button("2"), {**EACH, "actions": [SAY]}], []),
    ],
)
def test_dead_ends(actions: list[Any], expected: list[str]) -> None:
    codes = [code for code, _ in problems(changed((f"{GEAR}/actions", actions)))]
    assert codes == expected


def test_a_dead_end_from_which_no_match_or_no_answer_leads_on_is_a_warning() -> None:
    leads = [("no_answer", {"after": 5, "to": TO_DESK["to"]}), ("no_match", {"to": TO_DESK["to"]})]
    for field, value in leads:
        found = check(changed((f"{GEAR}/actions", [SAY]), (f"{GEAR}/{field}", value))).problems
        assert [(one.code, one.severity) for one in found] == [("dead-end", "warning")]
    assert problems(changed((f"{GEAR}/actions", [GENERATED]), (f"{GEAR}/no_match", {"to": TO_DESK["to"]}))) == []


def decision(*actions: Any) -> dict[str, Any]:
    return {"title": "D", "actions": list(actions)}


def to(type: str, name: str) -> dict[str, Any]:
    return {"type": "target", "to": {"type": type, "name": name}}


def hours(group: str, opened: str | None = None, closed: str | None = None) -> dict[str, Any]:
    """A time condition that leads to others, else to the reception."""
    away = {"type": "decision_tree", "name": "reception"}
    sides = {"open": opened, "closed": closed}
    to_sides = {side: {"type": "time_condition", "name": name} if name else away for side, name in sides.items()}
    return {"title": "Again?", "time_group": group, **to_sides}


def tree_of(decisions: dict[str, Any]) -> dict[str, Any]:
    return {"title": "T", "start": next(iter(decisions)), "decisions": decisions}


TO_HOURS = to("time_condition", "desk-hours")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Two decisions, through a tree's start, a time condition and an automessage that does not wait.
        (
            [
                (f"{GEAR}/actions", [to("decision_tree", "round")]),
                (
                    "decision_trees/round",
                    {
                        "title": "R",
                        "start": "a",
                        "decisions": {"a": decision(to("decision", "b")), "b": decision(to("decision_tree", "round"))},
                    },
                ),
            ],
            ["circle"],
        ),
        (
            [
                (f"{GEAR}/actions", [to("automessage", "again")]),
                (
                    "automessages/again",
                    {"title": "A", "messages": [{"time": 0}], "next": {"type": "automessage", "name": "again"}},
                ),
            ],
            ["circle"],
        ),
        (
            [
                (f"{GEAR}/actions", [to("automessage", "again")]),
                (
                    "automessages/again",
                    {
                        "title": "A",
                        "messages": [{"time": 0}, {"time": 60}],
                        "next": {"type": "automessage", "name": "again"},
                    },
                ),
            ],
            [],
        ),
        # A request is no rest; an answer that is offered is.
        (
            [
                (
                    f"{GEAR}/actions",
                    [{"type": "request", "url": "https://x.example", "into": "x"}, to("decision", "gear")],
                )
            ],
            ["circle"],
        ),
        ([(f"{GEAR}/actions", [{**button("1"), "to": {"type": "decision", "name": "gear"}}])], []),
        (
            [(f"{GEAR}/actions", [{**IF, "then": [to("decision", "gear")], "otherwise": [to("decision", "gear")]}])],
            ["circle"],
        ),
        ([(f"{GEAR}/actions", [{**IF, "then": [to("decision", "gear")], "otherwise": [button("1")]}])], ["may-circle"]),
        # Nothing is offered, so that `no_match.to` is gone to at once.
        (
            [(f"{GEAR}/actions", [SAY]), (f"{GEAR}/no_match", {"to": {"type": "decision", "name": "gear"}})],
            ["circle", "dead-end"],
        ),
        # Fallbacks: through another chatbot, and through places that do not wait.
        (
            [
                ("chatbots/coach/fallback", {"type": "chatbot", "name": "two"}),
                (
                    "chatbots/two",
                    {"title": "T", "url": "https://x.example", "fallback": {"type": "chatbot", "name": "coach"}},
                ),
            ],
            ["fallback-circle"],
        ),
        (
            [
                ("chatbots/coach/fallback", {"type": "decision_tree", "name": "back"}),
                (
                    "decision_trees/back",
                    {"title": "B", "start": "a", "decisions": {"a": decision(to("chatbot", "coach"))}},
                ),
            ],
            ["fallback-circle"],
        ),
        (
            [
                ("chatbots/coach/fallback", {"type": "decision_tree", "name": "back"}),
                (
                    "decision_trees/back",
                    {
                        "title": "B",
                        "start": "a",
                        "decisions": {"a": decision({**button("1"), **to("chatbot", "coach"), **CHOOSE})},
                    },
                ),
            ],
            [],
        ),
        # Queues that overflow into each other wait in between, and welcome the customer for days.
        (
            [("queues/coaches/max_wait", 60), ("queues/coaches/overflow", {"type": "queue", "name": "desk"})],
            ["outside-window"],
        ),
        ([("time_groups/desk/groups", ["holidays", "desk"])], ["time-group-circle"]),
        # Time stands still on the way: a circle of conditions of one group is for ever, of two groups it may be.
        (
            [
                ("time_conditions/desk-hours/closed", {"type": "time_condition", "name": "again"}),
                ("time_conditions/again", hours("desk", closed="desk-hours")),
                ("time_conditions/desk-hours/open", {"type": "terminate", "name": "night"}),
            ],
            ["circle"],
        ),
        (
            [
                ("time_conditions/desk-hours/closed", {"type": "time_condition", "name": "again"}),
                ("time_conditions/again", hours("holidays", closed="desk-hours")),
                ("time_conditions/desk-hours/open", {"type": "terminate", "name": "night"}),
            ],
            ["may-circle"],
        ),
        (
            [
                ("time_conditions/desk-hours/closed", {"type": "time_condition", "name": "again"}),
                ("time_conditions/again", hours("desk", opened="desk-hours")),
                ("time_conditions/desk-hours/open", {"type": "terminate", "name": "night"}),
            ],
            ["may-circle"],
        ),
        # Decisions that lead on at once are part of such a circle.
        (
            [
                ("decision_trees/round", tree_of({"a": decision(to("decision", "b")), "b": decision(TO_HOURS)})),
                ("time_conditions/desk-hours/closed", {"type": "decision_tree", "name": "round"}),
                ("connectors/gym/idle/to", {"type": "terminate", "name": "night"}),
                ("connectors/gym/idle/after", 60),
            ],
            ["circle"],
        ),
    ],
)
def test_circles(changes: list[tuple[str, Any]], expected: list[str]) -> None:
    assert [code for code, _ in problems(changed(*changes))] == expected


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        # Branches of one condition never meet; what stands before a condition does meet its branches.
        ([{**IF, "then": [button("1")], "otherwise": [button("1")]}], []),
        ([button("1"), {**IF, "then": [button("1")]}], ["duplicate-button"]),
        ([{**IF, "then": [button("1")]}, button("1")], []),
        ([button("1"), button("{{ text }}"), button("{{ text }}")], ["duplicate-button"]),
        ([button("👍"), button("👎")], []),
        ([written("similar", "42", default=True), written("pattern", "/./", default=True)], ["two-defaults"]),
        (
            [
                {
                    **IF,
                    "then": [written("similar", "42", default=True)],
                    "otherwise": [written("similar", "42", default=True)],
                }
            ],
            [],
        ),
        (
            [{**IF, "then": [written("similar", "42", default=True)]}, written("similar", "43", default=True)],
            ["two-defaults"],
        ),
        # A default takes its own words before it takes what is left, and only what leaves nothing stands in its way.
        ([written("similar", "42", default=True), written("similar", "42")], ["never-wins"]),
        ([written("similar", "41,42"), written("similar", "42, 43")], []),
        ([written("similar", "41"), written("similar", "42"), written("similar", "42, 41")], ["never-wins"]),
        ([written("pattern", "/4/"), written("pattern", "/4/", default=True)], []),
        ([written("pattern", "/.*/", default=True), written("pattern", "/4/")], ["never-wins"]),
        ([written("pattern", "/.*/"), written("similar", "42", default=True)], ["never-wins"]),
        ([written("pattern", "/^.*$/"), written("pattern", "/4/")], []),
        ([written("pattern", "/^.*$/s"), written("pattern", "/4/")], ["never-wins"]),
        ([written("pattern", "/^(?P<all>.*)/"), written("pattern", "/4/")], ["never-wins"]),
        (
            [written("pattern", "/.*/", variants={"de": "/4/"}), written("pattern", "/4/", variants={"de": "/5/"})],
            ["never-wins"],
        ),
        ([written("pattern", "/.*/"), GENERATED], ["never-wins"]),
        # Words within a typing mistake of an earlier one, or in a phrase with it, as `match_similar` has it.
        ([written("similar", "thursday", variants=DE), written("similar", "tuesday", variants=OF)], ["never-wins"]),
        ([written("similar", "tuesday", variants=DE), written("similar", "thursday", variants=OF)], []),
        ([written("similar", "orders", variants=DE), written("similar", "order", variants=OF)], ["never-wins"]),
        ([written("similar", "order 7", variants=DE), written("similar", "order 8", variants=OF)], []),
        ([written("similar", "yes", variants=DE), written("similar", "yes please", variants=OF)], ["never-wins"]),
        ([written("similar", "yes please", variants=DE), written("similar", "yes", variants=OF)], []),
        ([written("similar", "yes", variants=DE), written("similar", "yes please, sure", variants=OF)], []),
        ([written("similar", "ice cream", variants=DE), written("similar", "icecream", variants=OF)], ["never-wins"]),
        (
            [written("similar", "はい", variants=DE), written("similar", "はいお願いします", variants=OF)],
            ["never-wins"],
        ),
        ([written("similar", "👍", variants=DE), written("similar", "👍👍", variants=OF)], ["never-wins"]),
        # Patterns that are plain texts.
        ([written("pattern", "/order/i", variants=DAS), written("similar", "my order", variants=OF)], ["never-wins"]),
        ([written("pattern", "/order/", variants=DAS), written("similar", "my order", variants=OF)], []),
        ([written("pattern", "/^order/i", variants=DAS), written("similar", "order", variants=OF)], []),
        (
            [written("pattern", "/(buy|order)/i", variants=DAS), written("pattern", "/Order one/", variants=VON)],
            ["never-wins"],
        ),
        ([written("pattern", "/(buy|order)/i", variants=DAS), written("pattern", "/order|sell/i", variants=VON)], []),
        # What a branch offers ends with it.
        ([{**IF, "then": [written("pattern", "/ord/i", variants=DAS)]}, written("similar", "order", variants=OF)], []),
        ([{**IF, "then": [written("pattern", "/.*/", variants=DAS)]}, written("similar", "order", variants=OF)], []),
        ([{**IF, "then": [written("similar", "orders", variants=DE)]}, written("similar", "order", variants=OF)], []),
        # A title that is typed: another answer takes it, in one language at least.
        ([written("similar", "order", variants=DE), button("My order", variants=OF)], ["never-wins"]),
        ([written("pattern", "/^my ord/i", variants=DAS), button("My order", variants=OF)], ["never-wins"]),
        ([written("pattern", "/^ord/i", variants=DAS), button("My order", variants=OF)], []),
        ([button("My order", variants=DE), written("similar", "order", variants=OF)], []),
        ([button("Yes", variants=DE), button("Da", variants=OF)], []),
        ([button("Yes", variants=DE), button("da", variants={})], ["duplicate-button", "variant-missing"]),
        ([button("Yes", variants=DE), button("Of", variants={"de": "DA!"})], ["duplicate-button"]),
        ([written("similar", "sure", variants=DE), written("similar", "of", variants={"de": "da"})], ["never-wins"]),
    ],
)
def test_answers_that_never_win(actions: list[Any], expected: list[str]) -> None:
    assert [code for code, _ in problems(changed((f"{GEAR}/actions", actions)))] == expected


# Promises of check() itself -------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, inner in steps for place in places(inner, (*path, step)))]


PLACES = places(GOOD)[1:]
WORDS = ["type", "text", "[key]", "from_", "answer", "actions", "Bad Name", "name", "to", "", "a/b"]
JUNK = st.sampled_from(
    [None, True, 0, -1, 10**30, "", "{{", "{{ a.b }}", "/(/", [], {}, [None], {"type": "target"}, {"type": []}]
)


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_check_never_raises_for_json(document: Any) -> None:
    checked = check(document)
    assert checked.graph is None
    assert checked.errors


@given(st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_check_never_raises_for_mutations_of_a_good_document(data: st.DataObject) -> None:
    document = copy.deepcopy(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        *steps, last = data.draw(st.sampled_from(PLACES))
        parent = document
        for step in steps:
            try:
                parent = parent[step]
            except (KeyError, IndexError, TypeError):
                break
        way = data.draw(st.sampled_from(["remove", "replace", "add", "copy"]))
        if not isinstance(parent, dict):
            if isinstance(parent, list) and parent:
                parent[0] = data.draw(JUNK)
        elif way == "remove":
            parent.pop(last, None)
        elif way == "replace":
            parent[last] = data.draw(JUNK | JSON)
        elif way == "add":
            parent[data.draw(st.sampled_from(WORDS))] = data.draw(JUNK)
        else:
            inner = GOOD
            for step in data.draw(st.sampled_from(PLACES)):
                inner = inner[step]
            parent[last] = copy.deepcopy(inner)
    checked = check(document)
    assert (checked.graph is None) == bool(checked.errors)
    assert len(set(checked.problems)) == len(checked.problems)
    assert not any("hole_" in one.path for one in checked.problems)
    assert checked == check(document) or checked.graph is not None


def test_a_large_configuration_is_checked_in_linear_time() -> None:
    def large(count: int) -> Any:
        names = [f"d{number}" for number in range(count)]
        decisions = {
            name: decision(
                {**SAY, "text": f"{number} {{{{ data.n }}}}"},
                {"type": "save_data", "field": "n", "value": number},
                {**button(str(number)), **to("decision", after), **CHOOSE},
            )
            for number, (name, after) in enumerate(zip(names, [*names[1:], names[0]], strict=True))
        }
        return changed(
            (f"{GEAR}/actions", [to("decision_tree", "large")]),
            ("decision_trees/large", {"title": "L", "start": "d0", "decisions": decisions}),
        )

    def calls(document: Any) -> int:
        """How many functions a check calls: the same on every machine, however busy."""
        inspect.cache_clear()
        profile = cProfile.Profile()
        assert profile.runcall(check, document).problems == ()
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(large(3_000)) < 11 * calls(large(300))


def test_the_page_of_problems_is_that_of_the_code() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "routing.problems"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/reference/problems.md").read_text() == printed
