"""E-mails about missed chats to the people of the queue, each of them at most once."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from temporalio import activity
from temporalio.exceptions import ApplicationError

from routing.configuration import Configuration
from store import conversations, mails, revisions
from store.conversations import Conversation
from store.database import Database

PATIENCE = 20.0
"""Seconds that the mail server may take for each of its answers."""
TOO_LATE = timedelta(days=1)
"""A mail that could not be sent for so long after the end of the chat is of no use any more."""


class NotSent(Exception):
    """The mail server has not taken the mail; `for_good`: nor will it."""

    def __init__(self, sentence: str, *, for_good: bool = False) -> None:
        super().__init__(sentence)
        self.for_good = for_good


class Undecided(Exception):
    """The mail server may have taken the mail, or not."""


@dataclass(frozen=True)
class Post:
    """A mail server, as `smtp://user:password@host:587` or `smtps://…:465`, and who writes.

    With a user the connection is always encrypted and the server's certificate verified. Without one it is encrypted
    where the server offers that.
    """

    url: str = field(repr=False)
    sender: str
    tls: ssl.SSLContext | None = None

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand a mail over; takes its time. Raises NotSent and Undecided."""
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server cannot be used: {_told(error)}") from error
        try:
            self._hand_over(connection, message, to)
        finally:
            # Once it has taken the mail, nothing that goes wrong matters any more.
            connection.close()

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        try:
            connection.ehlo_or_helo_if_needed()
            _accepted(connection.mail(parseaddr(self.sender)[1]))
            _accepted(connection.rcpt(to))
        except UnicodeError as error:
            raise NotSent("the address has letters that mail servers do not know", for_good=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server broke off: {_told(error)}") from error
        try:
            answer = connection.data(message.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:  # it did not want to hear the text at all
            raise NotSent(f"the mail server said {_told(error)}", for_good=error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undecided(f"the mail server broke off after the text: {_told(error)}") from error
        _accepted(answer)

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, user = parts.hostname or "", unquote(parts.username or "")
        tls = self.tls or ssl.create_default_context()
        if parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=tls)
        else:
            connection = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
        try:
            connection.ehlo()
            if parts.scheme == "smtp" and (user or connection.has_extn("starttls")):
                connection.starttls(context=tls if user else _any_certificate())
                connection.ehlo()
            if user:
                connection.login(user, unquote(parts.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection


@dataclass
class Mails:
    """The activities `people_to_mail` and `mail_missed_chat`; without a post nobody is written to."""

    database: Database
    post: Post | None
    console_url: str
    now: Callable[[], datetime]

    @activity.defn(name="people_to_mail")
    async def people_to_mail(self, conversation: str) -> list[str]:
        """Who is to be written to: the people of the missed chat's queue who have an address."""
        if self.post is None:
            return []
        async with self.database.begin() as session:
            found = await conversations.conversation(session, conversation)
            current = await revisions.current_revision(session)
            if found is None or not found.missed or found.queue is None or current is None:
                return []
            queue = Configuration.model_validate(current.document).queues.get(found.queue)
            people = await mails.addressees(session, [] if queue is None else queue.agents)
            await mails.want(session, conversation, people, self.now())
        return people

    @activity.defn(name="mail_missed_chat")
    async def mail_missed_chat(self, conversation: str, person: str) -> str:
        """Write to one person; answers what became of that. Raises ApplicationError where it can be tried again."""
        async with self.database.begin() as session:
            state = await mails.begin(session, conversation, person, self.now())
            if state != "sending":
                return state
            found = await conversations.conversation(session, conversation)
            address = await mails.address_of(session, person)
            current = await revisions.current_revision(session)
        if self.post is None or found is None or found.ended_at is None or address is None or current is None:
            return await self._settled(conversation, person, "failed", "there is nobody to write to any more")
        if self.now() > found.ended_at + TOO_LATE:
            return await self._settled(conversation, person, "failed", "the mail server was away for too long")
        message = self._message(found, Configuration.model_validate(current.document), address)
        try:
            await asyncio.to_thread(self.post.send, message, address)
        except Undecided as error:
            return await self._settled(conversation, person, "undecided", str(error))
        except NotSent as error:
            if error.for_good:
                return await self._settled(conversation, person, "failed", str(error))
            await self._settled(conversation, person, "waiting", str(error))
            raise ApplicationError(str(error)) from error
        return await self._settled(conversation, person, "sent")

    async def _settled(self, conversation: str, person: str, state: mails.State, reason: str | None = None) -> str:
        async with self.database.begin() as session:
            await mails.settle(session, conversation, person, state, self.now(), reason)
        return state

    def _message(self, missed: Conversation, configuration: Configuration, to: str) -> EmailMessage:
        """Without anything of the customer: a mail cannot be taken back when their data is to be erased."""
        assert self.post is not None
        assert missed.ended_at is not None
        queue = configuration.queues.get(missed.queue or "")
        connector = configuration.connectors.get(missed.connector)
        name = queue.title if queue is not None else missed.queue or ""
        message = EmailMessage()
        message["From"] = self.post.sender
        message["To"] = to
        message["Subject"] = f"Missed chat: {_line(name)}"
        message["Date"] = format_datetime(self.now().astimezone(UTC))
        # The same for every attempt, so that a mail which arrives twice all the same is shown once.
        message["Message-ID"] = f"<{missed.name}.missed@{parseaddr(self.post.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            f"A conversation ended and nobody had answered.\n\n"
            f"Queue: {name}\n"
            f"Came in through: {connector.title if connector is not None else missed.connector}\n"
            f"Opened: {missed.opened_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC\n"
            f"Ended: {missed.ended_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({missed.cause})\n\n"
            f"{self.console_url}/console/conversations/{missed.name}\n"
        )
        return message


def _line(text: str) -> str:
    return " ".join(text.split())


def _accepted(answer: tuple[int, Any]) -> None:
    """Raises NotSent unless the mail server agrees: 4xx for now, 5xx for good (RFC 5321, 4.2.1)."""
    code, words = answer
    if code >= 400:
        raise NotSent(f"the mail server said {code} {_words(words)}"[:500], for_good=code >= 500)


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"[:500]
    return (str(error) or type(error).__name__)[:500]


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _any_certificate() -> ssl.SSLContext:
    """For a connection that need not be encrypted at all: better with an unknown certificate than in the clear."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
