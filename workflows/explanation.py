"""How a conversation explains itself to people in Temporal UI: its details, summaries and search attributes."""

from temporalio.common import SearchAttributeUpdate

from routing.conversation import Conversation, Ended
from routing.records import Delivery
from workflows.attributes import ACCOUNT, CONNECTOR, LANGUAGE, OUTCOME, PLACE, QUEUE, REVISION

LINES = 8
"""How many of the newest lines the details show."""


def details(state: Conversation) -> str:
    """Where the conversation is and what was said last, in Markdown."""
    who = state.customer.name or state.customer.username or state.customer.id
    waiting = state.waiting
    now = f"ended: {waiting.cause}" if isinstance(waiting, Ended) else f"waits for: {waiting.type}"
    head = [
        f"**{who}** with account {state.account}, connector `{state.connector}`, revision {state.revision}",
        f"Conversation `{state.name}`",
        f"At `{state.place}`, {now}",
        f"Language: {state.language or 'not sure yet'}",
    ]
    said = [f"{'←' if line.direction == 'out' else '→'} {_quiet(line.text)}" for line in state.lines[-LINES:]]
    return "  \n".join(head) + "\n\n" + "  \n".join(said)


def delivery(given: Delivery) -> str:
    """A delivery in a line: what is said, or else where the conversation was."""
    if given.messages:
        return f"{len(given.messages)} to send: {_quiet(given.messages[0].text)}"
    return given.place


def queue_of(state: Conversation) -> str | None:
    """The queue in which the conversation is, or in which it ended."""
    if isinstance(state.waiting, Ended):
        return state.waiting.queue
    return state.place.removeprefix("queues/") if state.place.startswith("queues/") else None


def _attributes(state: Conversation) -> dict[str, SearchAttributeUpdate[str] | SearchAttributeUpdate[int]]:
    """The search attributes of a state, by name."""
    ended = state.waiting.cause if isinstance(state.waiting, Ended) else None
    values = (
        (ACCOUNT, state.account or None),
        (CONNECTOR, state.connector),
        (PLACE, _entity(state.place)),
        (QUEUE, queue_of(state)),
        (LANGUAGE, state.language),
        (OUTCOME, ended),
    )
    found: dict[str, SearchAttributeUpdate[str] | SearchAttributeUpdate[int]] = {
        key.name: key.value_set(value) if value is not None else key.value_unset() for key, value in values
    }
    found[REVISION.name] = REVISION.value_set(state.revision)
    return found


def changed_attributes(
    before: Conversation, after: Conversation, *, new: bool
) -> list[SearchAttributeUpdate[str] | SearchAttributeUpdate[int]]:
    """What changed between two states; all that has a value for a new conversation."""
    was = {} if new else _attributes(before)
    return [update for name, update in _attributes(after).items() if update != was.get(name)]


def _entity(path: str) -> str:
    """The part of a path that people search for: kind and name, with the decision inside a tree."""
    return "/".join(path.split("/")[:4])


def _quiet(text: str) -> str:
    """A text on one short line, with nothing that Markdown would make more of."""
    line = " ".join(text.split())
    return f"`{line[:120].replace('`', chr(39))}`"
