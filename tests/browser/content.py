"""Something to look at on every page: people, conversations in every state, tickets, and changes in the sandbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.browser.person import PASSWORD, password
from tests.end_to_end.conftest import SHOP, Customer, System, until

DEMO = Path(__file__).parents[2] / "demo"
API = "/api/v1"
PEOPLE = [
    ("anna", "Anna Dvořáková", "agent"),
    ("karl", "Karl Gardener", "agent"),
    ("eva", "Eva Horáková", "supervisor"),
    ("vera", "Vera Viewer", "viewer"),
]


@dataclass(frozen=True)
class Content:
    """The names that addresses of pages are made from."""

    talk: str
    """A conversation that the administrator has."""
    ticket: int
    contact: str
    webhook: str
    revision: int

    def address(self, path: str) -> str:
        return path.format(**self.__dict__)


@contextmanager
def login(system: System, name: str = "admin") -> Iterator[httpx.Client]:
    """The API for somebody who is logged in."""
    with httpx.Client(base_url=system.api, timeout=30) as client:
        done = client.post(f"{API}/login", json={"name": name, "password": password(system, name)})
        assert done.is_success, done.text
        client.headers["X-CSRF-Token"] = done.json()["csrf_token"]
        yield client


def asks(client: httpx.Client, method: str, path: str, **more: Any) -> Any:
    """One call; fails with what was answered."""
    done = client.request(method, f"{API}/{path}", **more)
    assert done.is_success, f"{method} {path}: {done.status_code} {done.text}"
    return done.json() if done.content else None


def changes(client: httpx.Client, kind: str, name: str, **fields: Any) -> None:
    """Save an entity in the sandbox with other fields."""
    entity = asks(client, "GET", f"sandbox/{kind}/{name}")["sandbox"]
    headers = {"If-Match": entity["etag"]}
    asks(client, "PUT", f"sandbox/{kind}/{name}", json=entity["document"] | fields, headers=headers)


def add_people(client: httpx.Client) -> None:
    for name, title, role in PEOPLE:
        made = {"name": name, "display_name": title, "role": role, "password": PASSWORD}
        asks(client, "POST", "users", json=made | {"email": f"{name}@plants.example.com"})


def open_the_shop(client: httpx.Client) -> None:
    """Apply the demo as it is by day, with queues from which anybody takes."""
    document = asks(client, "GET", "production")
    document["time_conditions"]["shop-open"]["closed"] = {"type": "decision_tree", "name": "welcome"}
    document["connectors"]["plants"]["burst"] = {"answer": "join"}
    document["automessages"]["please-wait"]["messages"] = document["automessages"]["please-wait"]["messages"][:1]
    document["queues"]["advice"] = {
        "title": "Advice",
        "welcome": {"text": "You are next. A colleague will be here soon."},
        "after_close": {"type": "decision_tree", "name": "feedback"},
    }
    document["queues"]["plant-doctors"] |= {
        "max_wait": "PT3S",
        "overflow": {"type": "terminate", "name": "nobody-free"},
    }
    asks(client, "PUT", "sandbox", json=document, headers={"If-Match": "*"})
    asks(client, "POST", "apply", json={"note": "Open at any hour"})


def fill(system: System) -> Content:
    """All of it; takes some 20 seconds, since every conversation takes place."""
    with login(system) as admin:
        add_people(admin)
        open_the_shop(admin)
        _administration(admin, system)
        talk = _conversations(admin, system)
        ticket = _tickets(admin)
        _sandbox(admin)
        contact = asks(admin, "GET", "contacts")["items"][0]["id"]
        asks(admin, "PATCH", f"contacts/{contact}", json={"fields": {"favourite": "Ficus"}})
        [webhook, *_] = asks(admin, "GET", "webhooks")["items"]
        revision = asks(admin, "GET", "revisions")["items"][0]["number"]
        asks(admin, "PATCH", "agents/me", json={"state": "ready"})
        return Content(talk=talk, ticket=ticket, contact=contact, webhook=webhook["id"], revision=revision)


def _administration(admin: httpx.Client, system: System) -> None:
    asks(admin, "POST", "tokens", json={"name": "pipeline", "role": "viewer"})
    asks(admin, "PUT", "secrets/order_book", json={"value": "nobody will know"})
    hook = {"title": "Our CRM", "url": f"{system.simulator}/nothing/here", "kinds": ["ticket.created", "chat.missed"]}
    asks(admin, "POST", "webhooks", json=hook)


def _conversations(admin: httpx.Client, system: System) -> str:
    """Eight customers at once; answers the conversation that the administrator has accepted."""
    jana, petr, greta, sam, lucy, tom, mia, omar = (
        _customer(system, username, name)
        for username, name in (
            ("jana.novak", "Jana Nováková"),
            ("petr", "Petr Malý"),
            ("greta.grow", "Greta Grün"),
            ("sam_s", "Sam Smith"),
            ("lucy", "Lucy Long"),
            ("tom.k", "Tom Kuchař"),
            ("mia", "Mia Braun"),
            ("omar", "Omar Haddad"),
        )
    )
    everybody = (jana, petr, greta, sam, lucy, tom, mia, omar)
    said = {
        jana: ("Good morning, my ficus loses its leaves", "human"),
        petr: ("hi", "somebody"),
        greta: ("hello", "brown leaves", "There is mould on them!!!"),
        sam: ("hi", "Plant care", "Cactus", "thanks"),
        lucy: ("hello", "free followers for you"),
        tom: ("hi", "Our shops"),
        mia: ("Hello!", "advice"),
        omar: ("hi", "My order", "thanks"),
    }
    for turn in range(max(map(len, said.values()))):
        heard = {one: len(one.texts()) for one in everybody}
        speaking = [one for one in everybody if turn < len(said[one])]
        for one in speaking:
            one.writes(said[one][turn])
        for one in speaking:
            if one is not lucy or turn == 0:
                until(lambda one=one, heard=heard: len(one.texts()) > heard[one], 60, lambda one=one: str(one.thread()))
    talks = {}
    for who in (jana, mia):
        talks[who] = _waiting(admin, who)
        asks(admin, "POST", f"conversations/{talks[who]}/accept")
    for who, text in ((jana, "Good morning Jana, how often do you water it?"), (mia, "Hello Mia, what is it about?")):
        asks(admin, "POST", f"conversations/{talks[who]}/reply", json={"text": text})
        until(lambda who=who, text=text: text in who.texts(), 40)
    jana.writes("Every day. Is that too much?")
    asks(admin, "POST", f"conversations/{talks[jana]}/note", json={"text": "She called the shop as well."})
    asks(admin, "POST", f"conversations/{talks[mia]}/close", json={"cause": "user"})
    until(lambda: any("from 1 (poor)" in text for text in mia.texts()), 40)
    mia.writes("5")
    return talks[jana]


def _customer(system: System, username: str, name: str) -> Customer:
    """Somebody with a name of their own."""
    customer = system.customer(SHOP)
    made = {"id": f"{customer.id}0", "username": username, "name": name}
    system.http.post(f"{system.simulator}/control/accounts/{SHOP}/customers", json=made).raise_for_status()
    return Customer(system, SHOP, made["id"])


def _waiting(admin: httpx.Client, customer: Customer) -> str:
    """The customer's conversation, once it waits for people."""
    found: list[str] = []

    def waits() -> bool:
        talks = asks(admin, "GET", "conversations?state=open&limit=100")["items"]
        found[:] = [
            one["name"]
            for one in talks
            if one["customer"]["id"] == customer.id and one["waiting"] in ("queue", "agent")
        ]
        return bool(found)

    until(waits, 60, lambda: f"{customer.id}: {customer.texts()}")
    return found[0]


