"""Every text of a configuration: its language variants, its length on Instagram, and the addresses it may be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from routing.answers import QUICK_REPLIES, TITLE
from routing.configuration import (
    Action,
    ButtonAnswer,
    Condition,
    Configuration,
    LinkButton,
    Loop,
    PatternAnswer,
    Request,
    SendMessage,
    SimilarAnswer,
    Target,
)
from routing.languages import ISO_639_1
from routing.problems.problem import Report, meant, shown
from routing.problems.walk import decisions_of, every_action

MESSAGE = 1_000
"""The most bytes of UTF-8 in one message (Meta, "Send messages", Instagram messaging)."""
LINKS = 3
"""The most buttons under one message (Meta, "Button template")."""
LINK_MESSAGE = 640
"""The most characters of a message with buttons (Meta, "Button template")."""

Sort = Literal["message", "link message", "title", "link", "pattern", "words"]


class Wording(NamedTuple):
    """A text with its variants, at the field `field` of `path`; `tree` is the decision tree it belongs to, if any."""

    path: str
    field: str
    text: str
    variants: Mapping[str, str]
    sort: Sort
    tree: str | None = None

    def forms(self) -> Iterator[tuple[str, str]]:
        """The path and the text of each form."""
        yield f"{self.path}/{self.field}", self.text
        for language, text in self.variants.items():
            yield f"{self.path}/variants/{language}", text


def check_texts(configuration: Configuration, report: Report) -> None:
    """Variants, lengths and addresses; what templates say is looked at in `templates`."""
    for wording in wordings(configuration):
        if not report.hidden(f"{wording.path}/{wording.field}"):
            _check_languages(configuration, wording, report)
            _check_lengths(wording, report)
    for _, path, action in every_action(configuration):
        match action:
            case Request():
                _check_url(f"{path}/url", action.url, report)
            case SendMessage():
                _check_links(path, action, report)
            case _:
                pass
    for _, path, decision in decisions_of(configuration):
        count = _buttons(decision.actions)
        if count > QUICK_REPLIES:
            report.warning(
                path,
                "too-many-buttons",
                (
                    f"{count} buttons are offered and Instagram shows {QUICK_REPLIES}, so they become a "
                    "numbered list: offer fewer to keep buttons"
                ),
            )


def wordings(configuration: Configuration) -> Iterator[Wording]:
    """Every text that may have variants, in the order of the document."""
    c = configuration
    for name, automessage in c.automessages.items():
        for index, message in enumerate(automessage.messages):
            if message.text is not None:
                yield Wording(
                    f"automessages/{name}/messages/{index}", "text", message.text, message.variants, "message"
                )
    for tree, path, decision in decisions_of(c):
        yield from _in_sequence(f"{path}/actions", decision.actions, tree)
        if decision.no_match and decision.no_match.text is not None:
            yield Wording(
                f"{path}/no_match", "text", decision.no_match.text, decision.no_match.variants, "message", tree
            )
    for name, queue in c.queues.items():
        if queue.welcome:
            yield Wording(f"queues/{name}/welcome", "text", queue.welcome.text, queue.welcome.variants, "message")
    for name, template in c.templates.items():
        yield Wording(f"templates/{name}", "text", template.text, template.variants, "message")


def _in_sequence(prefix: str, actions: Sequence[Action], tree: str) -> Iterator[Wording]:
    for index, action in enumerate(actions):
        path = f"{prefix}/{index}"
        match action:
            case SendMessage():
                yield Wording(
                    path, "text", action.text, action.variants, "link message" if action.buttons else "message", tree
                )
                for number, button in enumerate(action.buttons):
                    yield Wording(f"{path}/buttons/{number}", "text", button.text, button.variants, "link", tree)
            case Condition():
                yield from _in_sequence(f"{path}/then", action.then, tree)
                yield from _in_sequence(f"{path}/otherwise", action.otherwise, tree)
            case Loop():
                yield from _in_sequence(f"{path}/actions", action.actions, tree)
            case Target(answer=PatternAnswer() as answer):
                yield Wording(f"{path}/answer", "pattern", answer.pattern, answer.variants, "pattern", tree)
            case Target(answer=SimilarAnswer() as answer):
                yield Wording(f"{path}/answer", "words", answer.words, answer.variants, "words", tree)
            case Target(answer=ButtonAnswer() as answer):
                yield Wording(f"{path}/answer", "text", answer.text, answer.variants, "title", tree)
            case _:
                pass


def _check_languages(configuration: Configuration, wording: Wording, report: Report) -> None:
    languages = configuration.languages
    at = f"{wording.path}/{wording.field}"
    for language in wording.variants:
        path = f"{wording.path}/variants/{language}"
        if language not in ISO_639_1:
            report.error(
                path,
                "unknown-language",
                f"`{language}` is no language of ISO 639-1: {meant(language, languages.offered)}",
            )
        elif language not in languages.offered and not report.hole_in("languages"):
            report.warning(
                path,
                "variant-not-offered",
                f"`{language}` is not among the offered languages: offer it, or remove the variant",
            )
    if not _has_words(wording.text, wording.sort) or report.hole_in(f"{wording.path}/variants"):
        return
    if languages.default not in languages.offered or report.hole_in("languages"):
        return
    wanted = [one for one in languages.offered if one != languages.default and one in ISO_639_1]
    missing = [one for one in wanted if one not in wording.variants]
    if missing:
        names = ", ".join(f"`{one}`" for one in missing)
        report.warning(
            at,
            "variant-missing",
            f"there is no variant in {names}, so its customers read this one: add it under `variants`",
        )


def _has_words(text: str, sort: Sort) -> bool:
    """Whether there is anything to translate; of a pattern only what stands for itself counts."""
    if sort == "pattern":
        text = text[: text.rfind("/") + 1]
        text = re.sub(r"\\[pP]\{\w+\}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?P?<\w+>|\(\?[a-z]*:?", "", text)
    return any(letter.isalpha() for letter in literal(text))


def literal(text: str) -> str:
    """What a template says whatever the values are."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.DOTALL) if "{" in text else text


def _check_lengths(wording: Wording, report: Report) -> None:
    for path, text in wording.forms():
        said = literal(text)
        match wording.sort:
            case "message" if len(said.encode()) > MESSAGE:
                report.warning(
                    path,
                    "text-too-long",
                    (
                        f"{len(said.encode())} bytes are sent in parts of at most {MESSAGE}: shorten the "
                        "text to keep it in one message"
                    ),
                )
            case "link message" if len(said) > LINK_MESSAGE:
                report.warning(
                    path,
                    "link-message-too-long",
                    (
                        f"a message with buttons holds {LINK_MESSAGE} characters and this has "
                        f"{len(said)}: shorten it to keep the buttons with it"
                    ),
                )
            case "title" if len(said) > TITLE:
                report.warning(
                    path,
                    "button-title-too-long",
                    (
                        f"a quick reply holds {TITLE} characters and this has {len(said)}, so the answers "
                        "become a numbered list: shorten it"
                    ),
                )
            case "link" if len(said) > TITLE:
                report.warning(
                    path,
                    "link-title-too-long",
                    f"a button holds {TITLE} characters and this has {len(said)}: shorten it",
                )
            case _:
                pass


def _check_links(path: str, message: SendMessage, report: Report) -> None:
    if message.image is not None:
        _check_url(f"{path}/image", message.image, report)
    for index, button in enumerate(message.buttons):
        _check_link(f"{path}/buttons/{index}", button, report)
    if len(message.buttons) > LINKS:
        report.warning(
            f"{path}/buttons",
            "too-many-links",
            (
                f"Instagram shows {LINKS} buttons under a message, so {len(message.buttons)} are sent as "
                "several messages: use fewer"
            ),
        )


def _check_link(path: str, button: LinkButton, report: Report) -> None:
    _check_url(f"{path}/url", button.url, report)


def _check_url(path: str, url: str, report: Report) -> None:
    if not url.lstrip().startswith("{") and not re.match(r"https?://[^\s/]", url):
        report.error(path, "bad-url", f"`{shown(url)}` is no web address: begin with https://")


def _buttons(actions: Sequence[Action]) -> int:
    """The most buttons that are offered together; those generated from an array are not known here."""
    count = 0
    for action in actions:
        match action:
            case Target(answer=ButtonAnswer()):
                count += 1
            case Condition():
                count += max(_buttons(action.then), _buttons(action.otherwise))
            case Loop():
                count += _buttons(action.actions)
            case _:
                pass
    return count
