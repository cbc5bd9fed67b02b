"""`impact` and `replay`: what ran, on another configuration, and again on the code that is here."""

import json
from pathlib import Path

import pytest

from routing.interpreter import Interpreter
from tests.api.test_recorded_conversations import Run, shop
from tests.api.test_recorded_conversations import run as run
from tests.cli.conftest import Desk, Shell, lines

pytestmark = pytest.mark.anyio
HISTORIES = Path(__file__).parents[1] / "replay" / "histories"
TAPPED = HISTORIES / "button.tapped.1.json"


# Impact ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def past(run: Run, shell: Shell) -> Desk:
    """A shop in which four customers wrote: in the morning, twice after five o'clock, and on a Saturday."""
    for day, clock in ((0, "10:00"), (0, "17:30"), (1, "17:30"), (5, "17:30")):
        run.at(day, clock)
        run.says("hi")
    shell.set(URL=run.office.url, TOKEN=await run.office.token("eva", "admin"))
    return Desk(shell, run.office, run.eva)


async def test_impact_lists_those_who_would_have_gone_elsewhere(past: Desk) -> None:
    longer = shop()
    await past.run("import", past.write(longer))
    told = await past.run("impact", "--exit-code")
    assert told.code == 0
    assert told.out.splitlines()[-1].startswith("4 conversations: 0 would have gone elsewhere, ")
    longer["time_groups"]["hours"]["definitions"][0]["to"] = "18:00"
    await past.run("import", past.write(longer))
    told = await past.run("impact")
    assert (told.code, told.err) == (0, ""), "without --exit-code it only tells, and there is no bar beside a pipe"
    moved = lines(told.out, ["igdm_"])
    assert len(moved) == 2
    assert all(line.endswith("terminates/closed  -> decision_trees/orders") for line in moved), moved
    assert "2  terminates/closed  -> decision_trees/orders" in told.out
    assert "4 conversations: 2 would have gone elsewhere, " in told.out
    assert (await past.run("impact", "--exit-code")).code == 1
    told = await past.run("impact", "--exit-code", "--json", "--listed", "1")
    assert (told.code, told.json["counts"]["moved"], len(told.json["moved"])) == (1, 2, 1)
    assert "and 1 more\n" in (await past.run("impact", "--listed", "1")).out


async def test_impact_looks_only_at_what_is_asked_for(past: Desk) -> None:
    await past.run("import", past.write(shop()))
    assert (await past.run("impact", "--json", "--last", "1")).json["compared"] == 1
    assert (await past.run("impact", "--json", "--connector", "another")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--account", "another")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--since", "2100-01-01T00:00Z")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--until", "2000-01-01T00:00Z")).json["compared"] == 0
    told = await past.run("impact", "--since", "yesterday")
    assert (told.code, "since" in told.out) == (2, True)


async def test_impact_of_a_sandbox_with_errors_cannot_run(past: Desk) -> None:
    await past.run("import", past.write(shop() | {"queues": {}}))
    told = await past.run("impact")
    assert (told.code, "unknown-destination" in told.out) == (2, True)


# Replay of files ------------------------------------------------------------------------------------------------------


def test_histories_in_files_and_folders_replay(shell: Shell) -> None:
    """Without a token, an API or a Temporal."""
    told = shell.run("replay", str(TAPPED))
    assert (told.code, told.err) == (0, "")
    first, last = told.out.splitlines()
    assert first.startswith(f"replays  {TAPPED}, ")
    assert last == "1 of 1 history replay"
    folder = shell.folder / "histories"
    folder.mkdir()
    for name in ("button.tapped.1.json", "button.other-button.1.json"):
        (folder / name).write_text((HISTORIES / name).read_text())
    told = shell.run("replay", str(folder), str(TAPPED), "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert [Path(one["name"]).name for one in told.json["histories"]] == [
        "button.other-button.1.json",
        "button.tapped.1.json",
        "button.tapped.1.json",
    ]
    assert all(one["events"] > 5 and one["difference"] is None for one in told.json["histories"])


def test_code_that_does_something_else_is_noticed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interpreter, "sequence_ended", lambda self, _: self.end("system"))
    told = shell.run("replay", str(TAPPED))
    assert told.code == 1
    assert told.out.startswith(f"DIFFERS  {TAPPED}, ")
    assert "ondeterminis" in told.out
    assert told.out.endswith("0 of 1 history replay\n")
    told = shell.run("replay", str(TAPPED), "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    assert told.json["histories"][0]["difference"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"events": []}', '{"events": [{"eventId": "x"}]}', "\udcff"])
def test_a_file_that_is_no_history_is_named(shell: Shell, content: str) -> None:
    file = shell.folder / "wrong.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    told = shell.run("replay", str(file))
    assert (told.code, told.out) == (2, "")
    assert f"{file} is no history as Temporal exports it: " in told.err


def test_other_workflows_and_empty_folders_are_named(shell: Shell) -> None:
    other = json.loads(TAPPED.read_text())
    other["events"][0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"] = "Watch"
    told = shell.run("replay", shell.write(other, "other.json"))
    assert (told.code, "is the history of a workflow Watch" in told.err) == (2, True)
    empty = shell.folder / "empty"
    empty.mkdir()
    told = shell.run("replay", str(empty))
    assert (told.code, "has no file *.json in it" in told.err) == (2, True)
    told = shell.run("replay", "nowhere.json")
    assert (told.code, "nowhere.json is no history" in told.err) == (2, True)
