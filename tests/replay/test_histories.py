"""Every conversation that was ever recorded still runs the same way: a change of code may not change its past."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.scripts import scripts
from workflows.conversation import Conversation
from workflows.plugin import data_converter, runner

HISTORIES = Path(__file__).parent / "histories"
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


def test_every_scenario_has_a_history() -> None:
    missing = [script.name for script in scripts() if not list(HISTORIES.glob(f"{script.name}.*.json"))]
    assert missing == [], "run `make record`"
