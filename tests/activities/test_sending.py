"""Sends that go wrong: nothing twice, nothing guessed, and each refusal where it belongs (SPEC 6.3, 6.4)."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.sending import GIVE_UP, SETTLED
from routing.messages import CustomerMessage, Send
from routing.records import Delivery
from store import accounts, messages, notifications
from tests.activities.conftest import ACCOUNT, World

pytestmark = pytest.mark.anyio
PATH = "decision_trees/t/decisions/d/actions/0"
DAY = timedelta(days=1)


def send(number: int, text: str, **more: Any) -> Send:
    return Send(key=f"k/{number}", text=text, path=PATH, **more)


async def fault(world: World, kind: str, **more: Any) -> None:
    await world.control("POST", "/faults", {"kind": kind, **more})


async def asked(world: World) -> list[dict[str, Any]]:
    """The sends that reached Instagram, refused ones too."""
    return await world.control("GET", "/sends")


async def state(world: World, delivery: Delivery) -> list[str]:
    return [row.state for row in await world.ledger(delivery)]


# Perhaps delivered ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["broken_answer", "error_sent", "odd_answer"])
async def test_delivered_without_an_answer_it_is_found_and_not_sent_again(world: World, kind: str) -> None:
    delivery = await world.delivery(send(1, "one"), send(2, "two"))
    await fault(world, kind)
    with pytest.raises(ApplicationError, match="not sent yet"):
        await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["unknown", "pending"]
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one", "two"]
    assert await state(world, delivery) == ["sent", "sent"]
    assert [row.attempts for row in await world.ledger(delivery)] == [1, 1]


async def test_not_delivered_it_is_sent_again_when_that_is_sure(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "error_unsent")
    with pytest.raises(ApplicationError, match="not sent yet"):
        await world.deliveries.deliver(delivery)
    with pytest.raises(ApplicationError, match="not known yet"):
        await world.deliveries.deliver(delivery)
    world.offset = SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]


async def test_each_attempt_has_its_time_to_arrive(world: World) -> None:
    """A second attempt that nobody knows of is not judged by the age of the first."""
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "error_unsent", times=2)
    with pytest.raises(ApplicationError, match="not sent yet"):
        await world.deliveries.deliver(delivery)
    world.offset = SETTLED + timedelta(seconds=1)
    with pytest.raises(ApplicationError, match="not sent yet"):
        await world.deliveries.deliver(delivery)
    with pytest.raises(ApplicationError, match="not known yet"):
        await world.deliveries.deliver(delivery)
    assert len(await asked(world)) == 2


async def test_a_picture_is_found_without_words(world: World) -> None:
    picture = "https://shop.example.com/a.png"
    delivery = await world.delivery(send(1, "", image=picture))
    await fault(world, "broken_answer")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    world.offset = SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert len([one for one in await asked(world) if one["mid"]]) == 1


async def test_what_the_record_does_not_reach_is_shown_and_not_guessed(world: World) -> None:
    delivery = await world.delivery(send(1, "one"), send(2, "two"))
    await fault(world, "lost_request", hang=0)
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    for number in range(25):  # more than the 20 messages that Instagram details
        path = f"/accounts/{ACCOUNT}/customers/{world.customer}/messages"
        await world.control("POST", path, {"text": f"hello {number}"})
    world.offset = SETTLED + timedelta(seconds=1)
    delivered = await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["undecided", "sent"]
    assert "not known whether this message arrived" in str(delivered.blocked)
    assert await world.said() == ["two"]
    async with world.database.begin() as session:
        [told] = (await notifications.notifications(session)).items
    assert (told.kind, told.conversation) == ("undecided_message", delivery.conversation)
    assert told.content["text"] == "one"
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["two"], "it stays undecided"


async def test_what_instagram_says_was_sent_is_never_sent_again(world: World) -> None:
    """1/1357046 means that it was sent (facts 2.4): if the record does not show it, that is for people to decide."""
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "error", code=1, subcode=1357046, message="Received invalid JSON reply.")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    world.offset = SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["undecided"]
    assert len(await asked(world)) == 1


async def test_a_want_of_permission_is_tried_twice(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "error", code=1, subcode=99, message="unknown", times=None)
    for _ in range(2):
        with pytest.raises(ApplicationError):
            await world.deliveries.deliver(delivery)
        world.offset += SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["undecided"]
    assert len(await asked(world)) == 2


async def test_a_record_that_shows_what_came_before_reaches_far_enough(world: World) -> None:
    """In a busy thread 20 messages are less than a minute; the message before this one tells that none is missing."""
    path = f"/accounts/{ACCOUNT}/customers/{world.customer}/messages"
    for number in range(25):
        await world.control("POST", path, {"text": f"hello {number}"})
    await world.deliveries.deliver(await world.delivery(send(1, "before")))
    delivery = await world.delivery(send(2, "one"))
    await fault(world, "error_unsent")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    for number in range(5):
        await world.control("POST", path, {"text": f"hello again {number}"})
    world.offset = SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["before", "one"]


async def test_a_record_that_may_not_be_read_leaves_the_decision_to_people(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "error_unsent")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    await fault(world, "error", at="read", status=403, code=10, message="no permission", times=None)
    with pytest.raises(ApplicationError, match="not known whether"):
        await world.deliveries.deliver(delivery)
    world.offset = SETTLED + timedelta(seconds=1)
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["undecided"]


async def test_a_record_that_cannot_be_read_for_a_while_is_read_later(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "broken_answer")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    await fault(world, "error", at="read", status=500, transient=True, times=None)
    world.offset = GIVE_UP - timedelta(minutes=1)
    with pytest.raises(ApplicationError, match="not known whether"):
        await world.deliveries.deliver(delivery)
    await world.control("DELETE", "/faults")
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["sent"]


async def test_a_record_that_cannot_be_read_for_an_hour_leaves_it_to_people(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "broken_answer")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    await fault(world, "error", at="read", status=500, transient=True, times=None)
    world.offset = GIVE_UP
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["undecided"]


async def test_a_dead_token_while_looking_pauses_the_account(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "broken_answer")
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    await world.control("PATCH", "/tokens/IGAA-simulated-1", {"revoked": 460})
    with pytest.raises(ApplicationError):
        await world.deliveries.deliver(delivery)
    with pytest.raises(ApplicationError, match="is paused"):
        await world.deliveries.deliver(delivery)
    await world.control("PATCH", "/tokens/IGAA-simulated-1", {"revoked": None})
    async with world.database.begin() as session:
        [told] = (await notifications.notifications(session)).items
        assert (told.kind, told.content["account"]) == ("account_paused", ACCOUNT)
        await accounts.resume_account(session, ACCOUNT)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]


# Limits ---------------------------------------------------------------------------------------------------------------


async def test_a_rate_limit_holds_for_the_whole_account(world: World) -> None:
    delivery = await world.delivery(send(1, "one"))
    await fault(world, "throttled", minutes=3)
    with pytest.raises(ApplicationError) as refused:
        await world.deliveries.deliver(delivery)
    assert refused.value.next_retry_delay == timedelta(minutes=3)
    again = world.deliveries  # another worker, as far as memory goes
    with pytest.raises(ApplicationError, match="has to wait"):
        await again.deliver(await world.delivery(send(2, "two")))
    assert len(await asked(world)) == 1, "nothing was asked meanwhile"
    world.offset = timedelta(minutes=3, seconds=1)
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["one"]


async def test_without_a_time_the_pauses_grow_until_a_send_goes_through(world: World) -> None:
    now = world.now()
    pauses: list[timedelta] = []
    for _ in range(10):
        async with world.database.begin() as session:
            pauses.append(await accounts.limit_account(session, ACCOUNT, now, "too fast", None) - now)
    assert [pause.total_seconds() for pause in pauses] == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    world.offset = timedelta(minutes=6)
    await world.deliveries.deliver(await world.delivery(send(1, "one")))
    assert await world.said() == ["one"]
    async with world.database.begin() as session:
        known = await accounts.account_summary(session, ACCOUNT)
        again = await accounts.limit_account(session, ACCOUNT, now, "too fast", None) - now
    assert known is not None
    assert known.limited_until is None
    assert again == timedelta(seconds=2)


async def test_usage_at_its_end_lets_nothing_leave(world: World) -> None:
    await fault(world, "usage", percentage=100, minutes=2)
    await world.deliveries.deliver(await world.delivery(send(1, "one")))
    with pytest.raises(ApplicationError, match="usage is at 100 %"):
        await world.deliveries.deliver(await world.delivery(send(2, "two")))


async def test_sends_of_an_account_keep_their_distance(world: World) -> None:
    now = world.now()
    slots: list[datetime] = []
    for _ in range(4):
        async with world.database.begin() as session:
            slots.append((await accounts.reserve_send(session, ACCOUNT, now, per_second=10)).at)
    gaps = [round((later - earlier) / timedelta(milliseconds=1)) for earlier, later in pairwise(slots)]
    assert slots[0] == now
    assert gaps == [100, 100, 100]


# The window -----------------------------------------------------------------------------------------------------------


async def wrote(world: World) -> None:
    """The customer's message, as the conversation knows it."""
    message = CustomerMessage(key="m:first", at=world.now(), text="hi", mid="mid-first")
    await world.deliveries.deliver(await world.delivery(received=(message,)))


