"""The page on the configuration over HTTP names every route with its role, every kind, state and action there is."""

import re
from pathlib import Path

import pytest

from api import applying, documents, sandbox
from api.roles import ROLES
from routing.entities import KINDS
from store.moves import STATES
from tests.api.test_configuration_openapi import TAGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/configuration-api.md").read_text(encoding="utf-8")
ABOUT = ("production", "sandbox", "problems", "diff", "discard", "scenarios", "apply", "revisions")


def routes() -> list[str]:
    return [row for row in ROLES if row.split("/api/v1/")[-1].split("/")[0] in ABOUT]


def test_every_route_is_there() -> None:
    named = {
        f"{method} {path.split('?')[0]}"
        for methods, path in re.findall(r"`([A-Z`, ]+) (/api/v1/[^` ]*)[^`]*`", PAGE)
        for method in re.findall(r"[A-Z]+", methods)
    }
    assert len(routes()) > 25
    assert set(routes()) - named == set()
    assert {row for row in named if row not in ROLES} == set()


def test_roles_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(GET|PUT|POST|DELETE) (/api/v1/[^` ?]*)[^|`]*` \| (\w+) \|", PAGE, re.MULTILINE)
    assert len(rows) > 15
    for method, path, role in rows:
        assert ROLES[f"{method} {path}"] == role, f"{method} {path}"


@pytest.mark.parametrize("word", [*KINDS, *STATES])
def test_every_kind_and_state_is_there(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_actions_are_those_of_the_code() -> None:
    code = "".join(
        file.read_text(encoding="utf-8") for folder in ("api", "store") for file in (ROOT / folder).glob("*.py")
    )
    action = r"(?:sandbox|scenarios|revision)\.[a-z]+|connector\.authorised"
    named = set(re.findall(rf"`({action})`", PAGE))
    written = set(re.findall(rf'"({action})"', code))
    written |= {"sandbox.created", "sandbox.changed"}  # put together from a word and the state
    assert named == written


def test_numbers() -> None:
    assert f"up to {documents.LARGEST // 1_000_000} MB" in PAGE
    assert f"the first {sandbox.LISTED}" in PAGE
    assert applying.TRIES == 5
    assert "changed five times" in PAGE
    assert {"configuration", "scenarios", "revisions"} == TAGS
