"""What changed is read once and whole, in whatever order transactions commit."""

import asyncio
import random

import psycopg
import pytest
from sqlalchemy import text

from store.database import Database
from store.updates import KINDS, Position, Update, head, of_kinds, prune, updates_after
from tests.stored import ACCOUNT

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database_url: str):
    made = Database(database_url)
    yield made
    await made.close()


async def read(database: Database, position: Position, limit: int = 100) -> list[Update]:
    async with database.begin() as session:
        return await updates_after(session, position, limit)


def told(found: list[Update]) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in found]


OPEN = (
    "INSERT INTO conversations (name, account, customer, connector, workflow_id, revision, opened_at)"
    f" VALUES (%s, '{ACCOUNT}', 'c', 'main', 'w', 1, now())"
)


async def test_every_watched_table_tells_its_name(database: Database, database_url: str) -> None:
    async with database.begin() as session:
        start = await head(session)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(OPEN, ["talk"])
        connection.execute("UPDATE conversations SET place = 'queues/a' WHERE name = 'talk'")
        connection.execute("UPDATE conversations SET place = 'queues/a' WHERE name = 'talk'")  # no change
        connection.execute(
            "INSERT INTO messages (key, conversation, direction, author, at, kind, state)"
            " VALUES ('m', 'talk', 'in', 'customer', now(), 'message', 'received')"
        )
        connection.execute(
            "INSERT INTO stays (conversation, entered_at, queue, priority) VALUES ('talk', now(), 'a', 5)"
        )
        connection.execute(
            "INSERT INTO offers (conversation, entered_at, queue, agent, why, offered_at, until)"
            " VALUES ('talk', now(), 'a', 'eva', 'w', now(), now())"
        )
        connection.execute(
            "INSERT INTO users (name, display_name, role, created_at) VALUES ('eva', 'Eva', 'agent', now())"
        )
        connection.execute("INSERT INTO agents (name, since, seen_at, free_since) VALUES ('eva', now(), now(), now())")
        connection.execute("UPDATE agents SET seen_at = now()")  # a heartbeat alone is none
        connection.execute("INSERT INTO tickets (key, title) VALUES ('t', 'T')")
        connection.execute("INSERT INTO notifications (key, kind) VALUES ('n', 'missed_chat')")
    found = await read(database, start)
    assert told(found) == [
        ("conversations", "talk"),
        ("conversations", "talk"),
        ("messages", "talk"),
        ("stays", "talk"),
        ("offers", "talk"),
        ("agents", "eva"),
        ("tickets", "1001"),
        ("notifications", "1"),
    ]
    assert {one.kind for one in found} == set(KINDS)
    assert told(await read(database, found[2].position, 2)) == [("stays", "talk"), ("offers", "talk")]
    assert await read(database, found[-1].position) == []
    assert told(of_kinds(found, frozenset({"agents", "tickets"}))) == [("agents", "eva"), ("tickets", "1001")]
    assert of_kinds(found, frozenset()) == found


async def test_what_is_committed_late_holds_back_what_came_behind_it(database: Database, database_url: str) -> None:
    async with database.begin() as session:
        start = await head(session)
    with psycopg.connect(database_url) as early, psycopg.connect(database_url) as late:
        early.execute(OPEN, ["early"])
        late.execute(OPEN, ["late"])
        late.commit()
        assert await read(database, start) == []
        async with database.begin() as session:
            # Whoever begins now has not missed what is still under way.
            between = await head(session)
        early.commit()
    assert told(await read(database, start)) == [("conversations", "early"), ("conversations", "late")]
    assert told(await read(database, between)) == [("conversations", "early"), ("conversations", "late")]
    with psycopg.connect(database_url) as undone:
        undone.execute(OPEN, ["undone"])
        undone.rollback()
        undone.execute(OPEN, ["done"])
        undone.commit()
    assert told(await read(database, between))[2:] == [("conversations", "done")]


async def test_many_writers_and_a_reader_at_once(database: Database, database_url: str) -> None:
    async with database.begin() as session:
        position = await head(session)

    async def write(number: int) -> None:
        chance = random.Random(number)
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            for turn in range(12):
                await connection.execute(OPEN, [f"{number}-{turn}"])
                await asyncio.sleep(chance.random() * 0.03)
                await (connection.rollback() if chance.random() < 0.2 else connection.commit())

    writing = asyncio.gather(*(write(number) for number in range(15)))
    seen: list[Update] = []
    while True:
        over = writing.done()
        found = await read(database, position, 7)
        seen += found
        position = found[-1].position if found else position
        if over and not found:
            break
    await writing
    async with database.begin() as session:
        rows = list(await session.scalars(text("SELECT id FROM updates ORDER BY transaction, id")))
    assert len(rows) > 100
    assert [one.id for one in seen] == rows
    # By the number of the row alone, which is what one would think of first, some would have been jumped over.
    assert rows != sorted(rows)


async def test_what_is_old_is_deleted(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(
            text(
                "INSERT INTO updates (transaction, at, kind, name)"
                " SELECT 1, now() - make_interval(hours => hours), 'tickets', hours::text"
                " FROM unnest(ARRAY[0, 23, 24, 26, 50]) AS hours"
            )
        )
        assert await prune(session) == 2
        assert await prune(session) == 0
        left = list(await session.scalars(text("SELECT name FROM updates ORDER BY id")))
    assert left == ["0", "23", "24"]
