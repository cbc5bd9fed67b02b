"""The page on tickets: every row of its tables of times holds, and it has every route, field and filter."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from api.roles import ROLES
from api.ticketing import Priority
from api.tickets import OneTicket, list_tickets
from routing.configuration import CreateTicket
from routing.documents import read
from routing.hours import after_open_time
from routing.sla import Stage, due, promised
from tests.docs.examples import block

PAGE = (Path(__file__).parents[2] / "docs/reference/tickets.md").read_text(encoding="utf-8")
PRAGUE = ZoneInfo("Europe/Prague")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
document: Any = read(block(PAGE, "yaml sla"))
GROUPS = document["time_groups"]


def rows(header: str) -> list[list[str]]:
    """The cells of the table below this header."""
    table = PAGE.partition(f"| {header} |\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[1:]]


def at(written: str) -> datetime | None:
    """`Mon 2026-11-23 10:00` on the wall in Prague; of an hour that comes twice, none is named."""
    if written == "-":
        return None
    day, _, clock = written.rpartition(" ")
    found = datetime.fromisoformat(f"{day.split(' ')[-1]} {clock}").replace(tzinfo=PRAGUE)
    assert day[0].isdigit() or day.startswith(DAYS[found.weekday()]), written
    return found


SLAS = rows("Group | Within | Created | Due | Because")
CLOCKS = rows("Stages | Due")


@pytest.mark.parametrize("row", SLAS, ids=lambda row: row[4])
def test_when_a_ticket_is_due(row: list[str]) -> None:
    group, within, created, expected, _ = row
    promise = promised({"within": within.strip("`"), "time_group": group.strip("`")}, GROUPS)
    begin = at(created)
    assert begin is not None
    assert due(promise, begin, ()) == at(expected)
    length = TypeAdapter(timedelta).validate_python(within.strip("`"))
    assert after_open_time(promise.groups, promise.sla.time_group, begin, length) == at(expected)


@pytest.mark.parametrize("row", CLOCKS, ids=lambda row: row[0])
def test_the_clock_of_a_ticket(row: list[str]) -> None:
    promise = promised({"within": "PT4H", "time_group": "office"}, GROUPS)
    [first, *later] = re.findall(r"`(\w+)` ([-0-9]+ [0-9:]+)", row[0])
    assert first[0] == "open"
    created = at(first[1])
    assert created is not None
    stages: Any = [(at(when), stage) for stage, when in later]
    assert due(promise, created, stages) == at(row[1])


def test_the_tables_are_read_whole() -> None:
    assert (len(SLAS), len(CLOCKS)) == (15, 10)
    assert {row[0].strip("`") for row in SLAS} == set(GROUPS)


def test_only_what_is_linked_is_read() -> None:
    assert set(promised({"within": "PT1H", "time_group": "lunch"}, GROUPS).groups) == {"lunch", "office"}


def test_clocks_that_disagree_a_little_do_no_harm() -> None:
    """Two processes may write the stages with times that go back by a moment."""
    promise = promised({"within": "PT4H", "time_group": "always"}, GROUPS)
    noon = datetime(2026, 11, 23, 12, tzinfo=PRAGUE)
    second = timedelta(seconds=1)
    assert due(promise, noon, [(noon - second, "wait"), (noon - 2 * second, "open")]) == noon + timedelta(hours=4)


def words(header: str) -> set[str]:
    return {word for row in rows(header) for word in re.findall(r"`(\w+)`", row[0])}


def test_every_route_is_there_with_its_role() -> None:
    theirs = {row: role for row, role in ROLES.items() if re.search(r"/api/v1/tickets|/ticket$", row)}
    assert {row[0].strip("`"): row[1] for row in rows("Route | Who | What")} == theirs


def test_every_field_and_filter_is_there() -> None:
    assert words("Field | Meaning") == set(OneTicket.model_fields)
    taken = set(list_tickets.__annotations__) - {"parts", "_", "cursor", "limit", "return"}
    assert words("Parameter | Which tickets") == taken


def test_people_and_trees_have_the_same_priorities() -> None:
    assert get_args(Priority) == get_args(CreateTicket.model_fields["priority"].annotation)
    for word in (*get_args(Priority), *get_args(Stage)):
        assert f"`{word}`" in PAGE
