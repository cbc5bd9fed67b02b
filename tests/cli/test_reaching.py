"""How commands reach an installation: the URL, the token, and what they say where that does not work."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from tests.api.conftest import Serve
from tests.api.drafts import small
from tests.cli.conftest import Desk, Shell

pytestmark = pytest.mark.anyio
ASKS = [("check",), ("diff",), ("apply", "--note", "x"), ("export",), ("scenarios",), ("impact",)]


@pytest.mark.parametrize("command", ASKS, ids=lambda command: command[0])
def test_without_a_token_it_says_where_one_comes_from(shell: Shell, command: tuple[str, ...]) -> None:
    told = shell.run(*command)
    assert (told.code, told.out) == (2, "")
    assert "no API token: make one (POST /api/v1/tokens" in told.err
    assert "SWITCHBOARD_TOKEN" in told.err
    assert set(shell.run(*command, "--json").json) == {"error"}


def test_apply_without_a_token_says_how_to_go_on(shell: Shell) -> None:
    told = shell.run("apply", shell.write(small()), "--note", "x")
    assert told.code == 2
    assert "switchboard apply FILE --direct" in told.err


@pytest.mark.parametrize("command", ASKS, ids=lambda command: command[0])
async def test_a_wrong_token_is_refused(desk: Desk, command: tuple[str, ...]) -> None:
    desk.shell.set(TOKEN="sb_" + "x" * 43)
    told = await desk.run(*command)
    assert (told.code, told.out) == (2, "")
    assert "token" in told.err


@pytest.mark.parametrize("token", ["sb_with\na newline", "sb_…", "sb_a b"])
async def test_what_cannot_be_a_token_is_not_repeated(desk: Desk, token: str) -> None:
    desk.shell.set(TOKEN=token)
    told = await desk.run("export")
    assert (told.code, told.out) == (2, "")
    assert "SWITCHBOARD_TOKEN holds what cannot be a token" in told.err
    assert token not in told.err


async def test_too_small_a_role_is_refused(desk: Desk) -> None:
    await desk.becomes("jan", "agent")
    told = await desk.run("export")
    assert (told.code, "supervisor" in told.err) == (2, True)
    assert (await desk.run("export", "--production")).code == 0, "that is for everybody"
    await desk.becomes("petr", "supervisor")
    assert (await desk.run("export")).code == 0
    told = await desk.run("apply", "--note", "x")
    assert (told.code, "admin" in told.err) == (2, True)


def test_an_api_that_is_away_is_named(shell: Shell, free_port: Callable[[], int]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    shell.set(URL=url, TOKEN="sb_x")
    for command in ASKS:
        told = shell.run(*command)
        assert told.code == 2
        assert f"the API at {url} is not there" in told.err
        assert "--url says where it is" in told.err


async def test_the_option_says_where_it_is(desk: Desk, free_port: Callable[[], int]) -> None:
    desk.shell.set(URL=f"http://127.0.0.1:{free_port()}")
    assert (await desk.run("export")).code == 2
    assert (await desk.run("export", "--url", f"{desk.office.url}/")).code == 0


async def test_something_else_at_that_address_is_named(serve: Serve, desk: Desk) -> None:
    other = FastAPI()
    async with serve(other) as url:
        told = await desk.run("export", "--url", url)
    assert told.code == 2
    assert told.err == f"what answers at {url} is not Switchboard's API: 404 Not Found for /api/v1/sandbox\n"


def test_a_wrong_setting_is_told_in_a_sentence(shell: Shell) -> None:
    shell.set(URL="example.com")
    told = shell.run("export")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("SWITCHBOARD_URL is wrong:")
    assert shell.run("export", "--json").json["error"] == told.err.strip()
    told = shell.run("accounts", "--json")
    assert (told.code, "SWITCHBOARD_DATABASE_URL is not set" in told.json["error"]) == (2, True)
