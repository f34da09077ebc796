"""Listeners on one event loop: bound before anything starts, and stopped in order without cutting what can end well."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.requests import MAX_BODY_BYTES

# The whole stop has to fit into two seconds; uvicorn itself needs two ticks of 0.1 s.
_LAST_WORDS_S: Final = 0.5
_UVICORN_GRACE_S: Final = 1
_BACKLOG: Final = 512


class PortBusy(Exception):
    """The port cannot be listened on; the text is one sentence for a person."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(f"Port {port} on {host} is in use already: free it, or choose another by {setting}.")
        self.host = host
        self.port = port
        self.setting = setting


class AddressUnusable(Exception):
    """The address is none of this machine's, or may not be listened on; the text is one sentence for a person."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(f"Nothing can listen on {host} port {port} here: choose another address by {setting}.")
        self.host = host
        self.port = port
        self.setting = setting


def bind(host: str, port: int, setting: str = "PESERTA_PORT") -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises PortBusy, AddressUnusable."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError:
        raise AddressUnusable(host, port, setting) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(host, port, setting) from None
        raise AddressUnusable(host, port, setting) from None
    listener.setblocking(False)
    return listener


class Stoppable:
    """Ends what is under way when the server stops: event streams at once and whole, the rest after half a second."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: set[asyncio.Task[object]] = set()
        self._streaming: set[asyncio.Task[object]] = set()
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and close its answer properly when the server stops in the middle of it."""
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if _is_event_stream(message):
                    self._streaming.add(task)
            await send(message)

        self._under_way.add(task)
        try:
            await self._app(scope, receive, watch)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            await _end_answer(send, started=started)
        finally:
            self._under_way.discard(task)
            self._streaming.discard(task)

    async def stop(self) -> None:
        """Let requests finish for half a second, then end them; event streams are ended at once."""
        self._stopping = True
        for task in tuple(self._streaming):
            task.cancel()
        if self._under_way:
            await asyncio.wait(tuple(self._under_way), timeout=_LAST_WORDS_S)
        for task in tuple(self._under_way):
            task.cancel()


def _is_event_stream(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in start["headers"]
    )


async def _end_answer(send: Send, *, started: bool) -> None:
    # The caller may be gone, or the answer whole already: then there is nothing left to say.
    with suppress(Exception):
        if not started:
            headers = [(b"content-length", b"0"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Uvicorn(uvicorn.Server):
    """Leaves signals to whoever runs the loop, and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """No signal is taken here: several servers share the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and then say so."""
        await super().startup(sockets)
        self.listening.set()


class HttpServer:
    """One HTTP and WebSocket listener on the running loop."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._app = Stoppable(app)
        self._listener = listener
        config = uvicorn.Config(
            self._app,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=MAX_BODY_BYTES,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_UVICORN_GRACE_S,
        )
        self._server = _Uvicorn(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._listener.getsockname()[1])

    async def start(self) -> None:
        """Returns once connections are taken."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._task, listening}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            listening.cancel()
            await self._task

    async def stop(self) -> None:
        """Takes nothing new, ends what is open, and returns when all is closed; takes less than two seconds."""
        if self._task is None:
            return
        self._server.should_exit = True
        await self._app.stop()
        await self._task
        self._task = None
