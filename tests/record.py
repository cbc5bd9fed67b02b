"""Record the histories of scenarios, and of the desk, that have none yet: `python -m tests.record`.

A history is evidence of what once ran, so one that is there is never written again.
"""

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import WorkflowHistory

from detection import detect
from routing.scenarios import run
from tests import desks
from tests.durable import durable, upcoming
from tests.scripts import graph_at, scripts

HISTORIES = Path(__file__).parent / "replay" / "histories"
DESK = HISTORIES.with_name("desk")


def main() -> int:
    """Record what is missing; 1 where a scenario does not hold."""
    HISTORIES.mkdir(parents=True, exist_ok=True)
    failed = 0
    for script in scripts():
        if list(HISTORIES.glob(f"{script.name}.*.json")):
            continue
        graph = graph_at(script.configuration)
        scenario = upcoming(script.scenario, datetime.now(UTC))
        with durable(graph, scenario, detect) as world:
            result = run(graph, script.name, scenario, world=world)
            if not result.holds:
                print(f"{script.name} does not hold: {result.failures}", file=sys.stderr)
                failed += 1
                continue
            for number, history in enumerate(world.histories(), start=1):
                (HISTORIES / f"{script.name}.{number}.json").write_text(_written(history), encoding="utf-8")
                print(f"recorded {script.name}.{number}")
    if not list(DESK.glob("*.json")):
        DESK.mkdir(exist_ok=True)
        for number, history in enumerate(asyncio.run(desks.histories()), start=1):
            (DESK / f"day.{number}.json").write_text(_written(history), encoding="utf-8")
            print(f"recorded the desk's run {number}")
    return 1 if failed else 0


def _written(history: WorkflowHistory) -> str:
    """The history as JSON, without the stacks of failures: they name folders of this machine, and replay reads none."""
    return re.sub(r'"stackTrace": ?"(?:[^"\\]|\\.)*"', '"stackTrace": ""', history.to_json())


if __name__ == "__main__":
    sys.exit(main())
