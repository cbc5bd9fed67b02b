"""What happens beside a conversation (reactions, seen, edits, deletions, other apps), recorded while it is open."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from instagram.webhooks import Inbound
from store import attachments, inbox, tables
from store.conversations import open_conversation_of
from store.files import Files
from store.messages import NewMessage, by_mid, delete_content, record_inbound


async def record(session: AsyncSession, event: Inbound, customer: str) -> bool:
    """Write such an event into the open conversation's transcript; False when none is open (SPEC 2.1)."""
    conversation = await open_conversation_of(session, event.account, customer)
    if conversation is None:
        return False
    details = {
        "mid": event.mid,
        "action": event.action,
        "reaction": event.reaction,
        "emoji": event.emoji,
        "num_edit": event.num_edit,
        "handover": event.handover,
    }
    note = NewMessage(
        key=event.key,
        conversation=conversation.name,
        author="customer",
        direction="note",
        at=event.at,
        kind="standby" if event.standby else event.kind,
        text=event.emoji if event.kind == "reaction" else event.text,
        content={name: value for name, value in details.items() if value is not None},
    )
    await record_inbound(session, [note])
    return True


async def forget(session: AsyncSession, event: Inbound, customer: str, files: Files | None) -> bool:
    """Delete what the customer unsent from inbox, transcript and files (Meta's terms); False when no transcript has it.

    A message still on its way into the transcript leaves a deleted line there, so that its text is not written later.
    """
    if event.mid is None:
        return False
    message = await by_mid(session, event.mid)
    conversation = message.conversation if message else None
    if conversation is None:
        await inbox.redact(session, event.mid)
        opened = await open_conversation_of(session, event.account, customer)
        if opened is None:
            return False
        conversation = opened.name
        line = NewMessage(
            # The key that the message's own event has.
            key=f"m:{event.mid}",
            conversation=conversation,
            author="customer",
            at=event.at,
            kind="message",
            mid=event.mid,
        )
        await record_inbound(session, [line])
    await delete_content(session, event.mid)
    for location in await attachments.forget_message(session, event.mid):
        if files is not None:
            await files.delete(location)
    table = tables.messages
    edits = (
        (table.c.conversation == conversation) & (table.c.kind == "edit") & (table.c.content["mid"].astext == event.mid)
    )
    await session.execute(update(table).where(edits).values(text=None, state="deleted"))
    return True
