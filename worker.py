"""The Temporal worker: runs conversations and what they ask of the world."""

import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from functools import partial

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

import outside
import settings
from activities.accounts import Accounts
from activities.attachments import Attachments
from activities.chatbots import Chatbots
from activities.conversations import Conversations
from activities.delivery import Deliveries
from activities.desk import Desk as DeskWork
from activities.erasure import Erasure
from activities.hints import Hints
from activities.ice_breakers import IceBreakers
from activities.mails import Mails, Post
from activities.moves import Moves
from activities.requests import Requests
from activities.signs import Signs
from activities.tokens import Tokens
from activities.web import Web
from activities.webhooks import Webhooks
from store.attachments import LINK_LIFE, signed_path
from store.database import Database
from store.files import FilesError
from store.secrets import Vault
from workflows.accounts import CheckAccounts, PublishIceBreakers
from workflows.conversation import Conversation
from workflows.desk import Desk
from workflows.erasure import Erase
from workflows.hints import ReadHint
from workflows.moves import MoveConversations
from workflows.plugin import connect, runner
from workflows.records import workflow_id
from workflows.schedules import ensure_schedules
from workflows.signs import ShowSign
from workflows.telling import tell_accepted, wake
from workflows.trials import TryChatbot
from workflows.webhooks import MailMissedChat, TellWebhook

log = logging.getLogger("switchboard.worker")
CALLBACK = "/external/web/api/chatbotUpdate"
"""The path that chatbots call back (SPEC section 5)."""


def now() -> datetime:
    return datetime.now(UTC)


def worker(client: Client, database: Database, http: httpx.AsyncClient, config: settings.Settings) -> Worker:
    """A worker of the settings' task queue, with every activity."""
    vault = Vault([key.get_secret_value() for key in config.encryption_keys])
    accounts = Accounts(
        vault=vault,
        http=http,
        graph_urls={"page": config.page_graph_url, "login": config.login_graph_url},
        version=config.graph_version,
        app_secret=config.page_secret,
    )
    files = outside.files(config)
    web = Web(allow=config.allow_private_hosts)
    key = config.hash_key.get_secret_value()

    def link(id: str, title: str) -> str:
        return config.public_url + signed_path(key, id, title, now() + LINK_LIFE)

    async def wake_desk() -> None:
        await wake(client, config.task_queue)

    attachments = Attachments(database, files, web, link)
    conversations = Conversations(
        database=database,
        accounts=accounts,
        now=now,
        hash_key=key,
        callback=config.public_url + CALLBACK,
        keep_picture=attachments.keep_picture,
        wake=wake_desk,
    )
    deliveries = Deliveries(
        database=database, accounts=accounts, now=now, per_second=config.sends_per_second, wake=wake_desk
    )
    desk = DeskWork(database, partial(tell_accepted, client), now, config.agent_distribution)
    tokens = Tokens(database, vault, outside.page_login(http, config), outside.instagram_login(http, config), now)
    ice_breakers = IceBreakers(database, accounts)
    erasure = Erasure(database, files, client, workflow_id, now)
    moves = Moves(database, client, now)
    chatbots = Chatbots(database=database, vault=vault, web=web)
    webhooks = Webhooks(database, vault, web, now)
    server = config.smtp_url.get_secret_value()
    mails = Mails(database, Post(server, config.mail_sender) if server else None, config.console_url, now)
    return Worker(
        client,
        task_queue=config.task_queue,
        workflows=[
            *(Conversation, CheckAccounts, PublishIceBreakers, ReadHint, Erase, MoveConversations, Desk),
            *(TellWebhook, MailMissedChat, ShowSign, TryChatbot),
        ],
        activities=[
            deliveries.deliver,
            deliveries.taken_steps,
            conversations.open,
            conversations.enqueue,
            conversations.create_ticket,
            conversations.end,
            webhooks.deliver_announcements,
            mails.people_to_mail,
            mails.mail_missed_chat,
            desk.look,
            desk.tell_accepted,
            attachments.keep_attachments,
            tokens.accounts_with_tokens,
            tokens.check_account,
            ice_breakers.publish_ice_breakers,
            Hints(database, accounts).read_hint,
            Signs(database, accounts, now, config.sends_per_second).show_sign,
            erasure.people_to_erase,
            erasure.erase_customer,
            erasure.deletion_done,
            moves.moves_wanted,
            moves.ask_to_move,
            moves.record_move,
            Requests(database=database, vault=vault, web=web).request,
            chatbots.ask_bot,
            chatbots.try_chatbot,
        ],
        workflow_runner=runner(),
        max_concurrent_activities=100,
        max_concurrent_local_activities=100,
    )


async def connected(config: settings.Settings) -> Client:
    """A client, as soon as Temporal is there; a worker may start before its server."""
    pause = 0.5
    while True:
        try:
            return await connect(config.temporal_address, config.temporal_namespace)
        except RuntimeError as error:
            log.warning("Temporal at %s does not answer yet: %s", config.temporal_address, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)


async def run(config: settings.Settings) -> None:
    """Work until SIGINT or SIGTERM, then finish what is under way."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connected(config)
    database = Database(config.database_url.get_secret_value(), pool_size=20, max_overflow=20)
    async with (
        httpx.AsyncClient(timeout=httpx.Timeout(4, connect=2)) as http,
        worker(client, database, http, config),
    ):
        await ensure_schedules(client, config.task_queue)
        await wake(client, config.task_queue)
        log.info("working on %s at %s", config.task_queue, config.temporal_address)
        await stop.wait()
        log.info("stopping")
    await database.close()


def main() -> None:
    config = settings.load()
    logging.basicConfig(level=config.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "httpcore"):  # they log whole addresses, and what is in them
        logging.getLogger(name).setLevel("WARNING")
    try:
        asyncio.run(run(config))
    except FilesError as error:
        sys.exit(f"SWITCHBOARD_ATTACHMENTS_URL: {error}")


if __name__ == "__main__":
    sys.exit(main())
