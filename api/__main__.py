"""`python -m api`: the API as a process, set up by the environment."""

import asyncio
import logging
from datetime import UTC, datetime

import uvicorn
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.dependencies import Parts
from settings import Settings, load
from store.database import Database, migrate
from store.secrets import Vault
from workflows.plugin import connect

logger = logging.getLogger("api")

AGAIN = 2.0
"""Seconds between two attempts to reach the database at the start."""


def main() -> None:
    settings = load()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Bring the schema up to date, then serve until the process is told to stop; Temporal may come later."""
    url = settings.database_url.get_secret_value()
    await _migrated(url)
    temporal = await connect(settings.temporal_address, settings.temporal_namespace, lazy=True)
    database = Database(url)
    parts = Parts(
        database=database,
        temporal=temporal,
        vault=Vault([key.get_secret_value() for key in settings.encryption_keys]),
        task_queue=settings.task_queue,
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secrets=tuple(secret.get_secret_value() for secret in settings.app_secrets),
        temporal_ui_url=settings.temporal_ui_url,
        now=lambda: datetime.now(UTC),
    )
    config = uvicorn.Config(
        create_app(parts),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        # Queries hold the verify token and chatbots' hashes, which are secrets.
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        await database.close()


async def _migrated(url: str) -> None:
    while True:
        try:
            await asyncio.to_thread(migrate, url)
            return
        except OperationalError as error:
            logger.warning("the database does not answer, trying again in %s s: %s", AGAIN, error.orig)
            await asyncio.sleep(AGAIN)


if __name__ == "__main__":
    main()
