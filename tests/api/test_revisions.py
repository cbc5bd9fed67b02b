"""Revisions: lists, documents, differences, restoring, and what came of moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from routing.documents import read
from routing.moves import Moved
from store import moves
from store.conversations import end_conversation, open_conversation
from tests.api.drafts import applied, apply, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
FOLK = {"people": {"title": "Folk"}}


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    """An administrator, after the revisions 2 (small) and 3 (its queue is called otherwise, and has a sister)."""
    eva = await office.person("eva", "admin")
    await applied(eva, small(), note="Second")
    await applied(eva, small(queues=FOLK | {"sales": {"title": "Sales"}}), note="Third")
    return eva


async def test_lists_newest_first_in_pages(office: Office, eva: httpx.AsyncClient) -> None:
    vera = await office.person("vera", "viewer")
    page = (await vera.get("/api/v1/revisions", params={"limit": 2})).json()
    assert [(one["number"], one["current"], one["note"], one["author"]) for one in page["items"]] == [
        (3, True, "Third", "eva"),
        (2, False, "Second", "eva"),
    ]
    rest = (await vera.get("/api/v1/revisions", params={"cursor": page["cursor"]})).json()
    assert ([one["number"] for one in rest["items"]], rest["cursor"]) == ([1], None)
    assert problems(await vera.get("/api/v1/revisions", params={"cursor": "x"})) == [("query/cursor", "unknown_cursor")]


async def test_one_with_its_document(office: Office, eva: httpx.AsyncClient) -> None:
    vera = await office.person("vera", "viewer")
    told = (await vera.get("/api/v1/revisions/3")).json()
    assert told["document"] == small(queues=FOLK | {"sales": {"title": "Sales"}})
    assert [(one["path"], one["change"]) for one in told["changes"]] == [
        ("queues/people", "changed"),
        ("queues/sales", "added"),
    ]
    assert (told["number"], told["current"], told["digest"]) == (3, True, told["digest"])
    yaml = await vera.get("/api/v1/revisions/2", headers={"Accept": "application/yaml"})
    assert yaml.headers["content-type"].startswith("application/yaml")
    assert read(yaml.text) == small()
    for number, status in (("4", 404), ("0", 422), ("x", 422), ("9999999999", 422)):
        assert (await vera.get(f"/api/v1/revisions/{number}")).status_code == status


async def test_differences_between_revisions(eva: httpx.AsyncClient) -> None:
    async def differing(path: str) -> tuple[int | None, list[tuple[str, str]]]:
        told = (await eva.get(path)).json()
        return told["revision"], [(one["path"], one["change"]) for one in told["entities"]]

    assert await differing("/api/v1/revisions/3/diff") == (2, [("queues/people", "changed"), ("queues/sales", "added")])
    assert await differing("/api/v1/revisions/2/diff?against=3") == (
        3,
        [("queues/people", "changed"), ("queues/sales", "removed")],
    )
    revision, found = await differing("/api/v1/revisions/3/diff?against=0")
    assert (revision, {change for _, change in found}) == (None, {"added"})
    assert (await eva.get("/api/v1/revisions/3/diff?against=7")).status_code == 404
    assert (await eva.get("/api/v1/revisions/3/diff?against=-1")).status_code == 422


async def test_restoring_is_into_the_sandbox_and_applied_by_people(office: Office, eva: httpx.AsyncClient) -> None:
    petr = await office.person("petr", "admin")
    stale = {"If-Match": await tag(petr)}
    await write(eva, {"format": 1})
    assert (await petr.post("/api/v1/revisions/2/restore", headers=stale)).status_code == 412
    answer = await petr.post("/api/v1/revisions/2/restore", headers={"If-Match": await tag(petr)})
    assert answer.status_code == 200
    assert (await eva.get("/api/v1/sandbox")).json() == small()
    assert (await eva.get("/api/v1/diff")).json()["differs"]
    entry = (await office.audit(action="sandbox.restored"))[-1]
    assert (entry.actor, entry.object, entry.details["revision"]) == ("petr", "sandbox", 2)
    told = await apply(petr, "Back to the second")
    assert told["number"] == 4
    listed = (await eva.get("/api/v1/revisions")).json()["items"]
    assert listed[0]["digest"] == listed[2]["digest"]
    assert (await eva.post("/api/v1/revisions/9/restore")).status_code == 404


async def test_what_came_of_moves(office: Office, eva: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    async with office.parts.database.begin() as session:
        for name in "abcd":
            await open_conversation(
                session,
                name=name,
                account="1",
                customer=name,
                connector="shop",
                workflow_id=name,
                revision=2,
                opened_at=now,
            )
        await moves.want(session, 3)
        base = {"before": 2, "revision": 3, "at": now, "path": "queues/people", "number": 1}
        await moves.settle(session, Moved(conversation="a", why="moved from revision 2 to 3", **base))
        await moves.settle(session, Moved(conversation="b", refused="revision 3 has no queues/people", **base))
        await end_conversation(session, "c", at=now, cause="user")
    vera = await office.person("vera", "viewer")
    told = (await vera.get("/api/v1/revisions/3/moves")).json()
    assert {state: told[state] for state in moves.STATES} == {"moved": 1, "refused": 1, "ended": 1, "waiting": 1}
    found = {one["conversation"]: (one["state"], one["reason"], one["before"]) for one in told["items"]}
    assert found == {
        "a": ("moved", None, 2),
        "b": ("refused", "revision 3 has no queues/people", 2),
        "c": ("ended", None, 2),
        "d": ("waiting", None, 2),
    }
    only = (await vera.get("/api/v1/revisions/3/moves", params={"state": "refused"})).json()
    assert [one["conversation"] for one in only["items"]] == ["b"]
    page = (await vera.get("/api/v1/revisions/3/moves", params={"limit": 3})).json()
    rest = (await vera.get("/api/v1/revisions/3/moves", params={"cursor": page["cursor"]})).json()
    assert [one["conversation"] for one in page["items"] + rest["items"]] == ["d", "c", "b", "a"]
    assert (await vera.get("/api/v1/revisions/2/moves")).json()["items"] == []
    assert (await vera.get("/api/v1/revisions/9/moves")).status_code == 404
