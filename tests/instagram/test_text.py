"""Text is cut in bytes, on word borders, never inside what a reader sees as one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instagram.text import clean, shortened, split_text

FAMILY = "👨‍👩‍👧‍👦"


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_what_fits_stays_whole() -> None:
    assert split_text("a" * 1000) == ["a" * 1000]
    assert split_text("  hi\n") == ["  hi\n"]
    assert split_text("") == []
    assert split_text(" \n ") == []


def test_one_byte_too_many() -> None:
    assert split_text("a" * 1001) == ["a" * 1000, "a"]
    words = "word " * 200 + "x"
    assert len(words) == 1001
    assert split_text(words) == [("word " * 200).rstrip(), "x"]


def test_cyrillic_counts_two_bytes_a_letter() -> None:
    text = "Привет " * 200
    pieces = split_text(text)
    assert all(len(piece.encode()) <= 1000 for piece in pieces)
    assert all(word == "Привет" for piece in pieces for word in piece.split())
    assert split_text("я" * 501) == ["я" * 500, "я"]


def test_families_and_accents_stay_together() -> None:
    assert len(FAMILY.encode()) == 25
    assert split_text(FAMILY * 41) == [FAMILY * 40, FAMILY]
    accented = "e\u0301"
    assert split_text(accented * 400) == [accented * 333, accented * 67]


def test_right_to_left() -> None:
    text = "שלום עולם " * 100
    pieces = split_text(text)
    assert len(pieces) == 2
    assert squeezed("".join(pieces)) == squeezed(text)


def test_a_monstrous_grapheme_still_fits() -> None:
    text = "a" + "\u0301" * 800
    pieces = split_text(text)
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= 1000 for piece in pieces)


def test_limit_too_small() -> None:
    with pytest.raises(ValueError, match="4 bytes or more"):
        split_text("hi", 3)


@given(st.text(), st.integers(4, 60))
def test_nothing_is_lost_but_white_space(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert squeezed("".join(pieces)) == squeezed(clean(text))
    assert all(piece.strip() and len(piece.encode()) <= limit for piece in pieces)


def test_shortened_titles() -> None:
    assert shortened("x" * 20) == "x" * 20
    assert shortened("x" * 21) == "x" * 19 + "…"
    assert shortened(FAMILY * 3) == FAMILY * 2 + "…"
