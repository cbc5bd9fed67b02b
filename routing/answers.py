"""What a customer's answer matches: a pattern, similar words, a button's title or number (SPEC section 3, `target`)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import re2  # pyright: ignore[reportMissingTypeStubs]  the wheel brings no types
from rapidfuzz.distance import OSA

QUICK_REPLIES = 13
"""The most quick replies Instagram shows with one message (Meta, "Quick Replies", Instagram messaging)."""
TITLE = 20
"""The most characters of a quick reply's title; Instagram cuts longer ones (Meta, "Quick Replies")."""


class PatternError(ValueError):
    """A pattern that cannot be used; the message names the cure."""


@dataclass(frozen=True)
class Pattern:
    """A compiled `/regex/flags`."""

    text: str
    regexp: Any
    """A compiled RE2 expression."""


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """Read `/regex/flags` in RE2 syntax; flags are `i` (case), `m` (`^` and `$` at lines) and `s` (`.` is newline too).

    Named groups are written `(?P<name>...)` or `(?<name>...)`. RE2 runs in time linear in the answer, and the size of
    the program is bounded (SPEC section 7). Raises PatternError with the cure.
    """
    written = text.strip()
    end = written.rfind("/")
    if not written.startswith("/") or end < 1:
        raise PatternError(f"the pattern {written!r} has no slashes around it: write /{written.strip('/') or '...'}/")
    body, flags = written[1:end], written[end + 1 :]
    if not body:
        raise PatternError("the pattern has nothing between its slashes: write /.*/ for any answer")
    if unknown := [flag for flag in flags if flag not in "ims"]:
        raise PatternError(
            f"the pattern {written!r} has the unknown flag {unknown[0]!r}: only i, m and s may follow the last slash"
        )
    options = RE2.Options()
    options.log_errors = False
    options.max_mem = PROGRAM
    # Inline flags, since RE2 has no option that gives `m` its usual meaning.
    prefix = f"(?{''.join(sorted(set(flags)))})" if flags else ""
    try:
        return Pattern(written, RE2.compile(prefix + body, options))
    except UnicodeEncodeError as error:
        raise PatternError("the pattern has half a character (a lone surrogate): remove it") from error
    except RE2.error as error:
        raise PatternError(f"the pattern {written!r} {_cure(error)}") from error


def match_pattern(text: str, answer: str) -> dict[str, str] | None:
    """The named groups (empty text for one that took no part) if `/regex/flags` occurs in the answer, else None.

    Raises PatternError as `pattern` does.
    """
    # A lone surrogate, which JSON can carry, is no character that RE2 could read.
    found = pattern(text).regexp.search(answer.encode("utf-8", "replace").decode())
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    return {name: value or "" for name, value in groups.items()}


def fold(text: str) -> str:
    """The text without case, accents, punctuation, symbols and repeated white space, in any script.

    Marks that are letters of their own (vowels of Indic scripts and Thai, the voicing mark of kana) stay.
    """
    if text.isascii():
        return " ".join(text.translate(PLAIN).split())
    # Compatibility forms are taken apart first, since capitals can come out of them.
    plain = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold().translate(STROKED)
    kept = "".join(_kept(letter) for letter in unicodedata.normalize("NFKD", plain))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def match_similar(words: str, answer: str) -> str | None:
    """The first of the comma-separated words or phrases that occurs in the answer, as written, else None.

    Whole words must match. Small typing mistakes (a letter missing, added, changed, or two swapped) are allowed by the
    length of the wanted word: none up to 3 letters, one from 4 to 7, two from 8; none in a word with a digit. A space
    too many or too few in a phrase does not matter. Scripts without spaces match anywhere in the answer, and words
    without any letter (emoji) as they are.
    """
    tokens = _folded_answer(answer).split()
    joined = "".join(tokens)
    for wanted in _wanted(words):
        if not wanted.parts:
            found = bool(wanted.word) and wanted.word in answer
        elif wanted.spaceless:
            found = wanted.squeezed in joined
        else:
            found = _occurs(wanted, tokens) or (wanted.squeezed in joined and _occurs_squeezed(wanted, tokens))
        if found:
            return wanted.word
    return None


def same_title(title: str, answer: str) -> bool:
    """Whether the answer is a button's title typed by hand; a title without any letter (emoji) must be exact."""
    folded = _folded_title(title)
    return folded == _folded_answer(answer) if folded else title.strip() == answer.strip()


def needs_list(titles: Sequence[str]) -> bool:
    """Whether the titles are too many or too long for quick replies and are shown as a numbered list instead."""
    return len(titles) > QUICK_REPLIES or any(len(title) > TITLE for title in titles)


def numbered(titles: Sequence[str]) -> str:
    """The titles as lines `1. A`."""
    return "\n".join(f"{number}. {' '.join(title.split())}" for number, title in enumerate(titles, start=1))


