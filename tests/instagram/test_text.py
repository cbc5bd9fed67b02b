"""Text is cut in bytes, on word borders, never inside what a reader sees as one character."""

import pytest
import regex
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


@pytest.mark.parametrize(
    "word",
    [
        FAMILY,
        "👩🏽‍🚒",  # a skin tone and a profession
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",  # a flag of seven code points
        "🇨🇿",
        "1️⃣",
        "नमस्ते",
        "e\u0301\u0323",
        "각",  # a syllable of three letters
    ],
)
def test_no_reader_sees_a_character_cut(word: str) -> None:
    graphemes = regex.findall(r"\X", word)
    for gap in range(26):
        text = "x" * gap + word * 200
        pieces = split_text(text)
        assert "".join(pieces) == text
        assert [regex.findall(r"\X", piece) for piece in pieces] != []
        assert [one for piece in pieces for one in regex.findall(r"\X", piece)] == ["x"] * gap + graphemes * 200
        # As full as whole characters allow.
        longest = max(len(grapheme.encode()) for grapheme in graphemes)
        assert all(len(piece.encode()) > 1000 - longest for piece in pieces[:-1])


def test_flags_are_not_paired_anew_after_a_cut() -> None:
    text = "a" + "🇨🇿🇸🇰" * 70
    pieces = split_text(text)
    assert [flag for piece in pieces for flag in regex.findall(r"\X", piece)] == ["a", *["🇨🇿", "🇸🇰"] * 70]


def test_five_hundred_letters_of_cyrillic_fit() -> None:
    assert split_text("я" * 500) == ["я" * 500]
    assert [len(piece) for piece in split_text("я" * 1000)] == [500, 500]
    assert split_text("я" * 499 + " яя") == ["я" * 499, "яя"]


def test_right_to_left_marks_and_words_stay_in_order() -> None:
    mark = "\u200f"
    text = " ".join(f"{mark}מספר {number} של ההזמנה" for number in range(60))
    pieces = split_text(text)
    assert " ".join(pieces) == text
    assert all(len(piece.encode()) <= 1000 for piece in pieces)
    assert all(not piece.endswith(mark) for piece in pieces)  # a mark belongs to the word behind it


@pytest.mark.parametrize("before", ["See ", "See\n", "Your order is here:\n\n", "x " * 300])
def test_an_address_goes_to_a_piece_of_its_own_before_it_is_cut(before: str) -> None:
    address = ("https://example.org/orders?token=" + "a1" * 500)[:998]
    assert split_text(before + address + " Thank you") == [before.rstrip(), address, "Thank you"]
    longer = "https://example.org/?q=" + "b2" * 600
    pieces = split_text("See " + longer)
    assert pieces[0] == "See"  # what is too long for any piece begins in one of its own
    assert "".join(pieces[1:]) == longer
    assert all(len(piece.encode()) <= 1000 for piece in pieces)


def test_lines_and_paragraphs_within_a_piece_stay() -> None:
    text = "Dear Jana,\n\n  * one\n  * two\n" * 40
    pieces = split_text(text)
    assert all("\n\n  * one\n  * two" in piece for piece in pieces)


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
