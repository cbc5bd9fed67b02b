"""Which resting conversations can go on with another revision, and how they stand afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.configuration import Configuration
from routing.conversation import AwaitsAnswer, AwaitsTime, Conversation, Walk
from routing.documents import read
from routing.graph import Graph
from routing.moves import CannotMove, moved
from routing.problems import check
from routing.rehearsal import Rehearsal

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SHOP = """
format: 1
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: menu}}
  wait: {title: Wait, next: {type: automessage, name: wait}}
  desk: {title: Desk, next: {type: queue, name: people}}
decision_trees:
  menu:
    title: Menu
    start: first
    decisions:
      first:
        title: First
        actions:
          - {type: send_message, text: Tea or coffee?}
          - {type: target, execution: when_client_chooses, answer: {type: button, text: Tea},
             to: {type: queue, name: people}}
          - {type: target, execution: when_client_chooses, answer: {type: button, text: Coffee},
             to: {type: terminate, name: bye}}
          - {type: target, execution: when_client_chooses, answer: {type: pattern, pattern: /x/},
             to: {type: terminate, name: bye}}
automessages:
  wait:
    title: Wait
    messages: [{time: 0, text: One}, {time: 30, text: Two}, {time: 60, text: Three}]
    next: {type: queue, name: people}
queues:
  people: {title: People}
terminates:
  bye: {title: Bye, cause: user}
