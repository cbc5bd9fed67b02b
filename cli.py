"""The command `switchboard`: check and rehearse configurations, keep them in git, apply them, look after it all.

Exit codes, for pipelines: 0 holds or done, 1 does not hold, 2 could not run.
"""

import argparse
import getpass
import inspect
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from commands import applying, checking, impact, operators, replaying, sandbox
from commands.client import Refused
from commands.installation import CannotRun, Installation, Local, Remote
from commands.output import print_problems
from settings import RemoteSettings, Settings, sentences
from store.secrets import VaultError

Read = TypeVar("Read", bound=RemoteSettings | Settings)
Command = Callable[[argparse.Namespace, Installation], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code."""
    given = parser().parse_args(arguments)
    problems = []
    try:
        return given.command(given, _installation(given))
    except Refused as error:
        reason, problems = str(error), error.problems
    except (CannotRun, VaultError) as error:
        reason = str(error)
    except DBAPIError as error:  # the statement's values may be secrets, so only the driver's words are told
        reason = f"the store at SWITCHBOARD_DATABASE_URL cannot be used: {error.orig}".strip()
    if given.json:
        told = {"problems": [one.model_dump() for one in problems]} if problems else {}
        print(json.dumps({"error": reason} | told, ensure_ascii=False))
    else:
        print_problems(problems)
        print(reason, file=sys.stderr)
    return 2


def _installation(given: argparse.Namespace) -> Installation:
    def remote() -> Remote:
        found = _read(RemoteSettings)
        return Remote(
            url=(getattr(given, "url", None) or found.url).rstrip("/"),
            token=found.token.get_secret_value(),
            temporal_address=found.temporal_address,
            temporal_namespace=found.temporal_namespace,
        )

    def local() -> Local:
        found = _read(Settings)
        return Local(
            database_url=found.database_url.get_secret_value(),
            encryption_keys=tuple(key.get_secret_value() for key in found.encryption_keys),
            hash_key=found.hash_key.get_secret_value(),
            public_url=found.public_url,
        )

    return Installation(remote, local, _user, lambda: datetime.now(UTC))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # as in a container that runs as any number
        raise CannotRun("this machine has no name for who is logged in: set LOGNAME to yours") from error


def _read(kind: type[Read]) -> Read:
    try:
        return kind()  # pyright: ignore[reportCallIssue]  # the environment fills the fields
    except ValidationError as error:
        raise CannotRun("\n".join(sentences(error))) from error


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; docs/reference/command-line.md tells the same."""
    found = argparse.ArgumentParser(
        prog="switchboard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    _configuration(commands)
    _proofs(commands)
    _operation(commands)
    return found


def _configuration(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "check", checking.check_command)
    _file(one, "a configuration; without one, the sandbox of the installation")
    one = _command(commands, "diff", sandbox.diff_command)
    _file(one, "a configuration; without one, the sandbox")
    one.add_argument("--exit-code", action="store_true", help="exit with 1 where there are differences")
    one = _command(commands, "apply", applying.apply_command)
    _file(one, "a configuration; without one, the sandbox as it is")
    one.add_argument("--note", required=True, help="what changed and why, for others")
    one.add_argument("--scenarios", metavar="FILE", help="scenarios to keep instead of the present ones")
    one.add_argument(
        "--running",
        choices=("finish", "move"),
        default="finish",
        help="what becomes of open conversations: they finish on their revision (default), or move at their next wait",
    )
    one.add_argument("--override", metavar="REASON", help="why to apply although scenarios fail")
    _overwrite(one)
    one.add_argument(
        "--direct", action="store_true", help="into the store itself, with its settings and without the API"
    )
    one.add_argument("--author", help="with --direct: who applies it; by default who is logged in")
    one = _command(commands, "export", sandbox.export_command)
    which = one.add_mutually_exclusive_group()
    which.add_argument("--revision", type=int, metavar="N", help="this revision instead of the sandbox")
    which.add_argument("--production", action="store_true", help="the current revision")
    which.add_argument("--scenarios", action="store_true", help="the scenarios that are kept with the configuration")
    one.add_argument("--format", choices=("yaml", "json"), default="yaml", help="how to write it (default: yaml)")
    one = _command(commands, "import", sandbox.import_command)
    _file(one, "a configuration for the sandbox; it need not hold")
    one.add_argument("--scenarios", metavar="FILE", help="scenarios to keep instead of the present ones")
    _overwrite(one)


def _proofs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "scenarios", checking.scenarios_command)
    one.add_argument("words", nargs="*", metavar="FILE", help="scenarios; without a file, those that are kept")
    one.add_argument("--configuration", metavar="FILE", help="what they run on; without it, the sandbox")
    one = _command(commands, "impact", impact.impact_command)
    one.add_argument("--last", type=int, metavar="N", help="so many conversations, the newest first (default: 500)")
    one.add_argument("--account", metavar="ACCOUNT", help="only of this connected account")
    one.add_argument("--connector", metavar="NAME", help="only those that came in through this connector")
    one.add_argument("--since", metavar="TIME", help="opened from this time on, as 2026-11-01T00:00Z")
    one.add_argument("--until", metavar="TIME", help="opened before this time")
    one.add_argument(
        "--listed", type=int, metavar="N", default=50, help="name so many of those that moved (default: 50)"
    )
    one.add_argument("--exit-code", action="store_true", help="exit with 1 where conversations would go elsewhere")
    one = _command(commands, "replay", replaying.replay_command)
    one.add_argument(
        "targets", nargs="*", metavar="WHAT", help="files of histories, folders, names of conversations or workflows"
    )
    one.add_argument(
        "--last",
        type=int,
        metavar="N",
        default=100,
        help="without names: so many of those that ran last (default: 100)",
    )


def _operation(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _command(commands, "migrate", operators.migrate_command, api=False)
    one = _command(commands, "connect", operators.connect_command, api=False)
    one.add_argument("account", metavar="ACCOUNT", help="the Instagram account's id, 1784…")
    one.add_argument("--flavour", choices=("page", "login"), required=True, help="how it is connected")
    one.add_argument("--page", help="the page's id, for the flavour page")
    one.add_argument("--username", help="the account's name, for people")
    one = _command(commands, "authorise", operators.authorise_command, api=False)
    one.add_argument("connector", metavar="CONNECTOR", help="the connector's name in the current revision")
    one.add_argument("--author", help="in whose name; by default who is logged in")
    _command(commands, "accounts", operators.accounts_command, api=False)
    one = _command(commands, "resume", operators.resume_command, api=False)
    one.add_argument("account", metavar="ACCOUNT", help="the Instagram account's id")
    _command(commands, "encrypt", operators.encrypt_command, api=False)
    one = _command(commands, "secret", operators.secret_command, api=False)
    one.add_argument("name", metavar="NAME", help="as the configuration has it behind `secrets.`")
    one = _command(commands, "password", operators.password_command, api=False)
    one.add_argument("name", metavar="NAME", help="with which the user logs in")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, *, api: bool = True
) -> argparse.ArgumentParser:
    """A command as its function's docstring describes it; `api` is whether it may ask the API of an installation."""
    told = inspect.getdoc(command) or ""
    one = commands.add_parser(
        name,
        help=told.splitlines()[0],
        description=told,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if api:
        one.add_argument("--url", help="where the API is; by default SWITCHBOARD_URL, else SWITCHBOARD_PUBLIC_URL")
    one.add_argument("--json", action="store_true", help="print JSON for programs")
    one.set_defaults(command=command)
    return one


def _file(one: argparse.ArgumentParser, what: str) -> None:
    one.add_argument("file", nargs="?", metavar="FILE", help=f"{what}; YAML or JSON, - for the standard input")


def _overwrite(one: argparse.ArgumentParser) -> None:
    told = "also where that takes the place of what others have in the sandbox and have not applied"
    one.add_argument("--overwrite", action="store_true", help=told)


if __name__ == "__main__":
    sys.exit(main())
