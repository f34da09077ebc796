"""A small HTTP/1.1 client on one kept connection, so that the client costs little beside the server it measures."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")


class Client:
    """One caller's connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body. Raises OSError, EOFError."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 24)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        fields = dict(line.split(b": ", 1) for line in head[:-4].split(b"\r\n")[1:])
        return int(head[9:12]), await reader.readexactly(int(fields[b"content-length"]))

    async def ask(self, path: str, document: str, token: str | None = None, **variables: object) -> Any:  # Any: JSON
        """The data that answers a GraphQL operation. Raises AssertionError for errors of any kind."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = json.dumps({"query": document, "variables": variables}).encode()
        status, answer = await self.request("POST", path, body, headers)
        found = json.loads(answer)
        assert status == 200 and "errors" not in found, answer[:300]
        payload = next(iter(found["data"].values()))
        assert not isinstance(payload, dict) or not payload.get("errors"), answer[:300]
        return payload

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` on an event loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
