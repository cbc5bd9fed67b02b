"""Every page of the console with an address that shows something, as the tests and the screenshots visit them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROUTES = Path(__file__).parents[2] / "console/src/routes.tsx"
KINDS = ROUTES.with_name("kinds.ts")


@dataclass(frozen=True)
class Place:
    """A page: what its picture is called, its pattern in routes.tsx, and an address with names of `Content`."""

    name: str
    route: str
    path: str


PLACES = [
    Place("overview", "", "/"),
    Place("desk", "desk", "/desk"),
    Place("desk-conversation", "desk", "/desk?c={talk}"),
    Place("desk-customer", "desk", "/desk?c={talk}&pane=customer"),
    Place("conversations", "conversations", "/conversations"),
    Place("conversation", "conversations/:name", "/conversations/{talk}"),
    Place("tickets", "tickets", "/tickets"),
    Place("ticket", "tickets/:number", "/tickets/{ticket}"),
    Place("contacts", "contacts", "/contacts"),
    Place("contact", "contacts/:id", "/contacts/{contact}"),
    Place("reports", "reports", "/reports"),
    Place("connectors", "routing/:kind", "/routing/connectors"),
    Place("connector", "routing/:kind/:name", "/routing/connectors/plants"),
    Place("automessage", "routing/:kind/:name", "/routing/automessages/closed-now"),
    Place("time-condition", "routing/:kind/:name", "/routing/time_conditions/shop-open"),
    Place("decision-tree", "routing/:kind/:name", "/routing/decision_trees/welcome"),
    Place("decision", "routing/:kind/:name", "/routing/decision_trees/welcome?decision=orders&at=actions/1"),
    Place("chatbot", "routing/:kind/:name", "/routing/chatbots/botanist"),
    Place("queue", "routing/:kind/:name", "/routing/queues/advice"),
    Place("terminate", "routing/:kind/:name", "/routing/terminates/nobody-free"),
    Place("time-group", "routing/:kind/:name", "/routing/time_groups/shop-hours"),
    Place("template", "routing/:kind/:name", "/routing/templates/sorry"),
    Place("category", "routing/:kind/:name", "/routing/categories/orders"),
    Place("custom-field", "routing/:kind/:name", "/routing/custom_fields/favourite"),
    Place("disconnection-cause", "routing/:kind/:name", "/routing/disconnection_causes/spam"),
    Place("diagram-tree", "trees/:kind/:name", "/trees/connectors/plants"),
    Place("languages", "languages", "/languages"),
    Place("preview", "preview", "/preview"),
    Place("scenarios", "scenarios", "/scenarios"),
    Place("apply", "apply", "/apply"),
    Place("revisions", "revisions", "/revisions"),
    Place("revision", "revisions/:number", "/revisions/{revision}"),
    Place("accounts", "accounts", "/accounts"),
    Place("users", "users", "/users"),
    Place("user", "users/:name", "/users/anna"),
    Place("tokens", "tokens", "/tokens"),
    Place("secrets", "secrets", "/secrets"),
    Place("webhooks", "webhooks", "/webhooks"),
    Place("webhook", "webhooks/:id", "/webhooks/{webhook}"),
    Place("audit", "audit", "/audit"),
    Place("me", "me", "/me"),
    Place("missing", "*", "/nothing/here"),
]


def routes() -> set[str]:
    """The patterns of routes.tsx; the overview's is empty."""
    text = ROUTES.read_text()
    _, _, children = text.partition("children: [")
    return {*re.findall(r'path: "([^"]*)"', children), *([""] if "index: true" in children else [])}


def kinds() -> set[str]:
    """The kinds of entities that people author, as the console knows them."""
    return set(re.findall(r'^    kind: "(\w+)"', KINDS.read_text(), re.MULTILINE))


def pictures() -> set[str]:
    """The files in which the docs show every page."""
    looks = [(colours, size) for colours in ("light", "dark") for size in ("desktop", "phone")]
    return {f"{place.name}-{colours}-{size}.webp" for place in PLACES for colours, size in looks}


def places() -> dict[str, str]:
    """The pages of the menu with the least role that each needs; those of kinds are one."""
    text = ROUTES.with_name("shell").joinpath("places.ts").read_text()
    return dict(re.findall(r'to: "/([\w-]*)", label: "[^"]+", icon: \w+, least: "(\w+)"', text))
