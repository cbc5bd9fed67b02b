"""A child process with a log: started in its own group, watched, and stopped for certain."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class StartError(Exception):
    """A child that did not become ready; the message ends with the last lines of its log."""


class Child:
    """One program of the stack.

    `log` receives its output (appended), `environment` is added to ours, `folder` is where it runs, `stop_signal` is
    what it takes as a polite request to end. Where the kernel can, the child gets that signal too when this process
    dies, so that a kill -9 leaves nothing behind. `unprivileged` is for programs that refuse root.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        unprivileged: bool = False,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.environment = dict(environment or {})
        self.folder = folder
        self.stop_signal = stop_signal
        self.unprivileged = unprivileged
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        prefix = bound(self.stop_signal, unprivileged=self.unprivileged)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*prefix, *self.command],
                env=os.environ | self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in the right order
                close_fds=False,  # what is marked inheritable, such as the lock of a run, lives as long as its children
            )

    @property
    def pid(self) -> int:
        if self.process is None:
            raise StartError(f"{self.name} was not started.")
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()` is true; raise StartError when the child ends before, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            if not self.running:
                code = self.process.returncode if self.process else None
                raise StartError(f"{self.name} ended with code {code} before it was ready.\n{self.tail()}")
            if ready():
                return
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready within {seconds:g} seconds.\n{self.tail()}")
            time.sleep(0.05)

    def stop(self, seconds: float = 15) -> None:
        """Ask it to end, then end it; nothing happens when it is not running."""
        if self.process is None:
            return
        if self.running:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._end_group()

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL to its whole group)."""
        if self.process is not None:
            self._end_group()
            self.process.wait()

    def tail(self, lines: int = 25) -> str:
        """The last lines of its log, under a heading that names the file."""
        if not self.log.exists():
            return f"({self.log} does not exist)"
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f"--- the end of {self.log}", *text, "---"])

    def _end_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Program:
    """A child and how to tell that it is ready, so that it can be started again in the same way."""

    def __init__(self, child: Child, ready: Callable[[], bool], seconds: float = 60) -> None:
        self.child = child
        self.ready = ready
        self.seconds = seconds

    def start(self) -> None:
        """Start it, also after it ended, and wait until it is ready; raises StartError and leaves nothing running."""
        self.child.start()
        try:
            self.child.wait_until(self.ready, self.seconds)
        except BaseException:
            self.child.stop()
            raise

    def stop(self) -> None:
        self.child.stop()

    def kill(self) -> None:
        self.child.kill()


def bound(stop_signal: signal.Signals, *, unprivileged: bool = False) -> list[str]:
    """The prefix that ties a program to the life of this process, where util-linux offers it."""
    setpriv = shutil.which("setpriv")
    # One call for both, since a change of user afterwards would cut the tie.
    tie = ["--pdeathsig", stop_signal.name.removeprefix("SIG")]
    if unprivileged and os.geteuid() == 0:
        return [*as_nobody()[:-1], *tie, "--"]
    return [setpriv, *tie, "--"] if setpriv else []


def as_nobody() -> list[str]:
    """The prefix that lets root run a program which refuses root, such as PostgreSQL; empty for other users.

    It becomes `nobody`, and keeps one capability: to pass folders that are closed to others, since the data may lie
    below root's home. So nobody's permissions need to be widened and no user is made.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartError("As root, PostgreSQL needs `setpriv` (package util-linux). Install it or use another user.")
    user, group = (str(number) for number in nobody())
    identity = ["--reuid", user, "--regid", group, "--clear-groups"]
    return [setpriv, *identity, "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override", "--"]


def nobody() -> tuple[int, int]:
    """User and group id of `nobody`."""
    import pwd  # not on every platform, and needed by root only

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid
