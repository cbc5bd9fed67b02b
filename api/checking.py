"""Checks of whole documents, which take their time: beside everything else, and once for the same document."""

import asyncio
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from api.errors import Problem
from routing import problems
from routing.problems import Checked

KEPT = 2
"""So many checked documents stay in memory: a sandbox that several people look at."""


async def checked(document: dict[str, Any]) -> Checked:
    """`routing.problems.check` in a thread of its own."""
    return await asyncio.to_thread(_checked, json.dumps(document))


def told(found: Iterable[problems.Problem]) -> list[Problem]:
    """Problems as every answer of the API has them."""
    return [Problem.model_validate(one.model_dump()) for one in found]


@lru_cache(maxsize=KEPT)
def _checked(document: str) -> Checked:
    return problems.check(json.loads(document))
