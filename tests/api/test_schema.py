"""Requests made from the OpenAPI document, by everybody and by nobody: no answer is one that it does not describe."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import requests
import schemathesis
from cryptography.fernet import Fernet
from fastapi.responses import JSONResponse, PlainTextResponse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from temporalio import workflow

from api.access import COOKIE, CSRF
from api.accounts import Authorisation
from api.claims import Reading as Claims
from api.dependencies import Parts
from api.openid import SignOn
from api.production import Production
from api.roles import ANYONE
from api.roles import ROLES as ROLES_OF_ROUTES
from routing.distribution import Offer
from routing.documents import read
from routing.entities import KINDS
from routing.messages import AgentClosed, AskBot
from routing.problems import check
from routing.records import BotTried
from routing.rehearsal import Reply
from routing.scenarios import Scenario, ScenarioCustomer
from store import agents, deletions, desk, offers, queues, webhook_deliveries, webhooks
from store.accounts import connect_account, disconnect_account
from store.attempts import attempt
from store.conversations import open_conversation
from store.database import Database
from store.files import Files
from store.notifications import notify
from store.secrets import Vault, set_secret
from store.sessions import begin, csrf_token
from store.users import ROLES, Role, at_least
from tests.api.drafts import apply, tag, write
from tests.api.elsewhere import ELSEWHERE, works
from tests.api.people import PASSWORD, Office, opened
from tests.api.provider import CLIENT, SECRET, Provider
from tests.api.test_configuration_openapi import examples
from tests.durable import upcoming
from tests.instagram.logins import page_login
from tests.scripts import TESTS
from tests.stored import ACCOUNT, StoredRehearsal, stored
from workflows.plugin import connect
from workflows.records import Act, Start

pytestmark = pytest.mark.anyio

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES: dict[Role | None, int] = {"admin": 10, "supervisor": 5, "agent": 4, "viewer": 3, None: 6}
"""So many requests of each operation that they may use."""
SLOW = {"users-create_user": 8, "users-change_user": 8, "users-change_me": 6}
"""At the most: passwords are hashed, which is meant to take its time."""
ROOTS = ("connectors", "automessages", "time_conditions", "decision_trees", "chatbots", "queues", "terminates")
HAD = "had"
"""A conversation that the user `agent` has."""
CONFIGURATION = TESTS / "configurations" / "everything.yaml"
SCENARIO = {
    "title": "Shoes",
    "connector": "gym",
    "at": "2026-11-23T11:00:00+01:00",
    "steps": [{"user": "hi"}, {"place": "decision_trees/reception/decisions/welcome"}],
}
LOCKED = "locked"
"""Of this user's password too many were tried."""


@workflow.defn(name="Conversation")
class Willing:
    """Stands in for the workflow of a conversation that people have: it takes whatever they do, and stays as it was."""

    @workflow.run
    async def run(self, start: Start) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    def act(self, act: Act) -> None: ...


@workflow.defn(name="TryChatbot")
class Answering:
    """Stands in for a chatbot that is tried."""

    @workflow.run
    async def run(self, command: AskBot) -> BotTried:
        return BotTried(status=200, answer="{}")


@dataclass(frozen=True)
class World:
    """An API in which there is something of everything: `again` makes it as it was, `settle` lets its workflow rest.

    `signed` are the headers with which each role comes: mostly those of a session, else of a token, or without what a
    change needs besides the session.
    """

    url: str
    document: dict[str, Any]
    again: Callable[[], None]
    settle: Callable[[], None]
    signed: dict[Role | None, list[dict[str, str]]]
    conversations: tuple[str, ...] = ()


