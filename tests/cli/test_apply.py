"""`apply` over the API: what it makes, and each way in which an installation refuses."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from api.dependencies import Parts
from commands import applying, sandbox
from tests.api.drafts import SCENARIOS, small, write
from tests.api.people import opened
from tests.api.test_applying import talk
from tests.cli.conftest import Desk, Shell, lines, sits_down
from workflows.moves import moves_id

pytestmark = pytest.mark.anyio


def coffee() -> dict[str, Any]:
    """Another question, so that the scenario fails."""
    given = small()
    given["decision_trees"]["menu"]["decisions"]["first"]["actions"][0]["text"] = "Coffee?"
    return given


async def revisions(desk: Desk) -> list[tuple[int, str, str]]:
    return [(one["number"], one["author"], one["note"]) for one in (await desk.get("revisions"))["items"]]


async def test_a_file_becomes_a_revision_once(desk: Desk) -> None:
    file = desk.write(small())
    told = await desk.run("apply", file, "--note", "First")
    assert (told.code, told.out, told.err) == (0, f"{file} is now revision 2\n", "")
    told = await desk.run("apply", file, "--note", "Again", "--json")
    assert told.code == 0
    assert told.json == {
        "applied": False,
        "scenarios": [],
        "running": [],
        "moving": 0,
        "revision": 2,
        "problems": [],
    }
    assert (await desk.run("apply", file, "--note", "x")).out == (
        f"{file} is the current configuration already, revision 2\n"
    )
    assert (await revisions(desk))[0] == (2, "eva", "First"), "the token says who applies"
    assert (await desk.get("sandbox")) == small()


async def test_the_standard_input_is_read_once(desk: Desk) -> None:
    told = await desk.run("apply", "-", "--note", "x", input=json.dumps(small()))
    assert (told.code, told.out) == (0, "- is now revision 2\n")


async def test_without_a_file_the_sandbox_is_applied(desk: Desk) -> None:
    await write(desk.eva, small(queues={"people": {"title": "People"}, "unused": {"title": "Unused"}}))
    told = await desk.run("apply", "--note", "What is there")
    assert (told.code, told.out.splitlines()[-1]) == (0, "the sandbox is now revision 2")
    assert "warning queues/unused\n" in told.out


async def test_mistakes_in_a_file_reach_no_installation(desk: Desk) -> None:
    before = await desk.get("sandbox")
    file = desk.write(small(queues={}))
    told = await desk.run("apply", file, "--note", "x")
    assert told.code == 1
    assert "error   decision_trees/menu/decisions/first/actions/1/to/name\n" in told.out
    assert told.out.endswith(f"{file}: not applied, 1 error to mend first\n")
    assert await desk.get("sandbox") == before


async def test_mistakes_in_the_sandbox_are_told_each(desk: Desk) -> None:
    await write(desk.eva, small(queues={}, terminates={"bye": {"title": "Bye"}}))
    told = await desk.run("apply", "--note", "x")
    assert told.code == 1
    assert [line.split()[1] for line in lines(told.out, ["error"])] == [
        "decision_trees/menu/decisions/first/actions/1/to/name",
        "terminates/bye/cause",
    ]
    assert told.out.splitlines()[-1].startswith("the sandbox: not applied, ")
    told = await desk.run("apply", "--note", "x", "--json")
    assert (told.code, told.json["applied"]) == (1, False)
    assert told.json["problems"][0]["code"] == "unknown-destination"
    assert len(await revisions(desk)) == 1


async def test_a_failing_scenario_stops_it_unless_a_reason_is_given(desk: Desk) -> None:
    kept = desk.write(SCENARIOS, "scenarios.yaml")
    told = await desk.run("apply", desk.write(small()), "--note", "Tea", "--scenarios", kept)
    assert told.code == 0
    file = desk.write(coffee())
    told = await desk.run("apply", file, "--note", "Coffee")
    assert told.code == 1
    assert told.out.startswith(
        "error   scenarios/tea/steps/1/bot\n        expected Tea?, and Coffee? [scenario-fails]\n"
    )
    assert f"{file}: not applied, " in told.out
    told = await desk.run("apply", file, "--note", "Coffee", "--json")
    assert [one["path"] for one in told.json["problems"]] == ["scenarios/tea/steps/1/bot"]
    assert len(await revisions(desk)) == 2
    told = await desk.run("apply", file, "--note", "Coffee", "--override", "Tea is out")
    assert (told.code, told.out.splitlines()[-1]) == (0, f"{file} is now revision 3")
    assert "FAILS  tea: Tea\n" in told.out
    assert (await desk.get("revisions"))["items"][0]["override_reason"] == "Tea is out"


async def test_what_somebody_makes_of_it_meanwhile_is_not_applied(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """412: what is applied is what was in the file, or nothing."""
    headers = {"If-Match": "*", "Authorization": desk.eva.headers["Authorization"]}
    put = applying.put_document

    def meanwhile(*given: Any, **more: Any) -> Any:
        found = put(*given, **more)
        changed = httpx.put(f"{desk.office.url}/api/v1/sandbox", json=coffee(), headers=headers)
        assert changed.status_code == 200
        return found

    monkeypatch.setattr(applying, "put_document", meanwhile)
    told = await desk.run("apply", desk.write(small()), "--note", "x")
    assert told.code == 1
    assert "not applied" in told.out
    assert len(await revisions(desk)) == 1
    assert await desk.get("sandbox") == coffee()


@pytest.mark.parametrize(("times", "code"), [(1, 0), (sandbox.TRIES, 1)])
async def test_a_sandbox_that_moves_is_read_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, times: int, code: int
) -> None:
    headers = {"If-Match": "*", "Authorization": desk.eva.headers["Authorization"]}
    drafts, changes = sandbox._drafts_of_others, iter(range(times))

    def meanwhile(*given: Any) -> Any:
        if (number := next(changes, None)) is not None:
            body = {"format": 1, "queues": {"people": {"title": f"Number {number}"}}}
            httpx.put(f"{desk.office.url}/api/v1/sandbox", json=body, headers=headers).raise_for_status()
        return drafts(*given)

    monkeypatch.setattr(sandbox, "_drafts_of_others", meanwhile)
    assert (await desk.run("apply", desk.write(small()), "--note", "x")).code == code
    assert len(await revisions(desk)) == 2 - code


async def test_drafts_of_others_are_not_overwritten(desk: Desk) -> None:
    await desk.run("apply", desk.write(small()), "--note", "First")
    await desk.becomes("petr", "admin")
    await write(desk.eva, small(queues={"people": {"title": "Folk"}}))
    file = desk.write(coffee())
    told = await desk.run("apply", file, "--note", "x")
    assert told.code == 1
    assert "queues/people (eva)" in told.out
    assert "--overwrite" in told.out
    assert (await desk.get("sandbox"))["queues"]["people"]["title"] == "Folk"
    told = await desk.run("import", file)
    assert (told.code, "queues/people (eva)" in told.out) == (1, True)
    told = await desk.run("import", file, "--json")
    assert (told.json["imported"], "queues/people (eva)" in told.json["reason"]) == (False, True)
    assert (await desk.run("apply", file, "--note", "x", "--overwrite")).code == 0
    assert (await desk.get("production"))["queues"]["people"]["title"] == "People"


async def test_open_conversations_are_counted_and_asked_to_move(
    shell: Shell, parts: Parts, serve: Any, temporal: Client, recording: Callable[[Client, str], Worker]
) -> None:
    async with recording(temporal, parts.task_queue), opened(parts, serve, temporal=temporal) as office:
        desk = await sits_down(shell, office)
        await talk(office, "a", 1)
        file = desk.write(small())
        told = await desk.run("apply", file, "--note", "x")
        assert told.out == f"{file} is now revision 2\n1 open conversation: 1 on revision 1; 0 asked to move\n"
        told = await desk.run("apply", file, "--note", "x", "--running", "move", "--json")
        assert (told.json["moving"], told.json["running"]) == (1, [{"revision": 1, "conversations": 1}])
        assert await temporal.get_workflow_handle(moves_id(2), result_type=str).result() == "done"
        assert (await desk.get("revisions/2/moves"))["waiting"] == 1


async def test_without_temporal_nothing_moves_and_nothing_is_applied(desk: Desk) -> None:
    await talk(desk.office, "a", 1)
    told = await desk.run("apply", desk.write(small()), "--note", "x", "--running", "move")
    assert (told.code, told.out) == (2, "")
    assert "Temporal" in told.err
    assert len(await revisions(desk)) == 1
