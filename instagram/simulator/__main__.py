"""Starts the simulator: python -m instagram.simulator --port 8090 --webhook URL."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from instagram.simulator.app import create_app
from instagram.simulator.server import Server


def options(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> argparse.Namespace:
    """What was asked for: an option, else SIMULATOR_<OPTION> of the environment, else the default."""
    parser = argparse.ArgumentParser(prog="python -m instagram.simulator", description=__doc__)

    def add(name: str, default: str | None, help: str) -> None:
        given = environment.get(f"SIMULATOR_{name.upper()}") or default
        kind = {"port": int, "data": Path}.get(name, str)
        parser.add_argument(f"--{name}", type=kind, default=given, help=f"{help} (default: {given or 'none'})")

    add("port", "8090", "port to listen on")
    add("host", "127.0.0.1", "address to listen on")
    add("webhook", None, "address of the app under test that is told of every event")
    add("data", None, "file that keeps everything, so that a restart loses nothing")
    # Not by add(): --help must not print the secret.
    secret = environment.get("SIMULATOR_SECRET") or "simulator-secret"
    parser.add_argument("--secret", default=secret, help="app secret that signs the webhooks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    chosen = options(None, os.environ)
    print(f"Local Instagram: http://{chosen.host}:{chosen.port}/ (control API: /docs)", flush=True)
    Server(create_app(chosen.webhook, chosen.secret, chosen.data), chosen.host, chosen.port).run()
