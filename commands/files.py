"""Files of people who keep configurations in git: read, checked, and named in what is said about them."""

import sys
from pathlib import Path
from typing import Any

from commands.installation import CannotRun
from commands.output import count
from routing.documents import DocumentError, read
from routing.graph import Graph
from routing.problems import Checked, Problem, check
from routing.scenarios import ScenarioError, Scenarios, scenarios_of


def document(file: str) -> object:
    """The data in a file, `-` for the standard input; raises DocumentError for what is neither YAML nor JSON."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CannotRun(f"{file} cannot be read: {reason}") from error
    return read(text, name=file)


def mapping(file: str) -> dict[str, Any]:
    """A file whose data is a mapping, as every document here is; raises CannotRun otherwise."""
    try:
        found = document(file)
    except DocumentError as error:
        raise CannotRun(str(error)) from error
    if not isinstance(found, dict):
        raise CannotRun(f"{file} holds no document: that is a mapping, which begins with `format: 1` or `scenarios:`")
    return found


def checked(file: str) -> tuple[object, Checked]:
    """The document and all its problems; a file that is no YAML is one problem, and the document then None."""
    try:
        found = document(file)
    except DocumentError as error:
        return None, Checked((Problem(path="", code="unreadable", severity="error", message=str(error)),), None)
    return found, check(found)


def graph(name: str, found: Checked) -> Graph:
    """The graph of a configuration that something is to run on; raises CannotRun with all errors where there is none.

    `name` is how people know it.
    """
    if found.graph is None:
        told = "\n".join(f"  {problem.path}: {problem.message}" for problem in found.errors)
        raise CannotRun(f"{name} has {count(len(found.errors), 'error')}, so nothing can run on it:\n{told}")
    return found.graph


def scenarios(file: str) -> tuple[dict[str, Any], Scenarios]:
    """A file of scenarios, as it is written and as it is understood; raises CannotRun with every mistake."""
    found = mapping(file)
    try:
        return found, scenarios_of(found)
    except ScenarioError as error:
        raise CannotRun(f"{file}: {error}") from error
