"""A deletion leaves nothing of a person: not in the store, not among the files, not in Temporal (facts 1.7)."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.erasure import Erasure
from api.signals import erase
from routing.messages import Attachment, CustomerMessage, Send, Wrote
from routing.recordings import Happened
from store import accounts, attachments, contacts, deletions, inbox, notifications, queues, tables, tickets
from store.attachments import NewAttachment
from store.exports import HIDDEN, everything_of
from store.files import Files
from tests.activities.conftest import ACCOUNT, World
from workflows.conversation import Conversation
from workflows.erasure import Erase, erasure_id
from workflows.plugin import connect
from workflows.records import Received, Start

pytestmark = pytest.mark.anyio
WORDS = "the unforgettable words"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path.as_uri())


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await connect(temporal_address)


@pytest.fixture
def task_queue() -> str:
    return f"erasure-{uuid.uuid4().hex}"


@pytest.fixture
async def erasure(world: World, files: Files, temporal: Client) -> Erasure:
    world.customer = f"47{uuid.uuid4().int % 10**12}"  # all tests share one Temporal
    return Erasure(world.database, files, temporal, lambda account, customer: f"ig-{account}-{customer}", world.now)


async def lived(world: World, files: Files) -> str:
    """A customer with something in every table; the conversation's name."""
    wrote = CustomerMessage(
        key="m:first",
        at=world.now(),
        text=WORDS,
        mid="mid-1",
        attachments=(Attachment(type="image", url="https://a/b"),),
    )
    happened = Happened(at=world.now(), number=1, event=Wrote(messages=(wrote,)))
    delivery = await world.delivery(
        Send(key="k/1", text=f"You said {WORDS}", path="p", sent=True),
        received=(wrote,),
        contact={"note": WORDS},
        happened=happened,
        taken=1,
    )
    await world.deliveries.deliver(delivery)
    name = delivery.conversation
    async with world.database.begin() as session:
        number = await tickets.create_ticket(
            session, "t1", at=world.now(), conversation=name, title=WORDS, comment=WORDS, category="orders"
        )
        values: tickets.Values = {"title": f"{WORDS} again", "stage": "wait"}
        before = await tickets.held(session, number)
        assert before is not None
        await tickets.change_ticket(session, before, author="eva", at=world.now(), values=values, comment=WORDS)
        await contacts.change(session, ACCOUNT, world.customer, fields={"words": WORDS}, language="cs")
        await queues.enqueue(session, name, "people", 5, world.now())
        await notifications.notify(session, f"n/{name}", kind="missed_chat", conversation=name, content={"text": WORDS})
        events = [
            inbox.InboxRow(key, ACCOUNT, world.customer, kind, world.now(), {"text": WORDS, "mid": "mid-1"})
            for key, kind in (("m:mid-1", "message"), (f"s:mid-1:{world.customer}", "seen"))
        ]
        await inbox.keep(session, events)
        kept = NewAttachment(
            "a1", ACCOUNT, world.customer, "image", "a.jpg", name, "m:first", "image/jpeg", f"{ACCOUNT}/a1"
        )
        await attachments.keep(session, kept)
        await attachments.mark_stored(session, "a1", 3)
    await files.put(f"{ACCOUNT}/a1", b"jpg")
    return name


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(600):  # it takes half a minute and more until Temporal lists no longer what was deleted
        if await holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{holds.__name__} never came to be")


def everything(url: str) -> str:
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(f'SELECT t::text FROM "{name}" t'.encode()).fetchall() for (name,) in tables]
    return "\n".join(text for found in rows for (text,) in found)


async def test_nothing_of_the_customer_is_left_in_the_store(
    world: World, files: Files, erasure: Erasure, database_url: str
) -> None:
    name = await lived(world, files)
    before = everything(database_url)
    assert WORDS in before
    assert world.customer in before
    assert await erasure.people_to_erase(world.customer) == [ACCOUNT]
    counts = await erasure.erase_customer(ACCOUNT, world.customer)
    after = everything(database_url)
    assert WORDS not in after
    assert world.customer not in after
    assert name in after, "the conversation stays for reports"
    assert "m:mid-1" in after, "Instagram may deliver the message once more, and it must not count as new"
    assert "(erased)" in after, "the ticket stays for reports"
    async with world.database.begin() as session:
        [change] = await tickets.history(session, 1001)
        announced = list(await session.scalars(select(tables.announcements.c.content)))
    assert (change.author, change.changes, change.comment) == ("eva", {"stage": ["open", "wait"]}, "")
    assert announced == [{"erased": True}] * 2
    named = ("conversations", "happened", "messages", "attachments", "contacts", "events", "tickets", "announcements")
    assert {name: counts[name] for name in named} == {
        "conversations": 1,
        "happened": 1,
        "messages": 2,
        "attachments": 1,
        "contacts": 1,
        "events": 2,
        "tickets": 1,
        "announcements": 2,
    }
    with pytest.raises(FileNotFoundError):
        await files.read(f"{ACCOUNT}/a1")
    assert await erasure.people_to_erase(world.customer) == []
    await erasure.erase_customer(ACCOUNT, world.customer)  # safe to run again


