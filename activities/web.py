"""HTTP to addresses that people write down: public hosts only, and bounded in time, size and redirects (SPEC 7)."""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import httpx

LIMIT = 1_000_000
"""The most bytes of an answer that is no file, counted after unpacking; the rest is cut (SPEC 7)."""
REDIRECTS = 5
"""The most redirects that one request follows."""


class WebError(Exception):
    """A request that was refused or got no answer: a sentence that names the host, and nothing more of the address.

    `temporary`: the same request may be answered a little later.
    """

    def __init__(self, sentence: str, *, temporary: bool = False) -> None:
        super().__init__(sentence)
        self.temporary = temporary


@dataclass(frozen=True)
class Answer:
    """What a host answered, whatever the status; `cut` when there was more of it than was asked for.

    `method` is that of the last request: a redirect may have made a GET of a POST. The names of `headers` match in
    any case.
    """

    method: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    cut: bool


class Web:
    """HTTP clients for addresses that cannot be trusted.

    `allow` lists the private hosts that may be reached all the same, as `host` or `host:port` in the words of the URL.
    `tls` verifies the hosts' certificates; by default against the well-known authorities.
    """

    def __init__(self, allow: Sequence[str] = (), *, tls: ssl.SSLContext | None = None) -> None:
        self._allow = frozenset(entry.strip().lower() for entry in allow)
        self._tls = tls or httpx.create_ssl_context()

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        timeout: timedelta,
        secret_content: bool = False,
    ) -> Answer:
        """Send one request and follow its redirects; `timeout` bounds all of it, from DNS to the answer's last byte.

        The answer is cut at LIMIT bytes. To another origin go only headers that tell no secret, and no
        `secret_content`. Raises WebError.
        """
        hop = _Hop(method, _parsed(url), _checked(headers), content)
        return await self._follow(hop, timeout, secret_content)

    async def fetch(self, url: str, *, limit: int, timeout: timedelta) -> Answer:
        """Get a file, as `send` would; one of more than `limit` bytes is useless in part, so it comes `cut` and empty.

        It is not even read when it says so itself. Raises WebError.
        """
        return await self._follow(_Hop("GET", _parsed(url), {}, b"", limit=limit, whole=True), timeout)

    async def _follow(self, hop: "_Hop", timeout: timedelta, secret_content: bool = False) -> Answer:
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                for _ in range(REDIRECTS + 1):
                    answer = await self._ask(hop, timeout)
                    if answer.status not in _REDIRECTED or "location" not in answer.headers:
                        return answer
                    hop = _redirected(hop, answer, secret_content)
        except TimeoutError:
            within = f"{timeout.total_seconds():g} s"
            raise WebError(f"`{hop.host}` did not answer within {within}", temporary=True) from None
        raise WebError(f"`{hop.host}` redirects more than {REDIRECTS} times: write down the address it ends at")

    async def _ask(self, hop: "_Hop", timeout: timedelta) -> Answer:
        """One request, to the first of the host's addresses that takes the connection."""
        addresses = await self._addresses(hop)
        patience = timeout.total_seconds() / len(addresses)
        reason = "cannot be reached: check that it runs and that the port is right"
        for address in addresses:
            try:
                return await self._ask_at(address, hop, patience)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise WebError(f"`{hop.host}` has no valid TLS certificate for this name: renew it") from None
            except httpx.HTTPError:
                # What the library says may hold a header or an address with a secret in it.
                reason = "broke the connection off: look into its log"
                break
        raise WebError(f"`{hop.host}` {reason}", temporary=True)

    async def _ask_at(self, address: str, hop: "_Hop", patience: float) -> Answer:
        """The request to this very address, so that no second look-up can lead anywhere else."""
        headers = httpx.Headers({b"Host": hop.url.netloc, **_OURS})
        headers.update(hop.headers)
        request = httpx.Request(
            hop.method,
            hop.url.copy_with(host=address),
            headers=headers,
            content=hop.content,
            extensions={"sni_hostname": hop.host, "timeout": {"connect": patience}},
        )
        # A connection of its own for each request: a pooled one is found by its address, and may have been verified
        # for another name at the same address.
        async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            response = await transport.handle_async_request(request)
            try:
                content, cut = (b"", False) if response.has_redirect_location else await _unpacked(response, hop)
            finally:
                await response.aclose()
        return Answer(hop.method, response.status_code, response.headers, content, cut)

    async def _addresses(self, hop: "_Hop") -> list[str]:
        """The IP addresses of the host, looked up once, when all of them may be reached."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # UnicodeError: a name that DNS cannot hold
            raise WebError(f"`{hop.host}` cannot be found: check the host's name", temporary=True) from None
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        place = f"[{hop.host}]" if ":" in hop.host else hop.host
        if self._allow.isdisjoint({hop.host, place, f"{place}:{hop.port}"}) and not all(map(is_public, addresses)):
            raise WebError(
                f"`{hop.host}` is at an address that is not public: write down a public one, or have the operator add "
                f"`{place}:{hop.port}` to SWITCHBOARD_ALLOW_PRIVATE_HOSTS"
            )
        return addresses


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and so does the IPv4 address that it may stand for."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if found not in _UNICAST:
            return False
    return found.is_global and not found.is_multicast and not any(found in network for network in _CLOUD)


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
# Where clouds answer their machines with credentials, outside of the ranges that are private everywhere.
_CLOUD = [ipaddress.ip_network(network) for network in ("168.63.129.16/32", "192.0.0.0/24")]


# One request ----------------------------------------------------------------------------------------------------------

_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_OURS = {b"User-Agent": b"Switchboard", b"Accept": b"*/*", b"Accept-Encoding": b"gzip", b"Connection": b"close"}
_OWN = frozenset({"accept-encoding", "connection", "content-length", "host", "te", "transfer-encoding", "upgrade"})
_HARMLESS = frozenset(
    {b"accept", b"accept-language", b"content-type", b"idempotency-key", b"user-agent", b"x-switchboard-signature"}
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class _Hop:
    """One request; its answer is taken up to `limit` bytes and then cut, or, if it must be `whole`, left."""

    method: str
    url: httpx.URL
    headers: Mapping[bytes, bytes]
    content: bytes
    limit: int = LIMIT
    whole: bool = False

    @property
    def host(self) -> str:
        return self.url.raw_host.decode("ascii").lower()

    @property
    def port(self) -> int:
        return _port(self.url)


def _parsed(url: str | httpx.URL) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise WebError("the address cannot be read: write it as https://host/path") from None
    if parsed.scheme not in ("http", "https"):
        raise WebError("the address does not begin with https:// or http://: write it as https://host/path")
    if parsed.userinfo:
        raise WebError("the address has a user or password in it: put them into the header Authorization")
    if not parsed.raw_host:
        raise WebError("the address names no host: write it as https://host/path")
    if not 0 < _port(parsed) <= 65535:
        raise WebError("the port in the address is not between 1 and 65535: correct it")
    return parsed


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else {"http": 80, "https": 443}[url.scheme]


def _checked(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """The headers as they travel; raises WebError, naming the header and never its value."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise WebError("the name of a header has a character that HTTP does not allow: correct it")
        if name.lower() in _OWN:
            raise WebError(f"the header {name} is set by itself: remove it")
        if _CONTROL.search(value.strip()):
            raise WebError(f"the header {name} has a line break or control character in it: remove it")
    return {name.encode(): value.strip().encode("utf-8", "replace") for name, value in headers.items()}


