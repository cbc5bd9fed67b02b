"""The configuration that somebody wants to look at or try out: the sandbox, production, or a revision by its number."""

import asyncio
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import tags
from api.checking import checked, told
from api.dependencies import Parts
from api.errors import Problem, Refusal
from routing.configuration import Configuration
from routing.graph import Graph
from routing.problems import Checked
from routing.problems.problem import Report
from routing.problems.shape import Shape
from store import revisions, sandbox

Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Of = Literal["sandbox", "production"] | Number
KEPT = 2
"""So many sandboxes stay read."""


@dataclass(frozen=True)
class Reading:
    """A graph, and where it is from. Of the sandbox the tag and the problems are told, of a revision its number.

    The sandbox may be wrong: what of it cannot be read is mended or left out, and the problems say so.
    """

    graph: Graph
    revision: int | None = None
    etag: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.problems)


async def reading(session: AsyncSession, parts: Parts, of: Of) -> Reading:
    """Raises 404 where there is no such revision, and 422 where nothing of the sandbox can be read."""
    if of == "sandbox":
        return await _sandbox(await sandbox.document(session))
    number = await revisions.current_number(session) if of == "production" else of
    graph = None if number is None else await parts.production.graph(session, number)
    if graph is None:
        raise Refusal(404, "Nothing was applied yet." if number is None else f"There is no revision {number}.")
    return Reading(graph, revision=number)


async def holding(document: dict[str, Any]) -> Graph:
    """The graph of a sandbox without errors; 422 with all problems where it has some."""
    found = await checked(document)
    if found.graph is None:
        raise Refusal(422, "The sandbox has errors, so that nothing can be compared with it.", told(found.problems))
    return found.graph


async def _sandbox(document: dict[str, Any]) -> Reading:
    found: Checked = await checked(document)
    problems = tuple(told(found.problems))
    graph = found.graph or await asyncio.to_thread(_readable, json.dumps(document))
    if graph is None:
        raise Refusal(422, "Nothing of the sandbox can be read.", problems)
    return Reading(graph, etag=tags.tag_of(document), problems=problems)


@lru_cache(maxsize=KEPT)
def _readable(document: str) -> Graph | None:
    configuration: Configuration | None = Shape(json.loads(document), Report()).configuration
    return None if configuration is None else Graph(configuration)
