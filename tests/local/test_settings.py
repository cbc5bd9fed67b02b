"""Settings: one sentence per mistake, no secret in sight, and a page that agrees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import settings

ROOT = Path(__file__).parents[2]
REQUIRED = {
    "SWITCHBOARD_DATABASE_URL": "postgresql://me:hush@db/switchboard",
    "SWITCHBOARD_ENCRYPTION_KEYS": "hush-new, hush-old",
    "SWITCHBOARD_HASH_KEY": "hush-hush-hush-hush",
    "SWITCHBOARD_APP_SECRETS": "hush-a,hush-b",
    "SWITCHBOARD_WEBHOOK_VERIFY_TOKEN": "hush",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch):
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)


def test_what_is_missing_is_told_in_a_sentence_each(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        settings.load()
    lines = capsys.readouterr().err.splitlines()
    assert caught.value.code == 2
    assert {line.split()[0] for line in lines} == set(REQUIRED)
    assert all(" is not set. Set it to: " in line for line in lines)


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_PORT", "eighty", "valid integer"),
        ("API_PORT", "70000", "less than or equal to 65535"),
        ("PUBLIC_URL", "example.com", "beginning with http:// or https://"),
        ("GRAPH_VERSION", "26", "match pattern"),
        ("HASH_KEY", "short", "at least 16"),
        ("APP_SECRETS", " , ", "at least 1 item"),
        ("SMTP_URL", "mail.example.com:25", "write it as smtp://"),
        ("SMTP_URL", "smtp://eva:hush@mail.example.com:port", "write it as smtp://"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_what_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
):
    monkeypatch.setenv(f"SWITCHBOARD_{name}", value)
    with pytest.raises(SystemExit):
        settings.load()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"SWITCHBOARD_{name} is wrong: ")
    assert said in lines[0]
    assert value.strip(" ,") not in lines[0] or not value.strip(" ,")


@pytest.mark.usefixtures("complete")
def test_lists_and_addresses_are_read_as_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SWITCHBOARD_ALLOW_PRIVATE_HOSTS", "bot.internal, 10.0.0.7:8080,")
    monkeypatch.setenv("SWITCHBOARD_PUBLIC_URL", "https://dm.example/")
    read = settings.load()
    assert read.allow_private_hosts == ("bot.internal", "10.0.0.7:8080")
    assert read.public_url == read.console_url == "https://dm.example"
    assert read.mail_sender == "Switchboard <switchboard@dm.example>"
    assert [key.get_secret_value() for key in read.encryption_keys] == ["hush-new", "hush-old"]


@pytest.mark.usefixtures("complete")
def test_no_secret_shows_when_settings_are_printed():
    assert "hush" not in repr(settings.load())


def test_the_page_agrees_with_the_code():
    written = (ROOT / "docs/reference/settings.md").read_text()
    done = subprocess.run([sys.executable, "-m", "settings"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert written == done.stdout, "run: python -m settings > docs/reference/settings.md"
