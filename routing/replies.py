"""Quick replies: how choices are shown to a customer, and which of them the customer's next words or tap choose."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, assert_never

from routing.answers import choice, match_pattern, match_similar, needs_list, same_title
from routing.configuration import (
    ButtonAnswer,
    GeneratedButtonsAnswer,
    PatternAnswer,
    SimilarAnswer,
    Target,
)
from routing.conversation import AwaitsBot, Click, Offer
from routing.graph import Graph
from routing.languages import candidates
from routing.messages import CustomerMessage

CLICKS_KEPT = 200
"""How many of a chatbot's newest choices are remembered; buttons stay tappable on Instagram for ever."""


class Chosen(NamedTuple):
    """The offer that an answer chose, why, and the pattern's named groups."""

    offer: Offer
    why: str
    groups: dict[str, str]


def choices(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    """The (title, payload) of the offers that are buttons."""
    return [(offer.title, offer.payload) for offer in offers if offer.title]


def chosen(
    graph: Graph, offers: Sequence[Offer], text: str, payloads: Sequence[str], language: str | None
) -> Chosen | None:
    """The offer that the customer chose: by a tap, else the first that the words fit, else the default one."""
    for offer in offers:
        if offer.payload and offer.payload in payloads:
            return Chosen(offer, f"tapped {offer.title}", {})
    titles = [offer.title for offer in offers if offer.title]
    number = choice(titles, text) if needs_list(titles) else None
    by_number = [offer for offer in offers if offer.title][number] if number is not None else None
    # Forms in other languages count only while the customer's is not known.
    for own in (True, False) if language is None else (True,):
        for offer in offers:
            if offer is by_number:
                return Chosen(offer, f"chose {offer.title} from the list", {})
            found = _fits(graph, offer, text, language, own)
            if found is not None:
                return found
    for offer in offers:
        if _is_default(graph, offer):
            return Chosen(offer, "no other answer fits, and this is the default", {})
    return None


def clicked(waiting: AwaitsBot, message: CustomerMessage) -> Click | None:
    """Which of a chatbot's choices the customer tapped, or chose by number or title where they were a list."""
    if message.payload is not None:
        return waiting.clicks.get(message.payload)
    if not waiting.listed:
        return None
    listed = [click for click in waiting.clicks.values() if click.kind == "quickreply"]
    number = choice([click.title for click in listed], message.text)
    return None if number is None else listed[number]


def _fits(graph: Graph, offer: Offer, text: str, language: str | None, own: bool) -> Chosen | None:
    """Whether the words fit this offer: in the customer's own language, or (`own` false) in any while it is unknown."""
    target = graph.find(offer.target)
    if not isinstance(target, Target) or target.answer is None:
        return None
    answer = target.answer
    match answer:
        case PatternAnswer():
            for form in _forms(answer.pattern, answer.variants, language, own):
                groups = match_pattern(form, text)
                if groups is not None:
                    return Chosen(offer, f"matches the pattern {form}", groups)
        case SimilarAnswer():
            for form in _forms(answer.words, answer.variants, language, own):
                word = match_similar(form, text)
                if word is not None:
                    return Chosen(offer, f"similar to {word}", {})
        case ButtonAnswer():
            # The title as it was shown counts too: the answer itself may have told the customer's language.
            shown = (offer.title,) if own else ()
            for form in (*shown, *_forms(answer.text, answer.variants, language, own)):
                if same_title(form, text):
                    return Chosen(offer, f"typed the button's title {form}", {})
        case GeneratedButtonsAnswer():
            if own and same_title(offer.title, text):
                return Chosen(offer, f"typed the button's title {offer.title}", {})
        case _:
            assert_never(answer)
    return None


def _forms(text: str, variants: dict[str, str], language: str | None, own: bool) -> Iterator[str]:
    forms = candidates(text, variants, language)
    first = next(forms)
    if own:
        yield first
    else:
        yield from forms


def _is_default(graph: Graph, offer: Offer) -> bool:
    target = graph.find(offer.target)
    match target.answer if isinstance(target, Target) else None:
        case PatternAnswer(default=default) | SimilarAnswer(default=default):
            return default
        case _:
            return False
