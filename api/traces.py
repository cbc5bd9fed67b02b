"""The way a conversation took: its trace, why it went where it went, and who made those rules (SPEC 9.5)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Viewer
from api.conversations import FollowedRevision, Name, conversation_of, temporal_url
from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers
from api.lists import NEXT, Cursor, Limit
from routing.explain import Origin, Reason, explain, title_of
from routing.graph import Graph
from routing.messages import Visit
from store import revisions
from store.conversations import Conversation
from store.trace import Change, TraceRow, changes_of, trace

router = APIRouter(tags=["conversations"])


class TracedVisit(BaseModel):
    """A place that was visited."""

    number: int = Field(description="From 1 on. `GET …/position?step=` opens it in a preview.")
    at: datetime
    path: str = Field(examples=["decision_trees/orders/decisions/which/actions/0"])
    title: str | None = Field(description="What the place is called in the revision that was followed then.")
    why: str
    changed: dict[str, Any] = Field(description="The values that are new since then, by name.")
    revision: int = Field(description="The revision that was followed then.")


class Trace(BaseModel):
    items: list[TracedVisit]
    cursor: str | None = Field(description=NEXT)


class Explained(BaseModel):
    """A conversation's way in words, with the rule behind each turn."""

    revisions: list[FollowedRevision] = Field(
        description="What was followed, in order: several where the conversation moved to another revision."
    )
    temporal_url: str = Field(description="Where Temporal UI shows it.")
    reasons: list[Reason]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/conversations/{name}/trace", summary="Read a trace", responses=answers(401, 404, 422))
async def read_trace(parts: Given, _: Viewer, name: Name, cursor: Cursor = None, limit: Limit = 50) -> Trace:
    """The oldest visit first."""
    after = _after(cursor)
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
        rows = await trace(session, name, after=after, limit=limit + 1)
        followed = await Followed.of(session, parts, found)
    items = [
        TracedVisit(
            number=row.number,
            at=row.at,
            path=row.path,
            title=followed.title_of(row),
            why=row.why,
            changed=row.changed,
            revision=followed.at(row.number),
        )
        for row in rows[:limit]
    ]
    return Trace(items=items, cursor=_cursor(rows, limit))


@router.get("/api/v1/conversations/{name}/explain", summary="Explain a conversation", responses=answers(401, 404, 422))
async def explain_conversation(
    parts: Given, _: Viewer, name: Name, cursor: Cursor = None, limit: Limit = 200
) -> Explained:
    """Why it went where it went: each step in words, the rule behind it by its path, and the revision with its author.

    The oldest step first. `number` of a step opens it in a preview, by `GET …/position?step=`.
    """
    after = _after(cursor)
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
        rows = await trace(session, name)
        followed = await Followed.of(session, parts, found)
        made = [await revisions.summary(session, number) for number in followed.numbers]
    part = [row for row in rows if row.number > after][: limit + 1]
    origins = {one.number: Origin(number=one.number, author=one.author, note=one.note) for one in made if one}
    reasons = await asyncio.to_thread(followed.reasons, rows, part[:limit], origins)
    return Explained(
        revisions=[FollowedRevision.model_validate(one, from_attributes=True) for one in made if one is not None],
        temporal_url=temporal_url(parts, found),
        reasons=reasons,
        cursor=_cursor(part, limit),
    )


class Followed:
    """Which revision a conversation followed at each step of its trace."""

    def __init__(self, number: int, changes: Sequence[Change], graphs: dict[int, Graph | None]) -> None:
        self.changes = changes
        self.first = changes[0].before if changes else number
        self.graphs = graphs

    @classmethod
    async def of(cls, session: AsyncSession, parts: Parts, found: Conversation) -> "Followed":
        changes = await changes_of(session, found.name)
        numbers = {found.revision, *(one.before for one in changes), *(one.revision for one in changes)}
        graphs = {number: await parts.production.graph(session, number) for number in sorted(numbers)}
        return cls(found.revision, changes, graphs)

    @property
    def numbers(self) -> list[int]:
        """The revisions that were followed, in order."""
        return [self.first, *(one.revision for one in self.changes)]

    def at(self, step: int) -> int:
        """The revision at a step; that of the move itself is the new one."""
        return next((one.revision for one in reversed(self.changes) if one.number <= step), self.first)

    def title_of(self, row: TraceRow) -> str | None:
        graph = self.graphs[self.at(row.number)]
        place = row.path.partition("/actions/")[0]
        return None if graph is None else title_of(graph, place)

    def reasons(self, rows: Sequence[TraceRow], wanted: Sequence[TraceRow], origins: dict[int, Origin]) -> list[Reason]:
        """The wanted steps in words, each by the revision of its time; of one that is not there nothing can be said."""
        visits = [Visit(path=row.path, at=row.at, why=row.why, changed=row.changed) for row in rows]
        first = rows[0].number if rows else 1
        told: dict[int, dict[int, Reason]] = {}
        found: list[Reason] = []
        for row in wanted:
            number = self.at(row.number)
            graph = self.graphs[number]
            if graph is None or number not in origins:
                continue
            if number not in told:
                whole = explain(visits, graph, origins[number], first=first)
                told[number] = {reason.number: reason for reason in whole.reasons}
            found.append(told[number][row.number])
        return found


def _after(cursor: str | None) -> int:
    """The number of the last step of the page before."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        told = Problem(path="query/cursor", code="unknown_cursor", message="leave it out to begin at the start")
        raise Refusal(422, "The cursor is not one that this list gave.", [told])
    return int(cursor)


def _cursor(rows: Sequence[TraceRow], limit: int) -> str | None:
    return str(rows[limit - 1].number) if len(rows) > limit else None
