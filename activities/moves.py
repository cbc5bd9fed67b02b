"""Conversations that go on with a newer revision: who is asked, and what came of it (SPEC 2.4)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from routing.configuration import Configuration
from routing.graph import canonical
from routing.moves import Move, Moved
from store import moves, revisions
from store.database import Database

PAGE = 100
"""So many conversations are asked by one run of the activity."""
AT_ONCE = 10
"""So many of them at the same time."""


@dataclass
class Moves:
    """The activities `moves_wanted`, `ask_to_move` and `record_move`."""

    database: Database
    temporal: Client
    now: Callable[[], datetime]

    @activity.defn(name="moves_wanted")
    async def moves_wanted(self, revision: int) -> None:
        """Raises ApplicationError until the apply that wants conversations to move is committed."""
        async with self.database.begin() as session:
            if not await moves.is_wanted(session, revision):
                raise ApplicationError(f"no conversation is to move to revision {revision}, or that is not decided yet")

    @activity.defn(name="ask_to_move")
    async def ask_to_move(self, revision: int) -> int:
        """Ask the next conversations, and answer how many; 0 when all have been. One asked twice moves once."""
        async with self.database.begin() as session:
            page = await moves.to_ask(session, revision, PAGE)
            made = await revisions.revision(session, revision)
        if made is None:
            raise ApplicationError(f"there is no revision {revision}", non_retryable=True)
        document = canonical(Configuration.model_validate(made.document))
        for start in range(0, len(page), AT_ONCE):
            activity.heartbeat(start)
            asked = [
                self._ask(one, Move(conversation=one.conversation, revision=revision, document=document))
                for one in page[start : start + AT_ONCE]
            ]
            await asyncio.gather(*asked)
        return len(page)

    @activity.defn(name="record_move")
    async def record_move(self, moved: Moved) -> None:
        """Write down what came of a move, as the conversation itself says."""
        async with self.database.begin() as session:
            await moves.settle(session, moved)

    async def _ask(self, one: moves.Asked, move: Move) -> None:
        told = True
        try:
            await self.temporal.get_workflow_handle(one.workflow_id).signal("move_to", move)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            told = False
        async with self.database.begin() as session:
            if told:
                await moves.asked(session, move.revision, [one.conversation], self.now())
            else:
                await moves.give_up(session, move.revision, one.conversation, self.now())
