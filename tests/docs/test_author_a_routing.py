"""The tutorial on authoring over HTTP, done as it stands there: its commands, and its talks on the simulator."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import ports
from tests.docs.terminal import Terminal, commands, terminal_of
from tests.end_to_end.conftest import System, until

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial/author-a-routing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(console|conversation)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ORDER_BOOK = "8099"
"""The port that the page names; here it is a free one."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """`make run` as the page begins, on other ports; the order book may be asked."""
    port = ports.free()
    monkeypatch.setenv("SWITCHBOARD_ALLOW_PRIVATE_HOSTS", f"127.0.0.1:{port}")
    made = System(tmp_path)
    made.start()
    yield made
    made.stop()
    made.http.close()


@pytest.fixture
def terminal(system: System, tmp_path: Path) -> Iterator[Terminal]:
    with terminal_of(system, tmp_path) as opened:
        yield opened


def test_the_page_begins_as_this_test_does() -> None:
    assert f"SWITCHBOARD_ALLOW_PRIVATE_HOSTS=127.0.0.1:{ORDER_BOOK} make run" in PAGE


def test_the_tutorial(system: System, terminal: Terminal) -> None:
    port = os.environ["SWITCHBOARD_ALLOW_PRIVATE_HOSTS"].rpartition(":")[2]
    conversations = 0
    for kind, block in BLOCK.findall(PAGE.replace(ORDER_BOOK, port)):
        if kind == "conversation":
            talk(system, block)
            conversations += 1
            continue
        for command, prints in commands(block):
            assert terminal.type(command) == prints, command
    assert conversations == 4, "open with a ticket, open and all is well, closed, and the order book away"
    tickets = system.sql("SELECT title, comment FROM tickets ORDER BY number")
    assert tickets[0] == ("Something is wrong with an order", "The fern is a palm")
    assert [title for title, _ in tickets] == ["Something is wrong with an order", "The order book does not answer"]
    ends = system.sql("SELECT revision, cause, missed FROM conversations ORDER BY opened_at")
    assert ends == [(2, None, False), (2, "user", False), (3, "out_of_hours", True), (4, None, False)]


def talk(system: System, block: str) -> None:
    """A new customer has this conversation on the simulator."""
    customer, said = system.customer(), []
    for line in block.splitlines():
        who, _, words = line.partition(": ")
        if who == "shop":
            said.append(words)
            continue
        customer.sees(*said)
        customer.writes(words) if who == "you" else customer.taps(words)
    customer.sees(*said)
    until(lambda: customer.texts() == said, 5)
