"""Large values pass through Temporal's limits; small ones stay as they are."""

import random

import pytest

from routing.messages import RequestAnswered
from workflows.plugin import data_converter

pytestmark = pytest.mark.anyio


async def test_a_large_answer_fits_and_comes_back_whole() -> None:
    words = [f"order {random.random()}" for _ in range(60_000)]
    answer = RequestAnswered(ok=True, status=200, body={"items": words})
    [payload] = await data_converter().encode([answer])
    assert len(answer.model_dump_json()) > 1_400_000
    assert len(payload.data) < 1_000_000
    [back] = await data_converter().decode([payload], [RequestAnswered])
    assert back == answer


async def test_a_small_value_stays_readable() -> None:
    [payload] = await data_converter().encode([RequestAnswered(ok=True, status=200, body="x" * 100)])
    assert payload.metadata["encoding"] == b"json/plain"
    assert b'"ok":true' in payload.data
