"""The command `switchboard`: check and rehearse configurations without any server, and apply them to one.

Exit codes, for pipelines: 0 holds or done, 1 does not hold, 2 could not run.
"""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy.exc import DBAPIError

import settings
from detection import detect
from routing.accounts import with_known_accounts
from routing.configuration import Configuration
from routing.documents import DocumentError, read
from routing.graph import Graph, canonical, digest
from routing.problems import Checked, Problem, check
from routing.scenarios import Result, ScenarioError, run, scenarios_of
from store import audit, sandbox
from store.accounts import AccountSummary, accounts, connect_account, resume_account
from store.accounts import encrypt_anew as encrypt_accounts
from store.database import Database, migrate
from store.invitations import invite
from store.revisions import append_revision, current_revision
from store.secrets import Vault, VaultError, set_secret
from store.secrets import encrypt_anew as encrypt_secrets


class CannotRun(Exception):
    """The command could not do its work; the text says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code."""
    given = _parser().parse_args(arguments)
    try:
        return given.command(given)
    except CannotRun as error:
        reason = str(error)
    except DBAPIError as error:  # the statement's values may be secrets, so only the driver's words are told
        reason = f"the store at SWITCHBOARD_DATABASE_URL cannot be used: {error.orig}".strip()
    except VaultError as error:
        reason = str(error)
    if getattr(given, "json", False):
        print(json.dumps({"error": reason}, ensure_ascii=False))
    else:
        print(reason, file=sys.stderr)
    return 2


# Without any server ---------------------------------------------------------------------------------------------------


