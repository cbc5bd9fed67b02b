"""The whole product as `make run` starts it, with its data in a temporary folder; one for all tests of this folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from local import ports
from local.environment import read

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("configuration.yaml")
SHOP, NUMBERS = "17841400000000001", "17841400000000002"
STARTED = "Switchboard runs."


class System:
    """The running product: its addresses, its programs, and customers who write."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "run.log"
        self.ports = {name: ports.free() for name in ("API", "SIMULATOR", "TEMPORAL", "TEMPORAL_UI")}
        self.simulator = f"http://127.0.0.1:{self.ports['SIMULATOR']}"
        self.api = f"http://127.0.0.1:{self.ports['API']}"
        self.temporal = f"127.0.0.1:{self.ports['TEMPORAL']}"
        self.http = httpx.Client(timeout=30)
        self.process: subprocess.Popen[bytes] | None = None
        self.customers = 0

    # Programs ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything, and wait until it says so."""
        variables = {f"SWITCHBOARD_{name}_PORT": str(port) for name, port in self.ports.items()}
        variables["SWITCHBOARD_DATA_DIR"] = str(self.data)
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "local", "run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stdout=log, stderr=log)
        until(lambda: STARTED in self.log.read_text() or self.process is None or self.process.poll() is not None, 100)
        assert STARTED in self.log.read_text(), self.log.read_text()

    def stop(self) -> str:
        """Ctrl-C, as a person stops it; answers what it printed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.log.read_text()
        return self.log.read_text()

    def switchboard(self, *arguments: str, input: str = "", expect: int = 0) -> str:
        """Run the command line, as an operator does; answers what it printed."""
        command = [sys.executable, "-m", "cli", *arguments]
        environment = os.environ | self.environment
        done = subprocess.run(command, cwd=ROOT, env=environment, input=input, capture_output=True, text=True)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def apply(self, configuration: Path) -> None:
        self.switchboard("apply", str(configuration), "--direct", "--note", "For tests")

    def connect(self, account: str, token: str) -> None:
        """Connect the page account with a new token."""
        self.switchboard("connect", account, "--flavour", "page", "--page", "100000000000002", input=token)

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """The simulator's control API."""
        done = self.http.request(method, f"{self.simulator}/control{path}", json=json)
        assert done.is_success, done.text
        return done.json() if done.content else None

    @property
    def environment(self) -> dict[str, str]:
        return read(self.data / "switchboard.env")

    def kill(self, name: str) -> None:
        """`kill -9` one of the programs; what watches them starts it again."""
        assert self.process is not None
        victims = [pid for pid, command in _children(self.process.pid) if name in command]
        assert victims, f"no program {name} among {_children(self.process.pid)}"
        for pid in victims:
            os.kill(pid, signal.SIGKILL)

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["SWITCHBOARD_DATABASE_URL"]) as connection:
            return connection.execute(query, values).fetchall()  # pyright: ignore[reportArgumentType]  tests' own

    # People -----------------------------------------------------------------------------------------------------------

    def customer(self, account: str = SHOP) -> "Customer":
        self.customers += 1
        id = f"{os.getpid()}{time.time_ns() % 10**9}{self.customers}"
        made = {"id": id, "username": f"jana{self.customers}", "name": "Jana"}
        self.http.post(f"{self.simulator}/control/accounts/{account}/customers", json=made).raise_for_status()
        return Customer(self, account, id)


class Customer:
    """Somebody who writes to an account from the simulator's phone."""

    def __init__(self, system: System, account: str, id: str) -> None:
        self.system, self.account, self.id = system, account, id
        self.url = f"{system.simulator}/control/accounts/{account}/customers/{id}"

    def writes(self, text: str) -> None:
        self.does(text=text)

    def does(self, **what: Any) -> None:
        """Anything that the simulator's phone can do."""
        done = self.system.http.post(f"{self.url}/messages", json=what)
        assert done.is_success, done.text

    def taps(self, title: str) -> None:
        """Tap a quick reply of the newest message."""
        self.does(quick_reply=title)

    def thread(self) -> list[dict[str, Any]]:
        found = self.system.http.get(f"{self.url}/thread").json()
        return found["messages"] if isinstance(found, dict) else found

    def received(self) -> list[dict[str, Any]]:
        return [message for message in self.thread() if message["author"] != "customer"]

    def texts(self) -> list[str]:
        return [message.get("text") or "" for message in self.received()]

    def sees(self, *texts: str, seconds: float = 40) -> None:
        """Wait until the shop has said exactly this; it must not say more either."""
        until(
            lambda: len(self.texts()) >= len(texts), seconds, lambda: f"{texts} was expected, and {self.texts()} came"
        )
        assert self.texts() == list(texts)


def until(holds: Callable[[], object], seconds: float, told: Callable[[], str] = lambda: "") -> None:
    """Wait until something holds; fails after so many seconds with what `told` says."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, told() or f"it did not happen within {seconds} s"
        time.sleep(0.05)


def _children(pid: int) -> list[tuple[int, str]]:
    """The descendants of a process with their command lines."""
    found: list[tuple[int, str]] = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found += [(int(child), command), *_children(int(child))]
    return found


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = System(tmp_path_factory.mktemp("system"))
    made.start()
    made.apply(CONFIGURATION)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.http.close()
