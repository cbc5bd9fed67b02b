"""The crash proof in short, and that it can fail; `make proof` runs it at length."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from local import ports
from settings import LocalSettings
from tests.proof.people import ANSWERS, expected
from tests.proof.run import Proof
from tests.proof.verdict import Verdict, compare


def proof(folder: Path, **more: int | bool) -> Verdict:
    local = LocalSettings(
        api_port=ports.free(),
        simulator_port=ports.free(),
        temporal_port=ports.free(),
        temporal_ui_port=ports.free(),
        data_dir=folder,
    )
    settings = {"seed": 3, "conversations": 25, "messages": 4, "kills": 5, "together": 25, "careless": False} | more
    return asyncio.run(Proof(local, **settings).run())  # pyright: ignore[reportArgumentType]  numbers, but for one


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_is_lost_or_sent_twice_whatever_is_killed(tmp_path: Path) -> None:
    verdict = proof(tmp_path)
    assert verdict.holds, verdict.text()
    assert verdict.wrote == 100
    assert verdict.text().splitlines()[-1] == "VERDICT: every promise held"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_worker_that_does_not_look_sends_twice_and_is_found_out(tmp_path: Path) -> None:
    verdict = proof(tmp_path, kills=0, careless=True, patience=30)
    assert verdict.twice, verdict.text()
    assert not verdict.holds
    assert verdict.text().splitlines()[-1] == "VERDICT: a promise was BROKEN"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (["What after nothing?", "b is ticket #", "What after b?"], None),
        (["What after nothing?", "b is ticket #"], "lost"),
        (["What after nothing?", "b is ticket #", "What after b?", "What after b?"], "twice"),
        (["What after nothing?", "What after b?", "b is ticket #"], "disordered"),
        ([], "lost"),
    ],
)
def test_the_comparison_finds_what_is_wrong(said: list[str], field: str | None) -> None:
    verdict = Verdict(1, 1.0, Counter(), 0)
    compare(verdict, expected(ANSWERS, ["a", "b"]), said)
    found = {name for name in ("lost", "twice", "disordered") if getattr(verdict, name)}
    assert found == ({field} if field else set())
    assert verdict.holds == (field is None)


def test_open_ends_hidden_doubts_and_too_few_kills_break_a_promise() -> None:
    assert not Verdict(1, 1.0, Counter(), 0, open_ends={"messages unknown": 1}).holds
    assert not Verdict(1, 1.0, Counter(), 0, hidden=1).holds
    assert not Verdict(1, 1.0, Counter(worker=2), 3).holds
    assert not Verdict(1, 1.0, Counter(), 0, stuck=["somebody"]).holds
    assert Verdict(1, 1.0, Counter(worker=2, api=1), 3).holds
