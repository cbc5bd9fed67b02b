"""The tutorial on an agent's work, done as it stands there: its commands, and what the customer writes and sees."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.terminal import Terminal, commands, terminal_of
from tests.end_to_end.conftest import System, until

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial/work-as-an-agent.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(console|customer)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """`make run` as the page begins, on other ports."""
    made = System(tmp_path)
    made.start()
    yield made
    made.stop()
    made.http.close()


@pytest.fixture
def terminal(system: System, tmp_path: Path) -> Iterator[Terminal]:
    with terminal_of(system, tmp_path) as opened:
        yield opened


def test_the_tutorial(system: System, terminal: Terminal) -> None:
    jana = system.customer()
    said: list[str] = []
    typed = 0
    for kind, block in BLOCK.findall(PAGE):
        if kind == "console":
            for command, prints in commands(block):
                assert terminal.type(command) == prints, command
                typed += 1
            continue
        for line in block.splitlines():
            who, _, words = line.partition(":")
            if who == "you":
                jana.writes(words.strip())
            else:
                said.append("" if words.strip() == "(a picture)" else words.strip())
        jana.sees(*said)
        # What the customer wrote has to be in the store before the page reads it.
        wrote = sum(message["author"] == "customer" for message in jana.thread())
        heard = "SELECT count(*) FROM messages m JOIN conversations c ON c.name = m.conversation"
        query = f"{heard} WHERE m.direction = 'in' AND c.customer = %s"
        until(lambda query=query, wrote=wrote: system.sql(query, jana.id) == [(wrote,)], 20)
        until(lambda: system.sql("SELECT count(*) FROM stays WHERE left_at IS NULL") == [(1,)], 20)
    assert typed > 30
    assert "She pays by card." not in str(jana.thread())
    [picture] = [message["attachments"] for message in jana.received() if message.get("attachments")]
    assert system.http.get(picture[0]["url"]).status_code == 200
