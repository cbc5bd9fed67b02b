"""The compose file, the image and the locks, as far as they can be checked without a container engine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_services_are_the_production_shape():
    once = {"temporal-schema", "temporal-namespace", "migrate"}
    assert set(SERVICES) == once | {"postgresql", "temporal", "temporal-ui", "api", "worker", "simulator"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["simulator"]
    assert SERVICES["simulator"]["profiles"] == ["simulator"]


@pytest.mark.parametrize("name", ["api", "worker", "temporal"])
def test_what_is_scaled_has_no_name_or_single_port_of_its_own(name: str):
    service = SERVICES[name]
    assert "container_name" not in service
    assert "hostname" not in service
    assert all("-8009}:" in port for port in service.get("ports", []))


@pytest.mark.parametrize("name", ["postgresql", "temporal", "api"])
def test_what_others_wait_for_has_a_health_check(name: str):
    assert SERVICES[name]["healthcheck"]["test"]


def test_services_wait_for_services_that_exist():
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for the health of {other}"


def test_every_setting_named_there_exists():
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for file in ("docker-compose.yml", "Dockerfile", "deploy/env.example", ".ci/run", "Makefile", "docs/how-to/run.md"):
        assert set(re.findall(rf"{PREFIX}[A-Z_]+", (ROOT / file).read_text())) <= known, file


def test_every_required_setting_is_given():
    required = {PREFIX + name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    for name in ("api", "worker", "migrate"):
        assert required <= set(SERVICES[name]["environment"]), name


def test_variables_that_must_be_set_are_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / "deploy/env.example").read_text()
    for name in set(re.findall(r"\$\{([A-Z_]+):\?", text)):
        assert re.search(rf"^{name}=", example, re.MULTILINE), name


def test_volumes_and_mounted_folders_exist():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        for part in service.get("entrypoint", []):
            if part.startswith("/deploy/"):
                assert (ROOT / part.removeprefix("/")).exists()


def test_temporal_learns_the_search_attributes_that_workflows_use():
    from workflows.attributes import SEARCH_ATTRIBUTES

    lines = (ROOT / "deploy/search-attributes.txt").read_text().splitlines()
    assert dict(line.split() for line in lines) == SEARCH_ATTRIBUTES


def test_everything_that_the_image_copies_exists_and_is_let_through():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        top = source.split("/")[0]
        assert f"!{top}" in ignored or f"!{top}/" in ignored or (top.endswith(".py") and "!*.py" in ignored), source


def test_the_image_does_not_run_as_root():
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d+$", final, re.MULTILINE)


def test_every_package_is_in_the_wheel_and_the_image():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {pattern.rstrip("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    for package in packages - {"local"}:  # the local stack's servers are not in the runtime lock
        assert re.search(rf"^COPY {package} {package}$", DOCKERFILE, re.MULTILINE), package


@pytest.mark.parametrize("name", ["runtime", "build", "all"])
def test_locks_have_hashes_and_name_no_host(name: str):
    text = (ROOT / f"requirements/{name}.txt").read_text()
    pinned = re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert len(pinned) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(extra-)?index|--find-links", text)


def test_the_lock_holds_every_dependency_that_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked: list[str] = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        asked += group
    text = (ROOT / "requirements/all.txt").read_text()
    for requirement in asked:
        name = re.split(r"[\[><=]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}==", text, re.MULTILINE), f"run: make lock ({name} is not locked)"


def test_links_between_documents_lead_somewhere():
    for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.relative_to(ROOT)} links to {target}"
