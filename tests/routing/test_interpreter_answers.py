"""What a customer's answer does in a decision (SPEC section 3, `target`, `no_match`, `no_answer`)."""

from typing import Any

import pytest

from tests.talk import Talk, button, go, say, speaking, tree

LANGUAGES = {"default": "en", "offered": ["en", "cs"]}


def detect(text: str, offered: object) -> str | None:
    """Czech where there is an accent: a stand-in that needs no language models."""
    return "cs" if not text.isascii() else None


def asks(*targets: Any, **more: Any) -> dict[str, Any]:
    """A decision that asks, and a decision `got` that shows what `answer` is."""
    shows = say("{{ answer.text }}|{{ answer.payload }}|{{ answer.item }}")
    decisions = {"got": {"title": "Got", "actions": [shows, go("terminate/bye")]}, **more.pop("decisions", {})}
    return tree([say("Well?"), *targets, *more.pop("behind", [])], decisions=decisions, **more)


def pattern(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "pattern", "pattern": text, **more}


def similar(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "similar", "words": words, **more}


def test_a_pattern_gives_its_named_groups() -> None:
    decisions = {"got": {"title": "Got", "actions": [say("{{ answer.n }}, {{ answer.text }}"), go("terminate/bye")]}}
    talk = Talk(asks(go("got", pattern("/(?P<n>[0-9]{3})/")), decisions=decisions))
    talk.user("hi").bot("Well?").user("it is 123!").bot("123, it is 123!").ends(cause="user")


def test_similar_words_forgive_a_typing_mistake() -> None:
    talk = Talk(asks(go("got", similar("delivery, shipping")), go("queue/people", similar("person"))))
    talk.user("hi").bot("Well?").user("my delivary").bot("my delivary||").ends()
    assert "similar to delivery" in talk.why


def test_a_tapped_button_is_its_title_and_payload() -> None:
    talk = Talk(asks(go("got", button("Yes")), go("queue/people", button("No"))))
    talk.user("hi").bot("Well?", buttons=["Yes", "No"]).tap("Yes").bot("Yes|Yes|").ends()


def test_a_title_typed_by_hand_counts_as_the_button() -> None:
    talk = Talk(asks(go("got", button("Yes, please"))))
    talk.user("hi").bot("Well?").user(" YES please! ").bot("~.*YES please.*").ends()


def test_generated_buttons_give_the_element_that_was_chosen() -> None:
    generated = {"type": "generated_buttons", "items": "data.l", "title": "{{ item.t }}", "value": "{{ item.v }}"}
    save = {"type": "save_data", "field": "l", "value": [{"t": "A", "v": 1}, {"t": "B", "v": 2}]}
    talk = Talk(asks(save, go("got", generated), go("queue/people", similar("else"))))
    talk.user("hi").bot("Well?", buttons=["A", "B"]).tap("B")
    talk.bot('B|2|{"t": "B", "v": 2}').ends()


def test_a_generated_button_without_a_title_gets_its_number() -> None:
    generated = {"type": "generated_buttons", "items": "data.l", "title": "{{ item.none }}", "value": "{{ item }}"}
    talk = Talk(
        asks({"type": "save_data", "field": "l", "value": [7]}, go("got", generated), go("queue/people", similar("x")))
    )
    talk.user("hi").bot("Well?", buttons=["1"]).tap("1").bot("1|7|7").ends()


def test_what_is_no_array_makes_no_buttons_and_says_so() -> None:
    generated = {"type": "generated_buttons", "items": "data.l", "title": "{{ item }}", "value": "{{ item }}"}
    talk = Talk(
        asks({"type": "save_data", "field": "l", "value": "abc"}, go("got", generated), go("got", similar("x")))
    )
    talk.user("hi").bot("Well?", buttons=[])
    assert "`data.l` is not an array" in talk.why


def test_the_order_of_targets_decides_between_several_that_match() -> None:
    first, second = go("got", pattern("/[0-9]+/")), go("queue/people", similar("order 66, order"))
    Talk(asks(first, second)).user("hi").bot("Well?").user("order 66").bot("~order 66.*").ends()
    Talk(asks(second, first)).user("hi").bot("Well?").user("order 66").queue("people")


def test_a_tap_comes_before_words_that_match_an_earlier_target() -> None:
    talk = Talk(asks(go("queue/people", pattern("/.es/")), go("got", button("Yes"))))
    talk.user("hi").bot("Well?").tap("Yes").bot("Yes|Yes|").ends()


