"""Templates and answers tried out over HTTP, by the same rules as in conversations."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from routing.problems.templates import PARTS
from tests.api.drafts import small, write
from tests.api.people import Office, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


async def tell(client: httpx.AsyncClient, what: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/preview/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


TREE: dict[str, Any] = {
    "title": "Orders",
    "start": "one",
    "decisions": {
        "one": {
            "title": "One",
            "actions": [
                {"type": "request", "url": "https://example.com/", "into": "orders"},
                {"type": "save_data", "field": "colour", "value": "red"},
                {
                    "type": "loop",
                    "items": "orders.body.items",
                    "as": "order",
                    "actions": [{"type": "send_message", "text": "{{ order.label }} {{ order.price.sum }}"}],
                },
                {
                    "type": "target",
                    "execution": "when_client_chooses",
                    "answer": {"type": "pattern", "pattern": "/(?P<number>[0-9]+)/"},
                    "to": {"type": "queue", "name": "people"},
                },
                {
                    "type": "target",
                    "execution": "when_client_chooses",
                    "answer": {
                        "type": "generated_buttons",
                        "items": "orders.body.colours",
                        "title": "{{ item.name }}",
                        "value": "{{ item.id }}",
                    },
                    "to": {"type": "queue", "name": "people"},
                },
            ],
        }
    },
}


async def test_the_names_of_a_draft_with_values(eva: httpx.AsyncClient) -> None:
    await write(eva, small(custom_fields={"vip": {"title": "VIP"}}))
    told = await tell(eva, "names", kind="decision_trees", name="orders", document=TREE)
    names = {one["name"]: one["example"] for one in told["names"]}
    assert set(PARTS) <= set(names)
    assert {f"{root}.{part}" for root, parts in PARTS.items() for part in parts or ()} <= set(names)
    assert {"orders.ok": "true", "orders.status": "200"}.items() <= names.items()
    assert {"order.label", "order.price.sum", "data.colour", "contact.vip", "answer.number"} <= set(names)
    assert told["sample"]["orders"]["body"] == {
        "items": [{"label": "label", "price": {"sum": "sum"}}],
        "colours": [{"name": "name", "id": "id"}],
    }
    assert told["sample"]["answer"]["item"] == {"name": "name", "id": "id"}
    text = "{{ customer.name }}: {{ orders.body.items | length }} {{ order.price.sum }}"
    shown = await tell(eva, "render", template=text, sample=told["sample"])
    assert shown == {"text": "Jana Nováková: 1 sum", "value": None, "mistakes": []}


async def test_names_of_a_draft_that_is_wrong_all_over(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    wrong = {"title": 7, "decisions": {"one": {"actions": [{"type": "request", "into": "orders"}, {"type": "what"}]}}}
    told = await tell(eva, "names", kind="decision_trees", name="orders", document=wrong)
    assert "orders.ok" in {one["name"] for one in told["names"]}


async def test_templates_are_rendered_by_the_rules(eva: httpx.AsyncClient) -> None:
    sample = {"name": "a&b", "orders": [1, 2]}
    told = await tell(eva, "render", template="https://example.com/?n={{ name }}", form="url", sample=sample)
    assert told["text"] == "https://example.com/?n=a%26b"
    told = await tell(eva, "render", template="orders", form="expression", sample=sample)
    assert (told["value"], told["text"]) == ([1, 2], "[1, 2]")
    told = await tell(eva, "render", template="{{ secrets.key }}", sample={})
    assert told["text"] == "••••••"
    for bad, form in (("{{ name", "text"), ("{% for a in orders %}{% endfor %}", "text"), ("{{ name }}", "expression")):
        told = await tell(eva, "render", template=bad, form=form, sample=sample)
        assert told["text"] == ""
        assert told["mistakes"]
    told = await tell(eva, "render", template="{{ 'a' if orders < name }}", sample=sample)
    assert told["text"] == ""
    assert "cannot be rendered" in told["mistakes"][0]


async def test_answers_match_by_the_rules(eva: httpx.AsyncClient) -> None:
    told = await tell(eva, "match", type="pattern", wanted="/^#?(?P<number>[0-9]{6})$/", text="#123456")
    assert told == {"matches": True, "groups": {"number": "123456"}, "word": None, "mistake": None}
    assert not (await tell(eva, "match", type="pattern", wanted="/^[0-9]{6}$/", text="12"))["matches"]
    assert "no slashes" in (await tell(eva, "match", type="pattern", wanted="[0-9]", text="1"))["mistake"]
    told = await tell(eva, "match", type="similar", wanted="human, operátor", text="OPERATR please")
    assert (told["matches"], told["word"]) == (True, "operátor")
    assert (await tell(eva, "match", type="button", wanted="My order", text="my order!"))["matches"]
    assert not (await tell(eva, "match", type="button", wanted="My order", text="order"))["matches"]


async def test_only_for_supervisors(office: Office, eva: httpx.AsyncClient) -> None:
    karl = await office.person("karl", "agent")
    body = {"type": "button", "wanted": "a", "text": "a"}
    assert (await karl.post("/api/v1/preview/match", json=body)).status_code == 403
    anna = await office.person("anna", "supervisor")
    assert (await anna.post("/api/v1/preview/match", json=body)).status_code == 200
