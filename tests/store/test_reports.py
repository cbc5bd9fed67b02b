"""Reports are what a slow count over the same data gives, whatever the zone, also where clocks change."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text

from detection import detect
from routing.scenarios import rehearsal, run
from store import reports, tables
from store.buckets import By, buckets
from store.database import Database
from tests.scripts import graph_at, scripts
from tests.store.test_buckets import on_the_wall

pytestmark = pytest.mark.anyio

Rows = list[dict[str, Any]]
BEGIN = datetime(2026, 10, 23, tzinfo=UTC)
"""The clocks of Europe are put back on the 25th."""
DAYS = 5
QUEUES, AGENTS, CONNECTORS = ("support", "vip", ""), ("eva", "petr", "ola"), ("shop", "school")
CAUSES = ("user", "timeout", "system")
PLACES = (
    "decision_trees/menu/decisions/first",
    "decision_trees/menu",
    "automessages/wait",
    "queues/support",
    "queues/vip",
)


class Data:
    """Made-up conversations with everything that reports count, as rows of the tables."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.conversations: Rows = []
        self.stays: Rows = []
        self.offers: Rows = []
        self.messages: Rows = []
        self.trace: Rows = []
        for number in range(120):
            self._conversation(f"igdm_{number}")

    def _later(self, at: datetime, seconds: float) -> datetime:
        return at + timedelta(microseconds=self.chance.randint(1, round(seconds * 10**6)))

    def _conversation(self, name: str) -> None:
        chance = self.chance
        opened = self._later(BEGIN, DAYS * 86400)
        at, ended = opened, None
        cause = queue = None
        for _ in range(chance.randint(0, 3)):
            at = self._stay(name, at)
        if chance.random() < 0.8:
            ended, cause = self._later(at, 3600), chance.choice(CAUSES)
            queue = chance.choice((None, *QUEUES[:2]))
        elif self.stays and self.stays[-1]["conversation"] == name:
            self.stays[-1]["left_at"] = None  # it is still there
        answered = chance.random() < 0.5
        self.conversations.append(
            {"name": name, "account": "a", "customer": name, "connector": chance.choice(CONNECTORS), "workflow_id": "w"}
            | {"revision": 1, "opened_at": opened, "ended_at": ended, "cause": cause, "queue": queue}
            | {"answered": answered, "missed": queue is not None and not answered}
        )
        for number in range(chance.randint(0, 6)):
            self._message(f"{name}/{number}", name, self._later(opened, 7200))
        self._visits(name, opened)

    def _stay(self, name: str, at: datetime) -> datetime:
        chance = self.chance
        entered = self._later(at, 1800)
        queue = chance.choice(QUEUES)
        agent = chance.choice((None, *AGENTS))
        accepted = self._later(entered, 1800) if agent else None
        left = self._later(accepted or entered, 3600)
        for _ in range(chance.randint(0, 2)):
            outcome = chance.choice(("accepted", "declined", "expired", "withdrawn"))
            self.offers.append(
                {"conversation": name, "entered_at": entered, "queue": queue, "agent": chance.choice(AGENTS)}
                | {"why": "x", "offered_at": self._later(entered, 600), "until": left, "outcome": outcome}
            )
        stay = {"conversation": name, "entered_at": entered, "queue": queue, "priority": 5, "agent": agent}
        self.stays.append(stay | {"accepted_at": accepted, "left_at": left})
        if agent is None and chance.random() < 0.5:
            visit = {"path": "terminates/none", "why": reports.OVERFLOW, "at": left}
            self.trace.append({"conversation": name, "number": 1000 + len(self.trace), **visit})
        return left

    def _message(self, key: str, name: str, at: datetime) -> None:
        chance = self.chance
        direction = chance.choice(("in", "out", "out", "note"))
        author = {"in": "customer", "note": "system"}.get(direction) or chance.choice(("graph", "bot", "agent", "app"))
        state = "received" if direction != "out" or author == "app" else chance.choice(("sent", "sent", "blocked"))
        agent = chance.choice(AGENTS) if author == "agent" else None
        self.messages.append(
            {"key": key, "conversation": name, "direction": direction, "author": author, "agent": agent, "at": at}
            | {"kind": "message", "state": state}
        )

    def _visits(self, name: str, at: datetime) -> None:
        connector = self.conversations[-1]["connector"]
        paths = [f"connectors/{connector}", *self.chance.choices(PLACES, k=self.chance.randint(0, 8))]
        for number, path in enumerate(paths, start=1):
            self.trace.append({"conversation": name, "number": number, "at": at, "path": path, "why": "x"})

    async def keep(self, database: Database) -> None:
        async with database.begin() as session:
            for table in ("conversations", "stays", "offers", "messages", "trace"):
                await session.execute(insert(tables.metadata.tables[table]), getattr(self, table))