def test_the_default_takes_what_fits_nothing_wherever_it_stands() -> None:
    document = asks(go("queue/people", similar("foo", default=True)), go("got", pattern("/bar/")))
    Talk(document).user("hi").bot("Well?").user("bar").bot("~bar.*").ends()
    talk = Talk(document).user("hi").bot("Well?").user("quux")
    talk.queue("people")
    assert "this is the default" in talk.why


def test_misses_are_answered_until_the_last_attempt_leaves() -> None:
    no_match = {"text": "Yes or no?", "attempts": 3, "to": {"type": "queue", "name": "people"}}
    talk = Talk(asks(go("got", button("Yes")), no_match=no_match))
    talk.user("hi").bot("Well?").user("x").bot("Yes or no?", buttons=["Yes"]).user("y").bot("Yes or no?")
    talk.user("z").queue("people")


def test_after_a_miss_the_buttons_of_the_first_question_still_count() -> None:
    no_match = {"text": "Sorry?"}
    talk = Talk(asks(go("got", button("Yes")), no_match=no_match)).user("hi").bot("Well?").user("x").bot("Sorry?")
    talk.tap("Yes").bot("~Yes.*").ends()


def test_without_a_place_to_go_the_decision_keeps_waiting() -> None:
    talk = Talk(asks(go("got", button("Yes")), no_match={"text": "Sorry?", "attempts": 2}))
    talk.user("hi").bot("Well?")
    for _ in range(5):
        talk.user("x").bot("Sorry?")
    talk.user("yes").bot("~.*").ends()


def test_without_no_match_a_miss_is_silent_and_in_the_trace() -> None:
    talk = Talk(asks(go("got", button("Yes")))).user("hi").bot("Well?").user("x").silence()
    assert "no answer matches (miss 1)" in talk.why


def test_no_match_may_lead_to_another_decision_without_a_text() -> None:
    talk = Talk(asks(go("queue/people", button("Yes")), no_match={"to": {"type": "decision", "name": "got"}}))
    talk.user("hi").bot("Well?").user("x").bot("~.*").ends()


def test_misses_are_counted_for_each_question_anew() -> None:
    no_match = {"text": "Sorry?", "attempts": 2, "to": {"type": "queue", "name": "people"}}
    document = asks(go("start", button("Again")), go("got", button("Yes")), no_match=no_match)
    talk = Talk(document).user("hi").bot("Well?").user("x").bot("Sorry?").tap("Again").bot("Well?")
    talk.user("x").bot("Sorry?").user("x").queue("people")


def test_no_answer_leaves_after_its_time() -> None:
    no_answer = {"after": "PT10M", "to": {"type": "terminate", "name": "bye"}}
    talk = Talk(asks(go("got", button("Yes")), no_answer=no_answer)).user("hi").bot("Well?")
    talk.wait("PT9M59S").place("decision_trees/tree/decisions/start").wait(1).ends(terminate="bye")


def test_no_answer_counts_from_the_customers_last_words() -> None:
    no_answer = {"after": "PT10M", "to": {"type": "terminate", "name": "bye"}}
    talk = Talk(asks(go("got", button("Yes")), no_answer=no_answer)).user("hi").bot("Well?")
    talk.wait("PT9M").user("hm").wait("PT9M").place("decision_trees/tree").wait("PT1M").ends()


def test_the_customers_language_chooses_texts_and_answers() -> None:
    document = tree(
        [
            say("Well?", variants={"cs": "Tak co?"}),
            go("queue/people", button("Yes", variants={"cs": "Ano"})),
            go("terminate/bye", similar("nothing", variants={"cs": "nic"})),
        ],
        languages=LANGUAGES,
    )
    talk = Talk(document, detect=detect).user("dobrý den").bot("Tak co?", buttons=["Ano"])
    talk.user("nothing").silence().user("nic").ends()
    assert talk.state.language == "cs"


def test_the_language_sticks_once_it_is_sure() -> None:
    def guess(text: str, offered: object) -> str | None:
        return {"ahoj": "cs", "hello": "en"}.get(text)

    document = asks(go("start", similar("hello", variants={"cs": "hello"})), languages=LANGUAGES)
    talk = Talk(document, detect=guess).user("hm").bot("Well?").user("ahoj").silence().user("hello").bot("Well?")
    assert talk.state.language == "cs"


def test_a_language_that_is_not_offered_is_none() -> None:
    talk = Talk(asks(go("got", button("Yes"))), detect=speaking("fr")).user("salut").bot("Well?")
    assert talk.state.language is None


@pytest.mark.parametrize("typed", ["No", "NE"])
def test_the_shown_title_counts_in_the_language_of_the_answer_too(typed: str) -> None:
    document = asks(go("got", button("No", variants={"cs": "Ne"})), languages=LANGUAGES)
    talk = Talk(document, detect=lambda text, _: "cs" if text == typed else None)
    talk.user("hi").bot("Well?", buttons=["No"]).user(typed).bot("~.*").ends()


