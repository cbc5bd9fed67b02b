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
    add("url", None, "where the app under test finds the simulator, if not where its callers do")
    # Not by add(): --help must not print the secrets.
    secret = environment.get("SIMULATOR_SECRET") or "simulator-secret"
    parser.add_argument("--secret", default=secret, help="secret of the Facebook app: signs the webhooks of pages")
    login = environment.get("SIMULATOR_LOGIN_SECRET")
    words = "secret of the Instagram app: signs the webhooks of Instagram Login (default: the Facebook app's)"
    parser.add_argument("--login-secret", default=login or None, help=words)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    chosen = options(None, os.environ)
    print(f"Local Instagram: http://{chosen.host}:{chosen.port}/ (its API: /docs)", flush=True)
    app = create_app(chosen.webhook, chosen.secret, chosen.data, chosen.login_secret, chosen.url)
    Server(app, chosen.host, chosen.port).run()
