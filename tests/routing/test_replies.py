"""Which choice the customer's words or tap choose."""

from datetime import UTC, datetime

import pytest

from routing.conversation import AwaitsBot, Click, Offer
from routing.graph import Graph
from routing.messages import CustomerMessage
from routing.replies import choices, chosen, clicked
from tests.talk import button, go, graph_of, say, tree

NOW = datetime(2026, 11, 23, tzinfo=UTC)
START = "decision_trees/tree/decisions/start/actions"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of(
        tree(
            [
                say("?"),
                go("queue/people", button("Yes", variants={"cs": "Ano"})),
                go("queue/people", {"type": "similar", "words": "maybe", "variants": {"cs": "možná"}, "default": True}),
                go("terminate/bye", {"type": "pattern", "pattern": "/(?P<n>[0-9])(?P<m>x)?/"}),
            ],
            languages={"default": "en", "offered": ["en", "cs"]},
        )
    )


YES = Offer(target=f"{START}/1", title="Yes", payload="p/1")
MAYBE = Offer(target=f"{START}/2")
NUMBER = Offer(target=f"{START}/3")
ALL = (YES, MAYBE, NUMBER)


@pytest.mark.parametrize(
    ("text", "payloads", "language", "offer", "why"),
    [
        ("5", ["p/1"], None, YES, "tapped Yes"),
        ("yes!", [], None, YES, "typed the button's title Yes"),
        ("ano", [], None, YES, "typed the button's title Ano"),
        ("ano", [], "cs", YES, "typed the button's title Ano"),
        ("yes", [], "cs", YES, "typed the button's title Yes"),
        ("ano", [], "en", MAYBE, "this is the default"),
        ("mozna", [], "cs", MAYBE, "similar to možná"),
        ("7", ["unknown"], None, NUMBER, "matches the pattern"),
        ("what", [], None, MAYBE, "this is the default"),
    ],
)
def test_what_is_chosen(
    graph: Graph, text: str, payloads: list[str], language: str | None, offer: Offer, why: str
) -> None:
    found = chosen(graph, ALL, text, payloads, language)
    assert found is not None
    assert found.offer == offer
    assert why in found.why


def test_named_groups_are_empty_where_they_took_no_part(graph: Graph) -> None:
    found = chosen(graph, [NUMBER], "7", [], None)
    assert found is not None
    assert found.groups == {"n": "7", "m": ""}


def test_nothing_is_chosen_where_nothing_fits_and_no_default_is(graph: Graph) -> None:
    assert chosen(graph, [YES, NUMBER], "what", [], None) is None


def test_an_offer_whose_target_is_gone_is_never_chosen(graph: Graph) -> None:
    assert chosen(graph, [Offer(target="decision_trees/gone", title="Yes", payload="p")], "yes", [], None) is None


def test_only_buttons_are_shown() -> None:
    assert choices(ALL) == [("Yes", "p/1")]


def test_a_number_chooses_from_a_list_only(graph: Graph) -> None:
    long = [YES.model_copy(update={"title": f"Yes, number {n} of a long list", "payload": f"p/{n}"}) for n in (1, 2, 3)]
    found = chosen(graph, long, "2", [], None)
    assert found is not None
    assert found.offer.payload == "p/2"
    assert chosen(graph, [YES], "1", [], None) is None


def waiting(listed: bool) -> AwaitsBot:
    clicks = {
        "b": Click(kind="button", name="again", title="Again"),
        "q1": Click(kind="quickreply", name="one", title="One"),
        "q2": Click(kind="quickreply", name="two", title="Two"),
    }
    return AwaitsBot(since=NOW, clicks=clicks, listed=listed)


@pytest.mark.parametrize(
    ("text", "payload", "listed", "name"),
    [
        ("Two", "q2", False, "two"),
        ("Again", "b", False, "again"),
        ("Two", "old", False, None),
        ("two", None, False, None),
        ("2", None, True, "two"),
        ("one", None, True, "one"),
        ("again", None, True, None),
        ("3", None, True, None),
    ],
)
def test_a_click_of_a_bot(text: str, payload: str | None, listed: bool, name: str | None) -> None:
    message = CustomerMessage(key="m", at=NOW, text=text, payload=payload)
    found = clicked(waiting(listed), message)
    assert (found.name if found else None) == name
