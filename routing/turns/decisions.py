"""The actions of a decision that need nobody's answer: messages, conditions, loops, data, and what targets offer."""

from typing import Any, assert_never

from routing.conditions import compare
from routing.configuration import (
    Answer,
    ButtonAnswer,
    Condition,
    GeneratedButtonsAnswer,
    Loop,
    PatternAnswer,
    Predicate,
    SaveData,
    SendMessage,
    SimilarAnswer,
    Target,
)
from routing.conversation import Offer, Walk
from routing.graph import path_of, tree_of
from routing.messages import Button, SaveContact
from routing.turns.moving import Moving

MOST_BUTTONS = 100
"""So many elements of an array become buttons or lines of a numbered list; nobody reads further."""


class Decisions(Moving):
    """What actions do at once."""

    def send_message(self, path: str, message: SendMessage) -> None:
        buttons = [
            Button(text=self.text_of(button.text, button.variants), url=self.url(button.url))
            for button in message.buttons
        ]
        image = None if message.image is None else self.url(message.image)
        self.say(path, self.text_of(message.text, message.variants), buttons=buttons, image=image)
        self.said = True

    def save(self, action: SaveData) -> None:
        kept = self.value(action.value)
        if action.scope == "contact":
            self.contact = {**self.contact, action.field: kept}
            self.commands.append(SaveContact(field=action.field, value=kept))
            self.changed(f"contact.{action.field}", kept)
            return
        self.data = {**self.data, action.field: kept}
        self.changed(f"data.{action.field}", kept)
        if action.field == "language" and isinstance(kept, str):
            self.language, self.language_fixed = kept, True

    def holds(self, condition: Condition) -> bool:
        """Whether the predicates hold; the trace says why, up to the one that decided."""
        predicates = condition.all if condition.all is not None else condition.any or ()
        enough = condition.all is None
        whys: list[str] = []
        for predicate in predicates:
            held, why = self.compare(predicate)
            whys.append(why)
            if held is enough:
                self.note("; ".join(whys))
                return enough
        self.note("; ".join(whys))
        return not enough

    def compare(self, predicate: Predicate) -> tuple[bool, str]:
        left = self.evaluate(predicate.left) if predicate.left else None
        right = self.value(predicate.right)
        verdict = compare(predicate.operator, left, right, self.language or self.default_language)
        return verdict.holds, f"{predicate.left} {verdict.why}".strip()

    def loop(self, path: str, loop: Loop) -> str | None:
        """Begin a loop, or come back to it: its next element, or what follows it."""
        walk = self.walks.get(path)
        if walk is None:
            walk = Walk(items=self.array(loop.items)[: loop.at_most], index=-1)
        index = walk.index + 1
        if index < len(walk.items) and loop.actions:
            self.walks = {**self.walks, path: Walk(items=walk.items, index=index)}
            self.objects = {**self.objects, loop.as_: walk.items[index]}
            self.note(f"element {index + 1} of {len(walk.items)}")
            return f"{path}/actions/0"
        self.walks = {at: other for at, other in self.walks.items() if at != path}
        return self.after(path)

    def target(self, path: str, target: Target) -> str | None:
        if target.execution == "immediately" or target.answer is None:
            self.why = "immediately"
            return path_of(target.to, tree_of(path))
        self.offers += self.offered(path, target.answer)
        return self.after(path)

    def offered(self, path: str, answer: Answer) -> list[Offer]:
        """The offers that a target makes: one, or one for each element of an array."""
        scope = self.elements(path)
        match answer:
            case PatternAnswer() | SimilarAnswer():
                return [Offer(target=path, scope=scope)]
            case ButtonAnswer():
                return [Offer(target=path, title=self.text_of(answer.text, answer.variants), scope=scope)]
            case GeneratedButtonsAnswer():
                items = self.array(answer.items)[:MOST_BUTTONS]
                return [
                    Offer(
                        target=path,
                        title=self.render(answer.title, item=item) or str(number + 1),
                        item=item,
                        value=self.render(answer.value, item=item),
                        scope=scope,
                    )
                    for number, item in enumerate(items)
                ]
            case _:
                assert_never(answer)

    def elements(self, path: str) -> dict[str, Any]:
        """The elements that the loops around an action stand at."""
        found: dict[str, Any] = {}
        for at, walk in self.walks.items():
            loop = self.graph.find(at)
            if isinstance(loop, Loop) and path.startswith(f"{at}/"):
                found[loop.as_] = walk.items[walk.index]
        return found
