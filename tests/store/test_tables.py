"""The migrations build the tables of store/tables.py, exactly."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, make_url, text

from store.tables import metadata

CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, identity_generation, identity_start
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
}


def _engine(url: str):
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


def _catalogue(connection: Connection, what: str) -> set[tuple[object, ...]]:
    rows = connection.execute(text(CATALOGUE[what]))
    return {tuple(row) for row in rows if row[0] != "alembic_version"}


def test_alembic_finds_no_difference(database_url: str) -> None:
    engine = _engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@pytest.mark.parametrize("what", CATALOGUE)
def test_the_catalogues_agree(database_url: str, empty_url: str, what: str) -> None:
    migrated, made = _engine(database_url), _engine(empty_url)
    metadata.create_all(made)
    with migrated.connect() as left, made.connect() as right:
        assert _catalogue(left, what) == _catalogue(right, what)
        assert len(_catalogue(left, what)) > 10
    migrated.dispose()
    made.dispose()
