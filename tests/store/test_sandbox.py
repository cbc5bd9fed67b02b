"""The working copy: entities with author and time, accounts that are facts, and the order in which people wrote."""

import json
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, make_url, text

from routing.entities import Key
from store import sandbox
from store.audit import entries
from store.database import Database, _alembic, migrate
from store.revisions import append_revision, authorise_connector, changes, origins

pytestmark = pytest.mark.anyio

A, B, C = (Key("queues", name) for name in "abc")
SHOP = {"title": "Shop", "next": {"type": "queue", "name": "a"}}


def document(*names: str, **more: Any) -> dict[str, Any]:
    return {"format": 1, "queues": {name: {"title": name.upper()} for name in names}} | more


async def shown(database: Database) -> dict[str, str]:
    """The author of each entity, by path, in the order of the document."""
    async with database.begin() as session:
        return {one.key.path: one.author for one in await sandbox.entities(session)}


async def replace(database: Database, given: dict[str, Any], author: str) -> dict[str, str]:
    async with database.begin() as session:
        found = await sandbox.replace(session, given, author)
    return {key.path: change for key, change in found.items()}


async def apply(database: Database, given: dict[str, Any], author: str = "eva") -> int:
    async with database.begin() as session:
        return await append_revision(session, digest="d", document=given, author=author, note="")


async def test_it_begins_empty_and_keeps_what_is_wrong(database: Database) -> None:
    async with database.begin() as session:
        assert await sandbox.document(session) == {"format": 1}
    odd = {"format": 1, "languages": {"default": 7}, "queues": {"x": {"nonsense": [1, {"deep": None}]}}}
    await replace(database, odd, "eva")
    async with database.begin() as session:
        assert json.dumps(await sandbox.document(session)) == json.dumps(odd)


async def test_only_what_changed_gets_author_and_time(database: Database) -> None:
    assert await replace(database, document("a", "b"), "eva") == {"queues/a": "added", "queues/b": "added"}
    async with database.begin() as session:
        first = await sandbox.entity(session, A)
    changed = document("c", "b", "a")
    changed["queues"]["b"]["priority"] = 1
    assert await replace(database, changed, "petr") == {"queues/c": "added", "queues/b": "changed"}
    assert await shown(database) == {"queues/c": "petr", "queues/b": "petr", "queues/a": "eva"}
    async with database.begin() as session:
        again = await sandbox.entity(session, A)
        assert list((await sandbox.document(session))["queues"]) == ["c", "b", "a"]
    assert again == first
    assert await replace(database, changed, "anna") == {}
    assert await replace(database, document("b"), "anna") == {
        "queues/b": "changed",
        "queues/c": "removed",
        "queues/a": "removed",
    }


async def test_one_entity(database: Database) -> None:
    async with database.begin() as session:
        await sandbox.put(session, B, {"title": "B"}, "eva")
        await sandbox.put(session, A, {"title": "A"}, "eva")
        await sandbox.put(session, B, {"title": "B"}, "petr")
        assert [one.key for one in await sandbox.entities(session)] == [B, A]
        found = await sandbox.entity(session, B)
        assert found is not None
        assert found.author == "eva", "the same words are no change"
        await sandbox.put(session, B, {"priority": 1, "title": "B"}, "petr")
        assert [(one.key, one.author) for one in await sandbox.entities(session, "queues")] == [(B, "petr"), (A, "eva")]
        assert await sandbox.remove(session, B)
        assert not await sandbox.remove(session, B)
        assert await sandbox.entity(session, B) is None
        await sandbox.put(session, B, {"title": "B"}, "anna")
        assert [one.key for one in await sandbox.entities(session)] == [A, B]


async def test_a_connector_keeps_the_account_that_production_knows(database: Database) -> None:
    await apply(database, document("a", connectors={"shop": {**SHOP, "account": "17"}}))
    await replace(database, document("a", connectors={"shop": SHOP, "other": SHOP}), "eva")
    async with database.begin() as session:
        found = await sandbox.document(session)
        assert found["connectors"] == {"shop": {**SHOP, "account": "17"}, "other": SHOP}
        await sandbox.put(session, Key("connectors", "shop"), {**SHOP, "account": ""}, "eva")
        kept = await sandbox.entity(session, Key("connectors", "shop"))
        assert kept is not None
        assert kept.document == {**SHOP, "account": "17"}
    await replace(database, document("a", connectors={"shop": SHOP, "other": {**SHOP, "account": "17"}}), "eva")
    async with database.begin() as session:
        assert "account" not in (await sandbox.document(session))["connectors"]["shop"], "another one has it now"


