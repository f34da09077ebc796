"""The SMTP side of the sink, on aiosmtpd: AUTH's user name names the mailbox; 250 is said only after the commit."""

import asyncio
import hmac
import logging
import re
import socket
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from mailsink.errors import DeliveryCut, DeliveryRefused, SinkClosed
from mailsink.host import DEFAULT_MAILBOX, MailboxHost
from mailsink.sink import Sink

MAX_MAIL_BYTES = 25 * 1024 * 1024
MAX_RECIPIENTS = 100
MAX_CONNECTIONS = 200
IDLE_S = 300.0
STOP_S = 0.4
REFUSED_CODE = 451

# Atoms with dots on both sides of the @. Source: RFC 5321 section 4.1.2, without its quoted and literal forms.
_ATOMS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_PLAIN_ADDRESS = re.compile(rf"<({_ATOMS}@{_ATOMS})>")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shared:
    """What all connections of one server share."""

    sink: Sink
    token: str | None
    max_mail_bytes: int
    max_connections: int
    idle_s: float
    stopping: bool = False
    open: "set[_Connection]" = field(default_factory=set)
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class _Session(Session):
    # In the library this is a property that logs a warning about itself on every sign-in.
    login_data = None


class _Handler:
    """The hooks that aiosmtpd calls for one connection."""

    def __init__(self, shared: _Shared) -> None:
        self._shared = shared

    async def handle_RCPT(self, _c: SMTP, _s: Session, envelope: Envelope, _to: str, _options: list[str]) -> Any:
        # Any: the library's mark for "go on" has no public type.
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        return MISSING

    async def handle_DATA(self, server: "_Connection", _session: Session, envelope: Envelope) -> str:
        mailbox = server.mailbox or await self._shared.sink.host.mailbox(DEFAULT_MAILBOX)
        if mailbox is None:
            return "550 5.1.1 There is no such mailbox"
        sender, raw = envelope.mail_from or "", envelope.original_content or b""
        try:
            receipt = await self._shared.sink.accept_mail(mailbox, sender=sender, recipients=envelope.rcpt_tos, raw=raw)
        except DeliveryRefused as refusal:
            return _refusal(refusal.status_code)
        except DeliveryCut:
            await server.cut()
            return ""
        except SinkClosed:
            return "421 4.3.2 The server is stopping"
        return f"250 2.0.0 Ok: {receipt.id}"

    async def handle_exception(self, error: Exception) -> str:
        # The text of an error may hold what the mail says, so only its type is logged and nothing of it is sent.
        _log.error("mail could not be taken: %s", type(error).__name__, exc_info=error)
        return "451 4.3.0 The mail could not be stored, try again"


