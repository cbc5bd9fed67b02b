"""Which addresses may be reached, and the bounds of time, size and redirects."""

import asyncio
import datetime
import gzip
import re
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from activities.web import LIMIT, REDIRECTS, Answer, Web, WebError, is_public
from tests.activities.servers import serving

pytestmark = pytest.mark.anyio
SOON = timedelta(seconds=5)


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    content: bytes


@dataclass
class Site:
    """A site that does what its path says, and remembers who asked."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    streamed: int = 0

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "PUT"])])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def web(self) -> Web:
        return Web([f"127.0.0.1:{self.port}"])

    async def get(self, path: str, headers: Mapping[str, str] = {}, *, timeout: timedelta = SOON) -> Answer:
        return await self.web.send("GET", self.url + path, headers, b"", timeout=timeout)

    async def answer(self, request: Request) -> Response:
        self.seen.append(Seen(request.method, request.url.path, dict(request.headers), await request.body()))
        match request.url.path.split("/")[1:]:
            case ["size", size]:
                return Response(b"x" * int(size))
            case ["streamed", size]:
                return StreamingResponse(self._streamed(int(size)))
            case ["endless"]:
                return StreamingResponse(_endless())
            case ["slow"]:
                await asyncio.sleep(30)
            case ["trickle"]:
                return StreamingResponse(_trickle())
            case ["bomb"]:
                return Response(_bomb(), headers={"content-encoding": "gzip"})
            case ["packed"]:
                return Response(gzip.compress("Příliš".encode()), headers={"content-encoding": "gzip"})
            case ["half"]:
                return Response(gzip.compress(bytes(range(256)) * 9)[:-12], headers={"content-encoding": "gzip"})
            case ["broken"]:
                return Response(b"no gzip at all", headers={"content-encoding": "gzip"})
            case ["deflated"]:
                return Response(zlib.compress(b"x"), headers={"content-encoding": "deflate"})
            case ["status", status]:
                return Response(b"said", int(status))
            case ["to", status]:
                return RedirectResponse(request.query_params["url"], int(status))
            case ["hops", left] if int(left):
                return RedirectResponse(f"/hops/{int(left) - 1}", 302)
            case ["cookie"]:
                return Response(headers={"set-cookie": "session=1; Path=/"})
            case _:
                pass
        return Response(b"here")

    async def _streamed(self, size: int) -> AsyncIterator[bytes]:
        """So many bytes, without a word about how many; counts those that were taken."""
        for at in range(0, size, 100_000):
            self.streamed = min(at + 100_000, size)
            yield b"x" * (self.streamed - at)
            await asyncio.sleep(0)


@lru_cache
def _bomb() -> bytes:
    return gzip.compress(bytes(100_000_000))


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(1_000):
        yield bytes(100_000)
        await asyncio.sleep(0)  # so that the server notices who hangs up


async def _trickle() -> AsyncIterator[bytes]:
    for _ in range(300):
        yield b"x"
        await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def sites(anyio_backend: str) -> AsyncIterator[tuple[Site, Site]]:
    """Two origins: one machine, two ports."""
    first, second = Site(), Site()
    async with serving(first.app) as first.port, serving(second.app) as second.port:
        yield first, second


@pytest.fixture
def site(sites: tuple[Site, Site]) -> Site:
    sites[0].seen.clear()
    return sites[0]


@pytest.fixture
def other(sites: tuple[Site, Site]) -> Site:
    sites[1].seen.clear()
    return sites[1]


# Addresses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "127.1",
        "[::1]",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "0",
        "[::]",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_what_is_not_public_is_refused(site: Site, host: str) -> None:
    with pytest.raises(WebError) as caught:
        await Web().send("GET", f"http://{host}:{site.port}/path?key=value", {}, b"", timeout=SOON)
    assert re.search("not public.*SWITCHBOARD_ALLOW_PRIVATE_HOSTS", str(caught.value))
    assert "path" not in str(caught.value)
    assert "value" not in str(caught.value)
    assert not caught.value.temporary
    assert site.seen == []


@pytest.mark.parametrize(
    "host", ["0177.0.0.1", "127.0.0.256", "①②⑦.0.0.1", "[::1", "[fe80::1%25lo]", "a..b", "ex ample"]
)
async def test_what_is_no_host_is_refused(site: Site, host: str) -> None:
    with pytest.raises(WebError, match=r"cannot be (read|found)|not public"):
        await Web().send("GET", f"http://{host}:{site.port}/", {}, b"", timeout=SOON)
    assert site.seen == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::808:808", False),
        ("2002:a00:1::", False),
        ("2001:0:808:808::1", False),
        ("::8.8.8.8", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("2001:db8::1", False),
        ("fc00::1", False),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
        ("239.1.1.1", False),
        ("100.100.100.200", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_host_is_allowed_by_its_name_in_the_url(site: Site) -> None:
    for allow in ("localhost", f"LOCALHOST:{site.port}"):
        answer = await Web([allow]).send("GET", f"http://LocalHost:{site.port}/", {}, b"", timeout=SOON)
        assert answer.content == b"here"
    assert site.seen[0].headers["host"] == f"localhost:{site.port}"
    for allow in ("localhost:1", "127.0.0.1", "localhost.example"):
        with pytest.raises(WebError, match="not public"):
            await Web([allow]).send("GET", f"http://localhost:{site.port}/", {}, b"", timeout=SOON)


async def test_a_name_is_looked_up_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the second answer of a DNS server could be another one than what was checked."""
    loop = asyncio.get_running_loop()
    real, asked = loop.getaddrinfo, []

    async def listened(host: str, *rest: Any, **named: Any) -> Any:
        asked.append(host)
        return await real(host, *rest, **named)

    monkeypatch.setattr(loop, "getaddrinfo", listened)
    answer = await Web(["localhost"]).send("GET", f"http://localhost:{site.port}/", {}, b"", timeout=SOON)
    assert (answer.content, asked) == (b"here", ["localhost"])


