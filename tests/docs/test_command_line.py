"""The page on the command line has every command with every argument, and says what each is for as the parser does."""

import argparse
import re
from pathlib import Path

import pytest

from tests.docs.test_pages import commands

PAGE = (Path(__file__).parents[2] / "docs/reference/command-line.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
# Told once above their commands, or by "as for `check`" with others.
OFTEN = {"--url", "--json"}


def arguments(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Every argument as the page names it: `FILE`, `--note NOTE`, `--running finish|move`."""
    found: dict[str, argparse.Action] = {}
    for action in parser._actions:
        if action.dest == "help":
            continue
        value = "|".join(action.choices) if action.choices else action.metavar or action.dest.upper()
        if not action.option_strings:
            found[str(action.metavar)] = action
        else:
            found[f"{action.option_strings[0]} {value}" if action.nargs != 0 else action.option_strings[0]] = action
    return found


def rows(section: str) -> dict[str, str]:
    """The meaning of each argument that the section lists."""
    found: dict[str, str] = {}
    for cell, meaning in re.findall(r"^\| (`.+?`) \| (.+) \|$", section, re.MULTILINE):
        for named in re.findall(r"`([^`]+)`", cell):
            found[named.replace("\\|", "|")] = meaning
    return found


def test_every_command_is_there_and_no_other() -> None:
    assert set(SECTIONS) == set(commands())


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_argument_is_there_and_no_other(command: str) -> None:
    known = arguments(commands()[command])
    listed = rows(SECTIONS[command])
    hidden = {name for name in known if name.split()[0] in OFTEN}
    if "--url URL" not in known:
        assert set(listed) == set(known) - hidden
    else:
        assert set(listed) == set(known)


@pytest.mark.parametrize("command", sorted(commands()))
def test_defaults_and_what_must_be_given_are_those_of_the_parser(command: str) -> None:
    listed = rows(SECTIONS[command])
    for name, action in arguments(commands()[command]).items():
        if default := re.search(r"\(default: \w+\)", action.help or ""):
            assert default[0] in listed[name], name
        if action.option_strings:
            assert ("it must be given" in listed.get(name, "")) == action.required, name
