"""Requests: what travels, what comes back, and that no secret is ever told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.requests import HISTORY_LIMIT, Requests
from activities.web import LIMIT, Web
from routing.filters import SECRET
from routing.messages import RequestAnswered, SendRequest
from store.database import Database
from store.secrets import Vault, set_secret
from tests.activities.servers import serving

pytestmark = pytest.mark.anyio
HUSH = 'h/u&s "ž" +h'
QUOTED = "h%2Fu%26s%20%22%C5%BE%22%20%2Bh"


WEB = Web(["127.0.0.1", "localhost"])


def mark(name: str) -> str:
    return f"{SECRET}{name}{SECRET}"


@dataclass
class Shop:
    """A shop's web service, which answers what it was told to and remembers what it was asked."""

    requests: Requests
    port: int = 0
    content: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: Request) -> Response:
        target = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
        self.asked.append((request.method, target, dict(request.headers), await request.body()))
        if request.url.path == "/slow":
            await asyncio.sleep(30)
        if request.url.path == "/away":
            return RedirectResponse(f"http://localhost:{self.port}/end", 307)
        return Response(self.content, self.status, self.headers)

    async def ask(self, path: str = "/orders", **changed: Any) -> RequestAnswered:
        plain: dict[str, Any] = {"key": "igdm_1/3", "path": "decision_trees/t", "method": "GET", "headers": {}}
        given = {"url": self.url + path, "timeout": timedelta(seconds=5), **changed}
        return await ActivityEnvironment().run(self.requests.request, SendRequest(**plain | given))

    async def say(self, content: bytes, media: str | None = "application/json", status: int = 200) -> RequestAnswered:
        self.content, self.status = content, status
        self.headers = {} if media is None else {"content-type": media}
        return await self.ask()


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture(scope="module")
async def server(anyio_backend: str, vault: Vault, free_port: Callable[[], int]) -> AsyncIterator[Shop]:
    """A shop whose requests know no database: those without a secret need none."""
    away = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    found = Shop(Requests(away, vault, WEB))
    async with serving(Starlette(routes=[Route("/{path:path}", found.answer, methods=["GET", "POST"])])) as found.port:
        yield found
    await away.close()


@pytest.fixture
def shop(server: Shop) -> Shop:
    fresh = Shop(server.requests)
    server.content, server.status, server.headers, server.asked = fresh.content, fresh.status, fresh.headers, []
    return server


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def secretive(shop: Shop, database: Database, vault: Vault) -> AsyncIterator[Shop]:
    """The same shop, asked with secrets."""
    named = {"key": HUSH, "long": f"{HUSH}-and-more", "other": "untold", "host": "Hidden-Host", "pin": "81726354"}
    async with database.begin() as session:
        for name, value in {**named, "lines": "one\ntwo"}.items():
            await set_secret(session, vault, name, value)
    nobodys, shop.requests = shop.requests, Requests(database, vault, WEB)
    yield shop
    shop.requests = nobodys


# What travels ---------------------------------------------------------------------------------------------------------


async def test_a_plain_get(shop: Shop) -> None:
    shop.content = b'{"items": [{"id": 1.5, "name": "B\\u011bla"}]}'
    answered = await shop.ask("/orders?of=anna", headers={"X-Shop": "1"})
    assert answered == RequestAnswered(ok=True, status=200, body={"items": [{"id": 1.5, "name": "Běla"}]})
    method, target, headers, content = shop.asked[0]
    assert (method, target, content) == ("GET", "/orders?of=anna", b"")
    assert (headers["x-shop"], headers["idempotency-key"], headers["user-agent"]) == ("1", "igdm_1/3", "Switchboard")
    assert headers["host"] == f"127.0.0.1:{shop.port}"
    assert "content-type" not in headers


@pytest.mark.parametrize(
    ("body", "content", "media"),
    [
        ({"b": [1, None, True], "a": "ž"}, '{"b":[1,null,true],"a":"ž"}', "application/json"),
        (["x"], '["x"]', "application/json"),
        (7, "7", "application/json"),
        (False, "false", "application/json"),
        ({}, "{}", "application/json"),
        ("ž <b>", "ž <b>", "text/plain; charset=utf-8"),
        ("", "", "text/plain; charset=utf-8"),
    ],
)
async def test_bodies(shop: Shop, body: object, content: str, media: str) -> None:
    assert (await shop.ask(method="POST", body=body)).ok
    assert shop.asked[0][3].decode() == content
    assert shop.asked[0][2]["content-type"] == media


