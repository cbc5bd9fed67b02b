"""Templates: what they may say, what they give, and what hostile values cannot do (SPEC sections 4 and 7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.filters import FILTERS, LIMIT, SECRET
from routing.languages import candidates, variant
from routing.templates import (
    Secrets,
    TemplateFailed,
    evaluate,
    inspect,
    inspect_expression,
    render,
    render_url,
    sole_expression,
    value,
    with_secrets,
)

NAMES: dict[str, Any] = {
    "text": "Hello",
    "data": {"n": 5, "f": 2.5, "t": True, "l": [1, "b", None], "e": "", "items": "not a method", "o": {"a": 1}},
    "now": "2026-11-23 09:00:00",
}


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("plain", "plain"),
        ("{{ text }}!", "Hello!"),
        ("{{ data.n }} {{ data.f }} {{ data.t }}", "5 2.5 true"),
        ("{{ data.l }}", '[1, "b", null]'),
        ("{{ data.o }} {{ data.o.a }} {{ data['o']['a'] }}", '{"a": 1} 1 1'),
        ("{{ data.l[0] }}{{ data.l[-2] }}{{ data.l[9] }}", "1b"),
        ("<{{ nobody }}{{ data.none.of.this }}{{ data.e }}>", "<>"),
        ("{{ data.items }}", "not a method"),
        ("{{ data.n.real }}{{ text.upper }}{{ data.l.append }}", ""),
        ("{{ data.none or 'friend' }}", "friend"),
        ("{% if data.n > 4 and not data.e %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'a' if data.t else 'b' }}", "a"),
        ("line\n", "line\n"),
    ],
)
def test_rendering(template: str, shown: str) -> None:
    assert render(template, NAMES) == shown


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("'hELLO you' | capitalize", "Hello you"),
        ("now | date('%H:%M', 'Europe/Prague')", "10:00"),
        ("'never' | date", "never"),
        ("'0001-01-01T00:00:00+01:00' | date('%Y', 'America/New_York')", "0001-01-01T00:00:00+01:00"),
        ("data.none | default('x')", "x"),
        ("data.e | default('x')", "x"),
        ("data.l | first", "1"),
        ("data.n | first", ""),
        ("data.l | join('-')", "1-b-"),
        ("data.o | json", '{"a": 1}'),
        ("data.l | last", ""),
        ("data.l | length", "3"),
        ("data.n | length", "0"),
        ("text | lower", "hello"),
        ("'7.0' | number", "7"),
        ("'7.5' | number", "7.5"),
        ("'seven' | number", "0"),
        ("'inf' | number", "0"),
        ("'nan' | number", "0"),
        ("'1e999' | number | round", "0"),
        ("text | replace('l', 'L')", "HeLLo"),
        ("2.567 | round(1)", "2.6"),
        ("'a b' | title", "A B"),
        ("' a ' | trim", "a"),
        ("'abcdef' | truncate(4)", "abc…"),
        ("text | upper", "HELLO"),
        ("'a b&c' | urlencode", "a%20b%26c"),
    ],
)
def test_filters(expression: str, shown: str) -> None:
    assert render("{{ " + expression + " }}", NAMES) == shown


def test_every_filter_is_tested() -> None:
    rows = test_filters.pytestmark[0].args[1]  # pyright: ignore[reportFunctionMemberAccess]  pytest's own mark
    assert {name for name in FILTERS if not any(f"| {name}" in expression for expression, _ in rows)} == set()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, st.sampled_from(sorted(FILTERS)))
def test_no_filter_raises(found: Any, name: str) -> None:
    arguments = {"replace": "('a', 'b')", "date": "('%H')"}.get(name, "")
    render("{{ x | " + name + arguments + " }}", {"x": found})


@pytest.mark.parametrize(
    "template",
    [
        "{% for x in data %}{{ x }}{% endfor %}",
        "{{ text.upper() }}",
        "{{ range(9) }}",
        "{% import 'x' as y %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{{ data.n + 1 }}",
        "{{ 'a' * 1000 }}",
        "{{ text ~ text }}",
        "{{ text | map('upper') }}",
        "{{ text | nofilter }}",
        "{{ data[text] }}",
        "{{ text[1:2] }}",
        "{{ text is defined }}",
        "{{ text",
        "{% if text %}",
        "{{ }}",
        "{% raw %}{{ x }}",
    ],
)
def test_what_templates_have_not_is_told_at_check_time(template: str) -> None:
    assert inspect(template).mistakes


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ a.b.c }}", {("a", "b", "c")}),
        ("{{ a['b'] or c }}", {("a", "b"), ("c",)}),
        ("{% if x.y %}{{ z | default(w) }}{% endif %}", {("x", "y"), ("z",), ("w",)}),
        ("no names", set()),
    ],
)
def test_the_names_that_a_template_reads(template: str, names: set[tuple[str, ...]]) -> None:
    assert set(inspect(template).names) == names
    assert not inspect(template).mistakes


def test_an_expression_has_no_braces() -> None:
    assert inspect_expression("orders.ok").names == (("orders", "ok"),)
    assert "without braces" in inspect_expression("{{ orders.ok }}").mistakes[0]


@pytest.mark.parametrize("template", ["{{ data.l > 3 }}", "{{ -text }}", "{{ text < data.n }}"])
def test_what_cannot_be_worked_out_fails_with_the_template_named(template: str) -> None:
    with pytest.raises(TemplateFailed, match="cannot be"):
        render(template, NAMES)


def test_output_is_cut() -> None:
    assert len(render("{{ x }}{{ x }}", {"x": "é" * 9000}).encode()) <= LIMIT
    assert len(render("{{ x | join('" + "-" * 100 + "') }}", {"x": ["a" * 5000] * 900}).encode()) <= LIMIT


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("{{ data.n }}", 5),
        (" {{ data.l }} ", [1, "b", None]),
        ("{{ data.n }}{{ data.n }}", "55"),
        ({"a": ["{{ data.t }}"], "b": 1.5}, {"a": [True], "b": 1.5}),
        ("{{ nobody }}", None),
        ("{{ (1, 2) }}", [1, 2]),
        (None, None),
    ],
)
def test_values_keep_their_types(written: object, found: object) -> None:
    assert value(written, NAMES) == found


def test_evaluate() -> None:
    assert evaluate("data.l", NAMES) == [1, "b", None]
    assert evaluate("data.n == 5", NAMES) is True
    assert evaluate("nobody.at.all", NAMES) is None


@pytest.mark.parametrize(
    ("text", "inner"), [("{{ a }}", "a"), ("{{a}}", "a"), ("x{{ a }}", None), ("{{ a }}{{ b }}", None)]
)
def test_one_expression_alone(text: str, inner: str | None) -> None:
    assert sole_expression(text) == inner


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://x.example.com/{{ v }}", "https://x.example.com/a%2F..%3Fb%26c%23"),
        ("https://x.example.com/?q={{ v }}&n={{ data.n }}", "https://x.example.com/?q=a%2F..%3Fb%26c%23&n=5"),
        ("{{ base }}/{{ v }}", "https://y.example.com/a%2F..%3Fb%26c%23"),
    ],
)
def test_no_value_changes_where_a_url_leads(template: str, url: str) -> None:
    assert render_url(template, {**NAMES, "v": "a/..?b&c#", "base": "https://y.example.com"}) == url


def test_secrets_are_marks_until_they_are_filled_in() -> None:
    names = {**NAMES, "secrets": Secrets()}
    header = render("Bearer {{ secrets.key }}", names)
    assert "key" in header
    assert with_secrets(header, {"key": "s"}) == "Bearer s"
    assert with_secrets(header, {"other": "s"}) == "Bearer "
    url = render_url("https://x.example.com/{{ secrets.key }}", names)
    assert with_secrets(url, {"key": "a/b"}, url=True) == "https://x.example.com/a%2Fb"


@pytest.mark.parametrize(
    "template", ["{{ x }}", "{{ x | json }}", "{{ x | upper }}", "{{ [x] }}", "{{ {'a': x}.a }}", "{{ y }}"]
)
def test_nobody_else_can_make_a_mark(template: str) -> None:
    mark = f"{SECRET}key{SECRET}"
    names = {"x": mark, "y": {mark: [mark]}, "secrets": Secrets()}
    assert SECRET not in render(template, names)
    assert SECRET not in str(value(template, names))


def test_values_nested_too_deeply_fail_as_templates_do() -> None:
    nested: list[Any] = []
    for _ in range(20_000):
        nested = [nested]
    with pytest.raises(TemplateFailed, match="nested too deeply"):
        value("{{ x }}", {"x": nested})


def test_variants() -> None:
    assert variant("a", {"cs": "b"}, "cs") == "b"
    assert variant("a", {"cs": "b"}, "de") == "a"
    assert variant("a", {"cs": "b"}, None) == "a"
    assert list(candidates("a", {"cs": "b"}, None)) == ["a", "b"]
    assert list(candidates("a", {"cs": "b"}, "cs")) == ["b"]


# What only looks names up is not run by Jinja, and comes out the same -------------------------------------------------

CHAINS = [
    "a",
    "b.c",
    "b.c.d",
    "b['c']",
    "l[0]",
    "l[9]",
    "l[0].x",
    "none",
    "none.x",
    "text.x",
    "n",
    "missing",
    "b.items",
]
VALUES = {"a": "<A>", "b": {"c": {"d": True}, "items": [1]}, "l": [{"x": 1.5}, None], "none": None, "text": "t", "n": 7}
pieces = st.one_of(
    st.sampled_from(["", " ", "x", "{", "}", "\n", "é🌵", "{# no #}", "% "]),
    st.sampled_from(CHAINS).map(lambda chain: f"{{{{ {chain} }}}}"),
    st.sampled_from(CHAINS).map(lambda chain: f"{{{{-{chain}-}}}}"),
)


@given(st.lists(pieces, max_size=6).map("".join))
def test_lookups_come_out_as_jinja_has_them(text: str) -> None:
    text = f"{text} "  # so that a brace at its end stays one
    by_jinja = f"{text}{{% if false %}}{{% endif %}}"
    for way in (render, render_url):
        try:
            wanted = way(by_jinja, VALUES)
        except TemplateFailed:
            with pytest.raises(TemplateFailed):
                way(text, VALUES)
        else:
            assert way(text, VALUES) == wanted


@pytest.mark.parametrize("chain", CHAINS)
def test_expressions_that_look_up_come_out_as_jinja_has_them(chain: str) -> None:
    assert evaluate(chain, VALUES) == evaluate(f"({chain}) if true else 1", VALUES)
