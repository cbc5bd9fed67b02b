"""A chatbot that has the conversation: what it is told, what it says, and how it loses it (SPEC 5)."""

from typing import Any

from routing import chatbots, replies
from routing.answers import needs_list
from routing.configuration import Chatbot
from routing.conversation import AwaitsBot, Click
from routing.graph import path_of
from routing.messages import AskBot, BotAccepted, BotFailed, BotReplied, Button, Event
from routing.turns.moving import Moving


class Bots(Moving):
    """Talks with chatbots of third parties."""

    def enter_chatbot(self, chatbot: Chatbot) -> None:
        """Hand the conversation to the bot, with what the customer wrote and nobody has taken."""
        was = self.was.waiting
        asked = isinstance(was, AwaitsBot) and was.asked and self.was.place == self.place
        self.waiting = AwaitsBot(since=self.now, asked=asked)
        if not chatbot.send_start_message:
            self.tell_bot()
            return
        unread, self.unread = self.unread, ()
        text = "\n".join(message.text for message in unread if message.text)
        attachments = tuple(item for message in unread for item in message.attachments)
        fields = self.graph.configuration.custom_fields
        self.ask_bot(
            chatbot,
            chatbots.body(
                chatbot, self.was, fields, self.contact, key=None, at=None, text=text, attachments=attachments
            ),
        )

    def tell_bot(self) -> None:
        """Forward the oldest unread message, one at a time, so that the bot gets them in order."""
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or self.waiting.asking or not self.unread:
            return
        assert isinstance(chatbot, Chatbot)
        message, self.unread = self.unread[0], self.unread[1:]
        self.text, self.attachments = message.text, message.attachments
        fields = self.graph.configuration.custom_fields
        self.ask_bot(
            chatbot,
            chatbots.body(
                chatbot,
                self.was,
                fields,
                self.contact,
                key=message.key,
                at=message.at,
                text=message.text,
                attachments=message.attachments,
                click=replies.clicked(self.waiting, message),
            ),
        )

    def ask_bot(self, chatbot: Chatbot, body: dict[str, Any]) -> None:
        assert isinstance(self.waiting, AwaitsBot)
        self.waiting = self.waiting.model_copy(update={"asking": True, "asked": True})
        self.questions += 1
        self.commands.append(
            AskBot(
                key=f"{self.was.name}/bot/{self.questions}",
                path=self.place,
                url=chatbot.url,
                body=body,
                timeout=chatbot.timeout,
                secret=chatbot.secret,
            )
        )

    def part_with_bot(self, was: AwaitsBot, event: Event) -> None:
        """Tell a chatbot that it has lost the conversation: once, whatever took it, and only if it knew of it."""
        left = self.was.place
        chatbot = self.graph.find(left)
        if not was.asked or not isinstance(chatbot, Chatbot):
            return
        if isinstance(self.waiting, AwaitsBot) and self.place == left:
            return
        # The number of the visit, not of the question: keys of later questions stay what they were.
        key = f"{self.was.name}/bot/terminate/{self.visits}"
        configuration = self.graph.configuration
        reason = chatbots.why_it_left(event, configuration.queues)
        fields = configuration.custom_fields
        # Before the rest: the next bot may take its time, and nothing comes after an end.
        self.commands.insert(
            0,
            AskBot(
                key=key,
                path=left,
                url=chatbot.url,
                body=chatbots.body(chatbot, self.was, fields, self.contact, key=key, at=self.now, terminate=reason),
                timeout=chatbot.timeout,
                secret=chatbot.secret,
                farewell=True,
            ),
        )

    def bot_answered(self, event: BotAccepted | BotFailed) -> None:
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or not isinstance(chatbot, Chatbot):
            return
        if isinstance(event, BotFailed):
            self.walk(path_of(chatbot.fallback), f"the chatbot failed: {event.error}")
            return
        self.waiting = self.waiting.model_copy(update={"asking": False})
        self.tell_bot()

    def bot_replied(self, event: BotReplied) -> None:
        """A callback: what the bot says, then perhaps a queue that takes over."""
        if event.conversation not in (None, self.was.name):
            self.visit(self.place, "the chatbot replied to an earlier conversation")
            return
        chatbot = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsBot) or not isinstance(chatbot, Chatbot):
            self.visit(self.place, "the chatbot replied after the conversation had moved on")
            return
        self.visit(self.place, "the chatbot replied")
        if event.text or event.buttons or event.quickreplies:
            self.questions += 1
            stem = f"{self.was.name[-6:]}/{self.questions}"
            quick = {
                f"{stem}/q{number}": Click(kind="quickreply", name=reply.name, title=reply.text)
                for number, reply in enumerate(event.quickreplies)
            }
            named = {
                f"{stem}/b{number}": Click(kind="button", name=button.name, title=button.text)
                for number, button in enumerate(event.buttons)
                if button.name is not None and button.url is None
            }
            buttons = [
                Button(text=button.text, url=button.url)
                if button.url is not None
                else Button(text=button.text, payload=f"{stem}/b{number}")
                for number, button in enumerate(event.buttons)
                if button.url is not None or button.name is not None
            ]
            choices = [(click.title, payload) for payload, click in quick.items()]
            text = self.clean(event.text) or (chatbot.title if choices or buttons else "")
            self.say(self.place, text, buttons=buttons, choices=choices, author="bot")
            clicks = {**{at: one for at, one in self.waiting.clicks.items() if one.kind == "button"}, **named, **quick}
            newest = dict(list(clicks.items())[-replies.CLICKS_KEPT :])
            self.waiting = self.waiting.model_copy(
                update={"clicks": newest, "listed": needs_list([title for title, _ in choices])}
            )
        if event.transfer is None:
            return
        if event.transfer in self.graph.configuration.queues:
            self.walk(f"queues/{event.transfer}", "the chatbot handed over")
        else:
            self.walk(
                path_of(chatbot.fallback), f"the chatbot handed over to a queue {event.transfer} that is not there"
            )
