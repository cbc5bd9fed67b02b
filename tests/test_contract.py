"""Each kind of place, action, answer, command, event and deadline is reached by a scenario.

That every scenario has a history is tested with the histories, that every kind has a paragraph with the reference.
"""

from typing import Any, get_args

import pytest

from detection import detect
from routing.configuration import Action, Answer, Target
from routing.graph import PLACES
from routing.messages import Command, Event
from routing.scenarios import rehearsal, run
from routing.waits import Deadline
from tests.scripts import graph_at, scripts

# The world only, not an author, makes these: they have tests of their own in tests/routing.
ONLY_WHEN_SOMETHING_BREAKS = {"ticket_failed"}


def kinds(union: Any) -> list[str]:
    """The `type` of each member of a discriminated union."""
    return [get_args(member.model_fields["type"].annotation)[0] for member in get_args(get_args(union)[0])]


@pytest.fixture(scope="module")
def reached() -> dict[str, set[str]]:
    """What the scenarios really visit and cause."""
    found: dict[str, set[str]] = {name: set() for name in ("place", "action", "answer", "command", "event", "why")}
    for script in scripts():
        graph = graph_at(script.configuration)
        world = rehearsal(graph, script.scenario, detect)
        assert run(graph, script.name, script.scenario, world=world).holds, script.name
        found["event"] |= {event.type for event in world.events}
        found["command"] |= {command.type for step in world.steps for command in step.commands}
        for visit in world.visited:
            place = graph.find(visit.path)
            found["place"].add(visit.path.split("/")[0])
            found["action"].add(str(getattr(place, "type", "")))
            found["why"].add(visit.why)
            if isinstance(place, Target) and place.answer is not None and "answer" in visit.changed:
                found["answer"].add(place.answer.type)
    return found


@pytest.mark.parametrize("kind", PLACES)
def test_every_kind_of_place_is_visited(kind: str, reached: dict[str, set[str]]) -> None:
    assert kind in reached["place"]


@pytest.mark.parametrize("kind", kinds(Action))
def test_every_action_is_run(kind: str, reached: dict[str, set[str]]) -> None:
    assert kind in reached["action"]


@pytest.mark.parametrize("kind", kinds(Answer))
def test_every_kind_of_answer_is_chosen(kind: str, reached: dict[str, set[str]]) -> None:
    assert kind in reached["answer"]


@pytest.mark.parametrize("kind", kinds(Command))
def test_every_command_is_given(kind: str, reached: dict[str, set[str]]) -> None:
    assert kind in reached["command"]


@pytest.mark.parametrize("kind", [kind for kind in kinds(Event) if kind not in ONLY_WHEN_SOMETHING_BREAKS])
def test_every_event_is_taken(kind: str, reached: dict[str, set[str]]) -> None:
    assert kind in reached["event"]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("no_answer", "gave no answer in time"),
        ("idle", "silent for the connector's idle time"),
        ("quiet", "matches the pattern /tea.*milk/s"),
        ("automessage", "the time of a message has come"),
        ("max_wait", "nobody was free"),
    ],
)
def test_every_deadline_comes(reason: str, told: str, reached: dict[str, set[str]]) -> None:
    assert reason in get_args(Deadline.__annotations__["reason"])
    assert any(told in why for why in reached["why"])
