"""Conversations that run while revisions are applied, on the real servers: each stays on its own, or moves to the new.

The API, the worker's real activities, PostgreSQL, Temporal and the simulator are those of the product.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.accounts import Accounts
from activities.conversations import Conversations
from activities.delivery import Deliveries
from activities.ice_breakers import IceBreakers
from activities.moves import Moves
from api.dependencies import Parts
from api.signals import start_or_tell
from instagram.simulator import create_app, serving
from routing.documents import read
from routing.messages import CustomerMessage, Wrote
from store import conversations, messages
from store.accounts import connect_account, pause_account, resume_account
from store.database import Database
from store.secrets import Vault
from store.trace import trace
from tests.api.conftest import _served
from tests.api.drafts import applied, apply, write
from tests.api.people import Office, opened
from tests.durable import time_skipping_server
from workflows.accounts import PublishIceBreakers
from workflows.conversation import Conversation
from workflows.moves import MADE_WITHIN, MoveConversations
from workflows.plugin import connect, data_converter, runner
from workflows.records import Start, workflow_id

pytestmark = pytest.mark.anyio
ACCOUNT = "17841400000000001"
SHOP = """
format: 1
connectors:
  shop: {title: Shop, account: "17841400000000001", next: {type: decision_tree, name: menu}, burst: {answer: each}}
decision_trees:
  menu:
    title: Menu
    start: first
    decisions:
      first:
        title: First
        actions:
          - {type: send_message, text: "OLD first"}
          - {type: target, execution: when_client_chooses, answer: {type: pattern, pattern: /second/},
             to: {type: decision, name: second}}
          - {type: target, execution: when_client_chooses, answer: {type: pattern, pattern: /people/},
             to: {type: queue, name: people}}
          - {type: target, execution: when_client_chooses, answer: {type: pattern, pattern: /.*/, default: true},
             to: {type: decision, name: first}}
      second:
        title: Second
        actions:
          - {type: send_message, text: "OLD second"}
          - {type: target, execution: when_client_chooses, answer: {type: pattern, pattern: /.*/, default: true},
             to: {type: decision, name: second}}
queues:
  people: {title: People}
