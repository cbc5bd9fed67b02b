"""Production configurations, which only append (ARCHITECTURE 1.4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.database import notify
from store.rows import columns, read_first

CHANNEL = "revisions"


@dataclass(frozen=True)
class Revision:
    """An immutable production configuration; `document` keeps the order in which people wrote its names."""

    number: int
    digest: str
    document: dict[str, Any]
    author: str
    note: str
    created_at: datetime


async def append_revision(
    session: AsyncSession, *, digest: str, document: dict[str, Any], author: str, note: str
) -> int:
    """Make a document the current revision; its number follows the last without a gap and is notified on `revisions`.

    Others that append wait until this transaction ends. The document is not checked here, and may equal the last one.
    """
    # Readers are not held up by this mode; a number taken from a sequence would be lost by a rollback.
    await session.execute(text("LOCK TABLE revisions IN SHARE ROW EXCLUSIVE MODE"))
    last = await session.scalar(select(func.coalesce(func.max(tables.revisions.c.number), 0)))
    number = int(last or 0) + 1
    await session.execute(
        insert(tables.revisions).values(number=number, digest=digest, document=document, author=author, note=note)
    )
    await notify(session, CHANNEL, str(number))
    return number


async def current_revision(session: AsyncSession) -> Revision | None:
    """The one with the highest number, None before the first apply."""
    return await read_first(session, _revisions().order_by(tables.revisions.c.number.desc()), Revision)


async def revision(session: AsyncSession, number: int) -> Revision | None:
    return await read_first(session, _revisions().where(tables.revisions.c.number == number), Revision)


def _revisions() -> Any:
    return select(*columns(tables.revisions, Revision))
