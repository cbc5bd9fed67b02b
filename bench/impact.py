"""How many recorded conversations a second the impact report compares on one core (SPEC 9.3)."""

import copy
import gc
from time import process_time
from typing import Any

from bench.customers import conversations, demo, graph_of
from routing.impact import Impact, impact
from routing.messages import Wrote
from routing.recordings import Recording

COUNT = 5_000
ROUNDS = 3


def measure() -> None:
    """Print how fast recordings are read from JSON and compared, one after the other, and what came of it."""
    document: Any = demo()
    graph = graph_of(document)
    stored = [recording.model_dump_json() for recording in conversations(graph, COUNT)]
    changed = copy.deepcopy(document)
    changed["time_groups"]["shop-hours"]["definitions"][1]["to"] = "22:00"
    sandbox = graph_of(changed)
    gc.collect()
    gc.freeze()  # the store would hold the recordings, not this process
    known, unknown, report = float("inf"), float("inf"), Impact()
    for _ in range(ROUNDS):
        begun = process_time()
        report = impact(sandbox, (Recording.model_validate_json(text) for text in stored), lambda _: graph)
        known = min(known, process_time() - begun)
        begun = process_time()
        impact(sandbox, (Recording.model_validate_json(text) for text in stored))
        unknown = min(unknown, process_time() - begun)
    gc.unfreeze()
    print(f"impact: {COUNT / known:,.0f} conversations a second (at least 1,000)")
    print(f"impact: {COUNT / unknown:,.0f} a second when every one of them is run again")
    recordings = [Recording.model_validate_json(text) for text in stored]
    exchanges = sum(isinstance(one.event, Wrote) for recording in recordings for one in recording.happened)
    visits = sum(len(recording.trace) for recording in recordings)
    print(
        f"impact: {COUNT:,} conversations of {exchanges / COUNT:.1f} exchanges and {visits / COUNT:.1f} visits: "
        f"{len(report.moved)} moved, {report.same} the same, {len(report.texts_only)} reworded, "
        f"{len(report.undecided)} undecided, {len(report.unfaithful)} unfaithful"
    )
