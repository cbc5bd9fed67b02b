"""Fetches what customers send before Instagram's links expire, checks it by its bytes, and stores it (SPEC 6.5)."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.downloads import Downloads, Limits, Refused, fetchable
from activities.media import file_title
from activities.web import Web
from instagram.media import ENDINGS
from routing.messages import Attachment, CustomerMessage
from routing.records import Keeping, Kept
from store import attachments
from store.attachments import PICTURE, NewAttachment, attachment_id
from store.database import Database
from store.files import Files, FilesError

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class Attachments:
    """The activity `keep_attachments`, and customers' pictures.

    `link` makes the address that serves an attachment, from its id and title. `web` decides which hosts are reached.
    """

    def __init__(
        self, database: Database, files: Files, web: Web, link: Callable[[str, str], str], limits: Limits | None = None
    ) -> None:
        self._database = database
        self._files = files
        self._link = link
        self._limits = limits or Limits()
        self._downloads = Downloads(web, self._limits)
        # Each file is in memory while it is fetched and stored.
        self._room = asyncio.Semaphore(self._limits.of_worker)

    @activity.defn(name="keep_attachments")
    async def keep_attachments(self, keeping: Keeping) -> Kept:
        """The same messages, in which every file that was stored has our link, a file name, a MIME type and its size.

        What is not kept says so in `reason` and has no `url`, except pages on instagram.com. In `kind` stands what
        Instagram calls it. What an earlier attempt stored is not fetched again. Raises FilesError while the storage
        does not work, and sqlalchemy's DBAPIError: then nothing is lost by another attempt.
        """
        async with self._database.begin() as session:
            known = await attachments.attachments_of(session, [message.key for message in keeping.messages])
        call = _Call(
            keeping=keeping,
            stored={one.id: one for one in known if one.size is not None},
            room=asyncio.Semaphore(self._limits.together),
            until=asyncio.get_running_loop().time() + self._limits.call.total_seconds(),
        )
        async with _beating():
            messages = await _all(self._message(call, message) for message in keeping.messages)
        return Kept(messages=tuple(messages))

    async def keep_picture(
        self, account: str, customer: str, url: str, *, within: timedelta = timedelta(seconds=3)
    ) -> str | None:
        """Store a customer's profile picture in place of the one before; answers its id as an attachment.

        None where that was not possible within this time. Never raises; the log says why.
        """
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._picture(account, customer, url, within)
        except (Refused, FilesError, SQLAlchemyError, TimeoutError) as error:
            reason = str(getattr(error, "orig", error)) or "it took too long"
            _log.warning("the picture of customer %s of account %s was not kept: %s", customer, account, reason)
            return None

    async def _message(self, call: "_Call", message: CustomerMessage) -> CustomerMessage:
        places: dict[int | str, Attachment] = dict(enumerate(message.attachments))
        if message.story is not None:
            places["story"] = message.story
        ended = await _all(self._attachment(call, message, place, one) for place, one in places.items())
        kept = dict(zip(places, ended, strict=True))
        story = kept.pop("story", None)
        return message.model_copy(update={"attachments": tuple(kept.values()), "story": story})

    async def _attachment(
        self, call: "_Call", message: CustomerMessage, place: int | str, sent: Attachment
    ) -> Attachment:
        """One attachment as it is handed on, stored or not."""
        id, kind = attachment_id(message.key, place), sent.kind or sent.type
        if id in call.stored:
            return self._linked(kind, call.stored[id])
        new = NewAttachment(
            id=id,
            account=call.keeping.account,
            customer=call.keeping.customer,
            conversation=call.keeping.conversation,
            message=message.key,
            type=kind,
            title=sent.title or kind,
        )
        try:
            url = fetchable(kind, sent.url)
            async with call.room, self._room:
                left = call.until - asyncio.get_running_loop().time()
                file = await self._downloads.fetch(url, kind, min(self._limits.each, timedelta(seconds=left)))
                title = file_title(sent, kind, place, file.media_type)
                stored = await self._stored(replace(new, title=title, media_type=file.media_type), file.content)
        except Refused as refused:
            _log.info("attachment %s of %s was not kept: %s", id, call.keeping.conversation, refused)
            async with self._database.begin() as session:
                await attachments.keep(session, replace(new, reason=str(refused)))
            return _not_kept(sent, kind, str(refused), refused.link)
        return _not_kept(sent, kind, "it was deleted meanwhile") if stored is None else self._linked(kind, stored)

    async def _picture(self, account: str, customer: str, url: str, within: timedelta) -> str:
        async with self._room:
            file = await self._downloads.fetch(fetchable(PICTURE, url), PICTURE, within)
            if not file.media_type.startswith("image/"):
                raise Refused(f"it is no picture but {file.media_type}")
            digest = hashlib.sha256(f"{account}/{customer}/".encode(errors="replace") + file.content).hexdigest()
            new = NewAttachment(
                id=f"{PICTURE}-{digest[:32]}",
                account=account,
                customer=customer,
                type=PICTURE,
                title=PICTURE + ENDINGS[file.media_type][0],
                media_type=file.media_type,
            )
            async with self._database.begin() as session:
                known = await attachments.attachment(session, new.id)
            if (known is None or known.size is None) and await self._stored(new, file.content) is None:
                raise Refused("it was deleted meanwhile")
        async with self._database.begin() as session:
            for location in await attachments.forget_pictures(session, account, customer, new.id):
                await self._files.delete(location)
        return new.id

    async def _stored(self, new: NewAttachment, content: bytes) -> attachments.Attachment | None:
        """Write the row, then the file, then that it is there; None when it was forgotten meanwhile."""
        location = f"{new.account}/{new.id}"
        async with self._database.begin() as session:
            await attachments.keep(session, replace(new, location=location, reason="it is not stored yet"))
        await self._files.put(location, content)
        async with self._database.begin() as session:
            if await attachments.mark_stored(session, new.id, len(content)):
                return await attachments.attachment(session, new.id)
        await self._files.delete(location)
        return None

    def _linked(self, kind: str, stored: attachments.Attachment) -> Attachment:
        return Attachment(
            kind=kind,
            type=stored.media_type or kind,
            url=self._link(stored.id, stored.title),
            title=stored.title,
            size=stored.size,
        )


@dataclass(frozen=True)
class _Call:
    """One run of the activity: what is stored already, how many files may be fetched at once, and until when."""

    keeping: Keeping
    stored: Mapping[str, attachments.Attachment] = field(repr=False)
    room: asyncio.Semaphore
    until: float


async def _all(work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """What came of each; raises the first error, when nothing is under way any more."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if not isinstance(one, BaseException)]


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Lets Temporal know every few seconds that this goes on."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(5)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


def _not_kept(sent: Attachment, kind: str, reason: str, link: str | None = None) -> Attachment:
    return Attachment(kind=kind, type=kind, url=link, title=sent.title, reason=reason)
