"""What makes a fresh installation usable at once: the simulator's accounts connected and a configuration applied."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from local.processes import StartError
from settings import PREFIX
from store.accounts import accounts as connected_accounts
from store.accounts import connect_account
from store.database import Database
from store.revisions import current_revision
from store.secrets import Vault

CONFIGURATION = Path("demo/configuration.yaml")


def prepare(root: Path, variables: Mapping[str, str], simulator: str) -> bool:
    """Connect the simulator's accounts, and apply the demo configuration where there is no revision yet.

    True when it was applied. Raises StartError with what the command line said where it could not be.
    """
    answer = httpx.get(f"{simulator}/control/accounts", timeout=10)
    answer.raise_for_status()
    if asyncio.run(_connect(variables, answer.json())):
        return False
    command = [sys.executable, "-m", "cli", "apply", str(CONFIGURATION), "--direct", "--note", "The demo"]
    done = subprocess.run(command, cwd=root, env=os.environ | dict(variables), capture_output=True, text=True)
    if done.returncode:
        raise StartError(f"{CONFIGURATION} could not be applied:\n{done.stdout}{done.stderr}")
    return True


async def _connect(variables: Mapping[str, str], accounts: list[dict[str, Any]]) -> bool:
    """Whether there is a revision already."""
    database = Database(variables[f"{PREFIX}DATABASE_URL"])
    vault = Vault(variables[f"{PREFIX}ENCRYPTION_KEYS"].split(","))
    try:
        async with database.begin() as session:
            # Those that are there keep their token: it may have come from an authorisation since.
            known = {one.id for one in await connected_accounts(session)}
            for account in accounts:
                if account["id"] in known or not account["connected"]:
                    continue
                await connect_account(
                    session,
                    vault,
                    id=account["id"],
                    flavour=account["flavour"],
                    username=account["username"],
                    name=account.get("name"),
                    page_id=account.get("page_id"),
                    token=account["token"],
                    token_expires_at=None,
                )
            return await current_revision(session) is not None
    finally:
        await database.close()
