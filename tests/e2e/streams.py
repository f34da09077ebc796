"""Subscriptions over graphql-transport-ws and over server-sent events, as plain clients speak them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.journey import JSON

PROTOCOL = Subprotocol("graphql-transport-ws")
WAIT_S = 15


class Answers:
    """The answers of one subscription; each is waited for, but not for ever."""

    def __init__(self, source: AsyncIterator[JSON]) -> None:
        self._source = source

    async def next(self) -> JSON:
        """The next answer."""
        async with asyncio.timeout(WAIT_S):
            return await anext(self._source)

    async def ended(self) -> bool:
        """Whether the server ended it without another answer."""
        async with asyncio.timeout(WAIT_S):
            async for _ in self._source:
                return False
        return True


def ws_url(url: str) -> str:
    """The same address for a WebSocket."""
    return url.replace("http", "ws", 1)


@asynccontextmanager
async def open_socket(url: str, *, origin: str | None = None, **payload: str) -> AsyncIterator[ClientConnection]:
    """A greeted connection; `payload` goes with connection_init."""
    given = Origin(origin) if origin is not None else None
    async with connect(ws_url(url), subprotocols=[PROTOCOL], origin=given, proxy=None) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        yield socket


async def _received(socket: ClientConnection) -> AsyncIterator[JSON]:
    async for text in socket:
        message = json.loads(text)
        if message["type"] == "complete":
            return
        assert message["type"] == "next", message
        yield message["payload"]


@asynccontextmanager
async def by_socket(_http: httpx.AsyncClient, url: str, document: str, variables: JSON) -> AsyncIterator[Answers]:
    """A subscription over a WebSocket of its own."""
    async with open_socket(url) as socket:
        payload = {"query": document, "variables": variables}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield Answers(_received(socket))


async def _events(answer: httpx.Response) -> AsyncIterator[JSON]:
    event = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif event == "complete":
            return
        elif line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@asynccontextmanager
async def by_events(http: httpx.AsyncClient, url: str, document: str, variables: JSON) -> AsyncIterator[Answers]:
    """A subscription over server-sent events."""
    body = {"query": document, "variables": variables}
    async with http.stream("POST", url, json=body, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Answers(_events(answer))


WAYS = {"ws": by_socket, "sse": by_events}
