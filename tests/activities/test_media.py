"""Types are told by bytes, and names of files are made for people."""

from typing import Any

import pytest

from activities.media import file_title
from instagram.media import ENDINGS, media_type_of
from routing.messages import Attachment
from tests.activities.samples import EXE, JPEG, KEPT, MP4, NOT_KEPT, PDF, png


@pytest.mark.parametrize(("content", "kind", "media_type", "ending"), KEPT)
def test_types_that_are_kept(content: bytes, kind: str, media_type: str, ending: str) -> None:
    assert media_type_of(content, kind) == media_type
    assert ENDINGS[media_type][0] == ending


def test_every_type_has_a_sample() -> None:
    assert {media_type for _, _, media_type, _ in KEPT} == set(ENDINGS)


@pytest.mark.parametrize("content", NOT_KEPT, ids=lambda content: repr(content[:12]))
@pytest.mark.parametrize("kind", ["image", "audio"])
def test_what_is_not_kept(content: bytes, kind: str) -> None:
    assert media_type_of(content, kind) is None


@pytest.mark.parametrize("start", range(0, 40))
def test_a_file_that_is_cut_off_anywhere_raises_nothing(start: int) -> None:
    for content in (png(), JPEG, MP4, PDF, EXE):
        for piece in (content[: start + 1], content[start:]):
            assert media_type_of(piece, "image") in {None, *ENDINGS}


@pytest.mark.parametrize(
    ("sent", "place", "media_type", "title"),
    [
        ({"type": "image"}, 0, "image/png", "image.png"),
        ({"type": "image"}, 2, "image/jpeg", "image-3.jpg"),
        ({"type": "story_mention"}, 0, "video/mp4", "story-mention.mp4"),
        ({"type": "story"}, "story", "image/jpeg", "story.jpg"),
        ({"type": "ig_reel", "title": "  Summer\n sale 50 %  "}, 0, "video/mp4", "Summer sale 50 %.mp4"),
        ({"type": "image", "title": "photo.JPEG"}, 0, "image/jpeg", "photo.JPEG"),
        ({"type": "image", "title": "photo.exe"}, 0, "image/jpeg", "photo.exe.jpg"),
        ({"type": "image", "title": "../../etc/passwd"}, 0, "image/png", "etc passwd.png"),
        ({"type": "image", "title": "C:\\a\\b\x00.png"}, 0, "image/png", "C a b .png"),
        ({"type": "image", "title": "gnp\u202egpj.exe"}, 0, "image/jpeg", "gnpgpj.exe.jpg"),
        ({"type": "image", "title": "Žofie 🎂"}, 0, "image/png", "Žofie 🎂.png"),
        ({"type": "image", "title": "..."}, 0, "image/png", "image.png"),
        ({"type": "image", "title": "x" * 300}, 0, "image/png", "x" * 80 + ".png"),
        ({"type": "file", "url": "https://cdn.example/a/my%20bill.pdf?t=1"}, 0, "application/pdf", "my bill.pdf"),
        ({"type": "file", "url": "https://cdn.example/?t=1"}, 0, "application/pdf", "file.pdf"),
        ({"type": "image", "url": "https://cdn.example/v/48_n.jpg"}, 0, "image/jpeg", "image.jpg"),
        ({"type": "/"}, 0, "image/png", "file.png"),
    ],
)
def test_names_of_files(sent: dict[str, Any], place: int | str, media_type: str, title: str) -> None:
    assert file_title(Attachment(**sent), sent["type"], place, media_type) == title
