"""Durations in words that people read: `2 h 30 min`."""

from datetime import timedelta

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def spoken(duration: timedelta) -> str:
    """The duration in days, hours, minutes and seconds, as far as they are there: `1 d 2 h`, `90 s` is `1 min 30 s`."""
    rest = round(duration.total_seconds(), 3)
    parts: list[str] = []
    for size, unit in _UNITS[:-1]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:.0f} {unit}")
    if rest or not parts:
        parts.append(f"{rest:g} s")
    return " ".join(parts)
