"""The command line, as people and pipelines use it."""

import asyncio
import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

import cli
from store.accounts import account, pause_account
from store.database import Database
from store.invitations import opened
from store.revisions import authorise_connector, current_revision
from store.secrets import Vault

TESTS = Path(__file__).parent
EVERYTHING = str(TESTS / "configurations" / "everything.yaml")
PATTERN = str(TESTS / "configurations" / "pattern.yaml")
SCENARIOS = str(TESTS / "scenarios" / "pattern.yaml")
TEN = """
format: 1
langauges: {default: en, offered: [en]}
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: welcom}}
decision_trees:
  welcome:
    title: Welcome
    start: first
    decisions:
      first:
        title: First
        actions:
          - {type: send_mesage, text: Hello}
          - {type: send_message, text: "Hello {{ custmer.name }}"}
          - {type: create_ticket, title: T, category: orders}
          - type: target
            execution: when_client_chooses
            answer: {type: pattern, pattern: "/(?=x)/"}
            to: {type: decision, name: second}
        no_answer: {after: soon, to: {type: queue, name: people}}
queues:
  people: {title: People, priority: 11}
terminates:
  bye: {title: Bye, cause: boredom}
"""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    for name, value in {
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "HASH_KEY": "a hash key of the tests",
        "APP_SECRETS": "the app secret",
        "WEBHOOK_VERIFY_TOKEN": "the verify token",
    }.items():
        monkeypatch.setenv(f"SWITCHBOARD_{name}", value)


def test_check_lists_ten_mistakes_with_path_and_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ten.yaml"
    file.write_text(TEN)
    assert cli.main(["check", str(file), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    errors = [problem for problem in told["problems"] if problem["severity"] == "error"]
    assert not told["holds"]
    assert len(errors) == 10, [(one["path"], one["code"]) for one in errors]
    assert all(one["message"] for one in errors)
    assert cli.main(["check", str(file)]) == 1
    shown = capsys.readouterr().out
    assert all(one["path"] in shown for one in errors)
    assert "did you mean `welcome`?" in shown
    assert "10 errors" in shown


def test_check_of_a_good_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", EVERYTHING]) == 0
    assert capsys.readouterr().out.endswith("0 errors, 0 warnings\n")


def test_what_is_no_yaml_is_a_problem_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("format: 1\nqueues: {a: [\n")
    assert cli.main(["check", str(file)]) == 1
    assert "line" in capsys.readouterr().out


def test_a_file_that_is_not_there_cannot_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "nowhere.yaml"]) == 2
    assert capsys.readouterr().err.startswith("nowhere.yaml cannot be read")


def test_scenarios_that_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenario", SCENARIOS, "--configuration", PATTERN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["holds"] is True


def test_a_failing_scenario_says_what_happened_instead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "scenarios: {wrong: {title: Wrong, connector: shop, at: 2026-11-23T10:00:00+01:00,"
        " steps: [{user: hi}, {bot: Something else}, {place: queues/nowhere}]}}"
    )
    assert cli.main(["scenario", str(file), "--configuration", PATTERN]) == 1
    shown = capsys.readouterr().out
    assert "step 2, bot: expected Something else" in shown
    assert "step 3, place: expected queues/nowhere" in shown