"""


def document(word: str = "OLD", second: str = "second") -> dict[str, Any]:
    """The shop whose texts begin with a word, and whose second decision has a name."""
    found: Any = read(SHOP.replace("OLD", word).replace("name: second", f"name: {second}"))
    found["decision_trees"]["menu"]["decisions"][second] = found["decision_trees"]["menu"]["decisions"].pop("second")
    return found


class Shop:
    """The whole product but for its webhook: people of the shop, customers, and what was said."""

    def __init__(self, office: Office, admin: httpx.AsyncClient, simulator: httpx.AsyncClient) -> None:
        self.office = office
        self.admin = admin
        self.simulator = simulator
        self.database = office.parts.database
        self.temporal = office.parts.temporal
        self.keys = 0

    async def customer(self) -> str:
        """Somebody who has an Instagram account, and has written, so that Instagram lets us answer."""
        name = str(uuid.uuid4().int % 10**15)
        path = f"/control/accounts/{ACCOUNT}/customers"
        (
            await self.simulator.post(path, json={"id": name, "username": f"jana{name}", "name": "Jana"})
        ).raise_for_status()
        (await self.simulator.post(f"{path}/{name}/messages", json={"text": "hi"})).raise_for_status()
        return name

    async def writes(self, customer: str, text: str) -> None:
        self.keys += 1
        message = CustomerMessage(key=f"m:{self.keys}", at=datetime.now(UTC), text=text)
        await start_or_tell(self.temporal, self.office.parts.task_queue, ACCOUNT, customer, Wrote(messages=(message,)))

    async def talk(self, customer: str) -> conversations.Conversation:
        """The customer's newest conversation, as soon as there is one."""

        async def found() -> list[conversations.Conversation]:
            async with self.database.begin() as session:
                return (await conversations.conversations(session, account=ACCOUNT, customer=customer, limit=1)).items

        async def opened() -> bool:
            return bool(await found())

        await until(opened)
        return (await found())[0]

    async def said(self, customer: str) -> list[str | None]:
        """What the shop has said to the customer and Instagram has taken."""
        name = (await self.talk(customer)).name
        async with self.database.begin() as session:
            rows = await messages.transcript(session, name)
        return [row.text for row in rows if row.direction == "out" and row.state == "sent"]

    async def hears(self, customer: str, *texts: str) -> None:
        """Wait until these are the newest things that were said."""

        async def heard() -> bool:
            return (await self.said(customer))[-len(texts) :] == list(texts)

        await until(heard)

    async def at(self, customer: str, place: str) -> None:
        async def there() -> bool:
            return (await self.talk(customer)).place == place

        await until(there)

    async def moves(self, number: int, **given: Any) -> dict[str, Any]:
        answer = await self.admin.get(f"/api/v1/revisions/{number}/moves", params={"limit": 200} | given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def settled(self, number: int) -> dict[str, Any]:
        """The moves to a revision, once none is under way."""

        async def none_waits() -> bool:
            return not (await self.moves(number))["waiting"]

        await until(none_waits)
        return await self.moves(number)

    async def histories(self, customer: str) -> list[WorkflowHistory]:
        """Of all runs of the customer's workflow, the newest first."""
        found: list[WorkflowHistory] = []
        run: str | None = None
        while True:
            handle = self.temporal.get_workflow_handle(workflow_id(ACCOUNT, customer), run_id=run)
            history = await handle.fetch_history()
            found.append(history)
            started = history.events[0].workflow_execution_started_event_attributes
            if not (run := started.continued_execution_run_id or None):
                return found


async def until(holds: Callable[[], Awaitable[bool]], within: float = 60) -> None:
    end = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.1)


def working(temporal: Client, task_queue: str, database: Database, accounts: Accounts) -> Worker:
    """A worker with the real activities."""

    def now() -> datetime:
        return datetime.now(UTC)

    deliveries = Deliveries(database=database, accounts=accounts, now=now, per_second=200)
    talks = Conversations(
        database=database, accounts=accounts, now=now, hash_key="a-key-of-sixteen-or-more", callback="x"
    )
    moves = Moves(database, temporal, now)
    return Worker(
        temporal,
        task_queue=task_queue,
        workflows=[Conversation, MoveConversations, PublishIceBreakers],
        activities=[
            deliveries.deliver,
            deliveries.taken_steps,
            talks.open,
            talks.enqueue,
            talks.end,
            moves.moves_wanted,
            moves.ask_to_move,
            moves.record_move,
            IceBreakers(database, accounts).publish_ice_breakers,
        ],
        workflow_runner=runner(),
    )


@pytest.fixture
async def shop(database_url: str, temporal_address: str) -> AsyncIterator[Shop]:
    database, vault = Database(database_url, pool_size=20), Vault([Fernet.generate_key().decode()])
    temporal, task_queue = await connect(temporal_address), f"moves-{uuid.uuid4().hex}"
    async with database.begin() as session:
        values = {"username": "shop", "name": None, "page_id": None, "token_expires_at": None}
        await connect_account(session, vault, id=ACCOUNT, flavour="login", token="IGAA-simulated-1", **values)
    parts = Parts(
        database=database,
        temporal=temporal,
        vault=vault,
        task_queue=task_queue,
        verify_token="x",
        app_secrets=("x",),
        temporal_ui_url="x",
        now=lambda: datetime.now(UTC),
    )
    async with (
        serving(create_app()) as url,
        httpx.AsyncClient(base_url=url) as simulator,
        httpx.AsyncClient(timeout=5) as http,
        working(temporal, task_queue, database, Accounts(vault, http, {"page": url, "login": url}, "v26.0")),
        opened(parts, _served) as office,
    ):
        made = Shop(office, await office.person("eva", "admin"), simulator)
        yield made
        running = f"TaskQueue = '{task_queue}' AND ExecutionStatus = 'Running'"
        async for one in temporal.list_workflows(running):
            await temporal.get_workflow_handle(one.id).terminate("the test is over")
    await database.close()