async def test_authorising_fills_the_account_into_the_sandbox(database: Database) -> None:
    await apply(database, document("a", connectors={"shop": SHOP}))
    await replace(database, document("a", connectors={"shop": {**SHOP, "wrong": True}}), "petr")
    async with database.begin() as session:
        assert await authorise_connector(session, "shop", "17", "eva", "Shop is authorised") == 2
        kept = await sandbox.entity(session, Key("connectors", "shop"))
        assert kept is not None
        assert kept.document == {**SHOP, "wrong": True, "account": "17"}
        assert kept.author == "eva"
        told = (await entries(session)).items
    assert [(one.actor, one.action, one.object, one.details) for one in told] == [
        ("eva", "connector.authorised", "connectors/shop", {"account": "17", "revision": 2})
    ]
    await replace(database, {"format": 1}, "petr")
    async with database.begin() as session:
        assert await authorise_connector(session, "shop", "17", "eva", "again") == 2
        assert await sandbox.document(session) == {"format": 1}, "the connector is not in the sandbox"


async def test_restoring_leaves_what_means_the_same_as_it_is_written(database: Database) -> None:
    written = {"title": "A", "priority": 5}
    production = {**document("a", "b"), "queues": {"a": {"title": "A"}, "b": {"title": "B"}}}
    await replace(database, {**document("c"), "languages": {"default": "en"}, "queues": {"c": {}, "a": written}}, "eva")
    async with database.begin() as session:
        found = await sandbox.restore(session, production, "petr")
        assert {key.path: change for key, change in found.items()} == {"queues/b": "added", "queues/c": "removed"}
        assert await sandbox.document(session) == {
            "format": 1,
            "languages": {"default": "en"},
            "queues": {"a": written, "b": {"title": "B"}},
        }
    assert await shown(database) == {"languages": "eva", "queues/a": "eva", "queues/b": "petr"}


@pytest.mark.parametrize(
    ("mine", "after"),
    [
        (("b", "c"), ["a", "b", "c"]),
        (("c", "x"), ["a", "c", "x"]),
        (("x",), ["x", "a"]),
        ((), ["a"]),
    ],
)
async def test_a_removed_entity_comes_back_at_its_place(
    database: Database, mine: tuple[str, ...], after: list[str]
) -> None:
    await replace(database, document(*mine), "eva")
    async with database.begin() as session:
        await sandbox.restore_one(
            session, A, document("x", "a", "b", "c") if "x" in mine[:1] else document("a", "b"), "petr"
        )
        assert list((await sandbox.document(session))["queues"]) == after


async def test_restoring_one_entity_leaves_the_others(database: Database) -> None:
    await replace(database, {**document("a", "b"), "queues": {"a": {"title": "AA"}, "b": {"title": "BB"}}}, "eva")
    async with database.begin() as session:
        assert await sandbox.restore_one(session, A, document("a"), "petr") == {A: "changed"}
        assert await sandbox.restore_one(session, A, document("a"), "petr") == {}
        assert await sandbox.restore_one(session, B, document("a"), "petr") == {B: "removed"}
        assert await sandbox.document(session) == document("a")


async def test_each_entity_knows_its_revision(database: Database) -> None:
    await apply(database, document("a", "b"), "eva")
    second = document("b", "a", "c")
    second["queues"]["a"]["priority"] = 1
    await apply(database, second, "petr")
    await apply(database, document("c", languages={"default": "cs", "offered": ["cs"]}), "anna")
    async with database.begin() as session:
        found = {key.path: (one.revision, one.author) for key, one in (await origins(session)).items()}
        assert found == {
            "languages": (3, "anna"),
            "queues/a": (3, "anna"),
            "queues/b": (3, "anna"),
            "queues/c": (2, "petr"),
        }
        assert list(await origins(session, "queues", "c")) == [C]
        told = [(one.kind, one.name, one.change) for one in await changes(session, 2)]
    assert told == [("queues", "a", "changed"), ("queues", "c", "added")]


def test_the_migration_takes_over_what_there_is(empty_url: str) -> None:
    """The sandbox begins as the current revision, and each revision's changes are worked out."""
    first = document("b", "a", languages={"default": "cs"})
    second = document("b", "c", connectors={"z": {"title": "Z"}, "y": {"title": "Y"}})
    engine = create_engine(make_url(empty_url).set(drivername="postgresql+psycopg"))
    config = _alembic()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for number, one in enumerate((first, second), start=1):
            connection.execute(
                text(
                    "INSERT INTO revisions (number, digest, document, author) VALUES (:number, 'd', :document, 'eva')"
                ),
                {"number": number, "document": json.dumps(one)},
            )
        connection.commit()
    migrate(empty_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, name, author, document FROM sandbox ORDER BY position")).all()
        told = connection.execute(
            text("SELECT revision, kind, name, change FROM revision_changes ORDER BY 1, 2, 3")
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("connectors", "z", "eva", {"title": "Z"}),
        ("connectors", "y", "eva", {"title": "Y"}),
        ("queues", "b", "eva", {"title": "B"}),
        ("queues", "c", "eva", {"title": "C"}),
    ]
    assert [tuple(row) for row in told] == [
        (1, "languages", "", "added"),
        (1, "queues", "a", "added"),
        (1, "queues", "b", "added"),
        (2, "connectors", "y", "added"),
        (2, "connectors", "z", "added"),
        (2, "languages", "", "removed"),
        (2, "queues", "a", "removed"),
        (2, "queues", "c", "added"),
    ]
