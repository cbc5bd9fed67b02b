"""What a conversation's workflow is started with, signalled and asked to do."""

from typing import Annotated

from pydantic import Field

from routing.conversation import Conversation
from routing.messages import AgentClosed, Event, Message, Transferred

HISTORY_LIMIT = 1_000
"""After so many history events a conversation continues as a new run, with nothing but its state."""


class Start(Message):
    """The input of a conversation's workflow; all but the first two are handed on by continue-as-new.

    `taken` counts the events that the store has been told of.
    """

    account: str
    customer: str
    limit: int = HISTORY_LIMIT
    conversation: Conversation | None = None
    document: str = ""
    events: tuple[Event, ...] = ()
    seen: tuple[str, ...] = ()
    taken: int = 0


class Received(Message):
    """A signal: what happened to the conversation, several events at once where they waited together."""

    events: tuple[Event, ...]


class Act(Message):
    """An update: what somebody here does to this conversation, and to no later one of the same customer."""

    conversation: str
    event: Annotated[AgentClosed | Transferred, Field(discriminator="type")]


OVER = "Over"
"""The type of the error that refuses an Act because the conversation has ended."""
NOWHERE = "Nowhere"
"""The type of the error that refuses a transfer to a place that the conversation's revision has not."""


def workflow_id(account: str, customer: str) -> str:
    """The id of the workflow that runs this customer's conversations with this account, one after the other."""
    return f"ig-{account}-{customer}"