async def test_an_export_has_every_row_that_speaks_of_the_customer(
    world: World, files: Files, database_url: str
) -> None:
    """Whatever table it is in, by all that leads to them: their words, their id, and their conversation's name."""
    name = await lived(world, files)
    async with world.database.begin() as session:
        exported = await everything_of(session, ACCOUNT, world.customer)
    assert exported["conversations"][0]["known_at_opening"]["customer"]["id"] == world.customer
    found = listed(exported)
    technical = {"updates"}  # which row changed when, for whoever watches live
    speaking: set[str] = set()
    for table, columns in rows_of(database_url):
        if table in technical or not any(word in str(columns) for word in (WORDS, world.customer, name)):
            continue
        speaking.add(table)
        hidden = HIDDEN.get(table, set())
        wanted = {column: value for column, value in columns.items() if column not in hidden and not is_time(value)}
        assert any(wanted.items() <= row.items() for row in found.get(table, [])), (table, wanted)
    assert speaking >= {"conversations", "messages", "trace", "happened", "tickets", "contacts", "inbox", "attachments"}
    assert speaking >= {"stays", "notifications", "announcements"}
    assert found["ticket_changes"][0]["comment"] == WORDS
    async with world.database.begin() as session:
        nobody = await everything_of(session, ACCOUNT, "somebody else")
        assert not await deletions.knows(session, ACCOUNT, "somebody else")
        assert await deletions.knows(session, ACCOUNT, world.customer)
    assert not any(nobody.values())


def listed(exported: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows of an export by their table, however deep they lie."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in exported.items():
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) and name in TABLES:
            for row in rows:
                found.setdefault(TABLES[name], []).append(row)
                for deeper, more in listed(row).items():
                    found.setdefault(deeper, []).extend(more)
    return found


TABLES = {name: name for name in tables.metadata.tables} | {"changes": "ticket_changes"}


def rows_of(url: str) -> list[tuple[str, dict[str, Any]]]:
    """Every row of every table, with the table's name."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            (name, row)
            for (name,) in names
            for (row,) in connection.execute(f'SELECT to_jsonb(t) FROM "{name}" t'.encode()).fetchall()
        ]


def is_time(value: Any) -> bool:
    """Times are written in other ways by the database and by the export."""
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) is not None


async def test_others_keep_what_is_theirs(world: World, files: Files, erasure: Erasure, database_url: str) -> None:
    await lived(world, files)
    await erasure.erase_customer(ACCOUNT, "somebody else")
    assert WORDS in everything(database_url)


async def test_when_a_file_cannot_be_deleted_all_is_there_to_try_again(
    world: World, files: Files, erasure: Erasure, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(world, files)

    async def broken(location: str) -> None:
        raise OSError(f"no disk for {location}")

    monkeypatch.setattr(files, "delete", broken)
    with pytest.raises(OSError, match="no disk"):
        await erasure.erase_customer(ACCOUNT, world.customer)
    assert WORDS in everything(database_url)


async def test_the_same_person_s_accounts_lose_their_token(world: World, erasure: Erasure) -> None:
    async with world.database.begin() as session:
        await accounts.token_checked(session, ACCOUNT, world.now(), authorised_by="owner-7")
    assert await erasure.people_to_erase("owner-7") == []
    async with world.database.begin() as session:
        known = await accounts.account(session, world.vault, ACCOUNT)
    assert known is not None
    assert (known.token, known.status, known.authorised_by) == (None, "paused", None)


async def test_the_workflow_forgets_and_the_request_says_that_it_is_done(
    world: World, files: Files, erasure: Erasure, temporal: Client, task_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.erasure.AGAIN", timedelta(seconds=2))
    workflow = f"ig-{ACCOUNT}-{world.customer}"
    conversations = world.conversations
    async with Worker(
        temporal,
        task_queue=task_queue,
        workflows=[Conversation, Erase],
        activities=[
            world.deliveries.deliver,
            world.deliveries.taken_steps,
            conversations.open,
            conversations.enqueue,
            conversations.end,
            erasure.people_to_erase,
            erasure.erase_customer,
            erasure.deletion_done,
        ],
        workflow_runner=UnsandboxedWorkflowRunner(),  # so that the shorter pause counts
    ):
        message = CustomerMessage(key="m:first", at=world.now(), text=WORDS)
        handle = await temporal.start_workflow(
            "Conversation",
            Start(account=ACCOUNT, customer=world.customer),
            id=workflow,
            task_queue=task_queue,
            start_signal="received",
            start_signal_args=[Received(events=(Wrote(messages=(message,)),))],
        )

        async def waits_for_people() -> bool:
            state = await handle.query("position")
            return state is not None and state["waiting"]["type"] == "agent"

        async def is_listed() -> bool:
            return bool([run async for run in temporal.list_workflows(f"WorkflowId = '{workflow}'")])

        async def is_gone() -> bool:
            return not await is_listed()

        await until(waits_for_people)
        await until(is_listed)
        code = uuid.uuid4().hex
        async with world.database.begin() as session:
            await contacts.meet(session, "another account", world.customer)
            await deletions.request(session, code, world.customer, world.now())
        await erase(temporal, task_queue, code, world.customer, only=ACCOUNT)
        await temporal.get_workflow_handle(erasure_id(code)).result()
        await until(is_gone)
    async with world.database.begin() as session:
        found = await deletions.deletion(session, code)
        assert await deletions.knows(session, "another account", world.customer), "only one account was asked for"
    assert found is not None
    assert found.done_at is not None
    assert found.subject is None
    assert found.counts["messages"] >= 1
