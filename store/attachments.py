"""Files that came with messages, and customers' pictures: their rows, and the signed links that serve them (SPEC 6.5).

A row is written before its file, without a size, and gets its size when the file is there. So there is no file without
a row, and whoever erases a customer finds them all.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables
from store.rows import columns, read, read_first

LINK_LIFE = timedelta(days=30)
"""So long a signed link holds."""
PICTURE = "picture"
"""The type of a customer's profile picture, which belongs to no message."""


@dataclass(frozen=True)
class NewAttachment:
    """What is known of an attachment before its file is there; `type` is Instagram's own word for it.

    `location` is where the file is going to lie; where there will be none, it is None and `reason` says why.
    """

    id: str
    account: str
    customer: str | None
    type: str
    title: str
    conversation: str | None = None
    message: str | None = None
    media_type: str | None = None
    location: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Attachment:
    """An attachment as it is kept; `size` is in bytes, and None as long as there is no file."""

    id: str
    account: str
    customer: str | None
    conversation: str | None
    message: str | None
    type: str
    title: str
    media_type: str | None
    size: int | None
    location: str | None
    reason: str | None
    created_at: datetime


def attachment_id(message: str, place: int | str) -> str:
    """The id of the attachment at a place of a message, by its key: the same each time."""
    return hashlib.sha256(f"{message}/{place}".encode(errors="replace")).hexdigest()[:32]


async def keep(session: AsyncSession, attachment: NewAttachment) -> None:
    """Write an attachment down, in place of what was known before; one whose file is there is left as it is."""
    table = tables.attachments
    values = asdict(attachment)
    statement = insert(table).values(values)
    # Where an attempt was cut off, the file may be there: its location has to be known to whoever erases it.
    location = func.coalesce(statement.excluded.location, table.c.location)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={**values, "location": location}, where=table.c.size.is_(None)
        )
    )


async def mark_stored(session: AsyncSession, id: str, size: int) -> bool:
    """The file is there; False when the attachment was forgotten meanwhile, so that the file has to go again."""
    table = tables.attachments
    statement = update(table).where(table.c.id == id).values(size=size, reason=None)
    return await session.scalar(statement.returning(table.c.id)) is not None


async def attachment(session: AsyncSession, id: str) -> Attachment | None:
    return await read_first(session, _attachments().where(tables.attachments.c.id == id), Attachment)


async def attachments(session: AsyncSession, ids: Iterable[str]) -> list[Attachment]:
    """Those of these ids that are there, in no order."""
    return await read(session, _attachments().where(tables.attachments.c.id.in_(list(ids))), Attachment)


async def attachments_of(session: AsyncSession, messages: Iterable[str]) -> list[Attachment]:
    """What came with these messages, by their keys, with what could not be kept; the oldest first."""
    table = tables.attachments
    statement = _attachments().where(table.c.message.in_(list(messages)))
    return await read(session, statement.order_by(table.c.created_at, table.c.id), Attachment)


async def forget(session: AsyncSession, account: str, customer: str) -> list[str]:
    """Delete a customer's attachments and pictures; answers where their files lie.

    Delete the files before this is committed: when that fails, everything is there to be tried again.
    """
    table = tables.attachments
    return await _forgotten(session, (table.c.account == account) & (table.c.customer == customer))


async def forget_message(session: AsyncSession, message: str) -> list[str]:
    """Delete what came with a message that was unsent, by its key or mid; answers where the files lie, as `forget`."""
    table = tables.attachments
    return await _forgotten(session, or_(table.c.message == message, table.c.message == f"m:{message}"))


async def forget_pictures(session: AsyncSession, account: str, customer: str, but: str) -> list[str]:
    """Delete a customer's pictures except the newest, whose id is `but`; answers where the files lie, as `forget`."""
    table = tables.attachments
    theirs = (table.c.account == account) & (table.c.customer == customer)
    return await _forgotten(session, theirs & (table.c.type == PICTURE) & (table.c.id != but))


async def _forgotten(session: AsyncSession, which: ColumnElement[bool]) -> list[str]:
    table = tables.attachments
    gone = await session.scalars(delete(table).where(which).returning(table.c.location))
    return sorted(location for location in gone if location is not None)


def _attachments() -> Select[Any]:
    return select(*columns(tables.attachments, Attachment))


# Links ----------------------------------------------------------------------------------------------------------------


def signed_path(key: str, id: str, title: str, expires: datetime) -> str:
    """The path that serves an attachment to whoever has it, until `expires`; append it to the public URL.

    `key` is the secret that hashes are made from (setting `hash_key`). The title only names the file that is saved.
    """
    name, until = safe_title(title), str(int(expires.timestamp()))
    return f"/attachments/{id}/{name}?expires={until}&signature={_signature(key, id, name, until)}"


def link_expiry(key: str, id: str, title: str, expires: str, signature: str) -> datetime | None:
    """Until when such a link holds, None where any part of it is not as it was signed; compares in constant time."""
    wanted = _signature(key, id, title, expires)
    if not hmac.compare_digest(wanted.encode(), signature.encode(errors="replace")):
        return None
    return datetime.fromtimestamp(int(expires), UTC)


def safe_title(title: str) -> str:
    """A file's name in letters, digits, dots, dashes and underscores, as it stands in a link."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")[-100:] or "file"


def _signature(key: str, *signed: str) -> str:
    if not key:
        raise ValueError("links cannot be signed without a key: hand over the setting hash_key")
    # A key of its own, so that no signature of one kind is ever good for another.
    derived = hmac.new(key.encode(), b"attachment links", hashlib.sha256).digest()
    return hmac.new(derived, "\n".join(signed).encode(errors="replace"), hashlib.sha256).hexdigest()
