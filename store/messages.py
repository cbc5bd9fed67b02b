"""The transcript, which is also the ledger of what is sent (SPEC 6.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, exists, func, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import inbox, recordings
from store.columns import storable
from store.rows import Page, columns, read, read_first, read_page
from store.tables import conversations, messages

Direction = Literal["in", "out", "note"]
Author = Literal["customer", "graph", "bot", "agent", "app", "system"]
State = Literal["received", "pending", "sending", "sent", "unknown", "undecided", "blocked", "failed", "deleted"]


@dataclass(frozen=True)
class NewMessage:
    """A message to write down. `key` makes it count once; `content` holds all but text (quick replies, image, …)."""

    key: str
    conversation: str
    author: Author
    at: datetime
    kind: str
    direction: Direction = "in"
    text: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    agent: str | None = None
    mid: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class MessageRow:
    """A message as it is kept; `seq` is the order of the transcript, `attempts` counts the sends that were begun.

    `most_tries` is there after an error that allows no more of them.
    """

    key: str
    conversation: str
    seq: int
    direction: Direction
    author: Author
    agent: str | None
    at: datetime
    kind: str
    text: str | None
    content: dict[str, Any]
    mid: str | None
    state: State
    reason: str | None
    attempts: int
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    most_tries: int | None
    sent_at: datetime | None
    path: str | None


async def record_inbound(session: AsyncSession, rows: Sequence[NewMessage]) -> int:
    """Write down what has happened already: customers' messages, notes, and replies typed in the Instagram app.

    Answers how many were new: a key, or a mid in the same direction, that is there already counts as recorded.
    """
    return await _insert(
        session, [_values(row, "received" if row.direction == "in" else "sent", sent_at=row.at) for row in rows]
    )


async def steps_of(session: AsyncSession, conversation: str, keys: Sequence[str]) -> dict[str, int]:
    """In which step of the conversation each of these customer's messages was taken; one that was not is left out."""
    step = messages.c.content["step"].as_integer()
    statement = select(messages.c.key, step).where(
        messages.c.conversation == conversation, messages.c.key.in_(list(keys)), step.is_not(None)
    )
    return {str(key): int(number) for key, number in await session.execute(statement)}


async def prepare(session: AsyncSession, rows: Sequence[NewMessage]) -> int:
    """Write down messages that are to be sent, as `pending`; those whose key is there already are left as they are."""
    return await _insert(session, [_values(row, "pending") | {"direction": "out"} for row in rows])


