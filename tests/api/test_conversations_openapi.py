"""The OpenAPI document says what each parameter, field of a body and answer of the conversations' routes is."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.dependencies import Parts
from tests.api.test_configuration_openapi import references

pytestmark = pytest.mark.anyio
TAGS = {
    "conversations",
    "preview",
    "queues",
    "agents",
    "offers",
    "tickets",
    "notifications",
    "accounts",
    "secrets",
}


@pytest.fixture
async def document(parts: Parts) -> dict[str, Any]:
    return create_app(parts).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if TAGS & set(operation.get("tags", ())):
                yield f"{method.upper()} {path}", operation


async def test_every_parameter_is_described_and_every_answer_has_a_model(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert len(found) > 20
    for row, operation in found.items():
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["in"] == "cookie", f"{row} {parameter['name']}"
        good = [one for status, one in operation["responses"].items() if status in ("200", "201", "202")]
        assert good or "204" in operation["responses"], row
        for answer in good:
            assert "$ref" in answer["content"]["application/json"]["schema"], row


async def test_every_field_of_a_body_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = [
        (row, schemas[reference.rpartition("/")[2]])
        for row, operation in operations(document)
        for reference in references(operation.get("requestBody", {}))
    ]
    assert len(bodies) >= 5
    for row, body in bodies:
        for name, field in body["properties"].items():
            assert field.get("description"), f"{row} {name}"
