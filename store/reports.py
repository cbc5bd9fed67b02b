"""Reports: how many came, how long they waited, which ways they took; counted by PostgreSQL, by hour or day (SPEC 10).

What is counted belongs to the bucket of its own time, so that a report of the past never changes but for what was still
going on then. Each list has a row for every bucket in which something was, and one without a bucket for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.buckets import Buckets

OVERFLOW = "nobody was free within the queue's maximum wait"
"""Why the trace has a conversation leave its queue for the overflow."""


@dataclass(frozen=True)
class QueueRow:
    """A queue in a bucket, by the time at which conversations came into it; `missed` by the time at which they ended.

    `overflowed` is part of `left`. Durations in seconds: `waited` from coming to being accepted, of those who were;
    `first_answer` from coming to the first words of a person; `with_agents` from being accepted to leaving.
    """

    queue: str
    bucket: int | None
    arrived: int = 0
    answered: int = 0
    left: int = 0
    overflowed: int = 0
    waiting: int = 0
    missed: int = 0
    waited_mean: float | None = None
    waited_median: float | None = None
    waited_p90: float | None = None
    waited_max: float | None = None
    first_answer_mean: float | None = None
    first_answer_median: float | None = None
    with_agents_mean: float | None = None
    with_agents_median: float | None = None


@dataclass(frozen=True)
class VolumeRow:
    """A connector in a bucket: conversations by when they opened, messages by when they were written.

    `written` are those of customers, the others those that left: of the routing, of bots, and of people.
    """

    connector: str
    bucket: int | None
    conversations: int = 0
    written: int = 0
    from_routing: int = 0
    from_bots: int = 0
    from_people: int = 0


@dataclass(frozen=True)
class AgentRow:
    """An agent in a bucket: offers by when they were made, conversations by when they were accepted.

    `ignored`: the time of the offer ran out. `seconds` is the time with conversations that are over, all together.
    """

    agent: str
    bucket: int | None
    offered: int = 0
    declined: int = 0
    ignored: int = 0
    withdrawn: int = 0
    accepted: int = 0
    seconds: float = 0.0
    seconds_mean: float | None = None
    replies: int = 0


@dataclass(frozen=True)
class CauseRow:
    """Why conversations ended in a bucket."""

    cause: str
    bucket: int | None
    conversations: int = 0
    answered: int = 0
    missed: int = 0


@dataclass(frozen=True)
class Flow:
    """So many times conversations went from one place straight to another, and how many conversations did."""

    source_kind: str
    source_name: str
    target_kind: str
    target_name: str
    times: int
    conversations: int


Counted = TypeVar("Counted", QueueRow, VolumeRow, AgentRow, CauseRow)


async def by_queue(session: AsyncSession, period: Buckets) -> list[QueueRow]:
    """By queue and bucket. An empty name is the list of those whom nobody is assigned to."""
    stays = await _rows(session, _QUEUES, QueueRow, period, overflow=OVERFLOW)
    return _merged([*stays, *await _rows(session, _MISSED, QueueRow, period)], "queue")


async def by_connector(session: AsyncSession, period: Buckets) -> list[VolumeRow]:
    """By connector and bucket."""
    opened = await _rows(session, _OPENED, VolumeRow, period)
    return _merged([*opened, *await _rows(session, _MESSAGES, VolumeRow, period)], "connector")


async def by_agent(session: AsyncSession, period: Buckets) -> list[AgentRow]:
    """By agent and bucket."""
    found: list[AgentRow] = []
    for statement in (_OFFERS, _ACCEPTED, _REPLIES):
        found += await _rows(session, statement, AgentRow, period)
    return _merged(found, "agent")


async def by_cause(session: AsyncSession, period: Buckets) -> list[CauseRow]:
    """By cause and bucket."""
    return _merged(await _rows(session, _CAUSES, CauseRow, period), "cause")


async def flows(session: AsyncSession, since: datetime, until: datetime, connector: str | None = None) -> list[Flow]:
    """The ways of the conversations that were opened in this period, the most frequent first.

    An end is of the kind `end`, named by its cause. Erased conversations have no ways any more.
    """
    rows = await session.execute(text(_FLOWS), {"since": since, "until": until, "connector": connector})
    return [Flow(*row) for row in rows]


async def _rows(
    session: AsyncSession, statement: str, row: type[Counted], period: Buckets, **more: Any
) -> list[Counted]:
    values = {"since": period.since, "until": period.until, "starts": list(period.starts), **more}
    return [row(**found._mapping) for found in await session.execute(text(statement), values)]


def _merged(rows: Sequence[Counted], by: str) -> list[Counted]:
    """Rows of one name and bucket put together, by bucket and name; those of all buckets come last."""
    found: dict[tuple[Any, ...], Counted] = {}
    for row in rows:
        key = (row.bucket is None, row.bucket, getattr(row, by))
        other = found.get(key)
        if other is None:
            found[key] = row
            continue
        # No two of them count the same thing, so that the one that is not the default is it.
        told = {one.name: getattr(row, one.name) for one in fields(row) if getattr(row, one.name) != one.default}
        found[key] = replace(other, **told)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or 0, key[2]))]


# Statements -----------------------------------------------------------------------------------------------------------

_QUEUES = """
    WITH chosen AS (
        SELECT s.queue, width_bucket(s.entered_at, CAST(:starts AS timestamptz[])) AS bucket, s.agent, s.left_at,
            EXTRACT(EPOCH FROM s.accepted_at - s.entered_at)::float8 AS waited,
            EXTRACT(EPOCH FROM s.left_at - s.accepted_at)::float8 AS lasted,
            EXTRACT(EPOCH FROM answer.at - s.entered_at)::float8 AS first_answer,
            s.agent IS NULL AND s.left_at IS NOT NULL AND EXISTS (
                SELECT FROM trace t WHERE t.conversation = s.conversation AND t.why = :overflow
                AND t.at > s.entered_at AND t.at <= s.left_at
            ) AS overflowed
        FROM stays s LEFT JOIN LATERAL (
            SELECT min(m.at) AS at FROM messages m
            WHERE m.conversation = s.conversation AND m.direction = 'out' AND m.author IN ('agent', 'app')
            AND m.at >= s.accepted_at AND (s.left_at IS NULL OR m.at <= s.left_at)
        ) answer ON s.accepted_at IS NOT NULL
        WHERE s.entered_at >= :since AND s.entered_at < :until
    )
    SELECT queue, bucket, count(*) AS arrived, count(agent) AS answered,
        count(*) FILTER (WHERE agent IS NULL AND left_at IS NOT NULL) AS left,
        count(*) FILTER (WHERE overflowed) AS overflowed,
        count(*) FILTER (WHERE agent IS NULL AND left_at IS NULL) AS waiting,
        avg(waited) AS waited_mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS waited_median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY waited) AS waited_p90, max(waited) AS waited_max,
        avg(first_answer) AS first_answer_mean,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY first_answer) AS first_answer_median,
        avg(lasted) AS with_agents_mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY lasted) AS with_agents_median
    FROM chosen GROUP BY GROUPING SETS ((queue, bucket), (queue))
