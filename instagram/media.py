"""Which files are kept and sent: their types, told by their bytes (SPEC 6.5)."""

import re

import puremagic

IMAGE_BYTES = 8_000_000
"""An image that Instagram takes has so many bytes at the most (facts 2.2)."""
IMAGE_TYPES = ("image/png", "image/jpeg")
"""The images that Instagram takes from an address (facts 2.2)."""
ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic",),
    "audio/aac": (".aac",),
    "audio/mp4": (".m4a", ".mp4"),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/wav": (".wav",),
    "video/mp4": (".mp4",),
    "video/ogg": (".ogv", ".ogg"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm",),
    "video/x-msvideo": (".avi",),
    "application/pdf": (".pdf",),
}
"""The MIME types that are kept, and how names of such files end: Meta's list (facts 2.2) and what phones send."""


def media_type_of(content: bytes, kind: str) -> str | None:
    """The MIME type that the bytes have, None for one that is not kept; `kind` is Instagram's word.

    Voice messages and videos come in the same containers: there the kind decides.
    """
    media_type = _boxed(content) if content[4:8] == b"ftyp" else _guessed(content)
    if media_type == "audio/ogg" and kind != "audio" and b"theora" in content[:200]:
        return "video/ogg"
    return "audio/mp4" if media_type == "video/mp4" and kind == "audio" else media_type


# The library's words for them. What it calls QuickTime is left out: any text with `free` at the right place is that.
_WORDS = {name: name for name in ENDINGS if name != "video/quicktime"} | {
    "application/ogg": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "video/avi": "video/x-msvideo",
}


def _guessed(content: bytes) -> str | None:
    try:
        guesses = puremagic.magic_string(content)
    except puremagic.PureError:
        return None
    best = (one.mime_type for one in guesses if one.confidence == guesses[0].confidence)
    return next((_WORDS[name] for name in best if name in _WORDS), None)


_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_SOUNDS = {b"M4A ", b"M4B ", b"F4A ", b"F4B "}
_FILMS = re.compile(rb"iso[m2-9]|mp4[12]|avc1|dash|MSNV|M4V.|F4V |3gp\w|3g2\w")


def _boxed(content: bytes) -> str | None:
    """The type of a file made of boxes; the first box names its brands, the main one in front (ISO/IEC 14496-12)."""
    first = content[8 : min(int.from_bytes(content[:4]), 200)]
    main, brands = first[:4], {first[:4], *(first[at : at + 4] for at in range(8, len(first), 4))}
    if main == b"qt  ":
        return "video/quicktime"
    if main in _SOUNDS:
        return "audio/mp4"
    if main in _PICTURES or (main in (b"mif1", b"msf1") and brands & _PICTURES):
        return "image/heic"
    if main in (b"avif", b"avis", b"crx "):
        return None
    return "video/mp4" if any(map(_FILMS.fullmatch, brands)) else None
