"""What earlier answers of a decision take, in one language, so that a later one can never have it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from routing.answers import SPACELESS, PatternError, fold, match_pattern, match_similar

PATTERNS = 50
"""The most patterns that a button's title is tried with, so that a check of many answers stays quick."""


@dataclass
class Takers:
    """Answers offered so far, each by its path; what comes in a branch is taken back at its end."""

    everything: str | None = None
    """A pattern that takes every text."""
    titles: dict[str, str] = field(default_factory=dict[str, str])
    patterns: dict[str, str] = field(default_factory=dict[str, str])
    literals: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Texts in small letters that a pattern takes wherever they occur, and its path."""
    words: "Words" = field(default_factory=lambda: Words())
    _undo: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    # Who takes it -----------------------------------------------------------------------------------------------------

    def of_title(self, title: str) -> str | None:
        """Which answer takes a button's title when it is typed by hand, other than a button."""
        if self.everything is not None or "{" in title:
            return self.everything
        for pattern, path in list(self.patterns.items())[:PATTERNS]:
            if _matches(pattern, title):
                return path
        return self.words.taking(title)

    def of_pattern(self, text: str) -> str | None:
        """Which answer takes everything that a pattern matches."""
        same = self.everything or self.patterns.get(text.strip())
        if same is not None:
            return same
        found = [self._containing(one) for one in plain_texts(text)]
        return found[0] if found and all(found) else None

    def of_words(self, words: str) -> str | None:
        """Which answer takes all of these words as they are written; it may take some that are misspelt as well."""
        if self.everything is not None:
            return self.everything
        found = [self._containing(word.lower()) or self.words.taking(word) for word in split(words)]
        return found[0] if found and all(found) else None

    def _containing(self, text: str) -> str | None:
        return next((path for literal, path in self.literals if literal in text), None)

    # Offering ---------------------------------------------------------------------------------------------------------

    def add_title(self, title: str, path: str) -> None:
        self._put(self.titles, title_key(title), path)

    def add_pattern(self, text: str, path: str) -> None:
        self._put(self.patterns, text.strip(), path)
        if self.everything is None and takes_all(text):
            self.everything = path
            self._undo.append(lambda: setattr(self, "everything", None))
        if "i" in _flags(text) or text.lower() == text.upper():
            for literal in plain_texts(text)[: PATTERNS - len(self.literals)]:
                self.literals.append((literal, path))
                self._undo.append(self.literals.pop)

    def add_words(self, words: str, path: str) -> None:
        for word in split(words):
            self._undo.append(self.words.add(word, path))

    def mark(self) -> int:
        return len(self._undo)

    def back_to(self, mark: int) -> None:
        while len(self._undo) > mark:
            self._undo.pop()()

    def _put(self, into: dict[str, str], key: str, path: str) -> None:
        if key not in into:
            into[key] = path
            self._undo.append(lambda: into.pop(key))


class Words:
    """Words and phrases of `similar` answers, found again by any text in which they occur, typing mistakes included.

    Two words with so many mistakes between them share what is left of them without that many letters, so a text is
    looked up by what is left of its words, and only what is found there is compared.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, list[tuple[str, str]]] = {}

    def add(self, word: str, path: str) -> Callable[[], None]:
        """Note a word or phrase; answers what takes it back, the newest first."""
        keys = tuple(_keys(word))
        for key in keys:
            self._wanted.setdefault(key, []).append((word, path))

        def take_back() -> None:
            for key in keys:
                self._wanted[key].pop()
                if not self._wanted[key]:
                    del self._wanted[key]

        return take_back

    def taking(self, text: str) -> str | None:
        """The path of an answer with a word that occurs in the text, as `match_similar` says."""
        if not self._wanted:
            return None
        for key in _looked_up(text):
            for word, path in self._wanted.get(key, ()):
                if match_similar(word, text) is not None:
                    return path
        return None


def _keys(word: str) -> Iterator[str]:
    parts = fold(word).split()
    if not parts or any(SPACELESS.search(part) for part in parts):
        yield f"in {''.join(parts)[:1] or word[:1]}"  # it may occur anywhere
        return
    first = parts[0]
    mistakes = 0 if len(first) <= 3 or any(letter.isdecimal() for letter in first) else 1 if len(first) <= 7 else 2
    yield from _shortened(first, mistakes)
    yield f"= {''.join(parts)}"


def _looked_up(text: str) -> Iterator[str]:
    tokens = fold(text).split()[:PHRASE]
    for token in tokens:
        yield from _shortened(token, 2)
    for start in range(len(tokens)):
        for end in range(start + 1, len(tokens) + 1):
            yield f"= {''.join(tokens[start:end])}"
    for letter in dict.fromkeys((*"".join(tokens), *text)):
        yield f"in {letter}"


PHRASE = 12
"""The most words of a text that are looked up."""
LONG = 24
"""Words with more letters are looked up as they are written."""


def _shortened(word: str, letters: int) -> Iterator[str]:
    """The word without up to so many of its letters, in every way, itself first."""
    found = newest = {word: None}
    for _ in range(letters if len(word) <= LONG else 0):
        newest = {one[:at] + one[at + 1 :]: None for one in newest for at in range(len(one))}
        found = {**found, **newest}
    yield from found


# Reading answers ------------------------------------------------------------------------------------------------------


def split(words: str) -> list[str]:
    """The words and phrases of a `similar` answer."""
    return [word.strip() for word in re.split("[,，、،]", words) if word.strip()]


def title_key(text: str) -> str:
    """What is the same for titles that count as the same; a template stands for itself."""
    return text.strip() if "{" in text else fold(text) or text.strip()


def plain_texts(text: str) -> list[str]:
    """What a pattern looks for, in small letters, where it is a text or a choice of texts that may occur anywhere."""
    body = text.strip().removeprefix("/").rpartition("/")[0]
    if wrapped := re.fullmatch(r"\((?:\?P?<\w+>|\?:)?([^()]*)\)", body):
        body = wrapped[1]
    found = body.split("|")
    return [one.lower() for one in found] if all(re.fullmatch(r"[^\\^$.|?*+()\[\]{}]+", one) for one in found) else []


def takes_all(text: str) -> bool:
    """Whether a pattern takes every text; with both ends tied, `.` has to take newlines too."""
    body, _, flags = text.strip().removeprefix("/").rpartition("/")
    if inline := re.match(r"\(\?([ims]+)\)", body):
        body, flags = body[inline.end() :], flags + inline[1]
    begins, ends = body.startswith(("^", r"\A")), body.endswith(("$", r"\z"))
    body = re.sub(r"^(?:\^|\\A)|(?:\$|\\z)$", "", body)
    if wrapped := re.fullmatch(r"\((?:\?P?<\w+>|\?:)?(.*)\)", body):
        body = wrapped[1] if _ALL.fullmatch(wrapped[1]) else body
    if not _ALL.fullmatch(body):
        return False
    return not (begins and ends and body.startswith(".")) or "s" in flags


_ALL = re.compile(r"(?:\.[*+]\??|\[\\s\\S\][*+]|\[\\d\\D\][*+]|\[\\w\\W\][*+]|\(\.\|\\n\)[*+])")


def _flags(text: str) -> str:
    return text.strip().rpartition("/")[2]


def _matches(pattern: str, text: str) -> bool:
    try:
        return match_pattern(pattern, text) is not None
    except PatternError:
        return False  # told by check_answers
