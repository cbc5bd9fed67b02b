"""Scenarios kept with the configuration: read, replaced, and run on the sandbox (SPEC 9.2)."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

import detection
from api import documents, tags
from api.access import Admin, Supervisor, record
from api.checking import checked, told
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.tags import IfMatch
from routing import scenarios as language
from routing.graph import Graph
from routing.scenarios import Failure, Result, ScenarioError, Scenarios, scenarios_of
from store import sandbox, scenarios
from store.scenarios import Kept

router = APIRouter(tags=["scenarios"])

FILE = {
    "type": "object",
    "properties": {"scenarios": {"type": "object", "additionalProperties": {"type": "object"}}},
    "required": ["scenarios"],
    "additionalProperties": False,
}
EXAMPLE = {
    "scenarios": {
        "order-found": {
            "title": "An order is found",
            "connector": "shop",
            "at": "2026-11-23T10:00:00+01:00",
            "steps": [{"user": "Where is my order?"}, {"bot": "Which order?"}],
        }
    }
}


class ChangedScenarios(BaseModel):
    etag: str = Field(description="Of all scenarios as they are now; send it as `If-Match`.")
    changed: list[str] = Field(description="The names of those that were added, changed or removed.")


class KeptScenario(BaseModel):
    """A scenario, with who changed it last."""

    name: str
    document: dict[str, Any] = Field(description="As its author wrote it.")
    author: str
    changed_at: datetime


class RunScenarios(BaseModel):
    """Which scenarios to run; all of them unless `names` says which."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"names": ["order-found"]}]})

    names: list[str] | None = None


class ScenarioResult(BaseModel):
    """What came of a scenario: it holds where nothing failed."""

    name: str
    title: str
    holds: bool
    failures: list[Failure] = Field(description="Each step that does not hold; `step` counts from 0.")
    transcript: list[str]
    path: list[str] = Field(description="The places that were visited, in order.")


class ScenarioResults(BaseModel):
    holds: bool = Field(description="Whether all of them hold.")
    results: list[ScenarioResult]


@router.get(
    "/api/v1/scenarios",
    summary="Read all scenarios",
    response_class=Response,
    responses=documents.shown(FILE, "The file of scenarios, JSON or YAML") | answers(401, 403),
)
async def read_scenarios(request: Request, parts: Given, _: Supervisor) -> Response:
    """In the order of their author, as `switchboard scenarios` reads them."""
    async with parts.database.begin() as session:
        return await documents.answer(request, file_of(await scenarios.scenarios(session)))


@router.put(
    "/api/v1/scenarios",
    summary="Replace all scenarios",
    responses=answers(401, 403, 412, 413, 415, 422, 428),
    openapi_extra=documents.described(FILE, "The file of scenarios, JSON or YAML.", EXAMPLE),
)
async def replace_scenarios(
    request: Request, response: Response, parts: Given, by: Admin, if_match: IfMatch = None
) -> ChangedScenarios:
    """They must be readable, and need not hold: 422 names every mistake. The same ones keep their author and time."""
    given = await documents.sent(request)
    try:
        await asyncio.to_thread(scenarios_of, given)
    except ScenarioError as error:
        raise Refusal(422, "These are no scenarios, and nothing was kept.", _mistakes(error)) from error
    async with parts.database.begin() as session:
        await scenarios.hold(session)
        tags.require(if_match, file_of(await scenarios.scenarios(session)), "The file of scenarios")
        changed = await scenarios.replace(session, given["scenarios"], by.name)
        if changed:
            await record(session, by, "scenarios.replaced", "scenarios", names=changed[:200], count=len(changed))
        etag = tags.tag_of(file_of(await scenarios.scenarios(session)))
    response.headers["ETag"] = etag
    return ChangedScenarios(etag=etag, changed=changed)


@router.post("/api/v1/scenarios/run", summary="Run scenarios on the sandbox", responses=answers(401, 403, 413, 422))
async def run_scenarios(parts: Given, _: Supervisor, given: RunScenarios | None = None) -> ScenarioResults:
    """Pure and quick: nothing is sent, and time is the scenario's. 422 where the sandbox has errors, with all."""
    async with parts.database.begin() as session:
        document, kept = await sandbox.document(session), await scenarios.scenarios(session)
    wanted = given.names if given is not None and given.names is not None else [one.name for one in kept]
    if unknown := [name for name in wanted if name not in {one.name for one in kept}]:
        problems = [
            Problem(path=f"names/{wanted.index(name)}", code="unknown-scenario", message=f"there is no scenario {name}")
            for name in unknown
        ]
        raise Refusal(422, "Not all of these scenarios are kept here; none was run.", problems)
    found = await checked(document)
    if found.graph is None:
        raise Refusal(422, "The sandbox has errors, so that nothing can run on it.", told(found.problems))
    results = await results_on(found.graph, [one for one in kept if one.name in wanted])
    return ScenarioResults(holds=all(one.holds for one in results), results=results)


@router.get("/api/v1/scenarios/{name}", summary="Read a scenario", responses=answers(401, 403, 404))
async def read_scenario(parts: Given, _: Supervisor, name: Annotated[str, Path()]) -> KeptScenario:
    """One of them, with its author."""
    async with parts.database.begin() as session:
        for one in await scenarios.scenarios(session):
            if one.name == name:
                return KeptScenario(name=one.name, document=one.document, author=one.author, changed_at=one.changed_at)
    raise Refusal(404, f"There is no scenario {name}.")


async def results_on(graph: Graph, kept: Iterable[Kept]) -> list[ScenarioResult]:
    """What comes of these scenarios on a graph, in a thread of its own."""
    document = file_of(kept)

    def run_all() -> list[Result]:
        found: Scenarios = scenarios_of(document)
        return [language.run(graph, name, scenario, detection.detect) for name, scenario in found.scenarios.items()]

    return [
        ScenarioResult(
            name=one.name,
            title=one.title,
            holds=one.holds,
            failures=list(one.failures),
            transcript=list(one.transcript),
            path=list(one.path),
        )
        for one in await asyncio.to_thread(run_all)
    ]


def file_of(kept: Iterable[Kept]) -> dict[str, Any]:
    return {"scenarios": {one.name: one.document for one in kept}}


def _mistakes(error: ScenarioError) -> list[Problem]:
    """The lines of the error, each with its path in front."""
    lines = (line.partition(": ") for line in str(error).splitlines())
    return [Problem(path=path, code="bad-scenario", message=message or path) for path, _, message in lines]
