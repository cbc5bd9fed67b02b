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
LONGEST = timedelta(days=731)
"""How far `after_open_time` looks: two years, one of them with a 29 February."""
DAY = timedelta(days=1)
STRETCH = timedelta(days=7)
"""So many days are read at once, since those at its edges are read twice."""
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
    _instant(at)
    opened: Opening | None = None
    for group_name, group in linked_groups(groups, name):
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
    reached = [group for _, group in linked_groups(groups, name)]
    begin = at.astimezone(UTC)
    horizon = begin + HORIZON
    while begin < horizon:
        end = begin + DAY
        for moment in sorted({moment for group in reached for moment in _boundaries(group, begin, end)}):
            if opening(groups, name, moment).open != now:
                return moment
        begin = end
    return None


def after_open_time(groups: Mapping[str, TimeGroup], name: str, start: datetime, within: timedelta) -> datetime | None:
    """The first instant, in UTC, at which the group has been open for `within` since `start`; as exact as the clock is.

    Where the time is up at closing time, that is the answer, not the next opening. None where that takes more than two
    years. Open means what it means for `opening`, and it raises the same.
    """
    begin = _instant(start)
    if within <= timedelta(0):
        return begin
    for opened, closed in open_periods(groups, name, begin, begin + LONGEST):
        if within <= closed - opened:
            return opened + within
        within -= closed - opened
    return None


def open_time(groups: Mapping[str, TimeGroup], name: str, start: datetime, end: datetime) -> timedelta:
    """For how long the group is open from `start` to `end`; none where that is not later. Raises as `opening` does."""
    periods = open_periods(groups, name, _instant(start), _instant(end))
    return sum((closed - opened for opened, closed in periods), timedelta(0))


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
        for country, subdivision in holiday_places(tuple(known), (written,)):
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
            for country, subdivision in holiday_places(definition.countries, definition.subdivisions):
                holiday = holidays_in(country, subdivision, wall.year).get(wall.date())
                if holiday is not None:
                    place = country if subdivision is None else f"{country}-{subdivision}"
                    return f"public holiday of {place} ({holiday})"
            return None
        case _:
            assert_never(definition)


def _runs(hours: OwnHours, day: date, wall: datetime) -> bool:
    begin, end = _minutes(hours)
    return _belongs(hours, day) and begin <= (wall - datetime.combine(day, time.min)) / timedelta(minutes=1) < end


def _belongs(hours: OwnHours, day: date) -> bool:
    """Whether the hours begin on this day, whatever the clock shows."""
    if hours.weekdays is not None and WEEKDAYS[day.weekday()] not in hours.weekdays:
        return False
    return hours.dates is None or _within(hours.dates, hours.yearly, day)


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


def holiday_places(countries: tuple[str, ...], subdivisions: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
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
def holidays_in(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
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


def linked_groups(groups: Mapping[str, TimeGroup], name: str) -> Iterator[tuple[str, TimeGroup]]:
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


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone: give an aware time, such as one in UTC")
    return at.astimezone(UTC)


# Periods in which a group is open -------------------------------------------------------------------------------------

Period = tuple[datetime, datetime]
"""From an instant, included, to another one, excluded."""


def open_periods(groups: Mapping[str, TimeGroup], name: str, begin: datetime, end: datetime) -> Iterator[Period]:
    """The periods between two instants in UTC in which the group is open, in order; two may touch."""
    reached = [group for _, group in linked_groups(groups, name)]
    while begin < end:
        until = min(begin + STRETCH, end)
        opened: list[Period] = []
        closed: list[Period] = []
        for group in reached:
            pieces = list(_pieces(ZoneInfo(group.timezone), begin, until))
            for definition in group.definitions:
                (opened if definition.type == "open" else closed).extend(_periods(definition, pieces))
        yield from _without(opened, closed)
        begin = until


def _pieces(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The time between two instants, cut where the zone's clocks are set: inside a piece the wall runs as UTC does."""
    at, since = begin, begin
    while at < end:
        until = min(at + DAY, end)
        before, after = (each.astimezone(zone).utcoffset() or timedelta(0) for each in (at, until))
        if before != after:
            shift = _shift(zone, at, until)
            yield since, shift, before
            since = shift
        at = until
    yield since, end, end.astimezone(zone).utcoffset() or timedelta(0)


def _periods(definition: Definition, pieces: list[tuple[datetime, datetime, timedelta]]) -> Iterator[Period]:
    """When the definition holds during these pieces; a time that the wall shows twice counts twice."""
    for begin, end, offset in pieces:
        first, last = ((each + offset).replace(tzinfo=None) for each in (begin, end))
        for opened, closed in _on_the_wall(definition, first, last):
            opened, closed = max(opened, first), min(closed, last)
            if opened < closed:
                yield (opened - offset).replace(tzinfo=UTC), (closed - offset).replace(tzinfo=UTC)


def _on_the_wall(definition: Definition, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The definition's periods that may touch the time between two wall times, in naive wall time."""
    match definition:
        case OwnHours():
            begin, end = (timedelta(minutes=minutes) for minutes in _minutes(definition))
            for day in _days(first.date() - DAY, last.date()):
                if _belongs(definition, day):
                    midnight = datetime.combine(day, time.min)
                    yield midnight + begin, midnight + end
        case PublicHolidays():
            places = list(holiday_places(definition.countries, definition.subdivisions))
            for day in _days(first.date(), last.date()):
                if any(day in holidays_in(country, subdivision, day.year) for country, subdivision in places):
                    midnight = datetime.combine(day, time.min)
                    yield midnight, midnight + DAY
        case _:
            assert_never(definition)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def _without(opened: list[Period], closed: list[Period]) -> Iterator[Period]:
    """The time of the one list that is not in the other, in order."""
    changes = sorted(
        change
        for kind, periods in enumerate((opened, closed))
        for begin, end in periods
        for change in ((begin, kind, 1), (end, kind, -1))
    )
    counts, since = [0, 0], None
    for at, kind, more in changes:
        if since is not None and since < at:
            yield since, at
        counts[kind] += more
        since = at if counts[0] and not counts[1] else None


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
