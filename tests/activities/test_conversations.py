"""The beginning and the end of a conversation in the store, each once."""

from datetime import timedelta
from typing import Any

import pytest

from routing.chatbots import conversation_hash
from routing.messages import CustomerMessage, End, Enqueue, MakeTicket
from store import contacts, conversations, notifications, queues, recordings, tickets
from store.revisions import append_revision
from tests.activities.conftest import ACCOUNT, CONFIGURATION, World

pytestmark = pytest.mark.anyio


async def test_opening_pins_the_revision_and_knows_the_customer(world: World) -> None:
    opened = await world.opened()
    assert opened.conversation is not None
    found = opened.conversation
    assert found.name.startswith("igdm_")
    assert len(found.name) == len("igdm_") + 24
    assert (found.connector, found.revision, found.place) == ("shop", 1, "connectors/shop")
    assert (found.customer.username, found.customer.name) == ("jana", "Jana")
    assert found.hash == conversation_hash("a-key-of-sixteen-or-more", found.name)
    assert "people" in opened.document
    async with world.database.begin() as session:
        kept = await conversations.conversation(session, found.name)
    assert kept is not None
    assert (kept.customer, kept.revision, kept.ended_at) == (world.customer, 1, None)


async def test_opening_twice_for_the_same_message_opens_one(world: World) -> None:
    first, again = await world.opened("m:1"), await world.opened("m:1")
    assert first.conversation is not None
    assert again.conversation is not None
    assert first.conversation.name == again.conversation.name


async def test_opening_again_after_something_was_said_goes_on_with_the_same(world: World) -> None:
    """A worker was killed before Temporal knew what it had done."""
    delivery = await world.delivery(received=(CustomerMessage(key="m:first", at=world.now(), text="hi"),))
    await world.deliveries.deliver(delivery)
    again = await world.opened("m:first", "m:second")
    assert again.conversation is not None
    assert again.conversation.name == delivery.conversation
    assert again.known == ()


async def test_a_message_that_an_ended_conversation_took_opens_none(world: World) -> None:
    delivery = await world.delivery(received=(CustomerMessage(key="m:first", at=world.now(), text="hi"),))
    await world.deliveries.deliver(delivery)
    await world.conversations.end(End(path="p", at=world.now(), cause="user"), delivery.conversation)
    nothing = await world.opened("m:first")
    assert nothing.conversation is None
    assert nothing.known == ("m:first",)
    fresh = await world.opened("m:first", "m:second")
    assert fresh.conversation is not None
    assert fresh.conversation.name != delivery.conversation
    assert fresh.known == ("m:first",)


async def test_custom_fields_come_along(world: World) -> None:
    async with world.database.begin() as session:
        await contacts.save_field(session, ACCOUNT, world.customer, "last_order", "7")
    opened = await world.opened()
    assert opened.conversation is not None
    assert opened.conversation.contact == {"last_order": "7"}


async def test_what_people_changed_counts_from_the_next_conversation_on(world: World) -> None:
    """A conversation that runs goes on with what it knew, also when it is opened once more after a crash."""
    offering = {**CONFIGURATION, "languages": {"default": "en", "offered": ["en", "cs"]}}
    async with world.database.begin() as session:
        await append_revision(session, digest="e", document=offering, author="test", note="")
    first = (await world.delivery(received=(CustomerMessage(key="m:first", at=world.now(), text="hi"),))).conversation
    async with world.database.begin() as session:
        await contacts.change(session, ACCOUNT, world.customer, fields={"size": "38"}, language="cs")
        running = await conversations.conversation(session, first)
        recorded = await recordings.recording(session, first, world.now())
    assert running is not None
    assert recorded is not None
    assert running.language is None
    assert (recorded.contact, recorded.language) == ({}, None)
    opened = await world.opened("m:second")
    assert opened.conversation is not None
    assert (opened.conversation.contact, opened.conversation.language) == ({"size": "38"}, "cs")
    async with world.database.begin() as session:
        recorded = await recordings.recording(session, opened.conversation.name, world.now())
    assert recorded is not None
    assert recorded.begun() == opened.conversation  # an impact report begins as the conversation did


