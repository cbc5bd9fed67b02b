"""The beginning and the end of a conversation, its queue and its tickets, as the store keeps them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.accounts import Accounts, Unavailable
from activities.delivery import Wake
from instagram.client import Profile
from routing.chatbots import conversation_hash
from routing.configuration import Configuration
from routing.conversation import Customer
from routing.conversation import opened as begun
from routing.graph import canonical
from routing.messages import End, Enqueue, Enqueued, MakeTicket, TicketCreated
from routing.records import Opened, Opening
from store import contacts, conversations, notifications, queues, revisions, tickets
from store.database import Database
from store.endings import announce_end

KeepPicture = Callable[[str, str, str], Awaitable[str | None]]
"""Stores a customer's picture and answers its id: account, customer, link."""
PROFILE_AGE = timedelta(days=1)
"""A profile older than this is asked for again; a picture's link dies in days (facts 2.5)."""
PROFILE_TIME = 3.0
"""Seconds that a profile may take before the customer is anonymous for now."""


@dataclass
class Conversations:
    """The activities `open`, `enqueue`, `create_ticket` and `end`."""

    database: Database
    accounts: Accounts
    now: Callable[[], datetime]
    hash_key: str
    callback: str
    keep_picture: KeepPicture | None = None
    wake: Wake | None = None

    @activity.defn(name="open")
    async def open(self, opening: Opening) -> Opened:
        """Open a conversation on the current revision, at the connector of this account; once for the same messages.

        A worker may be killed after its conversation said something and before Temporal knew of the opening: then the
        messages are in the transcript already, and the same conversation is opened again. Only those of a conversation
        that has ended are known, and open nothing.
        """
        async with self.database.begin() as session:
            current = await revisions.current_revision(session)
            known = await conversations.taken_keys(session, opening.keys)
            contact = await contacts.contact(session, opening.account, opening.customer)
        fresh = [key for key in opening.keys if key not in known]
        if not fresh:
            return Opened(conversation=None, known=tuple(sorted(known)))
        name = _name(opening.workflow_id, fresh[0])
        if current is None:
            return Opened(conversation=None, refused="no configuration was applied yet")
        configuration = Configuration.model_validate(current.document)
        connector = next(
            (name for name, one in configuration.connectors.items() if one.account == opening.account), None
        )
        if connector is None:
            return Opened(conversation=None, refused=f"no connector has the account {opening.account}")
        if contact is None or contact.profile_at is None or contact.profile_at < opening.at - PROFILE_AGE:
            await self.fetch_profile(opening)
        async with self.database.begin() as session:
            await contacts.meet(session, opening.account, opening.customer)
            contact = await contacts.contact(session, opening.account, opening.customer)
            language = contact.language if contact else None
            who = Customer(
                id=opening.customer,
                username=contact.username if contact else None,
                name=contact.name if contact else None,
            )
            hash = conversation_hash(self.hash_key, name)
            conversation = begun(
                name=name,
                connector=connector,
                account=opening.account,
                customer=who,
                at=opening.at,
                contact=contact.fields if contact else {},
                language=language if language in configuration.languages.offered else None,
                title=who.name or who.username or "",
                hash=hash,
                callback=self.callback,
                revision=current.number,
            )
            await conversations.open_conversation(
                session,
                name=name,
                hash=hash,
                account=opening.account,
                customer=opening.customer,
                connector=connector,
                workflow_id=opening.workflow_id,
                revision=current.number,
                opened_at=opening.at,
                place=conversation.place,
                language=conversation.language,
                opening=conversation.model_dump(
                    mode="json", include={"customer", "title", "contact", "callback", "language"}
                ),
            )
        return Opened(
            conversation=conversation,
            document=canonical(configuration),
            known=tuple(sorted(known)),
        )

    async def fetch_profile(self, opening: Opening) -> None:
        """Ask Instagram who the customer is; whoever it will not tell of is anonymous, which is no error (SPEC 6.6)."""
        try:
            async with self.database.begin() as session:
                client = await self.accounts.client(session, opening.account)
            async with asyncio.timeout(PROFILE_TIME):
                profile = await client.profile(opening.customer)
        except (Unavailable, TimeoutError) as error:
            activity.logger.info("no profile of customer %s: %s", opening.customer, str(error) or "it took too long")
            return
        if profile == Profile():
            return
        picture = None
        if self.keep_picture is not None and profile.picture is not None:
            # Its link dies within days, so the picture itself is kept (facts 2.5).
            picture = await self.keep_picture(opening.account, opening.customer, profile.picture)
        async with self.database.begin() as session:
            await contacts.save_profile(
                session,
                opening.account,
                opening.customer,
                username=profile.username,
                name=profile.name,
                picture=picture,
                at=self.now(),
            )

    @activity.defn(name="enqueue")
    async def enqueue(self, command: Enqueue, conversation: str) -> Enqueued:
        """Put the conversation into its queue."""
        async with self.database.begin() as session:
            await queues.enqueue(session, conversation, command.queue, command.priority, command.at, command.wanted)
        if self.wake is not None:
            await self.wake()
        return Enqueued()

    @activity.defn(name="create_ticket")
    async def create_ticket(self, command: MakeTicket, conversation: str) -> TicketCreated:
        """Create a ticket, once for this visit of its place; when it is due, the conversation's revision says."""
        async with self.database.begin() as session:
            known = await conversations.conversation(session, conversation)
            number = await tickets.create_ticket(
                session,
                command.key,
                at=self.now(),
                conversation=conversation,
                title=command.title,
                category=command.category,
                comment=command.comment,
                priority=command.priority,
                revision=known.revision if known is not None else None,
            )
        return TicketCreated(number=str(number))

    @activity.defn(name="end")
    async def end(self, command: End, conversation: str) -> None:
        """Book the end; a missed chat is put before the queue's people."""
        async with self.database.begin() as session:
            await conversations.end_conversation(
                session,
                conversation,
                at=command.at,
                cause=command.cause,
                terminate=command.terminate,
                queue=command.queue,
                answered=command.answered,
                missed=command.missed,
            )
            left = await queues.leave(session, conversation, command.at)
            if command.missed:
                await notifications.notify(
                    session,
                    f"missed/{conversation}",
                    kind="missed_chat",
                    queue=command.queue,
                    conversation=conversation,
                    content={"cause": command.cause, "terminate": command.terminate},
                )
            await announce_end(session, conversation)
        if left and self.wake is not None:
            await self.wake()


def _name(workflow_id: str, key: str) -> str:
    """The conversation's name: the same for the same first message, so that opening twice opens one."""
    return f"igdm_{hashlib.sha256(f'{workflow_id}/{key}'.encode()).hexdigest()[:24]}"
