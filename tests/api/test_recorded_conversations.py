"""Conversations that ran as durable workflows on the real store, as the API tells of them and runs them again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import update

from api.dependencies import Parts
from routing.documents import read
from routing.problems import check
from routing.rehearsal import Reply
from routing.scenarios import Scenario, ScenarioCustomer
from store.database import Database
from store.recordings import recording
from store.secrets import Vault
from store.tables import conversations
from tests.api.drafts import write
from tests.api.elsewhere import ELSEWHERE, works
from tests.api.people import Office, opened, problems
from tests.durable import upcoming
from tests.stored import StoredRehearsal, stored
from workflows.plugin import connect

pytestmark = pytest.mark.anyio
PRAGUE = ZoneInfo("Europe/Prague")
SHOP = """
format: 1
connectors:
  shop:
    title: Shop
    account: account
    next: {type: time_condition, name: hours}
    idle: {after: P1D, to: {type: terminate, name: done}}
time_groups:
  hours:
    title: Hours
    timezone: Europe/Prague
    definitions:
      - {type: open, system: own, weekdays: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}
time_conditions:
  hours:
    title: Is the shop open?
    time_group: hours
    open: {type: decision_tree, name: orders}
    closed: {type: terminate, name: closed}
decision_trees:
  orders:
    title: Orders
    start: ask
    decisions:
      ask:
        title: Which order?
        actions:
          - {type: send_message, text: "Which order, {{ customer.name }}?"}
          - {type: target, execution: when_client_chooses, to: {type: decision, name: look},
             answer: {type: pattern, pattern: '/(?P<number>\\d+)/'}}
          - {type: target, execution: when_client_chooses, to: {type: queue, name: people},
             answer: {type: similar, words: people}}
        no_match: {text: "A number, please."}
      look:
        title: Look it up
        actions:
          - type: request
            url: https://shop.example.com/orders/{{ answer.number }}?key={{ secrets.key }}
            into: order
          - {type: send_message, text: "It is {{ order.body.state }}."}
          - {type: target, execution: immediately, to: {type: terminate, name: done}}
queues:
  people: {title: People}
terminates:
  closed: {title: Closed, cause: out_of_hours, auto_response: closed, answered: false}
  done: {title: Done, cause: user, answered: true}
templates:
  closed: {title: Closed, text: We are closed.}
"""


def shop() -> Any:
    """The shop's document, which a test may change."""
    return read(SHOP)