@pytest.fixture
async def world(database_url: str, serve: Any, tmp_path: Path) -> AsyncIterator[World]:
    graph = check(read(CONFIGURATION.read_text())).graph
    assert graph is not None
    broken = Reply(url="https://gym.example.com/courses/jana-7", method="POST", status=500)
    monday = datetime(2026, 11, 23, 11, tzinfo=UTC)
    customer = ScenarioCustomer(id="jana-7", username="jana.n", name="Jana")
    scenario = Scenario(title="x", connector="gym", at=monday, customer=customer, requests=(broken,), steps=())
    provider = Provider()
    async with AsyncExitStack() as stack:
        run = stack.enter_context(stored(database_url, graph, upcoming(scenario, datetime.now(UTC))))
        beside = run.loop(works(run, Willing, Answering))
        stack.callback(lambda: run.loop(beside.shutdown()))
        database = Database(database_url)
        stack.push_async_callback(database.close)
        http = await stack.enter_async_context(httpx.AsyncClient())
        provider.url = await stack.enter_async_context(serve(provider.app()))
        parts = Parts(
            database=database,
            temporal=await connect(run.env.client.service_client.config.target_host),
            vault=Vault([Fernet.generate_key().decode()]),
            task_queue=ELSEWHERE,
            verify_token="x",
            app_secrets=("x",),
            temporal_ui_url="http://temporal.example.com",
            now=lambda: run.now,
            files=Files(f"file://{tmp_path}/files"),
            # Nobody answers there, which is told to whoever disconnects an account.
            logins={"page": page_login(http, "http://127.0.0.1:9")},
            oidc=SignOn(
                http,
                issuer=provider.url,
                client_id=CLIENT,
                client_secret=SECRET,
                title="Single sign-on",
                reading=Claims(default_role="agent"),
            ),
        )
        office = await stack.enter_async_context(opened(parts, serve))
        names = _talked(run)
        office.time = run.now
        await _furnished(office, names)
        await _with_people(office)
        signed: dict[Role | None, list[dict[str, str]]] = {role: await _signed(office, role) for role in ROLES}
        signed[None] = [{}]
        connection = stack.enter_context(psycopg.connect(database_url, autocommit=True))
        yield World(
            office.url,
            office.app.openapi(),
            _backup(connection, office),
            lambda: run.loop(run._settle()),
            signed,
            tuple(names),
        )


def _talked(run: StoredRehearsal) -> list[str]:
    """A conversation that has ended, with a ticket and a stay in a queue, and one that goes on."""
    names: list[str] = []
    for texts in (("hi", "A course"), ("hi again",)):
        for text in texts:
            run.user(text)
            run.move_to(run.now + timedelta(seconds=5))  # until the connector has waited for more
        assert run.conversation is not None
        if not names:
            assert run.conversation.place == "queues/desk"
            run.feed(AgentClosed(cause="user", agent="eva"))
        names.append(run.conversation.name)
    return names


async def _furnished(office: Office, names: list[str]) -> None:
    """Users, drafts, revisions, and whatever else there can be."""
    people: dict[str, Role] = {"boss": "admin", "eva": "agent", LOCKED: "agent"}
    people |= {role: role for role in ROLES}
    for name, role in people.items():
        await office.user(name, role, display_name=name.title(), email=f"{name}@shop.example.com")
    boss = await office.program("boss", "admin")
    await write(boss, {"scenarios": {"shoes": SCENARIO}}, "/api/v1/scenarios")
    document = (await boss.get("/api/v1/production")).json()
    document["queues"]["desk"]["title"] = "The desk"
    await write(boss, document)
    await apply(boss, running="move")
    answer = await boss.post("/api/v1/sandbox/queues", json={"name": "new", "document": {"title": "New"}})
    assert answer.status_code == 201, answer.text
    gone = "/api/v1/sandbox/connectors/school"
    answer = await boss.delete(gone, headers={"If-Match": await tag(boss, gone)})
    assert answer.status_code == 204, answer.text
    page: Any = {"flavour": "page", "username": "gym", "name": "Gym", "page_id": "7", "token": "t"}
    vault = office.parts.vault
    async with office.parts.database.begin() as session:
        for id in (ACCOUNT, "gone"):
            await connect_account(session, vault, id=id, **page, token_expires_at=None)
        await disconnect_account(session, "gone", "it was removed at Meta")
        await set_secret(session, vault, "key", "value")
        for _ in range(2):  # the second one is paused
            hook: Any = {"title": "CRM", "url": "https://crm.example.com", "kinds": ["chat.missed"], "author": "boss"}
            made, _ = await webhooks.create_webhook(session, vault, **hook, at=office.time)
            sent: Any = {"key": f"test/{made.id}", "content": {"webhook": made.id}, "at": office.time}
            await webhook_deliveries.add_test(session, made.id, **sent)
        await webhooks.pause(session, made.id, "it answered 410 Gone", office.time)
        await deletions.request(session, "asked-for", "somebody", office.time)
        for queue in ("desk", None):
            about: Any = {"queue": queue, "conversation": names[0], "content": {"place": "queues/desk"}}
            await notify(session, f"missed/{queue}", kind="missed_chat", **about)
        for _ in range(6):
            await attempt(session, LOCKED, "192.0.2.1", office.time)


