"""The page on access has every action that the audit log can have, and the sizes of bodies are those of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from api import documents, limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/access.md").read_text(encoding="utf-8")
RECORDING = ("record", "audit.record", "told_changes")
ACTION = re.compile(r"[a-z]+\.[a-z]+")


def recorded() -> Iterator[str]:
    """What is handed to `record` of the audit log as its action, or to what hands it on, wherever that is called."""
    for folder in ("api", "store", "commands", "activities"):
        for file in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in RECORDING:
                    for given in node.args:
                        yield from _texts(given)


def _texts(given: ast.expr) -> Iterator[str]:
    match given:
        case ast.Constant(str(text)) if ACTION.fullmatch(text):
            yield text
        case ast.JoinedStr([ast.Constant(str(kind)), ast.FormattedValue(ast.IfExp(_, one, other))]) if kind[-1] == ".":
            yield from (f"{kind}{ast.literal_eval(word)}" for word in (one, other))
        case _:
            pass


def test_every_action_of_the_audit_log_is_there() -> None:
    section = PAGE.partition("\n## The audit log\n")[2]
    rows = re.findall(r"^\| (`[a-z]+\.[^|]*) \|", section, re.MULTILINE)
    named = [action for row in rows for action in re.findall(r"`([a-z.]+)`", row)]
    assert len(named) == len(set(named))
    found = set(recorded())
    assert {"sandbox.created", "connector.invited", "user.created"} <= found
    assert set(named) == found


def test_the_sizes_of_bodies() -> None:
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    for told in (
        f"Bodies over {limits.OTHERWISE:,} bytes",
        f"the webhook {limits.WEBHOOK:,}",
        f"`PUT /api/v1/sandbox` {documents.LARGEST:,}",
    ):
        assert told in page
