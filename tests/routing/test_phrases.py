"""Saved templates as agents send them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from routing.conversation import Conversation, Customer
from routing.documents import read
from routing.graph import Graph
from routing.phrases import Phrase, phrase
from routing.problems import check
from routing.templates import TemplateFailed

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
DOCUMENT = """
format: 1
languages: {default: en, offered: [en, cs]}
connectors: {shop: {title: Shop, next: {type: queue, name: people}}}
queues: {people: {title: People}}
custom_fields: {size: {title: Size}}
templates:
  hello: {title: Hello, text: "Hello {{ customer.name }}!", variants: {cs: "Dobrý den, {{ customer.name }}!"}}
  size: {title: Size, text: "Size {{ contact.size }} for {{customer.username}}."}
  kind: {title: Kind, text: "Dear {{ customer.name or 'customer' }}"}
  if: {title: If, text: "{% if customer.name %}Dear {{ customer.name }}{% else %}Hello{% endif %}"}
  sum: {title: Sum, text: "{{ messages < 3 }}"}
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    checked = check(read(DOCUMENT))
    assert checked.graph is not None, checked.errors
    return checked.graph


def said(graph: Graph, template: str, given: dict[str, str] | None = None, **more: Any) -> Phrase:
    customer = Customer(id="1", name=more.pop("name", "Jana"), username=more.pop("username", None))
    conversation = Conversation(
        name="igdm_1",
        connector="shop",
        account="1784",
        customer=customer,
        opened_at=NOON,
        place="queues/people",
        **more,
    )
    return phrase(graph, conversation, graph.configuration.templates[template], NOON, values=given)


def test_it_is_filled_in_from_the_conversation(graph: Graph) -> None:
    assert said(graph, "hello") == Phrase("Hello Jana!", (), ())
    assert said(graph, "hello", language="cs").text == "Dobrý den, Jana!"
    assert said(graph, "hello", language="de").text == "Hello Jana!"


def test_a_language_can_be_asked_for(graph: Graph) -> None:
    conversation = Conversation(
        name="n", connector="shop", account="a", customer=Customer(id="1"), opened_at=NOON, place="p", language="cs"
    )
    template = graph.configuration.templates["kind"]
    assert phrase(graph, conversation, template, NOON, language="en").text == "Dear customer"


def test_what_has_no_value_is_named_and_can_be_given(graph: Graph) -> None:
    assert said(graph, "size") == Phrase("Size  for .", ("contact.size", "customer.username"), ())
    given = {"contact.size": "M", "customer.username": "jana.n"}
    assert said(graph, "size", given) == Phrase("Size M for jana.n.", (), ())
    assert said(graph, "size", {"contact.size": "M"}, contact={"size": "L"}, username="j").text == "Size M for j."
    assert said(graph, "size", {"contact": "M"}, username="j") == Phrase(
        "Size  for j.", ("contact.size",), ("contact",)
    )


def test_what_the_template_itself_sees_to_is_not_missing(graph: Graph) -> None:
    assert said(graph, "kind", name=None) == Phrase("Dear customer", (), ())
    assert said(graph, "if", name=None) == Phrase("Hello", (), ())
    assert said(graph, "if").text == "Dear Jana"


def test_what_is_given_for_nothing_is_named(graph: Graph) -> None:
    assert said(graph, "hello", {"customer.nam": "Eva"}) == Phrase("Hello Jana!", (), ("customer.nam",))


def test_one_that_cannot_be_rendered_says_so(graph: Graph) -> None:
    with pytest.raises(TemplateFailed, match="cannot be rendered"):
        said(graph, "sum")
