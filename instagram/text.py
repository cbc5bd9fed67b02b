"""Text as Instagram counts it: in UTF-8 bytes, cut only where a reader would."""

import regex

TEXT_BYTES = 1000  # Send API, both flavours: a message's text in UTF-8 bytes (facts 2.2).
TEMPLATE_CHARACTERS = 640  # Button template: its text (facts 2.2).
TITLE_CHARACTERS = 20  # Titles of quick replies and buttons (facts 2.2).

_GRAPHEMES = regex.compile(r"\X")


def split_text(text: str, limit: int = TEXT_BYTES) -> list[str]:
    """Pieces of at most `limit` UTF-8 bytes, in order; an empty or blank text gives none.

    Cuts on word borders where there is one, else between graphemes. Only the white space at a cut is lost.
    A single grapheme larger than the limit (stacked accents) is cut between its code points, having no other border.
    Raises ValueError for a limit under 4, which could not hold every character.
    """
    if limit < 4:
        raise ValueError(f"limit is {limit}: a piece must hold at least one character, so give 4 bytes or more")
    if not text.strip():
        return []
    pieces: list[str] = []
    start = 0
    units = [unit for grapheme in _GRAPHEMES.findall(clean(text)) for unit in _fitting(grapheme, limit)]
    while start < len(units):
        end = _reach(units, start, limit)
        if end < len(units):
            end = _border(units, start, end)
        piece = "".join(units[start:end])
        start = end
        if start < len(units):
            piece = piece.rstrip()
            while start < len(units) and units[start].isspace():
                start += 1
        if piece.strip():
            pieces.append(piece)
    return pieces


def clean(text: str) -> str:
    """The text without what no database or UTF-8 encoder takes: NUL goes, a lone surrogate becomes U+FFFD."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shortened(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """The text if it has at most `limit` characters, else its beginning in whole graphemes and an ellipsis."""
    if len(text) <= limit:
        return text
    kept = ""
    for grapheme in _GRAPHEMES.findall(text):
        if len(kept) + len(grapheme) >= limit:
            break
        kept += grapheme
    return kept.rstrip() + "…"


def _fitting(grapheme: str, limit: int) -> list[str]:
    return [grapheme] if len(grapheme.encode()) <= limit else list(grapheme)


def _reach(units: list[str], start: int, limit: int) -> int:
    """The index after the last unit that still fits."""
    size = 0
    for index in range(start, len(units)):
        size += len(units[index].encode())
        if size > limit:
            return index
    return len(units)


def _border(units: list[str], start: int, end: int) -> int:
    """The last word border in reach; the end of the reach for one word longer than that."""
    for index in range(end, start, -1):
        if units[index].isspace() and not units[index - 1].isspace():
            return index
    return end
