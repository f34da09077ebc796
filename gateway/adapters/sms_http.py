"""Hands text messages to an SMS gateway over HTTP in the name of one world. It retries nothing and logs nothing."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from typing import Protocol

import orjson

from gateway.domain.message import OutgoingSms
from gateway.ports import DeliveryFailed

# Answers that blame us, our speed or the hour rather than the message: trying again may help.
_PASSING = frozenset({401, 408, 425, 429})


class HasStatus(Protocol):
    """An HTTP answer, as far as it matters here."""

    @property
    def status_code(self) -> int: ...


class Poster(Protocol):
    """What posts, as `KeptConnections` does. Raises OSError, EOFError or ValueError where it cannot."""

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> HasStatus: ...


class HttpSmsSender:
    """Implements `ports.SmsSender`. Basic auth names the world. `timeout_s` bounds one message in real seconds."""

    def __init__(
        self,
        client: Poster,
        *,
        url: str,
        world_id: str,
        password: str | None = None,
        sender: str = "PESERTA",
        timeout_s: float = 5.0,
    ) -> None:
        self._client = client
        self._url = url
        self._sender = sender
        self._timeout_s = timeout_s
        who = b64encode(f"{world_id}:{password or world_id}".encode()).decode()
        self._headers = {"Authorization": f"Basic {who}", "Content-Type": "application/json"}

    async def send(self, sms: OutgoingSms) -> None:
        """Returns once the gateway took the message.

        Raises DeliveryFailed: permanent when the gateway refused this message for good (4xx but 401, 408, 425, 429).
        """
        body = orjson.dumps(
            {"id": sms.message_id, "to": sms.to, "from": self._sender, "text": sms.text, "kind": sms.kind.value}
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.post(self._url, content=body, headers=self._headers)
        except TimeoutError:
            raise DeliveryFailed("the SMS gateway did not answer in time", permanent=False) from None
        except (OSError, EOFError, ValueError):
            raise DeliveryFailed("the SMS gateway cannot be reached", permanent=False) from None
        if not 200 <= answer.status_code < 300:
            permanent = 400 <= answer.status_code < 500 and answer.status_code not in _PASSING
            raise DeliveryFailed(f"the SMS gateway answered {answer.status_code}", permanent=permanent)
