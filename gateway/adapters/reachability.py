"""Asks servers for a connection and closes it again: the cheapest way to learn that somebody is there."""

import asyncio
from urllib.parse import urlsplit


class TcpReachability:
    """Implements `ports.Reachability`. `smtp` is host:port, `sms_url` an http address; `timeout_s` is real time."""

    def __init__(self, *, smtp: str, sms_url: str, timeout_s: float = 1.0) -> None:
        host, _, port = smtp.rpartition(":")
        self._mail = (host.strip("[]"), int(port))
        parts = urlsplit(sms_url)
        self._sms = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        self._timeout_s = timeout_s

    async def mail(self) -> bool:
        """Whether the mail server takes a connection."""
        return await self._answers(self._mail)

    async def sms(self) -> bool:
        """Whether the SMS gateway takes a connection."""
        return await self._answers(self._sms)

    async def _answers(self, place: tuple[str, int]) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                _, writer = await asyncio.open_connection(*place)
                writer.close()
                await writer.wait_closed()
        except (TimeoutError, OSError):
            return False
        return True
