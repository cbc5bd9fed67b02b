"""Replies and notes over HTTP, taken by the real workflow: who may, what is refused, and that each counts once."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from api.dependencies import Parts
from instagram.media import IMAGE_BYTES
from routing.documents import read
from routing.problems import check
from routing.scenarios import Scenario, ScenarioCustomer
from store import attachments, messages
from store.attachments import NewAttachment
from store.database import Database
from store.files import Files
from store.secrets import Vault
from tests.activities.samples import JPEG, MP4, png
from tests.api.elsewhere import ELSEWHERE, works
from tests.api.people import Office, opened, problems
from tests.durable import upcoming
from tests.stored import ACCOUNT, StoredRehearsal, stored
from workflows.plugin import connect

pytestmark = pytest.mark.anyio
SHOP = """
format: 1
languages: {default: en, offered: [en, cs]}
connectors:
  shop: {title: Shop, account: account, next: {type: queue, name: people}, attachments: ATTACHMENTS}
queues: {people: {title: People}}
custom_fields: {size: {title: Size}}
templates:
  hello: {title: Hello, text: "Hello {{ customer.name }}!", variants: {cs: "Dobrý den, {{ customer.name }}!"}}
  size: {title: Size, text: "Is {{ contact.size }} right?"}
  odd: {title: Odd, text: "{{ messages < 3 }}"}
