"""Speaks ASGI to the edge without sockets, so that a test sets every header field itself."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson
from starlette.types import ASGIApp, Message, Scope

from gateway.settings import Settings
from gateway.web.app import create_app
from schema.execution import Executor
from tests.schema.toy import FakeTokens, FakeWorlds, make_toy

Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for known, value in self.headers if known == name]
        return ", ".join(found) if found else None

    @property
    def json(self):  # whatever the body holds
        return orjson.loads(self.body)


class Browser:
    """One edge and the default header fields of a well-behaved caller."""

    def __init__(
        self,
        *worlds: str,
        mounts: Mapping[str, ASGIApp] | None = None,
        toy: Executor | None = None,
        **settings: object,
    ) -> None:
        self.worlds = FakeWorlds(*worlds)
        self.tokens = FakeTokens()
        toy = toy or make_toy()
        self.app = create_app(
            self.worlds,
            toy,
            toy,
            mounts=mounts or {},
            settings=Settings(_env_file=None, **settings),
            viewer_of=self.tokens.viewer_of,
        )

    def scope(self, kind: str, path: str, fields: Fields, **more: object) -> Scope:
        path, _, query = path.partition("?")
        given = list(fields)
        if not any(name == "host" for name, _ in given):
            given.insert(0, ("host", "localhost:8400"))
        if not any(name == "accept-language" for name, _ in given):
            given.append(("accept-language", "en"))
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given if value != ""],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8400),
            "state": {},
            **more,
        }

    async def call(
        self, method: str, path: str, fields: Fields = (), body: bytes | list[bytes] = b"", **scope: object
    ) -> Reply:
        """One request; a list of bytes is a body that comes in pieces."""
        pieces = body if isinstance(body, list) else [body]
        incoming = [
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            if incoming:
                return incoming.pop(0)
            await asyncio.Event().wait()
            raise AssertionError("never reached")

        async def send(message: Message) -> None:
            sent.append(message)

        async with asyncio.timeout(5):
            await self.app(self.scope("http", path, fields, method=method, **scope), receive, send)
        start, *chunks = sent
        assert not chunks or not chunks[-1].get("more_body", False)
        headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
        return Reply(start["status"], headers, b"".join(chunk.get("body", b"") for chunk in chunks))

    async def post(self, document: object, path: str = "/graphql", fields: Fields = (), **more: object) -> Reply:
        """A GraphQL request by POST: a document alone, or a whole body."""
        body = orjson.dumps({"query": document, **more} if isinstance(document, str) else document)
        return await self.call("POST", path, [("content-type", "application/json"), *fields], body)

    def socket(self, path: str = "/graphql", fields: Fields = (), **more: object) -> "SocketCall":
        more.setdefault("subprotocols", ["graphql-transport-ws"])
        return SocketCall(self.app, self.scope("websocket", path, fields, **more))


class SocketCall:
    """One WebSocket, from the caller's side."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self._app = app
        self._scope = scope
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> "SocketCall":
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self._scope, self._to_app.get, self._from_app.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(5):
            await self._task

    async def next(self) -> Message:
        async with asyncio.timeout(5):
            return await self._from_app.get()

    async def say(self, message: object) -> None:
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def hear(self):  # whatever the message holds
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return orjson.loads(message["text"])

    async def greet(self, **payload: object) -> None:
        accepted = await self.next()
        assert accepted == {"type": "websocket.accept", "subprotocol": "graphql-transport-ws"}
        await self.say({"type": "connection_init", "payload": payload})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, operation_id: str, query: str, **more: object) -> None:
        await self.say({"id": operation_id, "type": "subscribe", "payload": {"query": query, **more}})

    async def closed(self) -> int:
        message = await self.next()
        assert message["type"] == "websocket.close", message
        return message["code"]
