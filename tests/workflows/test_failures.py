"""What does not go through at once goes through later: nothing that fails ends a conversation."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from routing.scenarios import Scenario
from tests.durable import durable
from tests.workflows.test_inbox import graph, said


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_delivery_that_fails_is_repeated_until_it_goes_through(times: int) -> None:
    scenario = Scenario(title="Failures", connector="shop", at=datetime.now(UTC) + timedelta(minutes=5), steps=())
    with durable(graph(), scenario) as world:
        world.user("hi")
        world.away = times
        world.user("still there?")
        assert said(world) == ["Hello", "still there?"]
        world.user("good")
        assert said(world) == ["Hello", "still there?", "good"]
        [history] = world.histories()
        kinds = [event.event_type for event in history.events]
    ordinary = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    assert (ordinary in kinds) == (times > 1), "a local activity has two tries, then an ordinary one takes over"
