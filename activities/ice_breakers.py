"""The questions that Instagram shows before a first message: published when the configuration says others (SPEC 3)."""

from dataclasses import dataclass
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import Accounts, Unavailable
from instagram.errors import SendError
from store import accounts, notifications, revisions
from store.database import Database


@dataclass
class IceBreakers:
    """The activity `publish_ice_breakers`."""

    database: Database
    accounts: Accounts

    @activity.defn(name="publish_ice_breakers")
    async def publish_ice_breakers(self) -> list[str]:
        """Tell Instagram of each account whose ice breakers changed; answers which were told.

        One that Instagram refuses is put before people and left until its ice breakers change again. Raises
        ApplicationError where an account or Instagram is not there for now, when all others are done.
        """
        told: list[str] = []
        later: list[str] = []
        for account, wanted, revision in await self._changed():
            try:
                await self._publish(account, wanted)
                told.append(account)
            except Unavailable as error:
                later.append(str(error))
            except SendError as error:
                if error.outcome in ("retry", "unknown", "account"):
                    later.append(f"account {account}: {error}")
                    continue
                await self._refused(account, wanted, revision, error)
        if later:
            raise ApplicationError(f"ice breakers are not published yet: {'; '.join(later)}")
        return told

    async def _changed(self) -> list[tuple[str, list[dict[str, str]], int]]:
        """Account, ice breakers and revision of what Instagram shows otherwise."""
        async with self.database.begin() as session:
            current = await revisions.current_revision(session)
            shown = {one.id: one.ice_breakers or [] for one in await accounts.accounts(session) if one.id}
        if current is None:
            return []
        connectors: dict[str, Any] = current.document.get("connectors", {})
        wanted = {
            connector["account"]: list(connector.get("ice_breakers", []))
            for connector in connectors.values()
            if connector.get("account") in shown
        }
        return [(id, want, current.number) for id, want in wanted.items() if want != shown[id]]

    async def _publish(self, account: str, wanted: list[dict[str, str]]) -> None:
        async with self.database.begin() as session:
            client = await self.accounts.client(session, account)
        await client.publish_ice_breakers([(one["question"], one["payload"]) for one in wanted])
        async with self.database.begin() as session:
            await accounts.keep_ice_breakers(session, account, wanted)

    async def _refused(self, account: str, wanted: list[dict[str, str]], revision: int, error: SendError) -> None:
        async with self.database.begin() as session:
            await accounts.keep_ice_breakers(session, account, wanted)
            await notifications.notify(
                session,
                f"ice_breakers/{account}/{revision}",
                kind="ice_breakers_refused",
                content={"account": account, "reason": str(error)},
            )
