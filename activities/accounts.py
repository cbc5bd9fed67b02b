"""The connected Instagram accounts, as clients that can send for them, and how one of them is paused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from instagram.client import Instagram
from store import accounts, notifications
from store.secrets import Vault

Flavour = Literal["page", "login"]


class Unavailable(Exception):
    """The account cannot send for now: it is not connected, or paused; the text says why and what to do."""


@dataclass(frozen=True)
class Accounts:
    """Makes clients: `graph_urls` by flavour, the Graph API's `version`, and how tokens are decrypted."""

    vault: Vault
    http: httpx.AsyncClient
    graph_urls: Mapping[Flavour, str]
    version: str
    app_secret: str | None = None

    async def client(self, session: AsyncSession, id: str) -> Instagram:
        """The client of an account; raises Unavailable where it cannot send."""
        account = await accounts.account(session, self.vault, id)
        if account is None or account.token is None:
            raise Unavailable(f"account {id} is not connected: connect it, and what waits for it is sent")
        if account.status == "paused":
            raise Unavailable(f"account {id} is paused: {account.paused_reason}")
        flavour: Flavour = "page" if account.flavour == "page" else "login"
        return Instagram(
            self.http,
            base_url=self.graph_urls[flavour],
            version=self.version,
            flavour=flavour,
            account=account.id,
            sender=account.page_id or account.id,
            token=account.token,
            app_secret=self.app_secret,
        )


async def pause(session: AsyncSession, account: str, reason: str, now: datetime) -> None:
    """Stop sending for an account until somebody mends it, and tell people why; nothing that waits is lost."""
    if await accounts.pause_account(session, account, reason):
        await notifications.notify(
            session,
            f"paused/{account}/{now:%Y-%m-%dT%H}",
            kind="account_paused",
            content={"account": account, "reason": reason},
        )
