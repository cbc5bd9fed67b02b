"""The question that a decision puts at its end, and which words of the customer answer it (SPEC 2.6)."""

from collections.abc import Sequence
from typing import assert_never

from routing import replies
from routing.configuration import Decision, GeneratedButtonsAnswer, Target
from routing.conversation import AwaitsAnswer, Offer
from routing.graph import path_of, tree_of
from routing.messages import CustomerMessage, Delivered, Send
from routing.turns.moving import Moving


class Questions(Moving):
    """Asking, hearing, and taking the target that was chosen."""

    def sequence_ended(self, path: str) -> str | None:
        """The actions of a decision are through: wait for one of the answers that were offered."""
        decision = self.graph.find(path)
        assert isinstance(decision, Decision)
        self.place = path
        if not self.offers:
            self.visit(path, "no answer was offered and no target taken")
            if decision.no_match is not None and decision.no_match.to is not None:
                self.why = "there is no answer to wait for"
                return path_of(decision.no_match.to, tree_of(path))
            if decision.no_answer is None:
                self.end("system")
                return None
        self.questions += 1
        asked = self.ask(path, decision)
        out = not any(isinstance(command, Send) for command in self.commands)
        self.waiting = AwaitsAnswer(asked_at=self.now, question=self.questions, out=out)
        unread, self.unread = self.unread, ()
        if unread and not asked:
            # The decision asked nothing, so what the customer had already written is what it decides on.
            self.answer_heard(unread)
        return None

    def ask(self, path: str, decision: Decision) -> bool:
        """Put the quick replies under the question; whether the customer was asked anything."""
        stem = f"{self.was.name[-6:]}/{self.questions}"
        self.offers = [
            Offer(
                target=offer.target,
                title=offer.title,
                payload=f"{stem}/{number}",
                item=offer.item,
                value=offer.value,
                scope=offer.scope,
            )
            if offer.title
            else offer
            for number, offer in enumerate(self.offers)
        ]
        if not any(offer.title for offer in self.offers):
            return self.said
        if not self.put_choices(path, replies.choices(self.offers)):
            self.say(path, decision.title, choices=replies.choices(self.offers))
        self.said = True
        return True

    def delivered(self, event: Delivered) -> None:
        """The question left at this time: what the customer sent before is no answer to it."""
        if isinstance(self.waiting, AwaitsAnswer) and not self.waiting.out:
            # What was heard meanwhile was judged by the time of the question, which is all that was known.
            asked_at = self.waiting.asked_at if self.waiting.heard else event.at
            self.waiting = self.waiting.model_copy(update={"asked_at": asked_at, "out": True})
        if event.blocked is not None:
            self.visit(self.place, f"not sent: {event.blocked}")

    def hear_answers(self, messages: Sequence[CustomerMessage], waiting: AwaitsAnswer) -> None:
        """What is newer than the question may answer it; a tap on one of its buttons always does."""
        payloads = {offer.payload for offer in self.offers if offer.payload}
        fresh = [message for message in messages if message.at >= waiting.asked_at or message.payload in payloads]
        if len(fresh) < len(messages):
            self.visit(self.place, "written before the question went out, so no answer to it")
        if not fresh:
            return
        heard = (*waiting.heard, *fresh)
        if quiet := self.burst.quiet:
            self.waiting = waiting.model_copy(update={"heard": heard, "settles_at": self.now + quiet})
        else:
            self.answer_heard(heard)

    def answer_heard(self, heard: tuple[CustomerMessage, ...]) -> None:
        """Make an answer of what was heard, as the connector's burst setting says (SPEC 2.6)."""
        assert isinstance(self.waiting, AwaitsAnswer)
        if self.waiting.heard or self.waiting.settles_at is not None:
            self.waiting = self.waiting.model_copy(update={"heard": (), "settles_at": None})
        question = self.waiting.question
        match self.burst.answer:
            case "join":
                self.answer_with(heard)
            case "last":
                self.answer_with(heard[-1:])
            case "each":
                for number, message in enumerate(heard, start=1):
                    # A place that asks nothing, or a bot, takes the rest; the next question went out after it.
                    self.unread = heard[number:]
                    self.answer_with((message,))
                    if not self.asks(question):
                        break
            case _:
                assert_never(self.burst.answer)

    def asks(self, question: int) -> bool:
        return isinstance(self.waiting, AwaitsAnswer) and self.waiting.question == question

    def answer_with(self, messages: Sequence[CustomerMessage]) -> None:
        """Find the offer that the customer's words or tap choose, and take its target."""
        self.text = "\n".join(message.text for message in messages if message.text)
        self.attachments = tuple(item for message in messages for item in message.attachments)
        payloads = [message.payload for message in messages if message.payload]
        found = replies.chosen(self.graph, self.offers, self.text, payloads, self.language)
        if found is None:
            self.miss()
            return
        target = self.graph.find(found.offer.target)
        assert isinstance(target, Target)
        self.answer = {"text": self.text, "payload": found.offer.value or found.offer.title, **found.groups}
        if isinstance(target.answer, GeneratedButtonsAnswer):
            self.answer["item"] = found.offer.item
        self.objects = {**self.objects, **found.offer.scope}
        self.visit(found.offer.target, found.why)
        self.changed("answer", self.answer)
        self.walk(path_of(target.to, tree_of(found.offer.target)), "the customer chose it")

    def miss(self) -> None:
        """Nothing matches: say so, or leave after the last attempt."""
        decision = self.graph.find(self.place)
        assert isinstance(decision, Decision)
        assert isinstance(self.waiting, AwaitsAnswer)
        misses = self.waiting.misses + 1
        self.waiting = self.waiting.model_copy(update={"misses": misses})
        self.visit(self.place, f"no answer matches (miss {misses})")
        no_match = decision.no_match
        if no_match is None:
            return
        if no_match.to is not None and misses >= no_match.attempts:
            self.go(no_match.to, f"miss {misses} of {no_match.attempts}")
        elif no_match.text is not None:
            choices = replies.choices(self.offers)
            self.say(self.place, self.text_of(no_match.text, no_match.variants), choices=choices)
