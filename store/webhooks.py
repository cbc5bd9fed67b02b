"""Outgoing webhooks: whom the outside is told by, what each wants to hear, and the secrets that sign it (SPEC 8)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, notifications, tables
from store.rows import Page, columns, read_first, read_page
from store.secrets import Vault

State = Literal["active", "paused"]
SECRET = "whsec_"
"""Before a signing secret: 32 bytes in base64, as Standard Webhooks writes them."""
OVERLAP = timedelta(hours=24)
"""So long the secret before the last change signs as well."""


@dataclass(frozen=True)
class Webhook:
    """`failing_since`: nothing has arrived since then. `old_until`: until then the secret before this one signs too."""

    id: int
    title: str
    url: str
    kinds: list[str]
    author: str
    created_at: datetime
    state: State
    paused_reason: str | None
    failing_since: datetime | None
    failures: int
    retry_at: datetime | None
    old_until: datetime | None


async def create_webhook(
    session: AsyncSession, vault: Vault, *, title: str, url: str, kinds: Sequence[str], author: str, at: datetime
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once; it hears of what is announced from now on."""
    secret = _secret()
    table = tables.webhooks
    values = {"title": title, "url": url, "kinds": list(kinds), "author": author, "created_at": at}
    statement = insert(table).values(**values, secret=vault.encrypt(secret)).returning(*columns(table, Webhook))
    return Webhook(*(await session.execute(statement)).one()), secret


async def change_webhook(session: AsyncSession, id: int, **changes: Any) -> Webhook | None:
    """Change `title`, `url` or `kinds`; at another address it is tried at once. None where there is none."""
    if "url" in changes:
        changes["retry_at"] = None
    if changes:
        await session.execute(update(tables.webhooks).where(*_is(id)).values(**changes))
    return await webhook(session, id)


async def rotate(session: AsyncSession, vault: Vault, id: int, at: datetime) -> str | None:
    """A new secret, which signs from now on; the present one signs beside it for OVERLAP. None where there is none."""
    secret, table = _secret(), tables.webhooks
    values = {"secret": vault.encrypt(secret), "old_secret": table.c.secret, "old_until": at + OVERLAP}
    found = await session.scalar(update(table).where(*_is(id)).values(**values).returning(table.c.id))
    return None if found is None else secret


async def remove_webhook(session: AsyncSession, id: int, at: datetime) -> bool:
    """Nothing is sent to it any more, and its secrets are gone; False where there is none."""
    table, deliveries = tables.webhooks, tables.webhook_deliveries
    gone = update(table).where(*_is(id)).values(state="removed", secret=b"", old_secret=None, old_until=None)
    if await session.scalar(gone.returning(table.c.id)) is None:
        return False
    waiting = (deliveries.c.webhook == id) & (deliveries.c.state == "waiting")
    await session.execute(update(deliveries).where(waiting).values(state="failed", settled_at=at))
    return True


async def pause(session: AsyncSession, id: int, reason: str, at: datetime) -> None:
    """Keep what is announced until somebody resumes it; everybody is told, once for each pause."""
    table = tables.webhooks
    paused = update(table).where(*_is(id), table.c.state == "active").values(state="paused", paused_reason=reason)
    title = await session.scalar(paused.returning(table.c.title))
    if title is None:
        return
    content = {"webhook": id, "title": title, "reason": reason}
    await notifications.notify(session, f"webhook/{id}/{at.isoformat()}", kind="webhook_paused", content=content)
    await audit.record(session, audit.SYSTEM, "webhook.paused", f"webhooks/{id}", {"reason": reason})


async def resume(session: AsyncSession, id: int, at: datetime) -> bool:
    """Deliver what waits, from the beginning of its time; False when it is not paused."""
    table, deliveries = tables.webhooks, tables.webhook_deliveries
    fresh = {"state": "active", "paused_reason": None, "failing_since": None, "failures": 0, "retry_at": None}
    resumed = update(table).where(*_is(id), table.c.state == "paused").values(**fresh).returning(table.c.id)
    if await session.scalar(resumed) is None:
        return False
    waiting = (deliveries.c.webhook == id) & (deliveries.c.state == "waiting")
    await session.execute(update(deliveries).where(waiting).values(since=at, due_at=at, tries=0))
    return True


async def signing_keys(session: AsyncSession, vault: Vault, id: int, at: datetime) -> list[str]:
    """The secrets that sign now, the present one first; raises VaultError when one cannot be decrypted."""
    table = tables.webhooks
    statement = select(table.c.secret, table.c.old_secret, table.c.old_until).where(*_is(id))
    found = (await session.execute(statement)).first()
    if found is None:
        return []
    old = [found.old_secret] if found.old_secret is not None and found.old_until > at else []
    return [vault.decrypt(one) for one in (found.secret, *old)]


async def webhook(session: AsyncSession, id: int) -> Webhook | None:
    return await read_first(session, _webhooks().where(tables.webhooks.c.id == id), Webhook)


async def webhooks(session: AsyncSession, *, cursor: str | None = None, limit: int = 50) -> Page[Webhook]:
    """Newest first; raises ValueError for a cursor that is not from here."""
    return await read_page(session, _webhooks(), Webhook, order=[tables.webhooks.c.id], cursor=cursor, limit=limit)


async def count(session: AsyncSession) -> int:
    """How many there are; whoever asks is alone until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("webhooks", 0))))
    table = tables.webhooks
    return await session.scalar(select(func.count()).select_from(table).where(table.c.state != "removed")) or 0


async def encrypt_anew(session: AsyncSession, vault: Vault) -> int:
    """Encrypt every signing secret with the vault's first key; how many there are."""
    table = tables.webhooks
    statement = select(table.c.id, table.c.secret, table.c.old_secret).where(table.c.state != "removed")
    found = list(await session.execute(statement.with_for_update()))
    for id, secret, old in found:
        values = {
            name: vault.encrypt(vault.decrypt(one)) for name, one in (("secret", secret), ("old_secret", old)) if one
        }
        await session.execute(update(table).where(table.c.id == id).values(**values))
    return len(found)


def _secret() -> str:
    return SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def _is(id: int) -> tuple[Any, ...]:
    return tables.webhooks.c.id == id, tables.webhooks.c.state != "removed"


def _webhooks() -> Select[tuple[object, ...]]:
    return select(*columns(tables.webhooks, Webhook)).where(tables.webhooks.c.state != "removed")
