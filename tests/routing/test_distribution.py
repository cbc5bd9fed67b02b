"""Who is offered which waiting conversation: rules one by one, and what always holds."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.configuration import Queue
from routing.distribution import (
    RING_TIME,
    USUAL,
    Agent,
    Offer,
    Past,
    Waiting,
    accepted,
    comes_back,
    distribute,
    room,
    works_in,
)

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RINGING = Queue(title="Ringing", strategy="least_recent", ring_time=timedelta(seconds=20), last_agent=timedelta(days=1))
PULL = Queue(title="Pull")
QUEUES = {"ringing": RINGING, "pull": PULL}


def waits(conversation: str, minutes: float = 0, queue: str = "ringing", priority: int = 5, **more: object) -> Waiting:
    """A conversation that came so many minutes before noon."""
    return replace(Waiting(conversation, queue, priority, NOON - minutes * MINUTE), **more)


def agent(name: str, minutes: float = 0, **more: object) -> Agent:
    """Somebody who has waited so many minutes."""
    return replace(Agent(name, NOON - minutes * MINUTE), **more)


def offered(waiting: list[Waiting], agents: list[Agent], queues: dict[str, Queue] | None = None) -> list[str]:
    made = distribute(waiting, agents, QUEUES if queues is None else queues, NOON)
    return [f"{one.conversation} to {one.agent}: {one.why}" for one in made]


def test_whoever_has_waited_longest_gets_the_first_in_line() -> None:
    waiting = [waits("late", 1), waits("early", 9), waits("urgent", 0, priority=0)]
    people = [agent("anna", 1), agent("eva", 30), agent("petr", 5)]
    assert offered(waiting, people) == ["urgent to eva: longest", "early to petr: longest", "late to anna: longest"]


def test_who_has_nothing_in_hand_comes_before_who_has() -> None:
    busy, ringing = agent("anna", 60, having=1), agent("eva", 50, ringing=1)
    assert offered([waits("one")], [busy, ringing, agent("petr", 1)]) == ["one to petr: longest"]
    assert offered([waits("one"), waits("two")], [busy, ringing]) == ["one to anna: longest", "two to eva: longest"]


@pytest.mark.parametrize(
    ("having", "ringing", "more"), [(0, 0, 3), (0, 2, 1), (1, 1, 1), (2, 0, 1), (2, 1, 0), (3, 0, 0)]
)
def test_so_many_more_and_no_more(having: int, ringing: int, more: int) -> None:
    anna = agent("anna", having=having, ringing=ringing)
    assert len(offered([waits(str(number)) for number in range(9)], [anna])) == more
    assert room(USUAL, having, ringing) == more


def test_a_distribution_of_ones_own() -> None:
    assert len(offered([waits(str(number)) for number in range(9)], [agent("anna", distribution=(7,))])) == 7
    assert offered([waits("one")], [agent("anna", distribution=(0, 5))]) == []
    assert room((1, 4), 0, 3) == 0
    assert room((), 0) == 0


def test_who_was_offered_it_in_this_stay_comes_last_until_all_have_been() -> None:
    one = waits("one", past={"anna": Past(1), "eva": Past(2)})
    people = [agent("anna", 30), agent("eva", 60)]
    assert offered([one], [*people, agent("petr")]) == ["one to petr: longest"]
    assert offered([one], people) == ["one to anna: longest"]


def test_who_declined_is_not_asked_the_same_again_at_once() -> None:
    one = waits("one", past={"anna": Past(1, declined_at=NOON - timedelta(seconds=5))})
    assert offered([one, waits("two")], [agent("anna")]) == ["two to anna: longest"]
    assert comes_back([one], QUEUES, NOON) == NOON + timedelta(seconds=15)
    again = NOON + timedelta(seconds=15)
    assert [offer.agent for offer in distribute([one], [agent("anna")], QUEUES, again)] == ["anna"]
    assert comes_back([one], QUEUES, again) is None
    assert comes_back([waits("one", queue="pull", past=one.past)], QUEUES, NOON) is None
    assert comes_back([waits("one", queue="gone", past=one.past)], QUEUES, NOON) is None


def test_whoever_had_the_customer_last_is_asked_first_within_so_long() -> None:
    people = [agent("anna", 60), agent("eva", 1)]
    known = waits("one", last_agent="eva", last_until=NOON - timedelta(days=1))
    assert offered([known], people) == ["one to eva: last_agent"]
    longer_ago = replace(known, last_until=NOON - timedelta(days=1, seconds=1))
    assert offered([longer_ago], people) == ["one to anna: longest"]
    asked = replace(known, past={"eva": Past(1)})
    assert offered([asked], people) == ["one to anna: longest"]
    assert offered([known], [people[0], agent("eva", having=3)]) == ["one to anna: longest"]
    assert offered([known], people[:1]) == ["one to anna: longest"]
    forgetful = {"ringing": RINGING.model_copy(update={"last_agent": None})}
    assert offered([known], people, forgetful) == ["one to anna: longest"]
    others = {"ringing": RINGING.model_copy(update={"agents": ("anna",)})}
    assert offered([known], people, others) == ["one to anna: longest"]


@pytest.mark.parametrize("queue", ["ringing", "pull", "", "gone"])
def test_whom_it_was_transferred_to_is_asked_first_wherever_it_waits(queue: str) -> None:
    wanted = waits("one", queue=queue, wanted="eva")
    people = [agent("anna", 60), agent("eva", 1)]
    [offer] = distribute([wanted], people, QUEUES, NOON)
    ring_time = QUEUES[queue].ring_time if queue in QUEUES else RING_TIME
    assert offer == Offer("one", "eva", "wanted", NOON + ring_time)
    others = ["one to anna: longest"] if queue == "ringing" else []
    assert offered([replace(wanted, past={"eva": Past(1)})], people) == others
    assert offered([wanted], people[:1]) == others


def test_only_those_who_work_there() -> None:
    queues = {"ringing": RINGING.model_copy(update={"agents": ("eva", "petr")})}
    assert offered([waits("one"), waits("two")], [agent("anna", 60), agent("eva")], queues) == [
        "one to eva: longest",
        "two to eva: longest",
    ]
    assert [works_in(queues["ringing"], name) for name in ("anna", "eva")] == [False, True]
    assert works_in(PULL, "anna")
    assert works_in(None, "anna")


def test_an_acceptance_has_the_same_key_however_often_it_is_told() -> None:
    assert accepted("igdm_1", NOON, "eva") == accepted("igdm_1", NOON, "eva")
    keys = {accepted("igdm_1", NOON, "eva").key, accepted("igdm_1", NOON + MINUTE, "eva").key}
    assert len(keys | {accepted("igdm_1", NOON, "anna").key, accepted("igdm_2", NOON, "eva").key}) == 4


# What always holds ----------------------------------------------------------------------------------------------------

NAMES = ["anna", "eva", "petr", "jana", "karl"]
times = st.integers(0, 5000).map(lambda seconds: NOON - timedelta(seconds=seconds))
pasts = st.dictionaries(st.sampled_from(NAMES), st.builds(Past, st.integers(1, 3), st.none() | times), max_size=5)
queues_made = st.fixed_dictionaries(
    {
        name: st.builds(
            Queue,
            title=st.just("Q"),
            strategy=st.sampled_from(["pull", "least_recent", "least_recent"]),
            agents=st.lists(st.sampled_from(NAMES), unique=True, max_size=3).map(tuple),
            ring_time=st.integers(1, 90).map(lambda seconds: timedelta(seconds=seconds)),
            last_agent=st.none() | st.just(timedelta(hours=1)),
        )
        for name in ("a", "b", "c")
    }
)
lines = st.lists(
    st.builds(
        Waiting,
        conversation=st.integers(0, 10**6).map(str),
        queue=st.sampled_from(["a", "b", "c", "", "gone"]),
        priority=st.integers(0, 10),
        entered_at=times,
        wanted=st.none() | st.sampled_from(NAMES),
        last_agent=st.none() | st.sampled_from(NAMES),
        last_until=st.none() | times,
        past=pasts,
    ),
    max_size=25,
    unique_by=lambda one: one.conversation,
)
staffs = st.lists(
    st.builds(
        Agent,
        name=st.sampled_from(NAMES),
        free_since=times,
        having=st.integers(0, 4),
        ringing=st.integers(0, 3),
        distribution=st.lists(st.integers(0, 4), max_size=5).map(tuple),
    ),
    max_size=5,
    unique_by=lambda one: one.name,
)


@given(waiting=lines, agents=staffs, queues=queues_made)
@example(waiting=[], agents=[], queues={})
def test_what_always_holds(waiting: list[Waiting], agents: list[Agent], queues: dict[str, Queue]) -> None:
    made = distribute(waiting, agents, queues, NOON)
    told = {one.conversation: one for one in waiting}
    staff = {one.name: one for one in agents}
    counts = Counter(offer.agent for offer in made)
    rooms = {one.name: room(one.distribution, one.having, one.ringing) for one in agents}

    assert len({offer.conversation for offer in made}) == len(made), "to one at a time"
    assert {offer.conversation for offer in made} <= set(told)
    assert counts.keys() <= staff.keys(), "only to those who are ready"
    assert all(number <= rooms[name] for name, number in counts.items()), "no limit is passed"

    turns = [(one.priority, one.entered_at, one.conversation) for one in (told[offer.conversation] for offer in made)]
    assert turns == sorted(turns), "by priority, then by waiting time"

    for offer in made:
        one, queue = told[offer.conversation], queues.get(told[offer.conversation].queue)
        if offer.why == "wanted":
            assert offer.agent == one.wanted
            assert offer.agent not in one.past
        else:
            assert queue is not None
            assert queue.strategy == "least_recent", "nobody is offered what agents take themselves"
            assert works_in(queue, offer.agent)
        assert offer.until == NOON + (queue.ring_time if queue is not None else RING_TIME)

    # Nothing that could be offered is left: whoever still has room has no business with what waits.
    left = {name for name in staff if counts[name] < rooms[name]}
    for one in waiting:
        if any(offer.conversation == one.conversation for offer in made):
            continue
        queue = queues.get(one.queue)
        assert one.wanted not in left or one.wanted in one.past
        if queue is not None and queue.strategy == "least_recent":
            for name in left:
                declined_at = one.past[name].declined_at if name in one.past else None
                resting = declined_at is not None and declined_at + queue.ring_time > NOON
                assert resting or not works_in(queue, name)


@given(waiting=lines, agents=staffs, queues=queues_made, chance=st.randoms())
def test_the_order_in_which_they_are_told_does_not_matter(
    waiting: list[Waiting], agents: list[Agent], queues: dict[str, Queue], chance: object
) -> None:
    made = distribute(waiting, agents, queues, NOON)
    others, people = list(waiting), list(agents)
    chance.shuffle(others)  # pyright: ignore[reportAttributeAccessIssue]  hypothesis' own Random
    chance.shuffle(people)  # pyright: ignore[reportAttributeAccessIssue]
    assert distribute(others, people, queues, NOON) == made


@given(agents=staffs.filter(bool))
def test_of_those_with_as_much_in_hand_the_one_who_has_waited_longest(agents: list[Agent]) -> None:
    able = [one for one in agents if room(one.distribution, one.having, one.ringing)]
    made = distribute([waits("one")], agents, QUEUES, NOON)
    assert len(made) == min(len(able), 1)
    for offer in made:
        [chosen] = [one for one in able if one.name == offer.agent]
        same = [one for one in able if one.having + one.ringing == chosen.having + chosen.ringing]
        assert chosen.free_since == min(one.free_since for one in same)
        assert all(one.having + one.ringing >= chosen.having + chosen.ringing for one in able)


@given(rounds=st.integers(1, 3), agents=st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
def test_in_each_round_everybody_is_asked_once(rounds: int, agents: list[str]) -> None:
    """Nobody ever answers: each time it goes on to somebody who was not asked in this round."""
    people = {name: agent(name) for name in agents}
    past: dict[str, Past] = {}
    asked: list[str] = []
    now = NOON
    for _ in range(rounds * len(agents)):
        [offer] = distribute([waits("one", past=past)], list(people.values()), QUEUES, now)
        asked.append(offer.agent)
        past = past | {offer.agent: Past(past[offer.agent].times + 1 if offer.agent in past else 1)}
        now = offer.until
        people[offer.agent] = replace(people[offer.agent], free_since=now)
    for number in range(rounds):
        assert sorted(asked[number * len(agents) : (number + 1) * len(agents)]) == sorted(agents)


def test_a_long_line_and_many_people_take_no_time() -> None:
    """10,000 who wait and 100 who work: what a look decides is far below the time of a ring."""
    waiting = [waits(str(number), number / 60) for number in range(10_000)]
    people = [agent(f"a{number}", number) for number in range(100)]
    begun = datetime.now(UTC)
    assert len(distribute(waiting, people, QUEUES, NOON)) == 300
    assert datetime.now(UTC) - begun < timedelta(seconds=5)
