"""The how-to on impact reports: its shop, its customers and its change give the report that it explains."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from api.impact import AT_ONCE, Counts, ImpactReport, WantedImpact
from bench import store
from routing.documents import read
from routing.graph import Graph
from routing.impact import impact
from routing.problems import check
from routing.replay import Need
from tests.docs.examples import block, holds
from tests.recorded import Recorder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/read-an-impact-report.md").read_text(encoding="utf-8")
WHY = (ROOT / "docs/explanation/impact.md").read_text(encoding="utf-8")


def graph(text: str) -> Graph:
    checked = check(read(text))
    assert checked.graph is not None, checked.problems
    return checked.graph


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """The customers of the page, newest first, on its shop and on what it is changed to."""
    shop = block(PAGE, "yaml shop.yaml")
    [change] = re.findall(r'`(to: "[\d:]+")`', PAGE)
    [day, clocks] = re.findall(r"On Monday, (23 November 2026), customers wrote at ([\d:, and]+)\.", PAGE)[0]
    changed = re.sub(r'to: "[\d:]+"', change, shop)
    assert changed != shop
    old, recorded = graph(shop), []
    for clock in re.findall(r"\d\d:\d\d", clocks)[::-1]:
        wall = datetime.strptime(f"{day} {clock}", "%d %B %Y %H:%M").replace(tzinfo=ZoneInfo("Europe/Prague"))
        customer = Recorder(old, "shop", at=wall.astimezone(UTC))
        customer.user("hello")
        recorded.append(customer.recording(until=timedelta(hours=2)))
    assert len(recorded) == 4
    found = impact(graph(changed), recorded, lambda _: old)
    about: dict[str, Any] = {"etag": "x", "opened_first": None, "opened_last": None, "seconds": 0.1}
    return ImpactReport.of(found, listed=200, **about).model_dump(mode="json")


@pytest.mark.parametrize("kind", ["counts", "flows"])
def test_the_report_is_as_the_page_shows_it(report: dict[str, Any], kind: str) -> None:
    holds(json.loads(block(PAGE, f"json {kind}")), report)


def test_a_conversation_is_as_the_page_shows_it(report: dict[str, Any]) -> None:
    holds(json.loads(block(PAGE, "json moved")), report["moved"][0])
    assert "left" in report["moved"][0]


def test_what_the_page_asks_for_can_be_asked() -> None:
    [body] = re.findall(r"-d '(\{.*\})'", PAGE)
    assert WantedImpact.model_validate_json(body).connector == "shop"


def test_every_count_and_need_is_explained() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert rows == set(Counts.model_fields) | set(get_args(Need))
    assert {"compared", "needs", "flows", "outcomes"} <= set(ImpactReport.model_fields)


def test_numbers_are_those_of_the_code() -> None:
    assert f"with {store.COUNT:,} conversations" in WHY
    assert f"{AT_ONCE} at a time" in WHY