async def test_one_private_address_among_public_ones_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def mixed(_: str, *rest: Any, **named: Any) -> Any:
        return await real("8.8.8.8", *rest, **named) + await real("127.0.0.1", *rest, **named)

    monkeypatch.setattr(loop, "getaddrinfo", mixed)
    with pytest.raises(WebError, match="not public"):
        await Web().send("GET", f"http://shop.example:{site.port}/", {}, b"", timeout=SOON)
    assert site.seen == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://shop.example/", "does not begin with https"),
        ("file:///etc/passwd", "does not begin with https"),
        ("shop.example/path", "does not begin with https"),
        ("", "does not begin with https"),
        ("https://", "names no host"),
        ("https:///path", "names no host"),
        ("https://user:pass@shop.example/", "user or password"),
        ("https://shop.example:70000/", "port"),
        ("https://shop.example:0/", "port"),
        ("https://shop.example/\x00", "cannot be read"),
        ("https://shop.invalid/", "cannot be found"),
    ],
)
async def test_addresses_that_are_wrong(url: str, said: str) -> None:
    with pytest.raises(WebError, match=said) as caught:
        await Web().send("GET", url, {}, b"", timeout=SOON)
    assert "pass@" not in str(caught.value)


async def test_nobody_listens(free_port: Callable[[], int]) -> None:
    with pytest.raises(WebError, match=r"`127\.0\.0\.1` cannot be reached") as caught:
        await Web(["127.0.0.1"]).send("GET", f"http://127.0.0.1:{free_port()}/", {}, b"", timeout=SOON)
    assert caught.value.temporary


async def test_who_hangs_up(anyio_backend: str) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(WebError, match="broke the connection off") as caught:
            await Web(["127.0.0.1"]).send("GET", f"http://127.0.0.1:{port}/", {}, b"", timeout=SOON)
    assert caught.value.temporary


async def test_a_proxy_of_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await site.get("/")).content == b"here"


# Redirects ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//[::1]:{port}/", "http://169.254.169.254/"]
)
async def test_a_redirect_passes_the_same_check(site: Site, other: Site, target: str) -> None:
    url = target.format(port=other.port)
    with pytest.raises(WebError, match="not public"):
        await site.get(f"/to/302?url={url}")
    assert other.seen == []


@pytest.mark.parametrize("target", ["ftp://shop.example/", "http://user:pass@shop.example/", "http://[::1/"])
async def test_a_redirect_that_leads_nowhere(site: Site, target: str) -> None:
    with pytest.raises(WebError, match="redirects to no address of the web"):
        await site.get(f"/to/302?url={target}")


