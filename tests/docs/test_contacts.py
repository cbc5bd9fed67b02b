"""The pages on contacts and on how to export and erase one: routes, parameters and numbers are those of the code."""

import re
from pathlib import Path

from api.contacts import LARGEST, LISTED, list_contacts
from api.data_rights import FORMAT
from api.roles import ROLES
from store import tables
from store.attachments import LINK_LIFE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/contacts.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs/how-to/export-and-erase-a-customer.md").read_text(encoding="utf-8")


def test_every_route_is_there_with_its_role() -> None:
    theirs = {row: role for row, role in ROLES.items() if re.search(r"/api/v1/(contacts|erasures)", row)}
    assert len(theirs) == 6
    assert dict(re.findall(r"^\| `([A-Z]+ /api/v1/[^`]*)` \| (\w+) \|", PAGE, re.MULTILINE)) == theirs


def test_every_parameter_of_the_list_is_there() -> None:
    section = PAGE.partition("\n## The list\n")[2].partition("\n## ")[0]
    taken = set(list_contacts.__annotations__) - {"parts", "_", "cursor", "limit", "return"}
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == taken


def test_numbers_are_those_of_the_code() -> None:
    for told in (f"newest {LISTED} conversations", f"up to {LARGEST:,} characters", f"`format` is {FORMAT}"):
        assert told in PAGE
    for page in (PAGE, HOW_TO):
        assert f"{LINK_LIFE.days} days" in page


def test_what_an_export_is_said_to_have_are_tables() -> None:
    section = PAGE.partition("\n## The export\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+)`", section)) - {"url", "format", "changes"}
    assert named
    assert named <= set(tables.metadata.tables)


def test_the_commands_name_routes() -> None:
    routes = [re.sub(r"\{\w+\}", "[^/]+", row) for row in ROLES]
    asked = re.findall(r"curl -s (?:-X (\w+) )?-H .*?\"\$SWITCHBOARD(/[^\"?]*)[^\"]*\"", HOW_TO, re.DOTALL)
    assert len(asked) == 4
    for method, path in asked:
        assert any(re.fullmatch(route, f"{method or 'GET'} {path}") for route in routes), (method, path)
