"""E-mails about missed chats, by a real mail server: to the people of the queue, at most one for each of them."""

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.mails import TOO_LATE, Mails, NotSent, Post
from api.sharer import Sharer
from routing.messages import End
from store import announcements, mails, notifications
from store.database import Database
from store.revisions import append_revision
from store.users import Role, change_user, create_user
from tests.activities.conftest import CONFIGURATION, World
from tests.activities.test_web import _certificate
from workflows.plugin import connect, runner
from workflows.webhooks import MailMissedChat, mail_workflow

pytestmark = pytest.mark.anyio
SENDER = "Switchboard <switchboard@shop.example.com>"


@dataclass
class Mailbox:
    """What a mail server took; it answers the recipient and the text as `rcpt` and `data` say."""

    rcpt: str = "250 OK"
    data: str = "250 taken"
    got: list[Envelope] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        self.asked.set()
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        if self.data == "hang up":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            self.got.append(envelope)
            return "250 never heard"
        if self.data.startswith("250"):
            self.got.append(envelope)
        return self.data

    def texts(self) -> list[str]:
        return [_read(one).get_content().replace("\r\n", "\n") for one in self.got]


@asynccontextmanager
async def serving(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """A mail server on this machine, with `tls` from the first byte on; its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, loop=loop, hostname="mail.example.com", **options), "127.0.0.1", 0, ssl=tls
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def _read(envelope: Envelope) -> Any:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content, policy=default)


@dataclass
class Office:
    """A world with people, and the activities that write to them."""

    world: World
    mailbox: Mailbox
    work: Mails

    @property
    def database(self) -> Database:
        return self.world.database

    async def missed(self, queue: str = "people") -> str:
        """A conversation that nobody answered; its name."""
        opened = await self.world.opened(f"m:{uuid.uuid4().hex}")
        assert opened.conversation is not None
        end = End(path="terminates/x", at=self.world.now(), terminate="x", cause="not_available", queue=queue)
        await self.world.conversations.end(end, opened.conversation.name)
        return opened.conversation.name

    async def states(self, conversation: str) -> dict[str, str]:
        async with self.database.begin() as session:
            return {one.person: one.state for one in await mails.mails_of(session, conversation)}

    async def reason(self, conversation: str) -> str:
        async with self.database.begin() as session:
            return next(one.reason or "" for one in await mails.mails_of(session, conversation))


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    people: list[tuple[str, Role, str | None]] = [
        ("eva", "agent", "eva@shop.example.com"),
        ("petr", "supervisor", "petr@shop.example.com"),
        ("ola", "agent", None),
        ("vera", "viewer", "vera@shop.example.com"),
        ("gone", "agent", "gone@shop.example.com"),
    ]
    async with world.database.begin() as session:
        for name, role, email in people:
            await create_user(session, name=name, role=role, now=world.now(), email=email)
        await change_user(session, "gone", active=False)
        queues = {"people": {"title": "Péople\nand plants"}, "vip": {"title": "VIP", "agents": ["petr", "ola", "gone"]}}
        await append_revision(session, digest="2", document=CONFIGURATION | {"queues": queues}, author="t", note="")
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        post = Post(f"smtp://127.0.0.1:{port}", SENDER)
        yield Office(world, mailbox, Mails(world.database, post, "https://dm.example.com", world.now))


async def test_who_is_written_to(office: Office) -> None:
    everybody, some, unknown = [await office.missed(queue) for queue in ("people", "vip", "of-old")]
    assert await office.work.people_to_mail(everybody) == ["eva", "petr"], "everybody who may be an agent"
    assert await office.work.people_to_mail(some) == ["petr"], "those of the queue"
    assert await office.work.people_to_mail(unknown) == ["eva", "petr"], "a queue that is no more is everybody's"
    assert await office.states(some) == {"petr": "waiting"}
    assert await office.work.people_to_mail("igdm_unknown") == []
    assert await replace(office.work, post=None).people_to_mail(everybody) == []
    opened = await office.world.opened("m:open")
    assert opened.conversation is not None
    assert await office.work.people_to_mail(opened.conversation.name) == [], "it is no missed chat"


async def test_what_is_written(office: Office) -> None:
    name = await office.missed()
    await office.work.people_to_mail(name)
    assert await office.work.mail_missed_chat(name, "eva") == "sent"
    [envelope] = office.mailbox.got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("switchboard@shop.example.com", ["eva@shop.example.com"])
    read = _read(envelope)
    assert (read["From"], read["To"]) == (SENDER, "eva@shop.example.com")
    assert read["Subject"] == "Missed chat: Péople and plants"
    assert read["Message-ID"] == f"<{name}.missed@shop.example.com>"
    assert read["Auto-Submitted"] == "auto-generated"
    text = read.get_content()
    assert "Came in through: Shop" in text
    assert "not_available" in text
    assert f"https://dm.example.com/console/conversations/{name}" in text
    for private in ("Jana", "jana", office.world.customer, "hi"):
        assert private not in text.split(), "a mail cannot be erased"


async def test_each_person_once(office: Office) -> None:
    name = await office.missed()
    people = await office.work.people_to_mail(name)
    for _ in range(2):
        assert [await office.work.mail_missed_chat(name, one) for one in people] == ["sent", "sent"]
        assert await office.work.people_to_mail(name) == people
    assert [one.rcpt_tos for one in office.mailbox.got] == [["eva@shop.example.com"], ["petr@shop.example.com"]]


async def test_a_worker_that_is_killed_while_it_sends(office: Office) -> None:
    """Nobody knows whether the mail left, so it is not sent again."""
    name = await office.missed()
    await office.work.people_to_mail(name)
    async with office.database.begin() as session:
        assert await mails.begin(session, name, "eva", office.world.now()) == "sending"
    assert await office.work.mail_missed_chat(name, "eva") == "undecided"
    assert await office.work.mail_missed_chat(name, "eva") == "undecided"
    assert office.mailbox.got == []
    # The worker was not dead, only slow: then it is known after all.
    async with office.database.begin() as session:
        await mails.settle(session, name, "eva", "failed", office.world.now(), "too late to say so")
        await mails.settle(session, name, "eva", "sent", office.world.now())
    assert (await office.states(name))["eva"] == "sent"


async def test_a_mail_server_that_hangs_up_after_the_text(office: Office) -> None:
    office.mailbox.data = "hang up"
    name = await office.missed("vip")
    await office.work.people_to_mail(name)
    assert await office.work.mail_missed_chat(name, "petr") == "undecided"
    assert await office.work.mail_missed_chat(name, "petr") == "undecided"
    assert len(office.mailbox.got) == 1
    assert "broke off after the text" in await office.reason(name)


@pytest.mark.parametrize(
    ("which", "answer", "state"),
    [
        ("rcpt", "550 no such person", "failed"),
        ("rcpt", "450 try later", "waiting"),
        ("data", "554 that is spam", "failed"),
        ("data", "451 the disk is full", "waiting"),
    ],
)
async def test_refusals(office: Office, which: str, answer: str, state: str) -> None:
    setattr(office.mailbox, which, answer)
    name = await office.missed("vip")
    await office.work.people_to_mail(name)
    if state == "failed":
        assert await office.work.mail_missed_chat(name, "petr") == "failed"
    else:
        with pytest.raises(ApplicationError, match=answer):
            await office.work.mail_missed_chat(name, "petr")
    assert await office.states(name) == {"petr": state}
    assert answer in await office.reason(name)
    setattr(office.mailbox, which, "250 OK")
    assert await office.work.mail_missed_chat(name, "petr") == ("failed" if state == "failed" else "sent")


async def test_a_mail_server_that_is_away(office: Office) -> None:
    name = await office.missed("vip")
    away = replace(office.work, post=Post("smtp://127.0.0.1:1", SENDER))
    await away.people_to_mail(name)
    with pytest.raises(ApplicationError, match="the mail server cannot be used"):
        await away.mail_missed_chat(name, "petr")
    assert await office.states(name) == {"petr": "waiting"}
    assert await office.work.mail_missed_chat(name, "petr") == "sent"
    late = await office.missed("vip")
    await office.work.people_to_mail(late)
    office.world.offset += TOO_LATE + timedelta(minutes=1)
    assert await office.work.mail_missed_chat(late, "petr") == "failed"
    assert await office.reason(late) == "the mail server was away for too long"


async def test_somebody_who_left_meanwhile(office: Office) -> None:
    name = await office.missed()
    await office.work.people_to_mail(name)
    async with office.database.begin() as session:
        await change_user(session, "eva", active=False)
    assert await office.work.mail_missed_chat(name, "eva") == "failed"
    assert await office.work.mail_missed_chat(name, "stranger") == "failed"
    assert office.mailbox.got == []


async def test_from_the_end_of_the_conversation_to_the_mail(office: Office, temporal_address: str) -> None:
    """The store announces it, an API process begins the work, and the worker writes; twice begun is once done."""
    temporal, queue = await connect(temporal_address), f"mails-{uuid.uuid4().hex}"
    office.mailbox.rcpt = "450 try later"
    async with Worker(
        temporal,
        task_queue=queue,
        workflows=[MailMissedChat],
        activities=[office.work.people_to_mail, office.work.mail_missed_chat],
        workflow_runner=runner(),
    ):
        name = await office.missed("vip")
        sharer = Sharer(office.database, temporal, queue, office.world.now, mail=True)
        # It begins the work, and is killed before it writes down that it has.
        async with office.database.begin() as session:
            await announcements.unshared(session)
            await sharer._share_some()  # pyright: ignore[reportPrivateUsage]  the first half of share()
        await sharer.share()
        await asyncio.wait_for(office.mailbox.asked.wait(), 30)
        office.mailbox.rcpt = "250 OK"
        handle = temporal.get_workflow_handle(mail_workflow(name), result_type=dict[str, str])
        assert await handle.result() == {"petr": "sent"}
        await sharer.share()
    assert len(office.mailbox.got) == 1
    async with office.database.begin() as session:
        kinds = [one.kind for one in (await notifications.notifications(session)).items]
        assert kinds == ["missed_chat"]
        assert await announcements.unshared(session) == []


# The connection -------------------------------------------------------------------------------------------------------


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"eva@shop", b"p w/1"), handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and a client's that knows its certificate."""
    certificate, key = _certificate(tmp_path)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=certificate)


