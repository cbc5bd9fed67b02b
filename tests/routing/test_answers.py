"""Patterns, similar words, titles and numbered lists."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.answers import (
    QUICK_REPLIES,
    TITLE,
    PatternError,
    choice,
    fold,
    match_pattern,
    match_similar,
    needs_list,
    numbered,
    pattern,
    same_title,
)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("/[0-9]{6}/", "my number is 123456, thanks", {}),
        ("/[0-9]{6}/", "12345", None),
        ("/^#?(?P<number>[0-9]{6})$/", "#123456", {"number": "123456"}),
        ("/^#?(?<number>[0-9]{6})$/", "123456", {"number": "123456"}),
        ("/(?P<a>x)|(?P<b>y)/", "y", {"a": "", "b": "y"}),
        ("/yes/", "YES", None),
        ("/yes/i", "YES", {}),
        ("/řeka/i", "ŘEKA", {}),
        ("/^second$/", "first\nsecond", None),
        ("/^second$/m", "first\nsecond", {}),
        ("/first.second/", "first\nsecond", None),
        ("/first.second/s", "first\nsecond", {}),
        ("/^FIRST.second$/ims", "zero\nfirst\nsecond", {}),
        ("/a/b/", "a/b", {}),
        (r"/a\/b/", "a/b", {}),
        (" /a/i\n", "A", {}),
        (r"/(?P<name>\pL+) €/", "Šárka €", {"name": "Šárka"}),
        (r"/^\pL{1,50}$/", "žluťoučký", {}),
        ("/x?/", "\ud800", {}),
    ],
)
def test_match_pattern(text: str, answer: str, expected: dict[str, str] | None) -> None:
    assert match_pattern(text, answer) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0-9]+", r"no slashes around it: write /\[0-9\]\+/"),
        ("/abc", "no slashes around it: write /abc/"),
        ("/", r"no slashes around it: write /\.\.\./"),
        ("", "no slashes around it"),
        ("//", r"nothing between its slashes: write /\.\*/"),
        ("/a/g", "unknown flag 'g': only i, m and s"),
        ("/(a)\\1/", "refers back to an earlier group, which RE2 has not"),
        ("/(?P<n>a)(?P=n)/", "refers back to an earlier group"),
        ("/(?=a)/", "looks ahead or behind, which RE2 has not"),
        ("/(?!a)/", "looks ahead or behind"),
        ("/(?<=a)b/", "looks ahead or behind"),
        ("/(?<!a)b/", "looks ahead or behind"),
        ("/[a/", r"is refused by RE2 \(missing \]: \[a\)"),
        ("/a{1001}/", "too large for RE2"),
        (r"/\pL{200}/", "too large for RE2"),
        (r"/[\pL\pN]{500}/", "too large for RE2"),
        ("/\ud800/", "lone surrogate"),
    ],
)
def test_pattern_error_names_the_cure(text: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        pattern(text)


def test_pattern_is_compiled_once() -> None:
    assert pattern("/once/") is pattern("/once/")


def test_pattern_errors_are_not_written_to_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PatternError):
        pattern("/(silence/")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("text", ["/([a-z]+)*$x/", "/(a|a)*b/", "/(.*a){30}b/", "/(a?){100}a{100}b/"])
def test_no_pattern_runs_long(text: str) -> None:
    begin = time.process_time()
    match_pattern(text, "a" * 20_000)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Žluťoučký   KŮŇ! ", "zlutoucky kun"),
        ("Łódź", "lodz"),
        ("Đorđe & Øre", "dorde ore"),
        ("Straße", "strasse"),
        ("ÆON œuvre", "aeon oeuvre"),
        ("İstanbul ılık", "istanbul ilik"),
        ("don't, don’t", "dont dont"),
        ("itʼs ŉ", "its n"),
        ("e-mail", "e mail"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("Ёлка", "елка"),
        ("Καλημέρα Σας", "καλημερα σασ"),
        ("שָׁלוֹם", "שלום"),
        ("한국어", "한국어"),
        ("が", "が"),
        ("कुत्ता", "कुत्ता"),
        ("ℌello", "hello"),
        ("👍", ""),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_fold_keeps_letters_apart_that_marks_make_different() -> None:
    assert fold("か") != fold("が")
    assert fold("कि") != fold("कु")


@settings(deadline=None)
@given(st.text())
def test_fold_twice_is_fold_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("words", "answer", "expected"),
    [
        ("human, agent, somebody", "Can I talk to a HUMAN, please?", "human"),
        ("human, agent", "humn", "human"),
        ("human, agent", "I want an agnet!", "agent"),
        ("human", "hmn", None),
        ("man", "chairman", None),
        ("man", "a man", "man"),
        ("cat", "can", None),
        ("cat", "the cat.", "cat"),
        ("yes", "yess", None),
        ("help", "helo", "help"),
        ("člověk, operátor", "chci cloveka", "člověk"),
        ("operátor", "operater", "operátor"),
        ("operátor", "opeatr", "operátor"),
        ("operátor", "opeat", None),
        ("straße", "STRASSE", "straße"),
        ("customer service", "your custmer servise please", "customer service"),
        ("customer service", "service customer", None),
        ("thank you", "hi, thankyou all", "thank you"),
        ("weekend", "this week end is fine", "weekend"),
        ("email", "my e-mail", "email"),
        ("route66", "route67", None),
        ("route66", "Route66", "route66"),
        ("2026", "2025", None),
        ("b, a", "a b", "b"),
        ("人工，客服", "我要人工服务", "人工"),
        ("人工", "我要帮助", None),
        ("オペレーター", "オペレーターをお願いします", "オペレーター"),
        ("เจ้าหน้าที่", "ขอคุยกับเจ้าหน้าที่หน่อย", "เจ้าหน้าที่"),
        ("👍, ok", "great 👍", "👍"),
        ("👍", "👎", None),
        ("", "anything", None),
        (" , ,", "anything", None),
        ("human", "", None),
    ],
)
def test_match_similar(words: str, answer: str, expected: str | None) -> None:
    assert match_similar(words, answer) == expected


@pytest.mark.parametrize(
    ("title", "answer", "expected"),
    [
        ("Track my order", " track MY order! ", True),
        ("Objednávka", "objednavka", True),
        ("👍 Yes", "yes", True),
        ("Yes", "yes please", False),
        ("👍", "👍", True),
        ("👍", "👎", False),
        ("👍", "", False),
    ],
)
def test_same_title(title: str, answer: str, expected: bool) -> None:
    assert same_title(title, answer) == expected


def test_the_limits_of_quick_replies() -> None:
    assert not needs_list(["x" * TITLE] * QUICK_REPLIES)
    assert needs_list(["x"] * (QUICK_REPLIES + 1))
    assert needs_list(["x" * (TITLE + 1)])
    assert not needs_list([])


def test_numbered() -> None:
    assert numbered(["A", "B\nC"]) == "1. A\n2. B C"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("2", 1), ("2.", 1), ("2)", 1), ("#2", 1), (" # 2 ", 1), ("２", 1), ("２．", 1), ("٢", 1), ("02", 1),
        ("0", None), ("4", None), ("99999999", None), ("-1", None), ("2 3", None), ("1.5", None),
        ("green tea", 1), ("Café", 0), ("cafe", 0), ("7", 2), ("tea", None), ("", None),
    ],
)  # fmt: skip
def test_choice(answer: str, expected: int | None) -> None:
    assert choice(["Café", "Green tea", "7"], answer) == expected


def test_choice_takes_an_exact_title_before_a_number() -> None:
    assert choice(["4", "2", "1"], "2") == 1
    assert choice(["4", "2", "1"], "1.") == 0
    assert choice(["+1", "-1"], "-1") == 1