async def test_fifty_conversations_run_while_revisions_are_applied(shop: Shop) -> None:
    old = await applied(shop.admin, document())
    everybody = [await shop.customer() for _ in range(50)]
    firsts, seconds, queued = everybody[:25], everybody[25:40], everybody[40:]
    await asyncio.gather(*(shop.writes(name, "hi") for name in everybody))
    for name in everybody:
        await shop.hears(name, "OLD first")
    await asyncio.gather(*(shop.writes(name, "second") for name in seconds))
    await asyncio.gather(*(shop.writes(name, "people") for name in queued))

    # A revision comes while they write: each of them goes on along its own.
    await write(shop.admin, document("NEW", "other"))
    writing = asyncio.gather(*(shop.writes(name, "again") for name in firsts))
    told = await apply(shop.admin, "New texts, and the second decision has another name")
    await writing
    new = told["number"]
    assert new == old + 1
    assert told["running"] == [{"revision": old, "conversations": 50}]
    for name in firsts:
        await shop.hears(name, "OLD first", "OLD first")
    for name in seconds:
        await shop.hears(name, "OLD first", "OLD second")
    for name in queued:
        await shop.at(name, "queues/people")
    assert {(await shop.talk(name)).revision for name in everybody} == {old}
    late = await shop.customer()
    await shop.writes(late, "hi")
    await shop.hears(late, "NEW first")

    # Moved are those whose place is there; the others are listed, with the reason, and go on as they were.
    told = await apply(shop.admin, "Everybody moves", running="move")
    assert (told["applied"], told["moving"]) == (False, 50)
    moves = await shop.settled(new)
    assert {state: moves[state] for state in ("moved", "refused", "ended", "waiting")} == {
        "moved": 35,
        "refused": 15,
        "ended": 0,
        "waiting": 0,
    }
    names = {(await shop.talk(name)).name: name for name in everybody}
    refused = {names[one["conversation"]]: one["reason"] for one in moves["items"] if one["state"] == "refused"}
    path = "decision_trees/menu/decisions/second"
    assert refused == dict.fromkeys(seconds, f"revision {new} has no {path}")
    assert {(await shop.talk(name)).revision for name in firsts + queued} == {new}
    assert {(await shop.talk(name)).revision for name in seconds} == {old}
    await asyncio.gather(*(shop.writes(name, "and now?") for name in firsts + seconds))
    for name in firsts:
        await shop.hears(name, "OLD first", "NEW first")
    for name in seconds:
        await shop.hears(name, "OLD second", "OLD second")
    async with shop.database.begin() as session:
        visits = await trace(session, (await shop.talk(firsts[0])).name)
    assert [one.number for one in visits] == list(range(1, len(visits) + 1))
    assert [(one.path, one.why) for one in visits if one.why.startswith("moved")] == [
        ("decision_trees/menu/decisions/first", f"moved from revision {old} to {new}")
    ]
    replayer = Replayer(workflows=[Conversation], data_converter=data_converter(), workflow_runner=runner())
    for name in (firsts[0], seconds[0], queued[0]):
        await replayer.replay_workflow((await shop.histories(name))[0])


async def test_the_new_revision_stays_when_the_conversation_continues_as_a_new_run(shop: Shop) -> None:
    await applied(shop.admin, document())
    name = await shop.customer()
    await shop.temporal.start_workflow(
        "Conversation",
        Start(account=ACCOUNT, customer=name, limit=30),
        id=workflow_id(ACCOUNT, name),
        task_queue=shop.office.parts.task_queue,
        start_signal="received",
        start_signal_args=[{"events": [_wrote("m:first", "hi").model_dump(mode="json")]}],
    )
    await shop.hears(name, "OLD first")
    new = await applied(shop.admin, document("NEW"), running="move")
    assert (await shop.settled(new))["moved"] == 1
    for number in range(1, 11):
        await shop.writes(name, f"message {number}")
        await shop.hears(name, "OLD first", *["NEW first"] * number)
    assert len(await shop.histories(name)) > 1


