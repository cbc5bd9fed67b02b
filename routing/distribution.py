"""Who is offered which waiting conversation: a pure decision from queues, people and earlier offers (SPEC 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from routing.configuration import Queue
from routing.messages import AgentAccepted

Why = Literal["wanted", "last_agent", "longest"]
"""Why an agent is offered it: it was transferred to them, they had the customer last, or they have waited longest."""
USUAL: tuple[int, ...] = (3, 2, 1)
"""How many more conversations an agent may get while having none, one, two; with three none."""
RING_TIME = timedelta(seconds=30)
"""How long an offer stands that no queue of the current revision gives a time for."""


@dataclass(frozen=True)
class Agent:
    """Somebody who is ready. `free_since`: since they last got through with a conversation, or came, or let one go.

    `having` are the conversations they have accepted, `ringing` the offers that stand. `distribution` says how many
    more they may get while having none, one, two …; with more than it tells of, none.
    """

    name: str
    free_since: datetime
    having: int = 0
    ringing: int = 0
    distribution: tuple[int, ...] = USUAL


@dataclass(frozen=True)
class Past:
    """How often an agent was offered this in this stay; `declined_at`: when they last said no to it."""

    times: int
    declined_at: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    """A conversation that nobody has and that nobody is being offered; its queue is empty on the unassigned list.

    `wanted` is whom it was transferred to. `last_agent` had its customer last, until `last_until`. `past` is what came
    of offers in this stay, by agent.
    """

    conversation: str
    queue: str
    priority: int
    entered_at: datetime
    wanted: str | None = None
    last_agent: str | None = None
    last_until: datetime | None = None
    past: Mapping[str, Past] = field(default_factory=dict[str, Past])


@dataclass(frozen=True)
class Offer:
    """An offer to be made now; it stands until `until`."""

    conversation: str
    agent: str
    why: Why
    until: datetime


def distribute(
    waiting: Sequence[Waiting], agents: Sequence[Agent], queues: Mapping[str, Queue], now: datetime
) -> list[Offer]:
    """The offers to make now, for whom to whom; none of them breaks a limit, also together with those that stand.

    Conversations come in the order of priority, then of waiting time. Each goes to whom it was transferred to, if not
    offered them yet; in a queue that makes offers then to whoever had the customer last, and then to the one who was
    offered it least often in this stay, has the least in hand, and has waited longest. A queue that the current
    revision has not is like the unassigned list: it offers nothing but what was transferred to somebody.
    """
    left = {agent.name: room(agent.distribution, agent.having, agent.ringing) for agent in agents}
    load = {agent.name: agent.having + agent.ringing for agent in agents}
    able = [agent for agent in agents if left[agent.name] > 0]
    offers: list[Offer] = []
    for one in sorted(waiting, key=_turn):
        if not able:
            break
        queue = queues.get(one.queue)
        found = _wanted(one, able) or _chosen(one, able, load, queue, now)
        if found is None:
            continue
        agent, why = found
        ring_time = queue.ring_time if queue is not None else RING_TIME
        offers.append(Offer(one.conversation, agent.name, why, now + ring_time))
        left[agent.name] -= 1
        load[agent.name] += 1
        if not left[agent.name]:
            able.remove(agent)
    return offers


def room(distribution: Sequence[int], having: int, ringing: int = 0) -> int:
    """How many more conversations somebody may get who has so many, while so many offers to them stand; at least 0."""
    return max(distribution[having] - ringing, 0) if having < len(distribution) else 0


def works_in(queue: Queue | None, agent: str) -> bool:
    """Whether somebody works in a queue: one that names nobody is everybody's, and so is the unassigned list."""
    return queue is None or not queue.agents or agent in queue.agents


def comes_back(waiting: Sequence[Waiting], queues: Mapping[str, Queue], now: datetime) -> datetime | None:
    """When the next one who declined something may be offered it again; None when nobody has to wait for that."""
    times = (
        past.declined_at + queue.ring_time
        for one in waiting
        if (queue := queues.get(one.queue)) is not None and queue.strategy == "least_recent"
        for past in one.past.values()
        if past.declined_at is not None
    )
    return min((at for at in times if at > now), default=None)


def accepted(conversation: str, entered_at: datetime, agent: str) -> AgentAccepted:
    """The event of an acceptance in the stay that began then; its key is the same however often it is told."""
    key = f"accepted/{conversation}/{entered_at.isoformat()}/{agent}"
    return AgentAccepted(agent=agent, key=key, entered=entered_at)


def _turn(one: Waiting) -> tuple[int, datetime, str]:
    return one.priority, one.entered_at, one.conversation


def _wanted(one: Waiting, able: Sequence[Agent]) -> tuple[Agent, Why] | None:
    """Whom it was transferred to, once: after that it is anybody's."""
    if one.wanted is None or one.wanted in one.past:
        return None
    return next(((agent, "wanted") for agent in able if agent.name == one.wanted), None)


def _chosen(
    one: Waiting, able: Sequence[Agent], load: Mapping[str, int], queue: Queue | None, now: datetime
) -> tuple[Agent, Why] | None:
    """Of those who work in a queue that makes offers, the one whose turn it is."""
    if queue is None or queue.strategy == "pull":
        return None
    candidates = [
        agent for agent in able if works_in(queue, agent.name) and not _rests(one.past.get(agent.name), queue, now)
    ]
    last = next((agent for agent in candidates if agent.name == one.last_agent and agent.name not in one.past), None)
    if last is not None and queue.last_agent is not None and _within(one, queue.last_agent):
        return last, "last_agent"
    if not candidates:
        return None

    def order(agent: Agent) -> tuple[int, int, datetime, str]:
        times = one.past[agent.name].times if agent.name in one.past else 0
        return times, load[agent.name], agent.free_since, agent.name

    return min(candidates, key=order), "longest"


def _rests(past: Past | None, queue: Queue, now: datetime) -> bool:
    """Whoever said no is not asked the same again at once, when there is nobody else."""
    return past is not None and past.declined_at is not None and now < past.declined_at + queue.ring_time


def _within(one: Waiting, so_long: timedelta) -> bool:
    return one.last_until is not None and one.entered_at - one.last_until <= so_long
