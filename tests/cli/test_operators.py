"""Commands with the settings of the store: accounts, secrets, keys, and a password for who is locked out."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncSession

from store import attempts, passwords, sessions, users
from store.accounts import account, pause_account
from store.invitations import opened
from store.secrets import Vault, get_secrets
from tests.cli.conftest import Shell
from tests.cli.test_direct import SHOP, actions, stored

ONE_SHOP = """
format: 1
connectors:
  shop: {title: Shop, next: {type: queue, name: people}}
queues:
  people: {title: People}
"""
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def shop(store: Shell) -> Shell:
    """A connector that has no account, applied."""
    assert store.run("apply", store.write(ONE_SHOP), "--direct", "--note", "first").code == 0
    return store


def connect(shell: Shell, token: str = "IGAA-of-the-shop") -> None:
    told = shell.run("connect", SHOP, "--flavour", "login", "--username", "shop", input=f"{token}\n")
    assert (told.code, token in told.out) == (0, False)


def test_migrate_makes_the_tables_and_may_be_run_again(store: Shell) -> None:
    for _ in range(2):
        assert store.run("migrate").out == "The store is up to date.\n"
    assert store.run("migrate", "--json").json == {"done": True}


def test_authorise_prints_a_link_that_holds_for_an_hour(shop: Shell) -> None:
    link = shop.run("authorise", "shop", "--author", "eva").out.strip()
    assert link.startswith("http://127.0.0.1:8000/authorise/")
    written, key = link.rpartition("/")[2], "a hash key of the tests"
    found = opened(key, written, datetime.now(UTC))
    assert found is not None
    assert (found.connector, found.author) == ("shop", "eva")
    assert opened(key, written, datetime.now(UTC) + timedelta(hours=1)) is None
    assert opened("another key", written, datetime.now(UTC)) is None
    told = shop.run("authorise", "kiosk")
    assert (told.code, "it has: shop" in told.err) == (2, True)


def test_accounts_says_who_can_send(shop: Shell) -> None:
    assert shop.run("accounts").code == 0
    connect(shop)
    told = shop.run("accounts")
    assert (told.code, told.out) == (0, f"{SHOP}  @shop  login  active\n1 account, 0 paused\n")
    stored(shop, lambda session: pause_account(session, SHOP, "message access is switched off"))
    told = shop.run("accounts")
    assert (told.code, "message access is switched off" in told.out) == (1, True)
    told = shop.run("accounts", "--json")
    [found] = told.json["accounts"]
    assert (told.code, found["id"], found["status"]) == (1, SHOP, "paused")
    assert "token" not in found
    assert shop.run("resume", SHOP).code == 0
    assert shop.run("accounts").code == 0
    assert shop.run("resume", "4711").code == 2


def test_connect_needs_a_token_on_the_standard_input(shop: Shell) -> None:
    told = shop.run("connect", SHOP, "--flavour", "login", input="\n")
    assert (told.code, "give it on the standard input" in told.err) == (2, True)


def test_encrypt_lets_an_old_key_go(shop: Shell) -> None:
    connect(shop)
    assert shop.run("secret", "key", input="a value\n").out == "secrets.key is kept\n"
    old, new = shop.variables["ENCRYPTION_KEYS"], Fernet.generate_key().decode()
    shop.set(ENCRYPTION_KEYS=f"{new},{old}")
    assert shop.run("encrypt").out == "1 token and 1 secret are encrypted with the first key\n"
    shop.set(ENCRYPTION_KEYS=new)
    found = stored(shop, lambda session: account(session, Vault([new]), SHOP))
    assert found is not None
    assert found.token == "IGAA-of-the-shop"
    assert stored(shop, lambda session: get_secrets(session, Vault([new]), ["key"])) == {"key": "a value"}
    shop.set(ENCRYPTION_KEYS=Fernet.generate_key().decode())
    assert shop.run("encrypt").code == 2


def test_secret_needs_a_value(shop: Shell) -> None:
    told = shop.run("secret", "key", input="")
    assert (told.code, "no value: give it on the standard input" in told.err) == (2, True)


def test_who_has_no_name_on_this_machine_is_asked_for_one(shop: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user is a number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    told = shop.run("secret", "key", input="a value\n")
    assert (told.code, told.out, "set LOGNAME" in told.err) == (2, "", True)
    monkeypatch.setenv("LOGNAME", "eva")
    assert shop.run("secret", "key", input="a value\n").code == 0
    assert actions(shop)[-1] == ("eva", "secret.entered", "secrets/key")


# Passwords ------------------------------------------------------------------------------------------------------------


async def _locked_out(session: AsyncSession) -> str:
    """The only administrator, with a session, who has forgotten the password and tried too often."""
    kept = await passwords.hashed("a password that is lost")
    await users.create_user(session, name="admin", role="admin", now=NOW, password=kept)
    for _ in range(10):
        await attempts.attempt(session, "admin", "203.0.113.9", NOW)
    return await sessions.begin(session, "admin", NOW)


def test_password_is_the_way_back_in(store: Shell) -> None:
    secret = stored(store, _locked_out)
    told = store.run("password", "admin", input="a password to remember\n")
    assert (told.code, told.out) == (0, "admin has a new password\n")

    async def look(session: AsyncSession) -> tuple[bool, bool, object]:
        kept = await users.password_of(session, "admin")
        assert kept is not None
        right = await passwords.verified("a password to remember", kept)
        wrong = await passwords.verified("a password that is lost", kept)
        return right, wrong, await sessions.session_of(session, secret, NOW)

    assert stored(store, look) == (True, False, None)
    [(_, action, about)] = actions(store)
    assert (action, about) == ("user.changed", "users/admin")


@pytest.mark.parametrize(
    ("name", "input", "why"),
    [
        ("nobody", "a password to remember\n", "there is no user nobody"),
        ("admin", "short\n", "at least 10 characters"),
        ("admin", "\n", "no password: give it on the standard input"),
        ("jan", "a password to remember\n", "jan signs on at https://id.example.com and has no password here"),
    ],
)
def test_a_password_that_cannot_be_set(store: Shell, name: str, input: str, why: str) -> None:
    async def people(session: AsyncSession) -> None:
        kept = await passwords.hashed("a password that is lost")
        await users.create_user(session, name="admin", role="admin", now=NOW, password=kept)
        await users.create_user(
            session, name="jan", role="agent", now=NOW, issuer="https://id.example.com", subject="7"
        )

    stored(store, people)
    told = store.run("password", name, input=input)
    assert (told.code, told.out) == (2, "")
    assert why in told.err
    assert set(store.run("password", name, "--json", input=input).json) == {"error"}
    assert actions(store) == []
