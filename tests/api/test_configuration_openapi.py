"""The OpenAPI document says enough of the configuration's routes that a typed client can be made from it."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from api.app import create_app
from api.dependencies import Parts
from routing.configuration import Configuration
from routing.entities import GRAMMAR, KINDS

pytestmark = pytest.mark.anyio
TAGS = {"configuration", "scenarios", "revisions"}


@pytest.fixture
async def document(parts: Parts) -> dict[str, Any]:
    return create_app(parts).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if TAGS & set(operation.get("tags", ())):
                yield f"{method.upper()} {path}", operation


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


async def test_every_operation_says_what_it_does_takes_and_answers(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert len(found) > 25
    assert len({one["operationId"] for one in found.values()}) == len(found)
    for row, operation in found.items():
        assert operation["summary"], row
        assert operation["description"], row
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
