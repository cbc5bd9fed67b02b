"""What is told of a conversation that has ended: who, when, why, and how long it waited for people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import contacts, tables
from store.announcements import announce
from store.conversations import conversation


async def announce_end(session: AsyncSession, name: str) -> None:
    """Tell the outside that a conversation ended, and that it was a missed chat; once, however often this is called.

    In the transaction that books the end and takes it out of its queue.
    """
    content = await ending(session, name)
    if content is None:
        return
    at = datetime.fromisoformat(content["ended_at"])
    if content["missed"]:
        await announce(session, f"missed/{name}", kind="chat.missed", conversation=name, at=at, content=content)
    await announce(session, f"ended/{name}", kind="conversation.ended", conversation=name, at=at, content=content)


async def ending(session: AsyncSession, name: str) -> dict[str, Any] | None:
    """As plain JSON, times in UTC, durations in seconds; None while it goes on, or where there is none of this name."""
    found = await conversation(session, name)
    if found is None or found.ended_at is None:
        return None
    known = await contacts.contact(session, found.account, found.customer)
    stays = tables.stays.c
    statement = select(stays.queue, stays.entered_at, stays.agent, stays.accepted_at, stays.left_at)
    rows = (await session.execute(statement.where(stays.conversation == name).order_by(stays.entered_at))).all()
    waiting = with_agents = timedelta()
    for row in rows:
        left = row.left_at or found.ended_at
        waiting += max((row.accepted_at or left) - row.entered_at, timedelta())
        with_agents += max(left - (row.accepted_at or left), timedelta())
    return {
        "conversation": name,
        "account": found.account,
        "connector": found.connector,
        "customer": {
            "id": found.customer,
            "username": known.username if known is not None else None,
            "name": known.name if known is not None else None,
        },
        "opened_at": _plain(found.opened_at),
        "ended_at": _plain(found.ended_at),
        "cause": found.cause,
        "terminate": found.terminate,
        "queue": found.queue,
        "answered": found.answered,
        "missed": found.missed,
        "agents": list(dict.fromkeys(row.agent for row in rows if row.agent is not None)),
        "seconds": {
            "total": (found.ended_at - found.opened_at).total_seconds(),
            "waiting": waiting.total_seconds(),
            "with_agents": with_agents.total_seconds(),
        },
    }


def _plain(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
