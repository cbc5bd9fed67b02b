"""What a conversation's workflow is started with and signalled."""

from routing.conversation import Conversation
from routing.messages import Event, Message

HISTORY_LIMIT = 1_000
"""After so many history events a conversation continues as a new run, with nothing but its state."""


class Start(Message):
    """The input of a conversation's workflow; all but the first two are handed on by continue-as-new."""

    account: str
    customer: str
    limit: int = HISTORY_LIMIT
    conversation: Conversation | None = None
    document: str = ""
    events: tuple[Event, ...] = ()
    seen: tuple[str, ...] = ()


class Received(Message):
    """A signal: what happened to the conversation, several events at once where they waited together."""

    events: tuple[Event, ...]


def workflow_id(account: str, customer: str) -> str:
    """The id of the workflow that runs this customer's conversations with this account, one after the other."""
    return f"ig-{account}-{customer}"
