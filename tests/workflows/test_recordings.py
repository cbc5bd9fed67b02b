"""Every scenario, run as a durable workflow on the real store, is recorded so that it can be run again as it was."""

from datetime import UTC, datetime
from typing import Any

import pytest

from detection import detect
from routing.documents import read
from routing.impact import impact
from routing.messages import AgentClosed, RequestAnswered
from routing.problems import check
from routing.recordings import Past, Recording
from routing.rehearsal import Reply
from routing.replay import Replay
from routing.scenarios import Scenario, run
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


KEYED = """
format: 1
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: orders}}
decision_trees:
  orders:
    title: Orders
    start: ask
    decisions:
      ask:
        title: Ask
        actions:
          - type: request
            method: POST
            url: https://shop.example.com/orders?key={{ secrets.key }}
            headers: {Authorization: "Bearer {{ secrets.key }}"}
            body: {z: "{{ secrets.key }}", a: [1]}
            into: order
          - {type: send_message, text: "{{ order.body }}. More?"}
          - {type: target, execution: when_client_chooses, to: {type: decision, name: ask},
             answer: {type: pattern, pattern: /.*/}}
"""


def test_a_secret_is_recorded_by_its_name_and_answers_keep_their_order(database_url: str) -> None:
    graph = check(read(KEYED)).graph
    assert graph is not None
    body = {"z": 1, "a": {"y": 2, "b": 3}}
    answers = (Reply(url="https://shop.example.com/orders?key=secrets.key", status=200, body=body),)
    with stored(database_url, graph, _scenario(requests=answers)) as world:
        world.user("hi")
        [recording] = world.recordings()
        [answered] = [one for one in recording.happened if isinstance(one.event, RequestAnswered)]
        assert answered.asked is not None
        assert (answered.asked.method, answered.asked.url, answered.asked.body) == (
            "POST",
            "https://shop.example.com/orders?key=secrets.key",
            {"z": "secrets.key", "a": [1]},
        )
        assert answered.number == 5, "that of the first visit that the answer led to"
        assert isinstance(answered.event, RequestAnswered)
        assert list(answered.event.body) == ["z", "a"]
        [said] = [one.text for one in recording.said or ()]
        assert said.index('"z"') < said.index('"a"')


def test_events_are_counted_on_over_new_runs_and_from_the_start_in_the_next_conversation(database_url: str) -> None:
    graph = check(read(KEYED)).graph
    assert graph is not None
    with stored(database_url, graph, _scenario(), limit=20) as world:
        world.user("hi")
        for number in range(12):
            world.user(f"words {number}")
        assert len(world.histories()) > 1
        world.feed(AgentClosed(agent="eva"))
        world.user("hi again")
        second, first = world.recordings()
        assert first.ended is not None
        assert second.ended is None
        assert len(first.happened) > 12
        assert second.happened[0].number == 1
        for recording in (first, second):
            _runs_as_it_did(world, recording)


def _scenario(**given: Any) -> Scenario:
    values = {"title": "x", "connector": "shop", "at": datetime(2026, 11, 23, 9, tzinfo=UTC), "steps": ()}
    return upcoming(Scenario(**values | given), datetime.now(UTC))
