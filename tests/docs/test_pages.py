"""The pages hold together: links lead somewhere, every page is found, and what they name exists."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import cli
from activities import conversations, delivery
from api import forwarder, limits, openapi, sorting
from routing import interpreter
from routing.conversation import REMEMBERED
from routing.turns import decisions
from settings import PREFIX, Settings
from workflows import compression, records
from workflows import conversation as workflow
from workflows.attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs/README.md"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def links(page: Path) -> list[tuple[Path, str]]:
    """The file and the anchor of each link that leads to another place of the project."""
    text = BLOCK.sub("", page.read_text())
    found: list[tuple[Path, str]] = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found.append(((page.parent / file).resolve() if file else page, anchor))
    return found


def anchors(page: Path) -> set[str]:
    """The names that headings get where Markdown is shown: small letters, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, anchor in links(page):
        assert file.exists(), f"{name_of(page)} links to {file}"
        assert not anchor or anchor in anchors(file), f"{name_of(page)} links to #{anchor} of {name_of(file)}"


def test_the_index_has_every_page() -> None:
    listed = {file for file, _ in links(INDEX)}
    assert listed >= {page for page in PAGES if page not in (INDEX, ROOT / "README.md")}
    assert INDEX in {file for file, _ in links(ROOT / "README.md")}


def test_the_index_has_four_parts_and_a_line_for_each_page() -> None:
    text = INDEX.read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Tutorial", "How-to", "Reference", "Explanation"]
    for line in re.findall(r"^\*.*$", text, re.MULTILINE):
        assert re.fullmatch(r"\* \[.+?\]\(.+?\): .+", line), line


@every_page
def test_every_yaml_block_can_be_read(page: Path) -> None:
    for kind, content in BLOCK.findall(page.read_text()):
        if kind.split("-")[0].split(" ")[0] == "yaml":
            assert isinstance(yaml.safe_load(content), dict), content


def commands() -> dict[str, argparse.ArgumentParser]:
    """The commands of `switchboard` with their parsers."""
    [choices] = [action.choices for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction)]  # pyright: ignore[reportPrivateUsage]  nor of a parser's
    return dict(choices)


# In a sentence the name of the product is followed by other words: only code counts.
CODE = re.compile(r"^```(?:sh|console)\n(.*?)^```$|`(switchboard [^`]+)`", re.MULTILINE | re.DOTALL)
USED = re.compile(r"(?:^|[|;&/`$(] ?)switchboard ([a-z]+)([^|;#\n]*)", re.MULTILINE)


@every_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    known = commands()
    for block, inline in CODE.findall(page.read_text()):
        for command, rest in USED.findall(block or inline):
            assert command in known, f"{name_of(page)}: switchboard {command}"
            for option in re.findall(r"(?<!\S)--[a-z]+", rest):
                assert option in known[command].format_help(), f"{name_of(page)}: switchboard {command} {option}"


def test_every_command_is_explained() -> None:
    text = "".join(page.read_text() for page in PAGES)
    missing = [command for command in commands() if f"switchboard {command}" not in text]
    assert missing == []


def test_every_route_is_in_the_reference() -> None:
    text = "".join(page.read_text() for page in PAGES if page.parent.name == "reference")
    missing: list[str] = []
    for path in openapi.document()["paths"]:
        # Pages leave out `/api/v1`, and call what stands in braces by other names.
        short = re.sub(r"\\{.*?\\}", r"[^/`\\s]+", re.escape(path.removeprefix("/api/v1")))
        if not re.search(rf"{short}(?![\w/-])", text):
            missing.append(path)
    assert missing == []


@every_page
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for block, inline in re.findall(r"^```sh\n(.*?)^```$|`(make [a-z]+)", page.read_text(), re.MULTILINE | re.DOTALL):
        named = set(re.findall(r"^make ([a-z]+)", block or inline, re.MULTILINE))
        assert named <= targets, name_of(page)


@every_page
def test_every_setting_exists(page: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", page.read_text())) <= known


@every_page
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    top = {path.name for path in ROOT.iterdir()}
    for named in re.findall(r"`([\w./-]+/[\w./-]*|\w+\.py)`", page.read_text()):
        if named.split("/")[0] in top and named[0] != ".":
            assert (ROOT / named).exists(), f"{name_of(page)} names {named}"


@every_page
def test_tests_that_are_named_exist(page: Path) -> None:
    defined = {
        name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert set(re.findall(r"`(test_\w+)`", page.read_text())) <= defined


@every_page
def test_no_page_names_a_folder_of_somebodys_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|home|root|tmp|Users)/[\w./-]*", page.read_text()) == []


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    page = (ROOT / "docs/architecture.md").read_text()
    missing = [name for name in (re.split(r"[\[><=]", one)[0] for one in asked) if f"`{name}`" not in page]
    assert missing == []


def test_every_search_attribute_is_explained() -> None:
    page = (ROOT / "docs/how-to/find-a-conversation.md").read_text()
    assert set(re.findall(r"^\| `(Switchboard\w+)` \|", page, re.MULTILINE)) == set(SEARCH_ATTRIBUTES)
    assert set(re.findall(r"Switchboard[A-Z]\w+", page)) == set(SEARCH_ATTRIBUTES)


NUMBERS = [
    ("explanation/exactly-once", f"{delivery.SETTLED.seconds} seconds"),
    ("explanation/exactly-once", f"{sorting.DOUBT.seconds} seconds"),
    ("explanation/exactly-once", f"last {workflow.SEEN} keys"),
    ("architecture", f"{records.HISTORY_LIMIT:,} history events"),
    ("architecture", f"last {workflow.SEEN} keys"),
    ("architecture", f"from {compression.LARGE // 1024} KiB on"),
    ("explanation/choices", f"newest {REMEMBERED} lines"),
    ("explanation/choices", f"at most {decisions.MOST_BUTTONS},"),
    ("explanation/choices", f"{interpreter.MOST_PLACES:,}\n  places, or {interpreter.MOST_ACTIONS:,} actions"),
    ("explanation/choices", f"take {conversations.PROFILE_TIME:g} seconds"),
    ("explanation/choices", f"may have {limits.WEBHOOK // 1_000_000} MB"),
    ("explanation/choices", f"on {forwarder.THREADS} threads"),
    ("explanation/choices", f"up to {forwarder.TOGETHER} events"),
    ("explanation/choices", f"up to\n  {forwarder.LONGEST_WAIT.seconds} s after a failure"),
]


@pytest.mark.parametrize(("page", "number"), NUMBERS)
def test_numbers_are_those_of_the_code(page: str, number: str) -> None:
    assert number in (ROOT / f"docs/{page}.md").read_text()
