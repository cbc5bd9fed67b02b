"""Contacts over HTTP: found, looked at, changed; what the audit log says of them, and what it does not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.contacts import DEEPEST, LARGEST
from api.dependencies import Parts
from store import attachments, contacts
from store.attachments import NewAttachment
from store.revisions import append_revision
from store.tickets import create_ticket
from tests.api.conftest import document
from tests.api.people import NOON, Office, opened, problems
from tests.api.talks import opens

pytestmark = pytest.mark.anyio
FIELDS = {"size": {"title": "Size"}, "note": {"title": "Note"}, "tags": {"title": "Tags"}}


def nested(levels: int) -> Any:
    """Lists in each other."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.fixture
async def office(parts: Parts, serve: Any, account: str) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        async with parts.database.begin() as session:
            whole = document(account) | {"custom_fields": FIELDS}
            await append_revision(session, digest="c", document=whole, author="test", note="")
        yield office


@pytest.fixture
async def vera(office: Office) -> httpx.AsyncClient:
    return await office.person("vera", "viewer")


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "agent")


@pytest.fixture
async def jana(office: Office, account: str) -> str:
    """The path of a customer with a profile, two conversations and a ticket."""
    for name, language, day in (("first", "en", 0), ("second", "cs", 1), ("third", "cs", 2)):
        at = NOON + timedelta(days=day)
        await opens(office, account, name, customer="4711", language=language, opened_at=at)
    async with office.parts.database.begin() as session:
        await contacts.save_profile(
            session, account, "4711", username="jana.n", name="Jana Nováková", picture="pic", at=NOON
        )
        await contacts.save_field(session, account, "4711", "size", "38")
        await contacts.save_field(session, account, "4711", "tags", ["kind", 7])
        picture = NewAttachment(
            "pic", account, "4711", attachments.PICTURE, "jana.jpg", media_type="image/jpeg", location="x"
        )
        await attachments.keep(session, picture)
        await attachments.mark_stored(session, "pic", 3)
        await create_ticket(session, "t", at=NOON, conversation="first", title="Broken")
    return f"/api/v1/contacts/{account}-4711"


