"""The OpenAPI document says enough of the API, and of a configuration's form, that a typed client can be made of it."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema_rs
import pytest

from api.app import create_app
from api.dependencies import Parts
from api.roles import ANYONE, ROLES
from routing.configuration import Configuration
from routing.entities import GRAMMAR, KINDS

pytestmark = pytest.mark.anyio
TAGS = {"configuration", "scenarios", "revisions"}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
PAGE = {"text/html": {"schema": {"type": "string"}}}
NEVER_MISSING = {"PUT /api/v1/sandbox/{kind}/{name}", "PUT /api/v1/secrets/{name}"}
"""They make what is not there."""
TRYING = {"POST /api/v1/login", "PATCH /api/v1/me"}
"""They tell whether a password is right."""
PAGES = {"sessions-begin": ("400", "403", "502"), "sessions-callback": ("400", "403", "502")}
"""Their refusals are read by people in a browser."""


@pytest.fixture
async def document(parts: Parts) -> dict[str, Any]:
    return create_app(parts).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those for programs, by `METHOD /path`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/"):
                yield f"{method.upper()} {path}", operation


def configuring(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((row, operation) for row, operation in operations(document) if TAGS & set(operation["tags"]))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert "#/components/schemas/Configuration" in found
    assert {one for one in found if one.rpartition("/")[2] not in document["components"]["schemas"]} == set()


async def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert len(found) > 60
    names: set[str] = set()
    for row, operation in found.items():
        assert operation["summary"], row
        assert operation["description"], row
        [tag] = operation["tags"]
        # The tag is where a client keeps it, and the rest what it is called there.
        assert re.fullmatch(f"{tag}-[a-z]+(_[a-z]+)*", operation["operationId"]), row
        names.add(operation["operationId"].replace("-", "_"))
    assert len(names) == len(found)


async def test_every_body_has_an_example_that_is_one(document: dict[str, Any]) -> None:
    count = 0
    for row, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            assert kind in ("application/json", "application/yaml", "multipart/form-data"), row
            assert examples(document, content), f"{row} as {kind}"
            for example in examples(document, content):
                schema = {"components": document["components"], **content["schema"]}
                jsonschema_rs.validator_for(schema).validate(example)
                count += 1
    assert count > 20


async def test_every_refusal_is_a_problem_and_said_where_it_can_happen(document: dict[str, Any]) -> None:
    for row, operation in operations(document):
        answers, asked = operation["responses"], operation.get("parameters", [])
        names = {one["name"].lower() for one in asked}
        for status, answer in answers.items():
            if int(status) >= 400:
                in_words = status in PAGES.get(operation["operationId"], ())
                assert answer["content"] == (PAGE if in_words else PROBLEM), f"{status} of {row}"
        body = operation.get("requestBody", {}).get("content", {})
        due = {
            "401": ROLES[row] is not ANYONE,
            "403": ROLES[row] is not ANYONE and (ROLES[row] != "viewer" or not row.startswith("GET")),
            "404": re.search(r"\{(name|number|id)\}", row) is not None and row not in NEVER_MISSING,
            "409": "if-none-match" in names,
            "412": "if-match" in names,
            "413": bool(body),
            "415": "application/yaml" in body,
            "422": bool(body or asked),
            "428": "if-match" in names and row.startswith(("PUT", "DELETE")),
            "429": row in TRYING,
        }
        missing = [status for status, is_due in due.items() if is_due and status not in answers]
        assert missing == [], row


def examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    """Of a body, wherever they stand."""
    if "example" in content:
        return [content["example"]]
    return [one for schema in resolved(document, content["schema"]) for one in schema.get("examples", ())]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema without its reference, or those that it may be."""
    if "$ref" in schema:
        return [document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]]
    return [one for inner in schema.get("anyOf", ()) for one in resolved(document, inner)] or [schema]


async def test_every_operation_says_what_it_takes_and_answers(document: dict[str, Any]) -> None:
    found = dict(configuring(document))
    assert len(found) > 25
    for row, operation in found.items():
        good = {status: answer for status, answer in operation["responses"].items() if status in ("200", "201")}
        for answer in good.values():
            assert answer["content"]["application/json"]["schema"], row
        assert good or "204" in operation["responses"], row
        if row.startswith(("PUT", "POST /api/v1/sandbox")):
            assert set(operation["requestBody"]["content"]) == {"application/json", "application/yaml"}, row
        if row.startswith(("PUT", "DELETE")):
            assert "if-match" in [one["name"].lower() for one in operation["parameters"]], row
            assert {"412", "428"} <= set(operation["responses"]), row


async def test_every_entity_has_a_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for model in (Configuration, *GRAMMAR.values()):
        assert set(schemas[model.__name__]["properties"]) >= {
            field.alias or name for name, field in model.model_fields.items()
        }
    [kind] = [one for one in document["paths"]["/api/v1/sandbox/{kind}"]["get"]["parameters"] if one["name"] == "kind"]
    assert kind["schema"]["enum"] == list(KINDS)


async def test_the_form_of_a_document_is_the_grammars(document: dict[str, Any]) -> None:
    """What the sandbox takes is less strict than what holds, but names are names."""
    whole = document["components"]["schemas"]["Configuration"]["properties"]
    body = document["paths"]["/api/v1/sandbox"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(body["properties"]) == list(whole)
    for kind in KINDS:
        names = get_args(get_args(Configuration.model_fields[kind].annotation)[0])[1]
        assert body["properties"][kind]["propertyNames"] == {
            "type": "string",
            "pattern": names.pattern,
            "maxLength": 80,
        }
