"""HTTP to an identity provider, which may be anybody's: whatever it answers with, it is read as JSON or refused."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


class ForeignHttp:
    """One client for all worlds of a process: kept connections, no proxy from the environment, no redirects.

    `timeout_s` bounds each step of one exchange in real seconds.
    """

    def __init__(self, timeout_s: float = 5.0, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._timeout_s = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def ask(self, url: str, form: Mapping[str, str] | None = None) -> tuple[int, Any]:  # Any: JSON from outside
        """The status and the JSON that answer a GET, or a POST of `form`. Raises OSError, ValueError."""
        # Loading this library takes a tenth of a start, and the sign-up never needs it: it waits for the first use.
        import httpx

        if self._client is None:
            limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0)
            self._client = httpx.AsyncClient(
                timeout=self._timeout_s, trust_env=False, limits=limits, transport=self._transport
            )
        try:
            if form is None:
                answer = await self._client.get(url)
            else:
                answer = await self._client.post(url, data=dict(form))
        except httpx.InvalidURL:
            raise ValueError("not an http address") from None
        except httpx.HTTPError as error:
            raise OSError(f"no answer: {type(error).__name__}") from None
        return answer.status_code, answer.json()

    async def aclose(self) -> None:
        """Drop all connections."""
        if self._client is not None:
            await self._client.aclose()
