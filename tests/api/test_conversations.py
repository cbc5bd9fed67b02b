"""Lists of conversations with every filter, transcripts with what became of each message, and traces that moved."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from store import attachments, contacts, conversations, messages, queues, tickets
from store.attachments import NewAttachment, attachment_id
from store.conversations import end_conversation, open_conversation, update_conversation
from store.files import Files
from store.messages import NewMessage
from store.revisions import append_revision, revision
from store.trace import TraceRow, record_trace
from tests.api.people import NOON, Office, opened, problems

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
Open = Callable[..., Awaitable[str]]


@pytest.fixture
async def office(parts: Parts, serve: Any, tmp_path: Path) -> AsyncIterator[Office]:
    files = Files(tmp_path.as_uri())
    async with opened(parts, serve, files=files, public_url="https://switchboard.example.com") as office:
        yield office


@pytest.fixture
async def vera(office: Office) -> httpx.AsyncClient:
    return await office.person("vera", "viewer")


@pytest.fixture
def opens(office: Office, account: str) -> Open:
    """Opens a conversation in the store, so many minutes after noon."""

    async def one(name: str, minute: int = 0, **more: Any) -> str:
        values = {"account": account, "customer": "anna", "connector": "main", "workflow_id": "w", "revision": 1}
        async with office.parts.database.begin() as session:
            at = NOON + minute * MINUTE
            await open_conversation(session, name=name, opened_at=at, **(values | more))
        return name

    return one


async def says(office: Office, *rows: NewMessage) -> None:
    async with office.parts.database.begin() as session:
        await messages.record_inbound(session, rows)


def line(name: str, text: str | None, key: str, **more: Any) -> NewMessage:
    values: dict[str, Any] = {"author": "customer", "at": NOON, "kind": "message"}
    return NewMessage(key=key, conversation=name, text=text, **(values | more))


async def test_each_filter_finds_what_agrees_with_it(
    office: Office, vera: httpx.AsyncClient, opens: Open, account: str
) -> None:
    await opens("one", 0, language="cs", place="decision_trees/orders/decisions/which", last_customer_at=NOON)
    await opens("two", 1, customer="bela", connector="side", place="decision_trees/orders-old", revision=2)
    await opens("three", 2, customer="cyril", account="another")
    async with office.parts.database.begin() as session:
        await update_conversation(session, "two", queue="support", answered=True)
        await end_conversation(
            session, "three", at=NOON + MINUTE, cause="timeout", terminate="bye", queue="vip", missed=True
        )
        profile = {"picture": None, "at": NOON}
        await contacts.save_profile(session, account, "anna", username="a.nna", name="Anna Malá", **profile)
        await contacts.save_profile(session, account, "bela", username="bela_100%", name=None, **profile)
    await says(office, line("one", "My Žlutý fern's leaves, 12345", "k1"), line("two", "it's o'clock \\ 'x'", "k2"))

    async def found(**params: Any) -> list[str]:
        answer = await vera.get("/api/v1/conversations", params=params)
        assert answer.status_code == 200, answer.text
        return [one["name"] for one in answer.json()["items"]]

    assert await found() == ["three", "two", "one"]
    for params, expected in [
        ({"state": "open"}, ["two", "one"]),
        ({"state": "ended"}, ["three"]),
        ({"account": account}, ["two", "one"]),
        ({"customer": "cyril"}, ["three"]),
        ({"who": "malá"}, ["one"]),
        ({"who": "100%"}, ["two"]),
        ({"who": "%"}, ["two"]),
        ({"connector": "side"}, ["two"]),
        ({"queue": "support"}, ["two"]),
        ({"place": "decision_trees/orders"}, ["one"]),
        ({"place": "/decision_trees/orders/"}, ["one"]),
        ({"place": "decision_trees"}, ["two", "one"]),
        ({"language": "cs"}, ["one"]),
        ({"cause": "timeout"}, ["three"]),
        ({"terminate": "bye"}, ["three"]),
        ({"answered": "true"}, ["two"]),
        ({"missed": "true"}, ["three"]),
        ({"missed": "false"}, ["two", "one"]),
        ({"revision": 2}, ["two"]),
        ({"opened_after": (NOON + MINUTE).isoformat()}, ["three", "two"]),
        ({"opened_before": (NOON + MINUTE).isoformat()}, ["one"]),
        ({"text": "žLUT fern"}, ["one"]),
        ({"text": "12345"}, ["one"]),
        ({"text": "ern"}, []),
        ({"text": "fern nothing"}, []),
        ({"text": "o'clock"}, ["two"]),
        ({"text": "& | ! ( ) : * ' \\ <->"}, []),
        ({"text": "q\x00"}, []),
        ({"state": "open", "language": "cs", "text": "fern"}, ["one"]),
        ({"state": "ended", "language": "cs"}, []),
    ]:
        assert await found(**params) == expected, params
    page = (await vera.get("/api/v1/conversations", params={"limit": 2})).json()
    rest = (await vera.get("/api/v1/conversations", params={"cursor": page["cursor"]})).json()
    assert [one["name"] for one in rest["items"]] == ["one"]
    assert rest["cursor"] is None


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"cursor": "x"}, "query/cursor"),
        ({"state": "asleep"}, "query/state"),
        ({"opened_after": "2026-11-02T12:00:00"}, "query/opened_after"),
        ({"text": ""}, "query/text"),
        ({"revision": 0}, "query/revision"),
        ({"limit": 201}, "query/limit"),
    ],
)
async def test_a_filter_that_is_none_is_refused(vera: httpx.AsyncClient, params: dict[str, Any], path: str) -> None:
    answer = await vera.get("/api/v1/conversations", params=params)
    assert answer.status_code == 422
    assert [where for where, _ in problems(answer)] == [path]


async def test_a_list_says_who_where_and_what_last(office: Office, vera: httpx.AsyncClient, opens: Open) -> None:
    await opens("one", place="queues/support", last_customer_at=NOON)
    await opens("two", 1, customer="bela", place="queues/gone", revision=7)
    await says(office, line("one", "hi", "k1"), line("one", None, "n1", direction="note", kind="seen"))
    two, one = (await vera.get("/api/v1/conversations")).json()["items"]
    assert (one["place"], one["place_title"], two["place_title"]) == ("queues/support", "Support", None)
    assert (one["last_line"]["text"], one["last_line"]["state"]) == ("hi", "received"), "notes are no lines"
    assert (two["last_line"], two["window_closes_at"]) == (None, None)
    assert one["window_closes_at"] == (NOON + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert two["customer"] == {"id": "bela", "name": None, "username": None}


async def test_one_with_what_belongs_to_it(office: Office, vera: httpx.AsyncClient, opens: Open, account: str) -> None:
    name = await opens("one", place="queues/support", opening={"customer": {"id": "anna"}})
    async with office.parts.database.begin() as session:
        await queues.enqueue(session, name, "support", 5, NOON)
        number = await tickets.create_ticket(session, "t", at=NOON, conversation=name, title="Broken")
        kept = NewAttachment("picture-1", account, "anna", "picture", "picture.jpg", location="x/y")
        await attachments.keep(session, kept)
        await attachments.mark_stored(session, "picture-1", 3)
        await contacts.save_profile(session, account, "anna", username="a", name="Anna", picture="picture-1", at=NOON)
        await contacts.save_field(session, account, "anna", "size", 38)
    told = (await vera.get(f"/api/v1/conversations/{name}")).json()
    assert (told["tickets"], told["fields"], told["recorded"]) == ([number], {"size": 38}, True)
    assert (told["stay"]["queue"], told["stay"]["agent"], told["followed"]["author"]) == ("support", None, "test")
    assert told["picture"].startswith("https://switchboard.example.com/attachments/picture-1/picture.jpg?expires=")
    assert "hash" not in told
    assert (await vera.get("/api/v1/conversations/nobody")).status_code == 404
    assert [
        one["number"] for one in (await vera.get("/api/v1/tickets", params={"conversation": name})).json()["items"]
    ] == [number]


async def test_a_transcript_says_what_became_of_each_message(
    office: Office, vera: httpx.AsyncClient, opens: Open, account: str
) -> None:
    name = await opens("one")
    ours = {"author": "graph", "direction": "out", "at": NOON}
    sends = [
        line(name, "Tea?", "s1", **ours, path="p", content={"quick_replies": [{"title": "Yes", "payload": "x"}]}),
        line(name, "See", "s2", **ours, content={"buttons": [{"text": "Shop", "url": "https://x.example.com"}]}),
        line(name, None, "s3", **ours, content={"image": "https://x.example.com/i"}),
        line(name, "late", "s4", **ours),
        line(name, "who knows", "s5", **ours | {"author": "agent"}, agent="eva"),
    ]
    async with office.parts.database.begin() as session:
        await messages.prepare(session, sends)
        await messages.mark_sent(session, "s1", "mid-s1", NOON + MINUTE)
        await messages.mark_blocked(session, "s4", "the window is closed")
        await messages.mark_sending(session, "s5", NOON)
        await messages.mark_undecided(session, "s5", "Instagram's record does not reach back")
        await messages.note_tag(session, "s5", "HUMAN_AGENT")
    await says(
        office,
        line(name, "Yes", "c1", mid="mid-c1", content={"payload": "x", "reply_to": "mid-s1"}, kind="quick_reply"),
        line(name, "❤", "n1", direction="note", kind="reaction", content={"mid": "mid-s1", "action": "react"}),
        line(name, "Yes please", "n2", direction="note", kind="edit", content={"mid": "mid-c1", "num_edit": 1}),
        line(name, None, "n3", direction="note", kind="seen", content={"mid": "elsewhere"}),
        line(name, "gone", "c2", mid="mid-c2"),
    )
    async with office.parts.database.begin() as session:
        await messages.delete_content(session, "mid-c2")
    items = (await vera.get(f"/api/v1/conversations/{name}/messages")).json()["items"]
    told = {one["key"]: one for one in items}
    assert [one["key"] for one in items] == ["c2", "n3", "n2", "n1", "c1", "s5", "s4", "s3", "s2", "s1"]
    assert (told["s1"]["state"], told["s1"]["quick_replies"], told["s1"]["path"]) == ("sent", ["Yes"], "p")
    assert told["s2"]["buttons"] == [{"text": "Shop", "url": "https://x.example.com"}]
    assert (told["s2"]["state"], told["s3"]["images"]) == ("pending", ["https://x.example.com/i"])
    assert (told["s4"]["state"], told["s4"]["reason"]) == ("blocked", "the window is closed")
    assert (told["s5"]["state"], told["s5"]["reason"], told["s5"]["agent"], told["s5"]["tag"]) == (
        "undecided",
        "Instagram's record does not reach back",
        "eva",
        "HUMAN_AGENT",
    )
    assert (told["c1"]["about"], told["c1"]["payload"]) == ("s1", "x")
    assert (told["n1"]["about"], told["n1"]["text"], told["n1"]["action"]) == ("s1", "❤", "react")
    assert (told["n2"]["about"], told["n2"]["kind"], told["n2"]["text"]) == ("c1", "edit", "Yes please")
    assert told["n3"]["about"] is None
    assert (told["c2"]["state"], told["c2"]["text"]) == ("deleted", None)
    page = (await vera.get(f"/api/v1/conversations/{name}/messages", params={"limit": 4})).json()
    rest = (await vera.get(f"/api/v1/conversations/{name}/messages", params={"cursor": page["cursor"]})).json()
    assert page["items"] + rest["items"] == items
    answer = await vera.get(f"/api/v1/conversations/{name}/messages", params={"cursor": "x"})
    assert problems(answer) == [("query/cursor", "unknown_cursor")]
    assert (await vera.get("/api/v1/conversations/nobody/messages")).status_code == 404


async def test_files_have_fresh_links_that_serve_them(
    office: Office, vera: httpx.AsyncClient, opens: Open, account: str
) -> None:
    name = await opens("one")
    old = "https://switchboard.example.com/attachments/x/a.jpg?expires=1&signature=y"
    sent = [
        {"type": "image/jpeg", "url": old, "title": "a.jpg", "kind": "image"},
        {"type": "ig_post", "url": "https://www.instagram.com/p/1", "kind": "ig_post", "reason": "it is a page"},
        {"type": "video", "kind": "video", "reason": "it is larger than 25 MB"},
        {"type": "image/png", "url": old, "title": "gone.png"},
    ]
    content = {"attachments": sent, "story": {"type": "image/jpeg", "url": old, "title": "s.jpg"}}
    await says(office, line(name, None, "c1", content=content))
    async with office.parts.database.begin() as session:
        for place in (0, "story"):
            id = attachment_id("c1", place)
            new = NewAttachment(id, account, "anna", "image", "a.jpg", name, "c1", "image/jpeg", f"{account}/{id}")
            await attachments.keep(session, new)
            await attachments.mark_stored(session, id, 3)
    assert office.parts.files is not None
    await office.parts.files.put(f"{account}/{attachment_id('c1', 0)}", b"jpg")
    [told] = (await vera.get(f"/api/v1/conversations/{name}/messages")).json()["items"]
    image, post, film, gone = told["files"]
    assert (image["type"], image["size"], image["reason"]) == ("image/jpeg", 3, None)
    assert (post["url"], post["reason"]) == ("https://www.instagram.com/p/1", "it is a page")
    assert (film["url"], film["reason"]) == (None, "it is larger than 25 MB")
    assert (gone["url"], gone["reason"]) == (None, "it was deleted")
    assert told["story"]["url"] is not None
    stranger = await office.browser()
    served = await stranger.get(image["url"].removeprefix("https://switchboard.example.com"))
    assert (served.status_code, served.content) == (200, b"jpg")
    office.later(timedelta(days=29))
    await office.session(vera, "vera")
    [again] = (await vera.get(f"/api/v1/conversations/{name}/messages")).json()["items"]
    office.later(timedelta(days=2))
    assert (await stranger.get(image["url"].removeprefix("https://switchboard.example.com"))).status_code == 410
    fresh = again["files"][0]["url"].removeprefix("https://switchboard.example.com")
    assert (await stranger.get(fresh)).status_code == 200


async def test_a_trace_that_moved_names_the_revision_of_each_step(
    office: Office, vera: httpx.AsyncClient, opens: Open, account: str
) -> None:
    async with office.parts.database.begin() as session:
        first = await revision(session, 1)
        assert first is not None
        changed = first.document | {"queues": {"support": {"title": "New support"}, "10001": {"title": "By number"}}}
        await append_revision(session, digest="2", document=changed, author="petr", note="Another title")
    name = await opens("one", revision=2)
    rows = [
        TraceRow(name, 1, NOON, "connectors/main", "the customer wrote"),
        TraceRow(name, 2, NOON, "queues/support", "the connector's next destination"),
        TraceRow(name, 3, NOON, "queues/support", "moved from revision 1 to 2"),
        TraceRow(name, 4, NOON, "queues/support", "accepted by eva"),
    ]
    async with office.parts.database.begin() as session:
        await record_trace(session, rows)
        assert await conversations.is_recorded(session, name) is False
    told = (await vera.get(f"/api/v1/conversations/{name}/trace")).json()["items"]
    assert [(one["number"], one["revision"], one["title"]) for one in told] == [
        (1, 1, "Main"),
        (2, 1, "Support"),
        (3, 2, "New support"),
        (4, 2, "New support"),
    ]
    told = (await vera.get(f"/api/v1/conversations/{name}/explain")).json()
    assert [(one["number"], one["author"], one["note"]) for one in told["revisions"]] == [
        (1, "test", ""),
        (2, "petr", "Another title"),
    ]
    assert [(one["number"], one["revision"], one["author"], one["title"]) for one in told["reasons"]] == [
        (1, 1, "test", "Main"),
        (2, 1, "test", "Support"),
        (3, 2, "petr", "New support"),
        (4, 2, "petr", "New support"),
    ]
    anna = await office.person("anna", "supervisor")
    for params in ({}, {"step": 4}):
        assert (await anna.get(f"/api/v1/conversations/{name}/position", params=params)).status_code == 409