def check_command(given: argparse.Namespace) -> int:
    """`switchboard check FILE`: every problem with its path and cure."""
    checked = _checked(given.file)
    errors = len(checked.errors)
    if given.json:
        _print_json({"holds": not errors, "problems": [problem.model_dump() for problem in checked.problems]})
    else:
        _print_problems(checked.problems)
        warnings = len(checked.problems) - errors
        print(f"{given.file}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    return 1 if errors else 0


def scenario_command(given: argparse.Namespace) -> int:
    """`switchboard scenario FILE --configuration FILE`: every failing step with what happened instead."""
    graph = _graph(given.configuration)
    try:
        scenarios = scenarios_of(_document(given.file))
    except (ScenarioError, DocumentError) as error:
        raise CannotRun(f"{given.file}: {error}") from error
    results = [run(graph, name, scenario, detect) for name, scenario in scenarios.scenarios.items()]
    failed = [result for result in results if not result.holds]
    if given.json:
        _print_json({"holds": not failed, "scenarios": [{"holds": one.holds, **one.model_dump()} for one in results]})
    else:
        for result in results:
            _print_result(result)
        print(f"{given.file}: {len(results) - len(failed)} of {_count(len(results), 'scenario')} hold")
    return 1 if failed else 0


# With the store -------------------------------------------------------------------------------------------------------


def apply_command(given: argparse.Namespace) -> int:
    """`switchboard apply FILE --note …`: check, and make it the configuration that new conversations follow."""
    checked = _checked(given.file)
    if checked.graph is None:
        if given.json:
            _print_json({"applied": False, "problems": [problem.model_dump() for problem in checked.problems]})
        else:
            _print_problems(checked.problems)
            print(f"{given.file}: not applied, {_count(len(checked.errors), 'error')} to mend first")
        return 1
    author = given.author or getpass.getuser()
    number, new = asyncio.run(_apply(checked.graph, _document(given.file), author, given.note))
    if given.json:
        _print_json({"applied": new, "revision": number, "problems": [one.model_dump() for one in checked.problems]})
    else:
        _print_problems(checked.problems)
        what = "is now revision" if new else "is the current configuration already, revision"
        print(f"{given.file} {what} {number}")
    return 0


async def _apply(graph: Graph, written: object, author: str, note: str) -> tuple[int, bool]:
    """The number of the revision, and whether it is a new one."""
    configuration = graph.configuration
    database = _database()
    try:
        async with database.begin() as session:
            current = await current_revision(session)
            if current is not None:
                configuration = with_known_accounts(configuration, Configuration.model_validate(current.document))
            document = canonical(configuration)
            new = current is None or current.digest != digest(document)
            number = current.number if current is not None else 0
            if new:
                number = await append_revision(
                    session, digest=digest(document), document=json.loads(document), author=author, note=note
                )
                await audit.record(session, author, "revision.applied", f"revisions/{number}", {"note": note})
            await sandbox.replace(session, cast("dict[str, Any]", written), author)
            return number, new
    finally:
        await database.close()


def migrate_command(_: argparse.Namespace) -> int:
    """`switchboard migrate`: make or update the tables of the store."""
    migrate(settings.load().database_url.get_secret_value())
    print("The store is up to date.")
    return 0


def connect_command(given: argparse.Namespace) -> int:
    """`switchboard connect ACCOUNT …`: connect an account whose token one has; the token is read from stdin."""
    token = sys.stdin.readline().strip()
    if not token:
        raise CannotRun("no token: give it on the standard input, so that it is in no list of processes")
    asyncio.run(_connect(given, token))
    print(f"account {given.account} is connected")
    return 0


async def _connect(given: argparse.Namespace, token: str) -> None:
    database = _database()
    try:
        async with database.begin() as session:
            await connect_account(
                session,
                _vault(),
                id=given.account,
                flavour=given.flavour,
                username=given.username,
                name=None,
                page_id=given.page,
                token=token,
                token_expires_at=None,
            )
    finally:
        await database.close()


def authorise_command(given: argparse.Namespace) -> int:
    """`switchboard authorise CONNECTOR`: a link under which somebody connects an account to this connector."""
    configuration = asyncio.run(_current())
    if given.connector not in configuration.connectors:
        names = ", ".join(configuration.connectors) or "none"
        raise CannotRun(f"there is no connector {given.connector} in the current configuration; it has: {names}")
    config = settings.load()
    key, author = config.hash_key.get_secret_value(), given.author or getpass.getuser()
    print(f"{config.public_url}/authorise/{invite(key, given.connector, author, datetime.now(UTC))}")
    return 0


async def _current() -> Configuration:
    database = _database()
    try:
        async with database.begin() as session:
            current = await current_revision(session)
            return Configuration(format=1) if current is None else Configuration.model_validate(current.document)
    finally:
        await database.close()


def accounts_command(given: argparse.Namespace) -> int:
    """`switchboard accounts`: the connected accounts, and whether they can send; 1 where one cannot."""
    found = asyncio.run(_accounts())
    stopped = [one for one in found if one.status == "paused"]
    if given.json:
        _print_json({"accounts": [json.loads(json.dumps(asdict(one), default=str)) for one in found]})
        return 1 if stopped else 0
    for one in found:
        end = f", token until {one.token_expires_at:%Y-%m-%d}" if one.token_expires_at else ""
        print(f"{one.id}  @{one.username or '?'}  {one.flavour}  {one.status}{end}")
        if one.paused_reason:
            print(f"  {one.paused_reason}")
    print(f"{_count(len(found), 'account')}, {len(stopped)} paused")
    return 1 if stopped else 0


async def _accounts() -> list[AccountSummary]:
    database = _database()
    try:
        async with database.begin() as session:
            return await accounts(session)
    finally:
        await database.close()


def resume_command(given: argparse.Namespace) -> int:
    """`switchboard resume ACCOUNT`: let an account send again, after what had stopped it was mended at Meta."""
    if not asyncio.run(_resume(given.account)):
        raise CannotRun(f"no account {given.account} is connected")
    print(f"account {given.account} sends again")
    return 0


async def _resume(account: str) -> bool:
    database = _database()
    try:
        async with database.begin() as session:
            return await resume_account(session, account)
    finally:
        await database.close()


def encrypt_command(_: argparse.Namespace) -> int:
    """`switchboard encrypt`: encrypt tokens and secrets anew with the first key, so that an old key can be dropped."""
    tokens, kept = asyncio.run(_encrypt())
    print(f"{_count(tokens, 'token')} and {_count(kept, 'secret')} are encrypted with the first key")
    return 0


async def _encrypt() -> tuple[int, int]:
    database, vault = _database(), _vault()
    try:
        async with database.begin() as session:
            return await encrypt_accounts(session, vault), await encrypt_secrets(session, vault)
    finally:
        await database.close()


def secret_command(given: argparse.Namespace) -> int:
    """`switchboard secret NAME`: keep a secret for requests and chatbots; its value is read from stdin."""
    value = sys.stdin.readline().rstrip("\n")
    if not value:
        raise CannotRun("no value: give it on the standard input, so that it is in no list of processes")
    asyncio.run(_keep_secret(given.name, value))
    print(f"secrets.{given.name} is kept")
    return 0


async def _keep_secret(name: str, value: str) -> None:
    database = _database()
    try:
        async with database.begin() as session:
            await set_secret(session, _vault(), name, value)
    finally:
        await database.close()


# Reading and printing -------------------------------------------------------------------------------------------------


def _document(file: str) -> object:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CannotRun(f"{file} cannot be read: {reason}") from error
    return read(text, name=file)


def _checked(file: str) -> Checked:
    try:
        return check(_document(file))
    except DocumentError as error:
        return Checked((Problem(path="", code="unreadable", severity="error", message=str(error)),), None)


def _graph(file: str) -> Graph:
    checked = _checked(file)
    if checked.graph is None:
        told = "\n".join(f"  {problem.path}: {problem.message}" for problem in checked.errors)
        raise CannotRun(f"{file} has {_count(len(checked.errors), 'error')}, so nothing can run on it:\n{told}")
    return checked.graph


def _database() -> Database:
    return Database(settings.load().database_url.get_secret_value(), pool_size=1)


def _vault() -> Vault:
    return Vault([key.get_secret_value() for key in settings.load().encryption_keys])


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        print(f"{problem.severity:<7} {problem.path or '(document)'}\n        {problem.message} [{problem.code}]")


def _print_result(result: Result) -> None:
    print(f"{'holds' if result.holds else 'FAILS'}  {result.name}: {result.title}")
    for failure in result.failures:
        print(f"       step {failure.step + 1}, {failure.key}: expected {failure.expected}")
        print(f"       {'':>4} but {failure.happened}")
    if not result.holds:
        for line in result.transcript:
            print(f"         | {line}")


def _print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="switchboard", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("check", help="every problem of a configuration, without any server")
    one.add_argument("file", metavar="FILE", help="YAML or JSON; - for the standard input")
    one.add_argument("--json", action="store_true", help="print JSON for programs")
    one.set_defaults(command=check_command)

    one = commands.add_parser("scenario", help="run scripted conversations, without any server")
    one.add_argument("file", metavar="FILE", help="a file of scenarios")
    one.add_argument("--configuration", required=True, metavar="FILE", help="the configuration they run on")
    one.add_argument("--json", action="store_true", help="print JSON for programs")
    one.set_defaults(command=scenario_command)

    one = commands.add_parser("apply", help="make a configuration the one that new conversations follow")
    one.add_argument("file", metavar="FILE")
    one.add_argument("--note", required=True, help="what changed and why")
    one.add_argument("--author", help="who applies it; by default who is logged in")
    one.add_argument("--json", action="store_true", help="print JSON for programs")
    one.set_defaults(command=apply_command)

    one = commands.add_parser("migrate", help="make or update the tables of the store")
    one.set_defaults(command=migrate_command)

    one = commands.add_parser("connect", help="connect an Instagram account by a token read from the standard input")
    one.add_argument("account", help="the Instagram account's id, 1784…")
    one.add_argument("--flavour", choices=("page", "login"), required=True)
    one.add_argument("--page", help="the page's id, for the flavour page")
    one.add_argument("--username")
    one.set_defaults(command=connect_command)

    one = commands.add_parser("authorise", help="a link under which an account is connected to a connector")
    one.add_argument("connector", metavar="CONNECTOR")
    one.add_argument("--author", help="in whose name; by default who is logged in")
    one.set_defaults(command=authorise_command)

    one = commands.add_parser("accounts", help="the connected accounts, and whether they can send")
    one.add_argument("--json", action="store_true", help="print JSON for programs")
    one.set_defaults(command=accounts_command)

    one = commands.add_parser("resume", help="let a paused account send again")
    one.add_argument("account", metavar="ACCOUNT")
    one.set_defaults(command=resume_command)

    one = commands.add_parser("encrypt", help="encrypt everything anew with the first encryption key")
    one.set_defaults(command=encrypt_command)

    one = commands.add_parser("secret", help="keep a secret, read from the standard input, as secrets.NAME")
    one.add_argument("name", metavar="NAME")
    one.set_defaults(command=secret_command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
