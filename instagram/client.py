"""One connected Instagram account, as calls to Meta's Graph API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import httpx

from instagram import profile, reading, subscriptions
from instagram.errors import SendError, Usage
from instagram.graph import Graph
from instagram.outbound import Button, Media, Outbound, QuickReply, parts
from instagram.profile import Profile
from instagram.reading import Read, Record, Sent
from instagram.values import Json

__all__ = [
    "Button",
    "Instagram",
    "Media",
    "Outbound",
    "Profile",
    "QuickReply",
    "Read",
    "Record",
    "Sent",
    "Usage",
    "parts",
]

Reaction = Literal["love", "angry", "sad", "wow", "like", "laugh", "other"]

_FETCHING = frozenset({2018008, 2018294})  # Meta failed to fetch our file: worth one more attempt (facts 2.4).


class Instagram:
    """One connected account of either flavour. Every call raises SendError where it does not say otherwise.

    `sender` is the id in the send address: the page's for "page", the account's for "login". With `app_secret` a page's
    calls carry the `appsecret_proof` that apps may be set to require. The token appears in no message, repr or log.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        version: str,
        flavour: Literal["page", "login"],
        account: str,
        sender: str,
        token: str,
        app_secret: str | None = None,
    ) -> None:
        self._graph = Graph(
            http,
            base_url=base_url,
            version=version,
            token=token,
            owner=f"account {account}",
            app_secret=app_secret if flavour == "page" else None,
        )
        self.flavour: Literal["page", "login"] = flavour
        self.account = account
        self.sender = sender

    def __repr__(self) -> str:
        return f"Instagram({self.flavour} {self.account} at {self._graph.root})"

    @property
    def usage(self) -> Usage | None:
        """How much of the allowance is used, as the latest answer told; None where it did not say."""
        return self._graph.usage

    # Sending

    async def send(self, customer: str, message: Outbound) -> str:
        """Sends it by one Graph call and gives Instagram's message id."""
        try:
            answer = await self._send(customer, message)
        except SendError as error:
            if error.subcode not in _FETCHING:
                raise
            answer = await self._send(customer, message)
        mid = answer.get("message_id")
        if not isinstance(mid, str) or not mid:
            raise SendError("unknown", "the answer to a send names no message_id")
        return mid

    async def act(self, customer: str, action: Literal["mark_seen", "typing_on", "typing_off"]) -> None:
        """Shows the customer that their message was seen, or that somebody is typing."""
        await self._act(customer, action)

    async def react(self, customer: str, mid: str, reaction: Reaction = "love") -> None:
        """Puts a reaction under the customer's message; Instagram echoes none of ours (facts 1.6)."""
        await self._act(customer, "react", {"message_id": mid, "reaction": reaction})

    async def unreact(self, customer: str, mid: str) -> None:
        """Takes our reaction back."""
        await self._act(customer, "unreact", {"message_id": mid})

    # Reading

    async def profile(self, customer: str) -> Profile:
        """Who this customer is; an empty profile where Instagram will not or cannot say (SPEC 6.6), never an error."""
        return await profile.profile(self._graph, customer)

    async def message(self, mid: str) -> Read | None:
        """One message of the account's; None for one that was deleted or is older than its thread's newest 20."""
        return await reading.message(self._graph, mid, {self.account, self.sender}, self.account)

    async def record_since(self, customer: str, since: datetime) -> Record:
        """Our own messages to this customer from `since` on (aware; Instagram tells whole seconds), newest first.

        `complete` says whether that is all of them: the API gives details only of a thread's newest 20 messages.
        """
        return await reading.record(self._graph, self.sender, customer, since)

    async def sent_since(self, customer: str, since: datetime) -> list[Sent]:
        """The messages of `record_since`, complete or not."""
        return list((await self.record_since(customer, since)).sent)

    # What the account is set to

    async def publish_ice_breakers(self, questions: Sequence[tuple[str, str]]) -> None:
        """Offers these (question, payload), at most 4, to who has not written yet; an empty list offers none."""
        await profile.publish_ice_breakers(self._graph, self.sender, questions)

    async def ice_breakers(self) -> list[tuple[str, str]]:
        """The (question, payload) that are offered now."""
        return await profile.ice_breakers(self._graph, self.sender)

    async def subscribe(self) -> None:
        """Has the account's events sent to the app."""
        await subscriptions.subscribe(self._graph, self.sender, self.flavour)

    async def subscribed(self, app_id: str | None = None) -> tuple[str, ...]:
        """The webhook fields that this app gets, any app where `app_id` is not given; empty for none."""
        return await subscriptions.subscribed(self._graph, self.sender, app_id)

    async def unsubscribe(self) -> None:
        """Stops the account's events."""
        await subscriptions.unsubscribe(self._graph, self.sender)

    async def _send(self, customer: str, message: Outbound) -> Json:
        body: Json = {"recipient": {"id": customer}, "message": message.content()}
        if self.flavour == "page":
            body["messaging_type"] = "MESSAGE_TAG" if message.tag else "RESPONSE"
        if message.tag:
            body["tag"] = message.tag
        if message.reply_to:
            body["reply_to"] = {"mid": message.reply_to}
        return await self._graph.call("POST", f"{self.sender}/messages", body=body)

    async def _act(self, customer: str, action: str, payload: dict[str, Any] | None = None) -> None:
        body: Json = {"recipient": {"id": customer}, "sender_action": action}
        await self._graph.call("POST", f"{self.sender}/messages", body=body | ({"payload": payload} if payload else {}))
