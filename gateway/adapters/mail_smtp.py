"""Hands mail to an SMTP server in the name of one world, over one kept connection. Retries and logs nothing."""

import asyncio
import re
from email.utils import parseaddr

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from gateway.adapters.mail_mime import write_mail
from gateway.domain.message import OutgoingMail
from gateway.ports import Clock, DeliveryFailed

_CLOSING = 421
_ADDRESS = re.compile(r"[^\s<>,;\x00-\x20\x7f]+@[^\s<>,;\x00-\x20\x7f]+")  # nothing that could end a command


class SmtpMailSender:
    """Implements `ports.MailSender`. AUTH PLAIN names the world; a server that offers no AUTH gets none.

    `sender` is an address, or a name and an address as in `Peserta <no-reply@peserta.test>`.
    `timeout_s` bounds one mail with all its commands, `idle_s` a connection without mail; both in real seconds.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        world_id: str,
        sender: str,
        clock: Clock,
        password: str | None = None,
        timeout_s: float = 5.0,
        idle_s: float = 30.0,
    ) -> None:
        self._host = host
        self._port = port
        self._world_id = world_id
        self._from = sender
        self._sender = parseaddr(sender)[1]
        self._clock = clock
        self._password = password or world_id
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._client: SMTP | None = None
        self._drop_at: asyncio.TimerHandle | None = None

    async def send(self, mail: OutgoingMail) -> None:
        """Returns once the server took the mail.

        Raises DeliveryFailed: permanent when the server refused this mail for good (5xx to MAIL, RCPT or DATA).
        """
        if not _ADDRESS.fullmatch(mail.to):
            raise DeliveryFailed("the address cannot be written in SMTP", permanent=True)
        content = write_mail(mail, world_id=self._world_id, sender=self._from, sent_at=self._clock.now())
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._hand_over(mail.to, content)
            except BaseException as error:
                self._drop()  # Where the conversation stands is unknown now, also after a cancellation.
                failure = _failure(error)
                if failure is None:
                    raise
                raise failure from None
            self._drop_later()

    async def close(self) -> None:
        """Drop the connection; a mail under way is finished first."""
        async with self._turn:
            self._drop()

    async def _hand_over(self, recipient: str, content: bytes) -> None:
        utf8 = not recipient.isascii()
        options, encoding = (("SMTPUTF8",), "utf-8") if utf8 else ((), "ascii")
        client = await self._start_mail(options)
        await client.rcpt(recipient, encoding=encoding)
        await client.data(content)

    async def _start_mail(self, options: tuple[str, ...]) -> SMTP:
        """Begin a mail on the kept connection, or on a new one where the server has meanwhile ended the kept one."""
        if self._client is not None and self._client.is_connected:
            try:
                await self._client.mail(self._sender, options=options)
                return self._client
            except SMTPServerDisconnected:
                pass
            except SMTPResponseException as error:
                if error.code != _CLOSING:
                    raise
        self._drop()
        client = await self._connect()
        await client.mail(self._sender, options=options)
        return client

    async def _connect(self) -> SMTP:
        client = SMTP(hostname=self._host, port=self._port, local_hostname="localhost", timeout=None)
        self._client = client
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:  # connecting greets already where it looked for TLS
                await client.ehlo()
            if "plain" in client.server_auth_methods:
                await client.auth_plain(self._world_id, self._password)
        except SMTPResponseException as error:
            # The server does not want us, which says nothing about this mail: it may go out after a change of settings.
            raise DeliveryFailed(f"the mail server refused the connection with {error.code}", permanent=False) from None
        return client

    def _drop_later(self) -> None:
        if self._drop_at is not None:
            self._drop_at.cancel()
        self._drop_at = asyncio.get_running_loop().call_later(self._idle_s, self._drop_if_idle)

    def _drop_if_idle(self) -> None:
        if not self._turn.locked():
            self._drop()

    def _drop(self) -> None:
        if self._drop_at is not None:
            self._drop_at.cancel()
            self._drop_at = None
        if self._client is not None:
            self._client.close()
            self._client = None


def _failure(error: BaseException) -> DeliveryFailed | None:
    """What a failed conversation means for the mail; None when it is not ours to judge. Never quotes the server."""
    match error:
        case DeliveryFailed():
            return error
        case SMTPResponseException():
            return DeliveryFailed(f"the mail server answered {error.code}", permanent=500 <= error.code < 600)
        case TimeoutError():
            return DeliveryFailed("the mail server did not answer in time", permanent=False)
        case SMTPException() | OSError():
            return DeliveryFailed("the mail server cannot be reached", permanent=False)
    return None
