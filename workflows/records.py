"""What a conversation's workflow is started with, signalled and asked to do."""

from typing import Annotated

from pydantic import Field

from routing.conversation import Conversation
from routing.messages import AgentAccepted, AgentClosed, AgentWrote, AskBot, Event, Message, Transferred

HISTORY_LIMIT = 1_000
"""After so many history events a conversation continues as a new run, with nothing but its state."""


class Start(Message):
    """The input of a conversation's workflow; all but the first two are handed on by continue-as-new.

    `taken` counts the events that the store has been told of, `farewells` are chatbots that are still being told that
    they have lost a conversation.
    """

    account: str
    customer: str
    limit: int = HISTORY_LIMIT
    conversation: Conversation | None = None
    document: str = ""
    events: tuple[Event, ...] = ()
    seen: tuple[str, ...] = ()
    taken: int = 0
    farewells: tuple[AskBot, ...] = ()


class Received(Message):
    """A signal: what happened to the conversation, several events at once where they waited together."""

    events: tuple[Event, ...]


class Act(Message):
    """An update: what somebody here does to this conversation, and to no later one of the same customer."""

    conversation: str
    event: Annotated[AgentAccepted | AgentWrote | AgentClosed | Transferred, Field(discriminator="type")]


OVER = "Over"
"""The type of the error that refuses an Act because the conversation has ended."""
ELSEWHERE = "Elsewhere"
"""The type of the error that refuses an agent's message because people do not have the conversation any more."""
LEFT = "Left"
"""The type of the error that refuses an acceptance because the conversation has left that stay in the queue."""
NOWHERE = "Nowhere"
"""The type of the error that refuses a transfer to a place that the conversation's revision has not."""


def workflow_id(account: str, customer: str) -> str:
    """The id of the workflow that runs this customer's conversations with this account, one after the other."""
    return f"ig-{account}-{customer}"