async def test_one_that_is_busy_moves_when_it_rests(shop: Shop) -> None:
    """Its account is paused, and what it wants to say cannot leave; that is still said as the old revision has it."""
    await applied(shop.admin, document())
    name = await shop.customer()
    await shop.writes(name, "hi")
    await shop.hears(name, "OLD first")
    async with shop.database.begin() as session:
        await pause_account(session, ACCOUNT, "for a test")
    await shop.writes(name, "still there?")

    async def tried() -> bool:
        async with shop.database.begin() as session:
            rows = await messages.transcript(session, (await shop.talk(name)).name)
        return [row.state for row in rows if row.direction == "out"] == ["sent", "pending"]

    await until(tried)
    new = await applied(shop.admin, document("NEW"), running="move")

    async def asked() -> bool:
        done = await shop.temporal.get_workflow_handle(f"move-to-{new}").describe()
        return done.close_time is not None

    await until(asked)
    assert (await shop.moves(new))["waiting"] == 1
    async with shop.database.begin() as session:
        await resume_account(session, ACCOUNT)
    assert (await shop.settled(new))["moved"] == 1
    await shop.writes(name, "and now?")
    await shop.hears(name, "OLD first", "OLD first", "NEW first")


async def test_it_may_end_before_it_rests_and_be_asked_twice(shop: Shop) -> None:
    await applied(shop.admin, document())
    gone, there = await shop.customer(), await shop.customer()
    for name in (gone, there):
        await shop.writes(name, "hi")
        await shop.hears(name, "OLD first")
    await shop.temporal.get_workflow_handle(workflow_id(ACCOUNT, gone)).terminate("for a test")
    new = await applied(shop.admin, document("NEW"), running="move")
    moves = await shop.settled(new)
    found = {one["conversation"]: (one["state"], one["reason"]) for one in moves["items"]}
    assert found == {
        (await shop.talk(gone)).name: ("refused", "its workflow does not run any more"),
        (await shop.talk(there)).name: ("moved", None),
    }
    handle = shop.temporal.get_workflow_handle(workflow_id(ACCOUNT, there))
    move = {"conversation": (await shop.talk(there)).name, "revision": new, "document": "{}"}
    await handle.signal("move_to", move)
    await handle.signal("move_to", move | {"conversation": "another", "revision": new + 1})
    await shop.writes(there, "and now?")
    await shop.hears(there, "OLD first", "NEW first")
    async with shop.database.begin() as session:
        visits = await trace(session, (await shop.talk(there)).name)
    assert sum(one.why.startswith("moved") for one in visits) == 1


async def test_a_move_that_was_rolled_back_moves_nobody(database_url: str) -> None:
    """The workflow is started just before the commit; where that does not come, it finds nothing that is wanted."""
    database = Database(database_url)
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=time_skipping_server(), data_converter=data_converter()
    ) as env:
        moves = Moves(database, env.client, lambda: datetime.now(UTC))
        activities = [moves.moves_wanted, moves.ask_to_move]
        async with Worker(env.client, task_queue="q", workflows=[MoveConversations], activities=activities):
            began = await env.get_current_time()
            asked = await env.client.execute_workflow("MoveConversations", args=[9], id="m", task_queue="q")
            assert asked == 0
            assert await env.get_current_time() - began < MADE_WITHIN * 2
    await database.close()


def _wrote(key: str, text: str) -> Wrote:
    return Wrote(messages=(CustomerMessage(key=key, at=datetime.now(UTC), text=text),))
