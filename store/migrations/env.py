"""How Alembic runs the migrations: on the connection it is handed, in one transaction, one process at a time."""

from alembic import context
from sqlalchemy import text

from store import tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables.metadata)
with context.begin_transaction():
    # Held to the end of the transaction, and taken before the present version is read.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('switchboard migrations', 0))"))
    context.run_migrations()
