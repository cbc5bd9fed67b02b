"""`apply --direct`: with the store's settings alone, as whoever sets an installation up."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, sandbox
from store.database import Database
from store.revisions import authorise_connector, current_revision
from tests.api.drafts import SCENARIOS, small
from tests.cli.conftest import Shell
from tests.cli.test_apply import coffee

T = TypeVar("T")
SHOP = "17841400000000001"


def stored(shell: Shell, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
    """Something done in the shell's store."""

    async def done() -> T:
        database = Database(shell.variables["DATABASE_URL"])
        async with database.begin() as session:
            found = await work(session)
        await database.close()
        return found

    return asyncio.run(done())


def production(shell: Shell) -> dict[str, Any]:
    found = stored(shell, current_revision)
    assert found is not None
    return found.document


def actions(shell: Shell) -> list[tuple[str, str, str]]:
    """The audit log, oldest first."""
    found = stored(shell, lambda session: audit.entries(session, limit=100))
    return [(one.actor, one.action, one.object) for one in found.items[::-1]]


def apply(shell: Shell, document: Any, *more: str) -> Any:
    return shell.run("apply", shell.write(document), "--direct", "--author", "eva", "--note", "x", *more)


def test_it_makes_a_revision_once_as_the_api_does(store: Shell) -> None:
    told = apply(store, small())
    assert (told.code, told.out.endswith("is now revision 1\n"), told.err) == (0, True, "")
    assert "is the current configuration already, revision 1" in apply(store, small()).out
    told = apply(store, coffee(), "--json")
    assert (told.json["revision"], told.json["applied"], told.json["moving"]) == (2, True, 0)
    assert stored(store, sandbox.document) == coffee()
    assert actions(store) == [
        ("eva", "sandbox.replaced", "sandbox"),
        ("eva", "revision.applied", "revisions/1"),
        ("eva", "sandbox.replaced", "sandbox"),
        ("eva", "revision.applied", "revisions/2"),
    ]


def test_mistakes_are_refused(store: Shell) -> None:
    told = apply(store, small(queues={}))
    assert (told.code, "not applied, 1 error to mend first" in told.out) == (1, True)
    assert stored(store, current_revision) is None


def test_a_failing_scenario_changes_nothing_unless_a_reason_is_given(store: Shell) -> None:
    kept = store.write(SCENARIOS, "scenarios.yaml")
    assert apply(store, small(), "--scenarios", kept).code == 0
    told = apply(store, coffee())
    assert told.code == 1
    assert told.out.startswith(
        "error   scenarios/tea/steps/1/bot\n        expected Tea?, and Coffee? [scenario-fails]\n"
    )
    assert "1 of 1 scenarios fail (tea)" in told.out
    assert stored(store, sandbox.document) == small()
    told = apply(store, coffee(), "--override", "Tea is out", "--json")
    assert (told.code, told.json["revision"], told.json["scenarios"][0]["holds"]) == (0, 2, False)
    found = stored(store, current_revision)
    assert found is not None
    assert found.override_reason == "Tea is out"


def test_drafts_of_others_are_not_overwritten(store: Shell) -> None:
    apply(store, small())

    async def draft(session: AsyncSession) -> None:
        await sandbox.replace(session, small(queues={"people": {"title": "Folk"}}), "petr")

    stored(store, draft)
    told = apply(store, coffee())
    assert (told.code, "queues/people (petr)" in told.out) == (1, True)
    assert production(store)["queues"]["people"] == {"title": "People"}
    assert apply(store, coffee(), "--overwrite").code == 0


def test_it_keeps_what_was_authorised(store: Shell) -> None:
    apply(store, small())

    async def authorised(session: AsyncSession) -> None:
        await authorise_connector(session, "shop", SHOP, "eva", "for a test")

    stored(store, authorised)
    given = small()
    given["connectors"]["shop"]["title"] = "The shop"
    assert apply(store, given).code == 0
    assert production(store)["connectors"]["shop"] == {**given["connectors"]["shop"], "account": SHOP}
    assert "is the current configuration already" in apply(store, given).out


def test_what_only_the_api_can_do_is_said(store: Shell) -> None:
    told = apply(store, small(), "--running", "move")
    assert (told.code, "only the API can move them" in told.err) == (2, True)
    told = store.run("apply", "--direct", "--note", "x")
    assert (told.code, "--direct takes a file" in told.err) == (2, True)
    told = store.run("apply", store.write(small()), "--author", "eva", "--note", "x")
    assert (told.code, "the token says who applies" in told.err) == (2, True)


def test_without_a_database_it_says_so(store: Shell) -> None:
    store.set(DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    for command in (["apply", store.write(small()), "--direct", "--note", "x"], ["migrate"]):
        told = store.run(*command)
        assert (told.code, told.out) == (2, "")
        assert "SWITCHBOARD_DATABASE_URL cannot be used" in told.err
