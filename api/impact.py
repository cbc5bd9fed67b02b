"""The impact report: which recorded conversations would have gone elsewhere on the sandbox, and where (SPEC 9.3)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import tags
from api.access import Supervisor
from api.dependencies import Given
from api.errors import Refusal, answers
from api.production import Production
from api.readings import holding
from routing.graph import Graph
from routing.impact import Flow, Impact, Moved, Reworded, Undecided, Unfaithful, impact
from routing.recordings import Recording
from store import recordings, sandbox
from store.database import Database
from store.recordings import Period, Written

router = APIRouter(tags=["preview"])

MOST = 10_000
"""The most conversations of one report."""
AT_ONCE = 100
"""So many are read from the store at once, while those before are being compared."""
PATIENCE = 60.0
"""Seconds that the store may take for so many."""
WORKER = ThreadPoolExecutor(1, thread_name_prefix="impact")
"""One report at a time in each process, so that webhooks keep their share of it; others wait."""


class WantedImpact(BaseModel):
    """Which conversations to compare: the last opened ones that agree with all that is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"last": 1000, "connector": "shop", "since": "2026-11-01T00:00Z"}]},
    )

    last: Annotated[int, Field(ge=1, le=MOST, description="So many at the most, the newest first.")] = 500
    account: Annotated[str | None, Field(description="Only of this connected account.")] = None
    connector: Annotated[str | None, Field(description="Only those that came in through this connector.")] = None
    since: Annotated[AwareDatetime | None, Field(description="Opened from this time on, with its zone.")] = None
    until: Annotated[AwareDatetime | None, Field(description="Opened before this time, with its zone.")] = None
    listed: Annotated[
        int, Field(ge=0, le=1000, description="So many conversations are named in each list; the counts are of all.")
    ] = 200


class Counts(BaseModel):
    """Of how many conversations what is true; together they are all that were compared."""

    same: int = Field(description="They would have gone the same way with the same words.")
    moved: int = Field(description="They would have gone elsewhere, or ended otherwise.")
    texts_only: int = Field(description="The same way, with other words.")
    undecided: int = Field(description="The same way, as far as it can be known.")
    unfaithful: int = Field(
        description="They do not come out on their own revision as they did: nothing is said of them."
    )


class ImpactReport(BaseModel):
    """What the sandbox would have changed. Lists begin with the newest conversation."""

    etag: str = Field(description="The tag of the sandbox that was compared.")
    compared: int
    opened_first: datetime | None = Field(description="When the oldest conversation that was compared opened.")
    opened_last: datetime | None
    counts: Counts
    moved: list[Moved]
    texts_only: list[Reworded]
    undecided: list[Undecided]
    unfaithful: list[Unfaithful]
    needs: dict[str, int] = Field(
        description="What would have to be known of the undecided ones, and of those that moved: `request` an answer, "
        "`chatbot` or `people` what they would have done, `tap` which button."
    )
    flows: list[Flow] = Field(
        description="From which place to which, by the first step that differs, the largest first."
    )
    outcomes: list[Flow] = Field(description="The same by the last place.")
    seconds: float = Field(description="How long it took.")

    @classmethod
    def of(cls, found: Impact, listed: int, **about: Any) -> "ImpactReport":
        """The report of what was found, which names so many conversations in each list."""
        return cls(
            compared=found.compared,
            counts=Counts(
                same=found.same,
                moved=len(found.moved),
                texts_only=len(found.texts_only),
                undecided=len(found.undecided),
                unfaithful=len(found.unfaithful),
            ),
            moved=list(found.moved[:listed]),
            texts_only=list(found.texts_only[:listed]),
            undecided=list(found.undecided[:listed]),
            unfaithful=list(found.unfaithful[:listed]),
            needs=_needs(found),
            flows=list(found.flows),
            outcomes=list(found.outcomes),
            **about,
        )


@router.post(
    "/api/v1/impact",
    summary="Compare the sandbox with recorded conversations",
    responses=answers(401, 403, 413, 422),
)
async def report(request: Request, parts: Given, _: Supervisor, given: WantedImpact | None = None) -> ImpactReport:
    """Run the newest conversations again on the sandbox: at their times, with their recorded answers of requests and
    chatbots, and what people did. Nothing is sent or asked.

    422 where the sandbox has errors, with all. Reports are made one after the other; one of 10,000 conversations takes
    some ten seconds.
    """
    given = given or WantedImpact()
    begun = time.perf_counter()
    period = Period(given.account, given.connector, given.since, given.until)
    async with parts.database.begin() as session:
        document = await sandbox.document(session)
        names = await recordings.newest(session, given.last, period)
    graph = await holding(document)
    compared = Comparison(parts.database, parts.production, names, parts.now(), request.is_disconnected)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(WORKER, compared.run, graph, loop)
    except Gone as error:
        raise Refusal(503, "Nobody waits for this report any more.") from error
    return ImpactReport.of(
        found,
        listed=given.listed,
        etag=tags.tag_of(document),
        opened_first=compared.opened_first,
        opened_last=compared.opened_last,
        seconds=round(time.perf_counter() - begun, 3),
    )


class Gone(Exception):
    """Whoever asked for the report has left."""


class Comparison:
    """Reads conversations in parts on the event loop, while a thread compares those of the part before.

    `gone` says whether nobody waits for the report any more; then Gone is raised.
    """

    def __init__(
        self,
        database: Database,
        production: Production,
        names: Sequence[str],
        now: datetime,
        gone: Callable[[], Awaitable[bool]],
    ) -> None:
        self.database = database
        self.production = production
        self.names = names
        self.now = now
        self.gone = gone
        self.graphs: dict[int, Graph | None] = {}
        self.opened_first: datetime | None = None
        self.opened_last: datetime | None = None

    def run(self, graph: Graph, loop: asyncio.AbstractEventLoop) -> Impact:
        """The whole report; in the thread."""
        return impact(graph, self._recordings(loop), self.graphs.get)

    def _recordings(self, loop: asyncio.AbstractEventLoop) -> Iterator[Recording]:
        waiting: Future[list[Written]] | None = None
        for start in range(0, len(self.names) + AT_ONCE, AT_ONCE):
            names = self.names[start : start + AT_ONCE]
            following = asyncio.run_coroutine_threadsafe(self._read(names), loop) if names else None
            for one in waiting.result(PATIENCE) if waiting is not None else ():
                recording = one.recording()
                self.opened_last = self.opened_last or recording.opened_at
                self.opened_first = recording.opened_at
                yield recording
            waiting = following

    async def _read(self, names: Sequence[str]) -> list[Written]:
        """The next part, and the revisions that it ran on."""
        if await self.gone():
            raise Gone
        async with self.database.begin() as session:
            found = await recordings.written(session, names, self.now)
            for number in {one.revision for one in found} - set(self.graphs):
                self.graphs[number] = await self.production.graph(session, number)
        return found


def _needs(found: Impact) -> dict[str, int]:
    unknown = [one.unknown_from for one in (*found.undecided, *found.moved) if one.unknown_from is not None]
    return {need: sum(one.needs == need for one in unknown) for need in sorted({one.needs for one in unknown})}
