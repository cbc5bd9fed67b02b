"""Every scenario runs as a real workflow on the time-skipping server as it does purely."""

from datetime import UTC, datetime

import pytest

from detection import detect
from routing.scenarios import run
from tests.durable import durable, upcoming
from tests.scripts import Script, graph_at, scripts


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_same_path_and_same_words_as_the_pure_core(script: Script) -> None:
    graph = graph_at(script.configuration)
    scenario = upcoming(script.scenario, datetime.now(UTC))
    pure = run(graph, script.name, scenario, detect)
    with durable(graph, scenario, detect) as world:
        real = run(graph, script.name, scenario, world=world)
    assert pure.failures == ()
    assert real.failures == ()
    assert real.transcript == pure.transcript
    assert real.path == pure.path
