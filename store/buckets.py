"""The hours and days of a time zone, between two moments: what reports count by."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

By = Literal["day", "hour"]
MOST = 800
"""So many buckets a report has at the most: a month of hours, or two years of days."""
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class TooMany(ValueError):
    """A period has more buckets than a report can have."""


@dataclass(frozen=True)
class Buckets:
    """Consecutive stretches of time: each begins where the one before ends, the last ends at `until`."""

    starts: tuple[datetime, ...]
    until: datetime

    @property
    def since(self) -> datetime:
        return self.starts[0]

    def number(self, at: datetime) -> int:
        """Of the bucket that has this moment, from 1 on."""
        return bisect_right(self.starts, at)


def buckets(since: datetime, until: datetime, by: By, zone: ZoneInfo) -> Buckets:
    """From `since` up to `until`, cut at every midnight or full hour on the wall of the zone.

    When clocks change, a day has 23 or 25 hours, and the hour that comes twice is two buckets. Raises TooMany, and
    ValueError unless `since` comes before `until`.
    """
    if since >= until:
        raise ValueError("the period ends before it begins")
    starts = [since.astimezone(UTC)]
    while (following := _next_day(starts[-1], zone) if by == "day" else _next_hour(starts[-1], zone)) < until:
        if len(starts) == MOST:
            raise TooMany(f"the period has more than {MOST} {by}s")
        starts.append(following)
    return Buckets(tuple(starts), until.astimezone(UTC))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins; where clocks skip midnight, when they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next_day(at: datetime, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date()
    while True:  # where a country changed sides of the date line, a whole day is missing
        day += timedelta(days=1)
        if (found := midnight(day, zone)) > at:
            return found


def _next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    wall = at.astimezone(zone)
    following = at + HOUR - timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    offset = wall.utcoffset()
    if following.astimezone(zone).utcoffset() == offset:
        return following
    # The clocks change on the way, perhaps by half an hour: the bucket ends when they do.
    low, high = 0, int((following - at) / SECOND) + 1
    begin = at.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        same = (begin + middle * SECOND).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return begin + high * SECOND
