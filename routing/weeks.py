"""What a time group's hours look like to people: the days of a week, and the holidays that come (SPEC 10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from routing.configuration import PublicHolidays, TimeGroup
from routing.hours import DAY, Period, holiday_places, holidays_in, linked_groups, open_periods


@dataclass(frozen=True)
class Hours:
    """Open from an instant to another one; `begin` and `end` are what the clock on the wall shows, at most 24:00."""

    since: datetime
    until: datetime
    begin: str
    end: str


@dataclass(frozen=True)
class Day:
    """A day on the wall clock of the group's own zone, with its open hours in order."""

    day: date
    hours: tuple[Hours, ...]


@dataclass(frozen=True)
class Holiday:
    """A public holiday that some definition, the one at `path`, means; `place` is `CZ` or `DE-BY`."""

    day: date
    title: str
    place: str
    type: str
    path: str


def week(groups: Mapping[str, TimeGroup], name: str, first: date, days: int = 7) -> list[Day]:
    """The days from `first` on; hours that run past midnight are in both days. Raises LookupError as `opening` does."""
    return [_day(groups, name, first + number * DAY) for number in range(days)]


def coming_holidays(groups: Mapping[str, TimeGroup], name: str, first: date, days: int) -> list[Holiday]:
    """Those that the group and all it links take to be holidays, in order, each of a place once."""
    found: dict[tuple[date, str, str], Holiday] = {}
    last = first + days * DAY
    for group_name, group in linked_groups(groups, name):
        for index, definition in enumerate(group.definitions):
            if isinstance(definition, PublicHolidays):
                path = f"time_groups/{group_name}/definitions/{index}"
                for day, title, place in _holidays(definition, first, last):
                    key = (day, place, definition.type)
                    found.setdefault(key, Holiday(day, title, place, definition.type, path))
    return sorted(found.values(), key=lambda one: (one.day, one.place))


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Mapping[str, str]]:
    """Countries of which public holidays are known, by ISO code, with the names of their subdivisions by code."""
    found: dict[str, dict[str, str]] = {}
    for country, codes in holidays.list_supported_countries(include_aliases=False).items():
        names: dict[str, str] = {}
        for written, code in holidays.country_holidays(country).subdivisions_aliases.items():
            names.setdefault(code, written)
        found[country] = {code: names.get(code, code) for code in codes}
    return found


def _day(groups: Mapping[str, TimeGroup], name: str, day: date) -> Day:
    if name not in groups:
        raise LookupError(f"time_groups/{name}: no such time group")
    zone = ZoneInfo(groups[name].timezone)
    begin, end = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (day, day + DAY))
    hours = [
        Hours(
            since.astimezone(zone),
            until.astimezone(zone),
            f"{since.astimezone(zone):%H:%M}",
            "24:00" if until >= end else f"{until.astimezone(zone):%H:%M}",
        )
        for since, until in _joined(open_periods(groups, name, begin, end))
    ]
    return Day(day, tuple(hours))


def _joined(periods: Iterator[Period]) -> list[Period]:
    """Periods that touch as one."""
    found: list[Period] = []
    for since, until in periods:
        if found and found[-1][1] == since:
            found[-1] = (found[-1][0], until)
        else:
            found.append((since, until))
    return found


def _holidays(definition: PublicHolidays, first: date, last: date) -> Iterator[tuple[date, str, str]]:
    for country, subdivision in holiday_places(definition.countries, definition.subdivisions):
        place = country if subdivision is None else f"{country}-{subdivision}"
        for year in range(first.year, last.year + 1):
            for day, title in holidays_in(country, subdivision, year).items():
                if first <= day < last:
                    yield day, title, place
