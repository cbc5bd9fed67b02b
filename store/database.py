"""The connection to PostgreSQL: sessions in transactions, the schema's version, and waiting for notifications."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

logger = logging.getLogger(__name__)


class Database:
    """A pool of connections to one database; times come back aware and in UTC.

    `url` is `postgresql://…`, over TCP or a Unix socket; raises ValueError for any other kind.
    At most `pool_size + max_overflow` connections are open at once.
    """

    def __init__(self, url: str, *, pool_size: int = 5, max_overflow: int = 10) -> None:
        self.url = url
        self._engine = create_async_engine(
            _driver_url(url),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_pre_ping=True,
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: committed at the end of the block, rolled back when the block raises."""
        async with self._sessions.begin() as session:
            yield session

    async def current_schema(self) -> str | None:
        """The newest migration that ran here, None before the first; raises DBAPIError when nothing answers."""
        async with self._sessions() as session:
            try:
                return await session.scalar(text("SELECT version_num FROM alembic_version"))
            except ProgrammingError as error:
                if isinstance(error.orig, psycopg.errors.UndefinedTable):
                    return None
                raise

    async def is_ready(self) -> bool:
        """Whether the database answers and has every migration this code needs; the reason of a no goes to the log.

        A schema newer than this code counts as ready: in a rolling deploy the old processes work on it until replaced.
        """
        try:
            schema = await self.current_schema()
        except DBAPIError as error:
            logger.warning("database not ready, it does not answer: %s", error.orig)
            return False
        scripts = ScriptDirectory.from_config(_alembic())
        older = {script.revision for script in scripts.walk_revisions()} - set(scripts.get_heads())
        if schema is None or schema in older:
            logger.warning("database not ready, its schema is %s: run the migrations", schema or "empty")
            return False
        return True

    async def close(self) -> None:
        await self._engine.dispose()


def migrate(url: str) -> None:
    """Bring the schema up to date; of several processes that call it at once, one works and the others wait."""
    engine = create_engine(_driver_url(url))
    try:
        with engine.connect() as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


async def listen(url: str, channel: str) -> AsyncGenerator[str]:
    """Payloads of the NOTIFYs on a channel, for ever; the first item, "", says that listening has begun.

    Whoever looks for work after each item misses none, also what was committed before. Close it (`aclosing`) when done;
    raises psycopg.OperationalError when the connection breaks, then call again.
    """
    parsed = _driver_url(url)
    _, parameters = parsed.get_dialect()().create_connect_args(parsed)
    connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
    async with connection:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield ""
        async for notification in connection.notifies():
            yield notification.payload


async def notify(session: AsyncSession, channel: str, payload: str = "") -> None:
    """Wake the listeners of a channel when this transaction commits; equal ones within a transaction arrive once."""
    await session.execute(select(text("pg_notify(:channel, :payload)")).params(channel=channel, payload=payload))


def _driver_url(url: str) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"the database URL begins with {parsed.drivername}://, it must begin with postgresql://")
    options = " ".join([*parsed.normalized_query.get("options", ()), "-c timezone=UTC"])
    return parsed.set(drivername="postgresql+psycopg").update_query_dict({"options": options})


def _alembic() -> Config:
    config = Config()
    # Alembic's configuration interpolates `%`, which a folder's name may hold.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
