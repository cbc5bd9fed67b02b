"""The client against the simulator, over a real socket, for both flavours."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from instagram.client import Button, Instagram, Media, Outbound, Profile, QuickReply, Usage
from instagram.errors import SendError
from tests.instagram.scripted import Meta

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
Flavour = Literal["login", "page"]
flavours = pytest.mark.parametrize("flavour", ["login", "page"])


async def greeted(simulator: Any, flavour: Flavour) -> tuple[Instagram, str, str]:
    """A client, its account and a customer who wrote just now."""
    account = LOGIN if flavour == "login" else PAGE
    customer = await simulator.customer(account)
    await simulator.say(account, customer, text="hi")
    return simulator.client(flavour), account, customer


@flavours
async def test_everything_arrives(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    mids = [
        await client.send(customer, message)
        for message in (
            Outbound(text="Ahoj 🥰"),
            Outbound(text="Pick", quick_replies=(QuickReply(title="Red", payload="R"),)),
            Outbound(
                text="Look", buttons=(Button(text="Shop", url="https://example.org/"), Button(text="Ask", payload="A"))
            ),
            Outbound(image="https://example.org/i.png"),
        )
    ]
    assert all(len(mid) > 140 for mid in mids)
    thread = await simulator.thread(account, customer)
    text, pick, look, image = thread["messages"][1:]
    assert [message["mid"] for message in (text, pick, look, image)] == mids
    assert text["text"] == "Ahoj 🥰"
    assert pick["quick_replies"] == [{"title": "Red", "payload": "R"}]
    assert look["cards"] == [
        {
            "title": "Look",
            "buttons": [{"title": "Shop", "url": "https://example.org/"}, {"title": "Ask", "payload": "A"}],
        }
    ]
    assert image["attachments"] == [{"type": "image", "url": "https://example.org/i.png"}]


@flavours
async def test_images_media_and_answers_to_a_message_arrive(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    (first,) = (await simulator.thread(account, customer))["messages"]
    urls = tuple(f"https://example.org/{number}.png" for number in range(10))
    await client.send(customer, Outbound(images=urls))
    for kind in ("audio", "video", "file"):
        await client.send(customer, Outbound(media=Media(type=kind, url=f"https://example.org/{kind}")))
    await client.send(customer, Outbound(text="about this", reply_to=first["mid"]))
    images, *media, answer = (await simulator.thread(account, customer))["messages"][1:]
    assert images["attachments"] == [{"type": "image", "url": url} for url in urls]
    assert [(one["attachments"][0]["type"]) for one in media] == ["audio", "video", "file"]
    assert (answer["text"], answer["reply_to"]) == ("about this", first["mid"])


@flavours
async def test_reactions(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    (first,) = (await simulator.thread(account, customer))["messages"]
    await client.react(customer, first["mid"], "laugh")
    (reacted,) = (await simulator.thread(account, customer))["messages"]
    assert reacted["reactions"] == {"business": "😆"}
    await client.unreact(customer, first["mid"])
    (plain,) = (await simulator.thread(account, customer))["messages"]
    assert not plain.get("reactions")
    with pytest.raises(SendError) as error:
        await client.react(customer, "no such message")
    assert error.value.outcome == "message"


@flavours
async def test_ice_breakers_and_subscriptions(simulator: Any, flavour: Flavour) -> None:
    client = simulator.client(flavour)
    assert await client.ice_breakers() == []
    await client.publish_ice_breakers([("When are you open?", "HOURS"), ("Where are you?", "WHERE")])
    assert await client.ice_breakers() == [("When are you open?", "HOURS"), ("Where are you?", "WHERE")]
    await client.publish_ice_breakers([])
    assert await client.ice_breakers() == []
    await client.unsubscribe()
    assert await client.subscribed() == ()
    await client.subscribe()
    assert "messages" in await client.subscribed()


@flavours
async def test_limits_and_usage(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    for code in (613, 80002):
        fault = {"at": "send", "kind": "throttled", "code": code, "minutes": 3, "account": account}
        await simulator.control("POST", "/faults", fault)
        with pytest.raises(SendError) as error:
            await client.send(customer, Outbound(text="too fast"))
        assert (error.value.outcome, error.value.throttled, error.value.retry_after) == ("retry", True, 180)
        assert client.usage is not None
        assert client.usage.regain_access == 180
    await simulator.control("POST", "/faults", {"at": "send", "kind": "usage", "percentage": 87})
    assert await client.send(customer, Outbound(text="in time"))
    assert client.usage == Usage(87)
    await client.send(customer, Outbound(text="later"))
    assert client.usage is None


@flavours
async def test_human_agent_has_to_be_approved(simulator: Any, flavour: Flavour) -> None:
    client, _, customer = await greeted(simulator, flavour)
    app = "instagram" if flavour == "login" else "facebook"
    await simulator.control("PATCH", f"/apps/{app}", {"human_agent": False})
    with pytest.raises(SendError) as error:
        await client.send(customer, Outbound(text="a person answers", tag="HUMAN_AGENT"))
    assert (error.value.outcome, error.value.code) == ("message", None)
    assert "App Review" in error.value.act


@flavours
async def test_seen_and_typing(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    await client.act(customer, "mark_seen")
    await client.act(customer, "typing_on")
    thread = await simulator.thread(account, customer)
    assert thread["seen_at"] >= thread["messages"][0]["at"]
    assert thread["typing"]
    await client.act(customer, "typing_off")
    assert not (await simulator.thread(account, customer))["typing"]


@flavours
async def test_window(simulator: Any, flavour: Flavour) -> None:
    client, _, customer = await greeted(simulator, flavour)
    await simulator.control("POST", "/clock", {"advance": 24 * 3600 + 1})
    with pytest.raises(SendError) as late:
        await client.send(customer, Outbound(text="too late"))
    assert (late.value.outcome, late.value.window, late.value.code) == ("message", True, 10)
    assert late.value.subcode == (2534022 if flavour == "login" else 2018278)
    assert await client.send(customer, Outbound(text="a person answers", tag="HUMAN_AGENT"))
    await simulator.control("POST", "/clock", {"advance": 6 * 24 * 3600})
    with pytest.raises(SendError, match="outside of allowed window"):
        await client.send(customer, Outbound(text="even for a person", tag="HUMAN_AGENT"))


@flavours
async def test_profile(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    profile = await client.profile(customer)
    assert (profile.username, profile.name) == ("jana", "Jana")
    assert profile.picture is not None
    assert (await simulator.http.get(profile.picture)).headers["content-type"] == "image/png"
    nameless = await simulator.customer(account, "anon", None)
    assert await client.profile(nameless) == Profile()  # wrote nothing yet, so consented to nothing
    await simulator.say(account, nameless, text="hi")
    assert (await client.profile(nameless)).name is None
    assert await client.profile("404") == Profile()
    assert await client.profile("../../control/accounts") == Profile()
    unreachable = simulator.client(flavour, base_url="http://127.0.0.1:1")
    assert await unreachable.profile(customer) == Profile()


@flavours
async def test_sent_since(simulator: Any, flavour: Flavour) -> None:
    client, account, customer = await greeted(simulator, flavour)
    assert await client.sent_since("404", datetime.now(UTC)) == []
    await client.send(customer, Outbound(text="early"))
    await simulator.control("POST", "/clock", {"advance": 60})
    since = datetime.now(UTC) + timedelta(seconds=59)
    first = await client.send(customer, Outbound(text="late"))
    await simulator.say(account, customer, text="not ours")
    second = await client.send(customer, Outbound(image="https://example.org/i.png"))
    sent = await client.sent_since(customer, since)
    assert {(message.mid, message.text) for message in sent} == {(first, "late"), (second, None)}
    assert all(message.at >= since.replace(microsecond=0) for message in sent)
    for number in range(25):
        await client.send(customer, Outbound(text=str(number)))
    newest = await client.sent_since(customer, since)
    assert {message.text for message in newest} == {str(number) for number in range(5, 25)}


async def test_refusals(simulator: Any) -> None:
    client, _, customer = await greeted(simulator, "login")
    with pytest.raises(SendError, match="No matching Instagram user") as nobody:
        await client.send("404", Outbound(text="hi"))
    assert nobody.value.outcome == "person"
    dead = simulator.client("login", token="IGAA-dead-token")
    with pytest.raises(SendError, match="190") as refused:
        await dead.send(customer, Outbound(text="hi"))
    assert refused.value.outcome == "account"
    foreign = simulator.client("login", sender=PAGE)
    with pytest.raises(SendError, match="does not exist"):
        await foreign.send(customer, Outbound(text="hi"))
    with pytest.raises(SendError, match="appsecret_proof"):
        await simulator.client("page", app_secret="wrong").act(customer, "mark_seen")
    with pytest.raises(SendError, match="Failed to fetch"):
        await client.send(customer, Outbound(image="ftp://example.org/i.png"))
    sends = await simulator.control("GET", f"/sends?account={LOGIN}&customer={customer}")
    assert [send["error"]["subcode"] for send in sends] == [2018008, 2018008]  # a failed fetch is tried once more


def test_token_stays_out_of_sight() -> None:
    http = httpx.AsyncClient()
    options: dict[str, Any] = {
        "base_url": "http://x",
        "version": "v26.0",
        "flavour": "login",
        "account": "1",
        "sender": "1",
    }
    assert "s3cret" not in repr(Instagram(http, token="s3cret", **options))
    for bad in ("", "s3cret\n", "s3cret x", "s3crét"):
        with pytest.raises(ValueError, match="authorise the account again") as error:
            Instagram(http, token=bad, **options)
        assert "s3cr" not in str(error.value)


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(raw: bytes | None) -> AsyncIterator[str]:
    """A server that reads a request and answers these bytes; with None it just hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw or b"")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http_answer(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (None, "unknown"),
        (http_answer("200 OK", b"<html>"), "unknown"),
        (http_answer("200 OK", b"{}"), "unknown"),
        (http_answer("302 Found", b""), "unknown"),
        (http_answer("502 Bad Gateway", b"<html>"), "unknown"),
        (http_answer("200 OK", b'{"error": {"code": 190, "message": "dead"}}'), "account"),
        (
            http_answer("400 Bad Request", b'{"error": {"code": 1, "error_subcode": 1357046, "message": "?"}}'),
            "unknown",
        ),
        (http_answer("400 Bad Request", b'{"error": {"message": "no code"}}'), "message"),
    ],
    ids=["hung up", "no JSON", "empty", "redirect", "502", "dead token", "but sent", "no code"],
)
async def test_unclear_answers(anyio_backend: str, raw: bytes | None, outcome: str) -> None:
    async with answering(raw) as url, httpx.AsyncClient() as http:
        client = Instagram(http, base_url=url, version="v26.0", flavour="login", account="1", sender="1", token="t")
        with pytest.raises(SendError) as error:
            await client.send("2", Outbound(text="hi"))
        assert error.value.outcome == outcome
        if outcome == "unknown":
            with pytest.raises(SendError) as reading:
                await client.sent_since("2", datetime.now(UTC))
            assert reading.value.outcome == "retry"