async def _with_people(office: Office) -> None:
    """Conversations on the list of the unassigned: an agent has one, and one is offered to each who may have any."""
    start = Start(account=ACCOUNT, customer=HAD)
    await office.parts.temporal.start_workflow("Conversation", start, id="willing", task_queue=ELSEWHERE)
    about: Any = {
        "account": ACCOUNT,
        "connector": "gym",
        "workflow_id": "willing",
        "revision": 1,
        "place": "connectors/gym",
    }
    about |= {"opened_at": office.time, "last_customer_at": office.time}
    until = office.time + timedelta(days=1)
    async with office.parts.database.begin() as session:
        for role in agents.PEOPLE:
            await agents.come(session, role, office.time)
        await agents.come(session, "eva", office.time)
        for name in (HAD, *map(offered, agents.PEOPLE)):
            await open_conversation(session, name=name, customer=name, **about)
            await queues.unassign(session, name, office.time)
        await queues.accept(session, HAD, "agent", office.time)
        waiting = [one for one in await desk.waiting(session, []) if one.conversation != HAD]
        made = [Offer(offered(role), role, "longest", until) for role in agents.PEOPLE]
        await offers.make(session, made, waiting, office.time)


def offered(role: str | None) -> str:
    """The conversation that is offered to the user who is called as their role."""
    return f"offered-to-{role}"


async def _signed(office: Office, role: Role) -> list[dict[str, str]]:
    async with office.parts.database.begin() as session:
        secret = await begin(session, role, office.time)
    cookie = {"Cookie": f"{COOKIE}={secret}"}
    token = {"Authorization": f"Bearer {await office.token(role, role)}"}
    return [*[cookie | {CSRF: csrf_token(secret)}] * 4, token, cookie]


def _backup(connection: psycopg.Connection[Any], office: Office) -> Callable[[], None]:
    """Copies every table; what it gives puts all of it back, so that no request sees what another one did."""
    tables: list[tuple[str, str]] = connection.execute(
        "SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) "
        "FILTER (WHERE is_generated = 'NEVER') FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
        "GROUP BY table_name"
    ).fetchall()
    connection.execute("CREATE SCHEMA backup")
    steps = ["SET LOCAL session_replication_role = replica"]  # no trigger keeps the audit log then
    for table, columns in tables:
        copying: Any = f"CREATE TABLE backup.{table} AS TABLE public.{table}"
        connection.execute(copying)
        steps.append(f"DELETE FROM public.{table}")
        steps.append(
            f"INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM backup.{table}"
        )

    restoring: Any = "; ".join(steps)
    seen = ""

    def restore() -> None:
        nonlocal seen
        if _next_transaction(connection) == seen:
            return
        with connection.transaction():
            connection.execute(restoring)
        seen = _next_transaction(connection)
        # It remembers revisions, which may be gone now.
        office.app.state.parts = replace(office.parts, production=Production())

    return restore


def _next_transaction(connection: psycopg.Connection[Any]) -> str:
    """The number that the next transaction gets which writes anything; while it is the same, nothing was written."""
    row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
    assert row is not None
    return row[0]


# What the requests are made from --------------------------------------------------------------------------------------


