"""Conversations that only the store has."""

from typing import Any

from store.conversations import open_conversation
from tests.api.people import NOON, Office


async def opens(office: Office, account: str, *names: str, **more: Any) -> None:
    """Conversations of these names, each of a customer of its own unless one is said, opened at noon."""
    values: dict[str, Any] = {"connector": "main", "workflow_id": "w", "revision": 1, "opened_at": NOON}
    async with office.parts.database.begin() as session:
        for name in names:
            await open_conversation(session, **{"name": name, "account": account, "customer": name, **values, **more})