async def later(world: World, by: timedelta) -> None:
    world.offset += by
    await world.control("POST", "/clock", {"advance": by.total_seconds()})


async def test_a_person_may_answer_for_seven_days_and_is_marked_as_one(world: World) -> None:
    await wrote(world)
    await world.deliveries.deliver(await world.delivery(send(1, "within a day", author="agent", agent="eva")))
    await later(world, DAY + timedelta(hours=1))
    delivery = await world.delivery(send(2, "a day later", author="agent", agent="eva"))
    await world.deliveries.deliver(delivery)
    assert await world.said() == ["within a day", "a day later"]
    assert [one["body"].get("tag") for one in await asked(world)] == [None, "HUMAN_AGENT"]
    assert [row.content.get("tag") for row in await world.ledger(delivery)] == [None, "HUMAN_AGENT"]
    await later(world, 6 * DAY)
    late = await world.delivery(send(3, "a week later", author="agent", agent="eva"))
    delivered = await world.deliveries.deliver(late)
    assert "2534022" in str(delivered.blocked)


async def test_where_only_instagram_knows_that_the_window_is_closed(world: World) -> None:
    await wrote(world)
    await world.control("POST", "/clock", {"advance": (DAY + timedelta(hours=1)).total_seconds()})
    await world.deliveries.deliver(await world.delivery(send(1, "late", author="agent", agent="eva")))
    assert await world.said() == ["late"]
    assert [one["body"].get("tag") for one in await asked(world)] == [None, "HUMAN_AGENT"]


