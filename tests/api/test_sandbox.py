"""The sandbox as a whole: JSON and YAML without loss, tags, problems, differences, discarding."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from routing.documents import read
from routing.documents import write as written
from routing.entities import document_of, entities_of
from tests.api.drafts import QUEUE, applied, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "demo/configuration.yaml").read_text(encoding="utf-8")
SANDBOX = "/api/v1/sandbox"
YAML = {"Content-Type": "application/yaml", "Accept": "application/yaml"}


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def test_it_begins_empty(eva: httpx.AsyncClient) -> None:
    answer = await eva.get(SANDBOX)
    assert (answer.status_code, answer.text) == (200, '{"format":1}')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_json_there_and_back(eva: httpx.AsyncClient) -> None:
    given = read(DEMO)
    assert isinstance(given, dict)
    told = await write(eva, given)
    assert {one["change"] for one in told["changes"]} == {"added"}
    assert told["etag"] == await tag(eva)
    first = await eva.get(SANDBOX)
    assert json.dumps(first.json()) == json.dumps(document_of(entities_of(given)))
    assert first.json() == given
    assert (await write(eva, first.json()))["changes"] == []
    assert (await eva.get(SANDBOX)).content == first.content


async def test_yaml_there_and_back(eva: httpx.AsyncClient) -> None:
    answer = await eva.put(SANDBOX, content=DEMO, headers=YAML | {"If-Match": await tag(eva)})
    assert answer.status_code == 200, answer.text
    first = await eva.get(SANDBOX, headers=YAML)
    assert first.headers["content-type"].startswith("application/yaml")
    assert read(first.text) == read(DEMO)
    assert first.text == written(document_of(entities_of(read(DEMO))))  # type: ignore[arg-type]  a mapping
    again = await eva.put(SANDBOX, content=first.content, headers=YAML | {"If-Match": first.headers["etag"]})
    assert (again.status_code, again.json()["changes"]) == (200, []), "the tag of the YAML serves as well"
    assert (await eva.get(SANDBOX, headers=YAML)).content == first.content


async def test_each_form_has_a_tag_of_its_own(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    as_json = await tag(eva)
    as_yaml = (await eva.get(SANDBOX, headers=YAML)).headers["etag"]
    assert as_json != as_yaml
    for accept, mine, other in (("application/json", as_json, as_yaml), ("application/yaml", as_yaml, as_json)):
        known = await eva.get(SANDBOX, headers={"Accept": accept, "If-None-Match": f'"x", {mine}'})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", mine)
        assert (await eva.get(SANDBOX, headers={"Accept": accept, "If-None-Match": other})).status_code == 200


@pytest.mark.parametrize(
    ("accept", "yaml"),
    [
        ("*/*", False),
        ("text/html", False),
        ("application/yaml", True),
        ("text/yaml;q=0.9, application/json;q=0.8", True),
        ("application/json, application/yaml;q=0.9", False),
        ("application/x-yaml, */*;q=0.1", True),
        ("application/yaml;q=0", False),
        ("application/yaml;q=x", False),
    ],
)
async def test_what_the_caller_likes(eva: httpx.AsyncClient, accept: str, yaml: bool) -> None:
    answer = await eva.get(SANDBOX, headers={"Accept": accept})
    assert answer.text == ("format: 1\n" if yaml else '{"format":1}')


async def test_who_does_not_say_what_they_have_seen_writes_nothing(eva: httpx.AsyncClient) -> None:
    answer = await eva.put(SANDBOX, json=small())
    assert answer.status_code == 428
    assert "If-Match" in answer.json()["detail"]
    old = await tag(eva)
    await write(eva, small())
    answer = await eva.put(SANDBOX, json={"format": 1}, headers={"If-Match": old})
    assert (answer.status_code, answer.headers["etag"]) == (412, await tag(eva))
    assert (await eva.get(SANDBOX)).json() == small()
    for fine in ("*", f"W/{await tag(eva)}", f'"x", {await tag(eva)}'):
        answer = await eva.put(SANDBOX, json=small(), headers={"If-Match": fine})
        assert answer.status_code == 200, fine


async def test_everything_that_cannot_be_kept_is_told_at_once(eva: httpx.AsyncClient) -> None:
    given = {
        "format": 2,
        "langauges": {},
        "languages": [],
        "queues": {"Not A Name": {}, "x": 3, "ok": {}},
        "custom_fields": {"9lives": {}, "Good_1": {}},
        "terminates": None,
    }
    answer = await eva.put(SANDBOX, json=given, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert problems(answer) == [
        ("format", "unknown-value"),
        ("langauges", "unknown-field"),
        ("languages", "wrong-type"),
        ("queues/Not A Name", "bad-name"),
        ("queues/x", "wrong-type"),
        ("custom_fields/9lives", "bad-name"),
        ("terminates", "wrong-type"),
    ]
    assert "did you mean `languages`?" in answer.json()["problems"][1]["message"]
    assert (await eva.get(SANDBOX)).json() == {"format": 1}


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"[]", "application/json", 422, "wrong-type"),
        (b"{}", "application/json", 422, "missing-field"),
        (b'{"format": true}', "application/json", 422, "unknown-value"),
        (b'{"format": 1, "queues": {"a": {}, "a": {}}}', "application/json", 422, "unreadable"),
        (b'{"format": 1, "queues": {"a": {"priority": NaN}}}', "application/json", 422, "unreadable"),
        (b'{"format": 1, "queues": {"a": {"title": "\\u0000"}}}', "application/json", 422, "unreadable"),
        (b'{"format": 1, "queues": {"a": {"title": "\xff"}}}', "application/json", 422, "unreadable"),
        (b"[" * 200 + b"]" * 200, "application/json", 422, "unreadable"),
        (b"format: 1\nformat: 1", "application/yaml", 422, "unreadable"),
        (b"format: !!python/object 1", "text/yaml", 422, "unreadable"),
        (b"", "application/json", 422, "unreadable"),
        (b"", "application/yaml", 422, "wrong-type"),
        (b"format: 1", "application/json; charset=utf-8", 422, "unreadable"),
        (b"format=1", "application/x-www-form-urlencoded", 415, None),
        (b"<format>1</format>", "text/xml", 415, None),
    ],
)
async def test_bodies_that_are_no_document(
    eva: httpx.AsyncClient, body: bytes, kind: str, status: int, code: str | None
) -> None:
    answer = await eva.put(SANDBOX, content=body, headers={"Content-Type": kind, "If-Match": "*"})
    assert answer.status_code == status
    assert [found for _, found in problems(answer)] == ([code] if code else [])


async def test_a_document_may_be_larger_than_other_bodies(eva: httpx.AsyncClient) -> None:
    large = {"format": 1, "templates": {f"t{number}": {"title": "T", "text": "x" * 15_000} for number in range(200)}}
    assert len((await write(eva, large))["changes"]) == 200
    one = {"title": "T", "text": "x" * 1_000_001}
    answer = await eva.put(f"{SANDBOX}/templates/t1", json=one, headers={"If-Match": "*"})
    assert answer.status_code == 413
    larger = {"format": 1, "templates": {"t": {"title": "T", "text": "x" * 10_000_001}}}
    assert (await eva.put(SANDBOX, json=larger, headers={"If-Match": "*"})).status_code == 413


async def test_what_is_wrong_is_kept_and_told(eva: httpx.AsyncClient) -> None:
    wrong = small(queues={"people": {"title": "People", "priority": 11}, "sales": {"titel": "Sales"}})
    await write(eva, wrong)
    assert (await eva.get(SANDBOX)).json() == wrong
    told = (await eva.get("/api/v1/problems")).json()
    assert told["etag"] == await tag(eva)
    found = [(one["path"], one["code"], one["severity"]) for one in told["problems"]]
    assert ("queues/people/priority", "out-of-range", "error") in found
    assert ("queues/sales/titel", "unknown-field", "error") in found
    assert told["errors"] == sum(severity == "error" for *_, severity in found)
    assert told["warnings"] == len(found) - told["errors"]
    for path in ("queues/sales", "/queues/sales/"):
        part = (await eva.get("/api/v1/problems", params={"path": path})).json()
        assert part["problems"]
        assert {one["path"].startswith("queues/sales") for one in part["problems"]} == {True}
    assert (await eva.get("/api/v1/problems", params={"path": "queues/sale"})).json()["problems"] == []


async def test_differences_from_production(eva: httpx.AsyncClient) -> None:
    async def differing() -> tuple[bool, list[tuple[str, str]]]:
        told = (await eva.get("/api/v1/diff")).json()
        return told["differs"], [(one["path"], one["change"]) for one in told["entities"]]

    assert (await differing())[0]
    number = await applied(eva, small())
    assert await differing() == (False, [])
    assert (await eva.get("/api/v1/diff")).json()["revision"] == number
    same = small(languages={"default": "en", "offered": ["en"]}, queues={"people": {"priority": 5, "title": "People"}})
    await write(eva, same)
    assert await differing() == (False, []), "it is written otherwise, and means the same"
    changed = small(queues={"sales": {"title": "Sales"}, "people": {"title": "People", "priority": 1}})
    await write(eva, changed)
    assert await differing() == (True, [("queues/sales", "added"), ("queues/people", "changed")])
    [_, people] = (await eva.get("/api/v1/diff")).json()["entities"]
    assert [(one["path"], one["old"], one["new"]) for one in people["fields"]] == [("queues/people/priority", None, 1)]


async def test_another_order_of_names_differs_without_an_entity(eva: httpx.AsyncClient) -> None:
    a, b = {"title": "A"}, {"title": "B"}
    await applied(eva, small(queues={"people": {"title": "People"}, "a": a, "b": b}))
    await write(eva, small(queues={"people": {"title": "People"}, "b": b, "a": a}))
    told = (await eva.get("/api/v1/diff")).json()
    assert (told["differs"], told["entities"]) == (True, [])


async def test_discarding_everything(office: Office, eva: httpx.AsyncClient) -> None:
    await applied(eva, small())
    await write(eva, {"format": 1, "queues": {"other": {"title": "Other"}}})
    stale = await tag(eva)
    await write(eva, {"format": 1, "queues": {"another": {"title": "Another"}}})
    answer = await eva.post("/api/v1/discard", headers={"If-Match": stale})
    assert (answer.status_code, answer.headers["etag"]) == (412, await tag(eva))
    petr = await office.person("petr", "admin")
    answer = await petr.post("/api/v1/discard", headers={"If-Match": await tag(eva)})
    assert answer.status_code == 200
    assert {one["path"]: one["change"] for one in answer.json()["changes"]} == {
        "connectors/shop": "added",
        "decision_trees/menu": "added",
        "queues/people": "added",
        "queues/another": "removed",
    }
    assert (await eva.get(SANDBOX)).json() == small()
    assert (await eva.get(QUEUE)).json()["sandbox"]["author"] == "petr"
    entry = (await office.audit(action="sandbox.discarded"))[-1]
    assert (entry.actor, entry.object, entry.details["count"]) == ("petr", "sandbox", 4)
    assert entry.details["changes"]["queues/another"] == "removed"
    assert (await eva.post("/api/v1/discard")).json()["changes"] == []
    assert len(await office.audit(action="sandbox.discarded")) == 1, "what changes nothing is no entry"


async def test_discarding_one_entity(eva: httpx.AsyncClient) -> None:
    await applied(eva, small(languages={"default": "cs", "offered": ["cs"]}))
    changed = small(queues={"people": {"title": "Folk"}, "sales": {"title": "Sales"}})
    await write(eva, changed)
    stale = {"If-Match": '"x"'}
    one = {"kind": "queues", "name": "people"}
    assert (await eva.post("/api/v1/discard", json=one, headers=stale)).status_code == 412
    answer = await eva.post("/api/v1/discard", json=one, headers={"If-Match": await tag(eva, QUEUE)})
    assert answer.json()["changes"] == [{**one, "path": "queues/people", "change": "changed"}]
    assert (await eva.post("/api/v1/discard", json={"kind": "queues", "name": "sales"})).status_code == 200
    assert (await eva.get(SANDBOX)).json() == small()
    assert (await eva.post("/api/v1/discard", json={"languages": True})).status_code == 200
    assert (await eva.get(SANDBOX)).json() == small(languages={"default": "cs", "offered": ["cs"]})
    assert (await eva.post("/api/v1/discard", json={"kind": "queues", "name": "no"})).status_code == 404
    for wrong in (
        {"kind": "queues"},
        {"name": "x"},
        {"kind": "queus", "name": "x"},
        {**one, "languages": True},
        {"x": 1},
    ):
        assert (await eva.post("/api/v1/discard", json=wrong)).status_code == 422


async def test_every_change_is_in_the_audit_log(office: Office, eva: httpx.AsyncClient) -> None:
    program = await office.program("eva", "admin")
    await write(program, small())
    [entry] = await office.audit(action="sandbox")
    assert (entry.actor, entry.action, entry.object) == ("eva", "sandbox.replaced", "sandbox")
    assert entry.details == {
        "token": entry.details["token"],
        "count": 3,
        "changes": {"connectors/shop": "added", "decision_trees/menu": "added", "queues/people": "added"},
    }
    await eva.put(SANDBOX, json={"format": 2}, headers={"If-Match": "*"})
    assert len(await office.audit(action="sandbox")) == 1, "what was refused is no entry"