async def test_what_the_author_writes_wins(shop: Shop) -> None:
    await shop.ask(method="POST", body="<a/>", headers={"content-TYPE": "text/xml", "idempotency-key": "mine"})
    assert (shop.asked[0][2]["content-type"], shop.asked[0][2]["idempotency-key"]) == ("text/xml", "mine")


async def test_secrets_are_filled_in(secretive: Shop) -> None:
    key = mark("key")
    answered = await secretive.ask(
        f"/{key}/?key={key}&other={mark('other')}",
        method="POST",
        headers={"Authorization": f"Bearer {key}", "X-Other": f"[{mark('other')}]"},
        body={"keys": [f"<{key}>"], "number": 1, "other": mark("other")},
        secrets=("key",),
    )
    assert answered.ok
    _, target, headers, content = secretive.asked[0]
    assert target == f"/{QUOTED}/?key={QUOTED}&other="
    assert headers["authorization"].encode("latin-1").decode() == f"Bearer {HUSH}"
    assert headers["x-other"] == "[]"  # a secret that the author has not named is nobody's
    assert json.loads(content) == {"keys": [f"<{HUSH}>"], "number": 1, "other": ""}


async def test_a_text_body_with_a_secret(secretive: Shop) -> None:
    await secretive.ask(method="POST", body=f"key={mark('key')}", secrets=("key",))
    assert secretive.asked[0][3].decode() == f"key={HUSH}"


# Secrets that are not told --------------------------------------------------------------------------------------------


async def test_a_missing_secret_is_named(secretive: Shop) -> None:
    answered = await secretive.ask(f"/?{mark('gone')}{mark('key')}", secrets=("gone", "key", "lost"))
    assert answered.error == "the request needs `secrets.gone`, `secrets.lost`: enter a secret of that name"
    assert (answered.ok, answered.status, secretive.asked) == (False, None, [])


async def test_a_secret_that_no_key_opens(secretive: Shop, database: Database) -> None:
    secretive.requests = Requests(database, Vault([Fernet.generate_key().decode()]), WEB)
    answered = await secretive.ask(secrets=("key",))
    assert "encrypted with none of the given encryption keys" in (answered.error or "")
    assert (answered.ok, secretive.asked) == (False, [])


async def test_a_database_that_is_away(shop: Shop) -> None:
    answered = await shop.ask(secrets=("key",))
    assert answered.error == "the request's secrets cannot be read: the database does not answer"
    assert (answered.ok, shop.asked) == (False, [])


@pytest.mark.parametrize("media", ["application/json", "text/plain"])
async def test_an_answer_that_repeats_secrets(secretive: Shop, media: str) -> None:
    said = [HUSH, HUSH.upper(), QUOTED, f"a {HUSH}-and-more b", f"{HUSH}!", 5]
    secretive.content, secretive.headers = json.dumps({HUSH: said}).encode(), {"content-type": media}
    answered = await secretive.ask(headers={"A": mark("key"), "B": mark("long")}, secrets=("key", "long"))
    assert answered.body == {
        "secrets.key": ["secrets.key", "secrets.key", "secrets.key", "a secrets.long b", "secrets.key!", 5]
    }
    secretive.content = b"Bad: " + json.dumps(HUSH).encode()
    assert (await secretive.ask(secrets=("key",))).body == 'Bad: "secrets.key"'


async def test_a_number_that_is_a_secret(secretive: Shop) -> None:
    secretive.content = b'{"pin": 81726354, "n": 3}'
    assert (await secretive.ask(secrets=("pin",))).body == {"pin": "secrets.pin", "n": 3}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://{secret}.invalid/", "`secrets.host.invalid` cannot be found: check the host's name"),
        ("http://127.0.0.1:{port}/slow?{secret}", "`127.0.0.1` did not answer within 0.3 s"),
        ("http://127.0.0.1:{free}/?{secret}", "`127.0.0.1` cannot be reached: check that it runs"),
        ("http://{secret}:x@127.0.0.1:{port}/", "the address has a user or password in it"),
        ("http://10.0.0.1/{secret}", "`10.0.0.1` is at an address that is not public"),
        ("{secret}://x/", "the address does not begin with https:// or http://"),
    ],
)
async def test_no_error_tells_a_secret(secretive: Shop, free_port: Callable[[], int], url: str, said: str) -> None:
    address = url.format(secret=mark("host"), port=secretive.port, free=free_port())
    answered = await secretive.ask(url=address, secrets=("host",), timeout=timedelta(seconds=0.3))
    assert (answered.error or "").startswith(said)
    assert "hidden-host" not in answered.model_dump_json().lower()
    assert (answered.ok, answered.status) == (False, None)