@pytest.mark.parametrize("author", ["graph", "bot"])
async def test_a_machine_never_claims_to_be_a_person(world: World, author: str) -> None:
    await wrote(world)
    await later(world, DAY + timedelta(hours=1))
    delivery = await world.delivery(send(1, "too late", author=author))
    delivered = await world.deliveries.deliver(delivery)
    assert "2534022" in str(delivered.blocked)
    assert await state(world, delivery) == ["blocked"]
    assert [one["body"].get("tag") for one in await asked(world)] == [None]


# People who cannot be reached -----------------------------------------------------------------------------------------


async def test_whoever_blocked_us_is_left_alone(world: World) -> None:
    delivery = await world.delivery(send(1, "one"), send(2, "two"), send(3, "three"))
    await fault(world, "error", code=551, subcode=1545041, message="This person isn't available right now.")
    delivered = await world.deliveries.deliver(delivery)
    assert "isn't available" in str(delivered.blocked)
    assert await state(world, delivery) == ["blocked", "blocked", "blocked"]
    assert len(await asked(world)) == 1
    await world.deliveries.deliver(await world.delivery(send(4, "back again?")))
    assert await world.said() == ["back again?"]


async def test_one_refused_message_does_not_hold_up_the_next(world: World) -> None:
    delivery = await world.delivery(send(1, "one"), send(2, "two"))
    await fault(world, "error", code=100, message="bad parameter")
    await world.deliveries.deliver(delivery)
    assert await state(world, delivery) == ["failed", "sent"]


async def test_several_pictures_go_together(world: World) -> None:
    pictures = tuple(f"https://shop.example.com/{number}.png" for number in range(12))
    delivery = await world.delivery(send(1, "Our shoes", images=pictures, author="agent", agent="eva"))
    await world.deliveries.deliver(delivery)
    sizes = [len(one["body"]["message"].get("attachments", ())) for one in await asked(world)]
    assert sizes == [10, 2, 0]
    async with world.database.begin() as session:
        rows = await messages.transcript(session, delivery.conversation)
    assert [len(row.content.get("images", ())) for row in rows] == [10, 2, 0]
