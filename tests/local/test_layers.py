"""Who may import whom, for the modules beside the packages; `make check` holds the packages to the same rules."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {
    "activities",
    "api",
    "cli",
    "commands",
    "detection",
    "instagram",
    "local",
    "routing",
    "settings",
    "store",
    "tests",
} | {
    "outside",
    "worker",
    "workflows",
}
# ARCHITECTURE, "Who may import whom": entry points import downwards, and never each other.
ALLOWED = {
    "cli": {"commands", "settings", "store"},
    "worker": {"activities", "detection", "instagram", "outside", "routing", "settings", "store", "workflows"},
    "outside": {"instagram", "settings", "store"},
    "settings": set[str](),
    "detection": set[str](),
}


def imported(file: Path) -> set[str]:
    """Full names of the modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", ALLOWED)
def test_modules_import_downwards_only(module: str):
    ours = {name.split(".")[0] for name in imported(ROOT / f"{module}.py")} & OURS
    assert ours <= ALLOWED[module]


@pytest.mark.parametrize("module", ALLOWED)
def test_modules_do_not_know_the_simulator(module: str):
    assert not {name for name in imported(ROOT / f"{module}.py") if name.startswith("instagram.simulator")}


def test_every_module_of_the_project_is_known_here():
    project = {path.stem for path in ROOT.glob("*.py")}
    assert project <= set(ALLOWED), "say in ALLOWED what the new module may import"