"""
_MISSED = """
    WITH chosen AS (
        SELECT queue, width_bucket(ended_at, CAST(:starts AS timestamptz[])) AS bucket FROM conversations
        WHERE ended_at >= :since AND ended_at < :until AND missed AND queue IS NOT NULL
    )
    SELECT queue, bucket, count(*) AS missed FROM chosen GROUP BY GROUPING SETS ((queue, bucket), (queue))
"""
_OPENED = """
    WITH chosen AS (
        SELECT connector, width_bucket(opened_at, CAST(:starts AS timestamptz[])) AS bucket FROM conversations
        WHERE opened_at >= :since AND opened_at < :until
    )
    SELECT connector, bucket, count(*) AS conversations FROM chosen
    GROUP BY GROUPING SETS ((connector, bucket), (connector))
"""
_MESSAGES = """
    WITH chosen AS (
        SELECT c.connector, width_bucket(m.at, CAST(:starts AS timestamptz[])) AS bucket, m.direction, m.author
        FROM messages m JOIN conversations c ON c.name = m.conversation
        WHERE m.at >= :since AND m.at < :until
        AND (m.direction = 'in' OR (m.direction = 'out' AND (m.state = 'sent' OR m.author = 'app')))
    )
    SELECT connector, bucket, count(*) FILTER (WHERE direction = 'in') AS written,
        count(*) FILTER (WHERE direction = 'out' AND author = 'graph') AS from_routing,
        count(*) FILTER (WHERE direction = 'out' AND author = 'bot') AS from_bots,
        count(*) FILTER (WHERE direction = 'out' AND author IN ('agent', 'app')) AS from_people
    FROM chosen GROUP BY GROUPING SETS ((connector, bucket), (connector))
