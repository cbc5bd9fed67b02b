"""Every conversation that was ever recorded still runs the same way, and so does the desk: code keeps its past."""

from collections import Counter
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.desks import QUEUE
from tests.scripts import scripts
from workflows.conversation import Conversation
from workflows.desk import Desk, desk_id
from workflows.plugin import data_converter, runner

HISTORIES = Path(__file__).parent / "histories"
DESK = sorted(HISTORIES.with_name("desk").glob("*.json"))
pytestmark = pytest.mark.anyio


def history_in(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("ig-account-customer", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", sorted(HISTORIES.glob("*.json")), ids=lambda file: file.stem)
async def test_replays(file: Path) -> None:
    replayer = Replayer(workflows=[Conversation], data_converter=data_converter(), workflow_runner=runner())
    await replayer.replay_workflow(history_in(file))


async def test_a_change_of_meaning_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard itself can fail: a core that no longer answers does not replay."""
    from routing.interpreter import Interpreter

    monkeypatch.setattr(Interpreter, "sequence_ended", lambda self, _: self.end("system"))
    replayer = Replayer(workflows=[Conversation], data_converter=data_converter(), workflow_runner=runner())
    history = history_in(HISTORIES / "button.tapped.1.json")
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None


def desk_history_in(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(desk_id(QUEUE), file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", DESK, ids=lambda file: file.stem)
async def test_the_desk_replays(file: Path) -> None:
    replayer = Replayer(workflows=[Desk], data_converter=data_converter(), workflow_runner=runner())
    await replayer.replay_workflow(desk_history_in(file))


async def test_a_desk_that_sleeps_no_more_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(self: Desk, looked: object) -> None:
        return

    monkeypatch.setattr(Desk, "sleep", sleep)
    replayer = Replayer(workflows=[Desk], data_converter=data_converter(), workflow_runner=UnsandboxedWorkflowRunner())
    result = await replayer.replay_workflow(desk_history_in(DESK[0]), raise_on_replay_failure=False)
    assert result.replay_failure is not None


def test_the_recorded_desk_did_everything() -> None:
    """Looked again when told to and when something was due, tried again, told of acceptances, began a new run."""
    kinds = Counter(event.event_type for file in DESK for event in desk_history_in(file).events)
    for kind in (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_TIMER_FIRED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    ):
        assert kinds[kind], EventType.Name(kind)


def test_every_scenario_has_a_history() -> None:
    missing = [script.name for script in scripts() if not list(HISTORIES.glob(f"{script.name}.*.json"))]
    assert missing == [], "run `make record`"
