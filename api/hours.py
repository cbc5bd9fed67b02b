"""When a time group is open, as it is or as somebody is writing it, and the countries whose holidays are known."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Viewer, lacking
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from routing.configuration import Definition, OwnHours, PublicHolidays, TimeGroup
from routing.hours import holiday_problems, next_change, opening
from routing.problems.problem import Report
from routing.problems.shape import Shape
from routing.weeks import Day, Holiday, coming_holidays, countries, week
from store import revisions, sandbox
from store.users import at_least

router = APIRouter(tags=["configuration"])

AHEAD = 366
"""So many days of holidays are told."""


class Asked(BaseModel):
    """Which time group, and when."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "office", "of": "sandbox"}]})

    name: Annotated[str, Field(description="The time group's name.", min_length=1, max_length=80)]
    of: Literal["production", "sandbox"] = Field("production", description="`sandbox` is for supervisors.")
    document: dict[str, Any] | None = Field(
        None, description="The time group as it would be, instead of what is there. What it links is as it is."
    )
    at: AwareDatetime | None = Field(None, description="Whether it is open then; default: now.")
    first: date | None = Field(None, description="The first of seven days; default: the Monday before `at`.")


class Span(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    since: datetime = Field(description="From this instant on.")
    until: datetime = Field(description="Before this one.")
    begin: str = Field(description="What the clock shows in the group's zone.", examples=["09:00"])
    end: str = Field(description="The same; at most 24:00.", examples=["17:00"])


class OpenDay(BaseModel):
    day: date
    hours: list[Span]
    holidays: list[str] = Field(description="Public holidays that a definition means, open or closed.")


class ComingHoliday(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: date
    title: str = Field(examples=["Christmas Day"])
    place: str = Field(description="The country, or the subdivision.", examples=["DE-BY"])
    type: Literal["open", "closed"] = Field(description="What the definition says that it is then.")
    path: str = Field(examples=["time_groups/office/definitions/1"])


class OpenHours(BaseModel):
    """Times are in the group's own zone."""

    timezone: str = Field(examples=["Europe/Prague"])
    at: datetime
    open: bool
    why: str = Field(examples=["open: mon-fri 09:00-17:00 of office"])
    path: str | None = Field(description="The definition that decides; null where none does.")
    next_change: datetime | None = Field(description="Null where nothing changes within 400 days.")
    days: list[OpenDay] = Field(description="Seven of them.")
    holidays: list[ComingHoliday] = Field(description=f"From the day of `at`, for {AHEAD} days.")


class Region(BaseModel):
    code: str = Field(examples=["BY"])
    name: str = Field(examples=["Bayern"])


class Country(BaseModel):
    code: str = Field(description="ISO 3166-1.", examples=["DE"])
    regions: list[Region] = Field(description="Those with holidays of their own, as far as any are known.")


class Countries(BaseModel):
    items: list[Country]


@router.post("/api/v1/hours", summary="Look at open hours", responses=answers(401, 403, 404, 413, 422))
async def look_at_hours(parts: Given, by: Viewer, given: Asked) -> OpenHours:
    """Whether a time group is open, why, when that changes, a week of its hours, and the holidays that come.

    Definitions of a draft that cannot be read are left out; `POST /api/v1/problems` says what is wrong with them.
    """
    if given.of == "sandbox" and not at_least(by.role, "supervisor"):
        raise Refusal(403, lacking(by.role, "supervisor"))
    async with parts.database.begin() as session:
        groups = await _groups(session, parts, given)
    if given.name not in groups:
        if given.document is not None:
            raise Refusal(422, "The time group cannot be read: see what is wrong with it.")
        raise Refusal(404, f"There is no time group {given.name}.")
    try:
        return await asyncio.to_thread(_hours, groups, given, given.at or parts.now())
    except (LookupError, ValueError, OSError, OverflowError) as error:  # of zones, links, and times at the end of time
        raise Refusal(422, "Its hours cannot be told: see whether its time zone and links are right.") from error


@router.get("/api/v1/hours/countries", summary="List countries with known holidays", responses=answers(401))
async def list_holiday_countries(_: Viewer) -> Countries:
    """What `countries` and `subdivisions` of public holidays may hold."""
    known = await asyncio.to_thread(countries)
    return Countries(
        items=[
            Country(code=code, regions=[Region(code=one, name=name) for one, name in regions.items()])
            for code, regions in known.items()
        ]
    )


async def _groups(session: AsyncSession, parts: Parts, given: Asked) -> Mapping[str, TimeGroup]:
    """All time groups of the sandbox or of production, with the draft among them."""
    if given.of == "production" and given.document is None:
        number = await revisions.current_number(session)
        graph = None if number is None else await parts.production.graph(session, number)
        return {} if graph is None else graph.configuration.time_groups
    if given.of == "production":
        current = await revisions.current_revision(session)
        document = current.document if current else {}
    else:
        document = await sandbox.document(session)
    written = document.get("time_groups") or {}
    if given.document is not None:
        written = {**written, given.name: given.document}
    report = Report()
    configuration = Shape({"format": 1, "time_groups": written}, report).configuration
    if configuration is None:
        return {}
    wrong = {one.path for one in report.problems if one.severity == "error"}
    return {name: _readable(name, group, wrong) for name, group in configuration.time_groups.items()}


def _readable(name: str, group: TimeGroup, wrong: Collection[str]) -> TimeGroup:
    """The group with `_NEVER` in place of what was mended or means no known holidays, so that places stay the same."""
    return group.model_copy(
        update={
            "definitions": tuple(
                _NEVER if _is_wrong(one, f"time_groups/{name}/definitions/{index}", wrong) else one
                for index, one in enumerate(group.definitions)
            )
        }
    )


_NEVER = OwnHours(type="closed", system="own", weekdays=())


def _is_wrong(definition: Definition, path: str, wrong: Collection[str]) -> bool:
    if any(one == path or one.startswith(f"{path}/") for one in wrong):
        return True
    return isinstance(definition, PublicHolidays) and bool(holiday_problems(definition))


def _hours(groups: Mapping[str, TimeGroup], given: Asked, at: datetime) -> OpenHours:
    zone = ZoneInfo(groups[given.name].timezone)
    here = at.astimezone(zone)
    first = given.first or here.date() - timedelta(days=here.weekday())
    found = opening(groups, given.name, at)
    change = next_change(groups, given.name, at)
    shown = [_day(groups, given.name, one) for one in week(groups, given.name, first)]
    coming = coming_holidays(groups, given.name, here.date(), AHEAD)
    return OpenHours(
        timezone=zone.key,
        at=here,
        open=found.open,
        why=found.why,
        path=found.path,
        next_change=None if change is None else change.astimezone(zone),
        days=shown,
        holidays=[_holiday(one) for one in coming],
    )


def _day(groups: Mapping[str, TimeGroup], name: str, day: Day) -> OpenDay:
    told = coming_holidays(groups, name, day.day, 1)
    titles = list(dict.fromkeys(one.title for one in told))
    return OpenDay(day=day.day, hours=[Span.model_validate(one) for one in day.hours], holidays=titles)


def _holiday(one: Holiday) -> ComingHoliday:
    return ComingHoliday.model_validate(one)
