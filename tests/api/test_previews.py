"""Preview over HTTP: the sandbox as it is, with a clock that jumps, and positions from which it goes on."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.drafts import applied, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


def script(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"at": "2026-11-23T10:00:00Z", "steps": list(steps), **more}


def user(text: str) -> dict[str, Any]:
    return {"type": "user", "text": text}


async def play(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/api/v1/preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(step: dict[str, Any]) -> list[str]:
    return [one["message"]["text"] for one in step["effects"]["shown"]]


async def test_the_sandbox_by_default_and_a_revision_where_it_is_named(eva: httpx.AsyncClient) -> None:
    number = await applied(eva, small())
    changed = small()
    changed["decision_trees"]["menu"]["decisions"]["first"]["actions"][0]["text"] = "Coffee?"
    await write(eva, changed)
    told = await play(eva, script(user("hi")))
    assert (texts(told["preview"]["steps"][0]), told["revision"], told["errors"]) == (["Coffee?"], None, 0)
    assert told["etag"] == await tag(eva)
    for of in (number, "production"):
        told = await play(eva, script(user("hi"), of=of))
        assert (texts(told["preview"]["steps"][0]), told["revision"], told["etag"]) == (["Tea?"], number, None)
    for of in (99, 0, "nothing"):
        answer = await eva.post("/api/v1/preview", json=script(of=of))
        assert answer.status_code == (404 if of == 99 else 422)


async def test_it_goes_on_from_the_position_that_a_step_led_to(eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    whole = (await play(eva, script(user("hi"), user("yes"))))["preview"]
    first = (await play(eva, script(user("hi"))))["preview"]
    assert first["position"]["waiting"]["type"] == "answer"
    second = (await play(eva, script(user("yes"), position=first["position"])))["preview"]
    assert [one["path"] for one in second["steps"][-1]["visited"]] == [
        one["path"] for one in whole["steps"][1]["visited"]
    ]
    assert second["position"]["place"] == whole["position"]["place"] == "queues/people"
    gone = small()
    gone["decision_trees"]["menu"]["decisions"]["first"]["actions"].pop()
    await write(eva, gone)
    told = (await play(eva, script(user("yes"), position=first["position"])))["preview"]
    assert (told["steps"], len(told["problems"])) == ([], 1)
    assert "no longer there" in told["problems"][0]


async def test_christmas_eve_and_a_message_after_23_hours(eva: httpx.AsyncClient) -> None:
    document = small(
        automessages={
            "later": {
                "title": "Later",
                "messages": [{"time": "PT0S", "text": "A moment"}, {"time": "PT23H", "text": "Still here"}],
                "next": {"type": "queue", "name": "people"},
            }
        },
        time_groups={
            "hours": {
                "title": "Hours",
                "timezone": "Europe/Prague",
                "definitions": [
                    {"type": "open", "system": "own", "from": "09:00", "to": "17:00"},
                    {"type": "closed", "system": "public_holidays", "countries": ["CZ"]},
                ],
            }
        },
        time_conditions={
            "open": {
                "title": "Open?",
                "time_group": "hours",
                "open": {"type": "queue", "name": "people"},
                "closed": {"type": "automessage", "name": "later"},
            }
        },
    )
    document["connectors"]["shop"]["next"] = {"type": "time_condition", "name": "open"}
    await write(eva, document)
    body = script(user("hi"), {"type": "wait", "duration": "PT23H"}, timezone="Europe/Prague")
    told = (await play(eva, body | {"at": "2026-12-24T16:00"}))["preview"]
    arrived, waited = told["steps"]
    assert any("holiday" in visit["why"].lower() or "Christmas" in visit["why"] for visit in arrived["visited"])
    assert (arrived["at"], waited["at"]) == ("2026-12-24T15:00:00Z", "2026-12-25T14:00:00Z")
    assert (texts(arrived), texts(waited)) == (["A moment"], ["Still here"])
    assert told["position"]["place"] == "queues/people"


async def test_a_request_waits_until_somebody_says_what_it_would_answer(eva: httpx.AsyncClient) -> None:
    document = small()
    request = {"type": "request", "url": "https://x.example.com/stock", "into": "stock"}
    document["decision_trees"]["menu"]["decisions"]["first"]["actions"][:1] = [
        request,
        {"type": "send_message", "text": "{{ stock.body.left }} left"},
    ]
    await write(eva, document)
    told = (await play(eva, script(user("hi"))))["preview"]["steps"][0]
    assert (told["pending"]["asked"]["url"], texts(told)) == ("https://x.example.com/stock", [])
    told = (await play(eva, script(user("hi"), {"type": "request", "body": {"left": 3}})))["preview"]["steps"][1]
    assert texts(told) == ["3 left"]


async def test_a_sandbox_that_does_not_hold_is_played_as_far_as_it_can_be_read(eva: httpx.AsyncClient) -> None:
    document = small()
    document["decision_trees"]["menu"]["decisions"]["first"]["actions"][1]["to"]["name"] = "nobody"
    document["time_groups"] = {"bad": {"title": "Bad", "timezone": "Europe/Nowhere", "definitions": "none"}}
    await write(eva, document)
    told = await play(eva, script(user("hi"), user("yes")))
    first, second = told["preview"]["steps"]
    assert (texts(first), told["errors"] > 1) == (["Tea?"], True)
    assert second["effects"]["end"]["cause"] == "system"
    assert second["visited"][-1]["why"] == "this configuration has no such place"
    await write(eva, {"format": 1})
    told = await play(eva, script(user("hi")))
    assert told["preview"]["problems"] == ["there is no connector: begin at a `place`"]


async def test_what_is_no_script_is_refused_with_every_path(eva: httpx.AsyncClient) -> None:
    steps = [{"type": "user", "text": "hi"}, {"type": "sing"}, {"type": "tap"}]
    answer = await eva.post("/api/v1/preview", json={"at": "yesterday", "steps": steps, "timezone": "Mars/Base"})
    assert answer.status_code == 422
    paths = [path for path, _ in problems(answer)]
    assert paths == ["at", "timezone", "steps/1", "steps/2/tap"]


async def test_nothing_of_a_preview_is_kept(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, small())
    before = len(await office.audit())
    await play(eva, script(user("hi"), user("yes")))
    assert (await eva.get("/api/v1/conversations")).json()["items"] == []
    assert len(await office.audit()) == before


async def test_supervisors_may_and_agents_may_not(office: Office) -> None:
    anna, karl = await office.person("anna", "supervisor"), await office.person("karl", "agent")
    assert (await anna.post("/api/v1/preview", json=script())).status_code == 200
    assert (await karl.post("/api/v1/preview", json=script())).status_code == 403
