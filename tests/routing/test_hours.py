"""Opening hours: tables of wall clocks, holidays, links and both nights of daylight saving, and the next change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.configuration import PublicHolidays, TimeGroup
from routing.hours import WEEKDAYS, holiday_problem, holiday_problems, next_change, opening

WORK = ["mon", "tue", "wed", "thu", "fri"]


def own(type: str = "open", **fields: Any) -> dict[str, Any]:
    return {"type": type, "system": "own", **fields}


def public(*countries: str, type: str = "closed", subdivisions: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": type, "system": "public_holidays", "countries": countries, "subdivisions": subdivisions}


def group(*definitions: dict[str, Any], zone: str = "Europe/Prague", groups: tuple[str, ...] = ()) -> TimeGroup:
    return TimeGroup.model_validate({"title": "T", "timezone": zone, "groups": groups, "definitions": definitions})


NEW_YEAR = {"first": "2026-12-24", "last": "2027-01-02"}
GROUPS = {
    "split": group(
        own(weekdays=WORK, **{"from": "09:00", "to": "12:00"}), own(weekdays=WORK, **{"from": "13:00", "to": "17:00"})
    ),
    "bar": group(own(weekdays=["fri"], **{"from": "20:00", "to": "03:00"})),
    "until-midnight": group(own(weekdays=["mon"], **{"from": "18:00", "to": "24:00"})),
    "from-only": group(own(weekdays=["mon"], **{"from": "18:00"})),
    "to-only": group(own(weekdays=["mon"], to="06:00")),
    "same": group(own(weekdays=["mon"], **{"from": "09:00", "to": "09:00"})),
    "next-midnight": group(own(weekdays=["mon"], **{"from": "24:00", "to": "02:00"})),
    "always": group(own()),
    "never": group(),
    "no-day": group(own(weekdays=[])),
    "czech": group(own(), public("CZ")),
    "bavaria": group(own(), public("DE", subdivisions=("DE-BY",)), zone="Europe/Berlin"),
    "german": group(own(), public("DE"), zone="Europe/Berlin"),
    "both": group(own(), public("CZ", "DE", subdivisions=("DE-BY",)), zone="Europe/Berlin"),
    "holiday-shop": group(public("CZ", type="open")),
    "linked-closed": group(own(), groups=("czech-days",)),
    "czech-days": group(public("CZ")),
    "linked-open": group(groups=("split",)),
    "deep": group(own(), groups=("middle",)),
    "middle": group(groups=("czech-days",)),
    "own-closed": group(own("closed", weekdays=["mon"]), groups=("always",)),
    "tokyo-lunch": group(own("closed", **{"from": "12:00", "to": "13:00"}), zone="Asia/Tokyo"),
    "other-zone": group(own(), groups=("tokyo-lunch",)),
    "circle-a": group(own(weekdays=["mon"]), groups=("circle-b",)),
    "circle-b": group(own(weekdays=["tue"]), groups=("circle-a",)),
    "self": group(own(weekdays=["mon"]), groups=("self",)),
    "yearly": group(own(dates=NEW_YEAR, yearly=True)),
    "yearly-same-year": group(own(dates={"first": "2026-12-24", "last": "2026-01-02"}, yearly=True)),
    "once": group(own(dates=NEW_YEAR)),
    "summer": group(own(dates={"first": "2020-07-01", "last": "2020-08-31"}, yearly=True)),
    "over-a-year": group(own(dates={"first": "2026-03-01", "last": "2027-04-01"}, yearly=True)),
    "leap": group(own(dates={"first": "2024-02-29", "last": "2024-02-29"}, yearly=True)),
    "leap-to": group(own(dates={"first": "2024-02-20", "last": "2024-02-29"}, yearly=True)),
    "leap-from": group(own(dates={"first": "2024-02-29", "last": "2024-03-05"}, yearly=True)),
    "eve": group(own(dates={"first": "2026-12-31", "last": "2026-12-31"}, **{"from": "20:00", "to": "02:00"})),
    "night": group(own(**{"from": "02:30", "to": "05:00"})),
    "doubled": group(own(**{"from": "02:00", "to": "02:30"})),
    "until-doubled": group(own(**{"from": "01:00", "to": "02:30"})),
    "us-gap": group(own(**{"from": "02:15", "to": "02:45"}), zone="America/New_York"),
    "us-doubled": group(own(**{"from": "01:00", "to": "01:30"}), zone="America/New_York"),
}
"""Wednesday is 2026-06-03; 2026-03-29 and 2026-10-25 are the nights of daylight saving in Europe."""

CASES = [
    # split days: `from` is included, `to` is not
    ("split", "2026-06-03T08:59:59+02:00", False),
    ("split", "2026-06-03T09:00:00+02:00", True),
    ("split", "2026-06-03T11:59:59+02:00", True),
    ("split", "2026-06-03T12:00:00+02:00", False),
    ("split", "2026-06-03T13:00:00+02:00", True),
    ("split", "2026-06-03T17:00:00+02:00", False),
    ("split", "2026-06-06T10:00:00+02:00", False),
    ("split", "2026-06-03T07:30:00+00:00", True),
    ("split", "2026-01-07T08:30:00+00:00", True),
    # past midnight: the weekday is that of the beginning
    ("bar", "2026-06-05T19:59:00+02:00", False),
    ("bar", "2026-06-05T20:00:00+02:00", True),
    ("bar", "2026-06-06T02:59:00+02:00", True),
    ("bar", "2026-06-06T03:00:00+02:00", False),
    ("bar", "2026-06-06T20:00:00+02:00", False),
    ("bar", "2026-06-05T02:00:00+02:00", False),
    ("eve", "2026-12-31T19:00:00+01:00", False),
    ("eve", "2027-01-01T01:59:00+01:00", True),
    ("eve", "2026-12-31T01:00:00+01:00", False),
    # 24:00, one bound only, equal bounds, no bounds
    ("until-midnight", "2026-06-01T23:59:59+02:00", True),
    ("until-midnight", "2026-06-02T00:00:00+02:00", False),
    ("from-only", "2026-06-01T23:59:59+02:00", True),
    ("from-only", "2026-06-01T17:59:00+02:00", False),
    ("to-only", "2026-06-01T00:00:00+02:00", True),
    ("to-only", "2026-06-01T06:00:00+02:00", False),
    ("same", "2026-06-01T08:59:00+02:00", False),
    ("same", "2026-06-02T08:59:00+02:00", True),
    ("same", "2026-06-02T09:00:00+02:00", False),
    ("next-midnight", "2026-06-01T01:00:00+02:00", False),
    ("next-midnight", "2026-06-02T01:00:00+02:00", True),
    ("always", "2026-06-02T01:00:00+02:00", True),
    ("never", "2026-06-02T01:00:00+02:00", False),
    ("no-day", "2026-06-02T01:00:00+02:00", False),
    # holidays, by the date in the group's zone
    ("czech", "2026-10-28T10:00:00+01:00", False),
    ("czech", "2026-10-27T23:30:00+00:00", False),
    ("czech", "2026-10-27T22:30:00+00:00", True),
    ("czech", "2026-04-03T10:00:00+02:00", False),
    ("bavaria", "2026-01-06T10:00:00+01:00", False),
    ("german", "2026-01-06T10:00:00+01:00", True),
    ("german", "2026-10-03T10:00:00+02:00", False),
    ("both", "2026-01-06T10:00:00+01:00", False),
    ("both", "2026-10-28T10:00:00+01:00", False),
    ("holiday-shop", "2026-12-24T10:00:00+01:00", True),
    ("holiday-shop", "2026-12-23T10:00:00+01:00", False),
    # links: closed beats open whoever says it, each in its own zone, circles end
    ("linked-closed", "2026-10-28T10:00:00+01:00", False),
    ("linked-closed", "2026-10-29T10:00:00+01:00", True),
    ("linked-open", "2026-06-03T10:00:00+02:00", True),
    ("linked-open", "2026-06-03T12:30:00+02:00", False),
    ("deep", "2026-10-28T10:00:00+01:00", False),
    ("own-closed", "2026-06-01T10:00:00+02:00", False),
    ("own-closed", "2026-06-02T10:00:00+02:00", True),
    ("other-zone", "2026-06-03T05:30:00+02:00", False),
    ("other-zone", "2026-06-03T12:30:00+02:00", True),
    ("circle-a", "2026-06-02T10:00:00+02:00", True),
    ("circle-b", "2026-06-01T10:00:00+02:00", True),
    ("circle-a", "2026-06-03T10:00:00+02:00", False),
    ("self", "2026-06-01T10:00:00+02:00", True),
    # dates
    ("yearly", "2030-12-24T00:00:00+01:00", True),
    ("yearly", "2030-12-23T23:59:00+01:00", False),
    ("yearly", "2031-01-02T23:59:00+01:00", True),
    ("yearly", "2031-01-03T00:00:00+01:00", False),
    ("yearly-same-year", "2031-01-01T00:00:00+01:00", True),
    ("yearly-same-year", "2031-06-01T00:00:00+02:00", False),
    ("once", "2027-01-02T12:00:00+01:00", True),
    ("once", "2027-12-25T12:00:00+01:00", False),
    ("summer", "2026-08-31T23:00:00+02:00", True),
    ("summer", "2026-09-01T00:00:00+02:00", False),
    ("over-a-year", "2030-10-10T00:00:00+02:00", True),
    ("leap", "2028-02-29T12:00:00+01:00", True),
    ("leap", "2027-02-28T12:00:00+01:00", False),
    ("leap", "2027-03-01T12:00:00+01:00", False),
    ("leap-to", "2027-02-28T12:00:00+01:00", True),
    ("leap-to", "2027-03-01T12:00:00+01:00", False),
    ("leap-from", "2027-02-28T12:00:00+01:00", False),
    ("leap-from", "2027-03-01T12:00:00+01:00", True),
    # spring: 02:00 to 03:00 is missing, so 02:30 takes effect at 03:00
    ("night", "2026-03-29T00:59:59+00:00", False),
    ("night", "2026-03-29T01:00:00+00:00", True),
    ("night", "2026-03-29T03:00:00+00:00", False),
    ("doubled", "2026-03-29T01:00:00+00:00", False),
    ("us-gap", "2026-03-08T06:59:00+00:00", False),
    ("us-gap", "2026-03-08T07:00:00+00:00", False),
    ("us-gap", "2026-03-09T06:20:00+00:00", True),
    # autumn: 02:00 to 03:00 comes twice, both passes count
    ("doubled", "2026-10-25T00:00:00+00:00", True),
    ("doubled", "2026-10-25T00:30:00+00:00", False),
    ("doubled", "2026-10-25T01:00:00+00:00", True),
    ("doubled", "2026-10-25T01:30:00+00:00", False),
    ("until-doubled", "2026-10-25T00:59:00+00:00", False),
    ("until-doubled", "2026-10-25T01:00:00+00:00", True),
    ("us-doubled", "2026-11-01T05:15:00+00:00", True),
    ("us-doubled", "2026-11-01T05:45:00+00:00", False),
    ("us-doubled", "2026-11-01T06:15:00+00:00", True),
]

CHANGES = [
    ("split", "2026-06-03T10:00:30+02:00", "2026-06-03T12:00:00+02:00"),
    ("split", "2026-06-03T12:00:00+02:00", "2026-06-03T13:00:00+02:00"),
    ("split", "2026-06-05T17:00:00+02:00", "2026-06-08T09:00:00+02:00"),
    ("bar", "2026-06-05T23:00:00+02:00", "2026-06-06T03:00:00+02:00"),
    ("bar", "2026-06-06T03:00:00+02:00", "2026-06-12T20:00:00+02:00"),
    ("until-midnight", "2026-06-01T18:00:00+02:00", "2026-06-02T00:00:00+02:00"),
    ("same", "2026-06-01T12:00:00+02:00", "2026-06-02T09:00:00+02:00"),
    ("always", "2026-06-01T12:00:00+02:00", None),
    ("never", "2026-06-01T12:00:00+02:00", None),
    ("czech", "2026-10-20T12:00:00+02:00", "2026-10-28T00:00:00+01:00"),
    ("czech", "2026-12-24T12:00:00+01:00", "2026-12-27T00:00:00+01:00"),
    ("bavaria", "2026-01-05T12:00:00+01:00", "2026-01-06T00:00:00+01:00"),
    ("linked-closed", "2026-10-28T10:00:00+01:00", "2026-10-29T00:00:00+01:00"),
    ("other-zone", "2026-06-03T00:00:00+02:00", "2026-06-03T05:00:00+02:00"),
    ("circle-a", "2026-06-01T12:00:00+02:00", "2026-06-03T00:00:00+02:00"),
    ("yearly", "2026-12-25T12:00:00+01:00", "2027-01-03T00:00:00+01:00"),
    ("yearly", "2026-01-03T00:00:00+01:00", "2026-12-24T00:00:00+01:00"),
    ("once", "2027-01-03T00:00:00+01:00", None),
    ("leap", "2025-03-01T00:00:00+01:00", None),
    ("leap", "2027-03-01T00:00:00+01:00", "2028-02-29T00:00:00+01:00"),
    ("night", "2026-03-29T00:00:00+01:00", "2026-03-29T01:00:00+00:00"),
    ("night", "2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+00:00"),
    ("until-doubled", "2026-10-25T00:00:00+00:00", "2026-10-25T00:30:00+00:00"),
    ("until-doubled", "2026-10-25T00:30:00+00:00", "2026-10-25T01:00:00+00:00"),
    ("until-doubled", "2026-10-25T01:00:00+00:00", "2026-10-25T01:30:00+00:00"),
    ("us-doubled", "2026-11-01T05:30:00+00:00", "2026-11-01T06:00:00+00:00"),
    ("us-gap", "2026-03-08T00:00:00+00:00", "2026-03-09T06:15:00+00:00"),
]


@pytest.mark.parametrize(("name", "at", "is_open"), CASES)
def test_opening(name: str, at: str, is_open: bool) -> None:
    found = opening(GROUPS, name, datetime.fromisoformat(at))
    assert found.open == is_open, found.why
    assert found.why.startswith("open: " if is_open else "closed: ")


@pytest.mark.parametrize(("name", "at", "expected"), CHANGES)
def test_next_change(name: str, at: str, expected: str | None) -> None:
    found = next_change(GROUPS, name, datetime.fromisoformat(at))
    assert found == (None if expected is None else datetime.fromisoformat(expected))
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "at", "why", "path"),
    [
        ("split", "2026-06-03T10:00+02:00", "open: mon-fri 09:00-12:00 of split", "time_groups/split/definitions/0"),
        (
            "linked-open",
            "2026-06-03T14:00+02:00",
            "open: mon-fri 13:00-17:00 of split",
            "time_groups/split/definitions/1",
        ),
        (
            "deep",
            "2026-12-24T10:00+01:00",
            "closed: public holiday of CZ (Christmas Eve) of czech-days",
            "time_groups/czech-days/definitions/0",
        ),
        (
            "bavaria",
            "2026-01-06T10:00+01:00",
            "closed: public holiday of DE-BY (Epiphany) of bavaria",
            "time_groups/bavaria/definitions/1",
        ),
        (
            "yearly",
            "2026-12-24T10:00+01:00",
            "open: 12-24 to 01-02 every year of yearly",
            "time_groups/yearly/definitions/0",
        ),
        (
            "once",
            "2026-12-24T10:00+01:00",
            "open: 2026-12-24 to 2027-01-02 of once",
            "time_groups/once/definitions/0",
        ),
        (
            "from-only",
            "2026-06-01T19:00+02:00",
            "open: mon 18:00-24:00 of from-only",
            "time_groups/from-only/definitions/0",
        ),
        ("always", "2026-06-01T19:00+02:00", "open: always of always", "time_groups/always/definitions/0"),
        ("split", "2026-06-03T12:30+02:00", "closed: no definition of split matches", None),
    ],
)
def test_why_and_path_name_the_deciding_definition(name: str, at: str, why: str, path: str | None) -> None:
    found = opening(GROUPS, name, datetime.fromisoformat(at))
    assert (found.why, found.path) == (why, path)


def test_weekdays_are_written_as_runs() -> None:
    groups = {"g": group(own(weekdays=["sun", "mon", "wed", "thu"]))}
    assert opening(groups, "g", datetime(2026, 6, 1, tzinfo=UTC)).why == "open: mon, wed-thu, sun of g"


def test_the_words_of_holidays_do_not_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "cs")
    found = opening({"g": group(public("CZ"))}, "g", datetime(2031, 12, 24, 12, tzinfo=UTC))
    assert found.why == "closed: public holiday of CZ (Christmas Eve) of g"


def test_a_subdivision_without_country_is_for_all_named() -> None:
    groups = {"g": group(own(), public("DE", "AT", subdivisions=("DE-ST", "AT-9")), zone="Europe/Berlin")}
    assert not opening(groups, "g", datetime(2026, 1, 6, 12, tzinfo=UTC)).open
    groups = {"g": group(own(), public("DE", subdivisions=("HE", "ST")), zone="Europe/Berlin")}
    assert not opening(groups, "g", datetime(2026, 1, 6, 12, tzinfo=UTC)).open
    groups = {"g": group(own(), public("DE", subdivisions=("HE",)), zone="Europe/Berlin")}
    assert opening(groups, "g", datetime(2026, 1, 6, 12, tzinfo=UTC)).open


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone: give an aware time"):
        opening(GROUPS, "split", datetime(2026, 6, 3, 10))  # noqa: DTZ001  the mistake under test


def test_an_unknown_group_is_named() -> None:
    with pytest.raises(LookupError, match="time_groups/nowhere: no such time group"):
        opening({"g": group(groups=("nowhere",))}, "g", datetime(2026, 6, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("country", "subdivision", "expected"),
    [
        ("CZ", None, None),
        ("CZE", None, None),
        ("DE", "BY", None),
        ("cz", None, "no public holidays are known for the country 'cz': did you mean 'CZ'?"),
        ("DE", "Bayern", "DE has no subdivision 'Bayern': did you mean 'BY'?"),
        ("DE", "BX", "DE has no subdivision 'BX': did you mean 'B"),
        ("CZ", "PR", "CZ has no subdivisions with holidays of their own: remove 'PR'"),
    ],
)
def test_holiday_problem(country: str, subdivision: str | None, expected: str | None) -> None:
    found = holiday_problem(country, subdivision)
    assert found is None if expected is None else found is not None and found.startswith(expected)


@pytest.mark.parametrize(
    ("countries", "subdivisions", "paths"),
    [
        (("CZ", "DE"), ("DE-BY",), []),
        (("DE",), ("BY", "DE-ST"), []),
        (("CZ", "QQ", "DE"), ("DE-QQ",), ["countries/1", "subdivisions/0"]),
        (("CZ",), ("DE-BY",), ["subdivisions/0"]),
        (("CZ", "DE"), ("BY",), ["subdivisions/0"]),
        (("DE", "ST"), ("ST",), ["subdivisions/0"]),
    ],
)
def test_holiday_problems(countries: tuple[str, ...], subdivisions: tuple[str, ...], paths: list[str]) -> None:
    definition = PublicHolidays.model_validate(public(*countries, subdivisions=subdivisions))
    assert [path for path, _ in holiday_problems(definition)] == paths


def test_a_subdivision_of_a_country_not_named_says_so() -> None:
    definition = PublicHolidays.model_validate(public("CZ", subdivisions=("DE-BY",)))
    assert holiday_problems(definition) == [("subdivisions/0", "'DE-BY' is for DE: name DE in `countries` too")]


clocks = st.sampled_from([None, "00:00", "01:30", "02:00", "02:15", "02:30", "03:00", "09:00", "23:59", "24:00"])
hours = st.builds(
    lambda type, weekdays, begin, end, dates: own(
        type, weekdays=weekdays, dates=dates and {"first": dates[0], "last": dates[1]}, **{"from": begin, "to": end}
    ),
    st.sampled_from(["open", "open", "closed"]),
    st.none() | st.lists(st.sampled_from(WEEKDAYS), unique=True, max_size=5),
    clocks,
    clocks,
    st.none() | st.tuples(*[st.dates(date(2026, 3, 27), date(2026, 3, 31))] * 2),
)
zones = st.sampled_from(["Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
groups_of_two = st.builds(
    lambda first, second, zone, other: {
        "a": group(*first, zone=zone, groups=("b",)),
        "b": group(*second, zone=other, groups=("a",)),
    },
    st.lists(hours, min_size=1, max_size=3),
    st.lists(hours, max_size=2),
    zones,
    zones,
)
nights = st.sampled_from([(2026, 3, 28), (2026, 10, 24), (2026, 3, 7), (2026, 10, 31), (2026, 4, 4), (2026, 10, 3)])


@settings(max_examples=40, deadline=None)
@given(groups_of_two, nights, st.integers(0, 24 * 60))
def test_next_change_agrees_with_looking_at_every_minute(
    groups: dict[str, TimeGroup], night: tuple[int, int, int], minute: int
) -> None:
    at = datetime(*night, tzinfo=UTC) + timedelta(minutes=minute)
    now = opening(groups, "a", at).open
    scanned = (at + timedelta(minutes=offset) for offset in range(1, 36 * 60 + 1))
    expected = next((moment for moment in scanned if opening(groups, "a", moment).open != now), None)
    found = next_change(groups, "a", at)
    if expected is None:
        assert found is None or found > at + timedelta(hours=36)
    else:
        assert found == expected


def test_setting_the_clock_back_ends_hours_and_begins_them_again() -> None:
    groups = {"g": group(own(**{"from": "01:45", "to": "02:00"}), zone="Australia/Lord_Howe")}
    moment = datetime(2026, 4, 4, 14, 0, tzinfo=UTC)
    found: list[str] = []
    for _ in range(4):  # at 15:00 UTC the clock there goes from 02:00 back to 01:30
        following = next_change(groups, "g", moment)
        assert following is not None
        found.append(f"{following:%H:%M}")
        moment = following
    assert found == ["14:45", "15:00", "15:15", "15:30"]


def test_setting_the_clock_back_can_itself_be_the_change() -> None:
    groups = {"g": group(own(**{"from": "01:20", "to": "01:40"}), zone="Australia/Lord_Howe")}
    assert next_change(groups, "g", datetime(2026, 4, 4, 14, 50, tzinfo=UTC)) == datetime(2026, 4, 4, 15, tzinfo=UTC)