"""


@dataclass
class Desk:
    """A customer who waits in a queue of the running workflow, and the API."""

    world: StoredRehearsal
    office: Office
    talk: str

    async def agent(self, name: str, role: Any = "agent") -> httpx.AsyncClient:
        await self.office.user(name, role)
        return await self.office.program(name, role)

    async def accepted(self, name: str = "eva") -> httpx.AsyncClient:
        """An agent who has it."""
        eva = await self.agent(name)
        answer = await eva.post(f"/api/v1/conversations/{self.talk}/accept")
        assert answer.status_code == 200, answer.text
        return eva

    async def says(self, who: httpx.AsyncClient, expect: int = 202, key: str | None = None, **more: Any) -> Any:
        """A reply, as JSON unless a form is given."""
        headers = {} if key is None else {"Idempotency-Key": key}
        form = {name: more.pop(name) for name in ("data", "files") if name in more}
        body = form or {"json": more}
        answer = await who.post(f"/api/v1/conversations/{self.talk}/reply", headers=headers, **body)
        assert answer.status_code == expect, answer.text
        return answer.json() if expect == 202 else answer

    async def sent(self, count: int) -> list[messages.MessageRow]:
        """What people have said, once it is so many messages; then that no more come."""
        rows: list[messages.MessageRow] = []
        for _ in range(500):
            async with self.office.parts.database.begin() as session:
                lines = await messages.transcript(session, self.talk)
            rows = [row for row in lines if row.author == "agent" and row.direction == "out"]
            if len(rows) >= count and all(row.state == "sent" for row in rows):
                break
            await asyncio.sleep(0.02)
        assert len(rows) == count, rows
        return rows


@pytest.fixture
def lets() -> str:
    """Who may send attachments."""
    return "both"


@pytest.fixture
async def desk(database_url: str, serve: Any, lets: str, tmp_path: Path) -> AsyncIterator[Desk]:
    graph = check(read(SHOP.replace("ATTACHMENTS", lets))).graph
    assert graph is not None
    customer = ScenarioCustomer(id="jana-7", username="jana.n", name="Jana")
    begin = datetime(2026, 11, 23, 12, tzinfo=UTC)
    scenario = Scenario(title="x", connector="shop", at=begin, customer=customer, steps=())
    with stored(database_url, graph, upcoming(scenario, datetime.now(UTC))) as world:
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
            files=Files(f"file://{tmp_path}/files"),
        )
        elsewhere = world.loop(works(world))
        async with opened(parts, serve) as office:
            world.user("hi")
            assert world.conversation is not None
            office.time = world.now
            yield Desk(world, office, world.conversation.name)
        world.loop(elsewhere.shutdown())
        await database.close()


# Who may --------------------------------------------------------------------------------------------------------------


async def test_who_may_write_and_when(desk: Desk) -> None:
    karl, boss = await desk.agent("karl"), await desk.agent("boss", "supervisor")
    for who in (karl, boss):
        refused = await desk.says(who, 409, text="Too early")
        assert refused.json()["detail"] == f"Nobody has accepted {desk.talk} yet. Accept it first."
    eva = await desk.accepted()
    assert (await desk.says(karl, 409, text="Not mine")).json()["detail"] == f"eva has {desk.talk}."
    await desk.says(eva, text="Hello")
    await desk.says(boss, text="And hello from me")
    rows = await desk.sent(2)
    assert [(row.agent, row.text, row.path) for row in rows] == [
        ("eva", "Hello", "queues/people"),
        ("boss", "And hello from me", "queues/people"),
    ]
    viewer = await desk.agent("vera", "viewer")
    for what in ("reply", "note", "typing", "seen", "close", "transfer"):
        answer = await viewer.post(f"/api/v1/conversations/{desk.talk}/{what}", json={})
        assert answer.status_code == 403, what
    for what in ("note", "close", "typing", "seen"):
        answer = await karl.post(
            f"/api/v1/conversations/{desk.talk}/{what}", json={"text": "x"} if what == "note" else {}
        )
        assert (answer.status_code, answer.json()["detail"]) == (409, f"eva has {desk.talk}."), what


async def test_after_the_end_nothing_is_taken(desk: Desk) -> None:
    eva = await desk.accepted()
    assert (await eva.post(f"/api/v1/conversations/{desk.talk}/close")).status_code == 202
    # The store may not know of it yet; the workflow does.
    refused = await desk.says(eva, 409, text="Too late")
    assert refused.json()["detail"] in (
        f"{desk.talk} has ended.",
        f"{desk.talk} has just been closed, or sent elsewhere.",
    )
    assert (await eva.get("/api/v1/conversations/igdm_nobody/messages")).status_code == 404
    answer = await eva.post("/api/v1/conversations/igdm_nobody/reply", json={"text": "x"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no conversation igdm_nobody.")
    await desk.sent(0)


async def test_sent_to_another_queue_it_is_nobodys(desk: Desk) -> None:
    eva = await desk.accepted()
    answer = await eva.post(f"/api/v1/conversations/{desk.talk}/transfer", json={"to": "queues/people"})
    assert answer.status_code == 202
    refused = await desk.says(eva, 409, text="Still me")
    assert "accept it first" in refused.json()["detail"].lower() or "sent elsewhere" in refused.json()["detail"]


# Once -----------------------------------------------------------------------------------------------------------------


async def test_a_key_counts_once_and_belongs_to_its_agent(desk: Desk) -> None:
    eva, boss = await desk.accepted(), await desk.agent("boss", "supervisor")
    first, second = await asyncio.gather(*(desk.says(eva, key="one", text="Hello") for _ in range(2)))
    assert first["key"] == second["key"]
    await desk.sent(1)
    third = await desk.says(eva, key="one", text="Hello")
    assert (third["key"], third["repeated"]) == (first["key"], True)
    await desk.says(boss, key="one", text="Mine")
    await desk.says(eva, text="Hello")
    await desk.says(eva, text="Hello")
    rows = await desk.sent(4)
    assert sorted(row.text or "" for row in rows) == ["Hello", "Hello", "Hello", "Mine"]
    assert rows[0].key == f"{first['key']}.0"


async def test_a_repeated_key_is_answered_after_the_end_as_well(desk: Desk) -> None:
    """Whoever did not get the answer learns that it was sent, although it could not be sent any more."""
    eva = await desk.accepted()
    first = await desk.says(eva, key="one", text="Goodbye")
    await desk.sent(1)
    await eva.post(f"/api/v1/conversations/{desk.talk}/close")
    again = await desk.says(eva, key="one", text="Goodbye")
    assert (again["key"], again["repeated"]) == (first["key"], True)


async def test_long_texts_leave_as_several_messages(desk: Desk) -> None:
    eva = await desk.accepted()
    await desk.says(eva, text="word " * 500)
    rows = await desk.sent(3)
    assert "".join(row.text or "" for row in rows).count("word") == 500


# What is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("text", "empty")]),
        ({"text": ""}, [("text", "string_too_short")]),
        ({"text": "  \n "}, [("text", "empty")]),
        ({"text": "x" * 10_001}, [("text", "string_too_long")]),
        ({"text": "Hi", "template": "hello"}, [("", "value_error")]),
        ({"text": "Hi", "language": "cs"}, [("", "value_error")]),
        ({"text": "Hi", "to": "karl"}, [("to", "extra_forbidden")]),
        ({"template": "nothing"}, [("template", "unknown")]),
        ({"template": "odd"}, [("template", "template")]),
        ({"template": "size"}, [("variables/contact.size", "missing")]),
        ({"template": "hello", "variables": {"x": "y"}}, [("variables/x", "unread")]),
        ({"template": "hello", "language": "czech"}, [("language", "string_pattern_mismatch")]),
        ({"images": ["nothing"]}, [("images/0", "unknown")]),
        ({"images": [str(number) for number in range(11)]}, [("images", "too_long")]),
    ],
)
async def test_what_is_refused_says_where(desk: Desk, body: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    eva = await desk.accepted()
    assert problems(await desk.says(eva, 422, **body)) == wrong
    await desk.sent(0)


async def test_a_body_that_is_none(desk: Desk) -> None:
    eva = await desk.accepted()
    path = f"/api/v1/conversations/{desk.talk}/reply"
    for content in (b"{", b"[]", b'{"text": "\\ud800"}', b"\xff"):
        answer = await eva.post(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, content
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for content in (b"", b"--x\r\nnonsense", b"--y--"):
        answer = await eva.post(path, content=content, headers=headers)
        assert answer.status_code == 422, content
    answer = await eva.post(path, content=b"x" * 25_000_001, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    answer = await eva.post(f"/api/v1/conversations/{desk.talk}/note", json={"text": "x" * 1_000_000})
    assert answer.status_code == 413


async def test_templates_in_the_customers_language(desk: Desk) -> None:
    eva = await desk.accepted()
    assert (await desk.says(eva, template="hello"))["text"] == "Hello Jana!"
    assert (await desk.says(eva, template="hello", language="cs"))["text"] == "Dobrý den, Jana!"
    given = {"template": (None, "size"), "variables": (None, json.dumps({"contact.size": "M"}))}
    assert (await desk.says(eva, files=given))["text"] == "Is M right?"
    assert [row.text for row in await desk.sent(3)] == ["Hello Jana!", "Dobrý den, Jana!", "Is M right?"]
    wrong = await desk.says(eva, 422, files={"template": (None, "size"), "variables": (None, "no JSON")})
    assert problems(wrong) == [("variables", "json")]


# Pictures -------------------------------------------------------------------------------------------------------------


def file(content: bytes, name: str = "a.png", field: str = "images") -> tuple[str, tuple[str, bytes, str]]:
    return field, (name, content, "image/png")


async def test_pictures_are_kept_and_linked(desk: Desk) -> None:
    eva = await desk.accepted()
    sent = await desk.says(eva, files=[file(png(), "Můj obrázek.PNG"), file(JPEG, "photo")], data={"text": "Two"})
    pictures, words = await desk.sent(2)
    assert (pictures.content["images"], words.text) == (sent["images"], "Two")
    assert [link.split("?")[0].rsplit("/", 1)[1] for link in sent["images"]] == ["Muj-obrazek.PNG", "photo.jpg"]
    for link, content in zip(sent["images"], (png(), JPEG), strict=True):
        found = await (await desk.office.browser()).get(link.removeprefix(desk.office.parts.public_url))
        assert (found.status_code, found.content) == (200, content)
    # The transcript has them under links made anew, and they belong to the customer, who may be erased.
    lines = (await eva.get(f"/api/v1/conversations/{desk.talk}/messages")).json()["items"]
    [shown] = [one["images"] for one in lines if one["images"]]
    assert [link.split("?")[0] for link in shown] == [link.split("?")[0] for link in sent["images"]]
    async with desk.office.parts.database.begin() as session:
        kept = await attachments.attachments_of(session, [sent["key"]])
        assert {(one.account, one.customer, one.type, one.size is not None) for one in kept} == {
            (ACCOUNT, "jana-7", "image", True)
        }
        assert len(await attachments.forget(session, ACCOUNT, "jana-7")) == 2
    ids = [link.split("/")[4] for link in sent["images"]]
    gone = await desk.says(eva, 422, images=ids)
    assert problems(gone) == [("images/0", "unknown"), ("images/1", "unknown")]


async def test_a_file_of_this_customer_can_be_sent_again_and_no_other(desk: Desk) -> None:
    eva = await desk.accepted()
    sent = await desk.says(eva, files=[file(png())])
    id = sent["images"][0].split("/")[4]
    async with desk.office.parts.database.begin() as session:
        for name, customer, media_type, size in (
            ("of-karl", "karl-1", "image/png", 3),
            ("film", "jana-7", "video/mp4", 3),
            ("large", "jana-7", "image/png", IMAGE_BYTES + 1),
        ):
            new = NewAttachment(name, ACCOUNT, customer, "image", name, media_type=media_type, location=f"a/{name}")
            await attachments.keep(session, new)
            await attachments.mark_stored(session, name, size)
    assert len((await desk.says(eva, images=[id, id]))["images"]) == 2
    wrong = await desk.says(eva, 422, images=["of-karl", "film", id, "large"])
    assert problems(wrong) == [("images/0", "unknown"), ("images/1", "no_picture"), ("images/3", "no_picture")]
    await desk.sent(2)


async def test_what_is_no_picture_is_refused(desk: Desk) -> None:
    eva = await desk.accepted()
    uploads = [
        file(png()),
        file(b"no picture", "a.png"),
        file(MP4, "a.mp4"),
        file(b"", "empty.png"),
        file(png() + b"x" * IMAGE_BYTES, "large.png"),
    ]
    answer = await desk.says(eva, 422, files=uploads)
    assert problems(answer) == [(f"images/{place}", "no_picture") for place in (1, 2, 3, 4)]
    assert problems(await desk.says(eva, 422, files=[file(png())] * 11))[0][1] == "form"
    assert problems(await desk.says(eva, 422, files=[file(png(), field="picture")])) == [("picture", "unknown")]
    many = await desk.says(eva, 422, files=[file(png())] * 6, data={"images": [str(one) for one in range(5)]})
    assert problems(many) == [("images", "too_many")]
    await desk.sent(0)
    async with desk.office.parts.database.begin() as session:
        assert await attachments.forget(session, ACCOUNT, "jana-7") == []


@pytest.mark.parametrize("lets", ["none", "customer"])
async def test_where_the_connector_lets_only_customers_send_pictures(desk: Desk) -> None:
    eva = await desk.accepted()
    answer = await desk.says(eva, 422, files=[file(png())], data={"text": "Look"})
    assert problems(answer) == [("images", "not_allowed")]
    await desk.says(eva, text="Look")
    await desk.sent(1)


# The window -----------------------------------------------------------------------------------------------------------


async def test_the_window(desk: Desk) -> None:
    eva = await desk.accepted()
    path = f"/api/v1/conversations/{desk.talk}"
    wrote = datetime.fromisoformat((await eva.get(path)).json()["last_customer_at"])
    for after, may_send, tag in (
        (timedelta(hours=24), "all", None),
        (timedelta(hours=24, seconds=1), "people", "HUMAN_AGENT"),
        (timedelta(days=7), "people", "HUMAN_AGENT"),
    ):
        desk.office.time = wrote + after
        assert (await eva.get(path)).json()["may_send"] == may_send
        assert (await desk.says(eva, text="Hello"))["tag"] == tag
    desk.office.time = wrote + timedelta(days=7, seconds=1)
    assert (await eva.get(path)).json()["may_send"] == "nothing"
    refused = await desk.says(eva, 409, text="Hello")
    assert refused.json()["detail"] == (
        f"The customer of {desk.talk} has not written for 7 days: Instagram takes nothing until they do."
    )
    await desk.sent(3)


# Notes ----------------------------------------------------------------------------------------------------------------


async def test_notes_stand_in_the_transcript_alone(desk: Desk) -> None:
    eva = await desk.accepted()
    path = f"/api/v1/conversations/{desk.talk}"
    headers = {"Idempotency-Key": "once"}
    first = await eva.post(f"{path}/note", json={"text": " Called as well. "}, headers=headers)
    again = await eva.post(f"{path}/note", json={"text": "Called as well."}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["key"] == again.json()["key"]
    newest = (await eva.get(f"{path}/messages")).json()["items"][0]
    assert (newest["key"], newest["direction"], newest["kind"]) == (first.json()["key"], "note", "note")
    assert (newest["author"], newest["agent"], newest["text"]) == ("agent", "eva", "Called as well.")
    # It is no last line, and nobody was sent it.
    assert (await eva.get(path)).json()["last_line"]["author"] == "customer"
    assert "Called" not in str(desk.world.said)
    for wrong in ({}, {"text": ""}, {"text": "   "}, {"text": "x" * 10_001}, {"text": "x", "to": "y"}):
        assert (await eva.post(f"{path}/note", json=wrong)).status_code == 422
    await desk.sent(0)


# Transfers to people --------------------------------------------------------------------------------------------------


async def test_it_goes_to_a_colleague_who_can_take_it(desk: Desk) -> None:
    eva, karl = await desk.accepted(), await desk.agent("karl")
    path = f"/api/v1/conversations/{desk.talk}"
    await desk.agent("vera", "viewer")

    async def sent_to(name: str) -> httpx.Response:
        return await eva.post(f"{path}/transfer", json={"to": f"agents/{name}"})

    for name in ("nobody", "vera", ""):
        answer = await sent_to(name)
        assert (answer.status_code, problems(answer)) == (422, [("to", "unknown")])
    assert (await sent_to("eva")).json()["detail"] == f"eva has {desk.talk} already."
    assert (await sent_to("karl")).json()["detail"].startswith("karl is not there.")
    await karl.patch("/api/v1/agents/me", json={"state": "paused", "reason": "lunch"})
    answer = await sent_to("karl")
    assert (answer.status_code, answer.json()["detail"].split(".")[0]) == (409, "karl is paused (lunch)")
    await karl.patch("/api/v1/agents/me", json={"state": "ready"})
    assert (await sent_to("karl")).status_code == 202
    for _ in range(200):
        stay = (await eva.get(path)).json()["stay"]
        if stay["agent"] is None:
            break
        await asyncio.sleep(0.02)
    assert (stay["queue"], stay["agent"], stay["left_at"]) == ("people", None, None)
    assert (await karl.post(f"{path}/accept")).status_code == 200
    await desk.says(karl, text="Karl here")
    assert [row.agent for row in await desk.sent(1)] == ["karl"]
    trace = (await eva.get(f"{path}/trace")).json()["items"]
    assert "transferred to karl by eva" in [one["why"] for one in trace]


# The workflow is away -------------------------------------------------------------------------------------------------


async def test_where_nobody_knows_whether_it_was_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.acts.PATIENCE", timedelta(milliseconds=300))
    eva = await desk.accepted()
    desk.world.loop(desk.world.worker.__aexit__(None, None, None))
    refused = await desk.says(eva, 503, key="one", text="Hello")
    assert "could not be reached" in refused.json()["detail"]
    no_state = await desk.says(eva, 503, template="hello")
    assert "does not say what it knows" in no_state.json()["detail"]
    desk.world._new_worker()
    desk.world.loop(desk.world.worker.__aenter__())
