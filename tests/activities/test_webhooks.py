"""Outgoing webhooks are told what was announced: signed, and again and again until it has arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi import Response
from temporalio.testing import ActivityEnvironment

import activities.webhooks
from activities.web import Web
from activities.webhooks import NOTHING, Webhooks
from store import announcements, audit, notifications, webhook_deliveries, webhooks
from store.announcements import Kind, announce
from store.database import Database
from store.secrets import Vault
from store.webhook_deliveries import FAILING, FAILURES, GIVEN_UP, PAUSES, Delivery
from store.webhooks import OVERLAP, Webhook
from tests.activities.servers import serving
from tests.receiver import Forged, Received, Receiver, verify

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("chat.missed", "conversation.ended")


class Outside:
    """A store with webhooks, and their receivers; the clock is moved by the test."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self.database = database
        self.key = Fernet.generate_key().decode()
        self.vault = Vault([self.key])
        self.time = NOON
        self.stack = stack
        self.ports: list[int] = []
        self.number = 0

    @property
    def work(self) -> Webhooks:
        web = Web(allow=[f"127.0.0.1:{port}" for port in self.ports])
        return Webhooks(self.database, self.vault, web, lambda: self.time)

    async def receiver(self, answer: Any = 204, *, allowed: bool = True) -> tuple[Receiver, str]:
        """A receiver and its address."""
        receiver = Receiver(answer)
        port = await self.stack.enter_async_context(serving(receiver.app()))
        if allowed:
            self.ports.append(port)
        return receiver, f"http://127.0.0.1:{port}/hook?key=hush"

    async def webhook(self, url: str, *kinds: Kind) -> tuple[int, str]:
        """A webhook there, and its secret."""
        values: Any = {"title": "A CRM", "url": url, "kinds": kinds or KINDS, "author": "eva", "at": self.time}
        async with self.database.begin() as session:
            made, secret = await webhooks.create_webhook(session, self.vault, **values)
        return made.id, secret

    async def announce(self, kind: Kind = "chat.missed", **content: Any) -> int:
        """Something that every webhook knows of at once; its id."""
        self.number += 1
        async with self.database.begin() as session:
            told = content or {"number": self.number}
            await announce(session, f"k/{self.number}", kind=kind, conversation=None, at=self.time, content=told)
            [new] = await announcements.unshared(session)
            await announcements.share(session, [new.id], self.time)
        return new.id

    async def round(self, id: int) -> float:
        return await ActivityEnvironment().run(self.work.deliver_announcements, id)

    async def rounds(self, id: int, until: datetime) -> None:
        """What its workflow does until then, without waiting for it."""
        while (seconds := await self.round(id)) >= 0 and self.time + timedelta(seconds=seconds) <= until:
            self.time += timedelta(seconds=seconds)
        self.time = until

    async def found(self, id: int) -> Webhook:
        async with self.database.begin() as session:
            found = await webhooks.webhook(session, id)
        assert found is not None
        return found

    async def deliveries(self, id: int) -> list[Delivery]:
        """The oldest first."""
        async with self.database.begin() as session:
            return (await webhook_deliveries.deliveries(session, id, limit=200)).items[::-1]

    async def attempts(self, id: int, announcement: int) -> list[tuple[int | None, str | None]]:
        """The oldest first."""
        async with self.database.begin() as session:
            found = await webhook_deliveries.attempts(session, id, [announcement], 1000)
        return [(one.status, one.error) for one in found.get(announcement, [])][::-1]

    async def resume(self, id: int) -> bool:
        async with self.database.begin() as session:
            return await webhooks.resume(session, id, self.time)


@pytest.fixture
async def outside(database_url: str) -> AsyncIterator[Outside]:
    database = Database(database_url)
    async with AsyncExitStack() as stack:
        yield Outside(database, stack)
    await database.close()


