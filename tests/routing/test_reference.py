"""The reference names everything that the language has, and its examples are as good as they look."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from routing import configuration, messages
from routing.configuration import KIND_OF, Action, Configuration, Operator
from routing.documents import read
from routing.filters import FILTERS
from routing.problems import check
from routing.problems.templates import RESERVED
from routing.rehearsal import Reply
from routing.scenarios import Scenario, ScenarioStep, scenarios_of
from routing.templates import render

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES = {name: (FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in ("language", "templates", "scenarios")}


def types_of(union: Any) -> list[str]:
    return [str(get_args(member.model_fields["type"].annotation)[0]) for member in get_args(get_args(union)[0])]


def described(page: str) -> set[str]:
    """Everything that has a heading or the first cell of a row of its own."""
    text = PAGES[page]
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    rows = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return {heading.lower() for heading in headings} | {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("kind", [*Configuration.model_fields])
def test_every_kind_is_described(kind: str) -> None:
    assert kind in described("language")
    if kind not in ("format", "languages"):
        assert kind.replace("_", " ") in described("language")


@pytest.mark.parametrize("name", [*types_of(Action), *types_of(configuration.Answer), *get_args(Operator)])
def test_every_action_answer_and_operator_is_described(name: str) -> None:
    assert name in described("language")


@pytest.mark.parametrize("name", [*types_of(messages.Event), *types_of(messages.Command)])
def test_every_event_and_command_is_described(name: str) -> None:
    assert name in described("language")


@pytest.mark.parametrize("name", KIND_OF)
def test_every_destination_is_named(name: str) -> None:
    assert f"`{name}`" in PAGES["language"]


def fields() -> list[tuple[str, str]]:
    """Every field of what people author, except those that all entities have."""
    models = [
        getattr(configuration, name)
        for name in dir(configuration)
        if isinstance(getattr(configuration, name), type)
        and issubclass(getattr(configuration, name), configuration.Spec)
    ]
    general = {"type", "title", "description", "name", "text", "variants"}
    return sorted(
        {
            (model.__name__, field.alias or name)
            for model in models
            for name, field in model.model_fields.items()
            if (field.alias or name) not in general
        }
    )


@pytest.mark.parametrize(("model", "field"), fields())
def test_every_field_is_named(model: str, field: str) -> None:
    assert re.search(rf"\b{field}\b", PAGES["language"]), f"{model}.{field}"


@pytest.mark.parametrize("name", ["system: own", "system: public_holidays"])
def test_every_system_of_hours_is_shown(name: str) -> None:
    assert name in PAGES["language"]
    assert name.removeprefix("system: ") in described("language")


@pytest.mark.parametrize("step", ScenarioStep.model_fields)
def test_every_step_is_described(step: str) -> None:
    assert step in described("scenarios")


@pytest.mark.parametrize("field", [*Scenario.model_fields, *Reply.model_fields])
def test_every_field_of_a_scenario_is_named(field: str) -> None:
    assert f"`{field}`" in PAGES["scenarios"]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_described(name: str) -> None:
    assert name in described("templates")


FILTER_ROWS = re.findall(r"^\| `(\w+)` \| `(\{\{.+?\}\})` \| `(.+)` \|$", PAGES["templates"], re.MULTILINE)


@pytest.mark.parametrize(("name", "example", "gives"), FILTER_ROWS)
def test_every_filter_gives_what_its_row_says(name: str, example: str, gives: str) -> None:
    assert f"| {name}" in example.replace("\\|", "|")
    assert render(example.replace("\\|", "|"), {"data": {}}) == gives


def test_every_filter_has_an_example() -> None:
    assert [name for name, _, _ in FILTER_ROWS] == list(FILTERS)


@pytest.mark.parametrize("name", RESERVED)
def test_every_name_of_templates_is_described(name: str) -> None:
    assert name in described("templates")


# The examples ---------------------------------------------------------------------------------------------------------


def blocks(kind: str) -> list[str]:
    return [
        block
        for page in PAGES.values()
        for block in re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    ]


def test_every_block_says_what_it_is() -> None:
    opened = [kind for page in PAGES.values() for kind in re.findall(r"^```(\S+)$", page, re.MULTILINE)]
    assert set(opened) == {"yaml", "yaml-action", "yaml-scenarios"}


@pytest.mark.parametrize("block", blocks("yaml"))
def test_whole_configurations_have_no_error(block: str) -> None:
    assert check(read(block)).errors == ()


@pytest.mark.parametrize("block", blocks("yaml-action"))
def test_actions_are_actions(block: str) -> None:
    TypeAdapter(Action).validate_python(read(block))


@pytest.mark.parametrize("name", types_of(Action))
def test_every_action_is_shown(name: str) -> None:
    assert any(isinstance(found := read(block), dict) and found["type"] == name for block in blocks("yaml-action"))


@pytest.mark.parametrize("block", blocks("yaml-scenarios"))
def test_scenarios_are_scenarios(block: str) -> None:
    assert scenarios_of(read(block)).scenarios