@pytest.mark.parametrize(
    "answer",
    [
        b'{"data": [{"id": "c"}], "messages": {}}',
        b'{"data": [{"id": "c"}], "messages": {"data": [{"id": "m"}]}}',
        b'{"data": [{"id": "c"}], "messages": {"data": [{"id": "m", "created_time": "2026-01-01T00:00:00+0000"}]}}',
    ],
    ids=["no list", "no time", "no author"],
)
async def test_an_unreadable_thread_never_looks_empty(anyio_backend: str, answer: bytes) -> None:
    async with answering(http_answer("200 OK", answer)) as url, httpx.AsyncClient() as http:
        client = Instagram(http, base_url=url, version="v26.0", flavour="login", account="1", sender="1", token="t")
        with pytest.raises(SendError, match="cannot be understood") as error:
            await client.sent_since("2", datetime(2025, 1, 1, tzinfo=UTC))
        assert error.value.outcome == "retry"


async def test_silence_is_unknown_and_a_closed_port_is_not(anyio_backend: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        async with httpx.AsyncClient(timeout=0.2) as http:
            options: dict[str, Any] = {
                "version": "v26.0",
                "flavour": "login",
                "account": "1",
                "sender": "1",
                "token": "t",
            }
            client = Instagram(http, base_url=f"http://127.0.0.1:{port}", **options)
            with pytest.raises(SendError) as closed:
                await client.send("2", Outbound(text="hi"))
            assert closed.value.outcome == "retry"
            silent.listen()
            with pytest.raises(SendError) as timed_out:
                await client.send("2", Outbound(text="hi"))
            assert timed_out.value.outcome == "unknown"


# Against answers that the simulator does not give


SENDS: list[tuple[str, Outbound]] = [
    ("text", Outbound(text="Hello World!")),
    ("image_url", Outbound(image="https://example.org/i.png")),
    ("image_url", Outbound(images=("https://example.org/i.png",))),
    ("audio_video_file", Outbound(media=Media(type="file", url="https://example.org/a.pdf"))),
    ("button_template", Outbound(text="Choose", buttons=(Button(text="Yes", payload="Y"),))),
    ("human_agent_ig_login", Outbound(text="Your doctor visit is scheduled", tag="HUMAN_AGENT")),
]


@pytest.mark.parametrize(("name", "message"), SENDS, ids=[f"{name} {number}" for number, (name, _) in enumerate(SENDS)])
async def test_bodies_are_those_of_the_documentation(
    meta: Meta, http: httpx.AsyncClient, examples: Path, name: str, message: Outbound
) -> None:
    documented = json.loads((examples / "req_send_examples.json").read_text())[name]
    meta.answer("POST", f"/v26.0/{LOGIN}/messages", {"recipient_id": "1", "message_id": "m"})
    assert await meta.client(http).send("1000000000000001", message) == "m"
    assert meta.last().json == documented


async def test_bodies_of_the_page_flavour(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    documented = json.loads((examples / "req_send_examples.json").read_text())
    meta.answer("POST", "/v26.0/1001/messages", {"recipient_id": "1", "message_id": "m"})
    client = meta.client(http, "page")
    await client.send("1000000000000001", Outbound(text="Hello"))
    assert meta.last().json == documented["text_page_flavour"]
    await client.send("1000000000000001", Outbound(text="...", tag="HUMAN_AGENT"))
    assert meta.last().json == documented["human_agent_page"]


async def test_several_images_and_an_answer_to_a_message(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    documented = json.loads((examples / "req_send_examples.json").read_text())
    meta.answer("POST", f"/v26.0/{LOGIN}/messages", {"recipient_id": "1", "message_id": "m"})
    client = meta.client(http)
    urls = ("https://example.org/1.png", "https://example.org/2.png")
    await client.send("1", Outbound(images=urls))
    assert meta.last().json["message"] == {
        "attachments": [{"type": "image", "payload": {"url": url}} for url in urls],
    }
    mid = documented["reply_to"]["reply_to"]["mid"]
    await client.send("1000000000000001", Outbound(text="TEXT", reply_to=mid))
    assert meta.last().json == documented["reply_to"]


async def test_sender_actions_stand_alone(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    documented = json.loads((examples / "req_send_examples.json").read_text())
    meta.answer("POST", f"/v26.0/{LOGIN}/messages", {"recipient_id": "1000000000000001"})
    client, person = meta.client(http), "1000000000000001"
    mid = documented["react"]["payload"]["message_id"]
    for action, name in (("typing_on", "typing_on"), ("mark_seen", "mark_seen")):
        await client.act(person, action)  # pyright: ignore[reportArgumentType]  each is one of the literals
        assert meta.last().json == documented[name]
    await client.react(person, mid, "love")
    assert meta.last().json == documented["react"]
    await client.unreact(person, mid)
    assert meta.last().json == documented["unreact"]


async def test_usage_is_known_after_every_answer(meta: Meta, http: httpx.AsyncClient, examples: Path) -> None:
    headers = json.loads((examples / "api_graph_usage_headers.json").read_text())
    address, good = f"/v26.0/{LOGIN}/messages", {"recipient_id": "1", "message_id": "m"}
    client = meta.client(http)
    assert client.usage is None
    meta.answer("POST", address, (200, good, headers), (200, good, {"X-App-Usage": '{"call_count": 28}'}), good)
    await client.send("1", Outbound(text="a"))
    assert client.usage == Usage(100, 19 * 60)
    await client.act("1", "typing_on")
    assert client.usage == Usage(28, None)
    await client.send("1", Outbound(text="b"))
    assert client.usage is None
    refused = {"error": {"message": "slow down", "code": 80002}}
    meta.answer("POST", address, (400, refused, headers))
    with pytest.raises(SendError) as error:
        await client.send("1", Outbound(text="c"))
    assert (error.value.throttled, error.value.retry_after, client.usage) == (True, 19 * 60, Usage(100, 19 * 60))
