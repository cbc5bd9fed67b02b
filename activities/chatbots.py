"""Hands a customer's message to a third-party chatbot, signed and with bounded retries (SPEC section 5)."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Annotated

import httpx
from pydantic import Field
from temporalio import activity

from activities.web import Web, WebError
from routing.messages import AskBot, BotAccepted, BotFailed
from routing.records import BotTried
from store.database import Database
from store.secrets import Vault, VaultError, get_secrets

SIGNATURE = "X-Switchboard-Signature"
BotOutcome = Annotated[BotAccepted | BotFailed, Field(discriminator="type")]


class Chatbots:
    """The third-party chatbots; `pause` is waited before the second try, and twice as long before the third.

    So a question lasts at most three times its `timeout` and three pauses.
    """

    def __init__(
        self, database: Database, vault: Vault, web: Web, *, pause: timedelta = timedelta(seconds=0.5)
    ) -> None:
        self._database = database
        self._vault = vault
        self._web = web
        self._pause = pause

    @activity.defn(name="ask_bot")
    async def ask_bot(self, command: AskBot) -> BotOutcome:
        """Whether the chatbot took the message: any 2xx counts, what stands in the answer does not.

        Tries again when it cannot be reached, is silent for `command.timeout` or answers 5xx; everything else fails at
        once. All tries carry the same Idempotency-Key. Raises sqlalchemy's DBAPIError when our own database fails,
        which is no fault of the bot.
        """
        try:
            headers, content = await self._signed(command)
        except _NoSecret as error:
            return BotFailed(error=str(error))
        return await self._ask(command, headers, content)

    @activity.defn(name="try_chatbot")
    async def try_chatbot(self, command: AskBot) -> BotTried:
        """Send a message once, and answer what came back; for people who set a chatbot up."""
        try:
            headers, content = await self._signed(command)
            answer = await self._web.send("POST", command.url, headers, content, timeout=command.timeout)
        except (_NoSecret, WebError) as error:
            return BotTried(error=str(error))
        return BotTried(status=answer.status, answer=answer.content.decode("utf-8", "replace"))

    async def _signed(self, command: AskBot) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a message. Raises _NoSecret."""
        content = json.dumps(command.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json", "Accept": "*/*", "Idempotency-Key": command.key}
        if command.secret is not None:
            headers[SIGNATURE] = signature(await self._secret(command.secret), content)
        return headers, content

    async def _ask(self, command: AskBot, headers: dict[str, str], content: bytes) -> BotOutcome:
        failures: list[str] = []
        for pauses in (0, 1, 2):
            await asyncio.sleep(pauses * self._pause.total_seconds())
            try:
                answer = await self._web.send("POST", command.url, headers, content, timeout=command.timeout)
            except WebError as error:
                if not error.temporary:
                    return BotFailed(error=str(error))
                failures.append(str(error))
                continue
            host = httpx.URL(command.url).host
            if answer.method != "POST":
                return BotFailed(
                    error=f"`{host}` redirects in a way that loses the message: let it answer 307 or 308, "
                    "or write down the address it ends at"
                )
            if 200 <= answer.status < 300:
                return BotAccepted()
            if answer.status < 500:
                return BotFailed(error=f"`{host}` answered {answer.status}")
            failures.append(f"`{host}` answered {answer.status}")
        if len(set(failures)) == 1:
            what, colon, cure = failures[0].partition(": ")
            return BotFailed(error=f"{what} three times{colon}{cure}")
        return BotFailed(error="; then ".join(failures))

    async def _secret(self, named: str) -> str:
        """The value of `secrets.<name>`; raises _NoSecret."""
        name = named.removeprefix("secrets.")
        try:
            async with self._database.begin() as session:
                found = await get_secrets(session, self._vault, [name])
        except VaultError as error:
            raise _NoSecret(f"the chatbot's `{named}` cannot be read: {error}") from None
        if not found.get(name):
            raise _NoSecret(f"the chatbot needs `{named}`: enter a secret of that name")
        return found[name]


def signature(secret: str, content: bytes) -> str:
    """The value of X-Switchboard-Signature: `sha256=` and the HMAC of the body's bytes in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


class _NoSecret(Exception):
    """The chatbot's secret cannot be had; the sentence names it and says what to do."""