async def is_written(session: AsyncSession, conversation: str, key: str) -> bool:
    """Whether a message of this key, or the first call that it became, is in the transcript of this conversation."""
    statement = select(messages.c.key).where(
        messages.c.conversation == conversation, messages.c.key.in_([key, f"{key}.0"])
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def outbound(session: AsyncSession, keys: Sequence[str]) -> list[MessageRow]:
    """Outbound messages of these keys, in the order of the transcript."""
    statement = _messages().where(messages.c.key.in_(list(keys)), messages.c.direction == "out")
    return await read(session, statement.order_by(messages.c.seq), MessageRow)


async def mark_sending(session: AsyncSession, key: str, at: datetime) -> bool:
    """Take a pending or unknown message for sending; commit this before the HTTP call.

    False when it is settled, or `sending` since an attempt that was cut off (mark that one unknown and reconcile).
    """
    return await _settle(
        session,
        key,
        "sending",
        of=("pending", "unknown"),
        attempts=messages.c.attempts + 1,
        first_attempt_at=func.coalesce(messages.c.first_attempt_at, at),
        last_attempt_at=at,
        reason=None,
    )


async def mark_sent(session: AsyncSession, key: str, mid: str | None, at: datetime) -> bool:
    """Instagram has the message, by its answer, its echo or its record; the first call wins, later ones are False."""
    unsettled = ("pending", "sending", "unknown", "undecided", "blocked", "failed")
    if mid is not None:
        # The echo may arrive before the answer of the send and then look like a reply typed in the app.
        ours = messages.alias()
        await session.execute(
            delete(messages).where(
                messages.c.mid == mid,
                messages.c.direction == "out",
                messages.c.author == "app",
                exists().where(ours.c.key == key, ours.c.direction == "out", ours.c.state.in_(unsettled)),
                messages.c.key != key,
            )
        )
    return await _settle(session, key, "sent", of=unsettled, mid=mid, sent_at=at, reason=None)


async def mark_unknown(session: AsyncSession, key: str, reason: str, most_tries: int | None = None) -> bool:
    """An attempt ended without telling whether Instagram has the message: reconcile before sending again."""
    limit = {} if most_tries is None else {"most_tries": most_tries}
    return await _settle(session, key, "unknown", of=("sending", "unknown"), reason=reason, **limit)


async def mark_undecided(session: AsyncSession, key: str, reason: str) -> bool:
    """Nobody can find out whether Instagram has the message: people are shown that, and it is not sent again."""
    return await _settle(session, key, "undecided", of=("sending", "unknown"), reason=reason)


async def mark_pending(session: AsyncSession, key: str, reason: str) -> bool:
    """An attempt surely sent nothing: the message may be sent again."""
    return await _settle(session, key, "pending", of=("sending", "unknown"), reason=reason)


async def mark_blocked(session: AsyncSession, key: str, reason: str) -> bool:
    """The message may not be sent, for example because the 24-hour window is closed."""
    return await _settle(session, key, "blocked", of=("pending", "sending", "unknown"), reason=reason)


async def mark_failed(session: AsyncSession, key: str, reason: str) -> bool:
    """Sending was given up."""
    return await _settle(session, key, "failed", of=("pending", "sending", "unknown"), reason=reason)


async def note_tag(session: AsyncSession, key: str, tag: str) -> None:
    """Show that a message went out under a tag, such as `HUMAN_AGENT`."""
    statement = update(messages).where(messages.c.key == key)
    await session.execute(statement.values(content=messages.c.content.op("||")({"tag": tag})))


async def by_mid(session: AsyncSession, mid: str) -> MessageRow | None:
    """The message that Instagram calls `mid`; the older where two connected accounts wrote to each other."""
    return await read_first(session, _messages().where(messages.c.mid == mid).order_by(messages.c.seq), MessageRow)


async def any_before(session: AsyncSession, row: MessageRow, mids: Sequence[str]) -> bool:
    """Whether one of these is a message of the same conversation that stands before this one in the transcript."""
    earlier = select(messages.c.key).where(
        messages.c.conversation == row.conversation, messages.c.mid.in_(list(mids)), messages.c.seq < row.seq
    )
    return (await session.execute(earlier.limit(1))).first() is not None


async def in_doubt(session: AsyncSession, account: str, customer: str) -> list[MessageRow]:
    """Messages to this customer that Instagram may or may not have, oldest first: an echo may be of one of them."""
    statement = (
        _messages()
        .join(conversations, conversations.c.name == messages.c.conversation)
        .where(
            conversations.c.account == account,
            conversations.c.customer == customer,
            messages.c.state.in_(["sending", "unknown", "undecided"]),
        )
        .order_by(messages.c.seq)
    )
    return await read(session, statement, MessageRow)


async def transcript(session: AsyncSession, conversation: str) -> list[MessageRow]:
    """All messages and notes of a conversation, in the order they were written down."""
    statement = _messages().where(messages.c.conversation == conversation).order_by(messages.c.seq)
    return await read(session, statement, MessageRow)


async def transcript_page(
    session: AsyncSession, conversation: str, *, cursor: str | None = None, limit: int = 50
) -> Page[MessageRow]:
    """The transcript in parts, newest first; raises ValueError for a cursor that is not from here."""
    statement = _messages().where(messages.c.conversation == conversation)
    return await read_page(session, statement, MessageRow, order=[messages.c.seq], cursor=cursor, limit=limit)


async def keys_of(session: AsyncSession, conversation: str, mids: Sequence[str]) -> dict[str, str]:
    """The keys of a conversation's messages that Instagram calls by these mids."""
    statement = select(messages.c.mid, messages.c.key).where(
        messages.c.conversation == conversation, messages.c.mid.in_(list(mids))
    )
    return {row.mid: row.key for row in await session.execute(statement)}


async def last_lines(session: AsyncSession, names: Sequence[str]) -> dict[str, MessageRow]:
    """The newest message of each of these conversations that has one; notes do not count."""
    newest = (
        _messages()
        .where(messages.c.conversation == conversations.c.name, messages.c.direction != "note")
        .order_by(messages.c.seq.desc())
        .limit(1)
        .lateral()
    )
    statement = select(newest).select_from(conversations.join(newest, true())).where(conversations.c.name.in_(names))
    return {row.conversation: row for row in await read(session, statement, MessageRow)}


def has_words(conversation: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """Whether a message of a conversation has words that begin with all of these, in any order and any case."""
    # In quotes nothing is an operator; only the quotes themselves have to be written twice, and backslashes.
    parts = [word.replace("\\", "\\\\").replace("'", "''") for word in storable(words).split()]
    query = func.to_tsquery(_SIMPLE, " & ".join(f"'{part}':*" for part in parts))
    found = func.to_tsvector(_SIMPLE, messages.c.text).op("@@")(query)
    return conversation.in_(select(messages.c.conversation).where(found))


_SIMPLE: Any = literal_column("'simple'::regconfig")


async def delete_content(session: AsyncSession, mid: str) -> bool:
    """Forget what was in a message that its writer unsent, here, in the inbox and in the recording.

    False when it is in no transcript.
    """
    await inbox.redact(session, mid)
    statement = update(messages).where(messages.c.mid == mid).values(text=None, content={}, state="deleted")
    found = (await session.scalars(statement.returning(messages.c.conversation))).all()
    await recordings.forget_message(session, found, mid)
    return bool(found)


async def deleted(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Which of these messages were taken back."""
    statement = select(messages.c.key).where(messages.c.key.in_(list(keys)), messages.c.state == "deleted")
    return set(await session.scalars(statement))


async def _insert(session: AsyncSession, values: list[dict[str, Any]]) -> int:
    if not values:
        return 0
    added = await session.scalars(insert(messages).values(values).on_conflict_do_nothing().returning(messages.c.key))
    return len(added.all())


async def _settle(session: AsyncSession, key: str, state: State, *, of: Sequence[State], **values: Any) -> bool:
    statement = (
        update(messages)
        .where(messages.c.key == key, messages.c.direction == "out", messages.c.state.in_(of))
        .values(state=state, **values)
    )
    return await session.scalar(statement.returning(messages.c.key)) is not None


def _messages() -> Select[Any]:
    return select(*columns(messages, MessageRow))


def _values(row: NewMessage, state: State, sent_at: datetime | None = None) -> dict[str, Any]:
    return {
        "key": row.key,
        "conversation": row.conversation,
        "direction": row.direction,
        "author": row.author,
        "agent": row.agent,
        "at": row.at,
        "kind": row.kind,
        "text": row.text,
        "content": row.content,
        "mid": row.mid,
        "state": state,
        "sent_at": sent_at,
        "path": row.path,
    }
