"""Days and hours on the wall, also when clocks change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.buckets import MOST, By, TooMany, buckets, midnight

ZONES = (
    "UTC",
    "Europe/Prague",
    "America/Santiago",  # skips midnight
    "America/Havana",  # has midnight twice
    "Australia/Lord_Howe",  # moves by half an hour
    "Asia/Kolkata",
    "Pacific/Apia",  # left out the 30th of December 2011
)


def on_the_wall(by: By, zone: ZoneInfo) -> Callable[[datetime], object]:
    """What moments of the same bucket have in common."""

    def key(at: datetime) -> object:
        wall = at.astimezone(zone)
        return wall.date() if by == "day" else (wall.date(), wall.hour, wall.utcoffset())

    return key


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 12, 1), 24)])
def test_days_and_their_hours(day: date, hours: int) -> None:
    prague = ZoneInfo("Europe/Prague")
    begin, end = midnight(day, prague), midnight(day + timedelta(days=1), prague)
    assert len(buckets(begin, end, "day", prague).starts) == 1
    found = buckets(begin, end, "hour", prague).starts
    assert len(found) == hours
    assert found == tuple(begin + timedelta(hours=number) for number in range(hours))


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    by=st.sampled_from(("day", "hour")),
    since=st.one_of(
        st.integers(0, 365 * 86400).map(lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)),
        st.sampled_from(
            [
                datetime(2026, 3, 28, 22, 30, tzinfo=UTC),
                datetime(2026, 10, 24, 23, 59, 59, 999999, tzinfo=UTC),
                datetime(2026, 4, 4, 14, 1, tzinfo=UTC),
                datetime(2026, 9, 6, 3, 0, 0, 1, tzinfo=UTC),
                datetime(2026, 11, 1, 3, tzinfo=UTC),
                datetime(2011, 12, 29, 9, 59, tzinfo=UTC),
            ]
        ),
    ),
    minutes=st.integers(1, 60 * 24 * 4),
)
def test_as_a_slow_count_minute_by_minute(zone: ZoneInfo, by: By, since: datetime, minutes: int) -> None:
    begin, end = since, since + timedelta(minutes=minutes)
    found = buckets(begin, end, by, zone)
    key = on_the_wall(by, zone)
    # All of it in order, without a gap, and each moment with those that it is like.
    assert found.starts[0] == begin
    assert all(
        one < other for one, other in zip((*found.starts, end), (*found.starts[1:], end), strict=False) if one != end
    )
    keys: dict[object, int] = {}
    for minute in range(minutes):
        at = begin + timedelta(minutes=minute)
        number = found.number(at)
        assert 1 <= number <= len(found.starts)
        assert keys.setdefault(key(at), number) == number
    assert len(set(keys.values())) == len(keys)
    for start in found.starts[1:]:
        assert key(start) != key(start - timedelta(microseconds=1)), "it begins when the wall says so, to the moment"


def test_bounds() -> None:
    noon, utc = datetime(2026, 1, 1, 12, tzinfo=UTC), ZoneInfo("UTC")
    assert len(buckets(noon, noon + timedelta(hours=MOST), "hour", utc).starts) == MOST
    with pytest.raises(TooMany, match="more than 800 hours"):
        buckets(noon, noon + timedelta(hours=MOST, seconds=1), "hour", utc)
    with pytest.raises(ValueError, match="ends before it begins"):
        buckets(noon, noon, "day", utc)