def places(conversations: Sequence[str], role: Role | None) -> dict[str, list[dict[str, Any]]]:
    """By a path or what leads to it, what stands there where there is something: chance would only ever find nothing.

    The first of them is one that this role may do everything to.
    """
    whole: Any = read(CONFIGURATION.read_text())
    talks: list[dict[str, Any]] = [{"name": name} for name in (*conversations[::-1], *conversations[1:])]
    acts = ("close", "transfer", "reply", "note", "typing", "seen", "ticket")
    own = 2 + ROLES.index(role) if role is not None else 1
    entities = [{"kind": kind, "name": name} for kind in KINDS for name in list(whole.get(kind, {}))[:1]]
    return {
        "/users/{name}": [{"name": name} for name in ("boss", "eva", LOCKED, *ROLES)],
        "/agents/{name}": [{"name": "eva"}],
        "/tokens/{id}": [{"id": number} for number in (own, *range(1, 6))],
        "/queues/{name}": [{"name": "desk"}, {"name": "unassigned"}],
        "/{kind}": [{"kind": kind} for kind in KINDS],
        "/{kind}/{name}": [*entities, {"kind": "queues", "name": "new"}, {"kind": "connectors", "name": "school"}],
        "/tree/{kind}/{name}": [one for one in entities if one["kind"] in ROOTS],
        "/scenarios/{name}": [{"name": "shoes"}],
        "/revisions/{number}": [{"number": number} for number in (1, 2)],
        "/conversations/{name}": talks,
        **{f"/conversations/{{name}}/{act}": [{"name": HAD}, *talks] for act in acts},
        **{
            f"/conversations/{{name}}/{word}": [{"name": offered(role if role in agents.PEOPLE else "agent")}, *talks]
            for word in ("offers", "accept", "decline")
        },
        "/tickets/{number}": [{"number": 1001}],
        "/contacts/{id}": [{"id": f"{ACCOUNT}-jana-7"}],
        "/erasures/{code}": [{"code": "asked-for"}],
        "/notifications/{id}": [{"id": 1}, {"id": 2}],
        "/accounts/{id}": [{"id": ACCOUNT}, {"id": "gone"}],
        "/connectors/{name}": [{"name": "gym"}],
        "/webhooks/{id}": [{"id": number} for number in (1, 2)],
        "/webhooks/{id}/deliveries/{announcement}": [{"id": 1, "announcement": 3}],
        "/secrets/{name}": [{"name": "key"}, {"name": "gym"}],
    }


QUERIES: dict[str, list[Any]] = {
    "timezone": ["Europe/Prague", "Europe/Atlantis"],
    "by": ["hour"],
    "limit": [1, 2],
    "role": ["agent"],
    "active": ["true", "false"],
    "answered": ["true", "false"],
    "missed": ["true", "false"],
    "unread": ["true", "false"],
    "revision": [1, 2],
    "since": ["2026-11-23T10:00:00Z"],
    "until": ["2126-11-23T10:00:00+01:00"],
    "opened_after": ["2026-11-23T10:00:00Z"],
    "opened_before": ["2126-11-23T10:00:00+01:00"],
    "owner": ["*", "eva"],
    "actor": ["boss"],
    "action": ["user", "sandbox.created"],
    "object": ["users", "sandbox"],
    "path": ["decision_trees", "queues/desk"],
    "search": ["desk"],
    "of": ["sandbox", "production", "1"],
    "against": [0, 1, 2],
    "step": [1, 2, 99],
    "state": ["open", "ended", "waiting"],
    "who": ["jana"],
    "text": ["hi"],
    "queue": ["desk"],
    "connector": ["gym"],
    "account": [ACCOUNT],
    "place": ["decision_trees/reception"],
    "cause": ["user"],
    "customer": ["jana-7"],
    "category": ["technical"],
    "priority": ["urgent"],
    "stage": ["open"],
    "next": ["/queues"],
}
"""What is worth asking for."""
ODD = (
    "",
    "\0",
    "\uffff",
    "'",
    "%",
    "9" * 30,
    "-1",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "a" * 300,
)
"""What may be no more than refused."""


