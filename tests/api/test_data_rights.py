"""What customers may ask for, over HTTP: an export with links that work, and an erasure that is durable work."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from api.dependencies import Parts
from store import attachments, contacts, deletions, messages
from store.attachments import NewAttachment
from store.files import Files
from store.messages import NewMessage
from store.tickets import create_ticket
from tests.api.people import NOON, Office, opened
from tests.api.talks import opens
from workflows.erasure import erasure_id

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(replace(parts, files=Files(tmp_path.as_uri())), serve) as office:
        yield office


async def jana(office: Office, account: str) -> str:
    """The path of a customer who sent a picture, and for whom there is a ticket."""
    path = f"/api/v1/contacts/{account}-4711"
    opening = {"customer": {"id": "4711"}, "callback": "https://x.example.com"}
    await opens(office, account, "talk", customer="4711", hash="a-hash-that-opens-doors", opening=opening)
    files = office.parts.files
    assert files is not None
    async with office.parts.database.begin() as session:
        await contacts.save_profile(session, account, "4711", username="jana.n", name="Jana", picture=None, at=NOON)
        wrote = NewMessage(
            key="m:1", conversation="talk", author="customer", at=NOON, kind="message", text="Look: \ud83c"
        )
        await messages.record_inbound(session, [wrote])
        kept = NewAttachment("a1", account, "4711", "image", "pot.jpg", "talk", "m:1", "image/jpeg", "where/it-lies")
        await attachments.keep(session, kept)
        await attachments.mark_stored(session, "a1", 3)
        await create_ticket(session, "t", at=NOON, conversation="talk", title="Broken")
    await files.put("where/it-lies", b"jpg")
    return path


async def test_an_export_is_one_document_with_links_that_work(office: Office, account: str) -> None:
    path = await jana(office, account)
    otto = await office.person("otto", "supervisor")
    answer = await otto.get(f"{path}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="customer-2026-11-02.json"'
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["format"], found["account"], found["customer"]) == (1, account, "4711")
    assert found["exported_at"] == NOON.isoformat()
    assert found["contacts"][0]["name"] == "Jana"
    [talk] = found["conversations"]
    assert talk["messages"][0]["text"] == "Look: \ufffd"
    assert (talk["tickets"][0]["title"], talk["tickets"][0]["changes"]) == ("Broken", [])
    [file] = found["attachments"]
    link = file["url"].removeprefix(office.parts.public_url)
    assert (await (await office.browser()).get(link)).content == b"jpg"
    for hidden in ("a-hash-that-opens-doors", "where/it-lies", "x.example.com"):
        assert hidden not in answer.text
    [entry] = await office.audit(action="contact")
    about = (await otto.get(path)).json()["audit"]
    assert (entry.actor, entry.action, entry.object, entry.details) == ("otto", "contact.exported", about, {})
    assert "4711" not in str(entry)


async def test_an_erasure_is_begun_for_this_account_only(
    office: Office, account: str, temporal: Client, recording: Callable[[Client, str], Worker]
) -> None:
    path = await jana(office, account)
    boss = await office.person("boss", "admin")
    office.app.state.parts = replace(office.parts, temporal=temporal)
    async with recording(temporal, office.parts.task_queue):
        answer = await boss.delete(path)
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert (told["state"], told["done_at"], told["counts"]) == ("running", None, {})
        handle = temporal.get_workflow_handle(erasure_id(told["code"]))
        await handle.result()
        description = await handle.describe()
        history = await handle.fetch_history()
    begun = history.events[0].workflow_execution_started_event_attributes
    given = await temporal.data_converter.decode(begun.input.payloads)
    assert (description.workflow_type, given) == ("Erase", [told["code"], "4711", account])
    status = f"/api/v1/erasures/{told['code']}"
    assert (await boss.get(status)).json() == told
    async with office.parts.database.begin() as session:
        await deletions.done(session, told["code"], NOON, {"messages": 2})
    done = (await boss.get(status)).json()
    assert (done["state"], done["counts"]) == ("done", {"messages": 2})
    page = await boss.get(told["page"].removeprefix(office.parts.public_url))
    assert page.status_code == 200
    assert "4711" not in page.text
    [entry] = await office.audit(action="contact")
    assert (entry.actor, entry.action, entry.details) == ("boss", "contact.erased", {"erasure": told["code"]})
    assert "4711" not in str(entry)


async def test_an_erasure_that_cannot_be_begun_leaves_no_trace(office: Office, account: str) -> None:
    path = await jana(office, account)
    boss = await office.person("boss", "admin")
    answer = await boss.delete(path)
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "The erasure could not be begun. Try again in a few minutes.",
    )
    assert (await boss.get(path)).status_code == 200
    assert await office.audit(action="contact") == []


async def test_nobody_of_this_id(office: Office, account: str) -> None:
    boss: httpx.AsyncClient = await office.person("boss", "admin")
    assert (await boss.delete(f"/api/v1/contacts/{account}-1")).status_code == 404
    assert (await boss.get(f"/api/v1/contacts/{account}-1/export")).status_code == 404
    assert (await boss.get("/api/v1/erasures/x")).json()["detail"] == "There is no erasure x."
    assert await office.audit(action="contact") == []
