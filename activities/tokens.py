"""The life of access tokens: refreshed in time, checked, and people warned before one dies (SPEC 6.2, facts 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import pause
from instagram.login import InstagramLogin, LoginError, PageLogin, TokenState
from store import accounts, notifications
from store.accounts import Account
from store.database import Database
from store.secrets import Vault

REFRESHED = timedelta(days=7)
"""A token of Instagram Login is renewed weekly: it lives 60 days, and a quiet account must not lose it."""
YOUNGEST = timedelta(hours=24)
"""Instagram renews no younger token (facts 3.2)."""
WARNINGS = (14, 7, 3, 1)
"""So many days before the end people are warned."""


@dataclass
class Tokens:
    """The activities `accounts_with_tokens` and `check_account`; without an app for pages theirs are not checked."""

    database: Database
    vault: Vault
    page: PageLogin | None
    login: InstagramLogin
    now: Callable[[], datetime]

    @activity.defn(name="accounts_with_tokens")
    async def accounts_with_tokens(self) -> list[str]:
        """The ids of all connected accounts."""
        async with self.database.begin() as session:
            return [one.id for one in await accounts.accounts(session)]

    @activity.defn(name="check_account")
    async def check_account(self, id: str) -> str:
        """Renew and check one account's token; answers what was found, in a sentence.

        A dead token pauses the account and people are told. Raises ApplicationError where Meta gives no clear answer,
        so that it is asked again.
        """
        async with self.database.begin() as session:
            account = await accounts.account(session, self.vault, id)
        if account is None or account.token is None:
            return "it has no token"
        login = self.page if account.flavour == "page" else self.login
        if login is None:
            return "not checked: no app for Facebook Pages is set up"
        if account.flavour == "login" and self._is_due(account):
            account = await self._renewed(account)
        try:
            state = await login.inspect(account.token or "")
        except LoginError as error:
            if error.retry:
                raise ApplicationError(f"account {id} could not be checked: {error}") from error
            # Nothing is said of the token itself: the app's own id or secret may be wrong.
            await self._unchecked(account, str(error))
            return f"not checked: {error}"
        return await self._book(account, state)

    def _is_due(self, account: Account) -> bool:
        now, refreshed = self.now(), account.token_refreshed_at or account.connected_at
        if now - refreshed < YOUNGEST:
            return False
        ends_soon = account.token_expires_at is not None and account.token_expires_at - now < timedelta(days=50)
        return now - refreshed >= REFRESHED or ends_soon

    async def _renewed(self, account: Account) -> Account:
        """The account with a new token; as it was where Instagram renews none, which the check then looks into."""
        try:
            token = await self.login.refreshed(account.token or "")
        except LoginError as error:
            if error.retry:
                raise ApplicationError(f"the token of {account.id} could not be renewed: {error}") from error
            activity.logger.warning("the token of account %s was not renewed: %s", account.id, error)
            return account
        async with self.database.begin() as session:
            await accounts.renew_token(session, self.vault, account.id, token.token, token.expires_at, self.now())
            renewed = await accounts.account(session, self.vault, account.id)
        assert renewed is not None, "accounts are never deleted"
        return renewed

    async def _unchecked(self, account: Account, reason: str) -> None:
        async with self.database.begin() as session:
            await notifications.notify(
                session,
                f"unchecked/{account.id}/{self.now():%Y-%m-%d}",
                kind="token_unchecked",
                content={"account": account.id, "reason": reason},
            )

    async def _book(self, account: Account, state: TokenState) -> str:
        now = self.now()
        async with self.database.begin() as session:
            if not state.alive:
                reason = f"its access token is dead: {state.reason}. Authorise the account again"
                await accounts.token_checked(session, account.id, now)
                if account.status == "active":
                    await pause(session, account.id, reason, now)
                return reason
            told = {
                "kind": state.kind,
                "username": state.username,
                "token_expires_at": state.expires_at,
                "data_access_expires_at": state.data_access_expires_at,
            }
            known = {name: value for name, value in told.items() if value is not None}
            await accounts.token_checked(session, account.id, now, **known)
            ends = [end for end in (state.expires_at or account.token_expires_at, state.data_access_expires_at) if end]
            for end in ends:
                await self._warn(session, account.id, end, now)
        return "its token is alive"

    async def _warn(self, session: AsyncSession, id: str, end: datetime, now: datetime) -> None:
        """Tell people how many days are left, once for each of the WARNINGS."""
        passed = [days for days in WARNINGS if end - now <= timedelta(days=days)]
        if not passed:
            return
        await notifications.notify(
            session,
            f"token/{id}/{end:%Y-%m-%d}/{min(passed)}",
            kind="token_expires",
            content={"account": id, "expires_at": end.isoformat(), "days": max((end - now).days, 0)},
        )
