"""Applying: the sandbox, if it holds, becomes the next revision (SPEC 2.4 and 8)."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from api import tags
from api.access import Admin, Principal, record
from api.checking import checked, told
from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers
from api.scenarios import ScenarioResult, results_on
from api.signals import PATIENCE
from api.tags import IfMatch
from routing.graph import Graph
from store import moves, revisions, sandbox, scenarios
from store.revisions import Revision
from store.scenarios import Kept
from workflows.moves import moves_id

router = APIRouter(tags=["revisions"])

TRIES = 5
"""So often an apply begins anew because somebody changed something while it was being checked."""


class Apply(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": "Winter opening hours"}]})

    note: Annotated[str, Field(min_length=1, max_length=2000, description="What changed and why, for others.")]
    running: Literal["finish", "move"] = Field(
        "finish",
        description="What becomes of open conversations on older revisions: they finish on theirs, or move to the new "
        "one at their next wait, where the place they stand at is still there.",
    )
    override_reason: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None, description="Why to apply although scenarios fail. It is kept with the revision."
    )


class OlderConversations(BaseModel):
    revision: int
    conversations: int = Field(description="So many of them are open.")


class Applied(BaseModel):
    number: int = Field(description="The current revision now.", examples=[12])
    applied: bool = Field(description="False where the sandbox was the current revision already.")
    warnings: list[Problem]
    scenarios: list[ScenarioResult]
    running: list[OlderConversations] = Field(description="Open conversations on older revisions, newest first.")
    moving: int = Field(description="So many of them are asked to move. `GET /api/v1/revisions/{number}/moves` tells.")


@dataclass(frozen=True)
class Draft:
    """What is about to be applied, and on top of what, as texts that are compared once more under the lock."""

    document: str
    scenarios: tuple[Kept, ...]
    current: Revision | None


@router.post("/api/v1/apply", summary="Apply the sandbox", responses=answers(401, 403, 409, 412, 413, 422, 503))
async def apply(parts: Given, by: Admin, given: Apply, if_match: IfMatch = None) -> Applied:
    """New conversations follow the sandbox from now on, as the next revision; open ones keep theirs, or move.

    422 where it has errors, with all problems. 409 where scenarios fail, with every step that does, unless
    `override_reason` says why to apply all the same. 412 where `If-Match` is given and the sandbox has changed since.
    503 where conversations are to move and Temporal does not answer; nothing is applied then.
    """
    for _ in range(TRIES):
        async with parts.database.begin() as session:
            draft = await _draft(session)
        tags.check(if_match, json.loads(draft.document), "The sandbox")
        graph, warnings, results = await _judged(draft, given)
        # Checking takes its time, in which nobody who saves should have to wait: it is done before the lock.
        async with parts.database.begin() as session:
            for table in (revisions, sandbox, scenarios):
                await table.hold(session)
            if await _draft(session) == draft:
                return await _made(session, parts, by, given, graph, warnings, results)
    raise Refusal(409, "The sandbox is being changed all the time. Apply it once that has come to an end.")


async def _draft(session: AsyncSession) -> Draft:
    return Draft(
        json.dumps(await sandbox.document(session)),
        tuple(await scenarios.scenarios(session)),
        await revisions.current_revision(session),
    )


async def _judged(draft: Draft, given: Apply) -> tuple[Graph, list[Problem], list[ScenarioResult]]:
    """What the check and the scenarios say of it; raises 422 or 409 where it is not to be applied."""
    found = await checked(json.loads(draft.document))
    problems = told(found.problems)
    if found.graph is None:
        count = f"{len(found.errors)} error{'s' if len(found.errors) != 1 else ''}"
        raise Refusal(422, f"The sandbox was not applied: {count} to mend first.", problems)
    results = await results_on(found.graph, draft.scenarios)
    failing = [one for one in results if not one.holds]
    if failing and given.override_reason is None:
        names = ", ".join(one.name for one in failing[:20])
        detail = f"The sandbox was not applied: {len(failing)} of {len(results)} scenarios fail ({names}). Mend them, "
        raise Refusal(409, f"{detail}or say in `override_reason` why to apply all the same.", _failures(failing))
    return found.graph, problems, results


async def _made(
    session: AsyncSession,
    parts: Parts,
    by: Principal,
    given: Apply,
    graph: Graph,
    warnings: list[Problem],
    results: list[ScenarioResult],
) -> Applied:
    """Make the revision, unless it is the current one, and have conversations moved: all of it, or nothing."""
    failing = [one.name for one in results if not one.holds]
    reason = given.override_reason if failing else None
    made = await revisions.make_current(
        session, graph.configuration, author=by.name, note=given.note, override_reason=reason
    )
    number = made.number
    if made.new:
        details: dict[str, Any] = {"note": given.note, "digest": made.digest, "running": given.running}
        if failing:
            details |= {"override_reason": reason, "failing": failing[:200]}
        await record(session, by, "revision.applied", f"revisions/{number}", **details)
    older = {
        revision: count for revision, count in (await moves.open_conversations(session)).items() if revision < number
    }
    moving = await moves.want(session, number) if given.running == "move" else 0
    if moving:
        await record(session, by, "revision.moving", f"revisions/{number}", conversations=moving)
        await _begin_moving(parts, number)
    return Applied(
        number=number,
        applied=made.new,
        warnings=warnings,
        scenarios=results,
        running=[OlderConversations(revision=revision, conversations=count) for revision, count in older.items()],
        moving=moving,
    )


async def _begin_moving(parts: Parts, number: int) -> None:
    """Start the workflow before the commit that it waits for, so that a revision is not applied without its moves."""
    try:
        await parts.temporal.start_workflow(
            "MoveConversations",
            args=[number],
            id=moves_id(number),
            task_queue=parts.task_queue,
            static_summary=f"Open conversations move to revision {number}",
            rpc_timeout=PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return
    except (RPCError, RuntimeError) as error:
        detail = (
            "Temporal does not answer, so open conversations cannot move; nothing was applied. Try again, or apply "
        )
        raise Refusal(503, f"{detail}with `running: finish`.") from error


def _failures(failing: list[ScenarioResult]) -> list[Problem]:
    return [
        Problem(
            path=f"scenarios/{one.name}/steps/{failure.step}/{failure.key}",
            code="scenario-fails",
            message=f"expected {failure.expected}, and {failure.happened}",
        )
        for one in failing
        for failure in one.failures
    ]
