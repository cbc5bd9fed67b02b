"""The simulator keeps Instagram's rules, tells of everything, and forgets nothing."""

import asyncio
import json
import os
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.client import Outbound, QuickReply
from instagram.simulator import create_app
from instagram.simulator.__main__ import options
from instagram.webhooks import Inbound, parse, verified

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
SECRET = "a-test-secret"


async def events(listener: Any, count: int) -> list[Inbound]:
    return [event for body, _ in await listener.until(count) for event in parse(body)]


async def test_webhooks_are_signed_and_escaped_as_metas(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customer = await simulator.customer(LOGIN)
    said = await simulator.say(LOGIN, customer, text="Привет a/b")
    ((body, headers),) = await listener.until(1)
    assert verified(body, headers["x-hub-signature-256"], [SECRET])
    assert headers["x-hub-signature"].startswith("sha1=")
    assert b"\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442 a\\/b" in body
    assert b": " not in body
    (event,) = parse(body)
    assert (event.kind, event.text, event.account, event.customer) == ("message", "Привет a/b", LOGIN, customer)
    assert event.mid == said["mid"]
    assert len(event.mid or "") > 140
    assert event.starts


async def test_what_a_customer_can_do(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customer = await simulator.customer(LOGIN)
    thread = f"/accounts/{LOGIN}/customers/{customer}"
    first = await simulator.say(LOGIN, customer, text="hi")
    client = simulator.client("login")
    sent = await client.send(customer, Outbound(text="Pick", quick_replies=(QuickReply(title="Red", payload="R"),)))
    await simulator.say(LOGIN, customer, quick_reply="Red")
    await simulator.say(
        LOGIN, customer, attachments=[{"type": "image", "url": "https://i/1.png"}, {"type": "ephemeral"}]
    )
    await simulator.say(LOGIN, customer, postback={"title": "Hours?", "payload": "HOURS"})
    await simulator.say(LOGIN, customer, text="nice", story={"url": "https://s"})
    await simulator.say(LOGIN, customer, text="this one", reply_to=sent)
    await simulator.say(LOGIN, customer, referral={"ref": "flyer"})
    await simulator.say(LOGIN, customer, unsupported=True)
    await simulator.control("POST", f"{thread}/app-replies", {"text": "A person here"})
    await simulator.control("POST", f"{thread}/reactions", {"mid": sent})
    await simulator.control("POST", f"{thread}/seen")
    await simulator.control("POST", f"{thread}/edits", {"mid": first["mid"], "text": "hello"})
    await simulator.control("DELETE", f"{thread}/messages/{first['mid']}")
    told = await events(listener, 14)
    assert [event.kind for event in told] == [
        *("message", "echo", "message", "message", "postback", "message", "message", "referral", "message"),
        *("echo", "reaction", "seen", "edit", "delete"),
    ]
    assert {event.customer for event in told} == {customer}
    assert told[1].mid == sent
    assert (told[2].text, told[2].payload) == ("Red", "R")
    assert [attachment.type for attachment in told[3].attachments] == ["image", "ephemeral"]
    assert told[4].payload == "HOURS"
    assert told[5].story_url == "https://s"
    assert told[6].reply_to_mid == sent
    assert told[7].referral is not None
    assert told[7].starts
    assert told[8].unsupported
    assert told[9].text == "A person here"
    assert told[13].mid == first["mid"]
    assert [event.at for event in told] == sorted(event.at for event in told)
    assert len({event.key for event in told}) == len(told)


async def test_quick_replies_vanish_after_any_message(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, customer, text="hi")
    await simulator.client("login").send(
        customer, Outbound(text="Pick", quick_replies=(QuickReply(title="Red", payload="R"),))
    )
    assert (await simulator.thread(LOGIN, customer))["quick_replies"] == [{"title": "Red", "payload": "R"}]
    await simulator.say(LOGIN, customer, text="hm")
    assert (await simulator.thread(LOGIN, customer))["quick_replies"] == []
    path = f"/accounts/{LOGIN}/customers/{customer}/messages"
    refused = await simulator.control("POST", path, {"quick_reply": "R"}, expect=422)
    assert refused["detail"] == "no quick reply 'R' is offered now (offered: none)"


async def test_webhooks_are_retried_in_order_until_taken(start: Any, listener: Any) -> None:
    listener.statuses = [500, 401, 200]
    simulator = await start(listener.url)
    customer = await simulator.customer(LOGIN)
    for text in ("one", "two"):
        await simulator.say(LOGIN, customer, text=text)
    told = await events(listener, 4)
    assert [event.text for event in told] == ["one", "one", "one", "two"]
    first, _ = await simulator.control("GET", "/webhooks")
    assert [attempt["status"] for attempt in first["attempts"]] == [500, 401, 200]
    assert first["delivered"] == first["attempts"][-1]["at"]
    assert first["body"]["entry"][0]["messaging"][0]["message"]["text"] == "one"


async def test_restart_keeps_everything(running: Any, listener: Any, tmp_path: Path) -> None:
    data = tmp_path / "simulator.db"
    async with running("http://127.0.0.1:1/nobody", data) as simulator:
        customer = await simulator.customer(LOGIN)
        await simulator.say(LOGIN, customer, text="are you there?")
        await simulator.control("POST", "/clock", {"advance": 3600})
        before = await simulator.thread(LOGIN, customer)
        assert len(await simulator.control("GET", "/webhooks?undelivered=true")) == 1
    async with running(listener.url, data) as simulator:
        assert await simulator.thread(LOGIN, customer) == before
        assert (await simulator.control("GET", "/clock"))["offset"] == 3600
        assert [event.text for event in await events(listener, 1)] == ["are you there?"]


async def test_redelivery_and_holding(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customer = await simulator.customer(LOGIN)
    await simulator.control("PUT", "/hold", {"held": True})
    for text in ("one", "two"):
        await simulator.say(LOGIN, customer, text=text)
    numbers = [webhook["number"] for webhook in await simulator.control("GET", "/webhooks")]
    assert listener.received == []
    swapped = {"webhooks": numbers[::-1], "times": 2}
    assert await simulator.control("POST", "/redeliver", swapped) == {"statuses": [200] * 4}
    assert [event.text for event in await events(listener, 4)] == ["two", "one", "two", "one"]
    joined = {"webhooks": numbers[::-1], "joined": True}
    assert await simulator.control("POST", "/redeliver", joined) == {"statuses": [200]}
    body, headers = listener.received[-1]
    assert [event.text for event in parse(body)] == ["two", "one"]
    assert verified(body, headers["x-hub-signature-256"], [SECRET])
    await simulator.say(LOGIN, customer, text="three")
    await simulator.control("PUT", "/hold", {"held": False})
    assert (await events(listener, 6))[-1].text == "three"
    await simulator.control("POST", "/redeliver", {"webhooks": [999]}, expect=404)


async def test_clock(simulator: Any) -> None:
    await simulator.control("POST", "/clock", {"at": "2030-12-24T17:01:00+01:00"})
    assert (await simulator.control("GET", "/clock"))["now"].startswith("2030-12-24T16:01:0")
    customer = await simulator.customer(LOGIN)
    said = await simulator.say(LOGIN, customer, text="hi")
    assert said["at"].startswith("2030-12-24T16:01:0")
    for wrong in ({}, {"advance": 1, "at": "2030-01-01T00:00:00Z"}, {"at": "2030-01-01T00:00:00"}, {"advance": 1e300}):
        await simulator.control("POST", "/clock", wrong, expect=422)


async def test_accounts_and_customers(simulator: Any) -> None:
    listed = await simulator.control("GET", "/accounts")
    assert [account["id"] for account in listed if account["connected"]] == [LOGIN, PAGE]
    assert all(account["token"] is None and not account["subscribed"] for account in listed if not account["connected"])
    new = {"id": "17841400000000099", "username": "third", "token": "IGAA-third-token"}
    made = await simulator.control("POST", "/accounts", new, expect=201)
    assert (made["connected"], list(made["subscribed"])) == (True, ["instagram"])
    await simulator.control("POST", "/accounts", new, expect=409)
    await simulator.control("POST", "/accounts", {**new, "id": "5", "flavour": "page"}, expect=422)
    page = {"id": "17841400000000098", "username": "p", "flavour": "page", "page_id": "98", "token": "EAA-98-token"}
    await simulator.control("POST", "/accounts", {**page, "person": "404"}, expect=404)
    assert list((await simulator.control("POST", "/accounts", page, expect=201))["subscribed"]) == ["facebook"]
    await simulator.control("POST", "/accounts", {**page, "id": "17841400000000097"}, expect=409)
    assert len(await simulator.control("GET", "/accounts")) == len(listed) + 2
    person = {"username": "tom", "id": "42"}
    await simulator.control("POST", f"/accounts/{new['id']}/customers", person, expect=201)
    await simulator.control("POST", f"/accounts/{new['id']}/customers", person, expect=409)
    await simulator.control("POST", f"/accounts/{LOGIN}/customers", person, expect=201)
    changed = await simulator.control("PATCH", f"/accounts/{LOGIN}/customers/42", {"name": "Tom", "picture": False})
    assert (changed["name"], changed["picture"], changed["username"]) == ("Tom", False, "tom")
    await simulator.control("PATCH", f"/accounts/{LOGIN}/customers/42", {"picture": None}, expect=422)
    await simulator.control("GET", "/accounts/404/customers", expect=404)
    await simulator.control("GET", f"/accounts/{LOGIN}/customers/404/thread", expect=404)
    await simulator.control("PUT", "/hold", {"held": True})
    await simulator.control("POST", "/reset", expect=204)
    assert await simulator.control("GET", "/accounts") == listed
    assert await simulator.control("GET", f"/accounts/{LOGIN}/customers") == []


async def test_an_account_of_two_apps_is_told_twice(start: Any, listener: Any) -> None:
    simulator = await start(listener.url, login_secret="the-other-secret")
    page = (PAGE, "100000000000002", "EAA-simulated-2")
    token = await simulator.control("POST", "/tokens", {"kind": "login", "subject": PAGE})
    subscribed = f"/v26.0/{PAGE}/subscribed_apps?subscribed_fields=messages"
    assert await simulator.graph("POST", subscribed, token["token"]) == {"success": True}
    customer = await simulator.customer(PAGE)
    said = await simulator.say(PAGE, customer, text="hi")
    told = [(body, headers["x-hub-signature-256"]) for body, headers in await listener.until(2)]
    assert {event.mid for body, _ in told for event in parse(body)} == {said["mid"]}
    secrets = [SECRET, "the-other-secret"]
    assert sorted(secret for secret in secrets for body, sign in told if verified(body, sign, [secret])) == sorted(
        secrets
    )
    assert (await simulator.graph("DELETE", f"/v26.0/{page[1]}/subscribed_apps", page[2])) == {"success": True}
    assert (await simulator.graph("GET", f"/v26.0/{page[1]}/subscribed_apps", page[2])) == {"data": []}
    await simulator.say(PAGE, customer, text="once")
    await listener.until(3)
    records = await simulator.control("GET", f"/webhooks?account={PAGE}&customer={customer}")
    assert [record["app"] for record in records] == ["facebook", "instagram", "instagram"]


async def test_each_flavour_signs_with_its_apps_secret(start: Any, listener: Any) -> None:
    simulator = await start(listener.url, login_secret="the-other-secret")
    for account in (LOGIN, PAGE):
        await simulator.say(account, await simulator.customer(account), text=account)
    for body, headers in await listener.until(2):
        secret = SECRET if PAGE.encode() in body else "the-other-secret"
        assert verified(body, headers["x-hub-signature-256"], [secret])
    number = (await simulator.control("GET", f"/webhooks?account={LOGIN}"))[0]["number"]
    await simulator.control("POST", "/redeliver", {"webhooks": [number], "app": "facebook"})
    body, headers = listener.received[-1]
    assert verified(body, headers["x-hub-signature-256"], [SECRET])


async def test_nobody_is_told_of_an_account_that_no_app_subscribed(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    quiet = "17841400000000005"
    customer = await simulator.customer(quiet)
    await simulator.say(quiet, customer, text="is anybody there?")
    assert await simulator.control("GET", f"/webhooks?account={quiet}") == []
    await simulator.control("PATCH", f"/accounts/{quiet}", {"subscribed": True})
    await simulator.say(quiet, customer, text="now?")
    assert [event.text for event in await events(listener, 1)] == ["now?"]
    await simulator.control("PATCH", f"/accounts/{quiet}", {"subscribed": False})
    await simulator.say(quiet, customer, text="still?")
    assert len(await simulator.control("GET", f"/webhooks?account={quiet}")) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": {"text": "x" * 1001}}, "less than or equal to 1000"),
        ({"message": {"text": "я" * 501}}, "less than or equal to 1000"),
        ({"message": {"text": " "}}, "must not be empty"),
        ({"message": {"text": "x", "attachment": {"type": "image"}}}, "either a text or an attachment"),
        ({"message": {}}, "either a text or an attachment"),
        ({}, "message is required"),
        (
            {"message": {"text": "x", "quick_replies": [{"content_type": "text", "title": "t", "payload": "p"}] * 14}},
            "13",
        ),
        ({"message": {"text": "x", "quick_replies": [{"content_type": "text", "title": "t"}]}}, "payload are required"),
        ({"message": {"attachment": {"type": "template", "payload": {"template_type": "x"}}}}, "button or generic"),
        ({"message": {"text": "x"}, "tag": "ACCOUNT_UPDATE"}, "not supported"),
        ({"message": {"text": "x"}, "messaging_type": "MESSAGE_TAG"}, "needs a tag"),
        ({"message": {"text": "x"}, "sender_action": "typing_on"}, "without a message"),
        ({"sender_action": "dance"}, "does not exist"),
    ],
)
async def test_wrong_sends(simulator: Any, body: dict[str, Any], reason: str) -> None:
    customer = await simulator.customer(PAGE)
    await simulator.say(PAGE, customer, text="hi")
    response = await simulator.http.post(
        "/v26.0/me/messages",
        params={"access_token": "EAA-simulated-2"},
        json={"recipient": {"id": customer}, **body},
    )
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["type"]) == (100, "OAuthException")
    assert reason in error["message"]
    assert len((await simulator.thread(PAGE, customer))["messages"]) == 1


async def test_media(simulator: Any) -> None:
    image = b"\x89PNG\r\n\x1a\n"
    post = simulator.http.post
    url = (await post("/control/media", content=image, headers={"Content-Type": "image/png"})).json()["url"]
    served = await simulator.http.get(url)
    assert (served.content, served.headers["content-type"]) == (image, "image/png")
    assert (await post("/control/media", content=b"<script>", headers={"Content-Type": "text/html"})).status_code == 415
    big = await post("/control/media", content=b"x" * 8_000_001, headers={"Content-Type": "image/png"})
    assert big.status_code == 413
    film = await post("/control/media", content=b"x" * 24_000_000, headers={"Content-Type": "video/mp4"})
    assert film.json()["type"] == "video"
    assert (await simulator.http.get("/media/404")).status_code == 404
    await simulator.control("DELETE", f"/media/{url.rpartition('/')[2]}", expect=204)
    assert (await simulator.http.get(url)).status_code == 404
    await simulator.control("DELETE", "/media/404", expect=404)


async def test_samples_are_what_they_say(simulator: Any) -> None:
    begins = {
        "image": b"\x89PNG",
        "audio": b"RIFF",
        "video": b"\0\0\0 ftypisom",
        "file": b"%PDF-",
        "page": b"<!doctype",
    }
    samples = await simulator.control("GET", "/samples")
    assert set(samples) == set(begins)
    for kind, url in samples.items():
        served = await simulator.http.get(url)
        assert served.content.startswith(begins[kind])
        assert served.headers["content-type"].startswith({"file": "application", "page": "text"}.get(kind, kind))
    assert (await simulator.http.get("/samples/other")).status_code == 404


async def test_changes_are_streamed(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)
    async with simulator.http.stream("GET", "/control/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": here"
        await simulator.say(LOGIN, customer, text="hi")
        async with asyncio.timeout(5):
            told = [line async for line in _until(lines, customer)]
    assert json.loads(told[-1].removeprefix("data: ")) == {"account": LOGIN, "customer": customer}


async def _until(lines: AsyncIterator[str], word: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if word in line:
            return


async def test_the_phone_needs_nothing_from_outside(simulator: Any) -> None:
    phone = await simulator.http.get("/")
    assert "default-src 'none'" in phone.headers["content-security-policy"]
    for kind in ("http://", "https://"):
        assert kind not in phone.text.replace('pattern="https?://', "").replace('placeholder="https://', "")


async def test_a_killed_process_loses_nothing(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port, data = free_port(), tmp_path / "simulator.db"
    command = [sys.executable, "-m", "instagram.simulator"]
    environment = {**os.environ, "SIMULATOR_PORT": str(port), "SIMULATOR_DATA": str(data)}
    customers = f"/control/accounts/{LOGIN}/customers"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        async with running_process(command, environment) as process:
            customer = (await http.post(customers, json={"username": "jana"})).json()["id"]
            said = (await http.post(f"{customers}/{customer}/messages", json={"text": "hi"})).json()
            process.kill()
        async with running_process(command, environment) as process:
            assert (await http.get(f"{customers}/{customer}/thread")).json()["messages"] == [said]
            async with http.stream("GET", "/control/events"):
                # A phone that holds its stream open does not hold up the stop.
                process.terminate()
                async with asyncio.timeout(4):
                    await process.wait()


@asynccontextmanager
async def running_process(command: list[str], environment: dict[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(20):
            while True:
                try:
                    await http.get(f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_file_of_the_first_version_is_carried_over(running: Any, listener: Any, tmp_path: Path) -> None:
    data = tmp_path / "simulator.db"
    old = sqlite3.connect(data)
    old.executescript((Path(__file__).parent / "examples/simulator-1.sql").read_text())
    old.close()
    async with running(listener.url, data) as simulator:
        assert (await simulator.control("GET", "/clock"))["offset"] == 60
        messages = (await simulator.thread(LOGIN, "4711"))["messages"]
        assert [message["text"] for message in messages] == ["hi", "hello"]
        assert [event.text for event in await events(listener, 1)] == ["hello"]
        (send,) = await simulator.control("GET", "/sends")
        assert (send["delivered"], send["kind"], send["mid"]) == (True, "message", messages[1]["mid"])
        assert "message_id" in await simulator.text(LOGIN, "4711", "again", "IGAA-simulated-1")
        connected = [one["username"] for one in await simulator.control("GET", "/accounts") if one["connected"]]
        assert connected == ["cornershop", "cornershop.page", "own"]
        assert await simulator.graph("GET", "/me?fields=name", "EAA-own-token") == {"id": "77", "name": "Own"}
    async with running(listener.url, data) as simulator:
        assert len((await simulator.thread(LOGIN, "4711"))["messages"]) == 3


async def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "simulator.db"
    later = sqlite3.connect(data)
    later.execute("pragma user_version = 99")
    later.close()
    with pytest.raises(RuntimeError, match=r"written by another version of the simulator \(99\)"):
        create_app(data=data)


def test_options_come_from_the_environment_too() -> None:
    chosen = options([], {"SIMULATOR_PORT": "8191", "SIMULATOR_SECRET": "s", "SIMULATOR_DATA": "x.db"})
    assert (chosen.port, chosen.secret, chosen.data, chosen.webhook) == (8191, "s", Path("x.db"), None)
    assert (chosen.login_secret, chosen.url) == (None, None)
    assert options([], {"SIMULATOR_LOGIN_SECRET": "l"}).login_secret == "l"
    assert options(["--port", "8192"], {"SIMULATOR_PORT": "8191"}).port == 8192
