"""`replay`: recorded histories of conversations on the present code, which must do again what it did (SPEC 9.4)."""

import asyncio
import logging
import re
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from google.protobuf.json_format import ParseError
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import Replayer

from commands.client import Api
from commands.installation import CannotRun, Installation, Remote
from commands.output import count, print_json, progress
from workflows.conversation import Conversation
from workflows.plugin import data_converter, runner

WORKFLOW = Conversation.__name__
NAME = "igdm_"
"""How the name of a conversation begins; everything else that is no file is the id of a workflow."""
SAID = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
PLACE = re.compile(r'File \\"([^"]+)\\", line (\d+)')


class Replayed(NamedTuple):
    """What came of one history; `difference` is None where the code does again what it did."""

    name: str
    events: int
    difference: str | None


class Run(NamedTuple):
    """One run of a workflow on a Temporal server."""

    workflow: str
    run: str


def replay_command(given: Namespace, at: Installation) -> int:
    """Replay recorded histories on the code that is installed here, and say where it would do something else.

    Of files (JSON, as Temporal exports them), of folders of such files, of conversations or workflows by name, or of
    the conversations that ran last. Nothing is sent: a replay only compares. 1 where one differs.
    """
    with progress("Histories") as done:
        found = asyncio.run(_replay(given, at, done))
    differing = [one for one in found if one.difference is not None]
    if given.json:
        print_json({"holds": not differing, "histories": [one._asdict() for one in found]})
        return 1 if differing else 0
    for one in found:
        print(f"{'replays' if one.difference is None else 'DIFFERS'}  {one.name}, {one.events} events")
        if one.difference is not None:
            print(f"         {one.difference}")
    print(f"{len(found) - len(differing)} of {count(len(found), 'history')} replay")
    return 1 if differing else 0


async def _replay(given: Namespace, at: Installation, done: Callable[[], None]) -> list[Replayed]:
    files, elsewhere = _sorted_out(given.targets)
    names: list[str] = []
    found: list[Replayed] = []
    # What the SDK logs would stand between the lines of the result, or in its JSON; all of it is in the result too.
    logging.getLogger("temporalio").addHandler(logging.NullHandler())
    runtime = Runtime(telemetry=TelemetryConfig(logging=None))
    replayer = Replayer(
        workflows=[Conversation], data_converter=data_converter(), workflow_runner=runner(), runtime=runtime
    )

    async def histories() -> AsyncIterator[WorkflowHistory]:
        async for name, history in _histories(files, elsewhere, given, at, runtime):
            names.append(name)
            yield history

    async with replayer.workflow_replay_iterator(histories()) as results:
        async for result in results:
            difference = None if result.replay_failure is None else _told(str(result.replay_failure))
            found.append(Replayed(names[len(found)], len(result.history.events), difference))
            done()
    return found


async def _histories(
    files: Sequence[Path], names: Sequence[str], given: Namespace, at: Installation, runtime: Runtime
) -> AsyncIterator[tuple[str, WorkflowHistory]]:
    """Every history that is meant, with a name for people."""
    for file in files:
        yield str(file), _history_in(file)
    if files and not names:
        return
    remote = at.remote()
    client = await _connected(remote, runtime)
    try:
        async for one in _runs(client, remote, names, given.last):
            history = await client.get_workflow_handle(one.workflow, run_id=one.run).fetch_history()
            yield f"{one.workflow} run {one.run}", history
    except RPCError as error:
        raise CannotRun(f"Temporal at {remote.temporal_address}: {error.message}") from error


def _told(failure: str) -> str:
    """A failure of the SDK as a sentence: its messages and, of an error in the code, where that was raised."""
    said = [
        re.sub(r"\\(.)", lambda found: " " if found[1] in "nrt" else found[1], one) for one in SAID.findall(failure)
    ]
    places = PLACE.findall(failure)
    told = " ".join(": ".join(said or [failure]).split())
    if not places:
        return told
    file, line = places[-1]
    return f"the code fails where it did not: {told} ({file}, line {line})"


def _sorted_out(targets: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The files that are meant, those in folders too, and the names of everything else."""
    files: list[Path] = []
    names: list[str] = []
    for target in targets:
        path = Path(target)
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
            if not inside:
                raise CannotRun(f"{target} has no file *.json in it")
            files += inside
        elif path.exists() or path.suffix == ".json":
            files.append(path)
        else:
            names.append(target)
    return files, names


def _history_in(file: Path) -> WorkflowHistory:
    try:
        history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
        kind = history.events[0].workflow_execution_started_event_attributes.workflow_type.name
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, ParseError) as error:
        raise CannotRun(f"{file} is no history as Temporal exports it: {error}") from error
    if kind != WORKFLOW:
        raise CannotRun(f"{file} is the history of a workflow {kind}; only those of {WORKFLOW} are replayed")
    return history


async def _connected(remote: Remote, runtime: Runtime) -> Client:
    try:
        return await Client.connect(
            remote.temporal_address,
            namespace=remote.temporal_namespace,
            data_converter=data_converter(),
            runtime=runtime,
        )
    except RuntimeError as error:
        told = f"Temporal at {remote.temporal_address} is not there: {error}"
        raise CannotRun(f"{told}. SWITCHBOARD_TEMPORAL_ADDRESS says where it is") from error


async def _runs(client: Client, remote: Remote, names: Sequence[str], last: int) -> AsyncIterator[Run]:
    """The runs of named conversations and workflows; without names the last ones, newest first."""
    if not names:
        async for one in client.list_workflows(f'WorkflowType = "{WORKFLOW}"', limit=last):
            yield Run(one.id, one.run_id)
        return
    for name in names:
        workflow, opened, ended = name, None, None
        if name.startswith(NAME):
            with Api(remote) as api:
                told = api.get(f"conversations/{name}").json()
            workflow, opened = told["workflow"], datetime.fromisoformat(told["opened_at"])
            ended = None if told["ended_at"] is None else datetime.fromisoformat(told["ended_at"])
        if '"' in workflow:
            raise CannotRun(f"{workflow} is neither a file nor the name of a conversation or workflow")
        found = False
        async for one in client.list_workflows(f'WorkflowId = "{workflow}" AND WorkflowType = "{WORKFLOW}"'):
            # A workflow runs a customer's conversations one after the other; only runs within this one are meant.
            before = opened is not None and one.close_time is not None and one.close_time < opened
            after = ended is not None and one.start_time > ended
            if not before and not after:
                found = True
                yield Run(one.id, one.run_id)
        if not found:
            raise CannotRun(
                f"there is no history of {name} in Temporal at {remote.temporal_address}: it is neither a file nor a "
                "conversation, or so old that Temporal has forgotten it"
            )