def choice(titles: Sequence[str], answer: str) -> int | None:
    """The index of the title that the answer names by number (`2`, `2.`, `2)`, `#2`, digits of any script) or by title.

    A title that is exactly the answer comes before the number, because titles may be numbers themselves.
    """
    said = answer.strip()
    for index, title in enumerate(titles):
        if title.strip() == said:
            return index
    number = NUMBER.fullmatch(unicodedata.normalize("NFKC", said))
    if number is not None and 1 <= int(number[1]) <= len(titles):
        return int(number[1]) - 1
    return next((index for index, title in enumerate(titles) if same_title(title, answer)), None)


RE2: Any = re2
PROGRAM = 1 << 20
"""The most bytes RE2 may spend on one pattern, an eighth of its default: a large program is a slow one."""
NUMBER = re.compile(r"#?\s*(\d{1,4})\s*[.):]?")
APOSTROPHES = str.maketrans("", "", "'’‘`´")
PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {ord("'"): "", ord("`"): ""}
"""What becomes of letters and signs of ASCII."""
STROKED = str.maketrans({
    "ł": "l", "đ": "d", "ð": "d", "ø": "o", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i", "ʼ": "",
})  # fmt: skip
"""Letters with a stroke and joined letters, which Unicode does not take apart, and the apostrophe that is a letter."""
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
"""Letters of Thai, Lao, Burmese, Khmer, Japanese and Chinese, which are written without spaces between words."""


@lru_cache(maxsize=16)
def _folded_answer(answer: str) -> str:
    """All the answers of a decision are compared with the same words of the customer, which are not kept for long."""
    return fold(answer)


@lru_cache(maxsize=50_000)
def _folded_title(title: str) -> str:
    return fold(title)


class _Wanted(NamedTuple):
    """A word or phrase as it was written, and its parts, each with the typing mistakes that are allowed in it."""

    word: str
    parts: tuple[tuple[str, int], ...]
    squeezed: str
    spaceless: bool


@lru_cache(maxsize=50_000)
def _wanted(words: str) -> tuple[_Wanted, ...]:
    """The comma-separated words and phrases, read once however many answers are compared with them."""
    found: list[_Wanted] = []
    for word in (each.strip() for each in re.split("[,，、،]", words)):
        parts = fold(word).split()
        spaceless = any(SPACELESS.search(part) for part in parts)
        found.append(_Wanted(word, tuple((part, _mistakes(part)) for part in parts), "".join(parts), spaceless))
    return tuple(found)


def _mistakes(part: str) -> int:
    if any(letter.isdecimal() for letter in part):
        return 0
    return 0 if len(part) <= 3 else 1 if len(part) <= 7 else 2


@lru_cache(maxsize=4096)
def _kept(letter: str) -> str:
    """The letter, nothing for an accent, a space for what is neither letter, digit nor mark."""
    place = unicodedata.combining(letter)
    if place == 1 or 10 <= place <= 36 or place >= 200:  # strokes, Hebrew and Arabic points, accents above and below
        return ""
    return letter if unicodedata.category(letter)[0] in "LNM" else " "


def _occurs(wanted: _Wanted, tokens: list[str]) -> bool:
    for start in range(len(tokens) - len(wanted.parts) + 1):
        for (part, mistakes), said in zip(wanted.parts, tokens[start:], strict=False):
            if not _alike(part, mistakes, said):
                break
        else:
            return True
    return False


def _occurs_squeezed(wanted: _Wanted, tokens: list[str]) -> bool:
    """Whether the parts occur with a space too few or too many."""
    size = len(wanted.parts)
    return any(
        "".join(tokens[start : start + width]) == wanted.squeezed
        for start in range(len(tokens))
        for width in (size - 1, size + 1)
        if width
    )


def _alike(wanted: str, mistakes: int, said: str) -> bool:
    if not mistakes or abs(len(wanted) - len(said)) > mistakes:
        return wanted == said
    return OSA.distance(wanted, said, score_cutoff=mistakes) <= mistakes


def _cure(error: Exception) -> str:
    """What RE2 did not like and what to do, as the end of a sentence."""
    reason = error.args[0] if error.args else ""
    said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    if re.match(r"invalid perl operator: \(\?(<?[=!])", said):
        return "looks ahead or behind, which RE2 has not: match the whole text and name the part you need (?P<name>...)"
    if re.match(r"invalid escape sequence: \\[1-9k]", said) or said.startswith("invalid perl operator: (?P"):
        return "refers back to an earlier group, which RE2 has not: write the alternatives out"
    if said.startswith(("pattern too large", "invalid repetition size")):
        return f"is too large for RE2 ({said}): use smaller repetitions, at most 1000 in all, or * and +"
    return f"is refused by RE2 ({said}): correct it there"
