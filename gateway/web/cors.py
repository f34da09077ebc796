"""Cross-origin calls to GraphQL: pages on localhost and on configured origins, by name and never `*`."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.guard import Policy
from gateway.web.places import Headers, Place, split_path
from gateway.web.replies import send_reply

_ENDPOINTS: Final = frozenset({"/graphql", "/control/graphql"})
_PREFLIGHT_AGE_S: Final = 600
_MAX_ASKED: Final = 1_000


class Cors:
    """Tells browsers which pages may read GraphQL answers. The guard has refused every other page already."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add to the answer what lets the page read it."""
        place = split_path(scope["path"])
        if scope["type"] != "http" or place.path not in _ENDPOINTS:
            await self._app(scope, receive, send)
            return
        headers: Headers = scope["state"]["headers"]
        granted = self._grant(headers, place)
        if granted and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await send_reply(send, 204, b"", b"text/plain", [*granted, *_preflight(headers)])
            return

        async def grant(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *granted, (b"vary", b"Origin")]}
            await send(message)

        await self._app(scope, receive, grant)

    def _grant(self, headers: Headers, place: Place) -> list[tuple[bytes, bytes]]:
        origin = headers.get(b"origin")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin is None or not self._policy.welcomes(origin.decode("latin-1"), place, host):
            return []
        return [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]


def _preflight(headers: Headers) -> list[tuple[bytes, bytes]]:
    # The page is one that may call us, so it may send whatever header its client library likes to send.
    asked = headers.get(b"access-control-request-headers", b"")[:_MAX_ASKED]
    return [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", asked or b"content-type"),
        (b"access-control-max-age", b"%d" % _PREFLIGHT_AGE_S),
        (b"vary", b"Origin, Access-Control-Request-Headers"),
    ]
