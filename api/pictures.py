"""Pictures that agents send: looked at as those that come in, kept with the customer's files, and linked (SPEC 8)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from api.conversations import link
from api.dependencies import Parts
from api.errors import Problem, Refusal
from instagram.media import ENDINGS, IMAGE_BYTES, IMAGE_TYPES, media_type_of
from store import attachments
from store.attachments import Attachment, NewAttachment, attachment_id, safe_title
from store.conversations import Conversation
from store.files import FilesError

KIND = "image"
REFUSED = "The reply was refused and nothing of it was sent."


async def checked(uploads: Sequence[UploadFile]) -> list[NewAttachment]:
    """What is known of each upload by its bytes; 422 with every one that Instagram would not take (facts 2.2).

    What needs the conversation is filled in by `store`.
    """
    found: list[NewAttachment] = []
    problems: list[Problem] = []
    for place, one in enumerate(uploads):
        content = await one.read(IMAGE_BYTES + 1)
        await one.seek(0)
        media_type = media_type_of(content, KIND) if content else None
        if (wrong := _wrong(media_type, len(content))) is not None:
            problems.append(Problem(path=f"images/{place}", code="no_picture", message=wrong))
            continue
        assert media_type is not None
        title = safe_title(one.filename or KIND)
        endings = ENDINGS[media_type]
        title = title if title.lower().endswith(endings) else title + endings[0]
        found.append(NewAttachment("", "", None, KIND, title, media_type=media_type))
    if problems:
        raise Refusal(422, REFUSED, problems)
    return found


async def store(
    parts: Parts, found: Conversation, key: str, uploads: Sequence[UploadFile], new: Sequence[NewAttachment]
) -> list[str]:
    """Keep the uploads as files of this message; their links. The same message keeps the same files. 503 where the
    storage does not work."""
    if uploads and parts.files is None:
        raise Refusal(503, "No storage of attachments is set up here.")
    links: list[str] = []
    for place, (upload, one) in enumerate(zip(uploads, new, strict=True)):
        id = attachment_id(key, place)
        location = f"{found.account}/{id}"
        whole = replace(
            one,
            id=id,
            account=found.account,
            customer=found.customer,
            conversation=found.name,
            message=key,
            location=location,
            reason="it is not stored yet",
        )
        assert parts.files is not None
        # The row comes first, so that whoever erases the customer finds every file.
        async with parts.database.begin() as session:
            await attachments.keep(session, whole)
        content = await upload.read()
        try:
            await parts.files.put(location, content)
            async with parts.database.begin() as session:
                kept = await attachments.mark_stored(session, id, len(content))
            if not kept:
                await parts.files.delete(location)
                raise Refusal(409, f"The customer of {found.name} has just been erased.")
        except FilesError as error:
            raise Refusal(503, "The storage of attachments does not answer. Try again in a moment.") from error
        links.append(link(parts, id, one.title))
    return links


async def of_ids(session: AsyncSession, found: Conversation, ids: Sequence[str]) -> list[Attachment]:
    """Files that are kept of this customer already; 422 with every one that is not, or that is no such picture."""
    kept: list[Attachment] = []
    problems: list[Problem] = []
    for place, id in enumerate(ids):
        one = await attachments.attachment(session, id)
        theirs = one is not None and (one.account, one.customer) == (found.account, found.customer)
        if one is None or not theirs or one.size is None:
            message = "there is no such file of this customer"
            problems.append(Problem(path=f"images/{place}", code="unknown", message=message))
        elif (wrong := _wrong(one.media_type, one.size)) is not None:
            problems.append(Problem(path=f"images/{place}", code="no_picture", message=wrong))
        else:
            kept.append(one)
    if problems:
        raise Refusal(422, REFUSED, problems)
    return kept


def _wrong(media_type: str | None, size: int) -> str | None:
    if size == 0:
        return "it is empty"
    if size > IMAGE_BYTES:
        return f"it is larger than {IMAGE_BYTES // 1_000_000} MB: make it smaller"
    if media_type not in IMAGE_TYPES:
        return f"it is {media_type or 'no picture'}: Instagram takes PNG and JPEG"
    return None
