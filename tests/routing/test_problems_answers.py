"""Answers that check() says can never win do never win, and all others can: compared with how answers are chosen."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.answers import match_similar
from routing.configuration import Configuration
from routing.conversation import Offer
from routing.graph import Graph
from routing.problems import check
from routing.problems.takers import Words, plain_texts, split, takes_all
from routing.replies import chosen

PATH = "decision_trees/t/decisions/d/actions"
WORDS = [
    "order", "orders", "oder", "my order", "no", "now", "not now", "no thanks", "thursday", "tuesday", "ice cream",
    "icecream", "a1", "a2", "a12", "yes", "yes please", "ano", "áno", "👍", "👍 yes", "はい", "はいはい", "reorder",
    "ordre", "purchase", "purchases", "two words here", "words here", "saturday",
    "saterdey",
]  # fmt: skip
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(", ".join)
patterns = st.sampled_from(
    [
        "/order/i",
        "/order/",
        "/(order|yes)/i",
        "/^order$/i",
        "/.*/",
        "/^.*$/s",
        "/my order/i",
        "/no|yes please/i",
        "/a[12]/",
    ]
)
titles = st.sampled_from([*WORDS, "Order", "NO", "Yes please!"])


def answer(sort: str, field: str, texts: st.SearchStrategy[str], **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    variants = st.one_of(st.just({}), texts.map(lambda text: {"de": text}))
    return st.fixed_dictionaries({"type": st.just(sort), field: texts, "variants": variants}, optional=more)


answers = st.lists(
    st.one_of(
        answer("similar", "words", words, default=st.booleans()),
        answer("pattern", "pattern", patterns, default=st.booleans()),
        answer("button", "text", titles),
    ),
    min_size=1,
    max_size=5,
)


def document(offered: list[dict[str, Any]]) -> dict[str, Any]:
    to = {"type": "queue", "name": "q"}
    actions = [{"type": "target", "to": to, "execution": "when_client_chooses", "answer": one} for one in offered]
    return {
        "format": 1,
        "languages": {"default": "en", "offered": ["en", "de"]},
        "connectors": {"c": {"title": "C", "next": {"type": "decision_tree", "name": "t"}}},
        "decision_trees": {"t": {"title": "T", "start": "d", "decisions": {"d": {"title": "D", "actions": actions}}}},
        "queues": {"q": {"title": "Q"}},
    }


def form(one: dict[str, Any], language: str) -> str:
    return one["variants"].get(language) or one.get("words") or one.get("pattern") or one["text"]


def samples(one: dict[str, Any], language: str) -> list[str] | None:
    """What a customer can write for an answer, without typing mistakes; None where that cannot be listed."""
    text = form(one, language)
    match one["type"]:
        case "button":
            return [text]
        case "similar":
            found, says = split(text), ["{}", "zzz {} zzz"]
        case _:
            found, says = plain_texts(text), ["{}", "zzz {} zzz", "zzz{}zzz"]  # a pattern looks inside words
            if not found:
                return None
    return [say.format(case(word)) for word in found for say in says for case in (str, str.upper, str.title)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers)
def test_what_never_wins_is_told_and_nothing_else(offered: list[dict[str, Any]]) -> None:
    plain = document(offered)
    graph = Graph(Configuration.model_validate(plain))
    told = {
        (int(one.path.split("/")[5]), one.path.split("/")[7:] == ["variants", "de"] or "`de`" in one.message)
        for one in check(plain).problems
        if one.code in ("never-wins", "duplicate-button")
    }
    defaults = [number for number, one in enumerate(offered) if one.get("default")]
    for number, one in enumerate(offered):
        for language in ("en", "de"):
            if (number, True) in told and language == "en":
                continue  # the first language in which it never wins is told
            if (number, False) in told and language == "de":
                continue
            texts = samples(one, language)
            if one.get("default"):
                if number != defaults[0]:
                    continue  # told as a second default
                # Whatever fits nothing else comes to it, unless nothing is left.
                won = not any(takes_all(form(other, language)) for other in offered[:number] if "pattern" in other)
            elif texts is None:
                continue
            else:
                offers = [
                    Offer(target=f"{PATH}/{at}", title=form(other, language) if other["type"] == "button" else "")
                    for at, other in enumerate(offered)
                ]
                picked = [chosen(graph, offers, text, (), language) for text in texts]
                won = any(found is not None and found.offer is offers[number] for found in picked)
            assert won == ((number, language == "de") not in told), (number, language, offered)


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=6), st.one_of(st.sampled_from(WORDS), st.text(alphabet="orde yes1はй👍", max_size=12)))
def test_words_are_found_again_as_if_each_were_compared(earlier: list[str], text: str) -> None:
    found = Words()
    for number, one in enumerate(earlier):
        for word in split(one):
            found.add(word, str(number))
    taking = found.taking(text)
    assert (taking is not None) == any(match_similar(one, text) is not None for one in earlier)
    assert taking is None or match_similar(earlier[int(taking)], text) is not None


def test_words_of_a_branch_are_forgotten_behind_it() -> None:
    found = Words()
    take_back = [found.add("order", "a"), found.add("orders", "b")]
    assert found.taking("order") == "a"
    take_back.pop()()
    take_back.pop()()
    assert found.taking("order") is None
