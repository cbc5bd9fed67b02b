"""`python -m api`: the API as a process, set up by the environment."""

import asyncio
import logging
import socket
import sys
from datetime import UTC, datetime

import httpx
import uvicorn
from sqlalchemy.exc import OperationalError

import outside
from api.app import create_app
from api.broadcast import Broadcast
from api.claims import Reading, roles_of
from api.dependencies import Parts
from api.openid import SignOn
from instagram.login import InstagramLogin, PageLogin
from settings import Settings, load
from store.accounts import Flavour
from store.database import Database, migrate
from store.files import FilesError
from store.secrets import Vault
from store.users import ensure_admin
from workflows.plugin import connect

logger = logging.getLogger("api")

AGAIN = 2.0
"""Seconds between two attempts to reach the database at the start."""
KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than proxies keep theirs (nginx 60), who would else now and then
send a webhook into a connection that is just being closed, and answer it with 502."""


class Server(uvicorn.Server):
    """A server that ends the streams of events as soon as it is told to stop: they would hold it up."""

    def __init__(self, config: uvicorn.Config, broadcast: Broadcast) -> None:
        super().__init__(config)
        self._broadcast = broadcast

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._broadcast.close()
        await super().shutdown(sockets)


def main() -> None:
    settings = load()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "httpcore"):  # they log whole addresses, and what is in them
        logging.getLogger(name).setLevel("WARNING")
    try:
        asyncio.run(serve(settings))
    except FilesError as error:
        sys.exit(f"SWITCHBOARD_ATTACHMENTS_URL: {error}")


async def serve(settings: Settings) -> None:
    """Bring the schema up to date, then serve until the process is told to stop; Temporal may come later."""
    url = settings.database_url.get_secret_value()
    await _migrated(url)
    temporal = await connect(settings.temporal_address, settings.temporal_namespace, lazy=True)
    database = Database(url)
    http = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=3))
    page = outside.page_login(http, settings)
    logins: dict[Flavour, PageLogin | InstagramLogin] = {} if page is None else {"page": page}
    if settings.login_app_id:
        logins["login"] = outside.instagram_login(http, settings)
    await _first_administrator(settings, database)
    parts = Parts(
        database=database,
        temporal=temporal,
        vault=Vault([key.get_secret_value() for key in settings.encryption_keys]),
        task_queue=settings.task_queue,
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secrets=settings.webhook_secrets,
        temporal_ui_url=settings.temporal_ui_url,
        now=lambda: datetime.now(UTC),
        files=outside.files(settings),
        hash_key=settings.hash_key.get_secret_value(),
        public_url=settings.public_url,
        secure_cookies=settings.public_url.startswith("https:"),
        oidc=_sign_on(settings, http),
        logins=logins,
        console=settings.console_dir,
        distribution=settings.agent_distribution,
        mail=bool(settings.smtp_url.get_secret_value()),
    )
    app = create_app(parts)
    config = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        # Queries hold the verify token and chatbots' hashes, which are secrets.
        access_log=False,
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=10,
    )
    try:
        await Server(config, app.state.broadcast).serve()
    finally:
        await http.aclose()
        await database.close()


async def _first_administrator(settings: Settings, database: Database) -> None:
    """See to it that somebody can log in; a password that is made here is printed once, and kept nowhere."""
    given = settings.admin_password.get_secret_value() if settings.admin_password else None
    async with database.begin() as session:
        made = await ensure_admin(session, given, datetime.now(UTC))
    if made is not None:
        print(f"The first administrator is admin, with the password {made}", file=sys.stderr, flush=True)


def _sign_on(settings: Settings, http: httpx.AsyncClient) -> SignOn | None:
    if not settings.oidc_issuer:
        return None
    reading = Reading(
        role_claim=settings.oidc_role_claim,
        **({"roles": roles_of(settings.oidc_roles)} if settings.oidc_roles else {}),
        default_role=settings.oidc_default_role or None,
        domains=settings.oidc_domains,
    )
    return SignOn(
        http,
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        title=settings.oidc_title,
        reading=reading,
    )


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