async def test_what_arrives(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    id, secret = await outside.webhook(url)
    announced = await outside.announce("conversation.ended", conversation="igdm_1", words="Dobrý den ☕")
    outside.time += timedelta(seconds=90)
    assert await outside.round(id) == NOTHING
    [got] = receiver.got
    assert (got.method, got.path) == ("POST", "/hook")
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-switchboard-event"] == "conversation.ended"
    assert got.headers["webhook-timestamp"] == str(int(outside.time.timestamp()))
    assert got.told == {
        "id": got.id,
        "type": "conversation.ended",
        "timestamp": "2026-11-02T12:00:00Z",
        "data": {"conversation": "igdm_1", "words": "Dobrý den ☕"},
    }
    verify(secret, got.headers, got.body, outside.time)
    [delivery] = await outside.deliveries(id)
    assert (delivery.state, delivery.attempts, delivery.settled_at) == ("delivered", 1, outside.time)
    assert await outside.attempts(id, announced) == [(204, None)]
    assert await outside.round(id) == NOTHING, "and that is that"
    assert len(receiver.got) == 1


async def test_forgeries_are_told_apart(outside: Outside) -> None:
    """So that the check above could have failed."""
    receiver, url = await outside.receiver()
    id, secret = await outside.webhook(url)
    _, other = await outside.webhook(url, "ticket.created")
    await outside.announce()
    await outside.round(id)
    [got] = receiver.got
    late = outside.time + timedelta(minutes=6)
    for forged, key, now in (
        (replace(got, body=got.body.replace(b"1", b"2")), secret, outside.time),
        (replace(got, headers=got.headers | {"webhook-id": "msg_other"}), secret, outside.time),
        (replace(got, headers=got.headers | {"webhook-timestamp": str(int(late.timestamp()))}), secret, late),
        (replace(got, headers={"webhook-id": got.id}), secret, outside.time),
        (got, secret, late),
        (got, other, outside.time),
    ):
        with pytest.raises(Forged):
            verify(key, forged.headers, forged.body, now)


async def test_only_what_it_wants_to_hear(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    await outside.announce("ticket.created")  # before it was there
    id, _ = await outside.webhook(url, "ticket.created")
    await outside.announce("chat.missed")
    await outside.announce("ticket.created", number=7)
    await outside.round(id)
    assert [one.told["data"] for one in receiver.got] == [{"number": 7}]


async def test_it_is_tried_again_with_the_same_id(outside: Outside) -> None:
    answers = iter([500, 404, 302, 200])
    receiver, url = await outside.receiver(lambda _: Response(status_code=next(answers)))
    id, secret = await outside.webhook(url)
    announced = await outside.announce()
    waits: list[float] = []
    while (seconds := await outside.round(id)) >= 0:
        waits.append(seconds)
        outside.time += timedelta(seconds=seconds)
        verify(secret, receiver.got[-1].headers, receiver.got[-1].body, outside.time - timedelta(seconds=seconds))
    assert waits == [pause.total_seconds() for pause in PAUSES[:3]]
    assert len(set(receiver.ids)) == 1
    assert len({one.body for one in receiver.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.got}) == 4
    assert await outside.attempts(id, announced) == [
        (500, "it answered 500"),
        (404, "it answered 404"),
        (302, "it redirects to another address: write that one down"),
        (200, None),
    ]
    after = await outside.found(id)
    assert (after.state, after.failing_since, after.failures, after.retry_at) == ("active", None, 0, None)


@pytest.mark.parametrize(
    ("status", "after", "seconds"),
    [
        (503, "120", 120),
        (429, format_datetime(NOON + timedelta(minutes=10), usegmt=True), 600),
        (429, "999999999999", 3600),
        (429, "1", 5),  # not sooner than without
        (429, "soon", 5),
        (500, "120", 5),  # means nothing there
    ],
)
async def test_a_receiver_may_ask_for_time(outside: Outside, status: int, after: str, seconds: float) -> None:
    _, url = await outside.receiver(lambda _: Response(status_code=status, headers={"Retry-After": after}))
    id, _ = await outside.webhook(url)
    await outside.announce()
    assert await outside.round(id) == seconds


async def test_one_that_does_not_answer(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities.webhooks, "TIMEOUT", timedelta(seconds=0.2))

    async def hang(_: Received) -> Response:
        await asyncio.sleep(5)
        return Response()

    receiver, url = await outside.receiver(hang)
    id, _ = await outside.webhook(url)
    announced = await outside.announce()
    assert await outside.round(id) == PAUSES[0].total_seconds()
    assert await outside.attempts(id, announced) == [(None, "`127.0.0.1` did not answer within 0.2 s")]
    receiver.answer = 200
    outside.time += PAUSES[0]
    assert await outside.round(id) == NOTHING
    assert len(set(receiver.ids)) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nothing_follows_a_redirect_to_a_private_address(outside: Outside, status: int) -> None:
    secret_place, private = await outside.receiver(allowed=False)
    receiver, url = await outside.receiver(lambda _: Response(status_code=status, headers={"Location": private}))
    id, _ = await outside.webhook(url)
    announced = await outside.announce()
    await outside.round(id)
    assert secret_place.got == []
    [(answered, error)] = await outside.attempts(id, announced)
    assert answered is None
    assert error is not None
    assert "redirects" in error or "not public" in error
    assert "hush" not in error
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_elsewhere_is_no_arrival(outside: Outside, status: int) -> None:
    """Another host gets neither the announcement nor a signature, whatever it answers."""
    other, elsewhere = await outside.receiver(200)
    _, url = await outside.receiver(lambda _: Response(status_code=status, headers={"Location": elsewhere}))
    id, _ = await outside.webhook(url)
    await outside.announce(words="hush")
    await outside.round(id)
    assert [one.body for one in other.got if one.body] == []
    assert [one for one in other.got if "webhook-signature" in one.headers] == []
    assert [one.state for one in await outside.deliveries(id)] == ["waiting"]


async def test_private_addresses_are_refused(outside: Outside) -> None:
    receiver, url = await outside.receiver(allowed=False)
    id, _ = await outside.webhook(url)
    announced = await outside.announce()
    await outside.round(id)
    assert receiver.got == []
    [(_, error)] = await outside.attempts(id, announced)
    assert error is not None
    assert "SWITCHBOARD_ALLOW_PRIVATE_HOSTS" in error


async def test_gone_means_gone(outside: Outside) -> None:
    receiver, url = await outside.receiver(410)
    id, _ = await outside.webhook(url)
    await outside.announce()
    assert await outside.round(id) == NOTHING
    found = await outside.found(id)
    assert (found.state, found.paused_reason) == ("paused", "it answered 410 Gone: nothing is wanted there any more")
    await outside.announce()
    assert await outside.round(id) == NOTHING
    assert len(receiver.got) == 1
    async with outside.database.begin() as session:
        [told] = (await notifications.notifications(session)).items
        [entry] = (await audit.entries(session)).items
    assert (told.kind, told.queue, told.content["webhook"], told.content["title"]) == (
        "webhook_paused",
        None,
        id,
        "A CRM",
    )
    assert (entry.actor, entry.action, entry.object) == ("system", "webhook.paused", f"webhooks/{id}")
    receiver.answer = 200
    assert await outside.resume(id)
    assert not await outside.resume(id)
    assert await outside.round(id) == NOTHING
    assert [one.state for one in await outside.deliveries(id)] == ["delivered"] * 2
    assert len(set(receiver.ids)) == 2


async def test_one_at_which_nothing_arrives_is_paused_after_a_day(outside: Outside) -> None:
    receiver, url = await outside.receiver(503)
    id, _ = await outside.webhook(url)
    for _ in range(30):
        await outside.announce()
    await outside.rounds(id, NOON + FAILING - timedelta(minutes=1))
    assert (await outside.found(id)).state == "active"
    assert FAILURES <= len(receiver.got) < 40, "one at a time, and not each of them all the time"
    await outside.rounds(id, NOON + FAILING + timedelta(hours=2))
    found = await outside.found(id)
    assert (found.state, found.paused_reason) == (
        "paused",
        "nothing arrived there for 24 hours, and last it answered 503",
    )
    assert {one.state for one in await outside.deliveries(id)} == {"waiting"}, "nothing is lost"
    receiver.answer = 204
    receiver.got.clear()
    outside.time += timedelta(days=30)
    await outside.resume(id)
    await outside.rounds(id, outside.time)
    assert len(receiver.got) == len(set(receiver.ids)) == 30, "how long it was paused does not matter"


async def test_few_failures_do_not_pause(outside: Outside) -> None:
    """Where little is announced, a day may pass without many attempts."""
    _, url = await outside.receiver(503)
    id, _ = await outside.webhook(url)
    await outside.announce()
    await outside.round(id)
    outside.time += FAILING + timedelta(hours=1)
    assert await outside.round(id) > 0
    found = await outside.found(id)
    assert (found.state, found.failures) == ("active", 2)


async def test_one_announcement_that_is_never_taken_holds_up_no_other(outside: Outside) -> None:
    def answer(received: Received) -> Response:
        return Response(status_code=500 if received.told["data"].get("poison") else 204)

    receiver, url = await outside.receiver(answer)
    id, _ = await outside.webhook(url)
    poison = await outside.announce(poison=True)
    for hours in range(4, 81, 4):
        good = await outside.announce()
        await outside.rounds(id, NOON + timedelta(hours=hours))
        [arrived] = [one for one in await outside.deliveries(id) if one.announcement == good]
        assert arrived.state == "delivered"
    [never] = [one for one in await outside.deliveries(id) if one.announcement == poison]
    assert never.state == "failed"
    assert never.settled_at is not None
    assert timedelta() <= never.settled_at - NOON - GIVEN_UP <= PAUSES[-1] + PAUSES[1]
    assert never.attempts == len(await outside.attempts(id, poison))
    assert (await outside.found(id)).state == "active"
    async with outside.database.begin() as session:
        assert await webhook_deliveries.again(session, id, poison, outside.time)
    receiver.answer = 204
    await outside.round(id)
    assert {one.state for one in await outside.deliveries(id)} == {"delivered"}


async def test_the_secret_changes_in_peace(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    id, old = await outside.webhook(url)
    async with outside.database.begin() as session:
        new = await webhooks.rotate(session, outside.vault, id, outside.time)
    assert new not in (None, old)
    await outside.announce()
    await outside.round(id)
    for secret in (old, new):
        verify(secret or "", receiver.got[-1].headers, receiver.got[-1].body, outside.time)
    outside.time += OVERLAP
    await outside.announce()
    await outside.round(id)
    verify(new or "", receiver.got[-1].headers, receiver.got[-1].body, outside.time)
    with pytest.raises(Forged):
        verify(old, receiver.got[-1].headers, receiver.got[-1].body, outside.time)
    assert len(receiver.got[-1].headers["webhook-signature"].split(" ")) == 1


async def test_secrets_that_cannot_be_read_pause_it(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    id, _ = await outside.webhook(url)
    await outside.announce()
    outside.vault = Vault([Fernet.generate_key().decode()])
    assert await outside.round(id) == NOTHING
    found = await outside.found(id)
    assert found.state == "paused"
    assert "encryption key" in (found.paused_reason or "")
    assert receiver.got == []


async def test_secrets_are_encrypted_anew(outside: Outside) -> None:
    id, secret = await outside.webhook("https://crm.example.com")
    async with outside.database.begin() as session:
        await webhooks.rotate(session, outside.vault, id, outside.time)
    key = Fernet.generate_key().decode()
    async with outside.database.begin() as session:
        before = await webhooks.signing_keys(session, outside.vault, id, outside.time)
        # Both keys, as an operator has them meanwhile; then the new one alone.
        both = Vault([key, outside.key])
        assert await webhooks.encrypt_anew(session, both) == 1
        assert await webhooks.signing_keys(session, Vault([key]), id, outside.time) == before
    assert before[1] == secret


async def test_removed_is_removed(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    id, _ = await outside.webhook(url)
    await outside.announce()
    async with outside.database.begin() as session:
        assert await webhooks.remove_webhook(session, id, outside.time)
        assert not await webhooks.remove_webhook(session, id, outside.time)
        assert await webhooks.webhook(session, id) is None
    await outside.announce()
    assert await outside.round(id) == NOTHING
    assert receiver.got == []


async def test_what_was_erased_is_told_to_nobody(outside: Outside) -> None:
    receiver, url = await outside.receiver(500)
    id, _ = await outside.webhook(url)
    async with outside.database.begin() as session:
        for key in ("a", "b"):
            words: Any = {"words": "unforgettable"}
            await announce(session, key, kind="chat.missed", conversation="one", at=NOON, content=words)
            new = await announcements.unshared(session)
            if key == "a":
                await announcements.share(session, [one.id for one in new], NOON)
    await outside.round(id)
    async with outside.database.begin() as session:
        assert await announcements.forget(session, ["one", "two"], NOON) == 2
        assert await announcements.forget(session, ["one", "two"], NOON) == 0
        assert await announcements.unshared(session) == []
        [delivery] = (await webhook_deliveries.deliveries(session, id)).items
        assert (delivery.state, delivery.content) == ("failed", {"erased": True})
        assert not await webhook_deliveries.again(session, id, delivery.announcement, NOON)
    outside.time += timedelta(days=1)
    assert await outside.round(id) == NOTHING
    assert len(receiver.got) == 1


async def test_old_announcements_go_and_those_that_wait_stay(outside: Outside) -> None:
    receiver, url = await outside.receiver()
    id, _ = await outside.webhook(url)
    await outside.announce()
    await outside.round(id)
    receiver.answer = 500
    waits = await outside.announce()
    await outside.round(id)
    later = outside.time + timedelta(days=31)
    async with outside.database.begin() as session:
        assert await announcements.prune(session, outside.time) == 0
        assert await announcements.prune(session, later) == 1
        assert [one.announcement for one in (await webhook_deliveries.deliveries(session, id)).items] == [waits]


async def test_many_at_once(outside: Outside) -> None:
    """A good receiver gets several at a time, all of them once."""
    most = now = 0

    async def slow(_: Received) -> Response:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        return Response()

    receiver, url = await outside.receiver(slow)
    id, _ = await outside.webhook(url)
    for _ in range(50):
        await outside.announce()
    await outside.rounds(id, outside.time)
    assert len(receiver.got) == len(set(receiver.ids)) == 50
    assert most == activities.webhooks.TOGETHER
