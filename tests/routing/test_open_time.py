"""Opening time added up: against a count of every minute, and at its borders."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.configuration import TimeGroup
from routing.hours import LONGEST, after_open_time, open_time, opening
from tests.routing.test_hours import GROUPS, group, groups_of_two, nights, own, public

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
moments = st.integers(0, 3 * 365 * 24 * 3600).map(lambda second: datetime(2026, 1, 1, tzinfo=UTC) + second * SECOND)
SCANNED = 40 * 60
"""So many minutes are counted one by one: from one night into the day after the next."""


def slow(groups: dict[str, TimeGroup], at: datetime, within: int) -> datetime | None:
    """The same by looking at every minute; None where it takes longer than is scanned."""
    for offset in range(SCANNED):
        if within == 0:
            return at + offset * MINUTE
        within -= opening(groups, "a", at + offset * MINUTE).open
    return None


@settings(max_examples=60, deadline=None)
@given(groups_of_two, nights, st.integers(0, 24 * 60), st.integers(1, 30 * 60))
def test_it_agrees_with_counting_every_minute(
    groups: dict[str, TimeGroup], night: tuple[int, int, int], minute: int, within: int
) -> None:
    at = datetime(*night, tzinfo=UTC) + minute * MINUTE
    expected = slow(groups, at, within)
    found = after_open_time(groups, "a", at, within * MINUTE)
    if expected is None:
        assert found is None or found > at + (SCANNED - 1) * MINUTE
    else:
        assert found == expected
    counted = sum(opening(groups, "a", at + offset * MINUTE).open for offset in range(SCANNED))
    assert open_time(groups, "a", at, at + SCANNED * MINUTE) == counted * MINUTE


def test_the_count_would_notice() -> None:
    """A definition more or less is told apart by the slow count as well."""
    at = datetime(2026, 3, 28, 12, tzinfo=UTC)
    whole = {"a": group(own())}
    lunch = {"a": group(own(), own("closed", **{"from": "14:00", "to": "15:00"}))}
    assert slow(whole, at, 120) == at + 120 * MINUTE
    assert slow(lunch, at, 120) == at + 180 * MINUTE == after_open_time(lunch, "a", at, 120 * MINUTE)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(GROUPS)),
    moments,
    st.timedeltas(SECOND, timedelta(days=20)),
)
def test_the_time_until_then_is_the_time_asked_for(name: str, at: datetime, within: timedelta) -> None:
    """Whatever the second, over holidays, links, circles and leap days."""
    found = after_open_time(GROUPS, name, at, within)
    if found is None:
        assert open_time(GROUPS, name, at, at + LONGEST) < within
        return
    assert found.tzinfo is UTC
    assert open_time(GROUPS, name, at, found) == within
    assert open_time(GROUPS, name, at, found - timedelta(microseconds=1)) == within - timedelta(microseconds=1)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(GROUPS)),
    moments,
    st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), min_size=2, max_size=2),
)
def test_parts_add_up(name: str, at: datetime, lengths: list[timedelta]) -> None:
    middle, end = at + lengths[0], at + lengths[0] + lengths[1]
    assert open_time(GROUPS, name, at, middle) + open_time(GROUPS, name, middle, end) == open_time(
        GROUPS, name, at, end
    )


def test_borders() -> None:
    at = datetime(2026, 6, 3, 8, tzinfo=UTC)
    assert after_open_time(GROUPS, "split", at, timedelta(0)) == at
    assert after_open_time(GROUPS, "never", at, MINUTE) is None
    assert after_open_time(GROUPS, "always", at, LONGEST) == at + LONGEST
    assert after_open_time(GROUPS, "always", at, LONGEST + MINUTE) is None
    assert open_time(GROUPS, "always", at, at - MINUTE) == timedelta(0)
    with pytest.raises(ValueError, match="no time zone: give an aware time"):
        after_open_time(GROUPS, "split", datetime(2026, 6, 3, 10), MINUTE)  # noqa: DTZ001  the mistake under test
    with pytest.raises(LookupError, match="time_groups/nowhere: no such time group"):
        after_open_time({"g": group(groups=("nowhere",))}, "g", at, MINUTE)


def test_twice_as_much_takes_about_twice_as_long() -> None:
    """Linear in the definitions and in the days: a group that is hardly ever open is looked at for two years."""

    def seconds(definitions: int) -> float:
        rare = own(weekdays=["mon"], **{"from": "09:00", "to": "09:01"})
        groups = {"g": group(*[rare] * definitions, public("CZ"))}
        begun = time.perf_counter()
        assert after_open_time(groups, "g", datetime(2026, 6, 3, tzinfo=UTC), timedelta(days=1)) is None
        return time.perf_counter() - begun

    seconds(1)  # the holidays are read from the library once
    few, many = (min(seconds(count) for _ in range(3)) for count in (20, 200))
    assert many < 25 * few
