"""The page on conversations over HTTP names every route, filter, step, state and number; its example is a real one."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from api import acts, impact, interventions, secrets
from api.conversations import list_conversations
from api.impact import WantedImpact
from api.lists import Limit
from api.previews import Preview
from api.roles import ROLES
from bench.customers import demo, graph_of
from detection import detect
from routing.acts import MOST_STEPS, Act
from routing.preview import preview
from store.attachments import LINK_LIFE
from store.messages import State
from tests.docs.examples import block, holds

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/conversations-api.md").read_text(encoding="utf-8")
ABOUT = (
    *("preview", "impact", "tree", "conversations", "queues", "tickets", "notifications"),
    *("accounts", "connectors", "secrets"),
)


def words(heading: str) -> set[str]:
    """The words in the first column of the tables below a heading."""
    section = re.split(r"\n##+ ", PAGE.partition(f"# {heading}\n")[2])[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_every_route_is_there_with_its_role() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /api/v1/[^` ?]*)[^|`]*` \| (\w+) \|", PAGE, re.MULTILINE)
    prose = re.findall(r"^`([A-Z]+ /api/v1/[^` ?]*)[^`]*` \((\w+)\)", PAGE, re.MULTILINE)
    named = dict([*rows, *prose])
    assert len(named) > 20
    assert named == {row: ROLES.get(row) for row in named}


def test_every_route_is_on_some_page() -> None:
    routes = {row for row in ROLES if row.split("/api/v1/")[-1].split("/")[0] in ABOUT}
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md"))
    assert routes - set(re.findall(r"`([A-Z]+ /api/v1/[^` ?]*)", pages)) == set()


def test_every_filter_of_the_list_is_there() -> None:
    taken = set(list_conversations.__annotations__) - {"parts", "_", "cursor", "limit", "return"}
    assert words("Filters of the list") == taken


def test_every_state_of_a_message_is_there() -> None:
    assert words("The transcript") == set(get_args(State))


def test_every_field_and_step_of_a_preview_is_there() -> None:
    steps = {get_args(one.model_fields["type"].annotation)[0] for one in get_args(get_args(Act)[0])}
    assert words("Preview") == (set(Preview.model_fields) - {"of"}) | steps


def test_every_field_of_a_wanted_report_is_there() -> None:
    assert words("Impact") == set(WantedImpact.model_fields)


@pytest.mark.parametrize(
    "told",
    [
        f"up to {impact.MOST:,}",
        f"{WantedImpact().last} unless you say otherwise",
        f"{WantedImpact().listed} unless you say otherwise",
        f"within {acts.PATIENCE.seconds} seconds",
        f"has the cause `{interventions.Close().cause}`",
        f"up to {secrets.LARGEST:,} characters",
        f"| `steps` | up to {MOST_STEPS} |",
        f"good for {LINK_LIFE.days} days",
    ],
)
def test_numbers_are_those_of_the_code(told: str) -> None:
    assert told in PAGE


def test_the_size_of_a_page() -> None:
    [limits] = [str(one.metadata) for one in get_args(Limit) if hasattr(one, "metadata")]
    assert "le=200" in limits
    assert "200 at most" in PAGE


def test_the_example_of_a_preview() -> None:
    script: Any = json.loads(block(PAGE, "json preview"))
    found = preview(graph_of(demo()), Preview.model_validate(script), detect)
    assert not any(step.problems for step in found.steps)
    assert len(found.steps) == len(script["steps"])
    holds(json.loads(block(PAGE, "json previewed")), found.steps[0].model_dump(mode="json"))