def _message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = SENDER, "x"
    message.set_content(".\n..two dots\nČ" + "long " * 300)
    return message


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the mail server sees to encryption itself, from outside it
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_login_is_encrypted(scheme: str, certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = certificate
    options: dict[str, Any] = {"authenticator": _login, "auth_required": True}
    options |= {"tls": server, "auth_require_tls": False} if scheme == "smtps" else {"tls_context": server}
    mailbox = Mailbox()
    async with serving(mailbox, **options) as port:
        right = Post(f"{scheme}://eva%40shop:p%20w%2F1@localhost:{port}", SENDER, client)
        await asyncio.to_thread(right.send, _message(), "eva@shop.example.com")
        wrong = Post(f"{scheme}://eva:no@localhost:{port}", SENDER, client)
        with pytest.raises(NotSent, match="535"):
            await asyncio.to_thread(wrong.send, _message(), "eva@shop.example.com")
        unknown = replace(right, tls=None)
        with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(unknown.send, _message(), "eva@shop.example.com")
    assert mailbox.texts() == [_message().get_content()]
    assert mailbox.encrypted == [True]
    assert "p%20w" not in repr(right)


async def test_no_password_goes_out_in_the_clear() -> None:
    mailbox = Mailbox()
    async with serving(mailbox, authenticator=_login, auth_require_tls=False) as port:
        post = Post(f"smtp://eva%40shop:p%20w%2F1@127.0.0.1:{port}", SENDER)
        with pytest.raises(NotSent, match="STARTTLS"):
            await asyncio.to_thread(post.send, _message(), "eva@shop.example.com")
    assert mailbox.got == []


async def test_without_a_login_it_is_encrypted_where_that_is_offered(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """Also with a certificate that nobody knows: in the clear would be worse."""
    for options, encrypted in (({"tls_context": certificate[0]}, True), ({}, False)):
        mailbox = Mailbox()
        async with serving(mailbox, **options) as port:
            post = Post(f"smtp://127.0.0.1:{port}", SENDER)
            await asyncio.to_thread(post.send, _message(), "eva@shop.example.com")
        assert mailbox.encrypted == [encrypted]


async def test_addresses_that_cannot_be_written_to() -> None:
    async with serving(Mailbox()) as port:
        post = Post(f"smtp://127.0.0.1:{port}", SENDER)
        with pytest.raises(NotSent, match="letters") as caught:
            await asyncio.to_thread(post.send, _message(), "éva@shop.example.com")
        assert caught.value.for_good
