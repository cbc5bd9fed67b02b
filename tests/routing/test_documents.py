"""Reading YAML and JSON by the rules of YAML 1.2, and writing it back."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.documents import DEPTH, DocumentError, read, write


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("13:00", "13:00"), ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("y", "y"),
        ("2026-12-24", "2026-12-24"), ("2026-12-24T10:00:00Z", "2026-12-24T10:00:00Z"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("12", 12), ("-3", -3), ("0o17", 15), ("0x1F", 31), ("1e3", 1000.0), (".5", 0.5), ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("'5'", "5"), ('"true"', "true"), ("!!str 5", "5"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    document: Any = read(f"a: {written}\n")
    assert document == {"a": value}
    assert type(document["a"]) is type(value)


def test_keys_are_texts() -> None:
    assert read("1: a\non: b\n2026-01-01: c\nnull: d\n") == {"1": "a", "on": "b", "2026-01-01": "c", "null": "d"}


def test_json_is_read_with_its_escapes() -> None:
    document = {"a": ["😀", "\t/", None, 1.5, True], "b": {}}
    assert read(json.dumps(document)) == document
    assert read("\ufeff" + json.dumps(document, indent="\t")) == document


def test_aliases_are_written_out_and_not_shared() -> None:
    document: Any = read("a: &x {b: [1]}\nc: *x\nd: *x\n")
    assert document == {"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}
    document["c"]["b"].append(2)
    assert document["a"] == document["d"] == {"b": [1]}


LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, 1, "given twice"),
        ('{"a": 1,\n "a": 2}', 2, 2, "given twice"),
        ("a:\n  - b\n c: d", 3, 2, "correct it there"),
        ("a: b: c", 1, 5, "belongs in quotes"),
        ("a:\n\t- b", 2, 1, "cannot start any token"),
        ("a: 1\n---\nb: 2", 2, 1, "one document"),
        ("a: &x [*x]", 1, 8, "inside what it stands for"),
        ("a: *nope", 1, 4, "no anchor"),
        ("<<: {a: 1}", 1, 1, "merge keys"),
        ("a: !secret x", 1, 4, "tag"),
        ("a: !!python/object:os.system x", 1, 4, "tag"),
        ("? [a]\n: b", 1, 3, "a key is a text"),
        ("a: .inf", 1, 4, "put it in quotes"),
        ("a: 1e999", 1, 4, "put it in quotes"),
        ('{"a": NaN, "b": 1e999}', 1, 17, "put it in quotes"),
        ("a: " + "9" * 400, 1, 4, "more than 300 digits"),
        ("x: 1\na: \x01", 2, 4, "not allowed"),
        ("a: \ud800", 1, 4, "not allowed"),
        ('{"a": "\\ud800"}', 1, 10, "Unicode"),
        ('{"a": "\\u0000"}', 1, 7, "not allowed"),
        ("[" * 100_000, 1, DEPTH + 1, "levels"),
        ('{"a": ' * 500 + "1" + "}" * 500, 1, 6 * DEPTH + 1, "levels"),
        (LAUGHS, 6, 38, "aliases"),
        (f"a: &a {'x' * 20_000}\nb: [{','.join(['*a'] * 6000)}]", 2, 14927, "aliases"),
    ],
)
def test_errors_say_where_and_what_to_do(text: str, line: int, column: int, words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(DocumentError) as caught:
        read(text, name="shop.yaml")
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"shop.yaml: line {line}, column {column}: ")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert time.perf_counter() - began < 20


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
    | st.sampled_from(["no", "1e3", "0o17", "12:00", "2026-01-01", "~", "<<", "=", "a: b", "- a",
                      "l1\nl2\n", " x\n y", "\n"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(DATA)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(document: object) -> None:
    text = write(document)
    assert read(text) == document
    assert write(read(text)) == text


def test_writing_keeps_order_and_letters() -> None:
    assert write({"b": ["č😀", 1], "a": {"text": "one\ntwo\n"}}) == (
        "b:\n  - č😀\n  - 1\na:\n  text: |\n    one\n    two\n"
    )