def _redirected(hop: _Hop, answer: Answer, secret_content: bool) -> _Hop:
    """The request that a redirect asks for: 307 and 308 keep method and content, the others ask with GET."""
    try:
        url = _parsed(hop.url.join(answer.headers["location"]))
    except (httpx.InvalidURL, ValueError, WebError):
        raise WebError(f"`{hop.host}` redirects to no address of the web: write down another address") from None
    same = (url.scheme, url.raw_host, _port(url)) == (hop.url.scheme, hop.url.raw_host, hop.port)
    headers = {name: value for name, value in hop.headers.items() if same or name.lower() in _HARMLESS}
    if answer.status not in (307, 308):
        kept = {name: value for name, value in headers.items() if not name.lower().startswith(b"content-")}
        return replace(hop, method="GET", url=url, headers=kept, content=b"")
    if secret_content and hop.content and not same:
        raise WebError(
            f"`{hop.host}` redirects a body with a secret in it to another host, scheme or port: "
            "write down the address it ends at, if you trust that"
        )
    return replace(hop, url=url, headers=headers)


async def _unpacked(response: httpx.Response, hop: _Hop) -> tuple[bytes, bool]:
    """The content, unpacked here and not by the library: it would fill the memory from a small gzip bomb."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise WebError(f"`{hop.host}` packed its answer in another way than gzip: have it heed Accept-Encoding")
    declared = response.headers.get("content-length", "")
    if hop.whole and declared.isdecimal() and int(declared) > hop.limit:
        return b"", True
    gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding.endswith("gzip") else None
    content = bytearray()
    try:
        async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as pieces:
            async for piece in pieces:
                room = hop.limit + 1 - len(content)
                content += piece[:room] if gzip is None else gzip.decompress(piece, room)
                if len(content) > hop.limit:
                    return b"" if hop.whole else bytes(content[: hop.limit]), True
    except zlib.error:
        raise WebError(f"`{hop.host}` sent a gzip that cannot be unpacked: correct its answer") from None
    if gzip is not None and content and not gzip.eof:
        raise WebError(f"`{hop.host}` sent a gzip that ends too early: correct its answer")
    return bytes(content), False
