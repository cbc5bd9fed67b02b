"""Whatever is killed between two messages, the conversation goes on, and nothing is said twice."""

import pytest

from tests.end_to_end.conftest import NUMBERS, System

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("program", ["-m worker", "-m api", "start-dev"], ids=["worker", "api", "temporal"])
def test_killed_between_messages(system: System, program: str) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    system.kill(program)
    customer.writes("one")
    customer.sees("Say anything", "one", seconds=150)
    customer.writes("two")
    system.kill(program)
    customer.sees("Say anything", "one", "two", seconds=150)
    customer.writes("three")
    customer.sees("Say anything", "one", "two", "three", seconds=150)


def test_a_timer_outlives_the_worker_and_temporal(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    customer.writes("wait")
    customer.sees("Say anything", "At once")
    system.kill("-m worker")
    system.kill("start-dev")
    customer.sees("Say anything", "At once", "After six seconds", "A barista will write to you.", seconds=150)


def test_stopped_and_started_again(system: System) -> None:
    """Ctrl-C, a message in the meantime, `make run`: the conversation goes on where it was."""
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    told = system.stop()
    assert told.rstrip().endswith("Stopped.")
    system.start()
    assert "there is a revision already" in system.log.read_text()
    customer.writes("still there?")
    customer.sees("Say anything", "still there?", seconds=60)
