"""Conversations that are to move: who is asked, in which order, and how each stands."""

from datetime import datetime, timedelta

import pytest

from routing.moves import Moved
from store import moves
from store.conversations import conversation, end_conversation, open_conversation
from store.database import Database
from store.revisions import append_revision
from store.trace import trace

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def shop(database: Database, noon: datetime) -> Database:
    """Two revisions; conversations a, b and c on the first, d on the second."""
    async with database.begin() as session:
        for _ in range(2):
            await append_revision(session, digest="d", document={"format": 1}, author="eva", note="")
    for name in "abcd":
        await opened(database, name, noon, 2 if name == "d" else 1)
    return database


async def opened(database: Database, name: str, at: datetime, revision: int = 1) -> None:
    async with database.begin() as session:
        await open_conversation(
            session,
            name=name,
            account="shop",
            customer=name,
            connector="main",
            workflow_id=f"ig-shop-{name}",
            revision=revision,
            opened_at=at,
        )


def outcome(name: str, at: datetime, **more: str) -> Moved:
    return Moved(conversation=name, before=1, revision=2, at=at, path="queues/x", number=7, **more)


async def states(database: Database) -> dict[str, tuple[str, str | None]]:
    async with database.begin() as session:
        return {one.conversation: (one.state, one.reason) for one in (await moves.moves(session, 2)).items}


async def test_open_conversations_by_revision(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await end_conversation(session, "a", at=noon, cause="user")
        assert await moves.open_conversations(session) == {2: 1, 1: 2}


async def test_each_is_asked_once_and_says_what_came_of_it(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        assert not await moves.is_wanted(session, 2)
        assert await moves.want(session, 2) == 3
        assert await moves.is_wanted(session, 2)
        page = await moves.to_ask(session, 2, 2)
        assert [(one.conversation, one.workflow_id) for one in page] == [("a", "ig-shop-a"), ("b", "ig-shop-b")]
        await moves.asked(session, 2, ["a", "b"], noon)
        assert [one.conversation for one in await moves.to_ask(session, 2, 2)] == ["c"]
        await moves.asked(session, 2, ["c"], noon)
        await moves.settle(session, outcome("a", noon, why="moved from revision 1 to 2"))
        await moves.settle(session, outcome("b", noon, refused="revision 2 has no queues/x"))
        talk = await conversation(session, "a")
        assert talk is not None
        assert talk.revision == 2
        assert [(one.number, one.path, one.why) for one in await trace(session, "a")] == [
            (7, "queues/x", "moved from revision 1 to 2")
        ]
        assert await trace(session, "b") == []
        assert await moves.counts(session, 2) == {"waiting": 1, "moved": 1, "refused": 1, "ended": 0}
        await end_conversation(session, "c", at=noon, cause="user")
        assert [one.conversation for one in (await moves.moves(session, 2, state="ended")).items] == ["c"]
    assert await states(shop) == {
        "a": ("moved", None),
        "b": ("refused", "revision 2 has no queues/x"),
        "c": ("ended", None),
    }


async def test_those_that_are_just_being_opened_are_asked_in_the_end(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await moves.want(session, 2)
    await opened(shop, "late", noon)
    async with shop.begin() as session:
        await moves.asked(session, 2, ["a", "b"], noon)
        assert [one.conversation for one in await moves.to_ask(session, 2, 5)] == ["c"]
        await moves.asked(session, 2, ["c"], noon)
        assert [one.conversation for one in await moves.to_ask(session, 2, 5)] == ["late"]


async def test_wanting_again_asks_those_that_were_refused(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await moves.want(session, 2)
        await moves.asked(session, 2, ["a", "b", "c"], noon)
        await moves.settle(session, outcome("a", noon, why="moved"))
        await moves.settle(session, outcome("b", noon, refused="no"))
        assert await moves.want(session, 2) == 1
        assert [one.conversation for one in await moves.to_ask(session, 2, 5)] == ["b"]
    assert await states(shop) == {"a": ("moved", None), "b": ("waiting", None), "c": ("waiting", None)}


async def test_one_without_a_workflow(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await moves.want(session, 2)
        await end_conversation(session, "a", at=noon, cause="user")
        await moves.give_up(session, 2, "a", noon)
        await moves.give_up(session, 2, "b", noon)
        assert [one.conversation for one in await moves.to_ask(session, 2, 5)] == ["c"]
    assert (await states(shop))["a"] == ("ended", None)
    assert (await states(shop))["b"] == ("refused", moves.NOT_RUNNING)


async def test_one_that_went_on_to_a_newer_revision_yet_has_moved(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await moves.want(session, 2)
        await append_revision(session, digest="d", document={"format": 1}, author="eva", note="")
        await moves.want(session, 3)
        await moves.settle(session, outcome("a", noon, why="moved").model_copy(update={"revision": 3}))
    assert (await states(shop))["a"] == ("moved", None)


async def test_pages(shop: Database, noon: datetime) -> None:
    async with shop.begin() as session:
        await moves.want(session, 2)
        page = await moves.moves(session, 2, limit=2)
        rest = await moves.moves(session, 2, limit=2, cursor=page.cursor)
    assert [one.conversation for one in page.items + rest.items] == ["c", "b", "a"]
    assert rest.cursor is None