async def test_the_number_of_redirects(site: Site) -> None:
    assert (await site.get(f"/hops/{REDIRECTS}")).content == b"here"
    with pytest.raises(WebError, match="more than 5 times"):
        await site.get(f"/hops/{REDIRECTS + 1}")


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "PUT"), (308, "PUT")])
async def test_what_a_redirect_keeps(site: Site, status: int, method: str) -> None:
    headers = {"Content-Type": "text/plain", "X-Key": "k", "Authorization": "Bearer t"}
    answer = await site.web.send("PUT", f"{site.url}/to/{status}?url=/end", headers, b"body", timeout=SOON)
    assert (answer.method, answer.status) == (method, 200)
    last = site.seen[-1]
    assert (last.method, last.content) == (method, b"body" if method == "PUT" else b"")
    assert ("content-type" in last.headers) is (method == "PUT")
    assert (last.headers["x-key"], last.headers["authorization"]) == ("k", "Bearer t")


async def test_another_origin_gets_no_secrets(site: Site, other: Site) -> None:
    web = Web(["127.0.0.1"])
    headers = {"Authorization": "Bearer t", "X-Key": "k", "Cookie": "c=1", "Idempotency-Key": "i", "Accept": "text/csv"}
    url = f"{site.url}/to/307?url={other.url}/end"
    answer = await web.send("POST", url, headers, b"body", timeout=SOON)
    assert (answer.status, other.seen[0].content) == (200, b"body")
    assert other.seen[0].headers["host"] == f"127.0.0.1:{other.port}"
    assert not {"authorization", "x-key", "cookie"} & other.seen[0].headers.keys()
    assert (other.seen[0].headers["idempotency-key"], other.seen[0].headers["accept"]) == ("i", "text/csv")

    with pytest.raises(WebError, match="redirects a body with a secret in it"):
        await web.send("POST", url, headers, b"body", timeout=SOON, secret_content=True)
    assert len(other.seen) == 1
    same = f"{site.url}/to/307?url=/end"
    assert (await web.send("POST", same, headers, b"body", timeout=SOON, secret_content=True)).status == 200


async def test_a_redirect_without_a_place_is_an_answer(site: Site) -> None:
    assert (await site.get("/status/302")).status == 302


# Bounds ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "kept", "cut"), [(0, 0, False), (LIMIT, LIMIT, False), (LIMIT + 1, LIMIT, True)])
async def test_an_answer_is_cut_at_one_megabyte(site: Site, size: int, kept: int, cut: bool) -> None:
    answer = await site.get(f"/size/{size}")
    assert (len(answer.content), answer.cut) == (kept, cut)


@pytest.mark.parametrize("path", ["/endless", "/bomb"])
async def test_endless_answers_and_gzip_bombs_are_cut(site: Site, path: str) -> None:
    answer = await site.get(path, timeout=timedelta(seconds=20))
    assert (answer.content, answer.cut) == (bytes(LIMIT), True)


async def test_a_gzip_bomb_takes_no_memory(site: Site) -> None:
    size = len(_bomb())
    web = site.web
    tracemalloc.start()
    try:
        assert (await web.send("GET", f"{site.url}/bomb", {}, b"", timeout=timedelta(seconds=20))).cut
        assert tracemalloc.get_traced_memory()[1] < 10_000_000 + size
    finally:
        tracemalloc.stop()


async def test_gzip_is_unpacked(site: Site) -> None:
    assert (await site.get("/packed")).content.decode() == "Příliš"
    assert site.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("path", "said"), [("/half", "ends too early"), ("/broken", "cannot be unpacked"), ("/deflated", "than gzip")]
)
async def test_broken_packing(site: Site, path: str, said: str) -> None:
    with pytest.raises(WebError, match=said):
        await site.get(path)


@pytest.mark.parametrize("path", ["/slow", "/trickle"])
async def test_the_timeout_bounds_the_whole_answer(site: Site, path: str) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(WebError, match=r"`127\.0\.0\.1` did not answer within 0\.4 s") as caught:
        await site.get(path, timeout=timedelta(seconds=0.4))
    assert caught.value.temporary
    assert asyncio.get_running_loop().time() - began < 3


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/size/", "/streamed/"])
async def test_a_file_comes_whole_or_not_at_all(site: Site, path: str) -> None:
    size = 3_000_000
    for limit, content in ((size, b"x" * size), (size - 1, b"")):
        answer = await site.web.fetch(f"{site.url}{path}{size}", limit=limit, timeout=SOON)
        assert (answer.status, answer.method, answer.content, answer.cut) == (200, "GET", content, limit < size)


