"""All programs of the product on one machine: started in order, watched, and stopped in the reverse order."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from local import demo, postgres, temporal
from local.environment import environment, kept_secrets, write
from local.ports import taken
from local.processes import Child, Program, StartError
from settings import PREFIX, LocalSettings, Settings
from store.database import migrate
from workflows.attributes import SEARCH_ATTRIBUTES

# A program that ends so often in a row, each time within SOON seconds, will not get better by itself.
RESTARTS = 5
SOON = 10


class Stack:
    """The local stack of one data folder. `root` is the folder of the project, `worker` the module of the worker."""

    def __init__(self, root: Path, local: LocalSettings, *, worker: str = "worker") -> None:
        self.root = root
        self.local = local
        self.worker = worker
        self.data = local.data_dir.absolute()
        self.simulator = f"http://127.0.0.1:{local.simulator_port}"
        self.api = f"http://127.0.0.1:{local.api_port}"
        self.programs: list[Program] = []
        self.crashes: Counter[str] = Counter()
        self.password = ""
        self.started: dict[str, float] = {}

    def start(self) -> None:
        """Start everything; raises StartError, with what to do, at the first thing that does not work."""
        self._claim_ports()
        kept = kept_secrets(self.data / "secrets.env")
        self.password = kept[f"{PREFIX}ADMIN_PASSWORD"]
        said = _Progress(6)

        said.begins("PostgreSQL")
        server = postgres.start(self.data / "postgres", log=self._log("postgres"))
        self.programs.append(server)
        variables = environment(self.local, server.create_database("switchboard"), kept)
        migrate(variables[f"{PREFIX}DATABASE_URL"])
        write(self.data / "switchboard.env", variables)

        said.begins("Temporal and its UI")
        self.programs.append(
            temporal.start(
                log=self._log("temporal"),
                port=self.local.temporal_port,
                ui_port=self.local.temporal_ui_port,
                database=self.data / "temporal.db",
                search_attributes=SEARCH_ATTRIBUTES,
            )
        )

        said.begins("Instagram, simulated")
        webhook = f"{self.api}/webhooks/instagram"
        simulator = ["--port", str(self.local.simulator_port), "--webhook", webhook]
        simulator += ["--data", str(self.data / "simulator.db")]
        # The secret goes by the environment, since every user of the machine can read a command line.
        app_secrets = kept[f"{PREFIX}APP_SECRETS"].split(",")
        secret = {"SIMULATOR_SECRET": app_secrets[0], "SIMULATOR_LOGIN_SECRET": app_secrets[-1]}
        self._python(
            "simulator",
            ["instagram.simulator", *simulator],
            secret,
            lambda: _answers(f"{self.simulator}/control/accounts"),
        )

        said.begins("Worker")
        address, queue = f"127.0.0.1:{self.local.temporal_port}", Settings.model_fields["task_queue"].default
        variables[f"{PREFIX}TASK_QUEUE"], variables[f"{PREFIX}TEMPORAL_NAMESPACE"] = queue, "default"
        self._python("worker", [self.worker], variables, lambda: temporal.polled(address, "default", queue))

        said.begins("API")
        self._python("api", ["api"], variables, lambda: _answers(f"{self.api}/readyz"))

        said.begins("Demo configuration")
        applied = demo.prepare(self.root, variables, self.simulator)
        said.ends("applied" if applied else "there is a revision already, nothing changed")

    def revive(self) -> None:
        """Start again what has ended by itself; raises StartError when that happens again and again."""
        for program in self.programs:
            if program.child.running:
                continue
            print(f"\n{program.child.name} ended; starting it again.\n{program.child.tail(5)}", flush=True)
            name, now = program.child.name, time.monotonic()
            soon = now - self.started.get(name, now) < SOON
            self.crashes[name] = self.crashes[name] + 1 if soon else 1
            if self.crashes[name] > RESTARTS:
                raise StartError(f"{name} keeps ending.\n{program.child.tail()}")
            self.started[name] = now
            try:
                program.start()
            except StartError as error:  # one that ends again before it is ready has its further tries
                print(error, flush=True)

    def stop(self) -> None:
        """Stop everything, the servers last."""
        while self.programs:
            program = self.programs.pop()
            print(f"  stopping {program.child.name}", flush=True)
            program.stop()

    def addresses(self) -> str:
        """Where everything is and what to do there."""
        return f"""
Switchboard runs.
  Phone        {self.simulator}   write to a shop as a customer
  Console      {self.api}/console/   log in as admin with the password {self.password}
  API          {self.api}/docs   try the HTTP API, as the same user
  Temporal UI  http://127.0.0.1:{self.local.temporal_ui_port}   watch each conversation as a workflow
  Logs         {self.data / "logs"}
Ctrl-C stops it; everything is kept for the next time.
"""

    def _python(self, name: str, module: list[str], variables: Mapping[str, str], ready: Callable[[], bool]) -> None:
        command = [sys.executable, "-u", "-m", *module]
        program = Program(Child(name, command, log=self._log(name), environment=variables, folder=self.root), ready)
        program.start()
        self.programs.append(program)

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def _claim_ports(self) -> None:
        wanted = ("api_port", "simulator_port", "temporal_port", "temporal_ui_port")
        busy = [name for name in wanted if taken(getattr(self.local, name))]
        if busy:
            told = [
                f"Port {getattr(self.local, name)} is in use by another program. Stop that one, or choose another "
                f"port: {PREFIX}{name.upper()}=… make run"
                for name in busy
            ]
            raise StartError("\n".join(told))


class _Progress:
    """Lines such as `[2/6] Temporal and its UI ... 1.2 s`."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.step = 0
        self.since = time.monotonic()

    def begins(self, name: str) -> None:
        if self.step:
            self.ends(f"{time.monotonic() - self.since:.1f} s")
        self.step += 1
        self.since = time.monotonic()
        print(f"[{self.step}/{self.steps}] {name} ... ", end="", flush=True)

    def ends(self, how: str) -> None:
        print(how, flush=True)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False
