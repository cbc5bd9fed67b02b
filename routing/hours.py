"""Whether a time group is open at an instant, why, and when that next changes (SPEC section 3, `time_groups`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import assert_never, get_args
from zoneinfo import ZoneInfo

import holidays
from rapidfuzz import process

from routing.configuration import Dates, Definition, OwnHours, PublicHolidays, TimeGroup, Weekday

HORIZON = timedelta(days=400)
"""How far `next_change` looks: a little over a year, so that every yearly date is met."""
DAY = timedelta(days=1)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


@dataclass(frozen=True)
class Opening:
    """`why` is for people (`open: mon-fri 09:00-17:00 of sales`); `path` is the deciding definition's, None if none."""

    open: bool
    why: str
    path: str | None


def opening(groups: Mapping[str, TimeGroup], name: str, at: datetime) -> Opening:
    """Read the time group `name` and those it links at the instant `at`, each on the wall clock of its own zone.

    A closed definition, own or linked, beats an open one, and nothing matching is closed. Wall clock means what a clock
    on the wall there shows: in autumn the doubled hour counts in both passes, and a time inside the hour that is
    missing in spring takes effect when the clock jumps over it.
    Raises ValueError for a time without a zone and LookupError for a group that does not exist.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone: give an aware time, such as one in UTC")
    opened: Opening | None = None
    for group_name, group in _reached(groups, name):
        wall = at.astimezone(ZoneInfo(group.timezone)).replace(tzinfo=None)
        for index, definition in enumerate(group.definitions):
            if definition.type == "open" and opened is not None:
                continue
            reason = _holds(definition, wall)
            if reason is None:
                continue
            path = f"time_groups/{group_name}/definitions/{index}"
            if definition.type == "closed":
                return Opening(False, f"closed: {reason} of {group_name}", path)
            opened = Opening(True, f"open: {reason} of {group_name}", path)
    return opened or Opening(False, f"closed: no definition of {name} matches", None)


def next_change(groups: Mapping[str, TimeGroup], name: str, at: datetime) -> datetime | None:
    """The next instant after `at`, in UTC, at which open turns to closed or back; None within 400 days of no change.

    Only instants at which some definition can begin or end are looked at. Raises as `opening` does.
    """
    now = opening(groups, name, at).open
    reached = [group for _, group in _reached(groups, name)]
    begin = at.astimezone(UTC)
    horizon = begin + HORIZON
    while begin < horizon:
        end = begin + DAY
        for moment in sorted({moment for group in reached for moment in _boundaries(group, begin, end)}):
            if opening(groups, name, moment).open != now:
                return moment
        begin = end
    return None


def holiday_problems(definition: PublicHolidays) -> list[tuple[str, str]]:
    """What the `holidays` library does not know of a definition: pairs of the path inside it and a sentence."""
    found: list[tuple[str, str]] = []
    known: list[str] = []
    for index, country in enumerate(definition.countries):
        problem = holiday_problem(country)
        if problem is None:
            known.append(country)
        else:
            found.append((f"countries/{index}", problem))
    for index, written in enumerate(definition.subdivisions):
        owner, _, rest = written.partition("-")
        if rest and owner not in definition.countries and owner in _countries():
            found.append((f"subdivisions/{index}", f"'{written}' is for {owner}: name {owner} in `countries` too"))
            continue
        for country, subdivision in _places(tuple(known), (written,)):
            problem = holiday_problem(country, subdivision)
            if problem is not None:
                found.append((f"subdivisions/{index}", problem))
    return found


def holiday_problem(country: str, subdivision: str | None = None) -> str | None:
    """A sentence with the cure where the `holidays` library knows no such country or subdivision, else None."""
    countries = _countries()
    if country not in countries:
        meant = country.upper() if country.upper() in countries else _nearest(country, countries)
        return f"no public holidays are known for the country '{country}'{meant and f': did you mean {meant!r}?'}"
    if subdivision is None:
        return None
    place = holidays.country_holidays(country)
    if subdivision in place.subdivisions:
        return None
    if not place.subdivisions:
        return f"{country} has no subdivisions with holidays of their own: remove '{subdivision}'"
    meant = place.subdivisions_aliases.get(subdivision) or _nearest(subdivision, place.subdivisions)
    cure = f"did you mean {meant!r}?" if meant else "known are " + ", ".join(place.subdivisions)
    return f"{country} has no subdivision '{subdivision}': {cure}"


# What a definition says about a time on the wall ----------------------------------------------------------------------


def _holds(definition: Definition, wall: datetime) -> str | None:
    """Words for the definition if it holds at the naive wall time `wall`, else None."""
    match definition:
        case OwnHours():
            # Hours past midnight belong to the day on which they began, so yesterday's may still run.
            days = (wall.date(), wall.date() - DAY)
            return _written(definition) if any(_runs(definition, day, wall) for day in days) else None
        case PublicHolidays():
            for country, subdivision in _places(definition.countries, definition.subdivisions):
                holiday = _holidays(country, subdivision, wall.year).get(wall.date())
                if holiday is not None:
                    place = country if subdivision is None else f"{country}-{subdivision}"
                    return f"public holiday of {place} ({holiday})"
            return None
        case _:
            assert_never(definition)


def _runs(hours: OwnHours, day: date, wall: datetime) -> bool:
    if hours.weekdays is not None and WEEKDAYS[day.weekday()] not in hours.weekdays:
        return False
    if hours.dates is not None and not _within(hours.dates, hours.yearly, day):
        return False
    begin, end = _minutes(hours)
    return begin <= (wall - datetime.combine(day, time.min)) / timedelta(minutes=1) < end


def _minutes(hours: OwnHours) -> tuple[int, int]:
    """Begin (included) and end (excluded) in minutes of the day of beginning; the end may lie in the next day."""
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (hours.from_ or "00:00", hours.to or "24:00"))
    return begin, end if end > begin else end + 24 * 60


def _within(dates: Dates, yearly: bool, day: date) -> bool:
    """First and last day included. Yearly compares month and day, so a lone 29 February holds in leap years only."""
    if not yearly:
        return dates.first <= day <= dates.last
    first, last, this = ((each.month, each.day) for each in (dates.first, dates.last, day))
    years = dates.last.year - dates.first.year
    if years > 1 or (years == 1 and last >= first):
        return True
    return first <= this <= last if first <= last else this >= first or this <= last


def _places(countries: tuple[str, ...], subdivisions: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    """Each country with each of its subdivisions: `ST` belongs to all the countries, `DE-BY` to DE alone."""
    for country in countries:
        own: list[str] = []
        for written in subdivisions:
            owner, _, rest = written.partition("-")
            if owner == country and rest:
                own.append(rest)
            elif not (rest and owner in countries):
                own.append(written)
        yield from ((country, subdivision) for subdivision in own or [None])


@lru_cache(maxsize=1024)
def _holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    # The library takes the language from the environment unless told, and the same input must give the same words.
    place = holidays.country_holidays(country)
    language = "en_US" if "en_US" in place.supported_languages else place.default_language
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language=language).items())


@lru_cache(maxsize=1)
def _countries() -> tuple[str, ...]:
    return tuple(holidays.list_supported_countries(include_aliases=True))


def _nearest(word: str, known: tuple[str, ...]) -> str:
    found = process.extractOne(word, known, processor=str.casefold, score_cutoff=50)
    return found[0] if found else ""


# Groups and their boundaries ------------------------------------------------------------------------------------------


def _reached(groups: Mapping[str, TimeGroup], name: str) -> Iterator[tuple[str, TimeGroup]]:
    """The group and all it links, however deep, each once: a circle ends where it began."""
    waiting, seen = [name], {name}
    for reached in waiting:
        if reached not in groups:
            raise LookupError(f"time_groups/{reached}: no such time group; add it or remove what refers to it")
        yield reached, groups[reached]
        for linked in groups[reached].groups:
            if linked not in seen:
                seen.add(linked)
                waiting.append(linked)


def _boundaries(group: TimeGroup, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Instants after `begin` up to `end` (a day apart) at which a definition of the group can begin or end."""
    zone = ZoneInfo(group.timezone)
    minutes = {0}
    for definition in group.definitions:
        if isinstance(definition, OwnHours):
            minutes.update(minute % (24 * 60) for minute in _minutes(definition))
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    for offset in range((last - first).days + 1):
        midnight = datetime.combine(first + offset * DAY, time.min)
        for minute in minutes:
            for fold in (0, 1):
                wall = (midnight + timedelta(minutes=minute)).replace(tzinfo=zone, fold=fold)
                if begin < (moment := wall.astimezone(UTC)) <= end:
                    yield moment
    if begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        yield _shift(zone, begin, end)


