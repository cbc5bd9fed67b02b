"""Reports as JSON for charts or as CSV for tables: queues, volumes, agents, causes, and the ways taken (SPEC 10)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Viewer
from api.dependencies import Given
from api.errors import answers
from api.periods import IN_CSV, Asked, During, InBuckets, in_csv, wants_csv
from store import reports
from store.buckets import Buckets, By

router = APIRouter(tags=["reports"])

Seconds = Annotated[float | None, Field(description="Seconds; null where there was none of it.")]
Start = Annotated[datetime | None, Field(description="When the bucket begins, in the zone; null in `totals`.")]


class Period(BaseModel):
    """What was asked for."""

    since: datetime
    until: datetime
    by: By
    timezone: str


class Counted(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    start: Start = None


class QueueCounts(Counted):
    """A queue, by the time at which conversations came into it; `missed` by the time at which they ended."""

    queue: str = Field(description="Empty for the list of those whom nobody is assigned to.", examples=["support"])
    arrived: int = Field(description="So many times a conversation came into the queue.")
    answered: int = Field(description="So many of those an agent accepted.")
    left: int = Field(description="So many left before anybody accepted them.")
    overflowed: int = Field(description="So many of those because the queue's maximum wait was over.")
    waiting: int = Field(description="So many still wait.")
    missed: int = Field(description="Missed chats that were booked under the queue, also without having been in it.")
    waited_mean: Seconds = Field(description="Until they were accepted, those who were.")
    waited_median: Seconds
    waited_p90: Seconds = Field(description="Nine of ten waited no longer.")
    waited_max: Seconds
    first_answer_mean: Seconds = Field(description="From coming into the queue to a person's first words.")
    first_answer_median: Seconds
    with_agents_mean: Seconds = Field(description="From being accepted to leaving.")
    with_agents_median: Seconds


class VolumeCounts(Counted):
    """A connector: conversations by when they opened, messages by when they were written."""

    connector: str = Field(examples=["shop"])
    conversations: int
    written: int = Field(description="Messages of customers.")
    from_routing: int = Field(description="Messages that left, of the routing.")
    from_bots: int
    from_people: int = Field(description="Also those that people typed in the Instagram app.")


class AgentCounts(Counted):
    """An agent: offers by when they were made, conversations by when they were accepted."""

    agent: str = Field(examples=["eva"])
    offered: int
    declined: int
    ignored: int = Field(description="Offers that were let ring until their time was over.")
    withdrawn: int = Field(description="Offers of conversations that left meanwhile.")
    accepted: int = Field(description="Conversations, offered or taken.")
    seconds: float = Field(description="With conversations that are over, all together.")
    seconds_mean: Seconds
    replies: int = Field(description="Messages that left.")


class CauseCounts(Counted):
    """Why conversations ended, by when they did."""

    cause: str = Field(examples=["user"])
    conversations: int
    answered: int
    missed: int


class FlowCounts(BaseModel):
    """From one place straight to another; an end is of the kind `end` and named by its cause."""

    model_config = ConfigDict(from_attributes=True)

    source_kind: str = Field(examples=["decision_trees"])
    source_name: str = Field(examples=["welcome"])
    target_kind: str = Field(examples=["queues"])
    target_name: str = Field(examples=["support"])
    times: int
    conversations: int = Field(description="So many conversations went this way at least once.")


class QueueReport(Period):
    items: list[QueueCounts] = Field(description="For every bucket in which there was something, in order.")
    totals: list[QueueCounts]


class VolumeReport(Period):
    items: list[VolumeCounts]
    totals: list[VolumeCounts]


class AgentReport(Period):
    items: list[AgentCounts]
    totals: list[AgentCounts]


class CauseReport(Period):
    items: list[CauseCounts]
    totals: list[CauseCounts]


class FlowReport(BaseModel):
    since: datetime
    until: datetime
    timezone: str
    items: list[FlowCounts] = Field(description="The most frequent first.")


def _documented(summary: str) -> dict[str, Any]:
    return {"summary": summary, "responses": IN_CSV | answers(401, 422)}


@router.get("/api/v1/reports/queues", response_model=QueueReport, **_documented("How queues did"))
async def report_queues(request: Request, parts: Given, _: Viewer, during: During, by: InBuckets = "day") -> Any:
    """How many came, were answered and missed, and how long they waited. As CSV with `Accept: text/csv`."""
    period = during.buckets(by)
    async with parts.database.begin() as session:
        rows = await reports.by_queue(session, period)
    return _answer(request, during, period, by, rows, QueueReport, QueueCounts)


@router.get("/api/v1/reports/volumes", response_model=VolumeReport, **_documented("How much there was"))
async def report_volumes(request: Request, parts: Given, _: Viewer, during: During, by: InBuckets = "day") -> Any:
    """Conversations and messages by connector. As CSV with `Accept: text/csv`."""
    period = during.buckets(by)
    async with parts.database.begin() as session:
        rows = await reports.by_connector(session, period)
    return _answer(request, during, period, by, rows, VolumeReport, VolumeCounts)


@router.get("/api/v1/reports/agents", response_model=AgentReport, **_documented("What agents did"))
async def report_agents(request: Request, parts: Given, _: Viewer, during: During, by: InBuckets = "day") -> Any:
    """Offers and what came of them, conversations and the time with them. As CSV with `Accept: text/csv`."""
    period = during.buckets(by)
    async with parts.database.begin() as session:
        rows = await reports.by_agent(session, period)
    return _answer(request, during, period, by, rows, AgentReport, AgentCounts)


@router.get("/api/v1/reports/causes", response_model=CauseReport, **_documented("Why conversations ended"))
async def report_causes(request: Request, parts: Given, _: Viewer, during: During, by: InBuckets = "day") -> Any:
    """By disconnection cause. As CSV with `Accept: text/csv`."""
    period = during.buckets(by)
    async with parts.database.begin() as session:
        rows = await reports.by_cause(session, period)
    return _answer(request, during, period, by, rows, CauseReport, CauseCounts)


@router.get("/api/v1/reports/paths", response_model=FlowReport, **_documented("Which ways were taken"))
async def report_paths(
    request: Request,
    parts: Given,
    _: Viewer,
    during: During,
    connector: Annotated[str | None, Query(description="Only of conversations that came in here.")] = None,
) -> Any:
    """Of the conversations that were opened in the period, for a flow diagram. As CSV with `Accept: text/csv`."""
    during.buckets("day")  # no report is longer than others may be
    async with parts.database.begin() as session:
        rows = await reports.flows(session, during.since, during.until, connector)
    items = [FlowCounts.model_validate(row) for row in rows]
    if wants_csv(request):
        return in_csv(items, FlowCounts)
    asked = {"since": during.shown(during.since), "until": during.shown(during.until), "timezone": during.zone.key}
    return FlowReport(**asked, items=items)


def _answer(
    request: Request,
    during: Asked,
    period: Buckets,
    by: By,
    rows: Sequence[Any],
    report: Callable[..., BaseModel],
    row: type[Counted],
) -> BaseModel | Response:
    """The rows of buckets, and apart from them those of all; in CSV only the first."""
    items: list[Counted] = []
    totals: list[Counted] = []
    for found in rows:
        item = row.model_validate(found)
        if found.bucket is None:
            totals.append(item)
        else:
            items.append(item.model_copy(update={"start": during.shown(period.starts[found.bucket - 1])}))
    if wants_csv(request):
        return in_csv(items, row)
    asked = {"since": during.shown(during.since), "until": during.shown(during.until), "timezone": during.zone.key}
    return report(**asked, by=by, items=items, totals=totals)
