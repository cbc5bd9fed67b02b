"""Which of the offered languages a customer's words are in (lingua); slow to load, so it runs outside workflows."""

from collections.abc import Sequence
from functools import lru_cache

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

SURE = 0.8
"""The confidence, of 1 shared among the offered languages, from which a guess counts (SPEC section 4)."""
LETTERS = 4
"""Fewer letters than this say too little: `ok` is a word of every language."""


def detect(text: str, offered: Sequence[str]) -> str | None:
    """The ISO 639-1 code of the text's language, or None while that is not sure."""
    if sum(letter.isalpha() for letter in text) < LETTERS:
        return None
    detector = _detector(tuple(sorted(set(offered))))
    if detector is None:
        return None
    best = detector.compute_language_confidence_values(text[:1000])[0]
    return best.language.iso_code_639_1.name.lower() if best.value >= SURE else None


@lru_cache(maxsize=16)
def _detector(offered: tuple[str, ...]) -> LanguageDetector | None:
    """A detector for these languages; None where there is nothing to choose between."""
    known = [IsoCode639_1.from_str(code.upper()) for code in offered if hasattr(IsoCode639_1, code.upper())]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*known).build() if len(known) > 1 else None
