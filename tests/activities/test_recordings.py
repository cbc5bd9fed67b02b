"""A delivery keeps what its step took in, and a conversation's opening what was known then."""

from datetime import timedelta

import pytest

from routing.messages import CustomerMessage, Wrote
from routing.recordings import Happened, Recording
from routing.records import Delivery
from store import contacts, conversations, messages, recordings
from store.messages import NewMessage
from tests.activities.conftest import World

pytestmark = pytest.mark.anyio


async def recorded(world: World) -> Recording:
    async with world.database.begin() as session:
        [found] = await recordings.recordings(session, now=world.now(), limit=10)
    return found


async def step(world: World, text: str, key: str = "m:1", mid: str | None = "1") -> Delivery:
    """A delivery of a step that took this in."""
    wrote = CustomerMessage(key=key, at=world.now(), text=text, mid=mid)
    happened = Happened(at=world.now(), number=1, event=Wrote(messages=(wrote,)))
    return await world.delivery(received=(wrote,), happened=happened, taken=1)


async def test_a_delivery_that_runs_again_keeps_it_once(world: World) -> None:
    delivery = await step(world, "hi")
    await world.deliveries.deliver(delivery)
    await world.deliveries.deliver(delivery)
    assert (await recorded(world)).happened == (delivery.happened,)


async def test_a_delivery_of_a_time_that_came_keeps_nothing(world: World) -> None:
    await world.deliveries.deliver(await world.delivery())
    assert (await recorded(world)).happened == ()


async def test_words_that_were_taken_back_before_they_came_are_not_kept(world: World) -> None:
    """The deletion was faster than the workflow: it left a deleted line in the transcript."""
    delivery = await step(world, "the unforgettable words")
    line = NewMessage("m:1", delivery.conversation, "customer", world.now(), "message", mid="1")
    async with world.database.begin() as session:
        await messages.record_inbound(session, [line])
        await messages.delete_content(session, "1")
    await world.deliveries.deliver(delivery)
    [one] = (await recorded(world)).happened
    assert isinstance(one.event, Wrote)
    assert [(message.key, message.text) for message in one.event.messages] == [("m:1", "")]


async def test_words_that_are_taken_back_later_go_too(world: World) -> None:
    await world.deliveries.deliver(await step(world, "the unforgettable words"))
    async with world.database.begin() as session:
        assert await messages.delete_content(session, "1")
    found = await recorded(world)
    assert "unforgettable" not in found.model_dump_json()
    assert len(found.happened) == 1


async def test_the_contact_is_kept_as_it_was_at_the_opening(world: World) -> None:
    async with world.database.begin() as session:
        await contacts.save_field(session, "17841400000000001", world.customer, "size", 38)
    delivery = await world.delivery(contact={"size": 40})
    await world.deliveries.deliver(delivery)
    found = await recorded(world)
    assert (found.contact, found.customer.id, found.customer.name) == ({"size": 38}, world.customer, "Jana")
    assert found.begun().contact == {"size": 38}
    async with world.database.begin() as session:
        known = await conversations.conversation(session, delivery.conversation)
    assert known is not None
    assert abs(found.opened_at - known.opened_at) < timedelta(milliseconds=1)
