"""The pages that one works along: their files are written, and their commands print what the pages say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]
TUTORIAL = "docs/tutorial/first-conversation.md"
WITHOUT_A_SERVER = ["docs/how-to/keep-configuration-in-git.md", "docs/how-to/write-scenarios.md"]
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Command(NamedTuple):
    line: str
    prints: str


def followed(page: str, folder: Path, environment: dict[str, str]) -> Iterator[tuple[Command, str]]:
    """Do what the page says, in its order: each command as the page shows it, and what it printed here.

    A block that names a file is added to that file; in a `console` block a command follows `$ `.
    """
    wrapper = folder / "bin" / "switchboard"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    wrapper.chmod(0o755)
    path = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **environment}
    for kind, file, content in BLOCK.findall((ROOT / page).read_text()):
        if file:
            with (folder / file).open("a") as written:
                written.write(content)
        elif kind == "console":
            for command in commands(content):
                done = subprocess.run(
                    ["bash", "-c", command.line],
                    cwd=folder,
                    env=variables,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                yield command, done.stdout


def commands(block: str) -> list[Command]:
    found: list[Command] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, prints = part.partition("\n")
        found.append(Command(line, prints))
    return found


@pytest.mark.parametrize("page", WITHOUT_A_SERVER)
def test_commands_print_what_the_page_says(page: str, tmp_path: Path) -> None:
    done = list(followed(page, tmp_path, {}))
    assert done
    for command, printed in done:
        assert printed == command.prints, command.line


def test_the_tutorial(database_url: str, tmp_path: Path) -> None:
    environment = {
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SWITCHBOARD_HASH_KEY": "a hash key of the tests",
        "SWITCHBOARD_APP_SECRETS": "the app secret",
        "SWITCHBOARD_WEBHOOK_VERIFY_TOKEN": "the verify token",
    }
    # `make run`, with which the tutorial begins, applies the demo as the first revision.
    demo = [sys.executable, "-m", "cli", "apply", "demo/configuration.yaml", "--direct", "--note", "The demo"]
    subprocess.run(demo, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)
    done = list(followed(TUTORIAL, tmp_path, environment))
    shown = {command.line.split()[1] for command, _ in done if command.line.startswith("switchboard ")}
    assert shown == {"check", "scenarios", "apply"}
    for command, printed in done:
        assert printed == command.prints, command.line


def test_the_configuration_of_the_tutorial_has_an_account_of_the_simulator() -> None:
    shown = re.findall(r'account: "(\d+)"', (ROOT / TUTORIAL).read_text())
    assert shown
    known = (ROOT / "docs/reference/simulator.md").read_text()
    assert all(f"`{account}`" in known for account in shown)
