"""What is to be given out: everything that `distribute` decides from, read at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from routing.distribution import Past, Waiting
from store.tables import conversations, offers, stays

_WAITS = (stays.c.agent.is_(None), stays.c.left_at.is_(None))


async def waiting(session: AsyncSession, remembering: Sequence[str]) -> list[Waiting]:
    """What nobody has and nobody is being offered; who had the customer last only of the queues `remembering`."""
    offered = select(offers.c.id).where(offers.c.conversation == stays.c.conversation, offers.c.outcome.is_(None))
    last = _last_agent()
    statement: Any = (
        select(
            stays.c.conversation,
            stays.c.queue,
            stays.c.priority,
            stays.c.entered_at,
            stays.c.wanted,
            last.c.agent,
            last.c.until,
        )
        .join_from(stays, last, stays.c.queue.in_(remembering), isouter=True)
        .where(*_WAITS, ~offered.exists())
        .order_by(stays.c.priority, stays.c.entered_at, stays.c.conversation)
    )
    rows = (await session.execute(statement)).all()
    past = await _past(session)
    return [Waiting(*row, past=past.get(row[0], {})) for row in rows]


async def count(session: AsyncSession) -> int:
    """How many wait for somebody, offered or not."""
    return await session.scalar(select(func.count()).select_from(stays).where(*_WAITS)) or 0


def _last_agent() -> Any:
    """Who had this customer of this account last, in this conversation or an earlier one, and until when."""
    here, earlier, stay = conversations.alias("here"), conversations.alias("earlier"), stays.alias("earlier_stay")
    return (
        select(stay.c.agent, func.coalesce(stay.c.left_at, stays.c.entered_at).label("until"))
        .select_from(
            here.join(earlier, (earlier.c.account == here.c.account) & (earlier.c.customer == here.c.customer)).join(
                stay, stay.c.conversation == earlier.c.name
            )
        )
        .where(here.c.name == stays.c.conversation, stay.c.agent.is_not(None))
        .order_by(literal_column("until").desc())
        .limit(1)
        .lateral("last_agent")
    )


async def _past(session: AsyncSession) -> dict[str, dict[str, Past]]:
    """Of each conversation that waits, what became of the offers in this stay, by agent."""
    statement: Any = (
        select(
            offers.c.conversation,
            offers.c.agent,
            func.count(),
            func.max(offers.c.settled_at).filter(offers.c.outcome == "declined"),
        )
        .join(
            stays,
            tuple_(stays.c.conversation, stays.c.entered_at) == tuple_(offers.c.conversation, offers.c.entered_at),
        )
        .where(*_WAITS)
        .group_by(offers.c.conversation, offers.c.agent)
    )
    found: dict[str, dict[str, Past]] = {}
    rows: Any = await session.execute(statement)
    for conversation, agent, times, declined_at in rows:
        found.setdefault(conversation, {})[agent] = Past(times, declined_at)
    return found