def test_a_misspelt_step_cannot_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "misspelt.yaml"
    file.write_text(
        "scenarios: {wrong: {title: Wrong, connector: shop, at: 2026-11-23T10:00:00+01:00, steps: [{usr: hi}]}}"
    )
    assert cli.main(["scenario", str(file), "--configuration", PATTERN]) == 2
    assert "did you mean `user`?" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_apply_makes_a_revision_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["apply", EVERYTHING, "--note", "First"]) == 0
    assert "is now revision 1" in capsys.readouterr().out
    assert cli.main(["apply", EVERYTHING, "--note", "Again"]) == 0
    assert "is the current configuration already, revision 1" in capsys.readouterr().out
    assert cli.main(["apply", PATTERN, "--note", "Another", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["revision"] == 2


@pytest.mark.usefixtures("store")
def test_apply_refuses_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ten.yaml"
    file.write_text(TEN)
    assert cli.main(["apply", str(file), "--note", "No"]) == 1
    assert "not applied, 10 errors to mend first" in capsys.readouterr().out


@pytest.mark.usefixtures("store")
def test_without_a_database_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SWITCHBOARD_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    for command in (["apply", EVERYTHING, "--note", "x"], ["migrate"]):
        assert cli.main(command) == 2
        assert "SWITCHBOARD_DATABASE_URL cannot be used" in capsys.readouterr().err


# Accounts -------------------------------------------------------------------------------------------------------------

SHOP = "17841400000000001"
ONE_SHOP = """
format: 1
connectors:
  shop: {title: Shop, next: {type: queue, name: people}}
queues:
  people: {title: People}
"""


@pytest.fixture
def shop(store: None, tmp_path: Path) -> Path:
    """A file whose connector has no account, applied."""
    file = tmp_path / "shop.yaml"
    file.write_text(ONE_SHOP)
    assert cli.main(["apply", str(file), "--note", "first"]) == 0
    return file


def connect(monkeypatch: pytest.MonkeyPatch, token: str = "IGAA-of-the-shop") -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
    assert cli.main(["connect", SHOP, "--flavour", "login", "--username", "shop"]) == 0


def test_authorise_prints_a_link_that_holds_for_an_hour(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["authorise", "shop", "--author", "eva"]) == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://127.0.0.1:8000/authorise/")
    written, key = link.rpartition("/")[2], "a hash key of the tests"
    found = opened(key, written, datetime.now(UTC))
    assert found is not None
    assert (found.connector, found.author) == ("shop", "eva")
    assert opened(key, written, datetime.now(UTC) + timedelta(hours=1)) is None
    assert opened("another key", written, datetime.now(UTC)) is None
    assert cli.main(["authorise", "kiosk"]) == 2
    assert "it has: shop" in capsys.readouterr().err


def test_accounts_says_who_can_send(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["accounts"]) == 0
    connect(monkeypatch)
    capsys.readouterr()
    assert cli.main(["accounts"]) == 0
    assert capsys.readouterr().out == f"{SHOP}  @shop  login  active\n1 account, 0 paused\n"
    asyncio.run(_pause("message access is switched off"))
    assert cli.main(["accounts"]) == 1
    assert "message access is switched off" in capsys.readouterr().out
    assert cli.main(["accounts", "--json"]) == 1
    [told] = json.loads(capsys.readouterr().out)["accounts"]
    assert (told["id"], told["status"]) == (SHOP, "paused")
    assert "token" not in told
    assert cli.main(["resume", SHOP]) == 0
    assert cli.main(["accounts"]) == 0
    assert cli.main(["resume", "4711"]) == 2


def test_an_apply_keeps_what_was_authorised(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_authorised())
    shop.write_text(ONE_SHOP.replace("title: Shop", "title: The shop"))
    assert cli.main(["apply", str(shop), "--note", "a better title"]) == 0
    document = asyncio.run(_document())
    assert document["connectors"]["shop"] == {
        "title": "The shop",
        "account": SHOP,
        "next": {"type": "queue", "name": "people"},
    }
    capsys.readouterr()
    assert cli.main(["apply", str(shop), "--note", "again"]) == 0
    assert "is the current configuration already" in capsys.readouterr().out


def test_encrypt_lets_an_old_key_go(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO("a value\n"))
    assert cli.main(["secret", "key"]) == 0
    old, new = os.environ["SWITCHBOARD_ENCRYPTION_KEYS"], Fernet.generate_key().decode()
    monkeypatch.setenv("SWITCHBOARD_ENCRYPTION_KEYS", f"{new},{old}")
    capsys.readouterr()
    assert cli.main(["encrypt"]) == 0
    assert capsys.readouterr().out == "1 token and 1 secret are encrypted with the first key\n"
    monkeypatch.setenv("SWITCHBOARD_ENCRYPTION_KEYS", new)
    assert asyncio.run(_token()) == "IGAA-of-the-shop"


def _database() -> Database:
    return Database(os.environ["SWITCHBOARD_DATABASE_URL"])


async def _pause(reason: str) -> None:
    database = _database()
    async with database.begin() as session:
        await pause_account(session, SHOP, reason)
    await database.close()


async def _authorised() -> None:
    database = _database()
    async with database.begin() as session:
        await authorise_connector(session, "shop", SHOP, "eva", "for a test")
    await database.close()


async def _document() -> dict[str, Any]:
    database = _database()
    async with database.begin() as session:
        current = await current_revision(session)
    await database.close()
    assert current is not None
    return current.document


async def _token() -> str | None:
    database = _database()
    async with database.begin() as session:
        found = await account(session, Vault(os.environ["SWITCHBOARD_ENCRYPTION_KEYS"].split(",")), SHOP)
    await database.close()
    assert found is not None
    return found.token