async def test_a_language_that_is_not_offered_any_more_is_found_out_anew(world: World) -> None:
    async with world.database.begin() as session:
        await contacts.save_language(session, ACCOUNT, world.customer, "cs")
    opened = await world.opened()
    assert opened.conversation is not None
    assert opened.conversation.language is None


async def test_every_customer_is_a_contact_also_an_anonymous_one(world: World) -> None:
    world.customer = "999"
    await world.opened()
    async with world.database.begin() as session:
        known = await contacts.contact(session, ACCOUNT, "999")
    assert known is not None
    assert (known.name, known.fields) == (None, {})


async def test_whom_instagram_does_not_know_is_anonymous(world: World) -> None:
    world.customer = "999"
    opened = await world.opened()
    assert opened.conversation is not None
    assert opened.conversation.customer.name is None


async def test_no_connector_for_the_account_is_said(world: World) -> None:
    other = {**CONFIGURATION, "connectors": {}}
    async with world.database.begin() as session:
        await append_revision(session, digest="e", document=other, author="test", note="")
    refused = await world.opened()
    assert refused.conversation is None
    assert ACCOUNT in refused.refused


async def test_a_ticket_is_created_once_for_its_visit(world: World) -> None:
    name = (await world.delivery()).conversation
    command = MakeTicket(key=f"{name}/3", path="p", title="Broken", category="c", comment="", priority="high")
    first = await world.conversations.create_ticket(command, name)
    again = await world.conversations.create_ticket(command, name)
    other = await world.conversations.create_ticket(command.model_copy(update={"key": f"{name}/9"}), name)
    assert first == again
    assert first != other


async def test_a_ticket_is_due_as_its_category_said_when_the_conversation_opened(world: World) -> None:
    def promising(within: str) -> dict[str, Any]:
        always = {"title": "Always", "timezone": "UTC", "definitions": [{"type": "open", "system": "own"}]}
        sla = {"within": within, "time_group": "always"}
        return {
            **CONFIGURATION,
            "time_groups": {"always": always},
            "categories": {"c": {"title": "C", "sla": sla}, "free": {"title": "Free"}},
        }

    for number, within in enumerate(("PT2H", "PT9H")):
        if number == 1:
            name = (await world.delivery()).conversation
        async with world.database.begin() as session:
            await append_revision(session, digest=within, document=promising(within), author="test", note="")
    command = MakeTicket(key=f"{name}/3", path="p", title="Broken", category="c", comment="", priority="high")
    made = await world.conversations.create_ticket(command, name)
    free = await world.conversations.create_ticket(command.model_copy(update={"key": "k", "category": "free"}), name)
    async with world.database.begin() as session:
        found = await tickets.ticket(session, int(made.number))
        other = await tickets.ticket(session, int(free.number))
    assert found is not None
    assert other is not None
    assert found.due_at == found.created_at + timedelta(hours=2)
    assert other.due_at is None


async def test_a_missed_chat_notifies_its_queue_once(world: World) -> None:
    name = (await world.delivery()).conversation
    queue = Enqueue(key="q", path="queues/people", queue="people", priority=5, at=world.now())
    await world.conversations.enqueue(queue, name)
    async with world.database.begin() as session:
        assert [entry.conversation for entry in await queues.waiting(session, "people")] == [name]
    end = End(path="terminates/nobody", at=world.now(), terminate="nobody", cause="not_available", queue="people")
    for _ in range(2):
        await world.conversations.end(end, name)
    async with world.database.begin() as session:
        kept = await conversations.conversation(session, name)
        told = (await notifications.notifications(session, cursor=None, limit=10)).items
        assert await queues.waiting(session, "people") == []
    assert kept is not None
    assert (kept.cause, kept.terminate, kept.missed, kept.ended_at) == ("not_available", "nobody", True, end.at)
    assert [(one.kind, one.queue, one.conversation) for one in told] == [("missed_chat", "people", name)]
