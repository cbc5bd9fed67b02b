"""A conversation's transcript: what was said, what became of each message, what came with it, and notes (SPEC 8)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Viewer
from api.conversations import Name, conversation_of, link
from api.dependencies import Given, Parts
from api.errors import answers
from api.lists import NEXT, Cursor, Limit, paged
from store import messages
from store.attachments import Attachment, attachment_id, attachments_of
from store.messages import Author, Direction, MessageRow, State

router = APIRouter(tags=["conversations"])


class SentFile(BaseModel):
    """A file, or why there is none."""

    type: str = Field(description="Its MIME type once it is stored, else Instagram's word.", examples=["image/jpeg"])
    title: str | None = Field(examples=["image.jpg"])
    url: str | None = Field(description="A fresh link, good for 30 days; null where the file is not kept.")
    size: int | None = Field(description="In bytes.")
    reason: str | None = Field(description="Why it is not kept.")


class ShownButton(BaseModel):
    text: str
    url: str | None = Field(description="Null for one that sends something back.")


class TranscriptMessage(BaseModel):
    """A message or a note. What became of one that we sent stands in `state`, and why in `reason`."""

    key: str = Field(description="Its own, for ever.")
    at: datetime
    direction: Direction = Field(description="`in` from the customer, `out` to them, `note` for what is no message.")
    author: Author = Field(description="`app` is a person who typed in the Instagram app itself.")
    agent: str | None
    kind: str = Field(
        description="`message`, `postback` and the like; of notes `reaction`, `edit`, `seen`, `standby`, `handover`, "
        "and `note` for what a colleague wrote down.",
        examples=["message"],
    )
    text: str | None = Field(description="Of a reaction the emoji, of an edit the new words.")
    state: State = Field(
        description="`received` for what came in; `pending`, `sending`, `sent`, `unknown`, `undecided` (nobody can "
        "find out whether Instagram has it), `blocked` or `failed` for what goes out; `deleted` if it was taken back."
    )
    reason: str | None = Field(description="Why it is blocked, failed, undecided or not sent yet.")
    attempts: int
    sent_at: datetime | None
    path: str | None = Field(description="The place that said it.")
    tag: str | None = Field(description="`HUMAN_AGENT` for a person's message after the first 24 hours.")
    quick_replies: list[str] = Field(description="The titles that the customer could tap.")
    buttons: list[ShownButton]
    images: list[str] = Field(
        description="The addresses of pictures that were sent; of our own files, good for 30 days."
    )
    files: list[SentFile] = Field(description="What came with a customer's message.")
    story: SentFile | None = Field(description="The story that the customer answered, or mentioned the account in.")
    payload: str | None = Field(description="What the customer's tap sent, where it was one.")
    referral: dict[str, Any] | None = Field(description="The link or ad that led here.")
    unsupported: bool = Field(description="Instagram shows what the customer sent to no app.")
    action: str | None = Field(description="Of a reaction: `react` or `unreact`.")
    about: str | None = Field(
        description="The key of the message that this one answers, edits, has seen or reacts to; null where it is not "
        "in this conversation."
    )


class Transcript(BaseModel):
    items: list[TranscriptMessage]
    cursor: str | None = Field(description=NEXT)


@router.get("/api/v1/conversations/{name}/messages", summary="Read a transcript", responses=answers(401, 404, 422))
async def list_messages(parts: Given, _: Viewer, name: Name, cursor: Cursor = None, limit: Limit = 50) -> Transcript:
    """Newest first. Reactions, edits and the like are notes beside the messages, which they do not change."""
    async with parts.database.begin() as session:
        await conversation_of(session, name)
        page = await paged(messages.transcript_page(session, name, cursor=cursor, limit=limit))
        files = {one.id: one for one in await attachments_of(session, [row.key for row in page.items])}
        keys = await messages.keys_of(session, name, [mid for row in page.items if (mid := _about(row)) is not None])
    return Transcript(items=[_message(parts, row, files, keys) for row in page.items], cursor=page.cursor)


def _about(row: MessageRow) -> str | None:
    """The mid of the message that this one is about; a note's own content names it."""
    return row.content.get("mid" if row.direction == "note" else "reply_to")


def _message(
    parts: Parts, row: MessageRow, files: Mapping[str, Attachment], keys: Mapping[str, str]
) -> TranscriptMessage:
    content = row.content
    story = content.get("story")
    return TranscriptMessage(
        key=row.key,
        at=row.at,
        direction=row.direction,
        author=row.author,
        agent=row.agent,
        kind=row.kind,
        text=row.text,
        state=row.state,
        reason=row.reason,
        attempts=row.attempts,
        sent_at=row.sent_at,
        path=row.path,
        tag=content.get("tag"),
        quick_replies=[one["title"] for one in _list(content, "quick_replies")],
        buttons=[ShownButton(text=one["text"], url=one.get("url")) for one in _list(content, "buttons")],
        images=[
            _fresh(parts, one) for one in (content.get("image"), *_list(content, "images")) if isinstance(one, str)
        ],
        files=[
            _file(parts, one, files.get(attachment_id(row.key, place)))
            for place, one in enumerate(_list(content, "attachments"))
        ],
        story=_file(parts, story, files.get(attachment_id(row.key, "story"))) if story else None,
        payload=content.get("payload"),
        referral=content.get("referral"),
        unsupported=bool(content.get("unsupported")),
        action=content.get("action"),
        about=keys.get(_about(row) or ""),
    )


def _file(parts: Parts, sent: Mapping[str, Any], kept: Attachment | None) -> SentFile:
    """What came, with a new link to the stored file; the one in the transcript ends some day."""
    if kept is not None and kept.size is not None:
        return SentFile(
            type=kept.media_type or kept.type,
            title=kept.title,
            url=link(parts, kept.id, kept.title),
            size=kept.size,
            reason=None,
        )
    url = sent.get("url")
    ours = url is not None and url.startswith(f"{parts.public_url}/attachments/")
    return SentFile(
        type=sent.get("type") or "file",
        title=sent.get("title"),
        url=None if ours else url,
        size=None,
        reason="it was deleted" if ours else sent.get("reason") or (kept.reason if kept is not None else None),
    )


def _fresh(parts: Parts, url: str) -> str:
    """A link of ours made anew, since it ends some day; others as they are."""
    ours = re.fullmatch(rf"{re.escape(parts.public_url)}/attachments/([^/?]+)/([^/?]+)\?.*", url)
    return url if ours is None else link(parts, ours[1], ours[2])


def _list(content: Mapping[str, Any], name: str) -> Sequence[Any]:
    return content.get(name) or ()
