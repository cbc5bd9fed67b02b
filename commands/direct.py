"""`apply --direct`: into the store itself, for whoever sets an installation up and has no API token yet."""

import asyncio
from argparse import Namespace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from commands.checking import told
from commands.client import Refused
from commands.drafts import Draft, Overwriting, replaced
from commands.installation import Installation
from commands.operators import database_of
from detection import detect
from routing.accounts import entities_with_known_accounts
from routing.entities import entities_of
from routing.problems import Checked, Problem
from routing.scenarios import Result, run, scenarios_of
from store import audit, moves, revisions, sandbox, scenarios

LISTED = 200
"""So many paths or names of one change are named in the audit log."""


def apply(
    given: Namespace, at: Installation, document: Any, checked: Checked, kept: dict[str, Any] | None
) -> dict[str, Any]:
    """Put a document that holds into the sandbox and apply it; answers what the API's apply answers.

    `kept` are scenarios to keep instead of the present ones.

    Raises Overwriting and Refused, with nothing changed, where the API would refuse.
    """
    return asyncio.run(_apply(given, at, document, checked, kept))


async def _apply(
    given: Namespace, at: Installation, document: Any, checked: Checked, kept: dict[str, Any] | None
) -> dict[str, Any]:
    assert checked.graph is not None, "only what holds is applied"
    author = given.author or at.user()
    database = database_of(at)
    try:
        async with database.begin() as session:
            for table in (revisions, sandbox, scenarios):
                await table.hold(session)
            if not given.overwrite:
                await _keep_drafts(session, given.file, document, author)
            if kept is not None and (changed := await scenarios.replace(session, kept["scenarios"], author)):
                details = {"names": changed[:LISTED], "count": len(changed)}
                await audit.record(session, author, "scenarios.replaced", "scenarios", details)
            results = await _results(session, checked)
            failing = [one.name for one in results if not one.holds]
            if failing and not given.override:
                raise Refused(409, _refusal(failing, len(results)), _failures(results))
            found = await sandbox.replace(session, document, author)
            if found:
                paths = {key.path: change for key, change in list(found.items())[:LISTED]}
                details = {"changes": paths, "count": len(found)}
                await audit.record(session, author, "sandbox.replaced", "sandbox", details)
            made = await revisions.make_current(
                session,
                checked.graph.configuration,
                author=author,
                note=given.note,
                override_reason=given.override if failing else None,
            )
            if made.new:
                details = {"note": given.note, "digest": made.digest, "running": "finish"}
                if failing:
                    details |= {"override_reason": given.override, "failing": failing[:LISTED]}
                await audit.record(session, author, "revision.applied", f"revisions/{made.number}", details)
            open_ones = await moves.open_conversations(session)
    finally:
        await database.close()
    older = {number: conversations for number, conversations in open_ones.items() if number < made.number}
    return {
        "number": made.number,
        "applied": made.new,
        "warnings": [problem.model_dump() for problem in checked.problems],
        "scenarios": [told(one) for one in results],
        "running": [{"revision": number, "conversations": conversations} for number, conversations in older.items()],
        "moving": 0,
    }


async def _keep_drafts(session: AsyncSession, file: str, document: Any, author: str) -> None:
    current = await revisions.current_revision(session)
    production = entities_of(current.document if current is not None else {})
    mine = {one.key: one for one in await sandbox.entities(session)}
    given = entities_with_known_accounts(entities_of(document), production)
    keys = replaced({key: one.document for key, one in mine.items()}, production, given)
    if drafts := [Draft(key, mine[key].author) for key in keys if mine[key].author != author]:
        raise Overwriting(file, drafts)


async def _results(session: AsyncSession, checked: Checked) -> list[Result]:
    assert checked.graph is not None, "only what holds is applied"
    kept = {one.name: one.document for one in await scenarios.scenarios(session)}
    found = scenarios_of({"scenarios": kept}).scenarios
    return [run(checked.graph, name, scenario, detect) for name, scenario in found.items()]


def _refusal(failing: list[str], all: int) -> str:
    return f"{len(failing)} of {all} scenarios fail ({', '.join(failing[:20])}): mend them, or say why with --override"


def _failures(results: list[Result]) -> list[Problem]:
    return [
        Problem(
            path=f"scenarios/{one.name}/steps/{failure.step}/{failure.key}",
            code="scenario-fails",
            severity="error",
            message=f"expected {failure.expected}, and {failure.happened}",
        )
        for one in results
        for failure in one.failures
    ]
