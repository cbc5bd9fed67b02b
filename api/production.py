"""The revisions that conversations follow, as far as the API must know them, read once each."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from routing.configuration import Configuration, Languages
from routing.graph import Graph
from store import revisions
from store.tables import revisions as table

REMEMBERED = 16
"""So many revisions are kept in memory; they never change."""


@dataclass(frozen=True)
class Known:
    """What the API needs of a revision: connected accounts, languages, queues, and each chatbot's `secrets.<name>`."""

    number: int
    accounts: frozenset[str]
    offered: tuple[str, ...]
    queues: frozenset[str]
    chatbots: dict[str, str | None]


class Production:
    """Revisions by number, the newest used last."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._graphs: OrderedDict[int, Graph] = OrderedDict()

    async def current(self, session: AsyncSession) -> Known | None:
        """What new conversations follow, None before the first apply; never stale, since the number is asked for."""
        number = await session.scalar(select(func.max(table.c.number)))
        return None if number is None else await self.revision(session, number)

    async def revision(self, session: AsyncSession, number: int) -> Known | None:
        known = self._known.get(number)
        if known is None:
            found = await revisions.revision(session, number)
            if found is None:
                return None
            self._known[number] = known = _known(found)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(number)
        return known

    async def graph(self, session: AsyncSession, number: int) -> Graph | None:
        """The whole of a revision, to be walked; None where there is none of this number."""
        graph = self._graphs.get(number)
        if graph is None:
            found = await revisions.revision(session, number)
            if found is None:
                return None
            self._graphs[number] = graph = await asyncio.to_thread(_graph, found.document)
            if len(self._graphs) > REMEMBERED:
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(number)
        return graph


def _graph(document: dict[str, Any]) -> Graph:
    return Graph(Configuration.model_validate(document))


def _known(revision: revisions.Revision) -> Known:
    """Only these parts are parsed: a whole document may be large, and its apply has checked it."""
    document = revision.document
    return Known(
        number=revision.number,
        accounts=frozenset(
            connector["account"] for connector in document.get("connectors", {}).values() if connector.get("account")
        ),
        offered=Languages.model_validate(document.get("languages", {})).offered,
        queues=frozenset(document.get("queues", {})),
        chatbots={name: chatbot.get("secret") for name, chatbot in document.get("chatbots", {}).items()},
    )
