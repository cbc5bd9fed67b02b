"""`make run`'s program, whole: it starts, refuses a second one, revives what dies, stops, and starts again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from local import ports
from local.environment import read

ROOT = Path(__file__).parents[2]
PORTS = ("API", "SIMULATOR", "TEMPORAL", "TEMPORAL_UI")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Run:
    """One `python -m local run` and what it says."""

    def __init__(self, data: Path, said: Path) -> None:
        self.said = said
        self.environment = {f"SWITCHBOARD_{name}_PORT": str(ports.free()) for name in PORTS}
        self.environment["SWITCHBOARD_DATA_DIR"] = str(data)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "run"],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        return self.said.read_text()

    def wait_for(self, pattern: str, seconds: float = 120) -> None:
        assert self.process is not None
        eventually(lambda: bool(re.search(pattern, self.text())) or self.ended(), seconds, self.text)
        assert re.search(pattern, self.text()), self.text()

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(90)

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.environment[f'SWITCHBOARD_{name}_PORT']}"


def eventually(true: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "data", tmp_path / "said.txt")
    yield run
    if run.process is not None and not run.ended():
        run.stop(signal.SIGTERM)


def revisions(data: Path) -> list[int]:
    url = read(data / "switchboard.env")["SWITCHBOARD_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM revisions ORDER BY number")]


def children_of(run: Run) -> list[int]:
    assert run.process is not None
    return [
        int(child) for child in Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split()
    ]


def process_of(run: Run, module: str) -> int:
    """The process id of the child that runs `python -m module`."""
    found = [child for child in children_of(run) if f"-m\0{module}\0" in Path(f"/proc/{child}/cmdline").read_text()]
    assert len(found) == 1, found
    return found[0]


def alive(pid: int) -> bool:
    """Whether it runs; one that nobody has collected yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_whole_life(run: Run, tmp_path: Path):
    data = tmp_path / "data"
    run.start()
    run.wait_for("Switchboard runs")
    for name in PORTS:
        if name != "TEMPORAL":
            assert run.address(name) in run.text()
    assert httpx.get(run.address("API") + "/readyz").status_code == 200
    assert httpx.get(run.address("SIMULATOR")).status_code == 200
    assert httpx.get(run.address("TEMPORAL_UI")).status_code == 200
    assert "Demo configuration ... applied" in run.text()
    assert revisions(data) == [1]

    second = subprocess.run(
        [sys.executable, "-m", "local", "run"],
        cwd=ROOT,
        env=os.environ | run.environment,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert run.process is not None
    assert f"kill {run.process.pid}" in second.stderr

    killed = process_of(run, "worker")
    os.kill(killed, signal.SIGKILL)
    run.wait_for("worker ended; starting it again", 30)
    eventually(lambda: process_of(run, "worker") != killed, 30, run.text)

    assert run.stop(signal.SIGINT) == 0
    assert run.text().rstrip().endswith("Stopped.")
    assert not any(ports.taken(int(run.environment[f"SWITCHBOARD_{name}_PORT"])) for name in PORTS)
    secrets = (data / "secrets.env").read_text()

    run.start()
    run.wait_for("Switchboard runs")
    assert "there is a revision already" in run.text()
    assert revisions(data) == [1]
    assert (data / "secrets.env").read_text() == secrets

    left = children_of(run)
    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    run.start()  # at once, while what the killed one left is still ending
    run.wait_for("Switchboard runs")
    assert revisions(data) == [1]
    assert len(left) == 5
    assert not [child for child in left if alive(child)]
    assert run.stop(signal.SIGTERM) == 0


def test_a_taken_port_is_named_with_its_variable(run: Run):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(100)
        run.environment["SWITCHBOARD_SIMULATOR_PORT"] = str(other.getsockname()[1])
        run.start()
        assert run.process is not None
        assert run.process.wait(60) == 1
    assert "SWITCHBOARD_SIMULATOR_PORT=… make run" in run.text()
    assert "Traceback" not in run.text()


def test_a_program_that_cannot_start_stops_everything_with_its_log(run: Run, tmp_path: Path):
    run.environment["SWITCHBOARD_LOG_LEVEL"] = "loud"  # which the worker refuses
    run.start()
    assert run.process is not None
    assert run.process.wait(120) == 1
    assert "worker ended with code" in run.text()
    assert "SWITCHBOARD_LOG_LEVEL is wrong" in run.text()
    assert "stopping PostgreSQL" in run.text()
    assert "Traceback" not in run.text()
