"""The files that were uploaded to the local Instagram, and the samples that it makes itself."""

import sqlite3
from functools import cache
from uuid import uuid4

from instagram.simulator import samples
from instagram.simulator.database import Unknown, row

# facts 2.2: what each kind may be and how large, in bytes.
LIMITS = {"image": 8_000_000, "audio": 25_000_000, "video": 25_000_000, "file": 25_000_000}
TYPES: dict[str, tuple[str, str]] = {
    "image/png": ("image", "png"),
    "image/jpeg": ("image", "jpeg"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "audio/wav": ("audio", "wav"),
    "audio/x-wav": ("audio", "wav"),
    "audio/mpeg": ("audio", "mp3"),
    "audio/mp4": ("audio", "m4a"),
    "audio/x-m4a": ("audio", "m4a"),
    "audio/aac": ("audio", "aac"),
    "audio/ogg": ("audio", "ogg"),
    "audio/webm": ("audio", "webm"),
    "video/mp4": ("video", "mp4"),
    "video/quicktime": ("video", "mov"),
    "video/webm": ("video", "webm"),
    "video/ogg": ("video", "ogv"),
    "application/pdf": ("file", "pdf"),
}
SAMPLES = {
    "image": "image.png",
    "audio": "audio.wav",
    "video": "video.mp4",
    "file": "document.pdf",
    "page": "reel.html",
}


class Media:
    """Uploaded files, by name; kept."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, type: str, content: bytes) -> str:
        """Keeps a file of one of TYPES and gives its name."""
        id = f"{uuid4().hex}.{TYPES[type][1]}"
        self._database.execute("insert into media values (?, ?, ?)", (id, type, content))
        return id

    def get(self, id: str) -> tuple[str, bytes]:
        """Type and content; Unknown where there is none of that name."""
        file = row(self._database, "file", id, "select type, content from media where id = ?", id)
        return file["type"], file["content"]

    def remove(self, id: str) -> None:
        """Its address stops working, as Meta's do after a while; Unknown where there is none of that name."""
        if not self._database.execute("delete from media where id = ?", (id,)).rowcount:
            raise Unknown(f"no file {id!r} here")


@cache
def sample(name: str) -> tuple[str, bytes]:
    """Type and content of one of SAMPLES by its file name; Unknown for another."""
    match name:
        case "image.png":
            return "image/png", samples.image()
        case "audio.wav":
            return "audio/wav", samples.audio()
        case "video.mp4":
            return "video/mp4", samples.video()
        case "document.pdf":
            return "application/pdf", samples.document()
        case "reel.html":
            return "text/html; charset=utf-8", samples.page()
        case _:
            raise Unknown(f"no sample {name!r}: there are {', '.join(SAMPLES.values())}")