PLAYED = {
    "at": "2026-11-23T11:00:00",
    "timezone": "Europe/Berlin",
    "start": {
        "connector": "gym",
        "customer": {"id": "7", "name": "Jana"},
        "contact": {"last_course": {"id": "a"}},
        "data": {"course": "a"},
        "objects": {"offer": {"ok": True}},
    },
    "replies": [{"url": "~.*", "status": 200, "body": {"courses": [{"name": "Falling", "id": "1"}]}}],
    "steps": [
        {"type": "user", "text": "hi"},
        {"type": "wait", "duration": "PT5S"},
        {"type": "user", "text": "A course"},
        {"type": "wait", "duration": "PT5S"},
    ],
}
BODIES: dict[str, list[Any]] = {
    "sessions-login": [{"name": "eva", "password": PASSWORD}, {"name": LOCKED, "password": PASSWORD}],
    "users-create_user": [
        {"name": "new", "role": "agent", "password": PASSWORD},
        {"name": "eva", "role": "agent", "password": PASSWORD},
    ],
    "users-change_user": [{"role": "viewer"}, {"active": False}],
    "users-change_me": [
        {"password": "a new password", "current_password": PASSWORD},
        {"password": "a new password", "current_password": "wrong"},
    ],
    "tokens-create_token": [
        {"name": "a"},
        {"name": "a", "role": "admin"},
        {"name": "a", "expires_at": "2020-01-01T00:00:00Z"},
    ],
    "configuration-look_at_hours": [
        {"name": "office", "document": {"title": "Office", "timezone": "Europe/Prague"}},
        {"name": "desk"},
        {"name": "desk", "of": "sandbox"},
    ],
    "configuration-replace_sandbox": [{"format": 1, "queues": {"desk": {"title": "Desk"}}}],
    "configuration-write_languages": [{"default": "en", "offered": ["en"]}],
    "configuration-write_entity": [{"title": "Other"}],
    "configuration-create_entity": [{"name": "desk", "document": {"title": "Desk"}}],
    "configuration-discard": [{}, {"kind": "queues", "name": "new"}, {"languages": True}],
    "scenarios-replace_scenarios": [{"scenarios": {"other": SCENARIO}}, {"scenarios": {}}],
    "scenarios-run_scenarios": [{"names": ["shoes"]}],
    "revisions-apply": [{"note": "a"}, {"note": "a", "running": "move"}],
    "preview-play": [PLAYED | {"of": of} for of in ("sandbox", "production", 1)],
    "preview-report": [{"last": 10}],
    "outgoing webhooks-create_webhook": [
        {"title": "CRM", "url": "https://crm.example.com", "kinds": ["chat.missed"]},
        {"title": "CRM", "url": "https://[::1", "kinds": ["chat.missed"]},
    ],
    "outgoing webhooks-change_webhook": [{"title": "Ours"}, {"url": "https://other.example.com"}],
    "tickets-create_ticket": [{"title": "Broken", "category": "technical"}, {"title": "x", "conversation": "nowhere"}],
    "tickets-create_conversation_ticket": [{"title": "Broken", "assignee": "eva"}],
    "tickets-change_ticket": [{"stage": "wait"}, {"stage": "closed", "assignee": None}, {"category": "nowhere"}],
    "contacts-change_contact": [{"fields": {"last_course": "yoga"}}, {"fields": {"nowhere": 1}}, {"language": "xx"}],
    "conversations-close": [{"cause": "user"}, {"cause": "boredom"}],
    "conversations-transfer": [{"to": "queues/desk"}, {"to": "agents/eva"}, {"to": "queues/nobody"}],
    "conversations-reply": [{"text": "Hello"}, {"template": "closed"}, {"template": "nowhere"}],
}
"""By operation, what goes further than the shape of a body does; the first one goes well."""
ODD_VALUES = (
    "\0",
    "\ud800",
    float("nan"),
    10**400,
    -1,
    {"\ud800": "\0"},
    "9999-12-31T23:59:59-14:00",
    [[[]]],
    "x" * 20_000,
)
"""What JSON can say, and hardly anybody expects."""


def bent(body: Any) -> Iterator[Any]:
    """The body with one value after the other replaced by each of those."""
    match body:
        case dict():
            for name, value in body.items():
                yield from (body | {name: other} for other in bent(value))
        case list():
            for place, value in enumerate(body):
                yield from ([*body[:place], other, *body[place + 1 :]] for other in bent(value))
        case _:
            yield from ODD_VALUES