async def test_a_secret_that_no_header_can_hold(secretive: Shop) -> None:
    answered = await secretive.ask(headers={"X-Key": mark("lines")}, secrets=("lines",))
    assert answered.error == "the header X-Key has a line break or control character in it: remove it"


async def test_a_body_with_a_secret_stays_with_its_host(secretive: Shop) -> None:
    answered = await secretive.ask("/away", method="POST", body={"key": mark("key")}, secrets=("key",))
    assert "redirects a body with a secret in it" in (answered.error or "")
    assert (await secretive.ask("/away", method="POST", body={"no": "secret"})).ok
    assert [asked[1] for asked in secretive.asked] == ["/away?", "/away?", "/end?"]


# What comes back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media", "body"),
    [
        (b"[1, 2]", "application/json", [1, 2]),
        (b'"text"', "application/problem+json; charset=utf-8", "text"),
        (b"\xef\xbb\xbf{}", "application/json", {}),
        (b' {"a": 1}', "text/plain", {"a": 1}),
        (b"[1]", None, [1]),
        (b"{curly", "text/plain", "{curly"),
        (b"0042", "text/plain", "0042"),
        (b"1042", "text/plain", "1042"),
        (b"<p>ok</p>", "text/html", "<p>ok</p>"),
        ("žába".encode("cp1250"), "text/plain; charset=windows-1250", "žába"),
        (b"\xff", "text/plain", "\ufffd"),
        (b"6f6b", "text/plain; charset=hex", "6f6b"),
        (b"ok", "text/plain; charset=nonsense", "ok"),
        (b"", "application/json", None),
        (b"null", "application/json", None),
        (b'"\\ud800\\u0000"', "application/json", "\ufffd\ufffd"),
    ],
)
async def test_json_and_text(shop: Shop, content: bytes, media: str | None, body: object) -> None:
    assert await shop.say(content, media) == RequestAnswered(ok=True, status=200, body=body)


@pytest.mark.parametrize("content", [b"{", b"[NaN]", b"[1e999]", b"[-Infinity]", b"[" * 100_000, b"not json"])
async def test_what_only_says_that_it_is_json(shop: Shop, content: bytes) -> None:
    answered = await shop.say(content)
    assert (answered.ok, answered.body) == (True, content.decode())
    assert "says that it is JSON and is not" in (answered.error or "")


@pytest.mark.parametrize("status", [201, 204, 299])
async def test_any_2xx_is_ok(shop: Shop, status: int) -> None:
    answered = await shop.say(b"", status=status)
    assert (answered.ok, answered.status, answered.error) == (True, status, None)


@pytest.mark.parametrize("status", [304, 400, 404, 500, 503])
async def test_other_statuses_are_not(shop: Shop, status: int) -> None:
    answered = await shop.say(b"" if status == 304 else b'{"why": "so"}', status=status)
    assert (answered.ok, answered.status, answered.error) == (False, status, f"answered {status}")
    assert answered.body == (None if status == 304 else {"why": "so"})


async def test_big_answers(shop: Shop) -> None:
    text = await shop.say(b"x" * (LIMIT + 1), "text/plain")
    assert (text.ok, text.body) == (True, "x" * LIMIT)
    assert text.error == "the answer is longer than 1000000 bytes, and was cut"
    data = await shop.say(b'"' + b"x" * LIMIT + b'"')
    assert (data.ok, data.body) == (False, None)
    assert data.error == "the answer is longer than 1000000 bytes: ask for less of it"


@pytest.mark.parametrize("content", [b"\x01" * 900_000, b"[" + b"1e15," * 150_000 + b"1]"])
async def test_answers_that_grow_in_a_history(shop: Shop, content: bytes) -> None:
    answered = await shop.say(content, None)
    assert (answered.ok, answered.body) == (False, None)
    assert "too large to keep" in (answered.error or "")
    assert len(answered.model_dump_json()) < HISTORY_LIMIT


async def test_a_deep_answer_can_be_handed_on(shop: Shop) -> None:
    for levels, ok in ((100, True), (102, False)):
        answered = await shop.say(b"[" * levels + b"]" * levels)
        assert answered.ok is ok
        payloads = await pydantic_data_converter.encode([answered])
        assert await pydantic_data_converter.decode(payloads, [RequestAnswered]) == [answered]
