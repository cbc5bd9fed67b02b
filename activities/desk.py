"""What the desk does: looks at who waits and who is there, makes offers, and sees to it that acceptances arrive."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from routing.configuration import Queue
from routing.distribution import USUAL, accepted, comes_back, distribute
from routing.messages import AgentAccepted
from routing.records import Looked
from store import acceptance, agents, desk, offers, queues, revisions
from store.database import Database
from store.queues import Untold

Told = Literal["taken", "gone", "unreachable"]
"""What became of an acceptance that a workflow was told: `gone` says that the conversation had left the queue."""
Tell = Callable[[str, str, AgentAccepted], Awaitable[Told]]
"""Tells a workflow, by its id, of an acceptance of this conversation."""
TOLD_AGAIN = timedelta(seconds=5)
"""So long after an acceptance its workflow is told again, if it has not said that it knows."""
TOGETHER = 10
"""So many workflows are told at the same time."""
_QUEUES = TypeAdapter(dict[str, Queue])


@dataclass
class Desk:
    """The activities `look` and `tell_accepted`; `usual` is the installation's distribution."""

    database: Database
    tell: Tell
    now: Callable[[], datetime]
    usual: Sequence[int] = USUAL
    _queues: tuple[int, dict[str, Queue]] = field(default=(0, {}))

    @activity.defn(name="look")
    async def look(self) -> Looked:
        """Settle what is due, offer what can be offered, and answer when to look again; safe to run again.

        All of it is one transaction, so that nothing is offered twice and no limit is passed.
        """
        async with self.database.begin() as session:
            await queues.hold(session)
            now = self.now()  # after whoever was before us
            await queues.leave_ended(session)
            await agents.lose(session, now)
            await agents.withdraw_from_strangers(session, now)
            await agents.ignored(session, await offers.expire(session, now), now)
            known = await self.queues(session)
            remembering = [name for name, queue in known.items() if queue.last_agent and queue.strategy != "pull"]
            waiting = await desk.waiting(session, remembering)
            made = distribute(waiting, await agents.ready(session, self.usual), known, now)
            await offers.make(session, made, waiting, now)
            told = await queues.first_untold(session)
            times = [
                await offers.next_end(session),
                await agents.next_silence(session),
                comes_back(waiting, known, now),
                None if told is None else max(told + TOLD_AGAIN, now + TOLD_AGAIN),
            ]
            untold = await queues.untold(session, now - TOLD_AGAIN)
        due = min((at for at in times if at is not None), default=None)
        return Looked(
            again_in=None if due is None else _later(due - now),
            made=len(made),
            waiting=len(waiting) - len(made),
            untold=len(untold),
        )

    @activity.defn(name="tell_accepted")
    async def tell_accepted(self) -> int:
        """Tell workflows of acceptances that they may not know of; how many are settled by that.

        The process that accepted may have been killed before it told them, or could not reach them.
        """
        async with self.database.begin() as session:
            found = await queues.untold(session, self.now() - TOLD_AGAIN)
        settled = 0
        for start in range(0, len(found), TOGETHER):
            activity.heartbeat(start)
            told = await asyncio.gather(*(self._tell(one) for one in found[start : start + TOGETHER]))
            settled += sum(told)
        return settled

    async def queues(self, session: AsyncSession) -> dict[str, Queue]:
        """Those of the current revision; parsed once for each, since a document may be large."""
        number = await revisions.current_number(session)
        if number is None:
            return {}
        if self._queues[0] != number:
            revision = await revisions.revision(session, number)
            assert revision is not None
            self._queues = number, _QUEUES.validate_python(revision.document.get("queues") or {})
        return self._queues[1]

    async def _tell(self, one: Untold) -> bool:
        told = await self.tell(one.workflow_id, one.conversation, accepted(one.conversation, one.entered_at, one.agent))
        if told == "gone":
            async with self.database.begin() as session:
                await queues.hold(session)
                await acceptance.undo(session, one.conversation, one.entered_at, one.agent, self.now())
        return told != "unreachable"


def _later(time: timedelta) -> timedelta:
    """In whole milliseconds, rounded up: a look just before its time would find nothing to do."""
    return timedelta(milliseconds=max(math.ceil(time / timedelta(milliseconds=1)), 1))
