"""`python -m local run`: the whole product on this machine, until Ctrl-C."""

import argparse
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO

from local.processes import StartError
from local.stack import Stack
from settings import load_local

ROOT = Path(__file__).parent.parent
LEFTOVERS_END_WITHIN = 20  # seconds, more than any program takes to stop
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked this process to end."""


def main() -> int:
    """Exit code 0 after a clean stop, 1 when something could not start."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["run"], help="start everything and stay")
    parser.parse_args()
    local = load_local()
    data_dir = local.data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds what customers wrote
    held = _hold(data_dir / "run.lock")
    if held is None:
        return 1
    for number in SIGNALS:
        signal.signal(number, _stop)
    stack = Stack(ROOT, local)
    try:
        stack.start()
        print(stack.addresses(), flush=True)
        while True:
            time.sleep(0.5)
            stack.revive()
    except StartError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    except Stopped:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        for number in SIGNALS:  # a second Ctrl-C must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
        print("Stopped.", flush=True)


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


def _hold(file: Path) -> IO[str] | None:
    """The open lock file while we and our programs run, or None after saying who holds it.

    The programs inherit it: two Temporal servers on one file would harm it, so what a killed run left must end first.
    """
    lock = file.open("a+")
    deadline = time.monotonic() + LEFTOVERS_END_WITHIN
    while not _locked(lock):
        lock.seek(0)
        other = lock.read().strip()
        if other and Path(f"/proc/{other}").exists():
            told = f"Switchboard runs already. Stop it with Ctrl-C in its terminal, or with: kill {other}"
        elif time.monotonic() < deadline:
            time.sleep(0.1)
            continue
        else:
            told = f"Programs of an earlier run still use {file.parent}. End them, then start again."
        print(told, file=sys.stderr)
        return None
    lock.seek(0)
    lock.truncate()
    print(os.getpid(), file=lock, flush=True)
    os.set_inheritable(lock.fileno(), True)
    return lock


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
