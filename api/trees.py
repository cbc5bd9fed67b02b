"""The graph of what is reachable from a place, as nodes and edges, for drawing (SPEC 8)."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.access import Viewer, lacking
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.readings import Of, Reading, reading
from routing.tree import Edge, Node, Tree, tree
from store.users import at_least

router = APIRouter(tags=["configuration"])


class DrawnNode(Node):
    """A destination or decision, with what is wrong there."""

    problems: list[Problem] = Field(default=[], description="Of the sandbox only: what lies at this place.")


class DrawnTree(BaseModel):
    """Nodes, the nearest first, and the ways between them; circles are edges back."""

    root: str = Field(examples=["connectors/shop"])
    revision: int | None = Field(description="The revision; null for the sandbox.")
    etag: str | None = Field(description="The tag of the sandbox; null for a revision.")
    nodes: list[DrawnNode]
    edges: list[Edge]


@router.get("/api/v1/tree/{kind}/{name}", summary="Draw what is reachable", responses=answers(401, 403, 404, 422))
async def draw(
    parts: Given,
    by: Viewer,
    kind: Annotated[str, Path(description="The kind: its key in the document.", examples=["connectors"])],
    name: Annotated[str, Path(description="The entity's name.", examples=["shop"])],
    of: Annotated[
        str,
        Query(
            description="`production`, `sandbox` (for supervisors), or the number of a revision.",
            pattern=r"^(sandbox|production|[1-9][0-9]{0,8})$",
            examples=["sandbox"],
        ),
    ] = "production",
) -> DrawnTree:
    """From a connector, automessage, time condition, decision tree, chatbot, queue or terminate.

    Of a decision tree that is the root all decisions are there, of others those that can be reached. A destination that
    is not there is a node that is `missing`. Of a sandbox with errors everything is drawn that can be read.
    """
    if of == "sandbox" and not at_least(by.role, "supervisor"):
        raise Refusal(403, lacking(by.role, "supervisor"))
    async with parts.database.begin() as session:
        found = await reading(session, parts, _of(of))
    try:
        drawn = await asyncio.to_thread(tree, found.graph.configuration, kind, name)
    except LookupError as error:
        raise Refusal(404, f"There is no {kind}/{name} to draw.") from error
    return _shown(drawn, found)


def _of(written: str) -> Of:
    match written:
        case "sandbox" | "production":
            return written
        case _:
            return int(written)


def _shown(drawn: Tree, found: Reading) -> DrawnTree:
    at: dict[str, list[Problem]] = {node.path: [] for node in drawn.nodes}
    for problem in found.problems:
        place = next((path for path in _upwards(problem.path) if path in at), None)
        if place is not None:
            at[place].append(problem)
    return DrawnTree(
        root=drawn.root,
        revision=found.revision,
        etag=found.etag,
        nodes=[DrawnNode(**node.model_dump(), problems=at[node.path]) for node in drawn.nodes],
        edges=list(drawn.edges),
    )


def _upwards(path: str) -> Iterable[str]:
    """The path and those around it, the innermost first."""
    while path:
        yield path
        path = path.rpartition("/")[0]
