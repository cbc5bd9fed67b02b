"""Commands for those who run an installation, with the settings of its store: no API and no token are needed."""

import asyncio
import getpass
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from commands.installation import CannotRun, Installation
from commands.output import count, print_json
from routing.configuration import Configuration
from store import attempts, audit, passwords, users
from store.accounts import accounts, connect_account, resume_account
from store.accounts import encrypt_anew as encrypt_accounts
from store.database import Database, migrate
from store.invitations import LASTS, invite
from store.passwords import WeakPassword
from store.revisions import current_revision
from store.secrets import Vault, set_secret
from store.secrets import encrypt_anew as encrypt_secrets
from store.webhooks import encrypt_anew as encrypt_webhooks

T = TypeVar("T")
HIDDEN = "give it on the standard input, so that it is in no list of processes"


def migrate_command(given: Namespace, at: Installation) -> int:
    """Make or update the tables of the store."""
    migrate(at.local().database_url)
    return _done(given, "The store is up to date.")


def connect_command(given: Namespace, at: Installation) -> int:
    """Connect an Instagram account by its token, which is read from the standard input."""
    token = _read("Token of the account: ").strip()
    if not token:
        raise CannotRun(f"no token: {HIDDEN}")

    async def connect(session: AsyncSession) -> None:
        await connect_account(
            session,
            _vault(at),
            id=given.account,
            flavour=given.flavour,
            username=given.username,
            name=None,
            page_id=given.page,
            token=token,
            token_expires_at=None,
        )

    _in_store(at, connect)
    return _done(given, f"account {given.account} is connected", account=given.account)


def authorise_command(given: Namespace, at: Installation) -> int:
    """Print a link under which somebody connects an account to a connector; it is good for an hour."""

    async def current(session: AsyncSession) -> Configuration:
        found = await current_revision(session)
        return Configuration(format=1) if found is None else Configuration.model_validate(found.document)

    configuration = _in_store(at, current)
    if given.connector not in configuration.connectors:
        names = ", ".join(configuration.connectors) or "none"
        raise CannotRun(f"there is no connector {given.connector} in the current configuration; it has: {names}")
    local, now = at.local(), at.now()
    invitation = invite(local.hash_key, given.connector, given.author or at.user(), now)
    url = f"{local.public_url}/authorise/{invitation}"
    return _done(given, url, url=url, connector=given.connector, expires_at=(now + LASTS).isoformat())


def accounts_command(given: Namespace, at: Installation) -> int:
    """List the connected accounts, and whether they can send; 1 where one cannot."""
    found = _in_store(at, accounts)
    stopped = [one for one in found if one.status == "paused"]
    if given.json:
        print_json({"accounts": [json.loads(json.dumps(asdict(one), default=str)) for one in found]})
        return 1 if stopped else 0
    for one in found:
        end = f", token until {one.token_expires_at:%Y-%m-%d}" if one.token_expires_at else ""
        print(f"{one.id}  @{one.username or '?'}  {one.flavour}  {one.status}{end}")
        if one.paused_reason:
            print(f"  {one.paused_reason}")
    print(f"{count(len(found), 'account')}, {len(stopped)} paused")
    return 1 if stopped else 0


def resume_command(given: Namespace, at: Installation) -> int:
    """Let a paused account send again, after what had stopped it was mended at Meta."""

    async def resume(session: AsyncSession) -> None:
        if not await resume_account(session, given.account):
            raise CannotRun(f"no account {given.account} is connected")
        await audit.record(session, at.user(), "account.resumed", f"accounts/{given.account}")

    _in_store(at, resume)
    return _done(given, f"account {given.account} sends again", account=given.account)


def encrypt_command(given: Namespace, at: Installation) -> int:
    """Encrypt tokens and secrets anew with the first encryption key, so that an old key can be dropped."""

    async def encrypt(session: AsyncSession) -> tuple[int, int]:
        vault = _vault(at)
        kept = await encrypt_secrets(session, vault) + await encrypt_webhooks(session, vault)
        return await encrypt_accounts(session, vault), kept

    tokens, kept = _in_store(at, encrypt)
    told = f"{count(tokens, 'token')} and {count(kept, 'secret')} are encrypted with the first key"
    return _done(given, told, tokens=tokens, secrets=kept)


def secret_command(given: Namespace, at: Installation) -> int:
    """Keep a secret for requests and chatbots as secrets.NAME; its value is read from the standard input."""
    value = _read("Value of the secret: ")
    if not value:
        raise CannotRun(f"no value: {HIDDEN}")

    async def keep(session: AsyncSession) -> None:
        await set_secret(session, _vault(at), given.name, value)
        await audit.record(session, at.user(), "secret.entered", f"secrets/{given.name}")

    _in_store(at, keep)
    return _done(given, f"secrets.{given.name} is kept", secret=given.name)


def password_command(given: Namespace, at: Installation) -> int:
    """Set a new password for a user, read from the standard input: the way back in when nobody else can set it.

    It ends all sessions of that user, and any wait after wrong passwords.
    """
    password = _read("New password: ")
    if not password:
        raise CannotRun(f"no password: {HIDDEN}")
    try:
        passwords.check(password)
    except WeakPassword as error:
        raise CannotRun(str(error)) from error

    async def change(session: AsyncSession) -> None:
        found = await users.user(session, given.name)
        if found is None:
            raise CannotRun(f"there is no user {given.name}")
        if found.issuer is not None:
            raise CannotRun(f"{given.name} signs on at {found.issuer} and has no password here")
        await users.set_password(session, given.name, await passwords.hashed(password))
        await attempts.forgive(session, given.name)
        details = {"fields": ["password"]}
        await audit.record(session, at.user(), "user.changed", f"users/{given.name}", details)

    _in_store(at, change)
    return _done(given, f"{given.name} has a new password", user=given.name)


def database_of(at: Installation) -> Database:
    """The installation's database; close it."""
    return Database(at.local().database_url, pool_size=1)


def _in_store(at: Installation, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do something in one transaction."""

    async def done() -> T:
        database = database_of(at)
        try:
            async with database.begin() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(done())


def _vault(at: Installation) -> Vault:
    return Vault(list(at.local().encryption_keys))


def _read(prompt: str) -> str:
    """A line of the standard input; on a terminal it is asked for and not shown."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().strip("\r\n")


def _done(given: Namespace, words: str, **told: object) -> int:
    if given.json:
        print_json({"done": True} | told)
    else:
        print(words)
    return 0
