"""Tickets over HTTP: lists with filters, creating, changing by one person at a time, the clock, and who is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import select

from api.dependencies import Parts
from store import tables
from store.revisions import append_revision
from store.tickets import create_ticket
from tests.api.conftest import document
from tests.api.people import NOON, Office, opened, problems
from tests.api.talks import opens

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
OFFICE = {
    "title": "Office",
    "timezone": "UTC",
    "definitions": [
        {
            "type": "open",
            "system": "own",
            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
            "from": "09:00",
            "to": "17:00",
        }
    ],
}


def revision(account: str, **within: str | None) -> dict[str, Any]:
    """A configuration with these categories, each with so much office time or without a promise."""
    categories = {
        name: {"title": name.title(), **({"sla": {"within": one, "time_group": "office"}} if one else {})}
        for name, one in within.items()
    }
    return document(account) | {"time_groups": {"office": OFFICE}, "categories": categories}


@pytest.fixture
async def office(parts: Parts, serve: Any, account: str) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        async with parts.database.begin() as session:
            whole = revision(account, orders="PT8H", complaints="PT2H", ideas=None)
            await append_revision(session, digest="c", document=whole, author="test", note="")
        yield office


@pytest.fixture
async def vera(office: Office) -> httpx.AsyncClient:
    return await office.person("vera", "viewer")


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    await office.user("eva")
    return await office.program("eva")  # a session would end in the days that go by here


async def made(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/tickets", json={"title": "Broken pot", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def changed(client: httpx.AsyncClient, number: int, **given: Any) -> dict[str, Any]:
    """A change of what is there now."""
    path = f"/api/v1/tickets/{number}"
    tag = (await client.get(path)).headers["etag"]
    answer = await client.patch(path, json=given, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    return answer.json()


def utc(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written).astimezone(UTC)


async def told(office: Office) -> list[tuple[str, str, dict[str, Any]]]:
    """What is announced to the outside: key, kind and content."""
    table = tables.announcements
    async with office.parts.database.begin() as session:
        rows = await session.execute(select(table.c.key, table.c.kind, table.c.content).order_by(table.c.id))
        return [(row.key, row.kind, row.content) for row in rows]


# Lists ----------------------------------------------------------------------------------------------------------------


async def test_newest_first_with_filters(office: Office, vera: httpx.AsyncClient, account: str) -> None:
    await opens(office, account, "one", "two")
    await office.user("eva")
    async with office.parts.database.begin() as session:
        first = await create_ticket(
            session, "1", at=NOON - 30 * HOUR, conversation="one", title="Broken", category="orders", revision=2
        )
        second = await create_ticket(
            session, "2", at=NOON, conversation="two", title="Lost", comment="It never came", priority="high"
        )
        third = await create_ticket(
            session,
            "3",
            at=NOON,
            conversation=None,
            title="Škoda's",
            category="complaints",
            priority="high",
            assignee="eva",
            revision=2,
        )

    async def found(**params: Any) -> list[int]:
        answer = await vera.get("/api/v1/tickets", params=params)
        assert answer.status_code == 200, answer.text
        return [one["number"] for one in answer.json()["items"]]

    office.later(6 * HOUR)  # it is 18:00
    assert await found() == [third, second, first]
    for params, expected in [
        ({"conversation": "two"}, [second]),
        ({"category": "orders"}, [first]),
        ({"priority": "high"}, [third, second]),
        ({"category": "complaints", "priority": "high"}, [third]),
        ({"stage": "open"}, [third, second, first]),
        ({"stage": "closed"}, []),
        ({"stage": ["closed", "open"]}, [third, second, first]),
        ({"assignee": "eva"}, [third]),
        ({"assignee": "-"}, [second, first]),
        ({"overdue": True}, [third, first]),
        ({"overdue": False}, [second]),
        ({"customer": "one"}, [first]),
        ({"customer": "one", "account": "other"}, []),
        ({"account": account}, [second, first]),
        ({"text": "nev CAME"}, [second]),
        ({"text": "škoda's"}, [third]),
        ({"text": "& | '"}, []),
        ({"text": f"#{first}"}, [first]),
        ({"text": str(second)}, [second]),
        ({"order": "due"}, [third, first, second]),
        ({"limit": 1}, [third]),
    ]:
        assert await found(**params) == expected, params
    for order in ("newest", "due"):
        page = (await vera.get("/api/v1/tickets", params={"limit": 2, "order": order})).json()
        rest = await found(limit=2, cursor=page["cursor"], order=order)
        assert [one["number"] for one in page["items"]] + rest == await found(order=order)
    answer = await vera.get("/api/v1/tickets", params={"cursor": page["cursor"]})
    assert problems(answer) == [("query/cursor", "unknown_cursor")]


async def test_one_ticket(office: Office, vera: httpx.AsyncClient, account: str) -> None:
    await opens(office, account, "two")
    async with office.parts.database.begin() as session:
        number = await create_ticket(
            session, "2", at=NOON, conversation="two", title="Lost", comment="It never came", priority="high"
        )
    answer = await vera.get(f"/api/v1/tickets/{number}")
    assert answer.json() == {
        "number": number,
        "conversation": "two",
        "title": "Lost",
        "category": None,
        "comment": "It never came",
        "priority": "high",
        "stage": "open",
        "author": "graph",
        "assignee": None,
        "created_at": answer.json()["created_at"],
        "changed_at": answer.json()["created_at"],
        "due_at": None,
        "overdue": False,
        "closed_at": None,
        "history": [],
    }
    assert utc(answer.json()["created_at"]) == NOON
    again = await vera.get(f"/api/v1/tickets/{number}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_not_there(vera: httpx.AsyncClient, eva: httpx.AsyncClient) -> None:
    answer = await vera.get("/api/v1/tickets/9999")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no ticket 9999.")
    for number in ("0", "first", str(2**63)):
        assert problems(await vera.get(f"/api/v1/tickets/{number}"))[0][0] == "path/number"
    answer = await vera.get("/api/v1/tickets", params={"cursor": "x"})
    assert problems(answer) == [("query/cursor", "unknown_cursor")]
    assert (await vera.get("/api/v1/tickets", params={"limit": 0})).status_code == 422
    assert (await vera.get("/api/v1/tickets", params={"stage": "lost"})).status_code == 422
    for method, path, body in [
        ("PATCH", "/api/v1/tickets/9999", {"stage": "closed"}),
        ("POST", "/api/v1/tickets/9999/comments", {"comment": "x"}),
        ("POST", "/api/v1/conversations/nowhere/ticket", {"title": "x"}),
    ]:
        assert (await eva.request(method, path, json=body, headers={"If-Match": "*"})).status_code == 404, path


# Creating -------------------------------------------------------------------------------------------------------------


async def test_a_person_creates_one_which_is_due_in_office_time(
    office: Office, eva: httpx.AsyncClient, account: str
) -> None:
    await opens(office, account, "one")
    bare = await made(eva)
    assert (bare["author"], bare["conversation"], bare["priority"], bare["due_at"]) == ("eva", None, "normal", None)
    whole = {"category": "orders", "comment": "In two", "priority": "urgent", "assignee": "eva"}
    path = "/api/v1/conversations/one/ticket"
    answer = await eva.post(path, json={"title": "Broken", **whole})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert answer.headers["location"] == f"/api/v1/tickets/{found['number']}"
    assert {name: found[name] for name in whole} == whole
    assert found["conversation"] == "one"
    assert utc(found["due_at"]) == datetime(2026, 11, 3, 12, tzinfo=UTC)  # Monday noon, and 8 hours of office time
    assert (await eva.get(answer.headers["location"])).json() == found
    assert [(one.action, one.object) for one in await office.audit(action="ticket")] == [
        ("ticket.created", f"tickets/{bare['number']}"),
        ("ticket.created", f"tickets/{found['number']}"),
    ]
    [_, (key, kind, content)] = await told(office)
    assert (key, kind) == (f"ticket/{found['number']}", "ticket.created")
    assert content["ticket"]["title"] == "Broken"
    assert utc(content["ticket"]["due_at"]) == utc(found["due_at"])
    assert "key" not in content["ticket"]


async def test_the_same_key_creates_one(office: Office, eva: httpx.AsyncClient) -> None:
    otto = await office.person("otto", "supervisor")
    numbers = []
    for client, key in [(eva, "a"), (eva, "a"), (eva, "b"), (otto, "a"), (eva, "a")]:
        answer = await client.post("/api/v1/tickets", json={"title": "x"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 201
        numbers.append(answer.json()["number"])
        office.later(HOUR)
    assert numbers == [1001, 1001, 1002, 1003, 1001]
    assert len(await told(office)) == 3
    assert len(await office.audit(action="ticket")) == 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"category": "nowhere"}, [("category", "unknown")]),
        ({"assignee": "nobody"}, [("assignee", "unknown")]),
        ({"assignee": "vera", "category": "nowhere"}, [("category", "unknown"), ("assignee", "unknown")]),
        ({"conversation": "nowhere"}, [("conversation", "unknown")]),
        ({"priority": "huge"}, [("priority", "literal_error")]),
        ({"title": ""}, [("title", "string_too_short")]),
        ({"stage": "closed"}, [("stage", "extra_forbidden")]),
    ],
)
async def test_what_cannot_be_created(
    office: Office, eva: httpx.AsyncClient, vera: httpx.AsyncClient, given: dict[str, Any], expected: Any
) -> None:
    answer = await eva.post("/api/v1/tickets", json={"title": "x", **given})
    assert (answer.status_code, problems(answer)) == (422, expected)
    assert (await eva.get("/api/v1/tickets")).json()["items"] == []
    assert await told(office) == []


# Changing -------------------------------------------------------------------------------------------------------------


async def test_of_two_who_change_a_ticket_the_second_is_told(office: Office, eva: httpx.AsyncClient) -> None:
    otto = await office.person("otto")
    number = (await made(eva))["number"]
    path = f"/api/v1/tickets/{number}"
    seen = (await eva.get(path)).headers["etag"]
    first = await eva.patch(path, json={"priority": "high"}, headers={"If-Match": seen})
    assert first.status_code == 200
    second = await otto.patch(path, json={"priority": "low", "stage": "closed"}, headers={"If-Match": seen})
    assert second.status_code == 412
    now = (await otto.get(path)).json()
    assert (now["priority"], now["stage"], len(now["history"])) == ("high", "open", 1)
    # What the answer says is there now is what the next change may name.
    assert (await otto.patch(path, json={"stage": "closed"}, headers={"If-Match": second.headers["etag"]})).is_success
    unsaid = await otto.patch(path, json={"stage": "open"})
    assert unsaid.status_code == 428


async def test_two_at_the_same_moment(office: Office, eva: httpx.AsyncClient) -> None:
    otto = await office.person("otto")
    number = (await made(eva))["number"]
    path = f"/api/v1/tickets/{number}"
    seen = (await eva.get(path)).headers["etag"]
    statuses: list[int] = []

    async def assign(client: httpx.AsyncClient, name: str) -> None:
        answer = await client.patch(path, json={"assignee": name}, headers={"If-Match": seen})
        statuses.append(answer.status_code)

    async with anyio.create_task_group() as group:
        group.start_soon(assign, eva, "eva")
        group.start_soon(assign, otto, "otto")
    assert sorted(statuses) == [200, 412]
    assert len((await eva.get(path)).json()["history"]) == 1


async def test_comments_stand_in_the_history_and_stop_nobody(
    office: Office, eva: httpx.AsyncClient, vera: httpx.AsyncClient
) -> None:
    number = (await made(eva))["number"]
    path = f"/api/v1/tickets/{number}"
    seen = (await eva.get(path)).headers["etag"]
    office.later(HOUR)
    answer = await eva.post(f"{path}/comments", json={"comment": "She sends a *picture*."})
    assert answer.status_code == 201
    assert (await eva.patch(path, json={"stage": "wait"}, headers={"If-Match": seen})).status_code == 200
    found = (await vera.get(path)).json()
    assert [(one["author"], one["changes"], one["comment"]) for one in found["history"]] == [
        ("eva", {}, "She sends a *picture*."),
        ("eva", {"stage": ["open", "wait"]}, ""),
    ]
    assert utc(found["changed_at"]) == NOON + HOUR
    assert [one["number"] for one in (await vera.get("/api/v1/tickets?text=pictur")).json()["items"]] == [number]
    assert [one.action for one in await office.audit(action="ticket")] == [
        "ticket.created",
        "ticket.commented",
        "ticket.changed",
    ]
    assert "picture" not in str(await office.audit())
    kinds = [(kind, content.get("change", {}).get("comment")) for _, kind, content in await told(office)]
    assert kinds == [
        ("ticket.created", None),
        ("ticket.changed", "She sends a *picture*."),
        ("ticket.changed", ""),
    ]


async def test_what_is_the_same_is_no_change(office: Office, eva: httpx.AsyncClient) -> None:
    before = await made(eva, category="orders", assignee="eva")
    office.later(HOUR)
    number = before["number"]
    assert await changed(eva, number, category="orders", assignee="eva", stage="open", title="Broken pot") == before
    assert await changed(eva, number) == before
    assert len(await told(office)) == 1
    assert [one.action for one in await office.audit(action="ticket")] == ["ticket.created"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"category": "nowhere"}, [("category", "unknown")]),
        ({"assignee": "vera"}, [("assignee", "unknown")]),
        ({"title": None}, [("title", "string_type")]),
        ({"stage": "gone"}, [("stage", "literal_error")]),
        ({"number": 7}, [("number", "extra_forbidden")]),
    ],
)
async def test_what_cannot_be_changed(
    eva: httpx.AsyncClient, vera: httpx.AsyncClient, given: dict[str, Any], expected: Any
) -> None:
    before = await made(eva)
    path = f"/api/v1/tickets/{before['number']}"
    answer = await eva.patch(path, json=given | {"comment": "new"}, headers={"If-Match": "*"})
    assert (answer.status_code, problems(answer)) == (422, expected)
    assert (await eva.get(path)).json() == before


# The clock ------------------------------------------------------------------------------------------------------------


async def test_the_clock_stands_still_while_it_waits(office: Office, eva: httpx.AsyncClient) -> None:
    """Created on Monday at 12:00 with 8 hours: 1 used until 13:00, then from Tuesday 10:00 on 7 to go."""
    number = (await made(eva, category="orders"))["number"]
    office.later(HOUR)
    waiting = await changed(eva, number, stage="wait")
    assert (waiting["due_at"], waiting["overdue"]) == (None, False)
    assert list(waiting["history"][0]["changes"]) == ["stage", "due_at"]
    office.later(21 * HOUR)
    again = await changed(eva, number, stage="open")
    assert utc(again["due_at"]) == datetime(2026, 11, 3, 17, tzinfo=UTC)
    office.later(8 * HOUR)  # Tuesday 18:00
    assert (await eva.get(f"/api/v1/tickets/{number}")).json()["overdue"]
    late = await changed(eva, number, stage="closed")
    assert (late["overdue"], utc(late["closed_at"])) == (True, office.time)
    assert utc(late["due_at"]) == datetime(2026, 11, 3, 17, tzinfo=UTC)
    put_away = await changed(eva, number, stage="archived")
    assert put_away["closed_at"] == late["closed_at"]
    reopened = await changed(eva, number, stage="open")
    assert (reopened["closed_at"], utc(reopened["due_at"])) == (None, utc(late["due_at"]))


async def test_what_was_closed_in_time_is_never_overdue(office: Office, eva: httpx.AsyncClient) -> None:
    number = (await made(eva, category="complaints"))["number"]
    office.later(HOUR)
    closed = await changed(eva, number, stage="closed")
    assert utc(closed["due_at"]) == NOON + 2 * HOUR
    office.later(100 * HOUR)
    assert not (await eva.get(f"/api/v1/tickets/{number}")).json()["overdue"]
    assert (await eva.get("/api/v1/tickets?overdue=true")).json()["items"] == []


async def test_another_category_promises_anew_and_another_revision_does_not(
    office: Office, eva: httpx.AsyncClient, account: str
) -> None:
    number = (await made(eva, category="orders"))["number"]
    async with office.parts.database.begin() as session:
        other = revision(account, orders="PT1H", complaints="PT3H", ideas=None)
        await append_revision(session, digest="d", document=other, author="test", note="")
    office.later(HOUR)
    assert utc((await changed(eva, number, priority="urgent"))["due_at"]) == datetime(2026, 11, 3, 12, tzinfo=UTC)
    await changed(eva, number, stage="wait")
    office.later(HOUR)
    kept = await changed(eva, number, stage="open")
    assert utc(kept["due_at"]) == datetime(2026, 11, 3, 13, tzinfo=UTC)
    moved = await changed(eva, number, category="complaints")
    assert utc(moved["due_at"]) == NOON + 4 * HOUR  # three hours since noon, and the one that it waited
    assert (await changed(eva, number, category="ideas"))["due_at"] is None
    assert (await changed(eva, number, category=None))["due_at"] is None
    back = await changed(eva, number, category="orders")
    assert (utc(back["due_at"]), back["overdue"]) == (NOON + HOUR, True)