class _Connection(SMTP):
    """One SMTP connection, which knows its mailbox and can be ended kindly."""

    def __init__(self, shared: _Shared) -> None:
        # The library keeps these in its class and adds to them on every EHLO, for all connections at once.
        self.command_size_limits = defaultdict(lambda: 512)
        self.mailbox: MailboxHost | None = None
        self.busy = False
        self._shared = shared
        super().__init__(
            _Handler(shared),
            data_size_limit=shared.max_mail_bytes,
            enable_SMTPUTF8=True,
            hostname="mailsink.localhost",
            ident="ESMTP simulasi",
            timeout=shared.idle_s,
            auth_require_tls=False,
            authenticator=_accept_for_now,
            loop=asyncio.get_running_loop(),
        )
        # Set here, because the constructor warns about AUTH without TLS, which comes with a certificate only.
        self._auth_required = shared.token is not None

    def _create_session(self) -> Session:
        return _Session(self.loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._shared.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._shared.open.discard(self)
        if not self._shared.open:
            self._shared.closed.set()
        super().connection_lost(error)

    async def auth_PLAIN(self, _: object, args: list[str]) -> AuthResult:
        return await self._check(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: object, args: list[str]) -> AuthResult:
        return await self._check(await super().auth_LOGIN(_, args))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library builds a class and a parse tree for each address; a plain one needs neither.
        plain = _PLAIN_ADDRESS.match(arg)
        return (plain[1], arg[plain.end() :]) if plain else super()._getaddr(arg)

    async def smtp_DATA(self, arg: str) -> None:
        self.busy = True
        try:
            await super().smtp_DATA(arg)
        finally:
            self.busy = False
        if self._shared.stopping:
            self.end()

    async def cut(self) -> None:
        """Drop the connection without an answer, as a fault asks."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()
        # The lost connection cancels this coroutine; until then nothing may be written.
        await asyncio.Event().wait()

    def end(self) -> None:
        """Say goodbye and close."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(b"421 4.3.2 The server is stopping\r\n")
            self.transport.close()

    async def _check(self, result: AuthResult) -> AuthResult:
        if not result.success:
            return result
        login = result.auth_data
        assert isinstance(login, LoginPassword)
        token = self._shared.token
        if token is not None and not hmac.compare_digest(login.password, token.encode()):
            return AuthResult(success=False, handled=False)
        self.mailbox = await self._shared.sink.host.mailbox(login.login.decode("utf-8", "replace"))
        return AuthResult(success=self.mailbox is not None, handled=False)


class _Busy(asyncio.Protocol):
    """Turns one connection too many away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
        transport.close()


class SmtpServer:
    """A listening SMTP server; `address` is "host:port"."""

    def __init__(self, shared: _Shared, server: asyncio.Server) -> None:
        self._shared = shared
        self._server = server
        host, port = server.sockets[0].getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening, let mails under way finish for 0.4 seconds and end every connection."""
        self._shared.stopping = True
        self._server.close()
        self._shared.closed.clear()
        for connection in tuple(self._shared.open):
            if not connection.busy:
                connection.end()
        if self._shared.open:
            try:
                async with asyncio.timeout(STOP_S):
                    await self._shared.closed.wait()
            except TimeoutError:
                for connection in tuple(self._shared.open):
                    if isinstance(connection.transport, asyncio.WriteTransport):
                        connection.transport.abort()


async def serve(
    sink: Sink,
    *,
    sock: socket.socket | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    max_mail_bytes: int = MAX_MAIL_BYTES,
    max_connections: int = MAX_CONNECTIONS,
    idle_s: float = IDLE_S,
) -> SmtpServer:
    """Listen for SMTP on a bound socket, or on `host` and `port` (0: a free one).

    Mails up to 25 MiB (552 beyond), 100 recipients (452), 200 connections (421), 300 seconds of idling. With a
    `token` every client must sign in with it as its password. Source: RFC 5321 sections 4.5.3.1 and 4.5.3.2; the
    limits on size and connections are assumed for the sandbox.
    Raises: OSError (address in use).
    """
    # At debug level the library logs whole mails, with the codes in them.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    shared = _Shared(sink, token, max_mail_bytes, max_connections, idle_s)
    loop = asyncio.get_running_loop()
    if sock is not None:
        server = await loop.create_server(lambda: _protocol(shared), sock=sock)
    else:
        server = await loop.create_server(lambda: _protocol(shared), host, port)
    return SmtpServer(shared, server)


def _protocol(shared: _Shared) -> asyncio.BaseProtocol:
    return _Busy() if len(shared.open) >= shared.max_connections or shared.stopping else _Connection(shared)


def _accept_for_now(_c: SMTP, _s: Session, _e: Envelope, _mechanism: str, login: LoginPassword) -> AuthResult:
    # The library asks synchronously; the mailbox is looked up after it, in `_Connection._check`.
    return AuthResult(success=True, auth_data=login)


def _refusal(status_code: int | None) -> str:
    code = status_code if status_code is not None and 400 <= status_code <= 599 else REFUSED_CODE
    return f"{code} {code // 100}.3.0 A fault of the simulation refused this mail"
