"""check(): one planted mistake for every code, many at once, and never an exception."""

import copy
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.documents import read
from routing.graph import Graph
from routing.problems import CODES, check

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
    Planted("wrong-type", f"{WELCOME}/actions/0", "say hello", cure="a mapping with a `type`"),
    Planted("wrong-type", f"{BOOKED}/actions/0/value", {1, 2}, cure="in quotes"),
    Planted("unknown-field", "queues/desk/prioritty", 1, cure="did you mean `priority`?"),
    Planted("unknown-field", "time_groups/desk/definitions/0/from_", "10:00", cure="did you mean `from`?"),
    Planted("missing-field", "queues/desk/title", GONE, cure="add it (a text)"),
    Planted("missing-field", f"{GEAR}/actions/1/type", GONE, cure="`send_message`"),
    Planted("missing-field", "format", GONE),
    Planted("unknown-type", f"{COURSES}/actions/1/otherwise/1/type", "send_mesage", cure="did you mean `send_message`?"),
    Planted("unknown-type", f"{WELCOME}/actions/1/answer/type", "buton", cure="did you mean `button`?"),
    Planted("unknown-type", "time_groups/holidays/definitions/0/system", "holiday", cure="did you mean `public_holidays`?"),
    Planted("unknown-type", "connectors/gym/next/type", "time_conditon", cure="did you mean `time_condition`?"),
    Planted("unknown-value", f"{COURSES}/actions/1/all/0/operator", "equal", cure="did you mean `equals`?"),
    Planted("unknown-value", f"{COURSES}/actions/0/method", "SEND", cure="`POST`"),
    Planted("bad-name", "queues/coaches", {"Big Desk": {"title": "Big"}}, "queues/Big Desk", cure="small letters"),
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
    Planted("out-of-range", "chatbots/coach/timeout", 500, cure="at most 120 seconds"),
    Planted("out-of-range", "queues/desk/max_wait", 0, cure="more than 0 seconds"),
    Planted("too-long", "connectors/gym/ice_breakers", [{"question": str(n), "payload": "x"} for n in range(5)], cure="4"),
    Planted("too-long", "queues/desk/title", "x" * 201, cure="200"),
    Planted("too-short", "queues/desk/title", "", cure="at least 1"),
    Planted("too-short", "automessages/greeting/messages", [], cure="at least 1"),
    Planted("all-and-any", f"{BOOKED}/actions/2/all", [{"left": "text", "operator": "is_empty"}], f"{BOOKED}/actions/2", "keep one"),
    Planted("all-and-any", f"{BOOKED}/actions/2/any", GONE, f"{BOOKED}/actions/2", "keep one"),
    Planted("answer-and-execution", f"{GEAR}/actions/1/answer", GONE, f"{GEAR}/actions/1", "needs an `answer`"),
    Planted("answer-and-execution", f"{GEAR}/actions/1/execution", GONE, f"{GEAR}/actions/1", "`when_client_chooses`"),
    Planted("too-deep", f"{BOOKED}/actions/0/value", deep(200), "", "split"),
    Planted("too-many-actions", f"{GEAR}/actions", [SAY] * 20_001 + [TO_DESK], "decision_trees", "split"),
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
    Planted("unknown-category", f"{COURSES}/actions/1/otherwise/0/category", "tecnical", cure="did you mean `technical`?"),
    Planted("unknown-custom-field", "chatbots/coach/send_custom_fields/0", "last_curse", cure="did you mean `last_course`?"),
    Planted("unknown-custom-field", f"{GEAR}/actions/0", {"type": "save_data", "field": "size", "value": 1, "scope": "contact"}, f"{GEAR}/actions/0/field"),
    Planted("unknown-queue", "connectors/gym/takeover_queue", "desc", cure="did you mean `desk`?"),
    Planted("unknown-queue", "terminates/night/queue", "dsk", cure="did you mean `desk`?"),
    Planted("unknown-cause", "terminates/silent/cause", "time_out", cure="did you mean `timeout`?"),
    Planted("no-connector", "connectors", {}, cure="add a connector", severity="warning"),
    Planted("unreachable", "automessages/lost", {**GOOD["automessages"]["greeting"]}, cure="remove it", severity="warning"),
    Planted("unreachable", "categories/lost", {"title": "Lost"}, cure="remove it", severity="warning"),
    Planted("unreachable-decision", "decision_trees/lending/decisions/lost", {"title": "Lost", "actions": [TO_DESK]}, cure="lead a target", severity="warning"),
    # Flow
    Planted("never-run", f"{SIZES}/actions/3", SAY, cure="move it before", severity="warning"),
    Planted("never-run", f"{COURSES}/actions/1/otherwise/3", SAY, cure="move it before", severity="warning"),
    Planted("dead-end", f"{SIZES}/actions/2", GONE, SIZES, "add one taken immediately"),
    Planted("dead-end", f"{BOOKED}/actions/2/otherwise", GONE, BOOKED, "add one taken immediately"),
    Planted("dead-end", f"{COURSES}/actions/1/otherwise/2", GONE, COURSES, "an answer"),
    Planted("dead-end", f"{GEAR}/actions", [SAY, {"type": "condition", "all": [{"left": "text", "operator": "is_empty"}]}], GEAR),
    Planted("may-dead-end", f"{COURSES}/actions/1/then/1", GONE, COURSES, "`no_answer`", "warning"),
    Planted("may-dead-end", f"{GEAR}/actions", [{"type": "loop", "items": "attachments", "as": "one", "actions": [button("{{ one.title }}")]}], GEAR, "`no_answer`", "warning"),
    Planted("never-waits", f"{SIZES}/no_answer", {"after": 5, "to": TO_DESK["to"]}, cure="remove it", severity="warning"),
    Planted("circle", f"{GEAR}/actions", [{"type": "target", "to": {"type": "decision", "name": "gear"}}], GEAR, "lead one of them elsewhere"),
    Planted("may-circle", f"{BOOKED}/actions/2/then/0/to", {"type": "decision", "name": "booked"}, BOOKED, "let one of them wait", "warning"),
    Planted("may-circle", "time_conditions/desk-hours/closed", {"type": "time_condition", "name": "desk-hours"}, "time_conditions/desk-hours", "wait", "warning"),
    Planted("fallback-circle", "chatbots/coach/fallback", {"type": "chatbot", "name": "coach"}, cure="a queue"),
    Planted("time-group-circle", "time_groups/holidays/groups", ["desk"], cure="remove one of the links"),
    Planted("overflow-to-itself", "queues/desk/overflow", {"type": "queue", "name": "desk"}, cure="another destination", severity="warning"),
    # Answers
    Planted("duplicate-button", f"{WELCOME}/actions/4", button("a COURSE", variants={"de": "Kurs 2"}), f"{WELCOME}/actions/4/answer/text", "another title"),
    Planted("duplicate-button", f"{WELCOME}/actions/4", button("Course 2", variants={"de": "Ein Kurs"}), f"{WELCOME}/actions/4/answer/variants/de", "another title"),
    Planted("never-wins", f"{WELCOME}/actions/4", written("similar", "Rope, shoes", variants={"de": "Karte"}), f"{WELCOME}/actions/4/answer/words", "before it"),
    Planted("never-wins", f"{WELCOME}/actions/4", written("pattern", "/(?P<grade>[3-9][abc])/i", variants={"de": "/x/"}), f"{WELCOME}/actions/4/answer/pattern"),
    Planted("never-wins", f"{GEAR}/actions/2", written("pattern", "/[0-9]/"), f"{GEAR}/actions/2/answer/pattern", "move this before"),
    Planted("never-wins", f"{GEAR}/actions/2", button("Gear"), f"{GEAR}/actions/2/answer/text", "only a tap", "warning"),
    Planted("two-defaults", f"{COURSES}/actions/1/then/2", written("similar", "42", default=True), f"{COURSES}/actions/1/then/2/answer/default", "keep one"),
    Planted("no-match-never-used", f"{GEAR}/no_match", {"attempts": 2}, GEAR + "/no_match", "remove `no_match`", "warning"),
    Planted("bad-pattern", f"{GEAR}/actions/1/answer/pattern", "[0-9]", cure="write /[0-9]/"),
    Planted("bad-pattern", f"{GEAR}/actions/1/answer/pattern", r"/(?=x)/", cure="RE2"),
    Planted("bad-pattern", f"{WELCOME}/actions/3/answer/variants/de", "/(/", cure="correct it"),
    Planted("bad-pattern", f"{BOOKED}/actions/2/any/1/right", "again", cure="write /again/"),
    # Predicates
    Planted("left-missing", f"{COURSES}/actions/1/all/0/left", GONE, f"{COURSES}/actions/1/all/0/left", "add an expression"),
    Planted("left-superfluous", f"{BOOKED}/actions/2/any/2/left", "text", cure="remove `left`"),
    Planted("right-missing", f"{COURSES}/actions/1/all/0/right", GONE, f"{COURSES}/actions/1/all/0/right", "add a value"),
    Planted("right-superfluous", f"{COURSES}/actions/1/all/1/right", 1, cure="remove `right`"),
    Planted("in-needs-list", f"{BOOKED}/actions/2/any/0/right", "a, b", cure="[a, b]"),
    # Templates
    Planted("template", f"{COURSES}/actions/1/otherwise/0/title", "{{ offer.ok", cure="braces"),
    Planted("template", f"{COURSES}/actions/1/otherwise/0/comment", "{{ text | uper }}", cure="did you mean `upper`?"),
    Planted("template", f"{COURSES}/actions/1/otherwise/0/comment", "{% for x in messages %}{% endfor %}", cure="not allowed"),
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
    Planted("unknown-variable", "automessages/greeting/messages/1/text", "{{ nme }}", cure="did you mean"),
    Planted("unknown-variable", "queues/desk/welcome/text", "{{ qeue }}"),
    Planted("unknown-variable", f"{WELCOME}/actions/0/buttons/0/url", "https://gym.example.com/{{ interaction.languag }}", cure="did you mean `language`?"),
    Planted("variable-of-other-tree", f"{GEAR}/actions/0/value", "{{ shoes.ok }}", cure="define it here", severity="warning"),
    Planted("item-out-of-place", f"{COURSES}/actions/1/then/0/answer/items", "item.list", cure="`answer.item`"),
    Planted("secret-out-of-place", f"{COURSES}/actions/1/otherwise/1/text", "{{ secrets.gym }}", cure="remove it"),
    Planted("secret-out-of-place", f"{COURSES}/actions/0/headers/Authorization", "{{ secrets }}", cure="`secrets.<name>`"),
    Planted("reserved-name", f"{SIZES}/actions/1/as", "item", cure="another name"),
    Planted("reserved-name", f"{GEAR}/actions/1/answer/pattern", "/(?P<text>.)/", cure="another name"),
    # Languages
    Planted("unknown-language", "languages/offered/2", "xq", cure="ISO 639-1"),
    Planted("unknown-language", f"{BOOKED}/actions/2/any/2/right", "fr", cure="no offered language"),
    Planted("unknown-language", "templates/closed/variants/xq", "Zzz", cure="known: "),
    Planted("default-not-offered", "languages/default", "cs", cure="add it there"),
    Planted("variant-not-offered", "templates/closed/variants/cs", "Do zítřka!", cure="offer it", severity="warning"),
    Planted("variant-missing", "templates/closed/variants", {}, "templates/closed/text", "`de`", "warning"),
    Planted("variant-missing", f"{WELCOME}/actions/2/answer/variants", {}, f"{WELCOME}/actions/2/answer/words", "`de`", "warning"),
    # Instagram
    Planted("text-too-long", "templates/closed/text", "ž" * 501, cure="shorten", severity="warning"),
    Planted("button-title-too-long", f"{WELCOME}/actions/1/answer/text", "A course for beginners", cure="shorten", severity="warning"),
    Planted("too-many-buttons", f"{GEAR}/actions", [button(f"B{n}") for n in range(14)], GEAR, "numbered list", "warning"),
    Planted("link-title-too-long", f"{WELCOME}/actions/0/buttons/0/variants/de", "Preise für alle Kurse", cure="shorten", severity="warning"),
    Planted("too-many-links", f"{WELCOME}/actions/0/buttons", [{"text": str(n), "url": "https://x.example"} for n in range(4)], cure="use fewer", severity="warning"),
    Planted("link-message-too-long", f"{WELCOME}/actions/0/text", "x" * 641, cure="shorten", severity="warning"),
    Planted("duplicate-ice-breaker", "connectors/gym/ice_breakers/1/question", "When are you open?", cure="change one"),
    # Times
    Planted("unknown-timezone", "time_groups/desk/timezone", "Europe/Belin", cure="did you mean `Europe/Berlin`?"),
    Planted("unknown-holidays", "time_groups/holidays/definitions/0/countries", ["de"], "time_groups/holidays/definitions/0/countries/0", "did you mean 'DE'?"),
    Planted("unknown-holidays", "time_groups/holidays/definitions/0/subdivisions/0", "BX", cure="BX"),
    Planted("dates-reversed", "time_groups/holidays/definitions/1", {"type": "closed", "system": "own", "dates": {"first": "2026-12-24", "last": "2026-01-02"}}, "time_groups/holidays/definitions/1/dates", "swap"),
    Planted("yearly-without-dates", "time_groups/holidays/definitions/1/dates", GONE, "time_groups/holidays/definitions/1/yearly", "add them"),
    Planted("same-times", "time_groups/desk/definitions/0/to", "10:00", cure="leave both out"),
    Planted("never-holds", "time_groups/desk/definitions/0/weekdays", [], cure="name the days", severity="warning"),
    Planted("always-closed", "time_groups/holidays/definitions", [], "time_groups/holidays", "add a definition", "warning"),
    # Entities
    Planted("same-time", "automessages/greeting/messages/1/time", "PT0S", cure="counts from the arrival", severity="warning"),
    Planted("duplicate-account", "connectors/school/account", "17840000000000001", cure="one connector"),
    Planted("takeover-queue-unused", "connectors/school/takeover_queue", "desk", cure="`takeover: true`", severity="warning"),
    Planted("overflow-without-max-wait", "queues/desk/max_wait", GONE, "queues/desk/overflow", "add `max_wait`", "warning"),
    Planted("max-wait-without-overflow", "queues/desk/overflow", GONE, "queues/desk/max_wait", "add `overflow`", "warning"),
]  # fmt: skip


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
def test_a_planted_mistake_is_the_only_problem(planted: Planted) -> None:
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
