"""How many recorded conversations a second come out of the real store into the impact report (SPEC 9.3)."""

import asyncio
import copy
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert

from api.impact import Comparison
from api.production import Production
from bench.customers import conversations, demo, graph_of
from local import postgres
from routing.graph import Graph, canonical, digest
from routing.impact import Impact
from routing.recordings import Recording, Told
from store import recordings, tables
from store.database import Database, migrate
from store.revisions import append_revision

COUNT = 2_000
ROUNDS = 3
TOGETHER = 500


def measure() -> None:
    """Print how fast the newest conversations are read and compared, as the API does it, and where the time goes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as somebody else
        server = postgres.start(Path(folder) / "data", options={"fsync": "off"})
        try:
            url = server.create_database("bench")
            migrate(url)
            asyncio.run(_measure(url))
        finally:
            server.stop()


async def _measure(url: str) -> None:
    document: Any = demo()
    graph = graph_of(document)
    recorded = list(conversations(graph, COUNT))
    changed = copy.deepcopy(document)
    changed["time_groups"]["shop-hours"]["definitions"][1]["to"] = "22:00"
    sandbox = graph_of(changed)
    database = Database(url)
    revision = await fill(database, graph, recorded)
    now = max(one.until for one in recorded)
    best, used, whole, report = float("inf"), 0.0, float("inf"), Impact()
    for _ in range(ROUNDS):
        begun, cpu = perf_counter(), process_time()
        report = await compared(database, sandbox, now)
        seconds = perf_counter() - begun
        if seconds < best:
            best, used = seconds, process_time() - cpu
        begun = perf_counter()
        await compared(database, sandbox, now, unknown=revision)
        whole = min(whole, perf_counter() - begun)
    reading = perf_counter()
    async with database.begin() as session:
        names = await recordings.newest(session, COUNT)
        for start in range(0, COUNT, TOGETHER):
            await recordings.written(session, names[start : start + TOGETHER], now)
    reading = perf_counter() - reading
    await database.close()
    print(f"store: {COUNT / best:,.0f} conversations a second from the store into the report (at least 1,000)")
    print(f"store: {COUNT / whole:,.0f} a second when every one of them is run again")
    print(
        f"store: {best:.1f} s for {COUNT:,} conversations, of which this process computed {used:.1f} s; reading alone, "
        f"without comparing, takes {reading:.1f} s, which overlaps"
    )
    print(
        f"store: {report.compared:,} compared: {len(report.moved)} moved, {report.same} the same, "
        f"{len(report.texts_only)} reworded, {len(report.undecided)} undecided, {len(report.unfaithful)} unfaithful"
    )


async def compared(database: Database, sandbox: Graph, now: datetime, unknown: int | None = None) -> Impact:
    """The report of all conversations, made as `POST /api/v1/impact` makes it.

    Of a revision that is `unknown` nobody can say what changed since, so that all of its conversations are run again.
    """
    async with database.begin() as session:
        names = await recordings.newest(session, COUNT)
    comparison = Comparison(database, Production(), names, now + timedelta(days=1), _stays)
    if unknown is not None:
        comparison.graphs[unknown] = None
    with ThreadPoolExecutor(1) as worker:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(worker, comparison.run, sandbox, loop)


async def _stays() -> bool:
    return False


async def fill(database: Database, graph: Graph, recorded: Sequence[Recording]) -> int:
    """Write recordings into the store as if they had happened there, on a new revision; answers its number."""
    document = canonical(graph.configuration)
    async with database.begin() as session:
        number = await append_revision(
            session, digest=digest(document), document=json.loads(document), author="bench", note=""
        )
    for start in range(0, len(recorded), TOGETHER):
        part = recorded[start : start + TOGETHER]
        rows = {
            tables.conversations: [_conversation(one, number, start + at) for at, one in enumerate(part)],
            tables.happened: [row for at, one in enumerate(part) for row in _happened(one, _name(start + at))],
            tables.trace: [row for at, one in enumerate(part) for row in _trace(one, _name(start + at))],
            tables.messages: [row for at, one in enumerate(part) for row in _said(one, _name(start + at))],
        }
        async with database.begin() as session:
            for table, values in rows.items():
                if values:
                    await session.execute(insert(table), values)
    return number


def _name(number: int) -> str:
    """All made-up conversations have one name; its end must stay, since buttons are known by it."""
    return f"igdm_{number:018x}000000"


def _conversation(one: Recording, revision: int, number: int) -> dict[str, Any]:
    end = one.ended
    return {
        "name": _name(number),
        "account": one.account,
        "customer": one.customer.id,
        "connector": one.connector,
        "workflow_id": f"ig-{one.account}-{one.customer.id}",
        "hash": f"{number:064x}",
        "revision": revision,
        "place": one.trace[-1].path if one.trace else None,
        "opened_at": one.opened_at,
        "opening": one.model_dump(mode="json", include={"customer", "title", "contact", "callback"}),
        "ended_at": end.at if end else None,
        "cause": end.cause if end else None,
        "terminate": end.terminate if end else None,
        "queue": end.queue if end else None,
        "answered": end.answered if end else False,
    }


def _happened(one: Recording, name: str) -> list[dict[str, Any]]:
    return [
        {
            "conversation": name,
            "number": number,
            "visit": happened.number,
            "at": happened.at,
            "event": happened.event.model_dump(mode="json"),
            "asked": happened.asked.model_dump(mode="json") if happened.asked else None,
        }
        for number, happened in enumerate(one.happened, start=1)
    ]


def _trace(one: Recording, name: str) -> list[dict[str, Any]]:
    return [
        {"conversation": name, "number": number, **visit.model_dump(mode="python")}
        for number, visit in enumerate(one.trace, start=1)
    ]


def _said(one: Recording, name: str) -> list[dict[str, Any]]:
    """The ledger has no row for what customers and people wrote here; nobody reads those for a report."""
    return [_message(told, name) for told in one.said or ()]


def _message(told: Told, name: str) -> dict[str, Any]:
    content = {
        "quick_replies": [{"title": title, "payload": ""} for title in told.titles],
        "buttons": [{"text": words, "url": ""} for words in told.links],
        "images": list(told.images),
    }
    return {
        "key": f"{name}/{told.key.rpartition('/')[2]}.0",
        "conversation": name,
        "direction": "out",
        "author": "graph",
        "at": told.left,
        "kind": "message",
        "text": told.text,
        "content": {part: value for part, value in content.items() if value},
        "state": "sent",
        "first_attempt_at": told.left,
        "path": told.path,
    }
