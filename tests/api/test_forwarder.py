"""Events go from the inbox to the workflows in order, again until it works, and never two ways at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from local import temporal as server
from routing.messages import Attachment
from workflows.plugin import connect

pytestmark = pytest.mark.anyio


async def test_the_first_message_starts_the_workflow_and_the_next_is_told_to_it(shop: Any) -> None:
    await shop.deliver(shop.message("M1", "hi"))
    assert await shop.settled() == {"m:M1": "forwarded"}
    await shop.deliver(shop.message("M2", "are you there?", second=5))
    assert await shop.settled() == {"m:M1": "forwarded", "m:M2": "forwarded"}
    assert [[message.text for message in messages] for messages in await shop.wrote()] == [["hi"], ["are you there?"]]
    [[first], _] = await shop.wrote()
    assert (first.key, first.mid, first.kind, first.payload) == ("m:M1", "M1", "message", None)
    assert first.at.isoformat() == "2026-11-02T12:00:00+00:00"


async def test_a_conversation_that_ended_is_followed_by_a_new_one(shop: Any) -> None:
    await shop.deliver(shop.message("M1", "hi"))
    await shop.settled()
    await shop.end()
    await shop.deliver(shop.message("M2", "me again", second=60))
    await shop.settled()
    assert await shop.texts() == ["me again"]


async def test_what_the_customer_can_send(shop: Any) -> None:
    photo = {"type": "image", "payload": {"url": "https://cdn.example.com/1.jpg"}}
    odd = {"type": "hologram", "payload": {}}
    postback = {"mid": "M3", "title": "Opening hours?", "payload": "FAQ_HOURS"}
    await shop.deliver(
        shop.message("M1", "Yes", quick_reply={"payload": "p/1"}),
        shop.message("M2", second=1, attachments=[photo, odd]),
        shop.item(second=2, postback=postback),
        shop.item(second=3, referral={"ref": "summer", "source": "SHORTLINK", "type": "OPEN_THREAD"}),
        shop.message("M5", second=4, is_unsupported=True),
    )
    assert set((await shop.settled()).values()) == {"forwarded"}
    [[yes, files, tapped, referral, poll]] = await shop.wrote()
    assert (yes.text, yes.payload, yes.language) == ("Yes", "p/1", None)
    assert files.attachments == (
        Attachment(type="image", url="https://cdn.example.com/1.jpg"),
        Attachment(type="hologram"),
    )
    assert (tapped.kind, tapped.text, tapped.payload) == ("postback", "Opening hours?", "FAQ_HOURS")
    assert (referral.kind, referral.text) == ("referral", "")
    assert (poll.text, poll.attachments) == ("", ())


async def test_the_language_of_typed_words(shop: Any) -> None:
    czech, english = "Dobrý den, chtěl bych vědět, kdy máte otevřeno", "Good morning, when are you open on weekends?"
    await shop.deliver(
        shop.message("M1", czech),
        shop.message("M2", english, second=1),
        shop.message("M3", czech, second=2, quick_reply={"payload": "p"}),
    )
    await shop.settled()
    assert [message.language for messages in await shop.wrote() for message in messages] == ["cs", "en", None]


async def test_swapped_messages_that_arrive_together_are_told_in_order(shop: Any) -> None:
    await shop.deliver(shop.message("M2", "second", second=2), shop.message("M1", "first", second=1))
    await shop.settled()
    assert [[message.text for message in messages] for messages in await shop.wrote()] == [["first", "second"]]


async def test_what_is_kept_and_told_to_nobody(shop: Any) -> None:
    async with shop.parts.database.begin() as session:
        await session.execute(
            text("INSERT INTO accounts (id, flavour) SELECT id || '2', flavour FROM accounts")  # in no connector
        )
    own = shop.message("M4", "to myself", customer=shop.account, is_self=True)
    handover = {"pass_thread_control": {"new_owner_app_id": "1"}}
    await shop.post(
        [
            {"id": "999", "messaging": [shop.message("M1", "whose?")]},
            {"id": shop.account + "2", "messaging": [shop.message("M2", "nobody's")]},
            {"id": shop.account, "standby": [shop.message("M3", "to another app")]},
            {"id": shop.account, "messaging": [own, shop.item(**handover), shop.item(optin={"ref": "x"})]},
            {"id": shop.account, "messaging": [shop.item(novelty={})]},
            {"id": shop.account, "messaging": [{"timestamp": 1, "message_edit": {"mid": "M5", "num_edit": 0}}]},
            {"id": shop.account, "changes": [{"field": "comments", "value": {"id": "C1"}}]},
        ]
    )
    outcomes = await shop.settled()
    assert {key: outcome for key, outcome in outcomes.items() if not key.startswith("x:")} == {
        "m:M1": "unknown_account",
        "m:M2": "no_connector",
        "standby:m:M3": "standby",
        "m:M4": "self",
        "e:M5:0": "hint",
    }
    rest = sorted(str(outcome) for key, outcome in outcomes.items() if key.startswith("x:"))
    assert rest == ["change", "handover", "optin", "unknown"]
    running = [found.id async for found in shop.temporal.list_workflows(f"WorkflowId STARTS_WITH 'ig-{shop.account}'")]
    assert running == []


async def test_an_apply_counts_for_the_next_message(shop: Any) -> None:
    await shop.deliver(shop.message("M1", "hi"), account="777")
    assert await shop.settled() == {"m:M1": "unknown_account"}
    async with shop.parts.database.begin() as session:
        await session.execute(text("INSERT INTO accounts (id, flavour) VALUES ('777', 'login')"))
        await session.execute(
            text(
                "INSERT INTO revisions (number, digest, document, author, note) SELECT 2, '2', "
                "replace(document::text, :account, '777')::json, author, note FROM revisions"
            ),
            {"account": shop.account},
        )
    await shop.deliver(shop.message("M2", "hi", customer=f"c{shop.account}"), account="777")
    await shop.deliver(shop.message("M3", "hi"))
    assert await shop.settled() == {"m:M1": "unknown_account", "m:M2": "forwarded", "m:M3": "no_connector"}


async def test_two_processes_keep_order_and_tell_once(shop: Any, opened: Any) -> None:
    async with opened(shop.account, shop.parts) as other:
        for number in range(30):
            api = (shop, other)[number % 2]
            items = [
                shop.message(f"{who}{number}", f"{number}", number, customer=who) for who in ("anna", "eva", "ota")
            ]
            assert (await api.deliver(*items)).status_code == 200
        assert set((await shop.settled(within=40)).values()) == {"forwarded"}
        for who in ("anna", "eva", "ota"):
            assert await shop.texts(who) == [str(number) for number in range(30)]


async def test_a_new_process_takes_up_what_another_left(
    account: str, parts: Any, temporal: Any, recording: Any, opened: Any
) -> None:
    async with opened(account, parts) as shop:
        await shop.deliver(shop.message("M1", "hi"), shop.message("M2", "there", second=1))
    async with recording(temporal, parts.task_queue), opened(account, replace(parts, temporal=temporal)) as shop:
        await shop.settled()
        assert await shop.texts() == ["hi", "there"]


async def test_temporal_away_and_back(
    account: str, parts: Any, recording: Any, opened: Any, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    away = replace(parts, temporal=await connect(f"127.0.0.1:{port}", lazy=True))
    async with opened(account, away) as shop:
        await shop.deliver(shop.message("M1", "hi"))
        await shop.deliver(shop.message("M2", "anybody?", second=1), shop.message("E1", "me too", customer="eva"))

        async def failed() -> bool:
            return await shop.counter("switchboard_forwarding_failures_total") >= 2

        await shop.until(failed)
        assert set((await shop.outcomes()).values()) == {None}
        async with parts.database.begin() as session:
            rows = await session.execute(text("SELECT attempts, last_error FROM inbox WHERE attempts > 0"))
            assert all("Temporal did not accept the signal" in error for _, error in rows)
        running = await asyncio.to_thread(lambda: server.start(log=tmp_path / "temporal.log", port=port))
        try:
            client = await connect(running.address)
            async with recording(client, parts.task_queue):
                await shop.settled(within=40)
                shop.temporal = client
                assert await shop.texts() == ["hi", "anybody?"]
                assert await shop.texts("eva") == ["me too"]
        finally:
            await asyncio.to_thread(running.stop)


async def _fail_once(shop: Any, customer: str, *, always: bool = False) -> None:
    """Make PostgreSQL refuse to book an event of this customer as forwarded, the first time or always."""
    condition = "true" if always else "nextval('tries') = 1"
    async with shop.parts.database.begin() as session:
        await session.execute(text("CREATE SEQUENCE tries"))
        await session.execute(
            text(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.forwarded_at IS NOT NULL "
                f"AND new.customer = '{customer}' AND {condition} THEN RAISE EXCEPTION 'cut off'; END IF; "
                "RETURN new; END $$"
            )
        )
        await session.execute(text("CREATE TRIGGER fail BEFORE UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION fail()"))


async def test_cut_off_between_signal_and_commit_the_same_key_is_told_again(shop: Any) -> None:
    await _fail_once(shop, "anna")
    await shop.deliver(shop.message("M1", "hi"))
    assert await shop.settled() == {"m:M1": "forwarded"}
    assert [[message.key for message in messages] for messages in await shop.wrote()] == [["m:M1"], ["m:M1"]]
    assert await shop.counter("switchboard_forwarding_failures_total") == 1


async def test_a_thread_that_fails_holds_up_no_other_and_is_not_dropped(shop: Any) -> None:
    await _fail_once(shop, "eva", always=True)
    await shop.deliver(shop.message("E1", "broken", customer="eva"))
    for number in range(5):
        await shop.deliver(shop.message(f"M{number}", str(number), number))

    async def all_others() -> bool:
        return list((await shop.outcomes()).values()).count("forwarded") == 5

    await shop.until(all_others)
    assert (await shop.outcomes())["m:E1"] is None
    async with shop.parts.database.begin() as session:
        await session.execute(text("DROP TRIGGER fail ON inbox"))
    assert (await shop.settled(within=40))["m:E1"] == "forwarded"
    assert await shop.texts() == ["0", "1", "2", "3", "4"]


async def test_a_message_is_told_within_moments(shop: Any) -> None:
    """Woken by the database, not by the clock that looks every second."""
    await shop.deliver(shop.message("M0", "hi"))
    await shop.settled()
    begun = time.monotonic()
    for number in range(1, 6):
        await shop.deliver(shop.message(f"M{number}", "hi", number))
        await shop.settled()
    assert time.monotonic() - begun < 3


async def test_cut_connections_to_the_database_are_made_anew(shop: Any) -> None:
    await shop.deliver(shop.message("M1", "hi"))
    await shop.settled()
    async with shop.parts.database.begin() as session:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
        assert (await session.scalar(text(cut + " AND pid <> pg_backend_pid()"))) > 0
    await asyncio.sleep(1.5)
    begun = time.monotonic()
    for number in range(2, 7):
        await shop.deliver(shop.message(f"M{number}", "hi", number))
        await shop.settled()
    assert time.monotonic() - begun < 3
    assert len(await shop.texts()) == 6
