"""docs/reference/console.md has every page with its role and pictures, and every shortcut of the desk."""

import re
from pathlib import Path

from tests.browser.pages import PLACES, ROUTES, pictures, places, routes

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference/console.md").read_text()
ROWS = re.findall(r"^\| ([a-z-]+) \| `([^`]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


def test_every_page_is_explained() -> None:
    assert [name for name, *_ in ROWS] == sorted((place.name for place in PLACES), key=[row[0] for row in ROWS].index)
    listed = {address.partition("?")[0].removeprefix("/") for _, address, *_ in ROWS}
    assert listed == routes()


def test_the_least_roles_are_those_of_the_menu() -> None:
    told = {address.removeprefix("/"): role for _, address, role, *_ in ROWS}
    assert places()
    for place, role in places().items():
        assert told[place] == role, place


def test_every_picture_is_there_and_shown() -> None:
    shown = {name for *_, wide, phone in ROWS for name in re.findall(r"screenshots/([\w.-]+)\)", wide + phone)}
    files = list((DOCS / "screenshots").iterdir())
    assert shown == pictures() == {file.name for file in files}
    assert sum(file.stat().st_size for file in files) < 4_200_000


def test_every_shortcut_of_the_desk_is_told() -> None:
    keys = re.findall(r'^  \["(\w)", ', (ROUTES.parent / "desk/shortcuts.tsx").read_text(), re.MULTILINE)
    assert keys
    assert re.findall(r"^\| desk \| Alt Shift (\w) \|", PAGE, re.MULTILINE) == keys
