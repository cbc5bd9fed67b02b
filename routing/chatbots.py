"""The body that a third-party chatbot is sent, in the seed's wire format (SPEC section 5)."""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, assert_never

from routing.configuration import Chatbot, CustomField
from routing.conversation import Click, Conversation
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    Attachment,
    BotAccepted,
    BotFailed,
    BotReplied,
    Delivered,
    Enqueued,
    Event,
    RequestAnswered,
    TicketCreated,
    TicketFailed,
    TimeCame,
    Transferred,
    Unsent,
    Wrote,
)

REFERER = "https://www.instagram.com/"
"""Where the customer is, as the seed's `referer` says it. Meta tells no app the address of a thread."""


def body(
    chatbot: Chatbot,
    conversation: Conversation,
    fields: Mapping[str, CustomField],
    contact: Mapping[str, object],
    *,
    key: str | None,
    at: datetime | None,
    text: str = "",
    attachments: Sequence[Attachment] = (),
    click: Click | None = None,
    terminate: str | None = None,
) -> dict[str, Any]:
    """One message for the chatbot, with the keys in the seed's order.

    `key` and `at` are None for the start event, which has no name and no time. A `click` stands in place of the text,
    and so does `terminate`, the reason why the bot has lost the conversation.
    """
    sent: dict[str, Any] = {
        "name": None if key is None else message_name(key),
        "time": None if at is None else wire_time(at),
        "direction": "IN",
        "conversation": {
            "name": conversation.name,
            "title": conversation.title,
            "time": wire_time(conversation.opened_at),
            "response_url": f"{conversation.callback}?hash={conversation.hash}",
            "customFields": [
                {"name": name, "title": fields[name].title, "value": _as_text(contact.get(name))}
                for name in chatbot.send_custom_fields
                if name in fields
            ],
        },
    }
    if terminate is not None:
        sent["terminate"] = {"name": terminate}
    elif click is not None:
        sent[click.kind] = {"name": click.name}
    else:
        sent["text"] = text
        if chatbot.send_attachments:
            sent["attachments"] = [
                {
                    "link": attachment.url,
                    "title": attachment.title,
                    "type": attachment.type,
                    "size": None if attachment.size is None else str(attachment.size),
                }
                for attachment in attachments
            ]
    sent["referer"] = REFERER
    return sent


def _as_text(value: object) -> str | None:
    """The seed's values are texts; a number or a list that was saved becomes one, as JSON writes it."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def why_it_left(event: Event, queues: Collection[str]) -> str:
    """The name of the reason why a chatbot loses its conversation with this event; bots are told it as `terminate`."""
    match event:
        case BotReplied():
            return "transfer" if event.transfer in queues else "fallback"
        case BotFailed():
            return "fallback"
        case TimeCame():
            return "idle"
        case AgentWrote():
            return "takeover"
        case Transferred():
            return "agent"
        case AgentClosed():
            return "closed"
        case (
            Wrote()
            | Unsent()
            | Delivered()
            | RequestAnswered()
            | TicketCreated()
            | TicketFailed()
            | BotAccepted()
            | Enqueued()
            | AgentAccepted()
        ):
            return "system"
        case _:
            assert_never(event)


def message_name(key: str) -> str:
    """A message's name for bots that tell messages apart by its digits: the same key, the same 22 digits."""
    return f"messages_{int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10**22:022d}"


def wire_time(at: datetime) -> str:
    """A time as the seed writes it, `YYYY-MM-DD HH:MM:SS`, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def conversation_hash(key: str, conversation: str) -> str:
    """What a callback must name to reach a conversation: 40 hex digits that nobody can guess without the key."""
    return hmac.new(key.encode(), conversation.encode(), hashlib.sha256).hexdigest()[:40]
