"""An installation that is reached by URL and token, and a shell in which people work on it."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.fernet import Fernet

import cli
from api.dependencies import Parts
from store.users import Role
from tests.api.conftest import account as account
from tests.api.conftest import parts as parts
from tests.api.conftest import recording as recording
from tests.api.conftest import serve as serve
from tests.api.conftest import temporal as temporal
from tests.api.people import Office, opened


class Ran(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands in this process, with the variables of a person or pipeline; `folder` takes their files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.folder = folder
        self.variables: dict[str, str] = {}

    def run(self, *arguments: str, input: str = "") -> Ran:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(input))
        self.capsys.readouterr()
        code = cli.main(arguments)
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def set(self, **variables: str) -> None:
        self.variables |= variables
        for name, value in variables.items():
            self.monkeypatch.setenv(f"SWITCHBOARD_{name}", value)

    def write(self, document: Any, name: str = "shop.yaml") -> str:
        """A file with this document, or text; its name."""
        file = self.folder / name
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(file)


class Desk:
    """The shell of an administrator named eva, with a token, and beside it the API and its people."""

    def __init__(self, shell: Shell, office: Office, eva: httpx.AsyncClient) -> None:
        self.shell = shell
        self.office = office
        self.eva = eva
        self.write = shell.write

    async def run(self, *arguments: str, input: str = "") -> Ran:
        """In a thread, since the API works in this one's loop."""
        return await asyncio.to_thread(self.shell.run, *arguments, input=input)

    async def becomes(self, name: str, role: Role) -> None:
        """From now on commands have a new user's token."""
        await self.office.user(name, role)
        self.shell.set(TOKEN=await self.office.token(name, role))

    async def get(self, path: str) -> Any:
        answer = await self.eva.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def sits_down(shell: Shell, office: Office) -> Desk:
    """The desk of the administrator eva, who is made for it."""
    eva = await office.program(await office.user("eva", "admin"), "admin")
    shell.set(URL=office.url, TOKEN=await office.token("eva", "admin"))
    return Desk(shell, office, eva)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """A shell without any settings."""
    return Shell(monkeypatch, capsys, tmp_path)


@pytest.fixture
def store(shell: Shell, database_url: str) -> Shell:
    """A shell with the settings of a store, and no API and no token."""
    shell.set(
        DATABASE_URL=database_url,
        ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        HASH_KEY="a hash key of the tests",
        APP_SECRETS="the app secret",
        WEBHOOK_VERIFY_TOKEN="the verify token",
    )
    return shell


@pytest.fixture
async def desk(shell: Shell, parts: Parts, serve: Any) -> AsyncIterator[Desk]:
    """An installation whose Temporal is away; its store's settings are not in the shell."""
    async with opened(parts, serve) as office:
        yield await sits_down(shell, office)


def lines(text: str, words: Iterable[str]) -> list[str]:
    """The lines that begin with one of these words."""
    return [line for line in text.splitlines() if line.startswith(tuple(words))]
