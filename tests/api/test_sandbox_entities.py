"""Entities one by one: two people at one of them, what production has beside it, and lists."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.drafts import QUEUE, applied, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
SANDBOX = "/api/v1/sandbox"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def test_an_entity_from_making_to_removing(office: Office, eva: httpx.AsyncClient) -> None:
    made = await eva.post(f"{SANDBOX}/queues", json={"name": "sales", "document": {"title": "Sales"}})
    assert (made.status_code, made.headers["location"]) == (201, f"{SANDBOX}/queues/sales")
    read = await eva.get(f"{SANDBOX}/queues/sales")
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"]
    told = read.json()
    assert datetime.fromisoformat(told["sandbox"].pop("changed_at")).tzinfo is not None
    assert told == {
        "kind": "queues",
        "name": "sales",
        "path": "queues/sales",
        "state": "added",
        "differs": True,
        "sandbox": {"document": {"title": "Sales"}, "author": "eva", "etag": told["sandbox"]["etag"]},
        "production": None,
    }
    changed = {"title": "Sales", "priority": 1}
    written = await eva.put(f"{SANDBOX}/queues/sales", json=changed, headers={"If-Match": told["sandbox"]["etag"]})
    assert (written.status_code, written.json()["sandbox"]["document"]) == (200, changed)
    assert (await eva.delete(f"{SANDBOX}/queues/sales")).status_code == 428
    stale = {"If-Match": made.headers["etag"]}
    assert (await eva.delete(f"{SANDBOX}/queues/sales", headers=stale)).status_code == 412
    fresh = {"If-Match": written.headers["etag"]}
    assert (await eva.delete(f"{SANDBOX}/queues/sales", headers=fresh)).status_code == 204
    assert (await eva.get(f"{SANDBOX}/queues/sales")).status_code == 404
    assert (await eva.delete(f"{SANDBOX}/queues/sales", headers=fresh)).status_code == 404
    assert [(one.actor, one.action, one.object) for one in await office.audit(action="sandbox")] == [
        ("eva", f"sandbox.{what}", "sandbox/queues/sales") for what in ("created", "changed", "deleted")
    ]


async def test_two_people_at_one_entity(office: Office, eva: httpx.AsyncClient) -> None:
    """The second one is told, nothing of the first is lost, and with the new tag the second can go on."""
    petr = await office.person("petr", "admin")
    await write(eva, small())
    seen_by_eva, seen_by_petr = await tag(eva, QUEUE), await tag(petr, QUEUE)
    theirs, mine = {"title": "People", "priority": 1}, {"title": "People", "description": "At the desk"}
    assert (await petr.put(QUEUE, json=theirs, headers={"If-Match": seen_by_petr})).status_code == 200
    refused = await eva.put(QUEUE, json=mine, headers={"If-Match": seen_by_eva})
    assert refused.status_code == 412
    assert (
        refused.json()["detail"]
        == "queues/people was changed meanwhile, and nothing of yours was written. Read it again."
    )
    now = (await eva.get(QUEUE)).json()["sandbox"]
    assert (now["document"], now["author"]) == (theirs, "petr")
    again = await eva.put(QUEUE, json=theirs | mine, headers={"If-Match": refused.headers["etag"]})
    assert (again.status_code, again.json()["sandbox"]["author"]) == (200, "eva")


async def test_many_at_once_and_one_wins(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    seen = {"If-Match": await tag(eva, QUEUE)}
    answers = await asyncio.gather(
        *(eva.put(QUEUE, json={"title": f"People {number}"}, headers=seen) for number in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    assert (await eva.get(QUEUE)).json()["sandbox"]["document"] == {"title": f"People {winner}"}


async def test_different_entities_at_once(eva: httpx.AsyncClient) -> None:
    async def make(number: int) -> int:
        given = {"name": f"q{number}", "document": {"title": f"Queue {number}"}}
        return (await eva.post(f"{SANDBOX}/queues", json=given)).status_code

    assert await asyncio.gather(*(make(number) for number in range(10))) == [201] * 10
    assert len((await eva.get(SANDBOX)).json()["queues"]) == 10


async def test_a_name_is_taken_once(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    given = {"title": "Other"}
    for answer in (
        await eva.post(f"{SANDBOX}/queues", json={"name": "people", "document": given}),
        await eva.put(QUEUE, json=given, headers={"If-None-Match": "*"}),
    ):
        assert answer.status_code == 409
        assert answer.headers["etag"].strip('"') == (await tag(eva, QUEUE)).strip('"').split(".")[0]
    assert (await eva.get(QUEUE)).json()["sandbox"]["document"] == {"title": "People"}


async def test_what_put_must_say(eva: httpx.AsyncClient) -> None:
    path = f"{SANDBOX}/queues/sales"
    assert (await eva.put(path, json={"title": "S"})).status_code == 428
    gone = await eva.put(path, json={"title": "S"}, headers={"If-Match": '"x"'})
    assert gone.status_code == 412
    assert (await eva.put(path, json={"title": "S"}, headers={"If-Match": "*"})).status_code == 412
    odd = await eva.put(path, json={"title": "S"}, headers={"If-None-Match": '"x"'})
    assert problems(odd) == [("header/If-None-Match", "not_a_star")]
    assert (await eva.put(path, json={"title": "S"}, headers={"If-None-Match": "*"})).status_code == 201


async def test_yaml_for_one_entity(eva: httpx.AsyncClient) -> None:
    answer = await eva.put(
        f"{SANDBOX}/queues/sales",
        content="# by hand\ntitle: Sales\npriority: 1\n",
        headers={"Content-Type": "application/yaml", "If-None-Match": "*"},
    )
    assert (answer.status_code, answer.json()["sandbox"]["document"]) == (201, {"title": "Sales", "priority": 1})


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "queues/Sales", {"title": "S"}, ("queues/Sales", "bad-name")),
        ("PUT", "queues/sales", [1], ("queues/sales", "wrong-type")),
        ("PUT", "queus/sales", {"title": "S"}, ("path/kind", "literal_error")),
        ("POST", "queues", {"name": "Sales!", "document": {}}, ("name", "bad-name")),
        ("POST", "custom_fields", {"name": "a-b", "document": {}}, ("name", "bad-name")),
        ("POST", "queues", {"name": "sales", "document": None}, ("document", "wrong-type")),
        ("POST", "queues", {"name": "sales"}, ("", "wrong-type")),
        ("POST", "queues", {"name": 1, "document": {}}, ("", "wrong-type")),
        ("POST", "languages", {"name": "x", "document": {}}, ("path/kind", "literal_error")),
    ],
)
async def test_what_cannot_be_kept(
    eva: httpx.AsyncClient, method: str, path: str, body: Any, expected: tuple[str, str]
) -> None:
    answer = await eva.request(method, f"{SANDBOX}/{path}", json=body, headers={"If-None-Match": "*"})
    assert answer.status_code == 422
    assert problems(answer) == [expected]
    assert (await eva.get(SANDBOX)).json() == {"format": 1}


async def test_names_of_custom_fields_are_those_that_templates_read(eva: httpx.AsyncClient) -> None:
    given = {"name": "Last_Order", "document": {"title": "Last order"}}
    assert (await eva.post(f"{SANDBOX}/custom_fields", json=given)).status_code == 201


async def test_languages_are_one_entity(eva: httpx.AsyncClient) -> None:
    path, both = f"{SANDBOX}/languages", {"default": "en", "offered": ["en", "cs"]}
    await applied(eva, small())
    assert (await eva.get(path)).status_code == 404
    assert (await eva.put(path, json=both)).status_code == 428
    made = await eva.put(path, json=both, headers={"If-None-Match": "*"})
    assert (made.status_code, made.json()["path"], made.json()["name"]) == (201, "languages", "")
    assert (await eva.get("/api/v1/production/languages")).status_code == 404
    number = await applied(eva, small(languages=both))
    told = (await eva.get(path)).json()
    assert (told["state"], told["production"]["revision"]) == ("same", number)
    assert (await eva.get("/api/v1/production/languages")).json()["document"] == {"offered": ["en", "cs"]}
    assert (await eva.delete(path, headers={"If-Match": await tag(eva, path)})).status_code == 204
    assert "languages" not in (await eva.get(SANDBOX)).json()


async def test_side_by_side(office: Office, eva: httpx.AsyncClient) -> None:
    petr = await office.person("petr", "admin")
    first = await applied(petr, small())
    second = await applied(eva, small(terminates={"bye": {"title": "Bye", "cause": "user"}}))
    assert second == first + 1
    told = (await eva.get(QUEUE)).json()
    assert (told["state"], told["differs"], told["sandbox"]["document"]) == ("same", False, {"title": "People"})
    made = datetime.fromisoformat(told["production"].pop("changed_at"))
    assert made.tzinfo is not None
    assert told["production"] == {"document": {"title": "People"}, "revision": first, "author": "petr"}
    same = {"title": "People", "priority": 5}
    assert (await eva.put(QUEUE, json=same, headers={"If-Match": await tag(eva, QUEUE)})).json()["state"] == "same"
    other = {"title": "People", "priority": 1}
    changed = (await eva.put(QUEUE, json=other, headers={"If-Match": await tag(eva, QUEUE)})).json()
    assert (changed["state"], changed["sandbox"]["author"], changed["production"]["author"]) == (
        "changed",
        "eva",
        "petr",
    )
    assert (await eva.delete(QUEUE, headers={"If-Match": await tag(eva, QUEUE)})).status_code == 204
    gone = await eva.get(QUEUE)
    assert gone.status_code == 404
    assert "discarding brings it back" in gone.json()["detail"]


async def test_a_tag_is_of_all_that_is_shown(eva: httpx.AsyncClient) -> None:
    """What is in the sandbox stays, and production changes beside it: that is another answer, of the same content."""
    await applied(eva, small())
    changed = small(queues={"people": {"title": "Folk"}})
    await write(eva, changed)
    before = await tag(eva, QUEUE)
    known = await eva.get(QUEUE, headers={"If-None-Match": before})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", before)
    await applied(eva, changed)
    after = await eva.get(QUEUE, headers={"If-None-Match": before})
    assert (after.status_code, after.json()["state"]) == (200, "same")
    assert after.headers["etag"] != before
    assert (await eva.put(QUEUE, json={"title": "F"}, headers={"If-Match": before})).status_code == 200


async def test_lists(office: Office, eva: httpx.AsyncClient) -> None:
    await applied(eva, small(queues={"people": {"title": "People"}, "old": {"title": "Old desk"}}))
    new = {"title": "Number one", "description": "At the DESK"}
    await write(eva, small(queues={"one": new, "people": {"title": "Folk"}, "odd": {"title": 7}}))
    told = (await eva.get(f"{SANDBOX}/queues")).json()
    assert [(one["name"], one["title"], one["state"]) for one in told["items"]] == [
        ("one", "Number one", "added"),
        ("people", "Folk", "changed"),
        ("odd", None, "added"),
        ("old", "Old desk", "removed"),
    ]
    assert told["cursor"] is None
    first, *_, last = told["items"]
    assert (first["sandbox"]["author"], first["production"], first["description"]) == ("eva", None, "At the DESK")
    assert (last["sandbox"], last["differs"]) == (None, True)
    assert "document" not in first["sandbox"]
    found = (await eva.get(f"{SANDBOX}/queues", params={"search": "desk"})).json()
    assert [one["name"] for one in found["items"]] == ["one", "old"]
    theirs = (await eva.get("/api/v1/production/queues")).json()
    assert [(one["name"], one["title"], one["author"]) for one in theirs["items"]] == [
        ("people", "People", "eva"),
        ("old", "Old desk", "eva"),
    ]
    assert (await eva.get("/api/v1/production/templates")).json() == {"items": [], "cursor": None}


async def test_lists_page_in_the_order_of_the_document(eva: httpx.AsyncClient) -> None:
    names = [f"t{number}" for number in (3, 1, 4, 2, 5)]
    await write(eva, {"format": 1, "templates": {name: {"title": name} for name in names}})
    seen: list[str] = []
    cursor: str | None = None
    while True:
        given = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await eva.get(f"{SANDBOX}/templates", params=given)).json()
        seen += [one["name"] for one in page["items"]]
        if len(seen) == 4:  # the last one that was read goes away meanwhile
            await write(eva, {"format": 1, "templates": {name: {"title": name} for name in names if name != "t2"}})
        if (cursor := page["cursor"]) is None:
            break
    assert seen == names[:4], "the place of what is gone is where the list goes on"
    for odd in ("?", "x", "LTU=", "é"):
        answer = await eva.get(f"{SANDBOX}/templates", params={"cursor": odd})
        assert answer.status_code == 200 or problems(answer) == [("query/cursor", "unknown_cursor")]


async def test_production_for_everybody(office: Office, eva: httpx.AsyncClient) -> None:
    """Viewers see what is applied, and nothing of the sandbox."""
    number = await applied(eva, small())
    await write(eva, small(queues={"people": {"title": "Secret plans"}}))
    vera = await office.person("vera", "viewer")
    told = await vera.get("/api/v1/production/queues/people")
    assert (told.json()["document"], told.json()["revision"]) == ({"title": "People"}, number)
    assert set(told.json()) == {"kind", "name", "path", "document", "revision", "author", "changed_at"}
    again = await vera.get("/api/v1/production/queues/people", headers={"If-None-Match": told.headers["etag"]})
    assert again.status_code == 304
    assert (await vera.get("/api/v1/production")).json() == small()
    yaml = await vera.get("/api/v1/production", headers={"Accept": "application/yaml"})
    assert yaml.text.startswith("format: 1\nconnectors:\n  shop:\n")
    assert (await vera.get("/api/v1/production/queues/no")).status_code == 404
    for path in ("", "/queues", "/queues/people"):
        assert (await vera.get(f"{SANDBOX}{path}")).status_code == 403
