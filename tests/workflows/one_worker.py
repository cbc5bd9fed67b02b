"""A worker that tells webhooks, as a process that a test can kill: address, queue, store, key, host."""

import asyncio
import sys
from datetime import UTC, datetime

from temporalio.worker import Worker

from activities.web import Web
from activities.webhooks import Webhooks
from store.database import Database
from store.secrets import Vault
from workflows.plugin import connect, runner
from workflows.webhooks import TellWebhook


async def main(address: str, queue: str, url: str, key: str, host: str) -> None:
    """Work until the process ends."""
    work = Webhooks(Database(url), Vault([key]), Web(allow=[host]), lambda: datetime.now(UTC))
    await Worker(
        await connect(address),
        task_queue=queue,
        workflows=[TellWebhook],
        activities=[work.deliver_announcements],
        workflow_runner=runner(),
    ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