def _tickets(admin: httpx.Client) -> int:
    made = {"category": "orders", "comment": "The customer sent a picture.\nPlease look at it."}
    first = asks(
        admin, "POST", "tickets", json=made | {"title": "Broken pot", "priority": "urgent", "assignee": "karl"}
    )
    asks(admin, "POST", "tickets", json=made | {"title": "Asks for a refund", "priority": "high"})
    asks(admin, "POST", f"tickets/{first['number']}/comments", json={"comment": "She sends a picture tomorrow."})
    return first["number"]


def _sandbox(admin: httpx.Client) -> None:
    """Scenarios that hold and one that fails, and changes that nobody has applied yet."""
    anew = {"If-Match": "*"}
    text = (DEMO / "scenarios.yaml").read_text()
    asks(admin, "PUT", "scenarios", content=text, headers=anew | {"Content-Type": "application/yaml"})
    holding = [one["name"] for one in asks(admin, "POST", "scenarios/run", json={})["results"] if one["holds"]]
    written = asks(admin, "GET", "scenarios")["scenarios"]
    kept = {name: written[name] for name in (*holding, "order-found")}
    asks(admin, "PUT", "scenarios", json={"scenarios": kept}, headers=anew)
    changes(admin, "automessages", "closed-now", on_reply="continue")
    changes(admin, "connectors", "plants", description="Everything that customers write to the plant shop")
    tree = asks(admin, "GET", "sandbox/decision_trees/welcome")["sandbox"]["document"]["decisions"]
    tree["shops"]["title"] = "Where our shops are"
    changes(admin, "decision_trees", "welcome", decisions=tree)
    unanswered = {"title": "Not answered yet", "cause": "not_available"}
    asks(admin, "POST", "sandbox/terminates", json={"name": "not-yet", "document": unanswered})
