"""The protocol graphql-transport-ws on one WebSocket. Source: PROTOCOL.md of the npm package graphql-ws."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import orjson
from starlette.types import Receive, Scope, Send

from gateway.web.places import Headers
from gateway.web.replies import locale_of
from gateway.web.requests import MAX_BODY_BYTES
from gateway.web.streams import StreamPlaces
from gateway.world import World
from schema.context import Context
from schema.execution import Executor
from schema.faults import describe, request_error

if TYPE_CHECKING:
    from gateway.web.graphql import ContextMaker

_log: Final = logging.getLogger("peserta.web")

SUBPROTOCOL: Final = "graphql-transport-ws"
MAX_OPERATIONS: Final = 50
_INIT_TIMEOUT_S: Final = 10.0
_NO_NEWS: Final = "world"  # nothing is published on it; who listens learns of the end
_MAX_ID_CHARS: Final = 200


class _Close(Exception):
    """The protocol says that the connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One connection: greets once, then runs operations side by side, each cancelled when its caller says so."""

    def __init__(
        self,
        executor: Executor,
        contexts: "ContextMaker",
        streams: StreamPlaces,
        scope: Scope,
        receive: Receive,
        send: Send,
        init_timeout_s: float = _INIT_TIMEOUT_S,
    ) -> None:
        self._executor = executor
        self._contexts = contexts
        self._streams = streams
        self._scope = scope
        self._receive = receive
        self._send = send
        self._init_timeout_s = init_timeout_s
        self._greeted = False
        self._authorization: str | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Talk until either side ends it; nothing keeps running afterwards."""
        await self._receive()  # websocket.connect
        if not self._streams.take():
            await self._send({"type": "websocket.close", "code": 1013})
            return
        try:
            if SUBPROTOCOL not in self._scope.get("subprotocols", ()):
                await self._send({"type": "websocket.accept"})
                raise _Close(4406, "Subprotocol not acceptable")
            await self._send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            await self._talk_while_the_world_stands()
        except _Close as close:
            await self._send({"type": "websocket.close", "code": close.code, "reason": close.reason})
        finally:
            self._streams.give_back()
            await self._end_all()

    async def _talk_while_the_world_stands(self) -> None:
        """A world that is reset or deleted takes its sockets along: what they would answer is another world's."""
        talking = asyncio.create_task(self._talk())
        ending = asyncio.create_task(self._world_ended())
        try:
            await asyncio.wait({talking, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not talking.done():
                ending.result()
                raise _Close(1012, "The world was closed or made anew")
            await talking
        finally:
            talking.cancel()
            ending.cancel()
            await asyncio.gather(talking, ending, return_exceptions=True)

    async def _world_ended(self) -> None:
        world: World = self._scope["state"]["world"]
        async with world.bus.listen(_NO_NEWS) as news:
            async for _ in news:
                pass

    async def _talk(self) -> None:
        try:
            async with asyncio.timeout(self._init_timeout_s):
                while not self._greeted:
                    message = await self._next()
                    if message is None:
                        return
                    await self._handle(message)
        except TimeoutError:
            raise _Close(4408, "Connection initialisation timeout") from None
        while (message := await self._next()) is not None:
            await self._handle(message)

    async def _next(self) -> Mapping[str, object] | None:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            return None
        text = event.get("text")
        if text is None or len(text) > MAX_BODY_BYTES:
            raise _Close(4400, "A message is JSON text of at most 1 MiB")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _Close(4400, "A message is JSON text of at most 1 MiB") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Close(4400, "A message is an object with a type")
        return message

    async def _handle(self, message: Mapping[str, object]) -> None:
        kind = message["type"]
        if kind == "connection_init":
            await self._greet(message)
        elif kind == "ping":
            await self._tell({"type": "pong"})
        elif kind == "subscribe":
            await self._begin(message)
        elif kind == "complete":
            task = self._running.pop(_id_of(message), None)
            if task is not None:
                task.cancel()
        elif kind != "pong":
            raise _Close(4400, "Unknown message type")

    async def _greet(self, message: Mapping[str, object]) -> None:
        if self._greeted:
            raise _Close(4429, "Too many initialisation requests")
        payload = message.get("payload")
        payload = {} if payload is None else payload
        if not isinstance(payload, dict):
            raise _Close(4400, "The payload of connection_init is an object")
        given = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        if given is not None and not isinstance(given, str):
            raise _Close(4400, "authorization is text: Bearer and a token")
        self._authorization = given
        self._greeted = True
        await self._tell({"type": "connection_ack"})

    async def _begin(self, message: Mapping[str, object]) -> None:
        if not self._greeted:
            raise _Close(4401, "Unauthorized")
        operation_id = _id_of(message)
        if operation_id in self._running:
            raise _Close(4409, f"Subscriber for {operation_id} already exists")
        query, variables, name = _operation_of(message)
        if len(self._running) >= MAX_OPERATIONS:
            headers: Headers = self._scope["state"]["headers"]
            error = request_error(locale_of(headers), "RATE_LIMITED", "request.too_many_streams", max=MAX_OPERATIONS)
            await self._tell({"id": operation_id, "type": "error", "payload": [error]})
            return
        # A context of its own: what was loaded or verified for one operation is not what the next one gets.
        context = self._contexts.make(self._scope, authorization=self._authorization)
        task = asyncio.create_task(self._run(operation_id, query, variables, name, context))
        self._running[operation_id] = task
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # An OSError is a caller who left in the middle of a message; the receiving side hears of it too.
        if error is not None and not isinstance(error, OSError):
            _log.error("a socket's operation failed\n%s", describe(error))

    async def _run(
        self, operation_id: str, query: str, variables: Mapping[str, object] | None, name: str | None, context: Context
    ) -> None:
        answers = self._executor.stream(query, variables, context=context, operation_name=name)
        async with aclosing(answers):
            async for answer in answers:
                if not answer.ran:
                    self._running.pop(operation_id, None)
                    await self._tell({"id": operation_id, "type": "error", "payload": answer.errors})
                    return
                await self._tell({"id": operation_id, "type": "next", "payload": answer.body()})
        self._running.pop(operation_id, None)
        await self._tell({"id": operation_id, "type": "complete"})

    async def _tell(self, message: Mapping[str, object]) -> None:
        await self._send({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _end_all(self) -> None:
        # Those that were told to end already may still be closing what they hold, so all are waited for.
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _id_of(message: Mapping[str, object]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= _MAX_ID_CHARS:
        raise _Close(4400, "An operation has an id of 1 to 200 characters")
    return found


def _operation_of(message: Mapping[str, object]) -> tuple[str, Mapping[str, object] | None, str | None]:
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise _Close(4400, "The payload of subscribe is an object")
    query, variables, name = payload.get("query"), payload.get("variables"), payload.get("operationName")
    if not isinstance(query, str):
        raise _Close(4400, "query is text")
    if variables is not None and not isinstance(variables, dict):
        raise _Close(4400, "variables are an object")
    if name is not None and not isinstance(name, str):
        raise _Close(4400, "operationName is text")
    return query, variables, name