def _shift(zone: ZoneInfo, begin: datetime, end: datetime) -> datetime:
    """The instant between at which the zone's clocks are set, to the second."""
    before = begin.astimezone(zone).utcoffset()
    low, high = int(begin.timestamp()), int(end.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


# Words for people -----------------------------------------------------------------------------------------------------


def _written(hours: OwnHours) -> str:
    """`mon-fri 09:00-17:00`, `12-24 to 01-02 every year` or `always`."""
    parts: list[str] = []
    if hours.weekdays is not None:
        parts.append(_weekdays_written(hours.weekdays))
    if hours.dates is not None:
        first, last = hours.dates.first, hours.dates.last
        if hours.yearly:
            parts.append(f"{first:%m-%d} to {last:%m-%d} every year")
        else:
            parts.append(f"{first.isoformat()} to {last.isoformat()}")
    if hours.from_ is not None or hours.to is not None:
        parts.append(f"{hours.from_ or '00:00'}-{hours.to or '24:00'}")
    return " ".join(parts) or "always"


def _weekdays_written(weekdays: tuple[Weekday, ...]) -> str:
    runs: list[list[Weekday]] = []
    for previous, day in zip((None, *WEEKDAYS), WEEKDAYS, strict=False):
        if day in weekdays:
            if previous in weekdays:
                runs[-1].append(day)
            else:
                runs.append([day])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
