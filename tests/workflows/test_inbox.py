"""The workflow's inbox: each event once, in order, in any number, and one more conversation after the end."""

from datetime import UTC, datetime, timedelta

from routing.documents import read
from routing.graph import Graph
from routing.messages import CustomerMessage, Wrote
from routing.problems import check
from routing.scenarios import Scenario
from tests.durable import DurableRehearsal, durable

ECHO = """
format: 1
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: echo}, burst: {answer: each}}
decision_trees:
  echo:
    title: Echo
    start: ask
    decisions:
      ask:
        title: Ask
        actions:
          - {type: send_message, text: "{{ answer.text or 'Hello' }}"}
          - type: target
            execution: when_client_chooses
            answer: {type: pattern, pattern: /^bye$/}
            to: {type: terminate, name: bye}
          - type: target
            execution: when_client_chooses
            answer: {type: pattern, pattern: /.*/, default: true}
            to: {type: decision, name: ask}
terminates:
  bye: {title: Bye, cause: user}
"""


def graph() -> Graph:
    checked = check(read(ECHO))
    assert checked.graph is not None, checked.errors
    return checked.graph


def scenario() -> Scenario:
    return Scenario(title="Inbox", connector="shop", at=datetime.now(UTC) + timedelta(minutes=5), steps=())


def said(world: DurableRehearsal) -> list[str]:
    return [message.text for message in world.said]


def test_a_thousand_messages_keep_the_history_short_and_lose_nothing() -> None:
    with durable(graph(), scenario(), limit=300) as world:
        world.user("hi")
        for number in range(1000):
            world.user(f"message {number}")
        histories = world.histories()
        assert said(world) == ["Hello", *(f"message {number}" for number in range(1000))]
        keys = [message.key for delivery in world.recorded for message in delivery.received]
        assert len(keys) == len(set(keys)) == 1001
        assert len({send.key for send in world.said}) == len(world.said)
    assert len(histories) > 5
    assert max(len(history.events) for history in histories) < 300 + 20
    sizes = [len(history.to_json()) for history in histories[1:-1]]
    assert max(sizes) < 1.2 * min(sizes), "the state that is handed on does not grow"


def test_an_event_forwarded_again_takes_effect_once() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        message = CustomerMessage(key="m:once", at=world.now, text="once")
        for _ in range(5):
            world.feed(Wrote(messages=(message,)))
        assert said(world) == ["Hello", "once"]


def test_messages_that_arrive_together_are_taken_in_the_order_of_their_timestamps() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        first = CustomerMessage(key="m:a", at=world.now, text="first")
        second = CustomerMessage(key="m:b", at=world.now + timedelta(milliseconds=1), text="second")
        world.feed_together(Wrote(messages=(second,)), Wrote(messages=(first,)))
        received = [message.text for delivery in world.recorded for message in delivery.received]
        assert received == ["hi", "first", "second"]


def test_what_is_written_after_the_end_opens_the_next_conversation() -> None:
    with durable(graph(), scenario()) as world:
        world.user("hi")
        bye = CustomerMessage(key="m:bye", at=world.now, text="bye")
        late = CustomerMessage(key="m:late", at=world.now + timedelta(milliseconds=1), text="and again hello")
        world.feed_together(Wrote(messages=(bye,)), Wrote(messages=(late,)))
        assert len(world.ends) == 1
        assert said(world) == ["Hello"]
        world.user("hi again")
        assert said(world) == ["Hello", "Hello"]


def test_forwarded_again_after_the_end_it_opens_nothing() -> None:
    """The forwarder was killed after its signal, and the conversation ended before it came back."""
    with durable(graph(), scenario()) as world:
        world.user("hi")
        bye = CustomerMessage(key="m:bye", at=world.now, text="bye")
        world.forward(bye)
        assert len(world.ends) == 1
        world.forward(bye)
        assert said(world) == ["Hello"]
        world.forward(bye, CustomerMessage(key="m:new", at=world.now, text="hi again"))
        assert said(world) == ["Hello", "Hello"]
        received = [message.key for delivery in world.recorded for message in delivery.received]
        assert received.count("m:bye") == 1
        assert received[-1] == "m:new"


def test_a_reply_to_what_a_killed_worker_said_is_not_joined_to_the_message_before() -> None:
    """The worker sent the question and was killed before Temporal knew; both messages wait when the next one starts."""
    with durable(graph(), scenario()) as world:
        world.user("hi")
        assert world.conversation is not None
        first = CustomerMessage(key="m:first", at=world.now, text="first")
        second = CustomerMessage(key="m:second", at=world.now + timedelta(seconds=1), text="second")
        killed = world.recorded[-1].model_copy(update={"number": world.conversation.visits + 1, "received": (first,)})
        world.recorded.append(killed)
        world.feed_together(Wrote(messages=(first,)), Wrote(messages=(second,)))
        assert said(world)[:2] == ["Hello", "first"]
        assert [message.text for message in world.recorded[-1].received] == ["second"]