async def test_a_contact_with_all_that_was_talked_about(vera: httpx.AsyncClient, jana: str, account: str) -> None:
    answer = await vera.get(jana)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["id"] == f"{account}-4711"
    assert (found["name"], found["username"], found["language"]) == ("Jana Nováková", "jana.n", None)
    assert found["fields"] == {"size": "38", "tags": ["kind", 7]}
    assert found["languages"] == ["cs", "en"]
    assert [one["name"] for one in found["conversations"]] == ["third", "second", "first"]
    assert [(one["title"], one["conversation"]) for one in found["tickets"]] == [("Broken", "first")]
    assert "/attachments/pic/jana.jpg?expires=" in found["picture"]
    again = await vera.get(jana, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_who_is_known_by_conversations_only_is_anonymous(
    office: Office, vera: httpx.AsyncClient, account: str
) -> None:
    await opens(office, account, "one")
    found = (await vera.get(f"/api/v1/contacts/{account}-one")).json()
    assert (found["name"], found["fields"], found["updated_at"]) == (None, {}, None)
    assert [one["name"] for one in found["conversations"]] == ["one"]
    for unknown in (f"{account}-two", "1-one", f"{account}-"):
        assert (await vera.get(f"/api/v1/contacts/{unknown}")).status_code in (404, 422), unknown
    assert problems(await vera.get("/api/v1/contacts/nodash")) == [("path/id", "string_pattern_mismatch")]


async def test_the_list_and_its_filters(office: Office, vera: httpx.AsyncClient, jana: str, account: str) -> None:
    async with office.parts.database.begin() as session:
        await contacts.save_field(session, "other", "1", "size", 42)
    async with office.parts.database.begin() as session:
        await contacts.save_language(session, account, "4712", "cs")
        await contacts.save_field(session, account, "4712", "note", "100% \\ kind")

    async def found(**params: Any) -> list[str]:
        answer = await vera.get("/api/v1/contacts", params=params)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    jana_, otto, other = f"{account}-4711", f"{account}-4712", "other-1"
    for params, expected in [
        ({}, [otto, other, jana_]),
        ({"search": "nová"}, [jana_]),
        ({"search": "JANA."}, [jana_]),
        ({"search": "%"}, []),
        ({"account": account}, [otto, jana_]),
        ({"language": "cs"}, [otto]),
        ({"field": "size"}, [other, jana_]),
        ({"field": "size", "value": "4"}, [other]),
        ({"field": "tags", "value": "KIND"}, [jana_]),
        ({"field": "note", "value": "0% \\"}, [otto]),
        ({"field": "no'where"}, []),
    ]:
        assert await found(**params) == expected, params
    page = (await vera.get("/api/v1/contacts?limit=2")).json()
    assert await found(cursor=page["cursor"]) == [jana_]
    [item] = (await vera.get("/api/v1/contacts?search=jana")).json()["items"]
    assert "/attachments/pic/" in item["picture"]
    assert problems(await vera.get("/api/v1/contacts?value=x")) == [("query/value", "no_field")]
    assert problems(await vera.get("/api/v1/contacts?cursor=x")) == [("query/cursor", "unknown_cursor")]


async def test_people_change_fields_and_language(office: Office, eva: httpx.AsyncClient, jana: str) -> None:
    answer = await eva.patch(jana, json={"fields": {"size": None, "note": {"a": [1]}}, "language": "cs"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["fields"], answer.json()["language"]) == ({"note": {"a": [1]}, "tags": ["kind", 7]}, "cs")
    assert answer.json() == (await eva.get(jana)).json() | {"picture": answer.json()["picture"]}
    same = await eva.patch(jana, json={"fields": {"note": {"a": [1]}, "size": None}})
    assert same.json()["language"] == "cs"
    assert (await eva.patch(jana, json={"language": None})).json()["language"] is None
    entries = await office.audit(action="contact")
    about = answer.json()["audit"]
    assert [(one.actor, one.action, one.object, one.details) for one in entries] == [
        ("eva", "contact.changed", about, {"fields": ["note", "size"], "language": [None, "cs"]}),
        ("eva", "contact.changed", about, {"fields": [], "language": ["cs", None]}),
    ]
    assert "4711" not in about  # the log is never emptied, and customers may be


async def test_any_json_that_a_database_can_keep(eva: httpx.AsyncClient, jana: str) -> None:
    for value in (nested(DEEPEST), "x" * (LARGEST - 2), 1.5, False, {"": {"a": None}}, "", []):
        answer = await eva.patch(jana, json={"fields": {"note": value}})
        assert (answer.status_code, answer.json()["fields"]["note"]) == (200, value)
    headers = {"Content-Type": "application/json"}
    odd = await eva.patch(jana, content=b'{"fields": {"note": "a\\u0000b"}}', headers=headers)
    assert odd.status_code == 200, odd.text
    assert odd.json()["fields"]["note"] == "a\ufffdb"
    wrong = await eva.patch(jana, content=b'{"fields": {"note": [NaN]}}', headers=headers)
    assert problems(wrong) == [("fields/note", "value_error")]


async def test_true_is_another_value_than_one(eva: httpx.AsyncClient, jana: str) -> None:
    await eva.patch(jana, json={"fields": {"note": 1}})
    assert (await eva.patch(jana, json={"fields": {"note": True}})).json()["fields"]["note"] is True


async def test_of_two_who_change_a_contact_the_second_is_told(eva: httpx.AsyncClient, jana: str) -> None:
    seen = (await eva.get(jana)).headers["etag"]
    assert (await eva.patch(jana, json={"fields": {"note": "a"}}, headers={"If-Match": seen})).status_code == 200
    second = await eva.patch(jana, json={"fields": {"note": "b"}}, headers={"If-Match": seen})
    assert second.status_code == 412
    assert (await eva.get(jana)).json()["fields"]["note"] == "a"
    assert (await eva.patch(jana, json={"fields": {"size": "39"}})).json()["fields"]["note"] == "a"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"fields": {"nowhere": 1}}, [("fields/nowhere", "unknown")]),
        ({"fields": {"note": "x" * LARGEST}}, [("fields/note", "value_error")]),
        ({"fields": {"note": nested(DEEPEST + 2)}}, [("fields/note", "value_error")]),
        ({"fields": {"note": nested(800)}}, [("fields/note", "value_error")]),
        ({"language": "de"}, [("language", "unknown")]),
        (
            {"language": "de", "fields": {"a": 1, "b": 2}},
            [("fields/a", "unknown"), ("fields/b", "unknown"), ("language", "unknown")],
        ),
        ({"name": "Jana"}, [("name", "extra_forbidden")]),
    ],
)
async def test_what_cannot_be_changed(
    office: Office, eva: httpx.AsyncClient, jana: str, given: dict[str, Any], expected: Any
) -> None:
    before = (await eva.get(jana)).json()
    answer = await eva.patch(jana, json=given)
    assert (answer.status_code, problems(answer)) == (422, expected)
    assert (await eva.get(jana)).json() == before | {"picture": (await eva.get(jana)).json()["picture"]}
    assert await office.audit(action="contact") == []


async def test_a_field_that_the_configuration_has_no_more_can_be_taken_away(
    office: Office, eva: httpx.AsyncClient, jana: str, account: str
) -> None:
    async with office.parts.database.begin() as session:
        await contacts.save_field(session, account, "4711", "old", None)
    assert "old" in (await eva.get(jana)).json()["fields"]
    assert "old" not in (await eva.patch(jana, json={"fields": {"old": None}})).json()["fields"]
