"""Production configurations, which only append (ARCHITECTURE 1.4)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from routing.accounts import connector_of, with_account
from routing.configuration import Configuration
from routing.graph import canonical, digest
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
    await _alone(session)
    last = await session.scalar(select(func.coalesce(func.max(tables.revisions.c.number), 0)))
    number = int(last or 0) + 1
    await session.execute(
        insert(tables.revisions).values(number=number, digest=digest, document=document, author=author, note=note)
    )
    await notify(session, CHANNEL, str(number))
    return number


class CannotAuthorise(Exception):
    """The current revision does not allow it; the sentence says why and what to do."""


async def authorise_connector(session: AsyncSession, connector: str, account: str, author: str, note: str) -> int:
    """Fill an account into a connector of the current revision, as a new one; answers its number.

    That of the current one where it says so already. What authorisation finds out is a fact, not a draft: messages are
    answered from then on. Raises CannotAuthorise, with nothing written.
    """
    await _alone(session)
    current = await current_revision(session)
    configuration = Configuration(format=1) if current is None else Configuration.model_validate(current.document)
    if current is None or connector not in configuration.connectors:
        raise CannotAuthorise(f"The current configuration has no connector {connector}: apply one that has it first.")
    other = connector_of(configuration, account)
    if other not in (None, connector):
        raise CannotAuthorise(f"The account belongs to the connector {other} meanwhile: take it out there first.")
    changed = canonical(with_account(configuration, connector, account))
    if digest(changed) == current.digest:
        return current.number
    return await append_revision(
        session, digest=digest(changed), document=json.loads(changed), author=author, note=note
    )


async def current_revision(session: AsyncSession) -> Revision | None:
    """The one with the highest number, None before the first apply."""
    return await read_first(session, _revisions().order_by(tables.revisions.c.number.desc()), Revision)


async def revision(session: AsyncSession, number: int) -> Revision | None:
    return await read_first(session, _revisions().where(tables.revisions.c.number == number), Revision)


async def _alone(session: AsyncSession) -> None:
    # Readers are not held up by this mode; a number taken from a sequence would be lost by a rollback.
    await session.execute(text("LOCK TABLE revisions IN SHARE ROW EXCLUSIVE MODE"))


def _revisions() -> Any:
    return select(*columns(tables.revisions, Revision))
