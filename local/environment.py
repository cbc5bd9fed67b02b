"""The environment of the local stack: addresses that fit together, and secrets that outlive a restart."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet

from settings import PREFIX, LocalSettings


def environment(local: LocalSettings, database_url: str, kept: Mapping[str, str]) -> dict[str, str]:
    """The `SWITCHBOARD_…` variables of every program of the stack; `kept` are the secrets.

    A public or console URL that is set outside stays, for instance that of a tunnel.
    """
    api = f"http://127.0.0.1:{local.api_port}"
    simulator = f"http://127.0.0.1:{local.simulator_port}"
    allowed = [os.environ.get(f"{PREFIX}ALLOW_PRIVATE_HOSTS", ""), f"127.0.0.1:{local.simulator_port}"]
    public = os.environ.get(f"{PREFIX}PUBLIC_URL", api)
    made = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": f"127.0.0.1:{local.temporal_port}",
        "TEMPORAL_UI_URL": f"http://127.0.0.1:{local.temporal_ui_port}",
        "API_PORT": str(local.api_port),
        "PUBLIC_URL": public,
        "CONSOLE_URL": os.environ.get(f"{PREFIX}CONSOLE_URL", public),
        "PAGE_GRAPH_URL": simulator,
        "LOGIN_GRAPH_URL": simulator,
        "PAGE_DIALOG_URL": simulator,
        "LOGIN_DIALOG_URL": simulator,
        "LOGIN_TOKEN_URL": simulator,
        "PAGE_APP_ID": "100000000000001",
        "LOGIN_APP_ID": "200000000000002",
        "ALLOW_PRIVATE_HOSTS": ",".join(filter(None, allowed)),
        "ATTACHMENTS_URL": (local.data_dir.absolute() / "attachments").as_uri(),
        "CONSOLE_DIR": str(Path(__file__).parents[1] / "console" / "dist"),
        "DATA_DIR": str(local.data_dir.absolute()),
    }
    return {PREFIX + name: value for name, value in made.items()} | dict(kept)


def kept_secrets(file: Path) -> dict[str, str]:
    """The secrets in `file`, readable by its owner only; those that are missing are made and added."""
    known = read(file) if file.exists() else {}
    fresh = {
        f"{PREFIX}ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        f"{PREFIX}HASH_KEY": secrets.token_urlsafe(32),
        # Two apps, as at Meta: the first secret is that of the app for pages, the last that of the Instagram app.
        f"{PREFIX}APP_SECRETS": f"{secrets.token_hex(16)},{secrets.token_hex(16)}",
        f"{PREFIX}WEBHOOK_VERIFY_TOKEN": secrets.token_urlsafe(16),
        f"{PREFIX}ADMIN_PASSWORD": secrets.token_urlsafe(12),
    }
    if fresh.keys() - known.keys():
        known = fresh | known
        write(file, known)
    return known


def read(file: Path) -> dict[str, str]:
    """`NAME=value` lines as a mapping."""
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {name: value.strip("'") for name, _, value in lines}


def write(file: Path, values: Mapping[str, str]) -> None:
    """Keep the mapping as lines that a shell can read, in a file of mode 0600, replaced whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
    fresh.replace(file)
