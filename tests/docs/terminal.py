"""A shell that is typed into as the tutorials say, and the commands that they show."""

import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.conftest import System

ROOT = Path(__file__).parents[2]


class Terminal:
    """One shell that is typed into, command after command."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def type(self, command: str) -> str:
        """What a command prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        mark = uuid.uuid4().hex
        self.process.stdin.write(f"{command}\necho {mark}\n")
        self.process.stdin.flush()
        printed = ""
        while not printed.endswith(f"{mark}\n"):
            line = self.process.stdout.readline()
            assert line, f"the shell ended after {command}: {printed}"
            printed += line
        return printed.removesuffix(f"{mark}\n")

    def close(self) -> None:
        """End the shell and what it began."""
        os.killpg(self.process.pid, signal.SIGKILL)
        with self.process:  # closes its pipes
            pass


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command, which begins with `$ ` and goes on with `> `, and what the page says that it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = [line[2:] for line in rest if line.startswith("> ")]
        assert rest[: len(more)] == [f"> {line}" for line in more], part
        yield "\n".join([first, *more]), "".join(f"{line}\n" for line in rest[len(more) :])


@contextmanager
def terminal_of(system: System, folder: Path) -> Iterator[Terminal]:
    """A second terminal in a folder that looks like the project's, as far as the pages use it."""
    (folder / ".switchboard").symlink_to(system.data)
    program = folder / ".venv/bin/switchboard"
    program.parent.mkdir(parents=True)
    python = shlex.quote(sys.executable)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -m cli "$@"\n')
    program.chmod(0o755)
    opened = Terminal(folder)
    try:
        yield opened
    finally:
        opened.close()
