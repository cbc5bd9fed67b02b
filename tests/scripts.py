"""Every scenario of the project with the graph it runs on, for the tests that run them all."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from routing.documents import read
from routing.graph import Graph
from routing.problems import check
from routing.scenarios import Scenario, scenarios_of

TESTS = Path(__file__).parent
DEMO = TESTS.parent / "demo"


class Script(NamedTuple):
    """A scenario, the name of its file with its own, and its configuration."""

    name: str
    scenario: Scenario
    configuration: Path


@cache
def graph_at(configuration: Path) -> Graph:
    checked = check(read(configuration.read_text(encoding="utf-8")))
    assert checked.graph is not None, [problem.model_dump() for problem in checked.errors]
    return checked.graph


def scripts() -> list[Script]:
    """Each scenario in tests/scenarios and in the demo."""
    files = [(file, TESTS / "configurations" / file.name) for file in sorted((TESTS / "scenarios").glob("*.yaml"))]
    files.append((DEMO / "scenarios.yaml", DEMO / "configuration.yaml"))
    return [
        Script(f"{'demo' if file.parent == DEMO else file.stem}.{name}", scenario, configuration)
        for file, configuration in files
        for name, scenario in scenarios_of(read(file.read_text(encoding="utf-8"))).scenarios.items()
    ]
