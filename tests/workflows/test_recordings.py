"""Every scenario, run as a durable workflow on the real store, is recorded so that it can be run again as it was."""

from datetime import UTC, datetime

import pytest

from detection import detect
from routing.impact import impact
from routing.recordings import Past, Recording
from routing.replay import Replay
from routing.scenarios import run
from tests.durable import upcoming
from tests.scripts import Script, graph_at, scripts
from tests.stored import StoredRehearsal, stored


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_a_recording_run_again_on_the_same_graph_goes_the_same_way(script: Script, database_url: str) -> None:
    graph = graph_at(script.configuration)
    scenario = upcoming(script.scenario, datetime.now(UTC))
    with stored(database_url, graph, scenario, detect) as world:
        result = run(graph, script.name, scenario, world=world)
        found = world.recordings()
        assert result.failures == ()
        assert found
        for recording in found:
            _runs_as_it_did(world, recording)
        report = impact(world.graph, found, lambda _: world.graph)
        assert (report.compared, report.same, report.unfaithful) == (len(found), len(found), ())


def _runs_as_it_did(world: StoredRehearsal, recording: Recording) -> None:
    again = Replay(world.graph, recording, Past(recording)).run()
    assert again.unknown is None
    assert [(visit.path, visit.why) for visit in again.visited] == [
        (visit.path, visit.why) for visit in recording.trace
    ]
    mine = [delivery for delivery in world.recorded if delivery.conversation == recording.name]
    taken = [delivery.happened for delivery in mine if delivery.happened is not None]
    assert list(recording.happened) == taken
    assert [delivery.taken for delivery in mine if delivery.happened is not None] == list(range(1, len(taken) + 1))
