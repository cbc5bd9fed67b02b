"""The conversations that an agent has: those accepted, and only while they stay."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api.dependencies import Parts
from store import queues
from tests.api.people import NOON, Office, opened
from tests.api.talks import opens

pytestmark = pytest.mark.anyio
PATH = "/api/v1/agents/me/conversations"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


async def test_an_agent_sees_what_was_accepted_until_it_leaves(office: Office, account: str) -> None:
    eva = await office.person("eva")
    await office.user("karl")
    assert (await eva.get(PATH)).json() == {"items": []}
    await opens(office, account, "one", "two", "his", "waits")
    async with office.parts.database.begin() as session:
        for name in ("one", "two", "his", "waits"):
            await queues.enqueue(session, name, "support" if name != "two" else "", 5, NOON)
        await queues.accept(session, "two", "eva", NOON + SECOND)
        await queues.accept(session, "one", "eva", NOON + 2 * SECOND)
        await queues.accept(session, "his", "karl", NOON + SECOND)
    items = (await eva.get(PATH)).json()["items"]
    assert [(one["conversation"]["name"], one["queue"]) for one in items] == [("two", ""), ("one", "support")]
    assert items[0]["accepted_at"] == (NOON + SECOND).isoformat().replace("+00:00", "Z")
    assert items[0]["conversation"]["customer"]["id"] == "two"
    async with office.parts.database.begin() as session:
        await queues.leave(session, "two", NOON + 3 * SECOND)
    assert [one["conversation"]["name"] for one in (await eva.get(PATH)).json()["items"]] == ["one"]


async def test_who_is_no_agent_has_none(office: Office) -> None:
    viewer = await office.person("viewer", "viewer")
    assert (await viewer.get(PATH)).status_code == 403
