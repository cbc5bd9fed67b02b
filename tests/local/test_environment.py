"""The local stack's environment: complete, kept, and private."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from local.environment import environment, kept_secrets, read, write
from settings import LocalSettings, Settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch):
    import os

    for name in [name for name in os.environ if name.startswith("SWITCHBOARD_")]:
        monkeypatch.delenv(name)


def local(**values: object) -> LocalSettings:
    return LocalSettings.model_validate({"api_port": 8000, **values})


def test_secrets_outlive_a_restart_and_are_private(tmp_path: Path):
    file = tmp_path / "data" / "secrets.env"
    first = kept_secrets(file)
    assert kept_secrets(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    Fernet(first["SWITCHBOARD_ENCRYPTION_KEYS"])


def test_a_missing_secret_is_added_and_the_others_stay(tmp_path: Path):
    file = tmp_path / "secrets.env"
    first = kept_secrets(file)
    write(file, {name: value for name, value in first.items() if name != "SWITCHBOARD_HASH_KEY"})
    second = kept_secrets(file)
    assert second.keys() == first.keys()
    assert {name for name in first if first[name] != second[name]} == {"SWITCHBOARD_HASH_KEY"}


def test_it_is_all_that_settings_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = environment(local(simulator_port=1234), "postgresql://x", kept_secrets(tmp_path / "secrets.env"))
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # pyright: ignore[reportCallIssue]  # filled from the environment
    assert settings.page_graph_url == settings.login_graph_url == "http://127.0.0.1:1234"
    assert settings.allow_private_hosts == ("127.0.0.1:1234",)
    assert settings.database_url.get_secret_value() == "postgresql://x"


def test_a_public_url_from_outside_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SWITCHBOARD_PUBLIC_URL", "https://tunnel.example")
    made = environment(local(), "postgresql://x", {})
    assert made["SWITCHBOARD_PUBLIC_URL"] == made["SWITCHBOARD_CONSOLE_URL"] == "https://tunnel.example"


def test_what_is_written_is_read(tmp_path: Path):
    file = tmp_path / "x.env"
    write(file, {"A": "1=2", "B": ""})
    assert read(file) == {"A": "1=2", "B": ""}
