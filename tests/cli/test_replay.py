"""`replay`: recorded histories, from files and from Temporal, on the code that is here."""

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.dependencies import Parts
from routing.interpreter import Interpreter
from routing.problems import check
from routing.scenarios import Scenario
from tests.api.conftest import Serve
from tests.api.drafts import small
from tests.api.people import opened
from tests.cli.conftest import Desk, Shell, lines, sits_down
from tests.stored import StoredRehearsal, stored

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
HISTORIES = ROOT / "tests/replay/histories"
TAPPED = HISTORIES / "button.tapped.1.json"
WORKFLOW = "ig-account-customer"
"""Of every durable rehearsal."""


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


def test_code_that_does_something_else_is_noticed(shell: Shell) -> None:
    """The history is of code that put this conversation into a queue, where the present code ends it."""
    history = json.loads(TAPPED.read_text())
    [end] = [one for one in local_activities(history) if one["activity_type"] == "end"]
    keep(history, end | {"activity_type": "enqueue"})
    file = shell.write(history, "other.json")
    told = shell.run("replay", file, str(TAPPED))
    assert (told.code, told.err) == (1, "")
    first, why, second, last = told.out.splitlines()
    assert first.startswith(f"DIFFERS  {file}, ")
    assert "ondeterminis" in why
    assert "enqueue" in why
    assert second.startswith(f"replays  {TAPPED}, ")
    assert last == "1 of 2 histories replay"
    told = shell.run("replay", file, "--json")
    assert (told.code, told.json["holds"]) == (1, False)
    assert "ondeterminis" in told.json["histories"][0]["difference"]


def test_code_that_fails_is_told_with_its_place(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Interpreter, decision: Any) -> Any:
        raise ValueError('no "such" thing\nat all')

    monkeypatch.setattr(Interpreter, "sequence_ended", broken)
    told = shell.run("replay", str(TAPPED))
    assert told.code == 1
    why = told.out.splitlines()[1].strip()
    assert why.startswith(f'the code fails where it did not: no "such" thing at all ({__file__}, line ')


def test_nothing_but_the_result_is_written(tmp_path: Path) -> None:
    """Also by what is no Python, which writes past `sys.stdout`."""
    history = json.loads(TAPPED.read_text())
    [end] = [one for one in local_activities(history) if one["activity_type"] == "end"]
    keep(history, end | {"activity_type": "enqueue"})
    file = tmp_path / "other.json"
    file.write_text(json.dumps(history))
    command = [sys.executable, "-m", "cli", "replay", str(file), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["holds"] is False


def local_activities(history: Any) -> Iterator[dict[str, Any]]:
    """What the history keeps of each local activity, in order."""
    for event in history["events"]:
        if "markerRecordedEventAttributes" in event:
            [payload] = event["markerRecordedEventAttributes"]["details"]["data"]["payloads"]
            yield json.loads(base64.b64decode(payload["data"]))


def keep(history: Any, changed: dict[str, Any]) -> None:
    """Put one of them, by its number, in its place."""
    for event in history["events"]:
        if "markerRecordedEventAttributes" in event:
            [payload] = event["markerRecordedEventAttributes"]["details"]["data"]["payloads"]
            if json.loads(base64.b64decode(payload["data"]))["seq"] == changed["seq"]:
                payload["data"] = base64.b64encode(json.dumps(changed).encode()).decode()


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


# Replay of what Temporal knows ----------------------------------------------------------------------------------------


@dataclass
class Past:
    """A customer's conversations with a shop on the real Temporal server, and a desk beside it."""

    desk: Desk
    world: StoredRehearsal
    names: list[str]


@pytest.fixture
async def past(
    database_url: str, temporal: Client, temporal_address: str, serve: Serve, shell: Shell, parts: Parts, here: None
) -> AsyncIterator[Past]:
    """Two of them: one that has ended, and one that is open."""
    given = small(terminates={"bye": {"title": "Bye", "cause": "user"}}, queues={})
    given["decision_trees"]["menu"]["decisions"]["first"]["actions"][1]["to"] = {"type": "terminate", "name": "bye"}
    graph = check(given).graph
    assert graph is not None
    scenario = Scenario(title="x", connector="shop", at=datetime.now(UTC), steps=())
    with stored(database_url, graph, scenario) as world:
        names: list[str] = []
        for words in (("hi", "yes"), ("hi again",)):
            for text in words:
                world.user(text)
            assert world.conversation is not None
            names.append(world.conversation.name)
        async with opened(parts, serve, temporal=temporal) as office:
            desk = await sits_down(shell, office)
            shell.set(TEMPORAL_ADDRESS=temporal_address)
            yield Past(desk, world, names)
        world.loop(temporal.get_workflow_handle(WORKFLOW).terminate())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, temporal_address: str) -> None:
    """Rehearsals on the real server, whose clock does not skip: that of the other one has no lists."""

    async def begun(**more: Any) -> WorkflowEnvironment:
        client = await Client.connect(temporal_address, data_converter=more["data_converter"])
        return WorkflowEnvironment.from_client(client)

    monkeypatch.setattr(WorkflowEnvironment, "start_time_skipping", begun)


async def test_a_conversation_is_replayed_by_its_name(past: Past) -> None:
    first, second = past.names
    assert first != second
    told = [await past.desk.run("replay", name, "--json") for name in past.names]
    assert [one.code for one in told] == [0, 0]
    runs = [[history["name"] for history in one.json["histories"]] for one in told]
    assert [len(one) for one in runs] == [1, 1]
    assert runs[0] != runs[1], "each conversation is a run of its own"
    assert all(one[0].startswith(f"{WORKFLOW} run ") for one in runs)
    told = await past.desk.run("replay", WORKFLOW, str(TAPPED))
    assert (told.code, len(lines(told.out, ["replays"]))) == (0, 3)
    assert told.out.endswith("3 of 3 histories replay\n")


async def test_without_names_it_takes_those_that_ran_last(past: Past) -> None:
    await past.desk.run("replay", WORKFLOW)
    told = await past.desk.run("replay", "--last", "1")
    assert (told.code, told.out.endswith("1 of 1 history replay\n")) == (0, True)


async def test_names_that_lead_nowhere(past: Past) -> None:
    told = await past.desk.run("replay", "igdm_000000000000000000000000")
    assert (told.code, "igdm_000000000000000000000000" in told.err) == (2, True)
    told = await past.desk.run("replay", "ig-1-nobody")
    assert (told.code, "there is no history of ig-1-nobody" in told.err) == (2, True)
    told = await past.desk.run("replay", 'a"b')
    assert (told.code, "neither a file nor the name" in told.err) == (2, True)


def test_a_temporal_that_is_away_is_named(shell: Shell, free_port: Callable[[], int]) -> None:
    address = f"127.0.0.1:{free_port()}"
    shell.set(TEMPORAL_ADDRESS=address)
    told = shell.run("replay")
    assert (told.code, told.out) == (2, "")
    assert f"Temporal at {address} is not there" in told.err
    assert "SWITCHBOARD_TEMPORAL_ADDRESS" in told.err
