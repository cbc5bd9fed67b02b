"""The page on queues, agents and offers names every route with its role, every state, outcome, reason and number."""

import re
from pathlib import Path
from typing import get_args

from fastapi.routing import APIRoute

from activities.desk import TOLD_AGAIN
from api import agents, having, offers, queues
from api.roles import ROLES
from routing.distribution import USUAL, Why
from settings import Settings
from store.agents import BEAT, LOST, MOST_IGNORED, State
from store.offers import Outcome
from workflows.desk import AT_LEAST

PAGE = (Path(__file__).parents[2] / "docs/reference/queues.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


def test_every_route_is_there_with_its_role() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /api/v1/[^` ?]*)[^`]*` \| (\w+) \|", PAGE, re.MULTILINE)
    routes = [route for module in (agents, having, offers, queues) for route in module.router.routes]
    ours = {
        f"{method} {route.path}" for route in routes if isinstance(route, APIRoute) for method in route.methods or ()
    }
    assert dict(rows) == {row: ROLES[row] for row in ours}


def test_every_state_outcome_and_reason_is_there() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [*get_args(State), *get_args(Outcome)]
    assert {f"(`{why}`)" for why in get_args(Why)} <= set(re.findall(r"\(`\w+`\)", PAGE))


def test_numbers_are_those_of_the_code() -> None:
    assert Settings.model_fields["agent_distribution"].default == USUAL
    for told in (
        f"a heartbeat every {BEAT.seconds} seconds",
        f"nothing was heard of it for {LOST.seconds} seconds",
        f"lets {MOST_IGNORED} offers in a row go by",
        f"`SWITCHBOARD_AGENT_DISTRIBUTION`, {','.join(map(str, USUAL))} unless",
        f"tells it again after {TOLD_AGAIN.seconds} seconds",
    ):
        assert told in FLAT
    assert "every minute in any case" in FLAT
    assert AT_LEAST.total_seconds() == 60
