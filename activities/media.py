"""The names that kept files are given (SPEC 6.5)."""

import re
import unicodedata

import httpx

from instagram.media import ENDINGS
from routing.messages import Attachment


def file_title(sent: Attachment, kind: str, place: int | str, media_type: str) -> str:
    """A file's name for people: Instagram's title or the file's own name, else what it is, with the right ending."""
    named = sent.title or (httpx.URL(sent.url or "").path.rpartition("/")[2] if kind == "file" else "")
    if not (name := _plain(named)):
        name = _plain(kind.replace("_", "-")) or "file"
        name = f"{name}-{place + 1}" if isinstance(place, int) and place else name
    return name if name.lower().endswith(ENDINGS[media_type]) else name + ENDINGS[media_type][0]


def _plain(text: str) -> str:
    """Words on one line, without what means something in a path or turns the direction in which a name is read."""
    kept = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cs"))
    return " ".join(_APART.sub(" ", kept).split())[:80].strip(" .")


_APART = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\<>:\"|?*]")