"""


def graph(change: Callable[[dict[str, Any]], None] | None = None) -> Graph:
    document: Any = read(SHOP)
    if change is not None:
        change(document)
    checked = check(document)
    assert checked.graph is not None, checked.errors
    return checked.graph


def actions(document: dict[str, Any]) -> list[Any]:
    return document["decision_trees"]["menu"]["decisions"]["first"]["actions"]


def resting(connector: str = "shop", seconds: int = 0) -> Conversation:
    world = Rehearsal(graph(), connector, at=NOON)
    world.user("hi")
    world.wait(timedelta(seconds=seconds))
    assert world.conversation is not None
    return world.conversation


def targets(conversation: Conversation) -> list[str]:
    return [offer.target.rpartition("/")[2] for offer in conversation.offers]


def test_the_same_graph_changes_nothing_but_the_revision() -> None:
    was = resting()
    now = moved(graph(), graph(), was, 4)
    assert now == was.model_copy(update={"revision": 4, "visits": was.visits + 1})


def test_where_an_answer_leads_may_change() -> None:
    def change(document: dict[str, Any]) -> None:
        actions(document)[1]["to"] = {"type": "terminate", "name": "bye"}

    after = graph(change)
    world = Rehearsal(graph(), "shop", at=NOON)
    world.user("hi")
    assert world.conversation is not None
    world.conversation, world.graph = moved(world.graph, after, world.conversation, 2), after
    world.user("Tea")
    assert world.conversation.place == "terminates/bye"


def test_offers_follow_their_answers_when_actions_shift() -> None:
    """What was offered as tea must not come to be coffee because an action was put in front of it."""

    def insert(document: dict[str, Any]) -> None:
        actions(document).insert(0, {"type": "save_data", "field": "x", "value": 1})

    def remove(document: dict[str, Any]) -> None:
        del actions(document)[0]

    def swap(document: dict[str, Any]) -> None:
        found = actions(document)
        found[1], found[2] = found[2], found[1]

    was = resting()
    assert targets(was) == ["1", "2", "3"]
    assert targets(moved(graph(), graph(insert), was, 2)) == ["2", "3", "4"]
    assert targets(moved(graph(), graph(remove), was, 2)) == ["0", "1", "2"]
    assert targets(moved(graph(), graph(swap), was, 2)) == ["2", "1", "3"]


def test_an_edited_answer_is_the_same_one() -> None:
    def change(document: dict[str, Any]) -> None:
        actions(document)[3]["answer"]["pattern"] = "/y/"

    assert targets(moved(graph(), graph(change), resting(), 2)) == ["1", "2", "3"]


def _without_tea(document: dict[str, Any]) -> None:
    del actions(document)[1]


def _two_teas(document: dict[str, Any]) -> None:
    found = actions(document)
    found.append(found[1])
    found[1] = {**found[1], "answer": {"type": "similar", "words": "tea"}}
    found.append(found[-1])


def _other_type(document: dict[str, Any]) -> None:
    actions(document)[1]["answer"] = {"type": "pattern", "pattern": "/tea/"}


def _shorter(document: dict[str, Any]) -> None:
    del actions(document)[3]


def _renamed(document: dict[str, Any]) -> None:
    tree = document["decision_trees"]["menu"]
    tree["start"] = "start"
    tree["decisions"]["start"] = tree["decisions"].pop("first")


def _other_connector(document: dict[str, Any]) -> None:
    document["connectors"]["store"] = document["connectors"].pop("shop")


FIRST = "decision_trees/menu/decisions/first"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_without_tea, f"in revision 2, {FIRST}/actions/1, which was offered, is another answer"),
        (_two_teas, f"revision 2 has several targets with the answer of {FIRST}/actions/1, which was offered"),
        (_other_type, f"in revision 2, {FIRST}/actions/1, which was offered, is another answer"),
        (_shorter, f"revision 2 has no target {FIRST}/actions/3, which was offered"),
        (_renamed, f"revision 2 has no {FIRST}"),
        (_other_connector, "revision 2 has no connectors/shop"),
    ],
)
def test_why_it_stays(change: Callable[[dict[str, Any]], None], why: str) -> None:
    document: Any = read(SHOP)
    change(document)
    with pytest.raises(CannotMove) as error:
        moved(graph(), Graph(Configuration.model_validate(document)), resting(), 2)
    assert str(error.value) == why


def test_offers_of_a_place_it_has_left_do_not_matter() -> None:
    world = Rehearsal(graph(), "shop", at=NOON)
    world.user("hi")
    world.user("Tea")
    assert world.conversation is not None
    assert world.conversation.place == "queues/people"
    assert moved(graph(), graph(_without_tea), world.conversation, 2).revision == 2


def messages(*times: int) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["automessages"]["wait"]["messages"] = [{"time": time, "text": f"{time} s"} for time in times]

    return change


@pytest.mark.parametrize(
    ("passed", "times", "waits_for"),
    [(0, (0, 30, 60), 30), (40, (0, 30, 60), 60), (0, (0, 10, 60), 10), (40, (0, 45), 45), (40, (0, 10, 20, 90), 90)],
)
def test_it_waits_for_the_first_message_that_has_not_been_said(
    passed: int, times: tuple[int, ...], waits_for: int
) -> None:
    now = moved(graph(), graph(messages(*times)), resting("wait", passed), 2)
    assert isinstance(now.waiting, AwaitsTime)
    assert times[now.waiting.index] == waits_for


def test_no_message_is_left_to_wait_for() -> None:
    with pytest.raises(CannotMove, match="no message of automessages/wait is left"):
        moved(graph(), graph(messages(0, 10, 30)), resting("wait", 40), 2)


def test_a_loop_around_it_must_be_there() -> None:
    """No place inside a loop rests today; a state that did would not be moved into nothing."""
    document: Any = read(SHOP)
    loop = {"type": "loop", "items": "messages", "as": "one", "actions": [{"type": "send_message", "text": "x"}]}
    actions(document).insert(0, loop)
    looping, path = Graph(Configuration.model_validate(document)), f"{FIRST}/actions/0"
    inside = resting().model_copy(
        update={"place": f"{path}/actions/0", "walks": {path: Walk(items=(1,), index=0)}, "offers": ()}
    )
    assert isinstance(inside.waiting, AwaitsAnswer)
    assert moved(looping, looping, inside, 2).revision == 2
    with pytest.raises(CannotMove, match=f"revision 2 has no {path}/actions/0"):
        moved(looping, graph(), inside, 2)
    loop["as"] = "other"
    with pytest.raises(CannotMove, match="calls its elements something else"):
        moved(looping, Graph(Configuration.model_validate(document)), inside, 2)