def test_while_the_language_is_unknown_answers_count_in_every_one() -> None:
    document = asks(
        go("got", pattern("/first/", variants={"cs": "/prvn/"})),
        go("queue/people", similar("order", variants={"cs": "objednávka"})),
        languages=LANGUAGES,
    )
    Talk(document).user("hi").bot("Well?").user("objednavka").queue("people")
    Talk(document).user("hi").bot("Well?").user("prvni").bot("~prvni.*").ends()


def test_a_missing_variant_is_the_default_text() -> None:
    document = tree([say("Well?"), go("queue/people", button("Yes"))], languages=LANGUAGES)
    Talk(document, detect=detect).user("dobrý den").bot("Well?", buttons=["Yes"])


def forty(titles: list[str]) -> dict[str, Any]:
    return asks(*(go("got", button(title)) for title in titles))


@pytest.mark.parametrize(
    ("said", "payload"), [("2", "B2"), ("40.", "B40"), ("#13)", None), ("b7", "B7"), ("４０", "B40"), ("41", None)]
)
def test_forty_buttons_are_a_numbered_list(said: str, payload: str | None) -> None:
    talk = Talk(forty([f"B{number}" for number in range(1, 41)]))
    talk.user("hi").bot("~Well\\?\n\n1\\. B1\n2\\. B2\n.*40\\. B40")
    assert talk.newest.listed
    assert len(talk.newest.quick_replies) == 40
    talk.user(said)
    if payload is None and said != "#13)":
        talk.silence()
    else:
        talk.bot(f"~.*{payload or 'B13'}.*").ends()


def test_one_long_title_makes_a_list_too() -> None:
    long = "The one with the very long name"
    talk = Talk(forty(["Short", long])).user("hi").bot(f"Well?\n\n1. Short\n2. {long}")
    talk.user("2").bot(f"2|{long}|").ends()


def test_thirteen_short_titles_stay_buttons() -> None:
    talk = Talk(forty([f"B{number}" for number in range(13)])).user("hi").bot("Well?")
    assert not talk.newest.listed


def test_buttons_without_a_message_of_their_own_stand_under_the_decisions_title() -> None:
    Talk(tree([go("queue/people", button("Yes"))])).user("hi").bot("Start", buttons=["Yes"])


def test_link_buttons_and_quick_replies_are_two_messages() -> None:
    links = [{"text": "Page", "url": "https://example.com/?q={{ text }}"}]
    talk = Talk(tree([say("Read.", buttons=links), go("queue/people", button("Yes"))]))
    talk.user("hi").bot("Read.", links=["https://example.com/?q="], buttons=[]).bot("Start", buttons=["Yes"])


def test_a_decision_that_asks_nothing_decides_on_what_was_written_already() -> None:
    talk = Talk(tree([go("terminate/bye", similar("bye")), go("queue/people", similar("help"))]))
    talk.user("help me").queue("people")


def test_what_opened_the_conversation_is_no_answer_to_its_first_question() -> None:
    Talk(asks(go("got", similar("help")))).user("help me").bot("Well?").place("decision_trees/tree/decisions/start")


def test_answers_of_another_tree_lead_there() -> None:
    other = {"title": "Other", "start": "one", "decisions": {"one": {"title": "One", "actions": [go("queue/people")]}}}
    document = asks(go("decision_tree/other", button("Other")), decision_trees={"other": other})
    Talk(document).user("hi").bot("Well?").tap("Other").queue("people")


def test_an_empty_array_and_no_other_answer_goes_where_no_match_leads() -> None:
    generated = {"type": "generated_buttons", "items": "data.l", "title": "{{ item }}", "value": "{{ item }}"}
    save = {"type": "save_data", "field": "l", "value": []}
    document = tree(
        [save, say("Which?"), go("terminate/bye", generated)], no_match={"to": {"type": "queue", "name": "people"}}
    )
    Talk(document).user("hi").bot("Which?").queue("people")


def test_a_dead_end_ends_with_the_cause_system() -> None:
    Talk(tree([say("Oops")]), checked=False).user("hi").bot("Oops").ends(cause="system", terminate=None)


def test_a_decision_without_actions_and_with_no_answer_waits_for_it() -> None:
    no_answer = {"after": 60, "to": {"type": "queue", "name": "people"}}
    Talk(tree([], no_answer=no_answer), checked=False).user("hi").wait(59).place("decision_trees").wait(1).queue(
        "people"
    )