@dataclass
class Run:
    """A shop in which customers write, and its API, with a program of an administrator's."""

    world: StoredRehearsal
    office: Office
    eva: httpx.AsyncClient
    monday: datetime

    def at(self, day: int, clock: str) -> None:
        """Let time pass until this day (0: Monday) and time on the shop's wall."""
        hour, minute, *second = (int(part) for part in clock.split(":"))
        wall = self.monday.replace(hour=hour, minute=minute, second=second[0] if second else 0) + timedelta(days=day)
        self.world.move_to(wall.astimezone(UTC))

    def says(self, *texts: str) -> str:
        """The customer writes these; the name of the conversation that took the last."""
        for text in texts:
            self.world.user(text)
        assert self.world.conversation is not None
        self.office.time = self.world.now
        return self.world.conversation.name

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.eva.get(f"/api/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any) -> Any:
        answer = await self.eva.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
async def run(database_url: str, serve: Any) -> AsyncIterator[Run]:
    graph = check(shop()).graph
    assert graph is not None
    customer = ScenarioCustomer(id="jana-7", username="jana.n", name="Jana")
    answers = (Reply(url="https://shop.example.com/orders/1?key=secrets.key", status=200, body={"state": "packed"}),)
    begin = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday
    scenario = Scenario(title="x", connector="shop", at=begin, customer=customer, requests=answers, steps=())
    scenario = upcoming(scenario, datetime.now(UTC))
    with stored(database_url, graph, scenario) as world:
        database = Database(database_url)
        parts = Parts(
            database=database,
            temporal=await connect(world.env.client.service_client.config.target_host),
            vault=Vault([Fernet.generate_key().decode()]),
            task_queue=ELSEWHERE,
            verify_token="x",
            app_secrets=("x",),
            temporal_ui_url="http://temporal.example.com",
            now=lambda: datetime.now(UTC),
        )
        elsewhere = world.loop(works(world))
        async with opened(parts, serve) as office:
            office.time = world.now
            # A session would not live as long as the days that are let pass.
            eva = await office.program(await office.user("eva", "admin"), "admin")
            yield Run(world, office, eva, (scenario.at + timedelta(days=1)).astimezone(PRAGUE))
        world.loop(elsewhere.shutdown())
        await database.close()


async def test_a_changed_closing_hour_lists_exactly_those_whom_it_would_have_moved(run: Run) -> None:
    names: dict[str, str] = {}
    for day, clock in ((0, "10:00"), (0, "16:59"), (0, "17:00:01"), (0, "17:59"), (0, "18:00:01"), (1, "17:30")):
        run.at(day, clock)
        names[f"{day} {clock}"] = run.says("hi") if clock[:2] in ("17", "18") else run.says("hi", "1")
    run.at(5, "17:30")  # on a Saturday
    names["5 17:30"] = run.says("hi")
    longer = shop()
    longer["time_groups"]["hours"]["definitions"][0]["to"] = "18:00"
    await write(run.eva, longer)
    report = await run.post("/impact", {"last": 100})
    assert report["compared"] == 7
    expected = [names[when] for when in ("1 17:30", "0 17:59", "0 17:00:01")]
    assert [one["conversation"]["name"] for one in report["moved"]] == expected
    assert report["counts"] == {"same": 4, "moved": 3, "texts_only": 0, "undecided": 0, "unfaithful": 0}
    assert report["flows"] == [{"old": "terminates/closed", "new": "decision_trees/orders", "count": 3}]
    # On Tuesday the customer did not come back for days, so that the shop's idle time would have passed.
    assert [(one["new"], one["count"]) for one in report["outcomes"]] == [
        ("decision_trees/orders/decisions/ask", 2),
        ("terminates/done", 1),
    ]
    turning = report["moved"][0]["turning"]
    assert turning["before"]["path"] == "time_conditions/hours"
    assert turning["old"]["why"].startswith("closed: ")
    assert turning["new"]["why"].startswith("open: ")
    assert (report["opened_first"] < report["opened_last"], report["needs"]) == (True, {})
    some = await run.post("/impact", {"last": 100, "listed": 1})
    assert (some["counts"]["moved"], len(some["moved"])) == (3, 1)
    tuesday = (run.monday + timedelta(days=1)).isoformat()
    assert (await run.post("/impact", {"since": tuesday}))["counts"]["moved"] == 1
    assert (await run.post("/impact", {"until": tuesday}))["counts"]["moved"] == 2
    assert (await run.post("/impact", {"connector": "another"}))["compared"] == 0
    assert (await run.post("/impact", {"account": "another"}))["compared"] == 0
    assert (await run.post("/impact", {"last": 1}))["compared"] == 1


async def test_the_same_sandbox_changes_nothing_and_other_words_are_told_apart(run: Run) -> None:
    run.at(0, "10:00")
    answered = run.says("hi", "which?", "1")
    run.at(0, "11:00")
    people = run.says("hi", "people")
    await write(run.eva, shop())
    report = await run.post("/impact", {})
    assert (report["compared"], report["counts"]["same"]) == (2, 2)
    reworded = shop()
    reworded["decision_trees"]["orders"]["decisions"]["look"]["actions"][1]["text"] = "Yours is {{ order.body.state }}."
    await write(run.eva, reworded)
    report = await run.post("/impact", {})
    [one] = report["texts_only"]
    assert (one["conversation"]["name"], one["old"]["text"], one["new"]["text"]) == (
        answered,
        "It is packed.",
        "Yours is packed.",
    )
    asked = shop()
    request = asked["decision_trees"]["orders"]["decisions"]["look"]["actions"][0]
    request["url"] = request["url"].replace("/orders/", "/v2/orders/")
    await write(run.eva, asked)
    report = await run.post("/impact", {})
    [one] = report["undecided"]
    assert one["conversation"]["name"] == answered
    assert "https://shop.example.com/v2/orders/1?key=secrets.key" in one["unknown_from"]["why"]
    assert report["needs"] == {"request": 1}
    assert people not in str(report)
    await write(run.eva, shop() | {"queues": {}})
    answer = await run.eva.post("/api/v1/impact")
    assert answer.status_code == 422
    assert ("decision_trees/orders/decisions/ask/actions/2/to/name", "unknown-destination") in problems(answer)


async def test_how_it_is_listed_and_told(run: Run) -> None:
    run.at(0, "10:00")
    ended = run.says("hi", "1")
    run.at(0, "11:00")
    waits = run.says("hello there", "people")
    listed = (await run.get("/conversations"))["items"]
    assert [(one["name"], one["state"], one["place"]) for one in listed] == [
        (waits, "open", "queues/people"),
        (ended, "ended", "terminates/done"),
    ]
    first = listed[0]
    assert first["customer"] == {"id": "jana-7", "name": "Jana", "username": "jana.n"}
    assert (first["place_title"], first["waiting"], first["queue"]) == ("People", "queue", "people")
    assert (first["last_line"]["text"], first["last_line"]["author"]) == ("people", "customer")
    wrote = datetime.fromisoformat(first["last_customer_at"])
    assert datetime.fromisoformat(first["window_closes_at"]) - wrote == timedelta(hours=24)
    assert datetime.fromisoformat(first["human_agent_until"]) - wrote == timedelta(days=7)
    assert [one["name"] for one in (await run.get("/conversations", text="PACK"))["items"]] == [ended]
    one = await run.get(f"/conversations/{waits}")
    assert one["temporal_url"] == "http://temporal.example.com/namespaces/default/workflows/ig-account-customer"
    assert (one["followed"]["author"], one["stay"]["queue"], one["recorded"]) == ("test", "people", True)
    over = await run.get(f"/conversations/{ended}")
    assert over["temporal_url"].endswith("/workflows?query=WorkflowId%20%3D%20%22ig-account-customer%22")
    assert (over["cause"], over["terminate"], over["answered"]) == ("user", "done", True)
    said = (await run.get(f"/conversations/{ended}/messages"))["items"][::-1]
    assert [(one["author"], one["text"], one["state"]) for one in said] == [
        ("customer", "hi", "received"),
        ("graph", "Which order, Jana?", "sent"),
        ("customer", "1", "received"),
        ("graph", "It is packed.", "sent"),
    ]
    queues = await run.get("/queues")
    assert [(one["name"], one["waiting"], one["configured"]) for one in queues["items"]] == [("people", 1, True)]
    assert queues["unassigned"] == {"waiting": 0, "waiting_since": None, "longest_wait": None, "with_agents": 0}


async def test_why_it_went_where_it_went(run: Run) -> None:
    run.at(0, "10:00")
    name = run.says("hi", "1")
    trace = (await run.get(f"/conversations/{name}/trace"))["items"]
    assert [one["number"] for one in trace] == list(range(1, len(trace) + 1))
    assert {one["revision"] for one in trace} == {1}
    part = await run.get(f"/conversations/{name}/trace", limit=3)
    rest = await run.get(f"/conversations/{name}/trace", limit=200, cursor=part["cursor"])
    assert part["items"] + rest["items"] == trace
    told = await run.get(f"/conversations/{name}/explain")
    assert [one["number"] for one in told["reasons"]] == [one["number"] for one in trace]
    assert [(one["number"], one["author"]) for one in told["revisions"]] == [(1, "test")]
    assert {(one["revision"], one["author"]) for one in told["reasons"]} == {(1, "test")}
    assert told["temporal_url"] == (await run.get(f"/conversations/{name}"))["temporal_url"]
    opening = next(one for one in told["reasons"] if one["place"] == "decision_trees/orders")
    assert opening["words"].startswith("open at 10:00 on Monday")
    assert opening["rule"] == "time_groups/hours/definitions/0"
    part = await run.get(f"/conversations/{name}/explain", limit=4)
    rest = await run.get(f"/conversations/{name}/explain", cursor=part["cursor"])
    assert part["reasons"] + rest["reasons"] == told["reasons"]
    for path in ("trace", "explain"):
        answer = await run.eva.get(f"/api/v1/conversations/{name}/{path}", params={"cursor": "x"})
        assert problems(answer) == [("query/cursor", "unknown_cursor")]


async def test_any_step_can_be_opened_in_preview(run: Run) -> None:
    run.at(0, "10:00")
    name = run.says("hi", "1")
    assert run.world.conversation is not None
    trace = (await run.get(f"/conversations/{name}/trace"))["items"]
    asked = next(one["number"] for one in trace if one["path"].endswith("/ask/actions/1"))
    there = await run.get(f"/conversations/{name}/position", step=asked)
    assert (there["source"], there["revision"], there["rests"]["waits_for"]) == ("recording", 1, "answer")
    assert there["position"]["hash"] == "preview"
    assert [one["asked"]["url"] for one in there["recorded"]] == ["https://shop.example.com/orders/1?key=secrets.key"]
    script = {
        "of": there["revision"],
        "at": there["at"],
        "position": there["position"],
        "recorded": there["recorded"],
        "requests": "recorded",
        "steps": [{"type": "user", "text": "1"}],
    }
    played = await run.post("/preview", script)
    assert played["revision"] == 1
    shown = played["preview"]["steps"][-1]["effects"]["shown"]
    assert [one["message"]["text"] for one in shown] == ["It is packed."]
    end = await run.get(f"/conversations/{name}/position")
    assert (end["position"]["waiting"]["type"], end["step"]) == ("ended", len(trace))
    answer = await run.eva.get(f"/api/v1/conversations/{name}/position", params={"step": 99})
    assert answer.status_code == 404
    everywhere = str([there, played, end])
    async with run.office.parts.database.begin() as session:
        kept = await recording(session, name, run.office.time)
    assert kept is not None
    assert kept.hash
    assert kept.hash not in everywhere, "whoever knows it may speak as the conversation's chatbot"


async def test_where_a_running_one_stands_is_what_its_workflow_says(run: Run) -> None:
    run.at(0, "10:00")
    name = run.says("hi")
    there = await run.get(f"/conversations/{name}/position")
    assert (there["source"], there["position"]["place"]) == ("workflow", "decision_trees/orders/decisions/ask")
    assert there["position"]["hash"] == "preview"
    played = await run.post(
        "/preview",
        {
            "of": 1,
            "at": there["at"],
            "position": there["position"],
            "steps": [{"type": "user", "text": "people"}, {"type": "user", "text": "hello?"}],
        },
    )
    assert played["preview"]["position"]["place"] == "queues/people"
    assert (await run.get(f"/conversations/{name}"))["place"] == "decision_trees/orders/decisions/ask", (
        "it is a preview"
    )


async def test_supervisors_send_it_elsewhere_and_close_it(run: Run) -> None:
    run.at(0, "10:00")
    name = run.says("hi")
    path = f"/api/v1/conversations/{name}"
    for to in ("queues/nobody", "queues", "decision_trees/orders/decisions/ask", "templates/closed"):
        answer = await run.eva.post(f"{path}/transfer", json={"to": to})
        assert (answer.status_code, problems(answer)) == (422, [("to", "unknown")]), to
    answer = await run.eva.post(f"{path}/transfer", json={"to": "queues/people"})
    assert (answer.status_code, answer.json()) == (202, {"conversation": name, "accepted": True})
    run.world.loop(run.world._settle())
    assert (await run.get(f"/conversations/{name}"))["place"] == "queues/people"
    answer = await run.eva.post(f"{path}/close", json={"cause": "boredom"})
    assert (answer.status_code, problems(answer)) == (422, [("cause", "unknown")])
    answer = await run.eva.post(f"{path}/close", json={"cause": "not_available"})
    assert answer.status_code == 202
    run.world.loop(run.world._settle())
    told = await run.get(f"/conversations/{name}")
    assert (told["state"], told["cause"], told["queue"]) == ("ended", "not_available", "people")
    trace = (await run.get(f"/conversations/{name}/trace"))["items"]
    assert {"transferred by eva", "closed by eva"} <= {one["why"] for one in trace}
    for what, body in (("close", {}), ("transfer", {"to": "queues/people"})):
        assert (await run.eva.post(f"{path}/{what}", json=body)).status_code == 409
    entries = [one for one in await run.office.audit() if one.action.startswith("conversation.")]
    assert [(one.actor, one.action, one.object, one.details) for one in entries] == [
        ("eva", "conversation.transferred", f"conversations/{name}", {"to": "queues/people", "token": 1}),
        ("eva", "conversation.closed", f"conversations/{name}", {"cause": "not_available", "token": 1}),
    ]


async def test_what_is_done_to_one_conversation_never_reaches_the_customer_s_next(run: Run) -> None:
    """The store says that it is open, and its workflow runs the next one already."""
    run.at(0, "10:00")
    first = run.says("hi", "1")
    second = run.says("hi again")
    async with run.office.parts.database.begin() as session:
        await session.execute(update(conversations).where(conversations.c.name == first).values(ended_at=None))
    answer = await run.eva.post(f"/api/v1/conversations/{first}/close")
    assert answer.status_code == 409
    run.world.loop(run.world._settle())
    assert (await run.get(f"/conversations/{second}"))["state"] == "open"
    there = await run.get(f"/conversations/{first}/position", step=1)
    assert there["conversation"] == first
