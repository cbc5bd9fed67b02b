"""Production configurations, which only append (ARCHITECTURE 1.4)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from routing.accounts import connector_of, with_account, with_known_accounts
from routing.configuration import Configuration
from routing.entities import Change, Key, changed, entities_of
from routing.graph import canonical, digest
from store import audit, sandbox, tables
from store.database import notify
from store.rows import Page, columns, read, read_first, read_page

CHANNEL = "revisions"


@dataclass(frozen=True)
class Summary:
    """A revision in a list; `override_reason` says why it was applied although scenarios failed."""

    number: int
    digest: str
    author: str
    note: str
    created_at: datetime
    override_reason: str | None


@dataclass(frozen=True)
class Revision(Summary):
    """An immutable production configuration; `document` keeps the order in which people wrote its names."""

    document: dict[str, Any]


@dataclass(frozen=True)
class Changed:
    """What a revision did to an entity."""

    kind: str
    name: str
    change: Change


@dataclass(frozen=True)
class Origin:
    """The revision that last changed an entity."""

    kind: str
    name: str
    revision: int
    author: str
    created_at: datetime


async def append_revision(
    session: AsyncSession,
    *,
    digest: str,
    document: dict[str, Any],
    author: str,
    note: str,
    override_reason: str | None = None,
) -> int:
    """Make a document the current revision; its number follows the last without a gap and is notified on `revisions`.

    Others that append wait until this transaction ends. The document is not checked here, and may equal the last one.
    """
    await hold(session)
    last = await current_revision(session)
    number = 1 if last is None else last.number + 1
    values = {"number": number, "digest": digest, "document": document, "author": author, "note": note}
    await session.execute(insert(tables.revisions).values(**values, override_reason=override_reason))
    found = changed(entities_of({} if last is None else last.document), entities_of(document))
    rows = [{"kind": key.kind, "name": key.name, "revision": number, "change": what} for key, what in found.items()]
    if rows:
        await session.execute(insert(tables.revision_changes), rows)
    await notify(session, CHANNEL, str(number))
    return number


@dataclass(frozen=True)
class Made:
    """The current revision after an apply; `new` is false where it was that already."""

    number: int
    digest: str
    new: bool


async def make_current(
    session: AsyncSession, configuration: Configuration, *, author: str, note: str, override_reason: str | None = None
) -> Made:
    """Make a configuration that holds the current revision, unless it is that already: the end of every apply.

    Connectors without an account keep the one that they had. The caller writes into the audit log what was applied.
    """
    await hold(session)
    current = await current_revision(session)
    if current is not None:
        configuration = with_known_accounts(configuration, Configuration.model_validate(current.document))
    text = canonical(configuration)
    if current is not None and current.digest == digest(text):
        return Made(current.number, current.digest, False)
    number = await append_revision(
        session,
        digest=digest(text),
        document=json.loads(text),
        author=author,
        note=note,
        override_reason=override_reason,
    )
    return Made(number, digest(text), True)


class CannotAuthorise(Exception):
    """The current revision does not allow it; the sentence says why and what to do."""


async def authorise_connector(session: AsyncSession, connector: str, account: str, author: str, note: str) -> int:
    """Fill an account into a connector of the current revision, as a new one; answers its number.

    That of the current one where it says so already. What authorisation finds out is a fact, not a draft: messages are
    answered from then on, and the sandbox learns of it too. Raises CannotAuthorise, with nothing written.
    """
    await hold(session)
    current = await current_revision(session)
    configuration = Configuration(format=1) if current is None else Configuration.model_validate(current.document)
    if current is None or connector not in configuration.connectors:
        raise CannotAuthorise(f"The current configuration has no connector {connector}: apply one that has it first.")
    other = connector_of(configuration, account)
    if other not in (None, connector):
        raise CannotAuthorise(f"The account belongs to the connector {other} meanwhile: take it out there first.")
    written = canonical(with_account(configuration, connector, account))
    await sandbox.fill_account(session, connector, account, author)
    if digest(written) == current.digest:
        return current.number
    number = await append_revision(
        session, digest=digest(written), document=json.loads(written), author=author, note=note
    )
    details = {"account": account, "revision": number}
    await audit.record(session, author, "connector.authorised", f"connectors/{connector}", details)
    return number


async def current_revision(session: AsyncSession) -> Revision | None:
    """The one with the highest number, None before the first apply."""
    return await read_first(session, _revisions().order_by(tables.revisions.c.number.desc()), Revision)


async def current_number(session: AsyncSession) -> int | None:
    """The highest number, None before the first apply."""
    return await session.scalar(select(func.max(tables.revisions.c.number)))


async def revision(session: AsyncSession, number: int) -> Revision | None:
    return await read_first(session, _revisions().where(tables.revisions.c.number == number), Revision)


async def summary(session: AsyncSession, number: int) -> Summary | None:
    """One revision without its document."""
    table = tables.revisions
    return await read_first(session, select(*columns(table, Summary)).where(table.c.number == number), Summary)


async def revisions(session: AsyncSession, *, cursor: str | None = None, limit: int = 50) -> Page[Summary]:
    """Newest first; raises ValueError for a cursor that is not from here."""
    table = tables.revisions
    statement = select(*columns(table, Summary))
    return await read_page(session, statement, Summary, order=[table.c.number], cursor=cursor, limit=limit)


async def changes(session: AsyncSession, number: int) -> list[Changed]:
    """The entities that differ between a revision and the one before it, by kind and name."""
    table = tables.revision_changes
    statement = select(*columns(table, Changed)).where(table.c.revision == number)
    return await read(session, statement.order_by(table.c.kind, table.c.name), Changed)


async def origins(session: AsyncSession, kind: str | None = None, name: str | None = None) -> dict[Key, Origin]:
    """For each entity that was ever in production, the revision that changed it last; also one that removed it."""
    changed, made = tables.revision_changes.c, tables.revisions.c
    statement: Any = (
        select(changed.kind, changed.name, changed.revision, made.author, made.created_at)
        .join(tables.revisions, made.number == changed.revision)
        .ext(distinct_on(changed.kind, changed.name))
        .order_by(changed.kind, changed.name, changed.revision.desc())
    )
    if kind is not None:
        statement = statement.where(changed.kind == kind)
    if name is not None:
        statement = statement.where(changed.name == name)
    return {Key(one.kind, one.name): one for one in await read(session, statement, Origin)}


async def hold(session: AsyncSession) -> None:
    """Until this transaction ends nobody else makes a revision; those who read them are not held up."""
    # A number taken from a sequence would be lost by a rollback.
    await session.execute(text("LOCK TABLE revisions IN SHARE ROW EXCLUSIVE MODE"))


def _revisions() -> Select[tuple[Any, ...]]:
    return select(*columns(tables.revisions, Revision))
