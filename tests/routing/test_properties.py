"""What holds for every configuration and everything that may happen to a conversation."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.conversation import Conversation, Customer, Ended, opened
from routing.filters import SECRET
from routing.graph import Graph
from routing.interpreter import MOST_PLACES, Step, advance
from routing.messages import AskBot, Command, End, Enqueue, MakeTicket, Send, SendRequest, TimeCame
from routing.rehearsal import Rehearsal, Reply
from routing.waits import deadline
from tests.strategies import BODIES, WORDS, events, graphs, passing
from tests.talk import MONDAY

NOW = datetime.fromisoformat(MONDAY)
RANDOM = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def begun() -> Conversation:
    return opened(
        name="igdm_" + "0" * 24,
        connector="shop",
        account="1",
        customer=Customer(id="c", name=f"{SECRET}k{SECRET}"),
        at=NOW,
    )


@RANDOM
@given(graphs(), st.data())
def test_whatever_happens(graph: Graph, data: st.DataObject) -> None:
    """A step never raises, is the same when it is computed again, and its state is plain JSON."""
    state, now = begun(), NOW
    sent: list[str] = []
    asked: list[str] = []
    ends = 0
    for number in range(data.draw(st.integers(1, 15))):
        now += timedelta(seconds=data.draw(passing))
        event = data.draw(events(graph, state, now, number))
        step = advance(graph, state, event, now)
        assert advance(graph, state, event, now) == step
        stored = Conversation.model_validate_json(state.model_dump_json())
        assert stored == state
        assert advance(graph, stored, event, now) == step
        assert Step.model_validate_json(step.model_dump_json()) == step
        sent += [command.key for command in step.commands if isinstance(command, Send)]
        asked += [
            command.key for command in step.commands if isinstance(command, AskBot | SendRequest | MakeTicket | Enqueue)
        ]
        ends += sum(isinstance(command, End) for command in step.commands)
        assert [isinstance(command, End) for command in step.commands[:-1]].count(True) == 0
        assert len(sent) == len(set(sent))
        assert len(asked) == len(set(asked))
        assert ends == isinstance(step.conversation.waiting, Ended)
        assert len(step.conversation.lines) <= 20
        assert not [command for command in step.commands if _asks_for_a_secret(command)]
        over = isinstance(state.waiting, Ended)
        state = step.conversation
        if over:
            break  # a second event after the end tells nothing new


def _asks_for_a_secret(command: Command) -> bool:
    """Whether a mark stands where no author put one; the customer's name and words are full of them."""
    match command:
        case SendRequest():
            named = SECRET in command.model_dump_json()
            return named and command.secrets != ("k",)
        case Send():
            return command.author == "graph" and SECRET in command.text
        case _:
            return False


@RANDOM
@given(graphs(), st.data())
def test_time_that_has_come_is_over(graph: Graph, data: st.DataObject) -> None:
    """A conversation that was looked at waits for no time in the past."""
    state, now = begun(), NOW
    for number in range(data.draw(st.integers(1, 10))):
        now += timedelta(seconds=data.draw(passing))
        state = advance(graph, state, data.draw(events(graph, state, now, number)), now).conversation
        for _ in range(20):
            due = deadline(graph, state)
            if due is None or due.at > now:
                break
            state = advance(graph, state, TimeCame(), now).conversation
        else:
            raise AssertionError(f"still due: {due}")


@RANDOM
@given(graphs(), st.data())
def test_a_conversation_always_rests(graph: Graph, data: st.DataObject) -> None:
    """In a whole world, with requests that fail or answer anything, each thing that happens comes to a rest."""
    replies = [
        Reply(
            url="~https://x.*",
            status=data.draw(st.sampled_from([200, 404, None])),
            body=data.draw(st.sampled_from(BODIES)),
        )
    ]
    world = Rehearsal(graph, "shop", at=NOW, replies=replies)
    for _ in range(data.draw(st.integers(1, 6))):
        before = len(world.steps)
        world.user(*data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)))
        world.wait(timedelta(seconds=data.draw(st.sampled_from([0, 40, 3600]))))
        assert len(world.steps) - before < 10 * MOST_PLACES
    assert world.conversation is not None
    assert world.conversation.waiting.type in ("answer", "time", "bot", "agent", "ended")
