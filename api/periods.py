"""What a report is about, as a query says it, and the two forms in which reports are answered."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import Given
from api.errors import Problem, Refusal
from store.buckets import MOST, Buckets, By, TooMany, buckets, midnight

CSV = "text/csv"
WEEK = timedelta(days=7)
YEARS = (1970, 2200)
"""Between these a moment is."""
IN_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}
"""The other form of every report."""


@dataclass(frozen=True)
class Asked:
    """A period as it was asked for; raises 422 where it is none."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    def buckets(self, by: By) -> Buckets:
        try:
            return buckets(self.since, self.until, by, self.zone)
        except TooMany as error:
            message = f"{error}: ask for less, or by day"
            raise _wrong("until", "too_long", message) from error

    def shown(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)


Moment = Annotated[str | None, Field(max_length=40)]


def asked(
    parts: Given,
    since: Annotated[
        Moment,
        Query(
            description="From here on: a day in the zone, or a time with its offset. Default: a week before `until`.",
            examples=["2026-12-01"],
        ),
    ] = None,
    until: Annotated[
        Moment,
        Query(description="Before this day or time. Default: the end of today.", examples=["2026-12-08"]),
    ] = None,
    timezone: Annotated[
        str, Query(description="Whose days and hours they are.", examples=["Europe/Prague"], max_length=60)
    ] = "UTC",
) -> Asked:
    """What the query says."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"there is no time zone {timezone!r}: name one of IANA's, such as Europe/Prague"
        raise _wrong("timezone", "unknown_timezone", message) from error
    tomorrow = parts.now().astimezone(zone).date() + timedelta(days=1)
    last = _moment("until", until, zone) if until is not None else midnight(tomorrow, zone)
    first = (
        _moment("since", since, zone) if since is not None else midnight((last.astimezone(zone) - WEEK).date(), zone)
    )
    if first >= last:
        raise _wrong("since", "empty_period", "the period ends before it begins: `since` comes before `until`")
    return Asked(first, last, zone)


def _moment(name: str, value: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        if not YEARS[0] < at.year < YEARS[1]:
            raise ValueError("not of our time")
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        return midnight(date.fromisoformat(value), zone)
    except ValueError as error:
        message = "write a day, as 2026-12-01, or a time with its offset, as 2026-12-01T08:00:00+01:00"
        raise _wrong(name, "no_moment", message) from error


def _wrong(name: str, code: str, message: str) -> Refusal:
    return Refusal(422, "The report cannot be made.", [Problem(path=f"query/{name}", code=code, message=message)])


Form = Literal["json", "csv"]
_FORMS: dict[str, Form] = {
    **dict.fromkeys((CSV, "text/*"), "csv"),
    **dict.fromkeys(("application/json", "application/*", "*/*"), "json"),
}
During = Annotated[Asked, Depends(asked)]
InBuckets = Annotated[By, Query(description=f"`day` or `hour`; a report has at most {MOST} of them.")]


# Forms ----------------------------------------------------------------------------------------------------------------


def in_csv(items: Sequence[BaseModel], row: type[BaseModel]) -> Response:
    """With a line of names; times as in JSON, and an empty cell for null."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row.model_fields))
    writer.writeheader()
    writer.writerows(item.model_dump(mode="json") for item in items)
    return Response(text.getvalue(), media_type=CSV, headers={"Vary": "Accept"})


def wants_csv(request: Request) -> bool:
    """Whether `Accept` prefers CSV to JSON."""
    likes: dict[Form, float] = {"json": 0.0, "csv": 0.0}
    for one in request.headers.get("accept", "").split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        which = _FORMS.get(name)
        if which is not None:
            likes[which] = max(likes[which], _quality(parameters))
    return likes["csv"] > likes["json"]


def _quality(parameters: Sequence[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one.removeprefix("q="))
            except ValueError:
                return 0.0
    return 1.0
