"""Shows the customer that their message was seen, or that somebody types (facts 2.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.accounts import Accounts, Unavailable
from instagram.errors import SendError
from routing.records import Sign
from store import accounts
from store.database import Database

SOON = timedelta(seconds=1)
"""Messages go first: where they have to wait for the rate limit, signs are left out."""


@dataclass
class Signs:
    """The activity `show_sign`."""

    database: Database
    accounts: Accounts
    now: Callable[[], datetime]
    per_second: float = 50

    @activity.defn(name="show_sign")
    async def show_sign(self, sign: Sign) -> str:
        """One call, in its turn; answers why it was not shown, or nothing where it was."""
        try:
            async with self.database.begin() as session:
                client = await self.accounts.client(session, sign.account)
                now = self.now()
                slot = await accounts.reserve_send(session, sign.account, now, self.per_second)
            if slot.limited is not None or slot.at - now > SOON:
                return f"account {sign.account} has to wait: {slot.limited or 'many messages'}"
            await client.act(sign.customer, sign.action)
        except (Unavailable, SendError) as error:
            return str(error)
        return ""