# Asking ---------------------------------------------------------------------------------------------------------------


def operations(document: dict[str, Any]) -> list[Any]:
    """All of them; closing a conversation comes last, since nothing of it can be done afterwards."""
    # Who asks is said by the test, and not made up.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(document, config=config)
    found: list[Any] = list(schema.get_all_operations())
    return sorted((one.ok() for one in found), key=lambda one: one.path.endswith("/close"))


class Asking:
    """One operation, asked again and again as somebody; `statuses` are those of the answers."""

    def __init__(self, world: World, operation: Any, role: Role | None) -> None:
        self.world = world
        self.operation = operation
        self.role: Role | None = role
        self.id: str = operation.definition.raw["operationId"]
        self.statuses: list[int] = []
        path = re.sub("^/api/v1(/sandbox|/production)?", "", operation.path)
        known = places(world.conversations, role)
        self.places = known.get(path) or known.get(re.sub("[^}]*$", "", path), [])
        body = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json")
        self.bodies = [*BODIES.get(self.id, ()), *(examples(world.document, body) if body is not None else ())]
        # Whoever may listen to a stream hears it for ever.
        self.is_endless = "text/event-stream" in operation.definition.raw["responses"].get("200", {}).get("content", {})
        self.http = requests.Session()
        # Only what `signed` says is sent, whatever cookies the answers set and delete.
        self.http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def wrong(self, examples: int) -> list[str]:
        """The first answer that the document does not describe, if there was one."""
        modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
        cases = st.one_of([self.operation.as_strategy(generation_mode=mode) for mode in modes])

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(case=cases, data=st.data())
        def ask(case: schemathesis.Case, data: st.DataObject) -> None:
            self._deepen(case, data.draw)
            self._ask(case, data.draw(st.sampled_from(self.world.signed[self.role])))

        try:
            ask()
        except BaseExceptionGroup as failures:
            return [f"{self.operation.label} for {self.role or 'nobody'}: {failures}"]
        finally:
            self.http.close()
        return []

    def bent(self) -> list[str]:
        """The answers that are not described to its best example with something odd in it."""
        wrong: list[str] = []
        place = self.places[0] if self.places else dict.fromkeys(re.findall(r"{(\w+)}", self.operation.path), "1")
        headers = {"if-match": "*"} if any(one.name == "if-match" for one in self.operation.headers) else {}
        for body in (one for example in self.bodies[:1] for one in bent(example)):
            case = self.operation.Case(
                path_parameters=dict(place),
                headers=headers,
                body=json.dumps(body).encode(),
                media_type="application/json",
            )
            try:
                self._ask(case, self.world.signed[self.role][0])
            except BaseExceptionGroup as failures:
                wrong.append(f"{self.operation.label}: {failures}")
        return wrong

    def _deepen(self, case: schemathesis.Case, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        """Three times of four, ask for what is there, and change what one has seen. The first time all of it is so."""

        def instead() -> bool:
            return draw(st.integers(0, 3)) < 3

        if self.places and instead():
            case.path_parameters = dict(draw(st.sampled_from(self.places)))
        for name in (one.name for one in self.operation.query):
            if instead():
                case.query.pop(name, None)
                if draw(st.booleans()):
                    case.query[name] = draw(st.sampled_from(QUERIES.get(name, ODD) if instead() else ODD))
        if any(one.name == "if-match" for one in self.operation.headers) and instead():
            case.headers.pop("if-none-match", None)
            case.headers["if-match"] = "*"
        if self.bodies and instead():
            case.body, case.media_type = draw(st.sampled_from(self.bodies)), "application/json"

    def _ask(self, case: schemathesis.Case, signed: dict[str, str]) -> None:
        try:
            answer = self._answered(case, signed)
            if case.method.upper() == "GET":
                self._go_on(case, answer, signed)
        finally:
            if self.statuses[-1] == 202:
                self.world.settle()
            if case.method.upper() != "GET" and (self.statuses[-1] not in (401, 403) or self.id == "sessions-login"):
                self.world.again()

    def _go_on(self, case: schemathesis.Case, answer: Any, signed: dict[str, str]) -> None:
        """Read once more what has not changed, and the next page."""
        if "etag" in answer.headers:
            self._answered(case, signed | {"If-None-Match": answer.headers["etag"][0]})
        elif answer.status_code == 200 and b'"cursor"' in answer.content and answer.json().get("cursor"):
            case.query["cursor"] = answer.json()["cursor"]
            self._answered(case, signed)

    def _answered(self, case: schemathesis.Case, headers: dict[str, str]) -> Any:
        answer = case.call(self.world.url, session=self.http, headers=headers)
        self.statuses.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)
        return answer


# ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("roles", [("admin",), ("supervisor", "agent", "viewer", None)], ids=str)
async def test_every_answer_is_described(world: World, roles: tuple[Role | None, ...]) -> None:
    wrong, shallow = await asyncio.to_thread(_asked, world, roles)
    assert not wrong, "\n\n".join(wrong)
    assert not shallow, "say in `places`, QUERIES and BODIES what goes well:\n" + "\n".join(shallow)


def _asked(world: World, roles: Sequence[Role | None]) -> tuple[list[str], list[str]]:
    """The answers that are not described, and the operations that let somebody in only to refuse the best example."""
    wrong: list[str] = []
    shallow: list[str] = []
    for operation in operations(world.document):
        row = f"{operation.method.upper()} {operation.path}"
        least = ROLES_OF_ROUTES[row]
        for role in roles:
            asking = Asking(world, operation, role)
            if asking.is_endless and role is not None:
                continue
            wrong += asking.wrong(_examples(asking.id, role, least))
            if least is not None and role is not None and at_least(role, least) and asking.statuses[0] >= 400:
                shallow.append(f"{row} for {role}: {asking.statuses[0]}")
    return wrong, shallow


async def test_odd_values_are_no_more_than_refused(world: World) -> None:
    def ask_all() -> list[str]:
        return [one for operation in operations(world.document) for one in Asking(world, operation, "admin").bent()]

    wrong = await asyncio.to_thread(ask_all)
    assert not wrong, "\n\n".join(wrong)


def _examples(id: str, role: Role | None, least: Role | None) -> int:
    """Who may not is refused whatever they ask, and what anyone may does not depend on who they are."""
    if least is ANYONE:
        return EXAMPLES[None] if id == "sessions-login" or role is None else 1
    if role is None or least is None or not at_least(role, least):
        return 1
    return min(EXAMPLES[role], SLOW.get(id, EXAMPLES[role]))


async def test_a_route_that_breaks_its_word_is_noticed(parts: Parts, serve: Any) -> None:
    async def keeps() -> Any:
        return {"url": "https://x.example.com", "connector": "shop", "expires_at": "2026-11-23T10:00:00Z"}

    async def lacks_a_field() -> Any:
        return JSONResponse(await keeps() | {"expires_at": None})

    async def has_another_status() -> Any:
        return JSONResponse(await keeps(), 202)

    async def is_no_json() -> Any:
        return PlainTextResponse("https://x.example.com")

    async def breaks() -> Any:
        raise RuntimeError("for a test")

    expected = {
        keeps: "",
        lacks_a_field: "Response violates schema",
        has_another_status: "Undocumented status code",
        is_no_json: "Undocumented Content-Type",
        breaks: "Server error",
    }
    async with opened(parts, serve) as office:
        for route in expected:
            office.app.add_api_route(f"/{route.__name__}", route, responses={200: {"model": Authorisation}})
        document = office.app.openapi()
        world = World(office.url, document, again=lambda: None, settle=lambda: None, signed={None: [{}]})
        found = {one.path: Asking(world, one, None) for one in operations(document)}
        for route, word in expected.items():
            wrong = await asyncio.to_thread(found[f"/{route.__name__}"].wrong, 2)
            assert len(wrong) == bool(word), f"{route.__name__}: {wrong}"
            assert word in "".join(wrong)