"""
_OFFERS = """
    WITH chosen AS (
        SELECT agent, width_bucket(offered_at, CAST(:starts AS timestamptz[])) AS bucket, outcome FROM offers
        WHERE offered_at >= :since AND offered_at < :until
    )
    SELECT agent, bucket, count(*) AS offered, count(*) FILTER (WHERE outcome = 'declined') AS declined,
        count(*) FILTER (WHERE outcome = 'expired') AS ignored,
        count(*) FILTER (WHERE outcome = 'withdrawn') AS withdrawn
    FROM chosen GROUP BY GROUPING SETS ((agent, bucket), (agent))
"""
_ACCEPTED = """
    WITH chosen AS (
        SELECT agent, width_bucket(accepted_at, CAST(:starts AS timestamptz[])) AS bucket,
            EXTRACT(EPOCH FROM left_at - accepted_at)::float8 AS lasted
        FROM stays WHERE agent IS NOT NULL AND accepted_at >= :since AND accepted_at < :until
    )
    SELECT agent, bucket, count(*) AS accepted, coalesce(sum(lasted), 0) AS seconds, avg(lasted) AS seconds_mean
    FROM chosen GROUP BY GROUPING SETS ((agent, bucket), (agent))
"""
_REPLIES = """
    WITH chosen AS (
        SELECT agent, width_bucket(at, CAST(:starts AS timestamptz[])) AS bucket FROM messages
        WHERE at >= :since AND at < :until AND direction = 'out' AND author = 'agent' AND agent IS NOT NULL
        AND state = 'sent'
    )
    SELECT agent, bucket, count(*) AS replies FROM chosen GROUP BY GROUPING SETS ((agent, bucket), (agent))
"""
_CAUSES = """
    WITH chosen AS (
        SELECT coalesce(cause, 'system') AS cause, width_bucket(ended_at, CAST(:starts AS timestamptz[])) AS bucket,
            answered, missed
        FROM conversations WHERE ended_at >= :since AND ended_at < :until
    )
    SELECT cause, bucket, count(*) AS conversations, count(*) FILTER (WHERE answered) AS answered,
        count(*) FILTER (WHERE missed) AS missed
    FROM chosen GROUP BY GROUPING SETS ((cause, bucket), (cause))
"""
_FLOWS = """
    WITH chosen AS (
        SELECT name, cause, ended_at FROM conversations
        WHERE opened_at >= :since AND opened_at < :until
        AND (CAST(:connector AS text) IS NULL OR connector = :connector)
    ), visits AS (
        SELECT t.conversation, t.number, split_part(t.path, '/', 1) AS kind, split_part(t.path, '/', 2) AS name
        FROM trace t JOIN chosen c ON c.name = t.conversation
    ), stations AS (
        SELECT conversation, number, kind, name FROM visits
        UNION ALL
        SELECT v.conversation, max(v.number) + 1, 'end', c.cause
        FROM visits v JOIN chosen c ON c.name = v.conversation
        WHERE c.ended_at IS NOT NULL AND c.cause IS NOT NULL GROUP BY v.conversation, c.cause
    ), steps AS (
        SELECT conversation, kind, name, lag(kind) OVER way AS from_kind, lag(name) OVER way AS from_name
        FROM stations WINDOW way AS (PARTITION BY conversation ORDER BY number)
    )
    SELECT from_kind, from_name, kind, name, count(*), count(DISTINCT conversation)
    FROM steps WHERE from_kind IS NOT NULL AND (from_kind, from_name) <> (kind, name)
    GROUP BY from_kind, from_name, kind, name ORDER BY 5 DESC, 1, 2, 3, 4
"""
