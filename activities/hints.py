"""Messages that Instagram only announces, as an edit number 0: read from its record if no event brings them."""

from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.accounts import Accounts, Unavailable
from instagram.errors import SendError
from store import inbox
from store.database import Database


@dataclass
class Hints:
    """The activity `read_hint`."""

    database: Database
    accounts: Accounts

    @activity.defn(name="read_hint")
    async def read_hint(self, account: str, mid: str) -> str:
        """Put the announced message into the inbox, unless it came by itself; answers what was found.

        Raises ApplicationError while the message cannot be read, so that it is tried again.
        """
        async with self.database.begin() as session:
            if await inbox.is_kept(session, f"m:{mid}"):
                return "it came by itself"
        try:
            async with self.database.begin() as session:
                client = await self.accounts.client(session, account)
            read = await client.message(mid)
        except Unavailable as error:
            raise ApplicationError(str(error)) from error
        except SendError as error:
            if error.outcome in ("message", "person"):
                return f"it cannot be read: {error}"
            raise ApplicationError(f"the announced message cannot be read yet: {error}") from error
        if read is None:
            return "it was deleted meanwhile"
        event = read.inbound(account)
        async with self.database.begin() as session:
            row = inbox.InboxRow(
                event.key, event.account, event.customer, event.kind, event.at, event.model_dump(mode="json")
            )
            await inbox.keep(session, [row])
        return "it was read"
