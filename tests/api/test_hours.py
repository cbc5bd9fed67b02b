"""A time group's hours over HTTP: as they are applied, as they are in the sandbox, and as somebody writes them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.drafts import applied, small, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
FREEDOM = "Struggle for Freedom and Democracy Day and International Students' Day"
HOURS = "/api/v1/hours"
OFFICE = {
    "title": "Office",
    "timezone": "Europe/Prague",
    "definitions": [
        {
            "type": "open",
            "system": "own",
            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
            "from": "09:00",
            "to": "17:00",
        },
        {"type": "closed", "system": "public_holidays", "countries": ["CZ"]},
    ],
}
NIGHT = {
    "title": "Night",
    "timezone": "Europe/Prague",
    "definitions": [{"type": "open", "system": "own", "from": "22:00", "to": "06:00"}],
}


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        eva = await office.person("eva", "admin")
        await applied(eva, small(time_groups={"office": OFFICE}))
        await write(eva, small(time_groups={"office": {**OFFICE, "timezone": "Asia/Tokyo"}, "night": NIGHT}))
        yield office


async def looked(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post(HOURS, json={"name": "office"} | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def drawn(told: dict[str, Any]) -> list[tuple[str, list[str], list[str]]]:
    """The days in short."""
    return [
        (one["day"], [f"{span['begin']}-{span['end']}" for span in one["hours"]], one["holidays"])
        for one in told["days"]
    ]


async def test_production_for_everybody_with_its_holidays(office: Office) -> None:
    vera = await office.person("vera", "viewer")
    told = await looked(vera, at="2026-11-18T10:00:00+01:00")
    assert (told["open"], told["why"]) == (True, "open: mon-fri 09:00-17:00 of office")
    assert told["path"] == "time_groups/office/definitions/0"
    assert (told["timezone"], told["at"]) == ("Europe/Prague", "2026-11-18T10:00:00+01:00")
    assert told["next_change"] == "2026-11-18T17:00:00+01:00"
    day = ["09:00-17:00"]
    assert drawn(told) == [
        ("2026-11-16", day, []),
        ("2026-11-17", [], [FREEDOM]),
        ("2026-11-18", day, []),
        ("2026-11-19", day, []),
        ("2026-11-20", day, []),
        ("2026-11-21", [], []),
        ("2026-11-22", [], []),
    ]
    coming = [(one["day"], one["title"]) for one in told["holidays"]]
    assert coming[:2] == [("2026-12-24", "Christmas Eve"), ("2026-12-25", "Christmas Day")]
    assert told["holidays"][0] == {
        "day": "2026-12-24",
        "title": "Christmas Eve",
        "place": "CZ",
        "type": "closed",
        "path": "time_groups/office/definitions/1",
    }
    assert coming[-1] == ("2027-11-17", FREEDOM)


async def test_now_is_the_clock_s(office: Office) -> None:
    assert (await looked(await office.person("vera", "viewer")))["at"] == "2026-11-02T13:00:00+01:00"


async def test_the_sandbox_and_a_draft_that_links_it(office: Office) -> None:
    anna = await office.person("anna", "supervisor")
    assert (await looked(anna, of="sandbox", at="2026-11-18T10:00:00+01:00"))["timezone"] == "Asia/Tokyo"
    draft = {"title": "Both", "timezone": "Europe/Prague", "groups": ["night"], "definitions": OFFICE["definitions"]}
    told = await looked(anna, name="new", of="sandbox", document=draft, first="2026-11-16")
    assert drawn(told)[:2] == [
        ("2026-11-16", ["00:00-06:00", "09:00-17:00", "22:00-24:00"], []),
        ("2026-11-17", [], [FREEDOM]),
    ], "closed beats open, and hours past midnight are in both days"


async def test_the_days_on_which_clocks_are_set(office: Office) -> None:
    eva = await office.person("anna", "supervisor")
    always = {"title": "Always", "timezone": "Europe/Prague", "definitions": [{"type": "open", "system": "own"}]}
    told = await looked(eva, name="always", of="sandbox", document=always, first="2026-10-25")
    assert drawn(told)[0] == ("2026-10-25", ["00:00-24:00"], [])
    [span] = told["days"][0]["hours"]
    assert (span["since"], span["until"]) == ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00")
    assert told["next_change"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "open", "system": "own", "from": "half past nine"},
        {"type": "open", "system": "tides"},
        {"type": "closed", "system": "public_holidays", "countries": []},
        {"type": "closed", "system": "public_holidays", "countries": ["XX"]},
    ],
)
async def test_definitions_of_a_draft_that_cannot_be_read_count_as_nothing(office: Office, wrong: Any) -> None:
    anna = await office.person("anna", "supervisor")
    draft = {**NIGHT, "definitions": [wrong, *NIGHT["definitions"]]}
    told = await looked(anna, name="night", of="sandbox", document=draft, at="2026-11-16T23:00:00+01:00")
    assert drawn(told)[0] == ("2026-11-16", ["00:00-06:00", "22:00-24:00"], [])
    assert told["path"] == "time_groups/night/definitions/1"


@pytest.mark.parametrize(
    "wrong", [{"timezone": 7}, {"timezone": "Europe/Nowhere"}, {"timezone": "../../etc"}, {"timezone": "x" * 3000}]
)
async def test_a_draft_without_a_time_zone_has_no_hours(office: Office, wrong: Any) -> None:
    anna = await office.person("anna", "supervisor")
    given = {"name": "night", "of": "sandbox", "document": {**NIGHT, **wrong}}
    assert (await anna.post(HOURS, json=given)).status_code == 422


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "nobody"}, 404),
        ({"name": "night"}, 404),
        ({"name": "office", "at": "2026-11-18T10:00:00"}, 422),
        ({"name": "office", "of": "tomorrow"}, 422),
        ({"name": "office", "at": "9999-12-31T23:00:00Z"}, 422),
        ({}, 422),
    ],
)
async def test_what_is_refused(office: Office, given: dict[str, Any], status: int) -> None:
    answer = await (await office.person("vera", "viewer")).post(HOURS, json=given)
    assert answer.status_code == status, answer.text


async def test_only_supervisors_look_at_the_sandbox_s(office: Office) -> None:
    answer = await (await office.person("karl", "agent")).post(HOURS, json={"name": "office", "of": "sandbox"})
    assert answer.status_code == 403
    assert problems(answer) == []


async def test_countries_with_their_regions_by_name(office: Office) -> None:
    found = (await (await office.person("vera", "viewer")).get(f"{HOURS}/countries")).json()["items"]
    countries = {one["code"]: {region["code"]: region["name"] for region in one["regions"]} for one in found}
    assert len(countries) > 150
    assert (countries["DE"]["BY"], countries["DE"]["Augsburg"], countries["CZ"]) == ("Bayern", "Augsburg", {})
