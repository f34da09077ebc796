"""A small HTTP/1.1 client for one purpose: post a body, learn the status. It keeps connections and follows nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_KEPT = 16  # idle connections for each server. Source: assumed for the sandbox
_HEAD_LIMIT = 32_768
_BODY_LIMIT = 65_536  # a longer body is not read; its connection is dropped instead
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is of interest in an answer."""

    status_code: int


@dataclass(frozen=True, slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def usable(self) -> bool:
        return not self.reader.at_eof() and not self.writer.is_closing()


class KeptConnections:
    """Posts to http and https addresses. A general client costs ten times the processor time of the exchange itself."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], list[_Connection]] = {}

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `content` and read the status. A connection that the server had ended meanwhile is replaced once.

        Raises OSError, EOFError or ValueError; nothing is bounded in time here.
        """
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        if parts.hostname is None or parts.scheme not in ("http", "https"):
            raise ValueError("not an http address")
        place = (parts.hostname, parts.port or (443 if tls else 80), tls)
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        request = _write_request(parts.netloc.rpartition("@")[2], target, content, headers)
        kept = self._take(place)
        if kept is not None:
            try:
                return await self._exchange(place, kept, request)
            except (EOFError, ConnectionError):
                pass  # Ended between two requests: the message has an id, so a second post cannot double it.
        reader, writer = await asyncio.open_connection(place[0], place[1], ssl=tls or None, limit=_HEAD_LIMIT)
        return await self._exchange(place, _Connection(reader, writer), request)

    async def aclose(self) -> None:
        """Drop all idle connections."""
        while self._idle:
            _, connections = self._idle.popitem()
            for connection in connections:
                connection.writer.close()

    def _take(self, place: tuple[str, int, bool]) -> _Connection | None:
        idle = self._idle.get(place, [])
        while idle:
            connection = idle.pop()
            if connection.usable():
                return connection
            connection.writer.close()
        return None

    async def _exchange(self, place: tuple[str, int, bool], connection: _Connection, request: bytes) -> Answer:
        keep = False
        try:
            connection.writer.write(request)
            try:
                head = await connection.reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                raise ValueError("the answer's head is too long") from None
            status, fields = _read_head(head)
            keep = await _read_body(connection.reader, status, fields)
        finally:
            idle = self._idle.setdefault(place, [])
            if keep and len(idle) < _KEPT:
                idle.append(connection)
            else:
                connection.writer.close()
        return Answer(status)


def _write_request(host: str, target: str, content: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a line break in the request's head")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def _read_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Status and header fields, names and values in lower case. Source: RFC 9112 sections 4 and 5."""
    first, *lines = head[:-4].lower().split(b"\r\n")
    version, _, rest = first.partition(b" ")
    if version not in (b"http/1.1", b"http/1.0") or not rest[:3].isdigit():
        raise ValueError("not an HTTP answer")
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    if version == b"http/1.0":
        fields[b"connection"] = b"close"
    return int(rest[:3]), fields


async def _read_body(reader: asyncio.StreamReader, status: int, fields: Mapping[bytes, bytes]) -> bool:
    """Read past the body; whether the connection can be used again."""
    if status < 200 or b"close" in fields.get(b"connection", b"") or b"transfer-encoding" in fields:
        return False
    length = fields.get(b"content-length", b"0" if status in _NO_BODY else b"")
    if not length.isdigit() or int(length) > _BODY_LIMIT:
        return False
    await reader.readexactly(int(length))
    return True
