"""The page on the desk names every route with its role, every kind of event, field and limit as the code has them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

from api import acts, broadcast, events, pictures, replies, signs
from api.conversations import ConversationItem, MaySend
from api.events import Change
from api.replies import Reply
from api.roles import ROLES
from instagram.media import IMAGE_BYTES
from instagram.outbound import IMAGES
from store.updates import KEPT, KINDS, SPARED

PAGE = (Path(__file__).parents[2] / "docs/reference/desk.md").read_text(encoding="utf-8")


def column(heading: str) -> set[str]:
    """The words in the first column of the tables below a heading."""
    section = re.split(r"\n## ", PAGE.partition(f"\n## {heading}\n")[2])[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_routes_have_their_roles() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /api/v1/[^` ?]*)[^|`]*` \| (\w+) \|", PAGE, re.MULTILINE)
    assert len(rows) == 8
    assert dict(rows) == {row: ROLES[row] for row, _ in rows}


def test_every_field_and_kind_is_there() -> None:
    assert column("Replies") >= set(Reply.model_fields)
    assert (
        column("The window")
        == {"window_closes_at", "human_agent_until", "may_send"}
        <= set(ConversationItem.model_fields)
    )
    assert all(f"`{word}`" in PAGE for word in get_args(MaySend))
    assert column("Live updates") == {*KINDS, "reset"} == set(get_args(Change.model_fields["kind"].annotation))


def test_numbers_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    for number in (
        f"up to {replies.LONGEST:,} characters",
        f"up to {IMAGES}: files of a form",
        f"up to {IMAGE_BYTES // 1_000_000} MB",
        f"{replies.LARGEST // 1_000_000} MB at the most",
        f"within {acts.PATIENCE.seconds} seconds",
        f"after {signs.PATIENCE:g} seconds",
        f"good for {KEPT // timedelta(hours=1)} hours",
        f"after {SPARED // timedelta(hours=1)} hours",
        f"Every {events.HEARTBEAT:g} seconds",
        f"for {events.SLOW:g} seconds or is {broadcast.BEHIND:,} events behind",
        f"within {broadcast.ASKED:g} seconds",
        f"retry: {events.RETRY}",
    ):
        assert number in text, number
    assert broadcast.EVERY == 0.25
    assert "four times a second" in text
    assert {"image/png", "image/jpeg"} == set(pictures.IMAGE_TYPES)