async def test_a_file_that_says_how_large_it_is_is_not_read(anyio_backend: str) -> None:
    taken = asyncio.Event()

    async def boast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 26000001\r\n\r\n")
        await writer.drain()
        await reader.read()  # until the other side has hung up, although no byte of the file was sent
        taken.set()
        writer.close()

    async with await asyncio.start_server(boast, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        answer = await Web(["127.0.0.1"]).fetch(url, limit=26_000_000, timeout=SOON)
        await asyncio.wait_for(taken.wait(), 5)
    assert (answer.content, answer.cut) == (b"", True)


async def test_a_file_that_does_not_say_it_is_not_read_to_its_end(site: Site) -> None:
    answer = await site.web.fetch(f"{site.url}/streamed/90000000", limit=1_000_000, timeout=timedelta(seconds=20))
    assert (answer.content, answer.cut) == (b"", True)
    assert site.streamed < 50_000_000


async def test_a_file_in_a_gzip_bomb_takes_no_memory(site: Site) -> None:
    size = len(_bomb())
    tracemalloc.start()
    try:
        answer = await site.web.fetch(f"{site.url}/bomb", limit=2_000_000, timeout=timedelta(seconds=20))
        assert (answer.content, answer.cut) == (b"", True)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000 + size
    finally:
        tracemalloc.stop()


async def test_a_file_is_fetched_under_the_same_guards(site: Site, other: Site) -> None:
    for url in (f"http://localhost:{site.port}/", f"{site.url}/to/302?url={other.url}/"):
        with pytest.raises(WebError, match="not public"):
            await site.web.fetch(url, limit=10, timeout=SOON)
    with pytest.raises(WebError, match="more than 5 times"):
        await site.web.fetch(f"{site.url}/hops/6", limit=10, timeout=SOON)
    with pytest.raises(WebError, match=r"did not answer within 0\.4 s"):
        await site.web.fetch(f"{site.url}/trickle", limit=1_000, timeout=timedelta(seconds=0.4))
    assert (await site.web.fetch(f"{site.url}/hops/5", limit=10, timeout=SOON)).content == b"here"
    assert (await site.web.fetch(f"{site.url}/to/307?url=/size/11", limit=10, timeout=SOON)).cut
    assert other.seen == []


# Headers --------------------------------------------------------------------------------------------------------------


async def test_headers_as_they_travel(site: Site) -> None:
    await site.get("/", {"User-Agent": "Shop", "X-Name": " Žofie \n"})
    await site.get("/")
    assert site.seen[0].headers["user-agent"] == "Shop"
    assert site.seen[0].headers["x-name"].encode("latin-1").decode() == "Žofie"
    assert site.seen[1].headers["user-agent"] == "Switchboard"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("X-Key", "hush\r\nX-Other: 1", "header X-Key has a line break"),
        ("X-Key", "hush\x00", "header X-Key has a line break"),
        ("X Key", "hush", "name of a header"),
        ("X-Key\r\nX: 1", "hush", "name of a header"),
        ("Host", "hush", "header Host is set by itself"),
        ("content-LENGTH", "3", "header content-LENGTH is set by itself"),
        ("Transfer-Encoding", "chunked", "is set by itself"),
    ],
)
async def test_headers_that_are_refused(site: Site, name: str, value: str, said: str) -> None:
    with pytest.raises(WebError, match=said) as caught:
        await site.get("/", {name: value})
    assert "hush" not in str(caught.value)
    assert site.seen == []


async def test_no_cookie_stays_behind(site: Site) -> None:
    web = site.web
    for path in ("/cookie", "/end"):
        await web.send("GET", site.url + path, {}, b"", timeout=SOON)
    assert "cookie" not in site.seen[1].headers


# TLS ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "valid"), [("localhost", True), ("127.0.0.1", False)])
async def test_a_certificate_is_verified_for_the_name_in_the_url(tmp_path: Path, name: str, valid: bool) -> None:
    certificate, key = _certificate(tmp_path)
    web = Web(["localhost", "127.0.0.1"], tls=ssl.create_default_context(cafile=certificate))
    async with serving(Site().app, certificate=certificate, key=key) as port:
        url = f"https://{name}:{port}/"
        if valid:
            assert (await web.send("GET", url, {}, b"", timeout=SOON)).content == b"here"
        else:
            with pytest.raises(WebError, match="no valid TLS certificate for this name"):
                await web.send("GET", url, {}, b"", timeout=SOON)
        with pytest.raises(WebError, match="no valid TLS certificate"):
            await Web(["localhost"]).send("GET", f"https://localhost:{port}/", {}, b"", timeout=SOON)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of `localhost`, and of no address, that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