LATE = BEGIN + timedelta(days=DAYS + 1)
"""After everything."""


def counted(rows: Iterable[dict[str, Any]], by: Callable[[dict[str, Any]], Any]) -> dict[Any, Rows]:
    found: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return found


def percentile(values: list[float], part: float) -> float:
    """Between two values where it lies between them."""
    values = sorted(values)
    place = (len(values) - 1) * part
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def spread(name: str, values: list[float], *which: str) -> dict[str, Any]:
    make = {"mean": fmean, "median": median, "p90": lambda all: percentile(all, 0.9), "max": max}
    return {f"{name}_{one}": make[one](values) if values else None for one in which}


class SlowCount:
    """The same reports, counted one after the other; a row's key is its name and what its bucket has in common."""

    def __init__(self, data: Data, since: datetime, until: datetime, key: Callable[[datetime], object]) -> None:
        self.data = data
        self.since, self.until, self.key = since, until, key

    def rows(self, rows: Rows, name: str, at: str) -> dict[tuple[Any, Any], Rows]:
        inside = [row for row in rows if row[at] is not None and self.since <= row[at] < self.until]
        return counted(inside, lambda row: (row[name], self.key(row[at]))) | counted(
            inside, lambda row: (row[name], None)
        )

    def queues(self) -> dict[Any, dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = defaultdict(dict)
        for key, stays in self.rows(self.data.stays, "queue", "entered_at").items():
            accepted = [stay for stay in stays if stay["agent"]]
            gone = [stay for stay in stays if not stay["agent"] and stay["left_at"]]
            answers = [one for stay in accepted if (one := self._first_answer(stay)) is not None]
            lasted = [seconds(stay["accepted_at"], stay["left_at"]) for stay in accepted if stay["left_at"]]
            waited = [seconds(stay["entered_at"], stay["accepted_at"]) for stay in accepted]
            found[key] = {
                "arrived": len(stays),
                "answered": len(accepted),
                "left": len(gone),
                "overflowed": sum(self._overflowed(stay) for stay in gone),
                "waiting": len(stays) - len(accepted) - len(gone),
                **spread("waited", waited, "mean", "median", "p90", "max"),
                **spread("first_answer", answers, "mean", "median"),
                **spread("with_agents", lasted, "mean", "median"),
            }
        missed = [talk for talk in self.data.conversations if talk["missed"]]
        for key, talks in self.rows(missed, "queue", "ended_at").items():
            found[key]["missed"] = len(talks)
        return found

    def _first_answer(self, stay: dict[str, Any]) -> float | None:
        end = stay["left_at"] or datetime.max.replace(tzinfo=UTC)
        times = [
            message["at"]
            for message in self.data.messages
            if message["conversation"] == stay["conversation"]
            and message["direction"] == "out"
            and message["author"] in ("agent", "app")
            and stay["accepted_at"] <= message["at"] <= end
        ]
        return seconds(stay["entered_at"], min(times)) if times else None

    def _overflowed(self, stay: dict[str, Any]) -> bool:
        return any(
            visit["why"] == reports.OVERFLOW and stay["entered_at"] < visit["at"] <= stay["left_at"]
            for visit in self.data.trace
            if visit["conversation"] == stay["conversation"]
        )

    def volumes(self) -> dict[Any, dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = defaultdict(dict)
        for key, talks in self.rows(self.data.conversations, "connector", "opened_at").items():
            found[key]["conversations"] = len(talks)
        connector = {talk["name"]: talk["connector"] for talk in self.data.conversations}
        messages = [message | {"connector": connector[message["conversation"]]} for message in self.data.messages]
        left = [
            one for one in messages if one["direction"] == "out" and (one["state"] == "sent" or one["author"] == "app")
        ]
        written = [one for one in messages if one["direction"] == "in"]
        for name, some in (
            ("written", written),
            ("from_routing", [one for one in left if one["author"] == "graph"]),
            ("from_bots", [one for one in left if one["author"] == "bot"]),
            ("from_people", [one for one in left if one["author"] in ("agent", "app")]),
        ):
            for key, rows in self.rows(some, "connector", "at").items():
                found[key][name] = len(rows)
        return found

    def agents(self) -> dict[Any, dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = defaultdict(dict)
        for key, offers in self.rows(self.data.offers, "agent", "offered_at").items():
            outcomes = [offer["outcome"] for offer in offers]
            found[key] |= {"offered": len(offers), "declined": outcomes.count("declined")}
            found[key] |= {"ignored": outcomes.count("expired"), "withdrawn": outcomes.count("withdrawn")}
        accepted = [stay for stay in self.data.stays if stay["agent"]]
        for key, stays in self.rows(accepted, "agent", "accepted_at").items():
            lasted = [seconds(stay["accepted_at"], stay["left_at"]) for stay in stays if stay["left_at"]]
            found[key] |= {"accepted": len(stays), "seconds": sum(lasted), **spread("seconds", lasted, "mean")}
        replies = [one for one in self.data.messages if one["author"] == "agent" and one["state"] == "sent"]
        for key, rows in self.rows(replies, "agent", "at").items():
            found[key]["replies"] = len(rows)
        return found

    def causes(self) -> dict[Any, dict[str, Any]]:
        return {
            key: {
                "conversations": len(talks),
                "answered": sum(talk["answered"] for talk in talks),
                "missed": sum(talk["missed"] for talk in talks),
            }
            for key, talks in self.rows(self.data.conversations, "cause", "ended_at").items()
        }

    def flows(self, connector: str | None) -> dict[tuple[str, ...], tuple[int, int]]:
        ways: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for talk in self.data.conversations:
            if not self.since <= talk["opened_at"] < self.until or connector not in (None, talk["connector"]):
                continue
            visits = [visit for visit in self.data.trace if visit["conversation"] == talk["name"]]
            places = [tuple(one["path"].split("/")[:2]) for one in sorted(visits, key=lambda one: one["number"])]
            if talk["ended_at"]:
                places.append(("end", talk["cause"]))
            for one, other in itertools.pairwise(places):
                if one != other:
                    ways[one + other].append(talk["name"])
        return {way: (len(names), len(set(names))) for way, names in ways.items()}


def seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def told(rows: Iterable[Any], starts: tuple[datetime, ...], key: Callable[[datetime], object]) -> dict[Any, Any]:
    """The rows of a report, by name and by what their bucket has in common; what is nothing is left out."""
    found: dict[Any, Any] = {}
    for row in rows:
        name, bucket, *_ = values = list(asdict(row).values())
        counts = dict(list(asdict(row).items())[2:])
        assert (name, bucket) == tuple(values[:2])
        at = None if bucket is None else key(starts[bucket - 1])
        assert (name, at) not in found
        found[name, at] = {one: value for one, value in counts.items() if value}
    return found


def expected(rows: dict[Any, dict[str, Any]]) -> dict[Any, Any]:
    return {
        key: {name: pytest.approx(value) if isinstance(value, float) else value for name, value in row.items() if value}
        for key, row in rows.items()
    }


@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("by", ["day", "hour"])
async def test_as_a_slow_count(database: Database, zone: str, by: By) -> None:
    data = Data(seed=len(zone))
    await data.keep(database)
    since, until = BEGIN + timedelta(hours=7, minutes=13), BEGIN + timedelta(days=4, hours=3, minutes=41)
    period, key = buckets(since, until, by, ZoneInfo(zone)), on_the_wall(by, ZoneInfo(zone))
    slow = SlowCount(data, since, until, key)
    async with database.begin() as session:
        for fast, right in (
            (reports.by_queue, slow.queues()),
            (reports.by_connector, slow.volumes()),
            (reports.by_agent, slow.agents()),
            (reports.by_cause, slow.causes()),
        ):
            rows = await fast(session, period)
            assert len(rows) > 5
            assert told(rows, period.starts, key) == expected(right), fast.__name__
            order = [(row.bucket is None, row.bucket or 0) for row in rows]
            assert order == sorted(order)
        for connector in (None, "shop", "nowhere"):
            ways = await reports.flows(session, since, until, connector)
            assert {
                (one.source_kind, one.source_name, one.target_kind, one.target_name): (one.times, one.conversations)
                for one in ways
            } == slow.flows(connector)
            assert [one.times for one in ways] == sorted((one.times for one in ways), reverse=True)


async def test_the_data_has_everything(database: Database) -> None:
    """So that no count is right because it is nothing."""
    data = Data(seed=3)
    await data.keep(database)
    period = buckets(BEGIN, LATE, "day", ZoneInfo("UTC"))
    async with database.begin() as session:
        found: list[Any] = [
            *await reports.by_queue(session, period),
            *await reports.by_connector(session, period),
            *await reports.by_agent(session, period),
            *await reports.by_cause(session, period),
        ]
    for row in (row for row in found if row.bucket is None and next(iter(asdict(row).values())) != ""):
        nothing = [name for name, value in asdict(row).items() if not value and name not in ("bucket", "waiting")]
        assert nothing == [], row
    assert sum(row.waiting for row in found if isinstance(row, reports.QueueRow)) > 0


def test_the_reason_of_an_overflow_is_what_the_core_says() -> None:
    [script] = [one for one in scripts() if one.name == "demo.nobody-free"]
    graph = graph_at(script.configuration)
    world = rehearsal(graph, script.scenario, detect)
    assert run(graph, script.name, script.scenario, world=world).holds
    assert [visit.path for visit in world.visited if visit.why == reports.OVERFLOW] == ["terminates/nobody-free"]


async def test_a_report_reads_what_it_asks_for(database: Database) -> None:
    """With much more in the tables than in the period, none of them is read from end to end."""
    async with database.begin() as session:
        await session.execute(text(MUCH))
    async with database.begin() as session:
        for table in ("conversations", "messages", "stays", "offers"):
            await session.execute(text(f"ANALYZE {table}"))
        since, until = BEGIN + timedelta(days=200), BEGIN + timedelta(days=201)
        values = {"since": since, "until": until, "starts": [since], "overflow": reports.OVERFLOW, "connector": None}
        for name in ("_QUEUES", "_MISSED", "_OPENED", "_MESSAGES", "_OFFERS", "_ACCEPTED", "_CAUSES", "_FLOWS"):
            rows = await session.execute(text("EXPLAIN " + getattr(reports, name)), values)
            plan = "\n".join(row[0] for row in rows)
            large = [
                table for table in ("conversations", "messages", "stays", "offers") if f"Seq Scan on {table}" in plan
            ]
            assert large == [], plan


MUCH = """
    INSERT INTO conversations (name, account, customer, connector, workflow_id, revision, opened_at, ended_at, cause)
    SELECT 'c' || n, 'a', 'c' || n, 'shop', 'w', 1, at, at + interval '1 hour', 'user' FROM much;
    INSERT INTO messages (key, conversation, direction, author, at, kind, state)
    SELECT 'm' || n, 'c' || n, 'in', 'customer', at, 'message', 'received' FROM much;
    INSERT INTO stays (conversation, entered_at, queue, priority, agent, accepted_at, left_at)
    SELECT 'c' || n, at, 'support', 5, 'eva', at + interval '1 minute', at + interval '1 hour' FROM much;
    INSERT INTO offers (conversation, entered_at, queue, agent, why, offered_at, until, outcome)
    SELECT 'c' || n, at, 'support', 'eva', 'x', at, at, 'accepted' FROM much
""".replace(
    "FROM much",
    "FROM (SELECT n, timestamptz '2026-10-23' + n * interval '10 minutes' AS at FROM generate_series(1, 40000) n)",
)
