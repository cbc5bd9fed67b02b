"""Posts bodies to one address over connections that stay open: a small client, for hundreds a second."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

_MOST_READ = 65_536  # Bytes of an answer that are read at once.
_KEPT = 500  # Characters of an answer that are kept.


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection

    @property
    def fresh(self) -> bool:
        return not self.reader.at_eof() and not self.writer.is_closing() and self.http.our_state is h11.IDLE


class Postman:
    """One address, http or https; `timeout` seconds for a whole exchange, `together` exchanges at once."""

    def __init__(self, url: str, *, timeout: float, together: int) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"webhook address {url!r}: write it whole, as http://127.0.0.1:8000/webhooks/instagram")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port or (443 if self._secure else 80)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._named = parts.netloc.rpartition("@")[2]
        self._timeout = timeout
        self._free = asyncio.Semaphore(together)
        self._idle: list[_Connection] = []

    async def post(self, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and beginning of the answer. Raises OSError (a time-out is one) or h11.ProtocolError without one."""
        async with self._free:
            connection = await self._connect()
            try:
                async with asyncio.timeout(self._timeout):
                    status, text = await self._exchange(connection, content, headers)
            except BaseException:
                connection.writer.close()
                raise
            self._keep(connection)
            return status, text

    async def close(self) -> None:
        for connection in self._idle:
            connection.writer.close()
        self._idle.clear()

    async def _connect(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh:
                return connection
            connection.writer.close()
        async with asyncio.timeout(self._timeout):
            reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._secure or None)
        return _Connection(reader, writer, h11.Connection(h11.CLIENT))

    async def _exchange(self, connection: _Connection, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
        http, writer = connection.http, connection.writer
        told = [("Host", self._named), ("Content-Length", str(len(content))), *headers.items()]
        request = http.send(h11.Request(method="POST", target=self._target, headers=told)) or b""
        writer.write(request + (http.send(h11.Data(content)) or b"") + (http.send(h11.EndOfMessage()) or b""))
        status, body = 0, b""
        while True:
            match http.next_event():
                case h11.Response(status_code=code):
                    status = code
                case h11.Data(data=data):
                    body = (body + bytes(data))[: 4 * _KEPT]
                case h11.EndOfMessage():
                    return status, body.decode(errors="replace")[:_KEPT]
                case h11.NEED_DATA:
                    received = await connection.reader.read(_MOST_READ)
                    if not received and not status:
                        raise ConnectionError("the connection ended without an answer")
                    http.receive_data(received)
                case h11.ConnectionClosed() | h11.PAUSED:
                    raise ConnectionError("the connection ended in the middle of an answer")

    def _keep(self, connection: _Connection) -> None:
        try:
            connection.http.start_next_cycle()
        except h11.LocalProtocolError:  # either side wants it closed
            connection.writer.close()
            return
        self._idle.append(connection)
