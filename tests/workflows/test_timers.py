"""Automessages arrive at their times, whatever happens to the worker and whatever the customer says."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.documents import read
from routing.graph import Graph
from routing.problems import check
from routing.scenarios import Scenario
from tests.durable import DurableRehearsal, durable

CONFIGURATION = """
format: 1
connectors:
  shop: {title: Shop, next: {type: automessage, name: wait}}
automessages:
  wait:
    title: Wait
    messages: [{time: 0, text: At once}, {time: 30, text: Soon}, {time: PT20H, text: Next day}]
    on_reply: ON_REPLY
    next: {type: queue, name: people}
queues:
  people: {title: People, welcome: {text: People}}
"""
SECOND = timedelta(seconds=1)


def graph(on_reply: str) -> Graph:
    checked = check(read(CONFIGURATION.replace("ON_REPLY", on_reply)))
    assert checked.graph is not None, checked.errors
    return checked.graph


def said(world: DurableRehearsal) -> list[str]:
    return [message.text for message in world.said]


def scenario() -> Scenario:
    return Scenario(title="Timers", connector="shop", at=datetime.now(UTC) + timedelta(minutes=5), steps=())


@pytest.mark.parametrize("killed", [False, True], ids=["worker-lives", "worker-ends-in-between"])
def test_messages_leave_at_0_s_30_s_and_20_h(killed: bool) -> None:
    with durable(graph("continue"), scenario(), forgetful=killed) as world:
        world.user("hi")
        begun = world.now
        assert said(world) == ["At once"]
        if killed:
            world.restart_worker()
        world.wait(25 * SECOND)
        assert said(world) == ["At once"]
        world.wait(10 * SECOND)
        assert said(world) == ["At once", "Soon"]
        if killed:
            world.restart_worker()
        world.wait(timedelta(hours=19, minutes=59))
        assert said(world) == ["At once", "Soon"]
        world.wait(timedelta(minutes=1))
        assert said(world) == ["At once", "Soon", "Next day", "People"]
        sent_at = {send.text: delivery.at for delivery in world.recorded for send in delivery.messages}
        for text, after in (("Soon", 30 * SECOND), ("Next day", timedelta(hours=20))):
            assert after <= sent_at[text] - sent_at["At once"] < after + SECOND
        assert sent_at["At once"] - begun < SECOND


def test_a_message_in_between_changes_nothing_with_continue() -> None:
    with durable(graph("continue"), scenario()) as world:
        world.user("hi")
        world.wait(10 * SECOND)
        world.user("hello?")
        assert said(world) == ["At once"]
        world.wait(25 * SECOND)
        assert said(world) == ["At once", "Soon"]


def test_a_message_in_between_ends_the_waiting_with_next() -> None:
    with durable(graph("next"), scenario()) as world:
        world.user("hi")
        world.wait(10 * SECOND)
        world.user("hello?")
        assert said(world) == ["At once", "People"]
        world.wait(timedelta(hours=21))
        assert said(world) == ["At once", "People"]
