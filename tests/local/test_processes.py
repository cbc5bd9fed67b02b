"""Children: readiness, logs, stopping for certain, and not outliving us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.processes import Child, Program, StartError

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(tmp_path: Path, code: str) -> Child:
    return Child("Snake", [sys.executable, "-c", code], log=tmp_path / "logs" / "snake.log")


def alive(pid: int) -> bool:
    """Whether it runs; one that nobody has collected yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_ends_before_it_is_ready_tells_its_log(tmp_path: Path):
    child = python(tmp_path, "print('no such luck'); raise SystemExit(3)")
    with pytest.raises(StartError, match="Snake ended with code 3 before it was ready") as caught:
        Program(child, lambda: False).start()
    assert "no such luck" in str(caught.value)
    assert "snake.log" in str(caught.value)


def test_a_child_that_is_never_ready_is_stopped(tmp_path: Path):
    child = python(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(StartError, match="not ready within"):
        Program(child, lambda: False, seconds=0.2).start()
    assert not child.running


def test_stop_asks_first(tmp_path: Path):
    code = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("goodbye", flush=True), sys.exit(0)))
print("up", flush=True)
time.sleep(60)
"""
    child = python(tmp_path, code)
    Program(child, lambda: "up" in child.tail()).start()
    child.stop()
    assert "goodbye" in child.tail()
    assert not child.running


def test_stop_ends_one_that_does_not_listen(tmp_path: Path):
    child = python(tmp_path, STUBBORN)
    Program(child, lambda: "up" in child.tail()).start()
    child.stop(seconds=0.2)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_kill_ends_its_children_too(tmp_path: Path):
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    child = python(tmp_path, code)
    Program(child, lambda: "\n" in child.log.read_text()).start()
    grandchild = int(child.log.read_text())
    child.kill()
    deadline = time.monotonic() + 5
    while alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(grandchild)


def test_a_killed_parent_takes_its_child_along(tmp_path: Path):
    code = f"""
import os, sys, time
from pathlib import Path
from local.processes import Child
child = Child("Sleeper", ["sleep", "60"], log=Path({str(tmp_path)!r}) / "log")
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent:
        pid = int(parent.stdout.readline())
        deadline = time.monotonic() + 5
        while "sleep" not in Path(f"/proc/{pid}/comm").read_text() and time.monotonic() < deadline:
            time.sleep(0.02)
        parent.kill()
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


def test_environment_and_folder_reach_the_child(tmp_path: Path):
    code = "import os; print(os.environ['COLOUR'], os.getcwd(), 'PATH' in os.environ)"
    child = Child(
        "Snake", [sys.executable, "-c", code], log=tmp_path / "log", environment={"COLOUR": "red"}, folder=tmp_path
    )
    child.start()
    assert child.process is not None
    child.process.wait(20)
    assert child.log.read_text().split() == ["red", os.path.realpath(tmp_path), "True"]
